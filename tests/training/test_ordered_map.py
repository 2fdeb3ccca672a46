"""Threads that make things at once: the same things in the same order, never too many, and gone at
the end."""

import threading

import pytest

from catseye.training.ordered_map import ordered_map


def threads():
    return [thread for thread in threading.enumerate() if thread.name.startswith("ordered-map")]


@pytest.mark.parametrize("number", [1, 3])
def test_all_of_them_in_order(number):
    assert list(ordered_map(lambda i: i * i, range(50), number)) == [i * i for i in range(50)]
    assert not threads()


def test_they_are_made_at_once():
    meeting = threading.Barrier(3, timeout=30)  # broken unless three are there together
    assert list(ordered_map(lambda i: (meeting.wait(), i)[1], range(6), 3)) == list(range(6))


def test_no_more_is_begun_than_there_are_threads():
    begun = []
    made = ordered_map(lambda i: begun.append(i) or i, range(100), 2)
    assert next(made) == 0
    assert len(begun) <= 3  # the one that was asked for, and one for each thread
    made.close()
    assert not threads()


def test_an_error_comes_where_the_answer_would_have():
    def make(i):
        if i == 2:
            raise ValueError("trouble")
        return i

    made = ordered_map(make, range(5), 2)
    assert [next(made), next(made)] == [0, 1]
    with pytest.raises(ValueError, match="trouble"):
        next(made)
    assert not threads()
