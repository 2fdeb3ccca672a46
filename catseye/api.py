"""The library's front door: `catseye.load`, `catseye.run`, `catseye.open_camera`. Knows how source,
engine and task go together; the loop is the caller's."""

import os
from typing import Any, Dict, Iterator, Optional, Sequence, Union

import numpy as np

from catseye.camera import (
    Camera,
    OnEvent,
    addresses_of,
    demand_number,
    demand_patience,
    is_number,
)
from catseye.opening import open_model
from catseye.runtime.account import Account, Facts
from catseye.runtime.cameras.models import models_by_name
from catseye.runtime.clock.moment import LONGEST_UNDER_WAY_S
from catseye.runtime.closing import Closing
from catseye.runtime.control.state import state_when_young
from catseye.runtime.engines import check_threads
from catseye.runtime.engines.opened import OpenedModel
from catseye.runtime.errors import CatseyeError
from catseye.runtime.frame import Frame, now_ns
from catseye.runtime.geometry.camera_model import CameraModel
from catseye.runtime.picture_files.reading import image_from_file
from catseye.runtime.pipeline import result_of
from catseye.runtime.tasks import Result, open_task
from catseye.runtime.timing import StageTimers

Picture = Union[np.ndarray, str, "os.PathLike[str]"]
PICTURE = "(H, W, 3) uint8 BGR, the path of a picture, or a list of them"
LARGEST = 3 << 28  # bytes of a picture


class Step:
    """One frame with its result, and what is to be said of it.

    facts: age_ms, skipped, stale, stages_ms, health, faults, as the rows of `--sink jsonl://` have
    them.

    >>> step = next(catseye.run("road-nano", "pictures/"))
    >>> frame, result = step
    >>> frame is step.frame, result.task, step.facts.faults
    (True, 'road', {})
    """

    __slots__ = ("frame", "result", "facts")

    def __init__(self, frame: Frame, result: Result, facts: Facts) -> None:
        self.frame, self.result, self.facts = frame, result, facts

    def __iter__(self) -> Iterator[Any]:
        return iter((self.frame, self.result))


class Model(Closing):
    """An open model: called with pictures, it gives results. Close it, or use it in a `with` block.

    card: what its file says of it.  classes: names by class id.

    >>> import numpy as np
    >>> model = catseye.load("digits")
    >>> model(np.full((100, 100, 3), 255, np.uint8)).labels  # an empty page
    ()
    >>> model(None)
    Traceback (most recent call last):
    catseye.runtime.errors.CatseyeError: a picture of type NoneType; expected (H, W, 3) uint8 BGR...
    >>> model.close()
    """

    def __init__(self, opened: OpenedModel, camera: Optional[CameraModel] = None) -> None:
        self._opened, self._task = opened, open_task(opened.card, camera)
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


def load(model: Any, backend: str, provider: str, threads: int, camera_file: Any) -> Model:
    """What `catseye.load` documents."""
    _demand_model(model, threads)
    models = camera_models(camera_file, [""])
    return Model(open_model(os.fspath(model), backend, provider, threads=threads), models.get(""))


