"""The lecture's bottleneck, 100 -> 50 -> 100, against PCA of the same width, on photographs and on
random input.

PCA rebuilds a patch from its projection on the k leading eigenvectors of the covariance: the best
that any linear code of k numbers can do. A linear autoencoder's best weights span the same subspace
(Baldi and Hornik, Neural Networks 1989), which the principal angles between the two tell. Random
input has no subspace to find. Sparse autoencoders of the same recipe, with as many units as inputs
and with more, are measured beside.
"""

import copy
import os
import tempfile
from pathlib import Path
from typing import NamedTuple, cast

import numpy as np
import torch
from scipy.linalg import subspace_angles
from torch import Tensor

from catseye.models.autoencoder import Autoencoder, AutoencoderConfig
from catseye.runtime.system.json_document import JsonObject
from catseye.training.analysis.figure import figure
from catseye.training.analysis.spread import Spread, over_seeds
from catseye.training.loop import fit
from catseye.training.patches import VALIDATION_SEED
from catseye.training.plan import TrainingPlan
from catseye.training.recipes.autoencoder import AutoencoderRecipe
from catseye.training.recipes.recipe import Recipe

WIDTH = 50
PATCHES = 50_000
BOTTLENECKS = {
    "linear": AutoencoderConfig(units=WIDTH, beta=0.0, decay=0.0, linear=True),
    "sigmoid": AutoencoderConfig(units=WIDTH, beta=0.0, decay=0.0),
}
SPARSE = {
    "sparse, 100 units": AutoencoderConfig(units=100),
    "sparse, 200 units": AutoencoderConfig(units=200),
}


class Trained(NamedTuple):
    """error: mean ||x - h(x)||^2 over held-out x of norm 1.  rho_hat: the exact one, over the
    training set.

    degrees: principal angles between what the decoder can give and PCA's subspace of WIDTH, the
    largest first.
    """

    error: float
    rho_hat: np.ndarray
    degrees: np.ndarray


class AutoencoderStudy(NamedTuple):
    """By input: PCA's errors and, for each form of bottleneck, what was trained, one for each seed.

    sparse: likewise, on photographs.
    """

    pca: dict[str, list[float]]
    bottlenecks: dict[str, dict[str, list[Trained]]]
    sparse: dict[str, list[Trained]]


def study(data: str, seeds: int, epochs: int) -> AutoencoderStudy:
    """Train every form once for each seed."""
    answer = AutoencoderStudy({}, {}, {})
    recipes = [AutoencoderRecipe(data, seed, patches=PATCHES, known={}) for seed in range(seeds)]
    answer.sparse.update(
        {name: [trained(each, form, epochs) for each in recipes] for name, form in SPARSE.items()}
    )
    for kind, some in (
        ("photographs", recipes),
        ("random", [on_random_input(each) for each in recipes]),
    ):
        answer.pca[kind] = [pca_error(each.train, each.validation, WIDTH) for each in some]
        answer.bottlenecks[kind] = {
            name: [trained(each, form, epochs) for each in some]
            for name, form in BOTTLENECKS.items()
        }
    return answer


def trained(recipe: AutoencoderRecipe, form: AutoencoderConfig, epochs: int) -> Trained:
    """A fresh network of that form, trained with the recipe's data."""
    recipe = copy.copy(recipe)
    torch.manual_seed(recipe.seed)
    recipe.network = network = Autoencoder(form)
    with tempfile.TemporaryDirectory() as folder:
        fit(
            cast(Recipe, recipe),
            TrainingPlan(Path(folder), epochs, device="cpu", seed=recipe.seed, evaluations=1),
        )
    directions = principal_directions(recipe.train, WIDTH)
    with torch.no_grad():
        error = float((network(recipe.validation) - recipe.validation).square().sum(1).mean())
        rho_hat = network.activations(recipe.train).mean(0).numpy()
        return Trained(error, rho_hat, angles(network.decode.weight, directions))


def on_random_input(recipe: AutoencoderRecipe) -> AutoencoderRecipe:
    """The same recipe with as much random input in place of its patches."""
    recipe, size = copy.copy(recipe), recipe.network.config.patch
    recipe.train = random_patches(len(recipe.train), size, recipe.seed)
    recipe.validation = random_patches(len(recipe.validation), size, VALIDATION_SEED)
    return recipe


def random_patches(number: int, size: int, seed: int) -> Tensor:
    """(number, size^2) float32: independent Gaussian pixels, brought to mean 0 and norm 1 like any
    patch."""
    x = torch.randn(number, size**2, generator=torch.Generator().manual_seed(seed))
    x = x - x.mean(1, keepdim=True)
    return x / x.norm(dim=1, keepdim=True)


