"""What a trained generator is worth: samples beside their nearest training examples, distance to
the data, a walk in z.

The distance is the Frechet LeNet distance (training/recipes/lenet_space.py). Trains nothing.
"""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, cast

import torch
from scipy.stats import spearmanr
from torch import Tensor
from torch.func import jacfwd, vmap

from catseye.models.checkpoint import load_checkpoint
from catseye.models.gan import Gan, noise
from catseye.runtime.system.json_document import JsonObject
from catseye.training.analysis.figure import figure, show_tiles
from catseye.training.recipes.gan import pictures_of
from catseye.training.recipes.lenet_space import LenetSpace, likeness

SAMPLES = 5000
ROWS, COLUMNS = 8, 9  # of the sheet, whose last column is the nearest neighbours'
WALKS, STEPS = 8, 10
COMPARED = 300  # pictures whose distance to the training set is taken, and codes whose Jacobian is


class Pictures(NamedTuple):
    """(N, 32, 32) each: samples row by row, the nearest training example of each row's last one,
    walks row by row."""

    samples: Tensor
    neighbours: Tensor
    walks: Tensor


class PictureNumbers(NamedTuple):
    """A Likeness to the digits of val.  to_nearest_train: mean distance to the nearest training
    example.  None: not asked."""

    frechet_lenet: float | None = None
    classes: float | None = None
    variety: float | None = None
    sure: float | None = None
    to_nearest_train: float | None = None

    def as_json(self) -> JsonObject:
        """What was asked."""
        return {name: value for name, value in self._asdict().items() if value is not None}


class Mapping(NamedTuple):
    """How G maps z, at COMPARED of the z behind the samples.

    stretch: lowest, median and highest of `stretches`.  by_sparsity: rank correlation of it with
    the distance to the nearest other sample, which is large where p_g is thin.  correlation: mean
    over successive samples of that of their pixels, less the mean picture; correlation_val: the
    same of real digits.
    """

    stretch: list[float]
    by_sparsity: float
    correlation: float
    correlation_val: float


def load_gan(folder: Path) -> Gan:
    """The pair of a checkpoint, ready to be looked at. Raises ModelFileError for another's."""
    return cast(Gan, load_checkpoint(folder, "gan").network)


@torch.no_grad()
def report(gan: Gan, data: str, seed: int = 0) -> tuple[dict[str, PictureNumbers], Pictures]:
    """The numbers of `gan` beside those of real digits and of noise, and its pictures."""
    random = torch.Generator().manual_seed(seed)
    train, val = pictures_of(data, "train"), pictures_of(data, "val")
    samples = gan(noise(SAMPLES, gan.config.latent, random))
    space = LenetSpace()
    truth = space.seen(val)
    kinds = {
        "samples": samples,
        "train": train[torch.randperm(len(train), generator=random)[:SAMPLES]],
        "noise": torch.rand(SAMPLES, *val.shape[1:], generator=random),
    }
    numbers = {
        name: PictureNumbers(*likeness(space.seen(pictures), truth))
        for name, pictures in kinds.items()
    }
    numbers["val"] = PictureNumbers()
    for name, pictures in (("samples", samples), ("val", val)):
        distances, _ = nearest(pictures[:COMPARED], train)
        numbers[name] = numbers[name]._replace(to_nearest_train=float(distances.mean()))
    shown = samples[: ROWS * (COLUMNS - 1)]
    _, found = nearest(shown[COLUMNS - 2 :: COLUMNS - 1], train)
    return numbers, Pictures(shown, train[found], gan(walks(gan.config.latent, random)))


def mapping(gan: Gan, data: str, seed: int = 0) -> Mapping:
    """Where G contracts and expands, and whether samples know of each other."""
    z = noise(SAMPLES, gan.config.latent, torch.Generator().manual_seed(seed))
    with torch.no_grad():
        samples = gan(z)
    stretch = stretches(lambda one: gan(one[None])[0], z[:COMPARED])
    others = torch.cdist(samples[:COMPARED].flatten(1), samples.flatten(1))
    lonely = others.topk(2, largest=False).values[:, 1]  # the nearest is the sample itself
    return Mapping(
        torch.quantile(stretch, torch.tensor([0, 0.5, 1])).tolist(),
        float(spearmanr(stretch, lonely).statistic),
        successive_correlation(samples),
        successive_correlation(pictures_of(data, "val")),
    )


def stretches(mapped: Callable[[Tensor], Tensor], z: Tensor) -> Tensor:
    """(N,): the root mean square, over directions u of norm 1, of |J u|, J = d mapped / dz, at each
    of (N, latent) points. det J^T J would be 0: G has directions that do nothing."""
    jacobians = vmap(jacfwd(mapped))(z).detach().flatten(1)
    return jacobians.norm(dim=1) / z.shape[1] ** 0.5


def successive_correlation(pictures: Tensor) -> float:
    """Mean over successive pictures of the correlation of their pixels, once the mean picture is
    taken off."""
    centred = torch.nn.functional.normalize((pictures - pictures.mean(0)).flatten(1))
    return float((centred[1:] * centred[:-1]).sum(1).mean())


def nearest(pictures: Tensor, train: Tensor) -> tuple[Tensor, Tensor]:
    """Euclidean distance of each picture to the nearest training example, in grey levels of 1, and
    its index."""
    found = torch.cdist(pictures.flatten(1), train.flatten(1)).min(1)
    return found.values, found.indices


def walks(latent: int, random: torch.Generator) -> Tensor:
    """(WALKS * STEPS, latent): straight ways between two points of the prior, row by row."""
    here, there = noise(WALKS, latent, random)[:, None], noise(WALKS, latent, random)[:, None]
    return torch.lerp(here, there, torch.linspace(0, 1, STEPS)[:, None]).flatten(0, 1)


def draw(pictures: Pictures, path: str) -> None:
    """Samples with their neighbours in the rightmost column, and the walks."""
    rows = pictures.samples.reshape(ROWS, COLUMNS - 1, *pictures.samples.shape[1:])
    sheet = torch.cat([rows, pictures.neighbours[:, None]], 1).flatten(0, 1)
    with figure(path, columns=2, height=4.0) as axes:
        show_tiles(
            axes[0],
            sheet.numpy(),
            COLUMNS,
            "samples; right column: nearest training example of its neighbour",
        )
        side = sheet.shape[-1] + 1  # a tile and its line
        axes[0].axvline((COLUMNS - 1) * side, color="tab:orange", linewidth=2)
        show_tiles(
            axes[1], pictures.walks.numpy(), STEPS, "from one z to another, on a straight line"
        )
        for axis in axes:
            axis.title.set_fontsize(8)
