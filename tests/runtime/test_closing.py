"""A `with` block closes at its end, also where an error is the end."""

import pytest

from catseye.runtime.closing import Closing


class Held(Closing):
    closed = 0

    def close(self):
        self.closed += 1


def test_the_end_of_the_block_closes_once_and_hides_no_error():
    with Held() as held:
        assert held.closed == 0
    assert held.closed == 1
    with pytest.raises(KeyError), held:
        raise KeyError
    assert held.closed == 2
