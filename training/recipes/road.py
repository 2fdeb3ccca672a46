"""Recipe for the road network: annotated frames (and synthetic streets), other cameras and other
light.

Loss: cross-entropy with classes weighted by rarity, plus the soft Jaccard loss that the metric asks
for, plus the auxiliary head's cross-entropy; where a teacher is named, plus the distance to its
answers (Hinton et al. 2015). Validation at the annotation's size over whole frames.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import cast

import cv2
import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import avg_pool2d, kl_div, nll_loss

from catseye.models.checkpoint import load_checkpoint
from catseye.models.road import (
    LITE_NANO,
    MEAN_RGB,
    STD_RGB,
    LiteRoadConfig,
    LiteRoadNet,
    RoadNetwork,
    doubled,
)
from catseye.models.road.imagenet import take_imagenet_weights
from catseye.runtime.classes import CAMVID, VOID
from catseye.runtime.datasets import DEMO
from catseye.runtime.datasets.camvid import street_samples
from catseye.runtime.datasets.road import open_road_data
from catseye.runtime.datasets.road_frames import RoadSample, class_frequencies
from catseye.runtime.engines.cpu import usable_cores
from catseye.runtime.errors import CatseyeError
from catseye.runtime.evaluation.metrics import ConfusionMatrix
from catseye.runtime.system.json_document import Json, JsonObject
from catseye.runtime.tasks.road import RoadMask
from catseye.training.augment import augment
from catseye.training.frames import Frames
from catseye.training.ordered_map import ordered_map
from catseye.training.recipes.rows.row import Beginning

CROP_WH = (448, 352)
BATCH = 8
STOCHASTIC_DEPTH = 0.05
STREETS = 120  # synthetic frames mixed in
FIRST_STREET = 10_000  # seeds apart from those of the demo splits
MAKERS = 8  # batches that are made at once at most
SHOWN = 4  # validation frames that TensorBoard shows

LEVELS = (
    (torch.arange(256)[:, None] / 255 - torch.tensor(MEAN_RGB)) / torch.tensor(STD_RGB)
).numpy()[None]


class RoadRecipe:
    """Train on `train` without the held-out sequence; validate on that sequence, else on `val`."""

    task = "road"
    metric = "miou"
    learning_rates = {"adamw": 2e-3, "sgd": 0.05, "entropy-sgd": 0.1}
    weight_decay = 0.01
    averaging = 0.998
    mixed_precision = True
    # of the loss, beside a whole cross-entropy
    jaccard_share, auxiliary_share, teacher_share = 0.5, 0.4, 1.0
    share = 0.0  # of the training that is over

    def __init__(
        self,
        data: str,
        seed: int = 0,
        *,
        hold_out: str | None = None,
        nano: bool = False,
        teacher: Path | None = None,
        streets: int = STREETS,
        with_val: bool = False,
        pretrained: str = "imagenet",
    ) -> None:
        """nano: the network for small boards.  teacher: a checkpoint whose answers are learned too.

        with_val: train on `val` too, once everything is chosen: what is still measured there says
        nothing any more.  pretrained: what the encoder is to `begin` with, "imagenet" or "none".
        Raises CatseyeError for data without frames, and for a teacher of other
        classes.
        """
        torch.manual_seed(seed)
        self.seed, self.hold_out, self.data = seed, hold_out, data
        self.pretrained = pretrained
        self.road_data = open_road_data(data)
        self.classes = self.road_data.classes
        self.makers = min(MAKERS, usable_cores())
        self.streets = 0 if data == DEMO or self.classes != CAMVID else streets
        classes = len(self.classes.names)
        config = replace(
            LITE_NANO if nano else LiteRoadConfig(),
            classes=classes,
            stochastic_depth=STOCHASTIC_DEPTH,
        )
        self.network: nn.Module = LiteRoadNet(config)
        self.teacher_name = teacher.name if teacher else None
        self.teacher = (
            cast(RoadNetwork, load_checkpoint(teacher, "road").network) if teacher else None
        )
        for network in filter(None, (self.network, self.teacher)):
            _in_training_order(network)
        if self.teacher and self.teacher.config.classes != classes:
            raise CatseyeError(
                f"a teacher of {self.teacher.config.classes} classes", f"{classes}, as in the data"
            )
        self.splits = ("train", "val") if with_val else ("train",)
        self.validation = self.road_data.samples(hold_out or "val")
        known = [
            sample
            for sample in self.road_data.samples("val")
            if with_val and sample.sequence != hold_out
        ]
        annotated = self.road_data.samples("train", hold_out) + known
        self.train = Frames(annotated + street_samples(FIRST_STREET, self.streets))
        frequencies = class_frequencies((mask for _, mask in self.train), classes)
        self.class_weights = self.rarity_weights = _weights_from_frequencies(frequencies)

    def begin(self) -> Beginning:
        """Give the encoder its first weights. Raises CatseyeError where their package is not
        installed."""
        if self.pretrained == "none":
            return Beginning()
        return Beginning(*take_imagenet_weights(cast(LiteRoadNet, self.network)))

    def follow(self, network: nn.Module) -> None:
        """Train a network of this kind, at random still, where it is another than the recipe's."""
        if type(network) is not type(self.network):
            config = replace(
                cast(RoadNetwork, network).config,
                classes=len(self.classes.names),
                stochastic_depth=STOCHASTIC_DEPTH,
            )
            self.network = _in_training_order(type(network)(config))

    def anneal(self, share: float) -> None:
        """Towards the end other cameras come closer to the frames' own (`augment`), and rare
        classes weigh less.

        Their weights make them learned; kept to the end, they would have them answered too often.
        """
        self.share = share
        self.class_weights = self.rarity_weights ** (1 - share / 2)

    def steps_per_epoch(self) -> int:
        return max(1, len(self.train) // BATCH)

    def batches(self, epoch: int) -> Iterator[tuple[Tensor, Tensor]]:
        """(N, 3, H, W) float32 normalised RGB and (N, H, W) int64 ids."""
        return self.share_of_batches(epoch, 0, 1)

    def share_of_batches(
        self, epoch: int, rank: int, number: int
    ) -> Iterator[tuple[Tensor, Tensor]]:
        """Every `number`-th of the epoch's batches, from the `rank`-th on."""
        order = np.random.default_rng((self.seed, epoch)).permutation(len(self.train))
        batches = [
            order[step * BATCH :][:BATCH] for step in range(rank, self.steps_per_epoch(), number)
        ]
        return ordered_map(partial(self._batch, epoch), batches, self.makers)

    def _batch(self, epoch: int, chosen: np.ndarray) -> tuple[Tensor, Tensor]:
        images, masks = (
            np.stack(parts) for parts in zip(*(self._augmented(epoch, index) for index in chosen))
        )
        return network_input_from_bgr(images), torch.from_numpy(masks).long()

    def _augmented(self, epoch: int, index: int) -> tuple[np.ndarray, np.ndarray]:
        image, mask = self.train[index]
        return augment(
            image, mask, CROP_WH, np.random.default_rng((self.seed, epoch, index)), self.share
        )

    def loss(self, network: nn.Module, batch: tuple[Tensor, ...]) -> Tensor:
        images, masks = batch
        road = cast(RoadNetwork, network)
        logits, deep_logits = road.logits(images)
        weights = self.class_weights.to(images.device)
        log_p, ids = _labelled_pixels(logits, _every(road.step, masks))
        deep_log_p, deep_ids = _labelled_pixels(
            doubled(doubled(deep_logits)), _every(road.stride // 4, masks)
        )
        loss = (
            nll_loss(log_p, ids, weights)
            + self.jaccard_share * soft_jaccard_loss(log_p.exp(), ids)
            + self.auxiliary_share * nll_loss(deep_log_p, deep_ids, weights)
        )
        return (
            loss
            if self.teacher is None
            else loss + self.teacher_share * self._distance(logits, images)
        )

    def _distance(self, logits: Tensor, images: Tensor) -> Tensor:
        """KL(teacher || network), the mean over all pixels: what the teacher says of void ones is
        welcome too."""
        assert self.teacher is not None
        with torch.no_grad():
            answers, _ = self.teacher.to(images.device).logits(images)
            answers = avg_pool2d(answers, answers.shape[2] // logits.shape[2])
        return (
            kl_div(
                logits.float().log_softmax(1),
                answers.float().log_softmax(1),
                reduction="none",
                log_target=True,
            )
            .sum(1)
            .mean()
        )

    def evaluate(self, network: nn.Module, device: torch.device) -> Mapping[str, Json]:
        frames = (sample.read() for sample in self.validation)
        matrix = confusion(network, frames, len(self.classes.names), device)
        iou = matrix.report(self.classes.names)
        road = (
            {}
            if self.classes.road == VOID
            else {"road_iou": iou[self.classes.names[self.classes.road]]}
        )
        return {"miou": matrix.miou(), **road, "iou": iou, "frames": len(self.validation)}

    def pictures(self, network: nn.Module, device: torch.device) -> dict[str, np.ndarray]:
        """A few validation frames, each with its annotation on the left and the network's answer on
        the right."""
        shown = self.validation[:: max(1, len(self.validation) // SHOWN)][:SHOWN]
        return {sample.name: self._answer_beside_truth(sample, network, device) for sample in shown}

    def _answer_beside_truth(
        self, sample: RoadSample, network: nn.Module, device: torch.device
    ) -> np.ndarray:
        image, truth = sample.read()
        masks = truth, predict_mask(network, image, device)
        return np.hstack([RoadMask(mask, self.classes).drawn_on(image) for mask in masks])

    def describe_data(self) -> JsonObject:
        name = (
            self.road_data.name
            if self.data == DEMO
            else " ".join((self.road_data.name, *self.splits))
        )
        description: JsonObject = {"name": name, "frames": len(self.train)}
        description |= {
            "streets": self.streets,
            "hold_out": self.hold_out,
            "validated_on": self.hold_out or "val",
        }
        if self.classes != CAMVID:
            description["classes"] = self.classes.as_json()
        return (
            description
            if self.teacher_name is None
            else description | {"teacher": self.teacher_name}
        )


def _in_training_order(network: nn.Module) -> nn.Module:
    """The network itself, its weights in the order in memory that a CPU trains faster in."""
    return network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]


def predict_mask(network: nn.Module, image: np.ndarray, device: torch.device) -> np.ndarray:
    """(H, W, 3) uint8 BGR -> (H, W) uint8 class ids; sides are padded to the network's stride and
    cropped back."""
    height, width = image.shape[:2]
    x = network_input_from_bgr(image[None]).to(device)
    stride = cast(RoadNetwork, network).stride
    x = nn.functional.pad(x, (0, -width % stride, 0, -height % stride))
    return network(x)[0, :, :height, :width].argmax(0).to(torch.uint8).cpu().numpy()


def confusion(
    network: nn.Module,
    frames: Iterable[tuple[np.ndarray, np.ndarray]],
    classes: int,
    device: torch.device,
) -> ConfusionMatrix:
    """Of the network's masks with the true ones; frames: (H, W, 3) uint8 BGR and (H, W) uint8
    ids."""
    matrix = ConfusionMatrix(classes)
    for image, mask in frames:
        matrix.add(mask, predict_mask(network, image, device))
    return matrix


def network_input_from_bgr(images: np.ndarray) -> Tensor:
    """(N, H, W, 3) uint8 BGR -> (N, 3, H, W) float32 RGB, normalised."""
    rows = np.ascontiguousarray(images).reshape(-1, images.shape[2], 3)
    # a table takes a tenth of the arithmetic's time
    levels = cv2.LUT(cv2.cvtColor(rows, cv2.COLOR_BGR2RGB), LEVELS)
    return torch.from_numpy(levels.reshape(images.shape)).permute(0, 3, 1, 2)


def soft_jaccard_loss(p: Tensor, ids: Tensor) -> Tensor:
    """1 - the mean over the classes present of sum p t / sum (p + t - p t), over all pixels
    together.

    p: (P, C) probabilities; t: one-hot of the (P,) int64 ids. With p in {0, 1} this is 1 - mIoU
    (Rahman and Wang 2016).
    """
    together = p.new_zeros(p.shape[1]).index_add(0, ids, p.gather(1, ids[:, None])[:, 0])
    t_sum = torch.bincount(ids, minlength=p.shape[1])
    union = p.sum(0) + t_sum - together
    return 1 - (together / union)[t_sum > 0].mean()


def _labelled_pixels(logits: Tensor, masks: Tensor) -> tuple[Tensor, Tensor]:
    """(N, C, H, W) logits and (N, H, W) ids -> (P, C) float32 log-probabilities and (P,) ids of
    what is not void."""
    ids = masks.flatten()
    labelled = ids != VOID
    rows = logits.permute(0, 2, 3, 1).flatten(0, 2)
    return rows[labelled].float().log_softmax(1), ids[labelled]


def _every(step: int, masks: Tensor) -> Tensor:
    """(N, H, W) -> (N, H / step, W / step): every `step`-th pixel of the masks from a random corner
    on.

    Neighbouring pixels say nearly the same, so a head is compared at its own resolution, in a
    fraction of the time.
    """
    y, x = torch.randint(step, (2,)).tolist()
    return masks[:, y::step, x::step]


def _weights_from_frequencies(frequencies: np.ndarray) -> Tensor:
    """(C,) float32, 1 / ln(1.05 + p) scaled to mean 1 over pixels: ENet's weighting (Paszke et al.
    2016), milder."""
    weights = 1 / np.log(1.05 + frequencies)
    return torch.tensor(weights / (weights * frequencies).sum(), dtype=torch.float32)