def principal_directions(x: Tensor, width: int) -> Tensor:
    """(n, width): the leading eigenvectors of the covariance of x (P, n)."""
    return torch.linalg.eigh(torch.cov(x.double().T)).eigenvectors[:, -width:].to(x.dtype)


def pca_error(train: Tensor, validation: Tensor, width: int) -> float:
    """Mean squared distance of a held-out x from its PCA rebuilt one, mean added."""
    mean, directions = train.mean(0), principal_directions(train, width)
    centred = validation - mean
    return float((centred - centred @ directions @ directions.T).square().sum(1).mean())


def angles(one: Tensor, other: Tensor) -> np.ndarray:
    """Principal angles in degrees between the column spaces of (n, k) and (n, l), the largest
    first."""
    return np.rad2deg(subspace_angles(one.double().numpy(), other.double().numpy()))


class NumberOverSeeds(NamedTuple):
    """What one number of a network comes to over the seeds; kind: of input, or "sparse"."""

    kind: str
    form: str
    number: str
    spread: Spread


def report(results: AutoencoderStudy) -> list[NumberOverSeeds]:
    """error of each network; of a bottleneck also the median and the largest of its `degrees`, of a
    sparse one the mean of its `rho_hat`."""
    rows = []
    for kind, forms in results.bottlenecks.items():
        rows.append(NumberOverSeeds(kind, f"pca_{WIDTH}", "error", over_seeds(results.pca[kind])))
        for form, some in forms.items():
            medians = [float(np.median(one.degrees)) for one in some]
            largest = [float(one.degrees[0]) for one in some]
            rows += [
                NumberOverSeeds(kind, form, "error", over_seeds([one.error for one in some])),
                NumberOverSeeds(kind, form, "degrees_median", over_seeds(medians)),
                NumberOverSeeds(kind, form, "degrees_largest", over_seeds(largest)),
            ]
    for form, some in results.sparse.items():
        rho_hats = [float(one.rho_hat.mean()) for one in some]
        rows += [
            NumberOverSeeds("sparse", form, "error", over_seeds([one.error for one in some])),
            NumberOverSeeds("sparse", form, "rho_hat", over_seeds(rho_hats)),
        ]
    return rows


def as_json(rows: list[NumberOverSeeds]) -> JsonObject:
    """{kind: {form: {number: {mean, spread}}}}."""
    answer: dict[str, dict[str, dict[str, dict[str, float]]]] = {}
    for kind, form, number, spread in rows:
        numbers = answer.setdefault(kind, {}).setdefault(form, {})
        numbers[number] = {"mean": spread.mean, "spread": spread.std}
    return {**answer}


def draw(path: str | os.PathLike[str], results: AutoencoderStudy) -> None:
    """Rebuild errors, principal angles to PCA's subspace, and the mean activations of the sparse
    ones' units."""
    with figure(path, columns=3) as (errors, turned, active):
        for place, (kind, forms) in enumerate(results.bottlenecks.items()):
            names = [f"PCA {WIDTH}", *forms]
            means = [
                np.mean(results.pca[kind]),
                *(np.mean([one.error for one in some]) for some in forms.values()),
            ]
            errors.bar(np.arange(len(names)) + 0.4 * (place - 0.5), means, 0.4, label=kind)
            errors.set_xticks(range(len(names)), names)
            for form, some in forms.items():
                turned.plot(
                    np.mean([one.degrees[::-1] for one in some], 0), label=f"{form}, {kind}"
                )
        errors.set(
            title=f"100 -> {WIDTH} -> 100: rebuild error", ylabel="mean ||x - h(x)||^2, ||x|| = 1"
        )
        errors.legend(loc="upper left", ncols=2)
        errors.set_ylim(0, 0.65)
        turned.set(
            title="between decoder and PCA's subspace", xlabel="principal angle", ylabel="degrees"
        )
        turned.legend(fontsize=7)
        for form, some in results.sparse.items():
            active.hist(
                np.concatenate([one.rho_hat for one in some]),
                30,
                alpha=0.6,
                label=form,
                density=True,
            )
        active.axvline(AutoencoderConfig().rho, color="grey", linewidth=0.8)
        active.set(
            title="mean activation of each unit",
            xlabel="rho_hat, grey: rho",
            ylabel="density of units",
        )
        active.legend(fontsize=7)
