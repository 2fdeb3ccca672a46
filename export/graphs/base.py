"""What an exportable graph is: a module that starts at camera bytes and ends at the answer, with
all that export must know of its task."""

from abc import abstractmethod
from collections.abc import Iterator
from typing import ClassVar, NamedTuple

import cv2
import numpy as np
import torch
from torch import Tensor, nn

from catseye.runtime.datasets import data_set_name
from catseye.runtime.datasets.bsds import read_photographs
from catseye.runtime.errors import CatseyeError
from catseye.runtime.frame import Frame, now_ns
from catseye.runtime.model_file.card import Card, Colour, Settings
from catseye.runtime.model_file.tensors import Arrays
from catseye.runtime.street.kept import Moment, kept_street
from catseye.runtime.system.json_document import JsonObject
from catseye.runtime.tasks import open_task

GOLDEN_CASES = 3
SMALLEST_STREET = 16  # pixels of a side


class CardPart(NamedTuple):
    """What a graph tells its card: the task's settings and what it tells apart."""

    settings: Settings
    classes: tuple[str, ...] = ()
    colours_rgb: tuple[Colour, ...] = ()


class Graph(nn.Module):
    """A module with named inputs and outputs and static shapes.

    usual_wh: width and height of a frame where nobody asks for others; None: the graph takes
    something of a fixed size instead of frames.
    """

    input_names: tuple[str, ...]
    output_names: tuple[str, ...]
    usual_wh: ClassVar[tuple[int, int] | None] = None

    @classmethod
    @abstractmethod
    def of(
        cls, network: nn.Module, size_wh: tuple[int, int] | None, metrics: JsonObject
    ) -> "Graph":
        """The graph of a checkpoint's network, for frames of `size_wh` where it takes frames.
        metrics: what its training measured. Raises ModelFileError for what cannot be of it."""

    @abstractmethod
    def example_inputs(self) -> tuple[Tensor, ...]:
        """Inputs of the shapes and dtypes that the graph is traced with."""

    @abstractmethod
    def card_part(self, data: JsonObject) -> CardPart:
        """What the card must say beyond inputs and outputs. data: what the checkpoint says of the
        data that it was trained on."""

    @abstractmethod
    def golden_inputs(self) -> list[np.ndarray]:
        """GOLDEN_CASES uint8 inputs: synthetic, small when compressed, the same every time."""

    @classmethod
    def data_set_name(cls, folder: str) -> str:
        """What the task's labelled data in `folder` are called, "" where there are none."""
        return ""

    @classmethod
    def calibration_inputs(cls, folder: str, card: Card) -> Iterator[Arrays]:
        """Inputs for the model of `card` from the training part of the task's labelled data. Raises
        CatseyeError where there are none."""
        return iter(())


class FrameGraph(Graph):
    """A graph that takes one whole frame of `size_wh`, (1, H, W, 3) uint8 BGR."""

    size_wh: tuple[int, int]
    usual_wh = (640, 360)

    @classmethod
    def of(
        cls, network: nn.Module, size_wh: tuple[int, int] | None, metrics: JsonObject
    ) -> "Graph":
        return cls(network, size_wh or cls.usual_wh)

    def example_inputs(self) -> tuple[Tensor, ...]:
        width, height = self.size_wh
        return (torch.zeros(1, height, width, 3, dtype=torch.uint8),)

    def golden_inputs(self) -> list[np.ndarray]:
        return golden_streets(self.size_wh)

    @classmethod
    @abstractmethod
    def calibration_images(cls, folder: str) -> Iterator[np.ndarray]:
        """(H, W, 3) uint8 BGR pictures of the training part. Raises CatseyeError where there are
        none."""

    @classmethod
    def calibration_inputs(cls, folder: str, card: Card) -> Iterator[Arrays]:
        task = open_task(card)
        for index, image in enumerate(cls.calibration_images(folder)):
            yield task.prepare(Frame(image, index, now_ns()))[0]


class PhotographGraph(FrameGraph):
    """A graph for frames of any kind, whose data set are photographs, BSDS500's."""

    @classmethod
    def data_set_name(cls, folder: str) -> str:
        return data_set_name(folder, "bsds")

    @classmethod
    def calibration_images(cls, folder: str) -> Iterator[np.ndarray]:
        for photograph in read_photographs(folder, "train"):
            yield cv2.cvtColor(photograph.image, cv2.COLOR_GRAY2BGR)


def demand_a_patch(size_wh: tuple[int, int], patch: int) -> None:
    """Raise CatseyeError for a frame that not one patch fits into."""
    if min(size_wh) < patch:
        raise CatseyeError(f"size {size_wh}", f"at least {patch} x {patch}, one patch")


def golden_streets(size_wh: tuple[int, int]) -> list[np.ndarray]:
    """GOLDEN_CASES frames, (1, H, W, 3) uint8 BGR, small when compressed, the same every time."""
    drawn_wh = (max(size_wh[0], SMALLEST_STREET), max(size_wh[1], SMALLEST_STREET))
    moments = [Moment(seed, drawn_wh, True, 1.0) for seed in range(GOLDEN_CASES)]
    streets = (kept_street(moment)[0] for moment in moments)
    if drawn_wh != size_wh:
        streets = (cv2.resize(image, size_wh, interpolation=cv2.INTER_AREA) for image in streets)
    return [plain_frame(image) for image in streets]


def plain_frame(image: np.ndarray) -> np.ndarray:
    """(H, W, 3) uint8 BGR -> (1, H, W, 3) in 16 levels and without noise: all of its shapes in a
    tenth of the bytes."""
    return np.bitwise_and(cv2.medianBlur(image, 5), 0xF0).astype(np.uint8)[None]
