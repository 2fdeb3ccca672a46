"""Task and Result: the only place that knows both pixels and tensors."""

from abc import ABC, abstractmethod
from typing import Any, Generic, Optional, Tuple, Type, TypeVar

import numpy as np

from catseye.runtime.frame import Frame
from catseye.runtime.model_file.card import Card, NoSettings, Settings
from catseye.runtime.model_file.golden import BOUNDS, Bounds
from catseye.runtime.model_file.tensors import Arrays
from catseye.runtime.system.json_document import Fields, JsonObject

ResultT = TypeVar("ResultT", bound="Result")
KeptT = TypeVar("KeptT")


class Result(ABC):
    """What a task found in one frame; immutable: a NamedTuple of arrays.

    task: as cards call it.  main_array: the one of `arrays` that `compared` gives.  ids_array: the
    one that holds a class id for each pixel, "" for none.  legend: name and RGB colour of what
    `layer` paints.  opacity: how strongly a viewer lays it over the frame at first.  any_size:
    whether `drawn_on` takes the frame's image at any other size too.
    """

    task = ""
    main_array = ""
    ids_array = ""
    legend: Tuple[Tuple[str, Tuple[int, int, int]], ...] = ()
    opacity = 1.0
    any_size = False

    def arrays(self) -> Arrays:
        """Everything that was found, by field."""
        return dict(self._asdict())  # type: ignore[attr-defined]

    def stored(self) -> Arrays:
        """The same as a recording keeps it: smaller, where `arrays_from_stored` makes the rest."""
        return self.arrays()

    @classmethod
    def arrays_from_stored(cls, stored: Arrays, frame_wh: Tuple[int, int]) -> Arrays:
        """`arrays` of a frame of this width and height. Raises ValueError for what cannot have been
        stored of one."""
        return stored

    @classmethod
    def from_arrays(cls: Type[ResultT], arrays: Arrays) -> ResultT:
        """The inverse of `arrays`. Raises ValueError where they cannot be of such a result."""
        return cls(**arrays)

    @classmethod
    def compared(cls, arrays: Arrays) -> np.ndarray:
        """What of a result's arrays tells two results apart: the share of its elements that are
        equal is their agreement."""
        return arrays[cls.main_array]

    def uncertainty(self, before: "Optional[Result]") -> float:
        """How little this result is to be trusted, 0-1, judged by itself and by the one before it;
        0 where none tells.

        Compared with its usual value only: a mask changes all the time, but not all at once.
        """
        return 0.0

    def doubt(self) -> str:
        """Why this result is not to be steered by, in a word or two; "" where it is sure, or the
        model does not tell."""
        return ""

    def layer(self, size_wh: Tuple[int, int]) -> Optional[np.ndarray]:
        """(H, W, 3) uint8 BGR at this width and height: what a viewer blends with the frame at an
        opacity of its own. None: what `drawn_on` draws."""
        return None

    def doubt_layer(self) -> Optional[np.ndarray]:
        """(h, w, 3) uint8 BGR of the frame or smaller: heat where this result is least to be
        trusted, black where it is sure; None where it does not tell."""
        return None

    def from_above(self, image: np.ndarray) -> Optional[Tuple[np.ndarray, np.ndarray]]:
        """The ground that `image`, the frame's at any size, shows, as seen from above: two pictures
        of its size, without and with what was found; None where nobody knows the camera."""
        return None

    @abstractmethod
    def as_json(self) -> JsonObject:
        """The result in plain JSON types."""

    @abstractmethod
    def drawn_on(self, image: np.ndarray) -> np.ndarray:
        """A new (H, W, 3) uint8 BGR picture of the result over `image`, which stays as it is."""


class Task(ABC, Generic[KeptT]):
    """Turns a frame into an engine's inputs and the engine's outputs into a Result."""

    @abstractmethod
    def prepare(self, frame: Frame) -> Tuple[Arrays, KeptT]:
        """The engine's inputs for this frame, and what `parse` must know of it."""

    @abstractmethod
    def parse(self, outputs: Arrays, kept: KeptT) -> Result:
        """The Result that the engine's outputs mean; `kept`: what `prepare` gave of that frame."""


Kept = Any  # what a task keeps between `prepare` and `parse` is its own business
AnyTask = Task[Kept]


class ModelTask(Task[KeptT]):
    """The task of a model file: all that the runtime knows of one kind of model stands in its
    class.

    result: the type of its results.
    """

    result: Type[Result]

    @abstractmethod
    def __init__(self, card: Card) -> None:
        """card: one that `check` has accepted."""

    @classmethod
    def read_settings(cls, fields: Fields) -> Settings:
        """The card's settings. Raises ModelFileError for what is missing or out of range."""
        return NoSettings()

    @classmethod
    @abstractmethod
    def check(cls, card: Card, name: str) -> None:
        """Raise ModelFileError where the tensors, classes and settings of the card of file `name`
        do not fit the task."""

    @classmethod
    def bounds(cls, precision: str) -> Bounds:
        """What a model of `precision` may differ by from its source."""
        return BOUNDS[precision]


AnyModelTask = ModelTask[Kept]
