"""The digits task: digit-like blobs of a frame into slots, one batch, and back to boxes with
labels.

Knows slots and class probabilities; how blobs are found is `digit_finder`'s, how they are told
apart the network's.
"""

from typing import List, NamedTuple, Optional, Tuple

import cv2
import numpy as np

from catseye.runtime.draw import draw_text, plate_size
from catseye.runtime.frame import Frame
from catseye.runtime.model_file.card import Card, Settings, spec_error
from catseye.runtime.model_file.tensors import LARGEST_SIDE, Arrays
from catseye.runtime.system.json_document import Fields, JsonObject
from catseye.runtime.tasks.base import ModelTask, Result
from catseye.runtime.tasks.digit_finder import Box, FoundDigit, find_digits
from catseye.runtime.tasks.digit_form import SIDE, slot_from_ink

DIGITS = 10
MOST_SLOTS = 1024
SURE = 0.8  # probability below which a digit is drawn as doubtful
SURE_BGR, DOUBTFUL_BGR = (90, 170, 20), (30, 140, 240)


class _Digits(NamedTuple):
    boxes: Tuple[Box, ...]
    labels: Tuple[int, ...]
    probabilities: Tuple[float, ...]


class Digits(_Digits, Result):
    """The digits of a frame from left to right.

    boxes: (x, y, w, h) in pixels of the frame.  labels: 0-9.  probabilities: of those labels, 0-1.
    """

    __slots__ = ()
    task = "digits"
    main_array = "labels"

    def arrays(self) -> Arrays:
        return {
            "boxes": np.array(self.boxes, np.int64).reshape(-1, 4),
            "labels": np.array(self.labels, np.int64),
            "probabilities": np.array(self.probabilities, np.float64),
        }

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> "Digits":
        if (arrays["boxes"] != arrays["boxes"].clip(-LARGEST_SIDE, LARGEST_SIDE)).any():
            raise ValueError("a box beyond every picture")
        boxes = tuple((x, y, width, height) for x, y, width, height in arrays["boxes"].tolist())
        return cls(boxes, tuple(arrays["labels"].tolist()), tuple(arrays["probabilities"].tolist()))

    def as_json(self) -> JsonObject:
        found = zip(self.boxes, self.labels, self.probabilities)
        return {
            "digits": [
                {"label": label, "probability": round(p, 4), "box": list(box)}
                for box, label, p in found
            ]
        }

    def uncertainty(self, before: Optional[Result]) -> float:
        """How far the least probable label is from certain."""
        return 1.0 - min(self.probabilities) if self.probabilities else 0.0

    def drawn_on(self, image: np.ndarray) -> np.ndarray:
        picture = image.copy()
        for box, label, probability in zip(self.boxes, self.labels, self.probabilities):
            _draw_digit(picture, box, str(label), probability)
        return picture


class _DigitsSettings(NamedTuple):
    slots: int


class DigitsSettings(_DigitsSettings, Settings):
    """slots: digits that the model reads at once."""

    __slots__ = ()

    def as_json(self) -> JsonObject:
        return {"slots": self.slots}


class DigitsTask(ModelTask[List[FoundDigit]]):
    """Cuts digits out of frames into the model's slots; their boxes wait for the answer."""

    result = Digits

    def __init__(self, card: Card) -> None:
        self.input_name, self.output_name = card.inputs[0].name, card.outputs[0].name
        self.shape = card.inputs[0].shape  # (N, 32, 32)

    @classmethod
    def read_settings(cls, fields: Fields) -> DigitsSettings:
        return DigitsSettings(fields.integer("slots", 1, MOST_SLOTS))

    @classmethod
    def check(cls, card: Card, name: str) -> None:
        slots, answers = card.inputs[0], card.outputs[0]
        number = card.settings.slots if isinstance(card.settings, DigitsSettings) else 0
        if slots.shape != (number, SIDE, SIDE) or slots.dtype != np.uint8 or len(card.inputs) > 1:
            raise spec_error(slots, "inputs", "uint8 [%d, %d, %d]" % (number, SIDE, SIDE), name)
        if answers.shape != (number, DIGITS) or answers.dtype != np.float32:
            raise spec_error(answers, "outputs", "float32 [%d, %d]" % (number, DIGITS), name)

    def prepare(self, frame: Frame) -> Tuple[Arrays, List[FoundDigit]]:
        slots = np.zeros(self.shape, np.uint8)
        found = find_digits(frame.image, self.shape[0])
        for slot, digit in zip(slots, found):
            slot[:] = slot_from_ink(digit.ink)
        return {self.input_name: slots}, found

    def parse(self, outputs: Arrays, kept: List[FoundDigit]) -> Digits:
        probabilities = outputs[self.output_name][: len(kept)]  # (found, 10)
        return Digits(
            tuple(digit.box for digit in kept),
            tuple(int(label) for label in probabilities.argmax(1)),
            tuple(float(p) for p in probabilities.max(1)),
        )


def _draw_digit(picture: np.ndarray, box: Box, label: str, probability: float) -> None:
    """A frame around the digit and its label with the probability on a plate above it (below it at
    the top edge)."""
    x, y, width, height = box
    colour = SURE_BGR if probability >= SURE else DOUBTFUL_BGR
    size = min(0.9, max(0.4, height / 120))
    text = "%s %.0f%%" % (label, 100 * probability)
    _, plate_height = plate_size(text, size)
    top = y - 4 - plate_height if y - 4 >= plate_height else y + height + 3
    cv2.rectangle(picture, (x - 3, y - 3), (x + width + 2, y + height + 2), colour, 2)
    draw_text(picture, text, (x - 4, top), size, colour)
