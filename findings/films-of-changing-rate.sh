#!/bin/sh
# A film of 30 numbered pictures whose rate falls from 25 to 10 a second and rises again, as cameras do at dusk: who gives which.
#
# opencv-python-headless 5.0.0.93, av 18.1.0, imageio 2.38.1 with imageio-ffmpeg 0.8.1, moviepy 2.2.1. Every picture has its time in
# the file. Expected: 30 pictures, picture 20 is number 20, and at a time there is the picture of that time. Seen: OpenCV, PyAV and
# imageio's pyav give that, though of its rate OpenCV says the mean, 17, and imageio's pyav 50. imageio's FFMPEG fills up to
# 50 a second and says 17, so that index 20 is number 10 and times come out three times as long; moviepy takes the first 30 of
# the same 90 for 17 a second: what it shows is slowed to a third, numbers 12 to 29 never come, and at 1.5 s there is number 13
# where 22 is. Nothing is said.
#   OpenCV, PyAV, imageio pyav: 30 pictures, index 20 is number 20, the last 29
#   imageio FFMPEG: 90 pictures, index 20 is number 10, the last 29
#   moviepy: 30 pictures, index 20 is number 10, the last 11
#   rate: OpenCV 17, imageio pyav 50, imageio FFMPEG 17, moviepy 17
#   at 0.3, 0.9, 1.5 s: PyAV [7, 15, 22], moviepy [8, 11, 13]
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6 pillow==11.3.0 av==18.1.0 imageio==2.38.1 \
    imageio-ffmpeg==0.8.1 moviepy==2.2.1 opencv-python-headless==5.0.0.93
cd "$folder"
ffmpeg=$(venv/bin/python -c 'import imageio_ffmpeg; print(imageio_ffmpeg.get_ffmpeg_exe())')
venv/bin/python -c "
import sys
for number in range(30):
    sys.stdout.buffer.write(bytes([16 + 7 * number]) * (96 * 64))
" >film.raw
# Pictures 10 to 19 are 100 ms apart, the others 40
times='if(lt(N,10),N*40,if(lt(N,20),400+(N-10)*100,1400+(N-20)*40))'
"$ffmpeg" -v error -f rawvideo -pix_fmt gray -s 96x64 -r 25 -i film.raw -vf "settb=1/1000,setpts='$times'" \
    -fps_mode passthrough -enc_time_base 1:1000 -pix_fmt yuv420p -c:v libx264 -bf 0 -qp 1 film.mp4
venv/bin/python - film.mp4 <<'END'
import sys

import av
import cv2
import imageio.v3 as imageio
import numpy as np
from moviepy import VideoFileClip

film = sys.argv[1]


def number(picture):
    return round((float(np.mean(picture)) - 16) / 7)


def grabbed():
    capture = cv2.VideoCapture(film)
    while True:
        ok, picture = capture.read()
        if not ok:
            return
        yield picture


with av.open(film) as container:
    frames = [(frame.time, number(frame.to_ndarray(format="rgb24"))) for frame in container.decode(video=0)]
clip = VideoFileClip(film)
found = {
    "OpenCV": [number(each) for each in grabbed()],
    "PyAV": [each for _, each in frames],
    "imageio pyav": [number(each) for each in imageio.imiter(film, plugin="pyav")],
    "imageio FFMPEG": [number(each) for each in imageio.imiter(film, plugin="FFMPEG")],
    "moviepy": [number(each) for each in clip.iter_frames()],
}
for name, numbers in found.items():
    print("%s: %d pictures, index 20 is number %d, the last %d" % (name, len(numbers), numbers[20], numbers[-1]))
rates = [
    cv2.VideoCapture(film).get(cv2.CAP_PROP_FPS),
    imageio.immeta(film, plugin="pyav")["fps"],
    imageio.immeta(film, plugin="FFMPEG")["fps"],
    clip.fps,
]
print("rate: OpenCV %.0f, imageio pyav %.0f, imageio FFMPEG %.0f, moviepy %.0f" % tuple(rates))
times = 0.3, 0.9, 1.5
there = [max(each for time, each in frames if time <= at) for at in times]
given = [number(clip.get_frame(at)) for at in times]
print("at 0.3, 0.9, 1.5 s: PyAV %s, moviepy %s" % (there, given))
plain = (30, 20, 29)
seen = {**dict.fromkeys(found, plain), "imageio FFMPEG": (90, 10, 29), "moviepy": (30, 10, 11)}
same = {name: (len(each), each[20], each[-1]) for name, each in found.items()} == seen
same = same and [round(each) for each in rates] == [17, 50, 17, 17]
raise SystemExit(0 if same and (there, given) == ([7, 15, 22], [8, 11, 13]) else 1)
END
