"""Shapes over each other, and what does not fit its picture."""

import numpy as np
import pytest

from catseye.runtime.errors import CatseyeError
from catseye.training.labels.shapes import REST, Shape, column_runs, painted, pixels, row_runs


def block(code, left, top, width, height, layer=0):
    return Shape(code, pixels(np.ones((height, width), bool), left, top, "a"), layer)


LARGE, SMALL, OTHER = block(0, 0, 0, 6, 4), block(1, 1, 1, 2, 2), block(2, 2, 0, 2, 3)


@pytest.mark.parametrize(
    "shapes, order, row",
    [
        ([LARGE, SMALL, OTHER], "file", [0, 1, 2, 2, 0, 0, REST]),
        ([SMALL, OTHER, LARGE], "file", [0, 0, 0, 0, 0, 0, REST]),
        ([SMALL, OTHER, LARGE], "small", [0, 1, 1, 2, 0, 0, REST]),
        ([SMALL._replace(layer=1), OTHER, LARGE], "file", [0, 1, 1, 0, 0, 0, REST]),
        ([SMALL, OTHER._replace(layer=-1), LARGE], "small", [0, 1, 1, 0, 0, 0, REST]),
        ([], "file", [REST] * 7),
    ],
)
def test_which_lies_over_which(shapes, order, row):
    assert painted(shapes, 5, 7, order)[1].tolist() == row


def test_run_lengths_by_columns_and_by_rows():
    counts = np.array([1, 2, 3])
    top, left, area = column_runs(counts, (2, 3), "a")(2, 3)
    assert (top, left, area.tolist()) == (0, 0, [[False, True, False], [True, False, False]])
    top, left, area = row_runs(counts, (4, 5, 3, 2), "a")(9, 9)
    assert (top, left, area.tolist()) == (5, 4, [[False, True, True], [False, False, False]])


def test_what_does_not_fit():
    with pytest.raises(CatseyeError, match="10001 shapes in one picture"):
        painted([SMALL] * 10_001, 5, 7, "file")
    with pytest.raises(CatseyeError, match="goes from 1, 1 over 2 x 2"):
        painted([SMALL], 2, 7, "file")
