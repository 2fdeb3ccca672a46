"""The corridor in pixels: no spikes, never wider with distance."""

import numpy as np

from catseye.runtime.tasks.pixel_corridor import draw_corridor, pixel_corridor


def road(height=100, width=160):
    """A road whose edges meet at row 20."""
    mask = np.zeros((height, width), bool)
    for row in range(20, height):
        half = int((row - 20) * 0.9)
        mask[row, max(0, 80 - half) : 81 + half] = True
    return mask


def widths(mask):
    spans = pixel_corridor(mask)
    return (spans[:, 1] - spans[:, 0] + 1)[spans[:, 0] >= 0]  # from the top row down


def test_a_row_that_is_spoilt_is_passed_by():
    mask = road()
    mask[60, 70:] = False
    assert np.abs(widths(mask) - widths(road())).max() <= 4


def test_it_never_widens_upwards():
    mask = road()
    mask[40:55, :] = True  # the mouth of a side road on either side
    found = widths(mask)
    assert (np.diff(found) >= 0).all() and found.max() <= 160
    assert len(widths(road())) - 4 <= len(found) <= 80


def test_it_ends_where_it_is_a_thread():
    mask = road()
    mask[:30] = False
    mask[10:30, 79:81] = True
    assert (pixel_corridor(mask)[:30] == -1).all()


def test_drawing_touches_its_edges_only():
    picture = np.zeros((100, 160, 3), np.uint8)
    draw_corridor(picture, pixel_corridor(road()))
    assert picture[60].any() and not picture[95, 60:100].any() and not picture[:10].any()
    draw_corridor(picture, np.full((100, 2), -1))
