import io

import numpy as np
import pytest

from catseye.runtime.coding.h264 import H264Encoder, h264_encoder
from catseye.runtime.errors import SinkError
from catseye.runtime.sinks.avc import beginning, picture_from_annex_b, shown

STARTS_S = (0.0, 0.1, 0.5, 0.52)


@pytest.fixture
def av():
    if h264_encoder() is None:
        pytest.skip("PyAV is not installed")
    return h264_encoder()


def pictures(size_wh=(64, 48)):
    encoder, (width, height) = H264Encoder(size_wh), size_wh
    return [
        picture_from_annex_b(encoder.encoded(np.full((height, width, 3), 60 * index, np.uint8)))
        for index in range(len(STARTS_S))
    ]


def film_of(coded):
    return beginning(coded[0]) + b"".join(
        shown(at + 1, picture, start_s, 0.1)
        for at, (picture, start_s) in enumerate(zip(coded, STARTS_S))
    )


def test_a_player_sees_every_picture_at_its_time(av):
    with av.open(io.BytesIO(film_of(pictures()))) as film:
        frames = list(film.decode(video=0))
    assert [frame.time for frame in frames] == pytest.approx(STARTS_S)
    assert all(frame.key_frame for frame in frames)
    means = [frame.to_ndarray(format="bgr24").mean() for frame in frames]
    assert np.allclose(means, [0, 60, 120, 180], atol=4)


def test_any_later_picture_can_be_the_first_seen(av):
    coded = pictures()
    film = beginning(coded[2]) + shown(1, coded[3], 0.0, 0.1)
    with av.open(io.BytesIO(film)) as opened:
        (frame,) = opened.decode(video=0)
    assert np.abs(frame.to_ndarray(format="bgr24").astype(int) - 180).max() < 8


def test_an_odd_size_is_told_as_it_is_encoded(av):
    (first, *_) = pictures((65, 47))
    assert first.size_wh == (66, 48)
    with av.open(io.BytesIO(film_of(pictures((65, 47))))) as film:
        assert (film.streams.video[0].width, film.streams.video[0].height) == (66, 48)


def test_the_codec_is_named_with_a_level_that_decoders_have(av):
    # constrained baseline; 3.1 is 720p at 30 pictures a second, 4.0 1080p
    names = [pictures(size_wh)[0].codec for size_wh in ((1280, 720), (1920, 1080))]
    assert names == ["avc1.42c01f", "avc1.42c028"]


def test_h264_without_its_parameters_is_one_line(av):
    with pytest.raises(SinkError, match="without its parameters"):
        picture_from_annex_b(b"\0\0\1\x65" + bytes(range(1, 90)))
