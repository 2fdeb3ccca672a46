"""Recipe for LeNet on handwritten digits: MNIST, bent and thickened as other hands and a camera
would.

Dropout 0.5 on only 150 features leaves LeNet little to overfit with, so training data that never
repeats costs nothing and gains much (Simard, Steinkraus, Platt 2003: affine and elastic
distortions). By the same token dropout itself soon costs more than it saves, so it falls to nothing
over the run: from the lecture's 0.5, in a straight line. Selected by `val`, never by `test`.
"""

from collections.abc import Iterator, Mapping

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, grid_sample, pad

from catseye.models.lenet import LeNet, LeNetConfig
from catseye.runtime.datasets import DEMO
from catseye.runtime.datasets.mnist import name_of_digits, read_digits
from catseye.runtime.system.json_document import Json, JsonObject
from catseye.runtime.tasks.digit_form import SIDE
from catseye.training.recipes.recipe import batch_size

BATCH, DEMO_BATCH = 256, 64
DROPOUT = 0.5
EVALUATION_BATCH = 1000
SHIFT = 1.0 / 16  # of half a picture: 1 pixel
TURN = 0.13  # radians, 7 degrees
GROWTH = 0.10  # logarithm of a scale
SLANT = 0.12  # shear
BEND = 0.025  # standard deviation of the elastic field's knots, of half a picture
KNOTS = 6  # the elastic field's grid of free points, a side
STROKE = 0.25  # how far a stroke goes towards one pixel thicker or thinner all round


class DigitsRecipe:
    """The lecture's LeNet, its dropout falling from 0.5 to 0, on the `train` split of MNIST, or of
    the demo digits."""

    task = "digits"
    metric = "accuracy"
    learning_rates = {"adamw": 0.012, "sgd": 0.05, "entropy-sgd": 0.1}
    weight_decay = 1e-4
    averaging = 0.999
    mixed_precision = False

    def __init__(self, data: str, seed: int = 0, *, batch: int = 0) -> None:
        """batch: digits to a batch; 0 for the recipe's number."""
        torch.manual_seed(seed)
        self.seed, self.data = seed, data
        self.network: nn.Module = _channels_last(LeNet(LeNetConfig(dropout=DROPOUT)))
        self.images, self.labels = digit_tensors(data, "train")
        self.batch = batch_size(batch, DEMO_BATCH if data == DEMO else BATCH, len(self.labels))
        self.validation = digit_tensors(data, "val")

    def steps_per_epoch(self) -> int:
        return len(self.labels) // self.batch

    def anneal(self, share: float) -> None:
        for part in self.network.modules():
            if isinstance(part, nn.Dropout):
                part.p = DROPOUT * (1 - share)

    def batches(self, epoch: int) -> Iterator[tuple[Tensor, Tensor]]:
        """(N, 1, 32, 32) float32 in 0..1, distorted anew in every epoch, and (N,) int64."""
        random = torch.Generator().manual_seed(self.seed * 1_000_003 + epoch)
        order = torch.randperm(len(self.labels), generator=random)
        for chosen in order[: self.steps_per_epoch() * self.batch].split(self.batch):
            yield (
                distorted(network_input_from_digits(self.images[chosen]), random),
                self.labels[chosen],
            )

    def loss(self, network: nn.Module, batch: tuple[Tensor, ...]) -> Tensor:
        images, labels = batch
        return cross_entropy(network(images), labels)

    def evaluate(self, network: nn.Module, device: torch.device) -> Mapping[str, Json]:
        return {
            "accuracy": accuracy(network, *self.validation, device),
            "n": len(self.validation[1]),
        }

    def describe_data(self) -> JsonObject:
        return {
            "name": name_of_digits(self.data) + " train",
            "digits": len(self.labels),
            "validated_on": "val",
        }


def accuracy(network: nn.Module, images: Tensor, labels: Tensor, device: torch.device) -> float:
    """Share of (N, 32, 32) uint8 digits that a network in evaluation mode names rightly, 0-1."""
    right = 0
    for some, truth in zip(images.split(EVALUATION_BATCH), labels.split(EVALUATION_BATCH)):
        answers = network(network_input_from_digits(some).to(device)).argmax(1).cpu()
        right += int((answers == truth).sum())
    return right / len(labels)


