"""What tasks share whose graph takes one whole frame: its size from the card, and letterboxing into
it."""

from typing import Any, Dict

import numpy as np

from catseye.runtime.frame import Frame
from catseye.runtime.tasks.base import Task
from catseye.runtime.tasks.letterbox import Placement, letterbox, placement


class LetterboxedTask(Task):
    """Letterboxes frames to the model's size; what comes back is for the task to undo, by
    `place_of`."""

    def __init__(self, card: Dict[str, Any]) -> None:
        self.input_name = card["inputs"][0]["name"]
        _, height, width, _ = card["inputs"][0]["shape"]  # (1, H, W, 3)
        self.size_wh = (width, height)

    def prepare(self, frame: Frame) -> Dict[str, np.ndarray]:
        picture, _ = letterbox(frame.image, self.size_wh)
        return {self.input_name: picture[None]}

    def place_of(self, frame: Frame) -> Placement:
        """Where the frame lies inside the model's size."""
        height, width = frame.image.shape[:2]
        return placement((width, height), self.size_wh)
