"""What pixels of a mask stand for."""

import pytest

from catseye.runtime.classes import VOID
from catseye.runtime.errors import CatseyeError
from catseye.training.labels.formats.masks import let_be_void, meanings_of
from catseye.training.labels.label_set import Classes


def test_ids_and_colours_of_a_table():
    rows = [("road", (1, 2, 3)), ("void", (4, 5, 6)), ("road", (7, 8, 9))]
    legend = meanings_of(rows, Classes(), "a table").legend
    let_be_void(legend, 255, (1, 2, 3))
    assert legend.by_id[[0, 1, 2, 255]].tolist() == [0, VOID, 0, VOID]
    assert legend.by_colour[[0x010203, 0x040506, 0x070809]].tolist() == [0, VOID, 0]


def test_two_meanings():
    with pytest.raises(CatseyeError, match=r"a table gives \(1, 2, 3\) two meanings"):
        meanings_of([("road", (1, 2, 3)), ("car", (1, 2, 3))], Classes(), "a table")
