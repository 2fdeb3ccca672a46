"""The films beside were made by ffmpeg 5.1 with `-c:v libx264 -preset veryslow`:

bt709.mp4, untagged.mp4     three frames of the synthetic street as the same YUV of BT.709, `-qp 8`,
                            one with `-colorspace bt709`, one without
two-sizes.ts                testsrc2 of 96x64, of 64x96 and of 96x64 again, ten frames each, joined
varying.mp4                 testsrc2, 15 frames 0.1 s apart and 15 frames 0.3 s apart, `-bf 2`
av1.mp4                     testsrc2, by libaom-av1
cut.mp4                     three seconds of testsrc2 with one key frame, `-ss 1 -c copy`
"""

import logging
import os
from pathlib import Path

import cv2
import numpy as np
import pytest
from camera_loop import write_video

from catseye.runtime.errors import CatseyeError
from catseye.runtime.frame import now_ns
from catseye.runtime.sources import open_source

FILMS = Path(__file__).with_name("films")


def frames_of(name):
    with open_source(str(FILMS / name)) as source:
        return list(source)


def test_every_frame_in_order(tmp_path):
    path = write_video(tmp_path / "v.mp4", frames=5, fps=25)
    before = now_ns()
    with open_source(path) as source:
        frames = list(source)
    assert (
        source.fps == 25 and not source.live and source.skipped == 0 and source.description == path
    )
    assert [frame.index for frame in frames] == list(range(5))
    for frame in frames:
        assert abs(float(frame.image.mean()) - 40 * frame.index) < 6  # mp4v loses a little
        assert before <= frame.timestamp_ns <= now_ns() and frame.name == ""


@pytest.mark.parametrize("content", (b"", b"not a video" * 100, None))
def test_no_video_is_one_line(tmp_path, capfd, content):
    path = tmp_path / "v.mp4"
    if content is None:  # a header and no frame
        write_video(path, frames=0)
    else:
        path.write_bytes(content)
    with pytest.raises(CatseyeError, match="no frame in") as caught:
        open_source(str(path))
    assert "\n" not in str(caught.value)
    assert capfd.readouterr().err == ""


def test_a_percent_sign_is_no_pattern(tmp_path):
    with open_source(write_video(tmp_path / "v%02d 100%.mp4", frames=2)) as source:
        assert len(list(source)) == 2


def test_a_video_that_ends_early_is_told(tmp_path, caplog):
    path = str(tmp_path / "v.avi")
    writer = cv2.VideoWriter(path, cv2.VideoWriter_fourcc(*"MJPG"), 25, (64, 48))
    for image in np.random.RandomState(0).randint(0, 255, (40, 48, 64, 3)).astype(np.uint8):
        writer.write(image)
    writer.release()
    os.truncate(path, int(os.path.getsize(path) * 0.6))
    with caplog.at_level(logging.WARNING), open_source(path) as source:
        frames = list(source)
    assert 0 < len(frames) < 40
    assert "is it whole" in caplog.text


def test_it_knows_its_own_file(tmp_path):
    path = write_video(tmp_path / "v.mp4")
    with open_source(path) as source:
        assert source.overwritten_by(str(tmp_path / "." / "v.mp4")) and not source.overwritten_by(
            str(tmp_path)
        )


def test_a_size_that_changes_is_followed(caplog):
    frames = frames_of("two-sizes.ts")
    sizes = [frame.image.shape[:2] for frame in frames]
    assert sizes == [(64, 96)] * 10 + [(96, 64)] * 10 + [(64, 96)] * 10
    assert [frame.index for frame in frames] == list(range(30))
    assert [frame.media_time_ns for frame in frames] == [i * 10**8 for i in range(30)]
    means = np.array([frame.image.mean() for frame in frames])
    np.testing.assert_allclose(means[:10], means[20:], atol=0.1)  # nothing lost, nothing twice
    assert "is it whole" not in caplog.text


def test_the_films_own_time_is_carried():
    times_ms = [frame.media_time_ns / 1e6 for frame in frames_of("varying.mp4")]
    # by ffprobe: setpts has cut off some of the steps
    later_ms = [1500, 1800, 2100, 2300, 2700, 3000, 3200, 3600, 3900, 4200, 4500, 4700, 5000]
    true_ms = [100 * i for i in range(15)] + later_ms + [5400, 5700]
    assert all(later > earlier for earlier, later in zip(times_ms, times_ms[1:]))
    np.testing.assert_allclose(times_ms[:-2], true_ms[:-2], atol=1)
    np.testing.assert_allclose(times_ms[-2:], true_ms[-2:], atol=110)  # OpenCV to 4.6 tells 0


def test_a_film_that_was_cut_without_encoding_is_whole(caplog):
    """Its table counts the frames before the cut too, which are there to be decoded from."""
    with caplog.at_level(logging.WARNING):
        assert len(frames_of("cut.mp4")) == 20
    assert caplog.text == ""


def test_a_codec_that_is_not_decoded_is_named():
    """AV1: OpenCV 4.14 reads it, 4.5 to 4.13 and 5.0 have no decoder for it."""
    path = str(FILMS / "av1.mp4")
    if cv2.VideoCapture(path).read()[0]:
        pytest.skip("this OpenCV decodes AV1")
    with pytest.raises(
        CatseyeError, match="(?i)no frame in .*av1.mp4, which is 96x64 av01"
    ) as caught:
        open_source(path)
    assert "H.264" in str(caught.value)
