import pytest

from catseye.runtime.sinks.http import guesses as module
from catseye.runtime.sinks.http.guesses import Guesses, TooManyGuesses, household, wait_s


@pytest.fixture
def clock(monkeypatch):
    now = [1000.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
    return now


def test_waits_grow_to_a_minute():
    waits = [wait_s(wrong) for wrong in range(1, 14)]
    assert waits == [0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60] and wait_s(10**9) == 60


def test_a_guesser_waits_whatever_comes_and_others_do_not(clock):
    guesses = Guesses()
    assert not any(guesses.judge("10.0.0.1", False) for _ in range(5))
    for is_right in (False, True):
        with pytest.raises(TooManyGuesses) as caught:
            guesses.judge("10.0.0.1", is_right)
        assert caught.value.seconds == 1.0  # those that were not looked at do not count
    assert guesses.judge("10.0.0.2", True)
    clock[0] += 1.0
    assert not guesses.judge("10.0.0.1", False)
    clock[0] += 1.9
    with pytest.raises(TooManyGuesses):
        guesses.judge("10.0.0.1", True)
    clock[0] += 0.2
    assert guesses.judge("10.0.0.1", True)
    assert not guesses.judge("10.0.0.1", False)  # begins anew
    assert guesses.judge("10.0.0.1", True)


def test_wrong_ones_are_forgotten_after_a_while(clock):
    guesses = Guesses()
    for _ in range(4):
        guesses.judge("10.0.0.1", False)
    clock[0] += 601
    assert not any(guesses.judge("10.0.0.1", False) for _ in range(5))


def test_memory_is_bounded(clock):
    guesses = Guesses()
    for number in range(3000):
        guesses.judge("10.%d.%d.1" % divmod(number, 256), False)
    assert len(guesses._records) == module.MOST_ADDRESSES


def test_one_household_is_one_guesser():
    assert household("2001:db8::1") == household("2001:db8::ffff:1") == "2001:db8::/64"
    assert household("2001:db8:0:1::1") != household("2001:db8::1")
    assert household("::ffff:10.0.0.1") == household("10.0.0.1") == "10.0.0.1"
    assert household("fe80::1%eth0") == "fe80::/64" and household("") == ""
