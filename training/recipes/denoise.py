"""Recipe for a sparse coder that denoises: noisy pictures in, clean ones wanted, all of LISTA
learned end to end.

Each patch y of a noisy picture, its mean removed, is divided by the picture's noise sigma and
coded, z = f(y / sigma); the picture is the average of the overlapping patches sigma W_d z + mean.
Shrinking by a threshold in units of the noise is what makes one network fit all sigmas. Loss: the
squared error of the averaged picture over sigma^2. sigma is what runtime/health/noise.py tells of
the noisy picture, because a board knows no more.
"""

from collections.abc import Iterator, Mapping
from typing import cast

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import fold, unfold

from catseye.models.inhibition import form_from_text
from catseye.models.lista import SparseCoder, SparseConfig, Thresholds
from catseye.runtime.datasets.bsds import name_of_photographs, read_photographs
from catseye.runtime.evaluation.metrics import psnr
from catseye.runtime.health.noise import noise_of
from catseye.runtime.system.json_document import Json, JsonObject
from catseye.training.patches import patches_of
from catseye.training.recipes.sparse import learn_dictionary

DICTIONARY_PATCHES, DICTIONARY_ALPHA = 20_000, 0.1
ALPHA = 1.5  # threshold at the start, in units of sigma
SIGMAS = (5.0, 60.0)  # grey levels, drawn evenly on a logarithmic scale
STEPS, PICTURES, CROPS, SIDE = 500, 2, 8, 31  # an epoch; of a batch; of a picture; of a crop
VALIDATED, VALIDATED_SIGMAS = 5, (15.0, 25.0, 50.0)


class DenoiseRecipe:
    """Train on the photographs of `train`, validate on the first VALIDATED of `val`, with noise of
    three strengths."""

    task = "sparse"
    metric = "psnr"
    learning_rates = {"adamw": 2e-3, "sgd": 0.01}
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
        alpha: float = ALPHA,
        inhibition: str = "dense",
        thresholds: Thresholds = "each",
    ) -> None:
        """inhibition: see `form_from_text`.  thresholds: see `SparseConfig`.  Atoms are learned on
        clean patches first, to start from. Raises CatseyeError where there are no photographs."""
        form = form_from_text(inhibition)
        config = SparseConfig(
            atoms=atoms,
            iterations=iterations,
            alpha=alpha,
            scale="noise",
            thresholds=thresholds,
            **form,
        )
        photographs = read_photographs(data, "train")
        patches = patches_of(data, "train", DICTIONARY_PATCHES, config.patch, seed)
        self.data, self.seed = data, seed
        self.photographs = [photograph.image for photograph in photographs]
        self.validation = [
            fitting(photograph.image, config)
            for photograph in read_photographs(data, "val")[:VALIDATED]
        ]
        self.network = SparseCoder(config, learn_dictionary(patches, atoms, DICTIONARY_ALPHA, seed))

    def steps_per_epoch(self) -> int:
        return STEPS

    def batches(self, epoch: int) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
        """Noisy and clean crops (B, SIDE, SIDE), grey levels as float32, and the noise (B,) that
        the picture shows."""
        random = np.random.default_rng((self.seed, epoch))
        for _ in range(STEPS):
            chosen = [
                self.photographs[index]
                for index in random.integers(len(self.photographs), size=PICTURES)
            ]
            parts = zip(*(crops_of(picture, random) for picture in chosen))
            noisy, clean, noise = (torch.from_numpy(np.concatenate(part)) for part in parts)
            yield noisy, clean, noise

    def loss(self, network: nn.Module, batch: tuple[Tensor, ...]) -> Tensor:
        """Mean of (rebuilt - clean)^2 / sigma^2."""
        noisy, clean, noise = batch
        errors = (
            (rebuilt_pictures(cast(SparseCoder, network), noisy, noise) - clean)
            .square()
            .mean((1, 2))
        )
        return (errors / noise.square()).mean()

    @torch.no_grad()
    def evaluate(self, network: nn.Module, device: torch.device) -> Mapping[str, Json]:
        """PSNR in dB for each strength of VALIDATED_SIGMAS, mean over pictures, and the mean of
        these."""
        random, levels = np.random.default_rng(0), {}
        for sigma in VALIDATED_SIGMAS:
            ratios = []
            for clean in self.validation:
                noisy = noisy_grey(clean, sigma, random)
                batch = (
                    torch.from_numpy(noisy)[None].float().to(device),
                    torch.tensor([noise_of(noisy)], device=device),
                )
                rebuilt = (
                    rebuilt_pictures(cast(SparseCoder, network), *batch)[0].round().clamp(0, 255)
                )
                ratios.append(psnr(clean, rebuilt.cpu().numpy()))
            levels[f"psnr_{sigma:.0f}"] = float(np.mean(ratios))
        return {
            "psnr": float(np.mean(list(levels.values()))),
            **levels,
            "pictures": len(self.validation),
        }

    def describe_data(self) -> JsonObject:
        config: SparseConfig = self.network.config
        name = name_of_photographs(self.data) + " train"
        description: JsonObject = {
            "name": name,
            "pictures": len(self.photographs),
            "sigmas": list(SIGMAS),
            "validated_on": "val",
        }
        return description | {
            "atoms": config.atoms,
            "alpha": config.alpha,
            "iterations": config.iterations,
            "inhibition": config.inhibition,
        }


