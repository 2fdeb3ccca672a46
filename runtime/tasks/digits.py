"""The digits task: digit-like blobs of a frame into slots, one batch, and back to boxes with
labels.

Knows slots and class probabilities; how blobs are found is `digit_finder`'s, how they are told
apart the network's.
"""

from typing import Any, Dict, List, NamedTuple, Optional, Tuple

import cv2
import numpy as np

from catseye.runtime.draw import draw_text, plate_size
from catseye.runtime.frame import Frame
from catseye.runtime.tasks.base import Result, Task
from catseye.runtime.tasks.digit_finder import Box, FoundDigit, find_digits
from catseye.runtime.tasks.digit_form import slot_from_ink

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

    def arrays(self) -> Dict[str, np.ndarray]:
        return {
            "boxes": np.array(self.boxes, np.int64).reshape(-1, 4),
            "labels": np.array(self.labels, np.int64),
            "probabilities": np.array(self.probabilities, np.float64),
        }

    @classmethod
    def from_arrays(cls, arrays: Dict[str, np.ndarray]) -> "Digits":
        boxes = tuple((x, y, width, height) for x, y, width, height in arrays["boxes"].tolist())
        return cls(boxes, tuple(arrays["labels"].tolist()), tuple(arrays["probabilities"].tolist()))

    def as_json(self) -> Dict[str, Any]:
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


class DigitsTask(Task):
    """Cuts digits out of frames into the model's slots. One frame at a time: `prepare`, then
    `parse` of the same."""

    def __init__(self, card: Dict[str, Any]) -> None:
        self.input_name, self.output_name = card["inputs"][0]["name"], card["outputs"][0]["name"]
        self.shape = tuple(card["inputs"][0]["shape"])  # (N, 32, 32)
        self._frame: Optional[Frame] = None
        self._found: List[FoundDigit] = []

    def prepare(self, frame: Frame) -> Dict[str, np.ndarray]:
        slots = np.zeros(self.shape, np.uint8)
        for slot, digit in zip(slots, self._digits_in(frame)):
            slot[:] = slot_from_ink(digit.ink)
        return {self.input_name: slots}

    def parse(self, outputs: Dict[str, np.ndarray], frame: Frame) -> Digits:
        found = self._digits_in(frame)
        # (found, 10)
        probabilities = outputs[self.output_name].reshape(self.shape[0], -1)[: len(found)]
        labels = tuple(int(label) for label in probabilities.argmax(1))
        return Digits(
            tuple(digit.box for digit in found),
            labels,
            tuple(float(p) for p in probabilities.max(1)),
        )

    def _digits_in(self, frame: Frame) -> List[FoundDigit]:
        """Searched once: `parse` gets the same frame as `prepare` did before it, and any other is
        searched anew."""
        if frame is not self._frame:
            self._frame, self._found = frame, find_digits(frame.image, self.shape[0])
        return self._found


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
