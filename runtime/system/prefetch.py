"""Items made in a thread while those before are worked on: the same ones in the same order.

Batches of the training, frames of a file. Knows nothing of what an item is. A generator that runs
here must draw its random numbers from a generator of its own, for torch's global one belongs to the
training.
"""

import queue
import threading
import time
from typing import Any, Callable, Generic, Iterable, Iterator, TypeVar

T = TypeVar("T")
# in C, and Python's own before 3.7
SimpleQueue: Callable[[], Any] = getattr(queue, "SimpleQueue", queue.Queue)


class Prefetched(Generic[T]):
    """Iterate over `items` inside a `with` block, `ahead` of them made beforehand, the one that is
    being made included; 0: made when asked for.

    waited_s: how long the consumer has waited for items so far.  name: of the thread, gone when the
    block ends.  on_ready: called in that thread when there is an item, or the end.
    An exception of `items`, whatever it is, is raised where the item would have come.
    """

    def __init__(
        self,
        items: Iterable[T],
        ahead: int,
        name: str,
        on_ready: Callable[[], None] = lambda: None,
    ) -> None:
        self.waited_s = 0.0
        self._on_ready = on_ready
        self._items = iter(items)
        self._ready = SimpleQueue()  # items, and what ended them
        self._wanted = SimpleQueue()  # True for each that may be made; False ends it
        for _ in range(ahead):
            self._wanted.put(True)
        self._left = False
        self._thread = (
            threading.Thread(target=self._fill, name=name, daemon=True) if ahead else None
        )

    def __enter__(self) -> "Prefetched[T]":
        if self._thread:
            self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._left = True
        self._wanted.put(False)
        if self._thread:
            self._thread.join()

    @property
    def is_ready(self) -> bool:
        """Whether the next item, or the end, is there without a wait."""
        return not self._ready.empty()

    def __iter__(self) -> Iterator[T]:
        return self

    def __next__(self) -> T:
        begun = time.perf_counter()
        try:
            if self._thread is None:
                return next(self._items)
            item = self._ready.get()
            self._wanted.put(True)
        finally:
            self.waited_s += time.perf_counter() - begun
        if isinstance(item, BaseException):
            raise item
        return item

    def _fill(self) -> None:
        while self._wanted.get() and not self._left:
            # in no variable here: an item may be large
            try:
                self._ready.put(next(self._items))
                self._on_ready()
            # KeyboardInterrupt too: it ends the program, not this thread alone
            except BaseException as end:
                self._ready.put(end)
                self._on_ready()
                return
