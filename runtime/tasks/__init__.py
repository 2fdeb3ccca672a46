"""Tasks: frame -> tensors -> result, one module per task. `open_task` finds the one that a model's
card names."""

from typing import Dict, Optional, Type

from catseye.runtime.errors import CatseyeError, ModelFileError
from catseye.runtime.geometry.camera_model import CameraModel
from catseye.runtime.model_file.card import Card
from catseye.runtime.model_file.golden import Bounds
from catseye.runtime.system.json_document import Fields
from catseye.runtime.tasks.autoencoder import AutoencoderTask
from catseye.runtime.tasks.base import AnyModelTask, AnyTask, Result, Task
from catseye.runtime.tasks.classification import ClassificationTask
from catseye.runtime.tasks.digits import DigitsTask
from catseye.runtime.tasks.gan import GanTask
from catseye.runtime.tasks.named_tensors import NamedTensorsTask
from catseye.runtime.tasks.road import RoadTask
from catseye.runtime.tasks.road_mask import CAMERA
from catseye.runtime.tasks.sparse import SparseTask

__all__ = [
    "TASKS",
    "AnyTask",
    "Result",
    "Task",
    "bounds_of",
    "checked_card",
    "open_task",
    "result_type",
]

TASKS: Dict[str, Type[AnyModelTask]] = {
    task.result.task: task
    for task in (
        RoadTask,
        DigitsTask,
        SparseTask,
        AutoencoderTask,
        GanTask,
        ClassificationTask,
        NamedTensorsTask,
    )
}


def checked_card(card: Card, settings: Fields, name: str) -> Card:
    """The card of file `name` with its settings, read and held against its tensors by its task.

    Raises ModelFileError for a task that nobody here knows, and where anything does not fit.
    """
    task = _task_named(card.task, name)
    card = card._replace(settings=task.read_settings(settings))
    task.check(card, name)
    return card


def open_task(
    card: Card,
    camera: Optional[CameraModel] = None,
    speed_mps: Optional[float] = None,
    shown: str = CAMERA,
) -> AnyModelTask:
    """The task of a model, set up by its card.

    camera: what the frames come from, for results in metres; None where nobody knows.  speed_mps:
    of the vehicle that carries it.  shown: what its results draw, one of road.py's VIEWS.

    Raises ModelFileError for a task that nobody here knows,
    CatseyeError for a camera where the task has no use for one.
    """
    task = _task_named(card.task, card.name)(card)
    if camera is not None:
        if not isinstance(task, RoadTask):
            raise CatseyeError(
                "a camera model for %s, of task %s" % (card.name, card.task),
                "one of task %s" % RoadTask.result.task,
                "leave it out",
            )
        task.look_through(camera, speed_mps, shown)
    return task


def bounds_of(card: Card) -> Bounds:
    """What a model of this card may differ by from its source. Raises ModelFileError for a task
    that nobody here knows."""
    return _task_named(card.task, card.name).bounds(card.precision)


def result_type(task: str, name: str) -> Type[Result]:
    """The type of a task's results; `name`: of the file that names the task, for errors.

    Raises ModelFileError for a task that nobody here knows.
    """
    return _task_named(task, name).result


def _task_named(task: str, name: str) -> Type[AnyModelTask]:
    if task not in TASKS:
        raise ModelFileError(
            "card.task of %s is %r" % (name, task), "one of " + ", ".join(TASKS), "update catseye"
        )
    return TASKS[task]
