"""The frames of cameras for Python: `catseye.open_camera`, and what `catseye.run` looks at. Knows
what names a source, and when a silence is an error; the loop is the caller's."""

import math
import numbers
import os
import time
from contextlib import ExitStack
from typing import Any, Callable, Dict, Iterator, Mapping, Optional

from catseye.runtime.cameras.names import MOST_CAMERAS, checked_name
from catseye.runtime.cameras.opening import open_cameras
from catseye.runtime.cameras.turns import frames_in_turn
from catseye.runtime.closing import Closing
from catseye.runtime.errors import CameraLost, CatseyeError
from catseye.runtime.frame import Frame, now_ns
from catseye.runtime.sources.faults import STALLED, Notice

OnEvent = Callable[[Optional[Notice]], None]


class Camera(Closing):
    """The frames of a source, or of several in turn, in a `with` block; a live one hands over its
    newest, and is not waited for longer than the caller said.

    sources: by the names of their cameras.  description, fps: of the source; of several all their
    words, and the highest rate.
    """

    def __init__(
        self, addresses: Mapping[str, str], timeout_s: Optional[float], on_event: OnEvent
    ) -> None:
        """addresses: by name, "" for a lone one without. Raises what `open_cameras` raises."""
        self._stack = ExitStack()
        self.sources = self._stack.enter_context(open_cameras(addresses))
        self._timeout_s, self._on_event = timeout_s, on_event
        self._told: Dict[str, str] = {}  # the fault of each that is not there
        self._newest_s = time.perf_counter()
        self.description = ", ".join(source.description for source in self.sources.values())
        self.fps = max(source.fps for source in self.sources.values())

    def __iter__(self) -> Iterator[Frame]:
        self._newest_s = time.perf_counter()
        with frames_in_turn(self.sources, None, self._while_waiting) as frames:
            for frame in frames:
                self._tell(frame.camera, None)
                if len(self.sources) > 1:  # others may be dead while this one gives frames
                    self._tell_notices()
                yield frame
                self._newest_s = time.perf_counter()  # the caller's own time is no silence

    def close(self) -> None:
        """Give the cameras back; a second call does nothing."""
        self._stack.close()

    def _while_waiting(self) -> None:
        self._tell_notices()
        silent_s = time.perf_counter() - self._newest_s
        if self._timeout_s is not None and silent_s > self._timeout_s:
            notices = [source.notice for source in self.sources.values()]
            for name, source in self.sources.items():
                if source.live and not self._told.get(name):  # less patience than the source's own
                    self._tell(name, Notice(STALLED, now_ns() - int(silent_s * 1e9), source.faults))
            words = ", ".join(each.reason or each.fault for each in notices if each is not None)
            raise CameraLost(
                "no picture of %s for %.3g s%s"
                % (self.description, silent_s, " (%s)" % words if words else ""),
                "one within timeout_s=%g" % self._timeout_s,
                "see to the camera, or wait longer",
            )

    def _tell_notices(self) -> None:
        for name, source in self.sources.items():
            if source.notice is not None:
                self._tell(name, source.notice)

    def _tell(self, name: str, notice: Optional[Notice]) -> None:
        """Each change once: another fault, or pictures again."""
        fault = "" if notice is None else notice.fault
        if fault == self._told.get(name, ""):
            return
        self._told[name] = fault
        if name and notice is None:  # whose, nobody would know
            notice = Notice("", now_ns(), self.sources[name].faults)
        self._on_event(None if notice is None else notice._replace(camera=name))


def addresses_of(source: Any) -> Dict[str, str]:
    """{name: address} of what names a source or, in a dict by name or a list, several. Raises
    CatseyeError for anything else."""
    if isinstance(source, (list, tuple)):
        source = {"camera%d" % number: each for number, each in enumerate(source, 1)}
    if not isinstance(source, Mapping):
        return {"": _address(source)}
    if not 1 <= len(source) <= MOST_CAMERAS:
        raise CatseyeError("%d sources" % len(source), "1 to %d" % MOST_CAMERAS)
    return {checked_name(str(name)): _address(each) for name, each in source.items()}


def _address(source: Any) -> str:
    """The address that a source is named by: itself, a path, or the number of a camera."""
    if isinstance(source, (str, os.PathLike)):
        return os.fspath(source)
    if isinstance(source, numbers.Integral) and not isinstance(source, bool) and int(source) >= 0:
        return "/dev/video%d" % source
    raise CatseyeError(
        "a source of type %s" % type(source).__name__
        if not isinstance(source, numbers.Integral)
        else "camera number %r" % source,
        "an address, a path or the number of a camera",
        "for pictures: model = catseye.load(...); model(image)",
    )


def demand_patience(timeout_s: Any, on_event: Any) -> None:
    """Raises CatseyeError for what would otherwise fail when a camera does."""
    demand_number("timeout_s", timeout_s, "seconds", "None waits for as long as it takes")
    if on_event is not None and not callable(on_event):
        raise CatseyeError("on_event=%r" % (on_event,), "a function of a Notice or None")


def demand_number(name: str, value: Any, unit: str, none: str) -> None:
    """Raises CatseyeError for what is neither a number above zero nor None."""
    if value is not None and not (is_number(value) and value > 0 and math.isfinite(value)):
        raise CatseyeError("%s=%r" % (name, value), "%s, above zero; %s" % (unit, none))


def is_number(value: Any) -> bool:
    """Whether it is a real number of any type; True and False are none."""
    return isinstance(value, numbers.Real) and not isinstance(value, bool)
