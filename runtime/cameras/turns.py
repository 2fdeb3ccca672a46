"""Frames of several cameras, each in its turn: of those with a frame waiting, the one that was
served longest ago.

So a camera gets what it gives, or an equal share of what the engine can do, whichever is less, and
waits for one pass of the loop per camera at most; a dead one takes no time. Knows who has a frame
waiting; not what becomes of it.
"""

import logging
from contextlib import ExitStack, contextmanager
from itertools import islice
from typing import Callable, Dict, Iterator, List, Optional, Tuple, Union

from catseye.runtime.clock.waits import Event
from catseye.runtime.errors import CatseyeError
from catseye.runtime.frame import Frame
from catseye.runtime.sources.ahead import frames_ahead, taken
from catseye.runtime.sources.base import WAKE_S, CameraSource, Source
from catseye.runtime.system.prefetch import Prefetched

log = logging.getLogger("catseye")


@contextmanager
def frames_in_turn(
    sources: Dict[str, Source], limit: Optional[int], on_wait: Callable[[], None]
) -> Iterator[Iterator[Frame]]:
    """The frames of all sources by name, `limit` at most, each with its camera's name; when the
    block ends, nobody reads the sources any more. on_wait: called about ten times a second while
    there is none.

    A lone source's error is raised where its frame would have come; that of one among several is
    told, the others go on, and it is raised in the end.
    """
    with ExitStack() as stack:
        if len(sources) == 1:
            ((name, source),) = sources.items()
            source.on_wait = on_wait
            frames = stack.enter_context(frames_ahead(source, limit))
            # none of which holds a frame meanwhile
            yield map(lambda frame: frame._replace(camera=name), frames) if name else frames
            return
        wake = Event()
        lines: List[_Line] = []
        for name, source in sources.items():
            if isinstance(source, CameraSource):
                source.on_frame = wake.set
                source.start()
                lines.append((name, source))
            else:
                lines.append((name, stack.enter_context(_FileAhead(name, source, limit, wake))))
        yield Turns(lines, wake, on_wait, limit)


class _FileAhead:
    """A file, one frame ahead in a thread, asked as a camera is."""

    def __init__(self, name: str, source: Source, limit: Optional[int], wake: Event) -> None:
        self._source = source
        self._frames = Prefetched(islice(source, limit), 1, "ahead " + name, wake.set)
        self.is_over = False

    def newest(self) -> Optional[Frame]:
        """The next frame, if it is there already. Raises what ended the source."""
        if not self._frames.is_ready:
            return None
        try:
            return taken(self._source, next(self._frames))
        except StopIteration:
            self.is_over = True
            return None

    def __enter__(self) -> "_FileAhead":
        self._frames.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._frames.__exit__()


_Line = Tuple[str, Union[CameraSource, _FileAhead]]  # who waits for a turn, by name


class Turns:
    """The iteration over all lines, the one that was served longest ago in front."""

    def __init__(
        self, lines: List[_Line], wake: Event, on_wait: Callable[[], None], limit: Optional[int]
    ) -> None:
        self._lines, self._wake, self._on_wait = lines, wake, on_wait
        self._left = limit
        self._error: Optional[CatseyeError] = None

    def __iter__(self) -> Iterator[Frame]:
        return self

    def waiting_beside(self, frame: Frame) -> Optional[Frame]:
        """The next frame, if one of another camera waits already."""
        return None if self._left == 0 else self._first_waiting(frame.camera)

    def __next__(self) -> Frame:
        while self._lines and self._left != 0:
            frame = self._first_waiting()
            if frame is not None:
                return frame
            if not self._wake.wait(WAKE_S):
                self._on_wait()
            self._wake.clear()
        if self._error is not None and self._left != 0:
            raise self._error
        raise StopIteration

    def _first_waiting(self, beside: Optional[str] = None) -> Optional[Frame]:
        """beside: the name of a camera that is passed over."""
        for line in [line for line in self._lines if line[0] != beside]:
            name, source = line
            ended = source.is_over  # asked first: a last frame may come before the end does
            try:
                frame = source.newest()
            except CatseyeError as error:
                self._leave(line, error)
                continue
            if frame is not None:
                self._lines.remove(line)
                self._lines.append(line)
                self._left = None if self._left is None else self._left - 1
                return frame._replace(camera=name)
            if ended:
                self._lines.remove(line)
        return None

    def _leave(self, line: _Line, error: CatseyeError) -> None:
        self._lines.remove(line)
        self._error = self._error or error
        if self._lines:
            log.warning("camera %s ends, the others go on: %s", line[0], error)
