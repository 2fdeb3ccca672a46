"""Evaluation: a model, whatever engine runs it, measured on a data set. One metric for training,
eval and the board.

`evaluate` chooses by task; each module knows its data set and its metric, none knows networks or
backends.
"""

from typing import Any, Callable, Dict, Optional

from catseye.runtime.engines import Engine
from catseye.runtime.evaluation.autoencoder import evaluate_autoencoder_data
from catseye.runtime.evaluation.digits import evaluate_digits_data
from catseye.runtime.evaluation.gan import evaluate_gan_data
from catseye.runtime.evaluation.road import evaluate_road_data
from catseye.runtime.evaluation.sparse import evaluate_sparse_data

EVALUATIONS: Dict[str, Callable[..., Dict[str, Any]]] = {
    "road": evaluate_road_data,
    "digits": evaluate_digits_data,
    "sparse": evaluate_sparse_data,
    "gan": evaluate_gan_data,
    "autoencoder": evaluate_autoencoder_data,
}

# the number by which two versions of one model are compared, and how much worse the later one may
# be
HEADLINES = {
    "road": ("miou", 0.001),
    "digits": ("accuracy", 0.001),
    "sparse": ("psnr", 0.05),
    "autoencoder": ("explained", 0.001),
    "gan": ("legible", 0.01),
}
# instead, for a model of INT8
INT8_LOSS = {"road": 0.003, "digits": 0.003, "sparse": 0.3, "autoencoder": 0.02, "gan": 0.02}


def allowed_loss(card: Dict[str, Any]) -> float:
    """How much worse than its source the model of `card` may be in its headline number."""
    _, loss = HEADLINES[card["task"]]
    return INT8_LOSS[card["task"]] if card["precision"] == "int8" else loss


def evaluate(
    engine: Engine, card: Dict[str, Any], data: str, split: str, pictures: Optional[str] = None
) -> Dict[str, Any]:
    """Measure `engine`, opened from the model of `card`, on a split of the task's data; pictures go
    to a folder."""
    return EVALUATIONS[card["task"]](engine, card, data, split, pictures)
