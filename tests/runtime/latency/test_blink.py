import numpy as np
import pytest

from catseye.runtime.latency.blink import BIT_S, BITS, PERIOD_S, is_lit, next_change_s, were_lit


def test_the_order_is_like_itself_only_where_it_is_not_shifted():
    signs = np.where(BITS, 1, -1)
    assert len(BITS) == 127 and abs(signs.sum()) == 1
    assert {int((signs * np.roll(signs, shift)).sum()) for shift in range(1, 127)} == {-1}


def test_many_moments_are_as_one_by_one_and_it_comes_again():
    at_s = np.linspace(5e5, 5e5 + PERIOD_S, 997)
    assert were_lit(at_s).tolist() == [is_lit(moment) for moment in at_s.tolist()]
    assert (were_lit(at_s[5:] + PERIOD_S + 1e-6) == were_lit(at_s[5:] + 1e-6)).mean() > 0.99
    assert next_change_s(10 * BIT_S + 0.01) == pytest.approx(11 * BIT_S)
