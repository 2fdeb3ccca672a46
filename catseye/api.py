"""The library's front door: `catseye.load`, `catseye.run`, `catseye.open_camera`. Knows how source,
engine and task go together; the loop is the caller's."""

import os
import time
from typing import Any, Callable, Iterator, Optional, Sequence, Union

import numpy as np

from catseye.opening import open_model
from catseye.runtime.account import Account, Facts
from catseye.runtime.closing import Closing
from catseye.runtime.engines.opened import OpenedModel
from catseye.runtime.errors import CameraLost, CatseyeError
from catseye.runtime.frame import Frame, now_ns
from catseye.runtime.pipeline import result_of
from catseye.runtime.sources import Source, open_source
from catseye.runtime.sources.base import checked_image
from catseye.runtime.sources.faults import Notice
from catseye.runtime.sources.images import image_from_file
from catseye.runtime.tasks import Result, open_task
from catseye.runtime.timing import StageTimers

Picture = Union[np.ndarray, str, "os.PathLike[str]"]
OnEvent = Callable[[Optional[Notice]], None]


class Step:
    """One frame with its result, and what is to be said of it: `for frame, result in ...`, or
    `for step in ...`.

    facts: age_ms, skipped, stale, stages_ms, health, faults, as the rows of `--sink jsonl://` have
    them.
    """

    __slots__ = ("frame", "result", "facts")

    def __init__(self, frame: Frame, result: Result, facts: Facts) -> None:
        self.frame, self.result, self.facts = frame, result, facts

    def __iter__(self) -> Iterator[Any]:
        return iter((self.frame, self.result))


class Model(Closing):
    """An open model: called with pictures, it gives results. Close it, or use it in a `with` block.

    card: what its file says of it.  classes: names by class id.
    """

    def __init__(self, opened: OpenedModel) -> None:
        self._opened, self._task = opened, open_task(opened.card)
        self._timers, self._number = StageTimers(), 0
        self.card, self.classes = opened.card, opened.card.classes

    def __call__(self, picture: Union[Picture, Sequence[Picture]]) -> Any:
        """The result of a picture: (H, W, 3) uint8 BGR, or the path of a file; of several in a list
        or tuple, a list of results. Raises CatseyeError for anything else."""
        if isinstance(picture, (list, tuple)):
            return [self(each) for each in picture]
        frame = Frame(_image(picture), self._number, now_ns())
        self._number += 1
        return result_of(frame, self._task, self._opened.engine, self._timers)

    def close(self) -> None:
        """Give the engine's memory back; a second call does nothing."""
        self._opened.engine.close()


class Camera(Closing):
    """The frames of a source in a `with` block; a live one hands over its newest, and is not waited
    for longer than the caller said."""

    def __init__(self, source: Source, timeout_s: Optional[float], on_event: OnEvent) -> None:
        self._source, self._timeout_s, self._on_event = source, timeout_s, on_event
        self._told: Optional[str] = None
        self._newest_s = time.perf_counter()
        self.description, self.fps = source.description, source.fps

    def __iter__(self) -> Iterator[Frame]:
        self._source.on_wait = self._while_waiting
        self._newest_s = time.perf_counter()
        for frame in self._source:
            self._tell(None)
            yield frame
            self._newest_s = time.perf_counter()  # the caller's own time is no silence

    def close(self) -> None:
        """Give the camera back; a second call does nothing."""
        self._source.close()

    def _while_waiting(self) -> None:
        notice = self._source.notice
        if notice is not None:
            self._tell(notice)
        silent_s = time.perf_counter() - self._newest_s
        if self._timeout_s is not None and silent_s > self._timeout_s:
            why = "" if notice is None else " (%s)" % (notice.reason or notice.fault)
            raise CameraLost(
                "no picture of %s for %.3g s%s" % (self.description, silent_s, why),
                "one within timeout_s=%g" % self._timeout_s,
                "see to the camera, or wait longer",
            )

    def _tell(self, notice: Optional[Notice]) -> None:
        """Each change once: another fault, or pictures again."""
        fault = None if notice is None else notice.fault
        if fault != self._told:
            self._told = fault
            self._on_event(notice)


def load(model: Any, backend: str, provider: str, threads: int) -> Model:
    """What `catseye.load` documents."""
    return Model(_opened(model, backend, provider, threads))


def camera(source: Any, timeout_s: Optional[float], on_event: Optional[OnEvent]) -> Camera:
    """What `catseye.open_camera` documents."""
    _demand_seconds(timeout_s)
    return Camera(open_source(_address(source)), timeout_s, on_event or (lambda notice: None))


def steps(
    model: Any,
    source: Any,
    backend: str,
    provider: str,
    threads: int,
    timers: Optional[StageTimers],
    budget_ms: Optional[float],
    timeout_s: Optional[float],
    on_event: Optional[OnEvent],
) -> Iterator[Step]:
    """What `catseye.run` documents; source and engine are open from the first frame to the last."""
    _demand_seconds(timeout_s)
    with open_source(_address(source)) as opened_source:
        opened = _opened(model, backend, provider, threads)
        frames = Camera(opened_source, timeout_s, on_event or (lambda notice: None))
        with opened.engine as engine:
            task, measured = open_task(opened.card), timers or StageTimers()
            account = Account(opened_source, measured, budget_ms)
            for frame in frames:
                health = account.health_of(frame)
                result = result_of(frame, task, engine, measured)
                yield Step(frame, result, account.facts(frame, health))


def _demand_seconds(timeout_s: Any) -> None:
    """Raises CatseyeError for a timeout that would never come, or stop the wait by a TypeError."""
    number = isinstance(timeout_s, (int, float)) and not isinstance(timeout_s, bool)
    if timeout_s is not None and not (number and timeout_s > 0):
        raise CatseyeError(
            "timeout_s=%r" % (timeout_s,), "seconds, above zero; None waits for as long as it takes"
        )


def _opened(model: Any, backend: str, provider: str, threads: int) -> OpenedModel:
    if not isinstance(model, (str, os.PathLike)):
        raise CatseyeError("a model of type %s" % type(model).__name__, "a path or a shipped name")
    if isinstance(threads, bool) or not isinstance(threads, int) or threads < 0:
        raise CatseyeError("threads=%r" % (threads,), "a whole number, 0 for all")
    return open_model(os.fspath(model), backend, provider, threads=threads)


def _address(source: Any) -> str:
    """The address that a source is named by: itself, a path, or the number of a camera."""
    if isinstance(source, int) and not isinstance(source, bool) and source >= 0:
        return "/dev/video%d" % source
    if isinstance(source, (str, os.PathLike)):
        return os.fspath(source)
    raise CatseyeError(
        "a source of type %s" % type(source).__name__,
        "an address, a path or the number of a camera",
        "for pictures: model = catseye.load(...); model(image)",
    )


def _image(picture: Any) -> np.ndarray:
    if isinstance(picture, (str, os.PathLike)):
        return image_from_file(os.fspath(picture))
    image = checked_image(picture, "the caller")
    if not image.size:
        raise CatseyeError("a picture of shape %s" % (image.shape,), "one pixel at least")
    return np.ascontiguousarray(image)
