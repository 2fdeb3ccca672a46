"""Evaluation: what it is to measure a model of one task. Each task's module fills one in."""

from typing import Any, Callable, Iterable, NamedTuple, Optional, Sequence

from catseye.runtime.datasets.learned import learned_splits
from catseye.runtime.engines import Engine
from catseye.runtime.model_file.card import Card, Provenance
from catseye.runtime.system.json_document import JsonObject

# gives a measurement's samples one by one, and sees how far it is
Watch = Callable[[Sequence[Any]], Iterable[Any]]
# engine, opened from the model of the card; data folder; split; folder for pictures, None: none
Measure = Callable[[Engine, Card, str, str, Optional[str], Watch], JsonObject]
# data folder, split, what a card says of the data that its model was trained on
Learned = Callable[[str, str, Provenance], float]


def nobody_knows(data: str, split: str, provenance: Provenance) -> float:
    """0, for tasks of networks that others trained."""
    return 0.0


def learned_by_name(name_of: Callable[[str], str]) -> Learned:
    """For a task whose data folder holds one set only; name_of: its name, by the folder."""

    def learned(data: str, split: str, provenance: Provenance) -> float:
        return float(split in learned_splits(provenance.data_name, name_of(data)))

    return learned


def unwatched(samples: Sequence[Any]) -> Sequence[Any]:
    """The samples, where nobody looks on."""
    return samples


def never(card: Card) -> bool:
    """No demo data have labels for networks that others trained."""
    return False


class Evaluation(NamedTuple):
    """How a task is measured.

    measure: the numbers on a split of the task's data, in plain JSON types; pictures go to the
    folder.  headline: the one of them by which two versions of a model are compared, more is
    better.  allowed_loss, int8_loss: how much worse the later one may be, the second for INT8.
    learned: what share of the split, 0-1, a model of that provenance was trained on.  demo_fits:
    whether the demo data have labels for the model of a card.
    """

    measure: Measure
    headline: str
    allowed_loss: float
    int8_loss: float
    learned: Learned = nobody_knows
    demo_fits: Callable[[Card], bool] = lambda card: True
