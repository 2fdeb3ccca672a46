"""Recipe for LeNet on handwritten digits: MNIST, moved, bent and thickened far more than other
hands and a camera would.

Training data that never repeats costs nothing and gains much (Simard, Steinkraus, Platt 2003:
affine and elastic distortions). What LeNet lacks is not room: after mild distortions it knew the
training digits as they are three times as well as new ones. So they are strong, and dropout, which
costs more than it saves once no picture comes twice, stays off. In the last part of a run they
calm down, so that it ends near digits as people write them. SOAP gets further than AdamW in as many
steps. What each is worth: models/zoo/digits.md.

Selected by `val`, never by `test`, and not by its 5,000 digits as they are, some thirty of which
are read wrongly: an early epoch may please them by chance. Moved and bent they tell more.

A sixteenth as many letters and pictures of noise are seen along with the digits: without them
LeNet is sure of whatever it is shown.
"""

from collections.abc import Iterator, Mapping
from functools import cached_property

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, grid_sample, pad

from catseye.models.lenet import LeNet, LeNetConfig
from catseye.runtime.datasets import DEMO
from catseye.runtime.datasets.mnist import name_of_digits, read_digits
from catseye.runtime.system.json_document import Json, JsonObject
from catseye.runtime.tasks.digit_form import SIDE
from catseye.training.recipes.lenet_on_cpu import quick_on_cpu
from catseye.training.recipes.no_digits import SHOWN, letters, noise
from catseye.training.recipes.recipe import batch_size

BATCH, DEMO_BATCH = 256, 64
EVALUATION_BATCH = 1000
CALMING = 0.6  # share of the run after which the distortions weaken
CALM = 0.4  # their strength at its end
MOVED = 4  # times that each validation digit is moved and bent, as at a run's end
STRANGE = 32  # digits to a letter, and to a picture of noise
SHIFT = 1.4 / 16  # of half a picture: 1.4 pixels
TURN = 0.18  # radians, 10 degrees
GROWTH = 0.14  # logarithm of a scale
SLANT = 0.17  # shear
BEND = 0.084  # standard deviation of the elastic field's knots, of half a picture
KNOTS = 6  # the elastic field's grid of free points, a side
STROKE = 0.35  # how far a stroke goes towards one pixel thicker or thinner all round


