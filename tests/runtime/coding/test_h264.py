import numpy as np
import pytest

from catseye.runtime.coding.h264 import H264Decoder, H264Encoder, h264_encoder, x264_options

pytestmark = pytest.mark.skipif(h264_encoder() is None, reason="PyAV is not installed")

SIZE_WH = (64, 48)


def picture(shade):
    image = np.full((48, 64, 3), shade, np.uint8)
    image[10:30, 5:40] = 255 - shade
    return image


def test_any_picture_is_decoded_without_the_others():
    encoder = H264Encoder(SIZE_WH)
    coded = [encoder.encoded(picture(shade)) for shade in (0, 80, 160, 240)]
    for data, shade in list(zip(coded, (0, 80, 160, 240)))[::-1]:
        back = H264Decoder().decoded(data, SIZE_WH)
        assert np.abs(back.astype(int) - picture(shade)).mean() < 3


def test_what_is_no_h264_is_a_value_error_and_the_next_one_fine():
    decoder, data = H264Decoder(), H264Encoder(SIZE_WH).encoded(picture(90))
    for broken in (b"", b"\0\0\1", data[:20], data[: len(data) // 2], data * 2):
        with pytest.raises(ValueError):
            decoder.decoded(broken, SIZE_WH)
    assert decoder.decoded(data, SIZE_WH).shape == (48, 64, 3)


def test_quality_is_the_rate_factor_turned_round():
    crfs = [int(x264_options(quality)["crf"]) for quality in (1, 50, 100)]
    assert crfs == [50, 26, 0]
