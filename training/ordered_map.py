"""Things made by several threads at once and handed on in their order. Knows nothing of what is
made."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

S = TypeVar("S")
T = TypeVar("T")


def ordered_map(make: Callable[[S], T], items: Iterable[S], threads: int) -> Iterator[T]:
    """make(item) for each item, in their order; at most `threads` beyond the one asked for are
    ready or in hand.

    `make` must give up Python's lock for most of its time, as OpenCV and NumPy do, and must not
    depend on the order. An exception of it is raised where its answer would have come; the threads
    end with the iterator.
    """
    pool = ThreadPoolExecutor(threads, "ordered-map")
    made: deque[Future[T]] = deque()
    try:
        for item in items:
            made.append(pool.submit(make, item))
            if len(made) > threads:
                yield made.popleft().result()
        while made:
            yield made.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)
