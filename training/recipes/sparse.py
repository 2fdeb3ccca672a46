"""Recipe for sparse coding: a dictionary by SGD, codes run to convergence, then LISTA taught to
give those codes.

Protocol (Gregor and LeCun 2010): 10x10 grey patches, mean removed, norm 1, near-constant ones
skipped; FISTA starts at 0 with L = lambda_max(W_d^T W_d). Their alpha is 0.5; 0.1 unless asked
otherwise, because a picture rebuilt from codes that sparse is poor. The dictionary and the targets
follow from the data and the seed alone, so a resumed run makes them again, the same, before it goes
on. More patches, more epochs: a better encoder.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from catseye.models.inhibition import form_from_text
from catseye.models.lista import SparseCoder, SparseConfig, Thresholds
from catseye.models.sparse_coding import fista, fista_iterates, fista_to_gap
from catseye.runtime.datasets import DEMO
from catseye.runtime.datasets.bsds import name_of_photographs
from catseye.runtime.system.json_document import Json, JsonObject
from catseye.training.patches import held_out_patches, patches_of
from catseye.training.progress import counted
from catseye.training.recipes.recipe import batch_size

PATCHES, DEMO_PATCHES = 500_000, 20_000
GAP = 1e-6  # duality gap of the targets; the energies are about 0.25
BATCH, DEMO_BATCH = 1024, 256
DICTIONARY_STEPS, DICTIONARY_BATCH = 1_000, 256
DICTIONARY_RATE, DICTIONARY_MOMENTUM = 5.0, 0.9
DICTIONARY_ITERATIONS = 50  # of FISTA, inside a step
MOST_COMPARED = 300  # iterations of FISTA that LISTA is compared with


class CodedPatches(NamedTuple):
    """x: (P, n) float32 patches; codes: (P, m) float32, their z*."""

    x: Tensor
    codes: Tensor


class SparseRecipe:
    """Train on patches of `train`, validate on patches of `val`, against codes with a duality gap
    of at most GAP."""

    task = "sparse"
    metric = "code_snr_db"
    learning_rates = {"soap": 4e-3, "adamw": 4e-3, "sgd": 0.02, "entropy-sgd": 0.04}
    weight_decay = 0.0
    averaging = 0.0
    mixed_precision = False

    def __init__(
        self,
        data: str,
        seed: int = 0,
        *,
        atoms: int = 100,
        iterations: int = 3,
        alpha: float = 0.1,
        inhibition: str = "dense",
        thresholds: Thresholds = "each",
        patches: int = 0,
        batch: int = 0,
        dictionary: Tensor | None = None,
    ) -> None:
        """inhibition: see `form_from_text`.  thresholds: see `SparseConfig`.  patches: how many to
        train with; 0 for the recipe's number.  batch: those of a batch, likewise.

        dictionary: (n, m), taken as it is; else one of `atoms` columns is learned. Raises
        CatseyeError for an unknown inhibition, and where there are no photographs.
        """
        atoms = atoms if dictionary is None else dictionary.shape[1]
        config = SparseConfig(
            atoms=atoms,
            iterations=iterations,
            alpha=alpha,
            thresholds=thresholds,
            **form_from_text(inhibition),
        )
        self.data, self.seed = data, seed
        patches = patches or (DEMO_PATCHES if data == DEMO else PATCHES)
        x = patches_of(data, "train", patches, config.patch, seed)
        self.batch = batch_size(batch, DEMO_BATCH if data == DEMO else BATCH, len(x))
        dictionary = learn_dictionary(x, atoms, alpha, seed) if dictionary is None else dictionary
        self.train = coded(x, dictionary, alpha)
        self.validation = coded(held_out_patches(data, "val", config.patch), dictionary, alpha)
        self.fista_errors = fista_errors(self.validation, dictionary, alpha)
        self.network = SparseCoder(config, dictionary)

    def steps_per_epoch(self) -> int:
        return len(self.train.x) // self.batch

    def batches(self, epoch: int) -> Iterator[tuple[Tensor, Tensor]]:
        """(N, n) patches and (N, m) codes."""
        order = torch.from_numpy(
            np.random.default_rng((self.seed, epoch)).permutation(len(self.train.x))
        )
        for chosen in order.split(self.batch)[: self.steps_per_epoch()]:
            yield self.train.x[chosen], self.train.codes[chosen]

    def loss(self, network: nn.Module, batch: tuple[Tensor, ...]) -> Tensor:
        """(1/P) sum 1/2 ||z* - f(x)||^2."""
        x, codes = batch
        return (codes - network(x)).square().sum(1).mean() / 2

    @torch.no_grad()
    def evaluate(self, network: nn.Module, device: torch.device) -> Mapping[str, Json]:
        parts = zip(self.validation.x.split(4096), self.validation.codes.split(4096))
        error = sum(float((network(x.to(device)).cpu() - z).square().sum()) for x, z in parts)
        code_mse = error / self.validation.codes.numel()
        power = float(self.validation.codes.square().mean())
        return {
            "code_snr_db": 10 * float(np.log10(power / code_mse)),
            "code_mse": code_mse,
            "matched_fista_iterations": matched_iterations(code_mse, self.fista_errors),
            "patches": len(self.validation.x),
        }

    def describe_data(self) -> JsonObject:
        """Where patches and codes come from; a run is resumed only under the same terms."""
        config = self.network.config
        name = name_of_photographs(self.data) + " train"
        description: JsonObject = {
            "name": name,
            "patches": len(self.train.x),
            "duality_gap": GAP,
            "validated_on": "val",
        }
        return description | {
            "atoms": config.atoms,
            "alpha": config.alpha,
            "iterations": config.iterations,
            "inhibition": config.inhibition,
            "thresholds": config.thresholds,
        }


def learn_dictionary(x: Tensor, atoms: int, alpha: float, seed: int) -> Tensor:
    """(n, m) float32, columns of norm 1: SGD with momentum on the mean of min_z E(x, z), started at
    random patches.

    Gradient with the code held fixed: -(x - W_d z) z^T. The columns are put back to norm 1 after
    every step.
    """
    random = torch.Generator().manual_seed(seed)
    dictionary = x[torch.randperm(len(x), generator=random)[:atoms]].T.clone()
    velocity = torch.zeros_like(dictionary)
    for step in counted(range(DICTIONARY_STEPS), "learning the dictionary"):
        batch = x[torch.randint(len(x), (DICTIONARY_BATCH,), generator=random)]
        z = fista(batch, dictionary, alpha, DICTIONARY_ITERATIONS)
        velocity = DICTIONARY_MOMENTUM * velocity + (batch - z @ dictionary.T).T @ z / len(batch)
        dictionary = dictionary + DICTIONARY_RATE * (1 - step / DICTIONARY_STEPS) * velocity
        dictionary = dictionary / dictionary.norm(dim=0)
    return dictionary


def coded(x: Tensor, dictionary: Tensor, alpha: float) -> CodedPatches:
    """The patches with z* = argmin E, each to a duality gap of at most GAP."""
    parts = counted(x.split(8192), "target codes")
    return CodedPatches(
        x, torch.cat([fista_to_gap(part, dictionary, alpha, GAP) for part in parts])
    )


def fista_errors(truth: CodedPatches, dictionary: Tensor, alpha: float) -> list[float]:
    """Mean squared code error of FISTA after 1, 2, ... MOST_COMPARED iterations."""
    total = np.zeros(MOST_COMPARED)
    for x, codes in zip(truth.x.split(4096), truth.codes.split(4096)):
        iterates = zip(range(MOST_COMPARED), fista_iterates(x, dictionary, alpha))
        total += [float((z - codes).square().sum()) for _, z in iterates]
    return [float(value) for value in total / truth.codes.numel()]


def matched_iterations(code_mse: float, errors: list[float]) -> int:
    """The largest number of FISTA iterations whose mean squared code error is not below `code_mse`.

    FISTA's error ripples, so counting stops at the first iteration that does better. 0: one step of
    FISTA is better.
    """
    # errors[k] is that of k + 1 iterations
    better = [k for k, error in enumerate(errors) if error < code_mse]
    return better[0] if better else len(errors)
