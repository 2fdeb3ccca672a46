"""A few of many, evenly spread, their number unknown beforehand."""

import numpy as np
import pytest

from catseye.export.sampling import evenly_spread


@pytest.mark.parametrize("length", [0, 1, 48, 49, 97, 1000])
def test_a_spread_is_even_and_bounded(length):
    kept = evenly_spread(range(length), 48)
    assert len(kept) <= 48 and (length < 48 or len(kept) >= 24)
    assert len(set(np.diff(kept))) <= 1 and (not kept or kept[0] == 0)
    assert length <= 48 or kept[-1] >= length - 2 * (kept[1] - kept[0])
