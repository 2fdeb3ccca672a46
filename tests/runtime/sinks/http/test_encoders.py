import numpy as np
import pytest

from catseye.runtime.coding.h264 import H264Decoder, H264Encoder, h264_encoder
from catseye.runtime.errors import SinkError
from catseye.runtime.sinks.encoding import Way
from catseye.runtime.sinks.http import encoders
from catseye.runtime.sinks.http.encoders import Encoders, missing_encoder

needs_pyav = pytest.mark.skipif(h264_encoder() is None, reason="PyAV is not installed")


def picture(width=64, height=48, shade=120):
    return np.full((height, width, 3), shade, np.uint8)


@needs_pyav
def test_an_encoder_is_kept_as_long_as_somebody_looks():
    kept = Encoders()
    with kept.one_for(320):
        kept.encoded(320, picture())
        (first,) = kept._kept.values()
        with kept.one_for(320):
            kept.encoded(320, picture())
        assert list(kept._kept.values()) == [first]
        with kept.one_for(640):
            kept.encoded(640, picture(128, 96))
            assert len(kept._kept) == 2
        assert list(kept._kept) == [320]
    assert kept._kept == {}


@needs_pyav
def test_a_picture_of_another_size_is_fitted_into_the_first():
    kept = Encoders()
    with kept.one_for(0):
        kept.encoded(0, picture())
        back = H264Decoder().decoded(kept.encoded(0, picture(128, 48, shade=200)), (64, 48))
    assert np.abs(back[20:28].astype(int) - 200).max() < 8
    assert back[:8].mean() < 140  # what it does not fill


@needs_pyav
def test_an_encoder_that_failed_is_not_asked_again_whoever_still_looks(monkeypatch):
    real, broken = H264Encoder.encoded, []

    def encoded(self, picture):
        if self in broken:
            raise SinkError("the chip hangs", "one that does not")
        return real(self, picture)

    monkeypatch.setattr(H264Encoder, "encoded", encoded)
    kept = Encoders()
    with kept.one_for(320), kept.one_for(320):
        kept.encoded(320, picture())
        broken.extend(kept._kept.values())
        with pytest.raises(SinkError):
            kept.encoded(320, picture())
        assert kept.encoded(320, picture())


def test_what_is_missing_is_told_with_the_extra_that_mends_it(monkeypatch):
    monkeypatch.setattr(encoders, "film_way", Way)
    assert missing_encoder() == 'no H.264 encoder here: pip install "catseye[video]"'
    monkeypatch.setattr(encoders, "film_way", lambda: Way("PyAV"))
    assert missing_encoder() == ""


@needs_pyav
def test_pyav_needs_no_folder_that_can_be_written(monkeypatch):
    def nowhere():
        raise FileNotFoundError("no usable temporary directory")

    monkeypatch.setattr("tempfile.gettempdir", nowhere)
    encoders.film_way.cache_clear()
    assert missing_encoder() == ""
