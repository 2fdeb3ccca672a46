"""Evaluation: a model, whatever engine runs it, measured on a data set. One metric for training,
eval and the board.

`evaluate` chooses by task; each module knows its data set and its metric, none knows networks or
backends.
"""

import logging
from typing import Dict, Optional

from catseye.runtime.engines import Engine
from catseye.runtime.errors import CatseyeError
from catseye.runtime.evaluation.autoencoder import AUTOENCODER
from catseye.runtime.evaluation.base import Evaluation, Watch, unwatched
from catseye.runtime.evaluation.classification import CLASSIFICATION
from catseye.runtime.evaluation.digits import DIGITS
from catseye.runtime.evaluation.gan import GAN
from catseye.runtime.evaluation.road import ROAD
from catseye.runtime.evaluation.sparse import SPARSE
from catseye.runtime.evaluation.tensors import TENSORS
from catseye.runtime.model_file.card import Card
from catseye.runtime.system.json_document import JsonObject

log = logging.getLogger("catseye")

EVALUATIONS: Dict[str, Evaluation] = {
    "road": ROAD,
    "digits": DIGITS,
    "sparse": SPARSE,
    "autoencoder": AUTOENCODER,
    "gan": GAN,
    "classification": CLASSIFICATION,
    "tensors": TENSORS,
}


def evaluate(
    engine: Engine,
    card: Card,
    data: str,
    split: str,
    pictures: Optional[str] = None,
    watch: Watch = unwatched,
) -> JsonObject:
    """Measure `engine`, opened from the model of `card`, on a split of the task's data; pictures go
    to a folder; watch: sees how far it is. Raises CatseyeError where the data are not there or do
    not fit."""
    log.debug("%s is measured on %s of %s", card.name, split, data)
    return EVALUATIONS[card.task].measure(engine, card, data, split, pictures, watch)


def headline(engine: Engine, card: Card, data: str, split: str) -> float:
    """The number by which two versions of one model are compared. Raises CatseyeError where the
    data decide none."""
    name = EVALUATIONS[card.task].headline
    value = evaluate(engine, card, data, split)[name]
    if not isinstance(value, float):
        raise CatseyeError("no %s on %s of %s" % (name, split, data), "labels that decide it")
    return value


def allowed_loss(card: Card) -> float:
    """How much worse than its source the model of `card` may be in its headline number."""
    evaluation = EVALUATIONS[card.task]
    return evaluation.int8_loss if card.precision == "int8" else evaluation.allowed_loss
