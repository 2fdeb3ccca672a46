"""Recipes as the study of optimizers needs them: the same samples scored after every epoch, and all
scores kept.

The tasks are those of training/, made small and plain: no distortion of the digits, half-size
frames of the road, and the weights themselves, not their average.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor, nn

from catseye.runtime.classes import VOID
from catseye.runtime.system.json_document import JsonObject
from catseye.training.augmentation import Shot, augment
from catseye.training.frames import Frames
from catseye.training.recipes.digits import DigitsRecipe, network_input_from_digits
from catseye.training.recipes.recipe import Recipe
from catseye.training.recipes.road import RoadRecipe
from catseye.training.road.prediction import network_input_from_bgr

DIGITS, DIGITS_BATCH, SCORED_BATCH = 3_200, 64, 200
# half of CamVid's, and what the network's stride divides
FRAME_WH, CROP_WH = (240, 180), (224, 160)
ROAD_BATCH, ROAD_FRAMES, SCORED_FRAMES = 8, 320, 40
MEASURES = "train_loss", "val_loss", "train_error", "val_error"


class ScoredRecipe(Recipe, Protocol):
    """A recipe that keeps its scores: MEASURES after each evaluation."""

    scores: tuple[dict[str, float], ...]


class Scored:
    """Part of a recipe that has a `loss` and an `error`, the share of wrong answers, both of
    (network, batch).

    samples: the batches that "train" and "val" are scored by; scores: a row each time.
    """

    metric = "minus_val_loss"
    averaging = 0.0
    samples: dict[str, Sequence[tuple[Tensor, ...]]]
    loss: Callable[..., Tensor]
    error: Callable[..., float]
    scores: tuple[dict[str, float], ...] = ()  # none where a run diverges before the first

    def evaluate(self, network: nn.Module, device: torch.device) -> dict[str, float]:
        """MEASURES, each the mean over the batches; they are kept in `scores` too."""
        row = {}
        for split, batches in self.samples.items():
            row[split + "_loss"] = float(
                np.mean([float(self.loss(network, batch)) for batch in batches])
            )
            row[split + "_error"] = float(
                np.mean([self.error(network, batch) for batch in batches])
            )
        self.scores = (*self.scores, row)
        return row | {"minus_val_loss": -row["val_loss"]}


class PlainDigits(Scored, DigitsRecipe):
    """LeNet on the first DIGITS of the training digits as they are; `val` whole."""

    def __init__(self, data: str, seed: int = 0) -> None:
        super().__init__(data, seed)
        self.images, self.labels = self.images[:DIGITS], self.labels[:DIGITS]
        self.batch = DIGITS_BATCH
        kinds = {"train": (self.images, self.labels), "val": self.validation}
        self.samples = {split: _scored_digits(*digits) for split, digits in kinds.items()}

    def describe_data(self) -> JsonObject:
        """`val` as it is."""
        return {**super().describe_data(), "validated_on": "val"}

    def anneal(self, share: float) -> None:
        """Dropout stays as it is in the lecture."""

    def batches(self, epoch: int) -> Iterator[tuple[Tensor, Tensor]]:
        random = torch.Generator().manual_seed(self.seed * 1_000_003 + epoch)
        for chosen in torch.randperm(len(self.labels), generator=random).split(self.batch)[
            : self.steps_per_epoch()
        ]:
            yield network_input_from_digits(self.images[chosen]), self.labels[chosen]

    def error(self, network: nn.Module, batch: tuple[Tensor, ...]) -> float:
        images, labels = batch
        return float((network(images).argmax(1) != labels).float().mean())


class HalfSizeRoad(RoadRecipe):
    """The recipe on frames of half the size, in a quarter of the time."""

    def __init__(self, data: str, seed: int = 0, **own: Any) -> None:
        super().__init__(data, seed, size=FRAME_WH, **own)

    def _shot(self, key: tuple[int, ...], index: int) -> Shot:
        return augment(Shot(*self.train[index]), CROP_WH, np.random.default_rng(key), self.share)


class SmallRoad(Scored, HalfSizeRoad):
    """road-nano on real frames of half the size; errors are shares of labelled pixels."""

    def __init__(self, data: str, seed: int = 0) -> None:
        super().__init__(data, seed, nano=True, streets=0)
        self.train_on([self.train.samples[:ROAD_FRAMES]])
        self.draw_weights = np.full(len(self.train), 1 / len(self.train))
        kinds = {"train": self.train, "val": Frames(self.validation, box_wh=FRAME_WH)}
        self.samples = {split: list(_whole_frames(frames)) for split, frames in kinds.items()}

    def anneal(self, share: float) -> None:
        """The cameras stay as different as at first, so that all gradients are of one task."""

    def error(self, network: nn.Module, batch: tuple[Tensor, ...]) -> float:
        images, masks = batch
        labelled = masks != VOID
        return float((network(images).argmax(1) != masks)[labelled].float().mean())


def _scored_digits(images: Tensor, labels: Tensor) -> list[tuple[Tensor, Tensor]]:
    return list(
        zip(network_input_from_digits(images).split(SCORED_BATCH), labels.split(SCORED_BATCH))
    )


def _whole_frames(frames: Frames) -> Iterator[tuple[Tensor, Tensor]]:
    """SCORED_FRAMES of them, spread over the drives, without augmentation, a few to a batch."""
    width, height = CROP_WH
    for first in range(0, SCORED_FRAMES, ROAD_BATCH):
        chosen = [(first + i) * len(frames) // SCORED_FRAMES for i in range(ROAD_BATCH)]
        images, masks = (np.stack(parts) for parts in zip(*(frames[i] for i in chosen)))
        ids = torch.from_numpy(masks[:, :height, :width].copy()).long()
        yield network_input_from_bgr(images[:, :height, :width]), ids
