import io

import numpy as np
import pytest

from catseye.runtime.coding.h264 import h264_encoder
from catseye.runtime.errors import SinkError
from catseye.runtime.sinks.encoding import Way, short_video
from catseye.runtime.sinks.mp4 import piece_from_mp4


@pytest.mark.parametrize("codec", ("H.264", "MPEG-4"))
def test_a_short_video_holds_every_picture(tmp_path, codec):
    av = h264_encoder() if codec == "H.264" else None
    if codec == "H.264" and av is None:
        pytest.skip("PyAV is not installed")
    video = short_video(Way(av), str(tmp_path / "out.mp4"), 25.0, (64, 48))
    for shade in (0, 60, 120):
        video.write(np.full((48, 64, 3), shade, np.uint8))
    piece = piece_from_mp4(video.finished())
    assert len(piece.samples) == 3 and piece.is_key[0]
    assert all(piece.is_key) or codec != "H.264"  # every picture by itself
    assert list(tmp_path.iterdir()) == []


def test_of_a_tiny_picture_the_last_row_and_column_are_repeated(tmp_path):
    av = h264_encoder()
    if av is None:
        pytest.skip("PyAV is not installed")
    video = short_video(Way(av), str(tmp_path / "out.mp4"), 25.0, (1, 1))
    video.write(np.full((1, 1, 3), 200, np.uint8))
    (frame,) = av.open(io.BytesIO(video.finished())).decode(video=0)
    assert np.abs(frame.to_ndarray(format="bgr24").astype(int) - 200).max() < 8
    assert frame.width == frame.height == 2


def test_what_nothing_encodes_is_one_line(tmp_path):
    with pytest.raises(SinkError, match="cannot write .* as 20000x16"):
        short_video(Way(), str(tmp_path / "out.mp4"), 25.0, (20000, 16))
