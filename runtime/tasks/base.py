"""Task and Result: the only place that knows both pixels and tensors."""

from abc import ABC, abstractmethod
from typing import Any, Dict, Optional, Tuple, Type, TypeVar

import numpy as np

from catseye.runtime.frame import Frame

ResultT = TypeVar("ResultT", bound="Result")


class Result(ABC):
    """What a task found in one frame; immutable: a NamedTuple of arrays.

    legend: name and RGB colour of what `layer` paints.  opacity: how strongly a viewer lays it over
    the frame at first.
    """

    task = ""
    legend: Tuple[Tuple[str, Tuple[int, int, int]], ...] = ()
    opacity = 1.0

    def arrays(self) -> Dict[str, np.ndarray]:
        """Everything that was found, by field: what a recording keeps."""
        return dict(self._asdict())  # type: ignore[attr-defined]

    @classmethod
    def from_arrays(cls: Type[ResultT], arrays: Dict[str, np.ndarray]) -> ResultT:
        """The inverse of `arrays`."""
        return cls(**arrays)

    def uncertainty(self, before: "Optional[Result]") -> float:
        """How little this result is to be trusted, 0-1, judged by itself and by the one before it;
        0 where none tells.

        Compared with its usual value only: a mask changes all the time, but not all at once.
        """
        return 0.0

    def layer(self, image: np.ndarray) -> np.ndarray:
        """(H, W, 3) uint8 BGR: what a viewer blends with `image` at an opacity of its own."""
        return self.drawn_on(image)

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
