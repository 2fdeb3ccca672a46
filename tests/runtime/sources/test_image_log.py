"""Pictures out of other programs' recordings; the recordings stand in
tests/runtime/recording/test_image_log.py."""

import cv2
import numpy as np
import pytest

from catseye.runtime.sources.image_log import image_of_message

GREY = np.full((12, 16), 77, np.uint8)


@pytest.mark.parametrize("suffix", (".jpg", ".png"))
def test_a_picture_is_colour_whatever_it_was(suffix):
    image = image_of_message(cv2.imencode(suffix, GREY)[1].tobytes())
    assert image.shape == (12, 16, 3) and abs(int(image.mean()) - 77) <= 1


@pytest.mark.parametrize("data", (b"", b"\x89PNG\r\n\x1a\n", b"GIF89a" + bytes(99), bytes(99)))
def test_what_is_none_is_undecoded(data, capfd):
    assert not image_of_message(data).size and capfd.readouterr().err == ""
