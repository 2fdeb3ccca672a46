"""The classification task: a frame to one label with its probability, whatever the classes are.

Knows letterboxing and that the graph ends in `probabilities`; not how the network works.
"""

from typing import List, NamedTuple, Optional, Tuple

import numpy as np

from catseye.runtime.draw import draw_text, plate_size
from catseye.runtime.errors import ModelFileError
from catseye.runtime.model_file.card import EXPORT_AGAIN, Card, spec_error
from catseye.runtime.model_file.golden import Bounds
from catseye.runtime.model_file.tensors import Arrays
from catseye.runtime.system.json_document import JsonObject
from catseye.runtime.tasks.base import Result
from catseye.runtime.tasks.letterbox import Placement
from catseye.runtime.tasks.letterboxed import LetterboxedTask

PROBABILITIES = "probabilities"
TOP = 5  # labels that are told
SURE = 0.5  # probability below which a label is drawn as doubtful
SURE_BGR, DOUBTFUL_BGR = (90, 170, 20), (30, 140, 240)


class _Classification(NamedTuple):
    probabilities: np.ndarray
    classes: Tuple[str, ...] = ()


class Classification(_Classification, Result):
    """probabilities: (C,) float32, one for each of `classes`."""

    __slots__ = ()
    task = "classification"
    main_array = "label"

    @property
    def label(self) -> int:
        """The id of the likeliest class."""
        return int(self.probabilities.argmax())

    def top(self) -> List[Tuple[int, float]]:
        """Ids and probabilities of the TOP likeliest classes, the first one first."""
        order = np.argsort(-self.probabilities, kind="mergesort")[:TOP]
        return [(int(i), float(self.probabilities[i])) for i in order]

    def name(self, label: int) -> str:
        """What a class is called; its id, where only a card would tell."""
        return self.classes[label] if label < len(self.classes) else str(label)

    def arrays(self) -> Arrays:
        label = np.array([self.label], np.int64)
        return {"label": label, PROBABILITIES: self.probabilities}

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> "Classification":
        probabilities = arrays[PROBABILITIES]
        if probabilities.ndim != 1 or not probabilities.size:
            raise ValueError("probabilities of shape %s" % (probabilities.shape,))
        return cls(probabilities)

    def as_json(self) -> JsonObject:
        """The likeliest label, and the TOP likeliest with their probabilities, 0-1."""
        top = self.top()
        return {
            "label": self.name(top[0][0]),
            "id": top[0][0],
            "probability": round(top[0][1], 4),
            "top": [
                {"label": self.name(label), "id": label, "probability": round(p, 4)}
                for label, p in top
            ],
        }

    def uncertainty(self, before: Optional[Result]) -> float:
        """How far the label is from certain."""
        return 1.0 - float(self.probabilities.max())

    def drawn_on(self, image: np.ndarray) -> np.ndarray:
        picture, y = image.copy(), 8
        for place, (label, probability) in enumerate(self.top()):
            words = "%s %.0f%%" % (self.name(label), 100 * probability)
            size = 0.7 if place == 0 else 0.45
            sure = SURE_BGR if probability >= SURE else DOUBTFUL_BGR
            draw_text(picture, words, (8, y), size, sure if place == 0 else (0, 0, 0))
            y += plate_size(words, size)[1] + 2
        return picture


class ClassificationTask(LetterboxedTask):
    """Letterboxes frames to the model's size."""

    result = Classification

    def __init__(self, card: Card) -> None:
        super().__init__(card)
        self.classes = card.classes

    @classmethod
    def check(cls, card: Card, name: str) -> None:
        """Raises ModelFileError too where there is not one probability for each class."""
        super().check(card, name)
        answer = card.outputs[0]
        if not card.classes:
            raise ModelFileError("card.classes of %s is empty" % name, "names", EXPORT_AGAIN)
        wanted = (1, len(card.classes))
        if answer[:2] != (PROBABILITIES, wanted) or answer.dtype != np.float32:
            raise spec_error(answer, "outputs", "probabilities, float32 %s" % list(wanted), name)

    @classmethod
    def bounds(cls, precision: str) -> Bounds:
        """A probability is a float of at most 1: FP16 moves the third digit, INT8 the second."""
        return Bounds({"fp32": 1e-3, "fp16": 0.01, "int8": 0.1}[precision], 0.99)

    def parse(self, outputs: Arrays, kept: Placement) -> Classification:
        return Classification(outputs[PROBABILITIES].reshape(-1), self.classes)