class DigitsRecipe:
    """The lecture's LeNet, its dropout off, on the `train` split of MNIST, or of the demo
    digits."""

    task = "digits"
    metric = "moved_accuracy"
    learning_rates = {"soap": 0.003, "adamw": 0.012, "sgd": 0.05, "entropy-sgd": 0.1}
    weight_decay = 1e-4
    averaging = 0.999
    mixed_precision = False

    def __init__(self, data: str, seed: int = 0, *, batch: int = 0) -> None:
        """batch: digits to a batch; 0 for the recipe's number."""
        torch.manual_seed(seed)
        self.seed, self.data = seed, data
        network = LeNet(LeNetConfig())
        quick_on_cpu(network.features)
        self.network: nn.Module = network
        self.images, self.labels = digit_tensors(data, "train")
        self.batch = batch_size(batch, DEMO_BATCH if data == DEMO else BATCH, len(self.labels))
        self.letters, self.strange = letters(SHOWN), self.batch // STRANGE
        self.validation = digit_tensors(data, "val")
        self.strength = 1.0

    def steps_per_epoch(self) -> int:
        return len(self.labels) // self.batch

    def anneal(self, share: float) -> None:
        for part in self.network.modules():
            if isinstance(part, nn.Dropout):
                part.p = 0.0
        self.strength = 1 - (1 - CALM) * max(0.0, share - CALMING) / (1 - CALMING)

    def batches(self, epoch: int) -> Iterator[tuple[Tensor, Tensor]]:
        """(N + M, 1, 32, 32) float32 in 0..1, distorted anew in every epoch, of which the last M
        show no digit, and (N,) int64."""
        random = torch.Generator().manual_seed(self.seed * 1_000_003 + epoch)
        order = torch.randperm(len(self.labels), generator=random)
        for chosen in order[: self.steps_per_epoch() * self.batch].split(self.batch):
            some = torch.randint(len(self.letters), (self.strange,), generator=random)
            drawn = torch.cat((self.images[chosen], self.letters[some]))
            moved = distorted(network_input_from_digits(drawn), random, self.strength)
            yield torch.cat((moved, noise(self.strange, random))), self.labels[chosen]

    def loss(self, network: nn.Module, batch: tuple[Tensor, ...]) -> Tensor:
        images, labels = batch
        logits = network(images)
        named = cross_entropy(logits[: len(labels)], labels)
        # of what is no digit all ten are to be equally likely
        unsure = -logits[len(labels) :].log_softmax(1).mean(1).sum()
        return named + unsure / len(labels)

    def evaluate(self, network: nn.Module, device: torch.device) -> Mapping[str, Json]:
        return {
            "accuracy": accuracy(network, *self.validation, device),
            "moved_accuracy": accuracy(network, *self.moved_validation, device),
            "n": len(self.validation[1]),
        }

    @cached_property
    def moved_validation(self) -> tuple[Tensor, Tensor]:
        """(MOVED N, 32, 32) uint8 and (MOVED N,) int64, the same at every evaluation."""
        (images, labels), random = self.validation, torch.Generator().manual_seed(0)
        parts = network_input_from_digits(images.repeat(MOVED, 1, 1)).split(EVALUATION_BATCH)
        moved = torch.cat([distorted(part, random, CALM) for part in parts])
        return moved[:, 0].mul(255).round().byte(), labels.repeat(MOVED)

    def describe_data(self) -> JsonObject:
        return {
            "name": name_of_digits(self.data) + " train",
            "digits": len(self.labels),
            "validated_on": "val, moved and bent",
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


def distorted(images: Tensor, random: torch.Generator, strength: float = 1.0) -> Tensor:
    """(N, 1, 32, 32) in 0..1 -> the same, each digit moved, bent and thickened in its own way.
    strength: of all distortions, 1 for the recipe's, 0 for none."""
    number = len(images)
    knots = torch.randn(number, 2, KNOTS * KNOTS, generator=random) * (BEND * strength)
    sources = torch.cat((knots, _affine_maps(number, random, strength)), 2) @ FIELDS
    # x and y a plane each: what grid_sample is quick with
    points = sources.view(number, 2, SIDE, SIDE).permute(0, 2, 3, 1)
    return _other_stroke(grid_sample(images, points, align_corners=False), random, strength)


def _affine_maps(number: int, random: torch.Generator, strength: float) -> Tensor:
    """(number, 2, 3): where in the picture each point of the distorted one comes from."""
    uniform = (torch.rand(6, number, generator=random) * 2 - 1) * strength
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


def _other_stroke(images: Tensor, random: torch.Generator, strength: float) -> Tensor:
    """Half of the digits drawn with a thicker pen, half with a thinner one, each by its own
    amount."""
    amount = torch.rand(len(images), 1, 1, 1, generator=random) * 2 - 1
    amount *= STROKE * strength
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


def _fields() -> Tensor:
    """(KNOTS^2 + 3, SIDE^2): what each knot of the elastic field, x, y and 1 are at every pixel."""
    hats = _hats()
    knots = torch.einsum("yk,xl->klyx", hats, hats)
    centres = (torch.arange(SIDE) * 2 + 1) / SIDE - 1
    y, x = torch.meshgrid(centres, centres, indexing="ij")
    return torch.cat((knots.flatten(0, 1), torch.stack((x, y, torch.ones_like(x))))).flatten(1)


def _hats() -> Tensor:
    """(SIDE, KNOTS): smooth weights of the knots at every pixel of a row; each row sums to 1."""
    at = torch.linspace(0, KNOTS - 1, SIDE)[:, None]
    weights = torch.exp(-((at - torch.arange(KNOTS)) ** 2))
    return weights / weights.sum(1, keepdim=True)


FIELDS = _fields()


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
