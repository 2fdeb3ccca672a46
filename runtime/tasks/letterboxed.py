"""What tasks share whose graph takes one whole frame: its size from the card, and letterboxing into
it."""

from typing import Optional, Tuple

import numpy as np

from catseye.runtime.frame import Frame
from catseye.runtime.model_file.card import Card, spec_error
from catseye.runtime.model_file.tensors import Arrays
from catseye.runtime.system.json_document import JsonObject
from catseye.runtime.tasks.base import ModelTask
from catseye.runtime.tasks.letterbox import Placement, letterbox

SHORTEST_SIDE, LONGEST_SIDE = 32, 4096  # of frames that can be asked for


class LetterboxedTask(ModelTask[Placement]):
    """Letterboxes frames to the model's size; what comes back is for the task to undo, by the
    placement that was kept."""

    def __init__(self, card: Card) -> None:
        self.input_name = card.inputs[0].name
        self.size_wh = size_wh_of(card)

    @classmethod
    def check(cls, card: Card, name: str) -> None:
        frame = card.inputs[0]
        shape = frame.shape
        if len(card.inputs) != 1 or len(shape) != 4 or (shape[0], shape[3]) != (1, 3):
            raise spec_error(frame, "inputs", "one frame, (1, height, width, 3)", name)
        if frame.dtype != np.uint8:
            raise spec_error(frame, "inputs", "uint8", name)

    def prepare(self, frame: Frame) -> Tuple[Arrays, Placement]:
        picture, place = letterbox(frame.image, self.size_wh)
        return {self.input_name: picture[None]}, place


def size_wh_of(card: Card) -> Tuple[int, int]:
    """Width and height of the frames that a model takes."""
    _, height, width, _ = card.inputs[0].shape  # (1, H, W, 3)
    return width, height


def frame_wh_of(card: Card) -> Optional[Tuple[int, int]]:
    """The same of any model; None for one that takes something else than whole frames."""
    return size_wh_of(card) if len(card.inputs[0].shape) == 4 else None


def size_words(card: Card) -> str:
    """What size of frames a model takes, and which it was trained at if another; "" for one that
    takes something else."""
    taken, trained = frame_wh_of(card), trained_wh(card.provenance.data)
    if taken is None:
        return ""
    words = "frames of %dx%d" % taken
    return words if trained in (None, taken) else words + ", trained at %dx%d" % trained


def trained_wh(data: JsonObject) -> Optional[Tuple[int, int]]:
    """Width and height of the box that a training shrank its frames into; None where what it says
    of its data does not tell, or no such size."""
    found = data.get("frame_wh")
    if not isinstance(found, list) or len(found) != 2:
        return None
    sides = [side for side in found if isinstance(side, int) and not isinstance(side, bool)]
    if len(sides) != 2 or min(sides) < SHORTEST_SIDE or max(sides) > LONGEST_SIDE:
        return None
    return sides[0], sides[1]
