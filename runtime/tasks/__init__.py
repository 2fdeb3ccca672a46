"""Tasks: frame -> tensors -> result, one module per task. `open_task` finds the one that a model's
card names."""

from typing import Any, Callable, Dict, Type

from catseye.runtime.errors import CatseyeError
from catseye.runtime.tasks.autoencoder import AutoencoderTask, Rebuild
from catseye.runtime.tasks.base import Result, Task
from catseye.runtime.tasks.digits import Digits, DigitsTask
from catseye.runtime.tasks.gan import GanTask, Samples
from catseye.runtime.tasks.road import RoadMask, RoadTask
from catseye.runtime.tasks.sparse import SparseCode, SparseTask

TASKS: Dict[str, Callable[[Dict[str, Any]], Task]] = {
    "road": RoadTask,
    "digits": DigitsTask,
    "sparse": SparseTask,
    "autoencoder": AutoencoderTask,
    "gan": GanTask,
}
RESULTS: Dict[str, Type[Result]] = {
    "road": RoadMask,
    "digits": Digits,
    "sparse": SparseCode,
    "autoencoder": Rebuild,
    "gan": Samples,
}

__all__ = ["RESULTS", "Result", "Task", "open_task"]


def open_task(card: Dict[str, Any]) -> Task:
    """The task of a model, set up by its card."""
    if card["task"] not in TASKS:
        raise CatseyeError(
            "the card names task %r" % card["task"], "one of " + ", ".join(TASKS), "update catseye"
        )
    return TASKS[card["task"]](card)
