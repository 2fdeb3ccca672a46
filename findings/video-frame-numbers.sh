#!/usr/bin/env bash
# One film of 50 numbered pictures, cut without encoding, and packed as a transport stream: which picture is number N?
#
# opencv-python-headless 5.0.0.93, av 18.1.0, decord 0.6.0; ffmpeg of imageio-ffmpeg 0.8.1 writes H.264 with two B frames and a
# key frame a second, then copies the stream from 0.5 s on (.mp4: an edit list hides what is before) and into .ts. Expected:
# 37 pictures of the cut film, counted from its first, and frame 0 of the .ts is its first. Seen: OpenCV and PyAV say 50
# and give 37; decord gives 50, the last 13 of them the same, and says that its first, number 13 of the film, is at -0.52 s:
# labels that are joined by time are 13 pictures off. In the .ts OpenCV asked for frame 0 gives number 25 and for 1
# number 26, though unasked it begins with 0; decord begins with 25. Nothing is raised.
#   cut.mp4: OpenCV says 50, gives 37 from 13 on; PyAV says 50, gives 37 from 13 on; decord gives 50 from 13 on, 13 repeats,
#     first at -0.52 s
#   film.ts: OpenCV begins with 0, asked for 0, 1, 30 it gives 25, 26, 30; decord begins with 25
# Exits 1 where that has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6 av==18.1.0 decord==0.6.0 \
    imageio-ffmpeg==0.8.1 opencv-python-headless==5.0.0.93
ffmpeg=$("$folder/venv/bin/python" -c 'import imageio_ffmpeg; print(imageio_ffmpeg.get_ffmpeg_exe())')
cd "$folder"
venv/bin/python -c "
import sys
for number in range(50):
    sys.stdout.buffer.write(bytes([16 + 4 * number]) * (96 * 64))
" >film.raw
"$ffmpeg" -v error -f rawvideo -pix_fmt gray -s 96x64 -r 25 -i film.raw -pix_fmt yuv420p -c:v libx264 -bf 2 -g 25 film.mp4
"$ffmpeg" -v error -ss 0.5 -i film.mp4 -c copy cut.mp4
"$ffmpeg" -v error -i film.mp4 -c copy film.ts
venv/bin/python - 2>noise.txt <<'PYTHON'
import av
import cv2
import decord


def number(picture):
    """Which of the 50 it is, by its grey"""
    return round((float(picture[20:40, 20:60, 0].mean()) - 16) / 4)


def opened(name):
    return cv2.VideoCapture(name, cv2.CAP_FFMPEG)


def by_opencv(name):
    capture, found = opened(name), []
    while True:
        ok, picture = capture.read()
        if not ok:
            return int(capture.get(cv2.CAP_PROP_FRAME_COUNT)), found
        found.append(number(picture))


def asked_for(name, place):
    capture = opened(name)
    capture.set(cv2.CAP_PROP_POS_FRAMES, place)
    return number(capture.read()[1])


said, given = by_opencv("cut.mp4")
with av.open("cut.mp4") as film:
    pyav_said = film.streams.video[0].frames
    pyav_given = [number(frame.to_ndarray(format="rgb24")) for frame in film.decode(video=0)]
reader = decord.VideoReader("cut.mp4")
numbers = [number(reader[place].asnumpy()) for place in range(len(reader))]
repeats = sum(a == b for a, b in zip(numbers, numbers[1:]))
first_s = float(reader.get_frame_timestamp(0)[0])
print(
    f"cut.mp4: OpenCV says {said}, gives {len(given)} from {given[0]} on; "
    f"PyAV says {pyav_said}, gives {len(pyav_given)} from {pyav_given[0]} on; "
    f"decord gives {len(numbers)} from {numbers[0]} on, {repeats} repeats, first at {first_s:.2f} s"
)
begins = by_opencv("film.ts")[1][0]
asked = [asked_for("film.ts", place) for place in (0, 1, 30)]
other = number(decord.VideoReader("film.ts")[0].asnumpy())
print(
    f"film.ts: OpenCV begins with {begins}, asked for 0, 1, 30 it gives {', '.join(map(str, asked))}; "
    f"decord begins with {other}"
)
cut = [*range(13, 50)]
raise SystemExit(
    (said, given, pyav_said, pyav_given) != (50, cut, 50, cut)
    or (numbers, round(first_s, 2)) != (cut + [49] * 13, -0.52)
    or (begins, asked, other) != (0, [25, 26, 30], 25)
)
PYTHON