def network_input_from_digits(images: Tensor) -> Tensor:
    """(N, 32, 32) uint8 -> (N, 1, 32, 32) float32 in 0..1."""
    return images[:, None].float() / 255


def distorted(images: Tensor, random: torch.Generator) -> Tensor:
    """(N, 1, 32, 32) in 0..1 -> the same, each digit moved, bent and thickened in its own way."""
    maps = _affine_maps(len(images), random)  # (N, 2, 3)
    knots = torch.randn(len(images), 2, KNOTS, KNOTS, generator=random) * BEND
    bent = (HATS @ knots @ HATS.T).permute(0, 2, 3, 1)  # (N, 32, 32, 2)
    straight = (POINTS @ maps.transpose(1, 2)).reshape(bent.shape)
    return _other_stroke(grid_sample(images, straight + bent, align_corners=False), random)


def _affine_maps(number: int, random: torch.Generator) -> Tensor:
    """(number, 2, 3): where in the picture each point of the distorted one comes from."""
    uniform = torch.rand(6, number, generator=random) * 2 - 1
    turn, slant = uniform[0] * TURN, uniform[1] * SLANT
    wide, high = torch.exp(uniform[2] * GROWTH), torch.exp(uniform[3] * GROWTH)
    across, down = uniform[4] * SHIFT, uniform[5] * SHIFT
    cos, sin = torch.cos(turn), torch.sin(turn)
    rows = [
        wide * cos,
        high * (slant * cos - sin),
        across,
        wide * sin,
        high * (slant * sin + cos),
        down,
    ]
    return torch.stack(rows, 1).reshape(number, 2, 3)


def _other_stroke(images: Tensor, random: torch.Generator) -> Tensor:
    """Half of the digits drawn with a thicker pen, half with a thinner one, each by its own
    amount."""
    amount = (torch.rand(len(images), 1, 1, 1, generator=random) * 2 - 1) * STROKE
    thicker = amount > 0
    other = torch.where(thicker, _spread(images), -_spread(-images))
    return torch.lerp(images, other, amount.abs())


def _spread(images: Tensor) -> Tensor:
    """The largest of every 3x3 neighbours: a 3x3 max-pooling without its indices, which take ten
    times as long."""
    images = pad(images, (1, 1, 1, 1), mode="replicate")
    rows = torch.maximum(
        torch.maximum(images[..., :-2, :], images[..., 1:-1, :]), images[..., 2:, :]
    )
    return torch.maximum(torch.maximum(rows[..., :-2], rows[..., 1:-1]), rows[..., 2:])


def _points() -> Tensor:
    """(H * W, 3): x, y of every pixel's centre in -1..1, and 1."""
    centres = (torch.arange(SIDE) * 2 + 1) / SIDE - 1
    y, x = torch.meshgrid(centres, centres, indexing="ij")
    return torch.stack((x, y, torch.ones_like(x)), -1).reshape(-1, 3)


def _hats() -> Tensor:
    """(SIDE, KNOTS): smooth weights of the knots at every pixel of a row; each row sums to 1."""
    at = torch.linspace(0, KNOTS - 1, SIDE)[:, None]
    weights = torch.exp(-((at - torch.arange(KNOTS)) ** 2))
    return weights / weights.sum(1, keepdim=True)


POINTS, HATS = _points(), _hats()


def _channels_last(network: nn.Module) -> nn.Module:
    """The same network with its filters' planes innermost in memory: half the time on a CPU."""
    for weight in network.parameters():
        if weight.ndim == 4:
            weight.data = weight.data.contiguous(memory_format=torch.channels_last)
    return network


def digit_tensors(data: str, split: str, first: int | None = None) -> tuple[Tensor, Tensor]:
    """(N, 32, 32) uint8 and (N,) int64: the digits of a split, or the first so many of them.

    Raises CatseyeError where there are none.
    """
    images, labels = (torch.from_numpy(part[:first].copy()) for part in read_digits(data, split))
    return images, labels.long()


def digit_inputs(data: str, split: str, first: int | None = None) -> tuple[Tensor, Tensor]:
    """The same as a network takes them: (N, 1, 32, 32) float32 in 0..1, and (N,) int64.

    Raises CatseyeError where there are none.
    """
    images, labels = digit_tensors(data, split, first)
    return network_input_from_digits(images), labels