def fitting(picture: np.ndarray, config: SparseConfig) -> np.ndarray:
    """The largest part of a (H, W) picture, from its upper left corner, that patches reach to the
    last pixel."""
    height, width = (side - (side - config.patch) % config.stride for side in picture.shape)
    return picture[:height, :width]


def crops_of(
    picture: np.ndarray, random: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """CROPS places of a (H, W) uint8 picture, turned and mirrored at random: noisy, clean, and the
    noise it shows."""
    low, high = np.log(SIGMAS)
    noisy = noisy_grey(picture, float(np.exp(random.uniform(low, high))), random)
    both = np.stack((noisy, picture)).astype(np.float32)
    crops = []
    for _ in range(CROPS):
        y, x = (random.integers(side - SIDE + 1) for side in picture.shape)
        crop = np.rot90(both[:, y : y + SIDE, x : x + SIDE], int(random.integers(4)), (1, 2))
        crops.append(crop[:, :, :: random.choice((-1, 1))])
    noisy_crops, clean_crops = np.stack(crops, axis=1)
    return noisy_crops, clean_crops, np.full(CROPS, noise_of(noisy), np.float32)


def noisy_grey(picture: np.ndarray, sigma: float, random: np.random.Generator) -> np.ndarray:
    """(H, W) uint8 with Gaussian noise of `sigma` grey levels."""
    noise = random.standard_normal(picture.shape, np.float32) * np.float32(sigma)
    return np.clip(np.rint(picture + noise), 0, 255).astype(np.uint8)


def rebuilt_pictures(network: SparseCoder, pictures: Tensor, noise: Tensor) -> Tensor:
    """(B, H, W) noisy grey levels and their noise (B,) -> (B, H, W): coded patch by patch, averaged
    where they overlap.

    Pixels at the right and at the bottom that no patch reaches are 0: choose sides that fit the
    stride.
    """
    size, stride = network.config.patch, network.config.stride
    patches = unfold(pictures[:, None], size, stride=stride).transpose(1, 2)  # (B, P, n)
    mean = patches.mean(2, keepdim=True)
    x = (patches - mean) / noise[:, None, None]
    coded = network.rebuild(network(x.flatten(0, 1))).view_as(x) * noise[:, None, None] + mean
    total, overlaps = (
        fold(part.transpose(1, 2), pictures.shape[1:], size, stride=stride)
        for part in (coded, torch.ones_like(coded))
    )
    return (total / overlaps.clamp_min(1))[:, 0]