def camera(source: Any, timeout_s: Optional[float], on_event: Optional[OnEvent]) -> Camera:
    """What `catseye.open_camera` documents."""
    demand_patience(timeout_s, on_event)
    return Camera(addresses_of(source), timeout_s, on_event or (lambda notice: None))


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
    camera_delay_ms: float,
    camera: Any = None,
) -> Iterator[Step]:
    """What `catseye.run` documents. Raises CatseyeError at once for what is no argument, and at the
    first frame for what cannot be opened."""
    demand_patience(timeout_s, on_event)
    demand_number("budget_ms", budget_ms, "milliseconds", "None calls nothing stale")
    _demand_delay(camera_delay_ms)
    if timers is not None and not isinstance(timers, StageTimers):
        raise CatseyeError("timers=%r" % (timers,), "a runtime.timing.StageTimers, or None")
    _demand_model(model, threads)
    addresses = addresses_of(source)
    models = camera_models(camera, list(addresses))

    def opened_and_run() -> Iterator[Step]:
        """Sources and engine are open from the first frame to the last."""
        with Camera(addresses, timeout_s, on_event or (lambda notice: None)) as frames:
            opened = open_model(os.fspath(model), backend, provider, threads=threads)
            with opened.engine as engine:
                measured = timers or StageTimers()
                tasks = {name: open_task(opened.card, models.get(name)) for name in frames.sources}
                accounts = {
                    name: Account(
                        each, measured, budget_ms, camera=name, camera_delay_ms=camera_delay_ms
                    )
                    for name, each in frames.sources.items()
                }
                for frame in frames:
                    account = accounts[frame.camera]
                    health = account.health_of(frame)
                    result = result_of(frame, tasks[frame.camera], engine, measured)
                    trust = state_when_young(health, result.doubt())
                    yield Step(frame, result, account.facts(frame, health)._replace(trust=trust))

    return opened_and_run()


def camera_models(camera: Any, names: Sequence[str]) -> Dict[str, CameraModel]:
    """The models of these cameras, of a file or {name: file}. Raises CatseyeError for anything
    else."""
    if camera is None:
        return {}
    files = camera if isinstance(camera, dict) else {"": camera}
    if not all(isinstance(path, (str, os.PathLike)) for path in files.values()):
        raise CatseyeError("camera=%r" % (camera,), "the file of a camera's model, or {name: file}")
    texts = [
        "%s=%s" % (name, os.fspath(path)) if name else os.fspath(path)
        for name, path in files.items()
    ]
    return models_by_name(texts, names)


def _demand_delay(value: Any) -> None:
    if not (is_number(value) and 0 <= value <= LONGEST_UNDER_WAY_S * 1e3):
        raise CatseyeError(
            "camera_delay_ms=%r" % (value,),
            "milliseconds from 0 to %d" % (LONGEST_UNDER_WAY_S * 1e3),
        )


def _demand_model(model: Any, threads: Any) -> None:
    if not isinstance(model, (str, os.PathLike)):
        raise CatseyeError(
            "a model of type %s" % type(model).__name__, "a path or the name of a shipped one"
        )
    check_threads(threads)


def _image(picture: Any) -> np.ndarray:
    """(H, W, 3) uint8 BGR, contiguous, of a picture or of the path of one."""
    if isinstance(picture, (str, os.PathLike)):
        if "://" in os.fspath(picture):
            raise CatseyeError(
                "the address %s as a picture" % os.fspath(picture),
                "the path of a picture",
                "for cameras, streams and videos: catseye.run",
            )
        return image_from_file(os.fspath(picture))
    if not isinstance(picture, np.ndarray):
        raise CatseyeError("a picture of type %s" % type(picture).__name__, PICTURE)
    fix = _fix(picture)
    if fix is not None:
        raise CatseyeError("a picture of %s %s" % (picture.shape, picture.dtype), PICTURE, fix)
    return np.ascontiguousarray(picture)


def _fix(picture: np.ndarray) -> Optional[str]:
    """What makes an array the picture that is expected; None where it is one."""
    axes, channels = picture.ndim, picture.shape[-1] if picture.ndim == 3 else 0
    if not picture.size:
        return "a picture has one pixel at least"
    if axes == 2 or channels == 1:
        return "cv2.cvtColor(image, cv2.COLOR_GRAY2BGR) makes colour of grey"
    if channels == 4:
        return "cv2.cvtColor(image, cv2.COLOR_BGRA2BGR) leaves alpha out"
    if axes == 4:
        return "model(list(images)) takes several, one after another"
    if axes != 3 or channels != 3:
        return "rows, columns, then blue, green and red: np.moveaxis puts channels last"
    if picture.dtype != np.uint8:
        return "bring its values to 0-255, then .astype(np.uint8)"
    if picture.size > LARGEST:
        return "make it smaller: there is no camera of more than %d million pixels" % (
            LARGEST // 3e6
        )
    return None
