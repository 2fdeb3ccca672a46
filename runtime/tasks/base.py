"""Task and Result: the only place that knows both pixels and tensors."""

from abc import ABC, abstractmethod
from typing import Any, Dict

import numpy as np

from catseye.runtime.frame import Frame


class Result(ABC):
    """What a task found in one frame; immutable."""

    task = ""

    @abstractmethod
    def as_json(self) -> Dict[str, Any]:
        """The result in plain JSON types."""

    @abstractmethod
    def drawn_on(self, image: np.ndarray) -> np.ndarray:
        """A new (H, W, 3) uint8 BGR picture of the result over `image`, which stays as it is."""


class Task(ABC):
    """Turns a frame into an engine's inputs and the engine's outputs into a Result."""

    @abstractmethod
    def prepare(self, frame: Frame) -> Dict[str, np.ndarray]:
        """The engine's inputs for this frame."""

    @abstractmethod
    def parse(self, outputs: Dict[str, np.ndarray], frame: Frame) -> Result:
        """The Result that the engine's outputs for this frame mean."""
