"""Evaluation: what it is to measure a model of one task. Each task's module fills one in."""

from typing import Callable, NamedTuple, Optional

from catseye.runtime.engines import Engine
from catseye.runtime.model_file.card import Card
from catseye.runtime.system.json_document import JsonObject

# engine, opened from the model of the card; data folder; split; folder for pictures, None: none
Measure = Callable[[Engine, Card, str, str, Optional[str]], JsonObject]


class Evaluation(NamedTuple):
    """How a task is measured.

    measure: the numbers on a split of the task's data, in plain JSON types; pictures go to the
    folder.  headline: the one of them by which two versions of a model are compared, more is
    better.  allowed_loss, int8_loss: how much worse the later one may be, the second for INT8.
    """

    measure: Measure
    headline: str
    allowed_loss: float
    int8_loss: float
