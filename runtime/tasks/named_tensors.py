"""The tensors task: a frame to whatever a network answers, by name, for a program of one's own.

Knows letterboxing; not what the numbers mean.
"""

from typing import Dict, NamedTuple, Tuple

import numpy as np

from catseye.runtime.draw import draw_text, plate_size
from catseye.runtime.model_file.card import Card
from catseye.runtime.model_file.golden import Bounds
from catseye.runtime.model_file.tensors import Arrays
from catseye.runtime.system.json_document import Json, JsonObject
from catseye.runtime.tasks.base import Result
from catseye.runtime.tasks.letterbox import Placement
from catseye.runtime.tasks.letterboxed import LetterboxedTask

# of the mean magnitude of an output, on average: its numbers may be of any size
SHARES = {"fp32": 1e-4, "fp16": 0.01, "int8": 0.1}
DRAWN = 12  # tensors that a picture names


class _NamedTensors(NamedTuple):
    tensors: Arrays


class NamedTensors(_NamedTensors, Result):
    """tensors: the network's outputs as it gave them, by name."""

    __slots__ = ()
    task = "tensors"

    def arrays(self) -> Arrays:
        return dict(self.tensors)

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> "NamedTensors":
        return cls(dict(arrays))

    @classmethod
    def compared(cls, arrays: Arrays) -> np.ndarray:
        """All of them, one after another."""
        return np.concatenate([arrays[name].ravel() for name in sorted(arrays)])

    def as_json(self) -> JsonObject:
        """Shape, type and range of each; a number that JSON has not, such as NaN, is null."""
        return {"tensors": {name: _described(array) for name, array in self.tensors.items()}}

    def drawn_on(self, image: np.ndarray) -> np.ndarray:
        picture, y = image.copy(), 8
        for name, array in list(self.tensors.items())[:DRAWN]:
            found = _described(array)
            words = "%s %s  %s to %s" % (name, list(array.shape), found["min"], found["max"])
            draw_text(picture, words, (8, y), 0.45)
            y += plate_size(words, 0.45)[1] + 2
        return picture


class NamedTensorsTask(LetterboxedTask):
    """Letterboxes frames to the model's size and hands over what comes back; the network's own
    coordinates stay those of its picture."""

    result = NamedTensors

    def __init__(self, card: Card) -> None:
        super().__init__(card)
        self.names: Tuple[str, ...] = tuple(spec.name for spec in card.outputs)

    @classmethod
    def bounds(cls, precision: str) -> Bounds:
        """Floats by their own magnitude: they may be of any size."""
        return Bounds(1e-3, 0.99, SHARES[precision])

    def parse(self, outputs: Arrays, kept: Placement) -> NamedTensors:
        return NamedTensors({name: outputs[name] for name in self.names})


def _described(array: np.ndarray) -> Dict[str, Json]:
    shape: Json = list(array.shape)
    return {
        "shape": shape,
        "dtype": array.dtype.name,
        "min": _number(array.min()),
        "max": _number(array.max()),
        "mean": _number(array.mean(dtype=np.float64)),
    }


def _number(value: np.generic) -> Json:
    return float("%.6g" % value) if np.isfinite(value) else None
