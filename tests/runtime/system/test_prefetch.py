"""Items made in a thread: the same ones in the same order, errors where they belong, no thread left
behind."""

import threading
import time

import pytest

from catseye.runtime.system.prefetch import Prefetched


def threads():
    return [thread for thread in threading.enumerate() if thread.name == "batches"]


@pytest.mark.parametrize("ahead", [0, 1, 3])
def test_the_same_items_in_the_same_order(ahead):
    with Prefetched(range(50), ahead, "batches") as items:
        assert list(items) == list(range(50))
    assert not threads()


def test_they_are_made_beforehand_but_not_without_bound():
    made = []
    with Prefetched((made.append(i) or i for i in range(100)), 2, "batches") as items:
        assert next(items) == 0
        deadline = time.monotonic() + 5
        while len(made) < 3 and time.monotonic() < deadline:
            time.sleep(0.01)
        time.sleep(0.2)
        assert made == [0, 1, 2]  # one given, two ready
    assert not threads()


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
@pytest.mark.parametrize("ahead", [0, 2])
def test_an_error_comes_where_the_item_would_have(error, ahead):
    def two_then_trouble():
        yield 1
        yield 2
        raise error("trouble")

    with Prefetched(two_then_trouble(), ahead, "batches") as items:
        assert [next(items), next(items)] == [1, 2]
        with pytest.raises(error):
            next(items)
    assert not threads()


def test_a_consumer_that_leaves_early_ends_the_thread():
    with pytest.raises(RuntimeError), Prefetched(iter(int, 1), 2, "batches") as items:
        next(items)
        raise RuntimeError
    assert not threads()


def test_waiting_is_counted():
    def slow():
        for i in range(3):
            time.sleep(0.1)
            yield i

    with Prefetched(slow(), 2, "batches") as items:
        assert list(items) == [0, 1, 2]
    assert items.waited_s > 0.25
