"""MNIST's form: any ink to 20 pixels, centred by its mass, no stroke lost."""

import cv2
import numpy as np
import pytest

from catseye.runtime.tasks.digit_form import slot_from_ink, stroke_width


@pytest.mark.parametrize("shape", [(20, 20), (100, 60), (7, 30), (40, 2), (300, 200)])
def test_a_slot_has_mnists_form(shape):
    ink = np.zeros(shape, np.uint8)
    ink[:, : max(1, shape[1] // 3)] = 200  # heavier on the left
    ink[0] = 200
    slot = slot_from_ink(ink)
    assert slot.shape == (32, 32) and slot.dtype == np.uint8 and slot.max() == 255
    rows, columns = np.flatnonzero(slot.any(1)), np.flatnonzero(slot.any(0))
    assert max(np.ptp(rows), np.ptp(columns)) + 1 == 20
    y, x = np.indices(slot.shape)
    centre = (
        (x * slot.astype(float)).sum() / slot.sum(),
        (y * slot.astype(float)).sum() / slot.sum(),
    )
    assert np.allclose(centre, 15.5, atol=0.75)


@pytest.mark.parametrize("width", [1, 3, 8])
def test_stroke_width_is_the_pens(width: int):
    ink = np.zeros((80, 40), np.uint8)
    ink[:, 10 : 10 + width] = 255
    assert abs(stroke_width(ink) - width) <= 1


def test_a_thin_pen_is_drawn_over():
    shares = []
    for pen in (1, 12):
        ink = np.zeros((140, 90), np.uint8)
        cv2.polylines(ink, [np.array([[10, 10], [75, 10], [30, 130]])], False, 255, pen)
        shares.append(float((slot_from_ink(ink) > 127).mean()))
    assert shares[0] > 0.5 * shares[1]
