"""Partial labels: what they allow, and that it stays so under another order of the classes."""

import numpy as np

from catseye.runtime.classes import VOID
from catseye.runtime.datasets.partial import PartialLabel, allowed_by_code, recoded, renamed

NEITHER = PartialLabel((1, 2), True)
EITHER = PartialLabel((0, 3), False)


def test_what_is_allowed():
    table = allowed_by_code(4, (NEITHER, EITHER))
    assert np.array_equal(table[:4], np.eye(4, dtype=bool))
    assert table[4].tolist() == table[5].tolist() == [True, False, False, True]
    assert table[VOID].all() and table.shape == (256, 4)


def test_its_text():
    names = ("Sky", "Road", "Pavement", "Tree")
    assert NEITHER.text(names) == "none of Road, Pavement"
    assert EITHER.text(names) == "one of Sky, Tree"


def test_another_order_of_the_classes():
    ids = (3, 2, 1, 0)  # reversed
    assert renamed(PartialLabel((0, 1), True), ids) == PartialLabel((2, 3), True)
    new = (EITHER, PartialLabel((0,), True), NEITHER)
    codes = recoded(ids, (NEITHER, EITHER), new)
    assert codes[:4].tolist() == [3, 2, 1, 0] and codes[[4, 5, VOID]].tolist() == [6, 4, VOID]
