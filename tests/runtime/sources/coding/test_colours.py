"""One convention for colours: the same coded pictures, tagged BT.709 and not tagged at all."""

from pathlib import Path

import cv2
import numpy as np

from catseye.runtime.sources import open_source
from catseye.runtime.sources.coding.colours import (
    change_from_bt601,
    rightly_coloured,
)
from catseye.runtime.sources.coding.header import codec_of, parameters_told

FILMS = Path(__file__).parents[1] / "films"  # how they were made: test_video.py


def pictures(name):
    """As OpenCV decodes them, and as the source gives them."""
    capture = cv2.VideoCapture(str(FILMS / name))
    raw = [capture.read()[1] for _ in range(3)]
    with open_source(str(FILMS / name)) as source:
        return np.stack(raw).astype(int), np.stack([frame.image for frame in source]).astype(int)


def test_a_film_tagged_bt709_has_its_own_colours_whatever_opencv_decodes_it():
    """Where OpenCV goes by tags, `untagged` shows what one before 4.13 makes of the film."""
    (as_bt601, untagged), (_, tagged) = pictures("untagged.mp4"), pictures("bt709.mp4")
    np.testing.assert_array_equal(as_bt601, untagged)
    brought = np.stack([rightly_coloured(each.astype(np.uint8), 1, "4.12.0") for each in as_bt601])
    assert np.abs(as_bt601 - tagged).max() > 5  # what is at stake
    error = np.abs(brought.astype(int) - tagged)
    assert error.mean() < 0.3 and np.percentile(error, 99.9) <= 3


def test_nothing_is_changed_where_the_decoder_goes_by_the_tag_or_there_is_none():
    image = np.random.RandomState(0).randint(0, 256, (4, 6, 3)).astype(np.uint8)
    assert rightly_coloured(image, 1, "4.13.0") is image
    for matrix in (None, 2, 5, 6):
        assert rightly_coloured(image, matrix, "4.5.5") is image
    assert rightly_coloured(image, 9, "4.5.5") is not image


def test_grey_stays_grey_and_known_colours_come_out():
    change = change_from_bt601(1)
    np.testing.assert_allclose(change @ np.full(3, 100), np.full(3, 100), atol=1e-4)
    # Y, Cb, Cr = 0.5, 0.1, -0.1 by both standards' formulas
    by_601 = np.array([0.6772, 0.53699, 0.3598])
    by_709 = np.array([0.68556, 0.52808, 0.34252])
    np.testing.assert_allclose(change @ by_601, by_709, atol=2e-4)


def test_what_a_header_tells():
    tagged, other = (cv2.VideoCapture(str(FILMS / name)) for name in ("bt709.mp4", "untagged.mp4"))
    assert codec_of(tagged) == "h264" and parameters_told(tagged).size_wh == (160, 96)
    assert parameters_told(tagged).matrix == 1 and parameters_told(other).matrix is None
