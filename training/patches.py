"""Patches of photographs as tensors, and the held-out ones that every coder of patches is measured
by.

Knows photographs through runtime/datasets/bsds.py; no network.
"""

import torch
from torch import Tensor

from catseye.runtime.datasets import DEMO
from catseye.runtime.datasets.bsds import read_photographs, sample_patches

VALIDATION_PATCHES, DEMO_VALIDATION_PATCHES = 20_000, 4_000
VALIDATION_SEED = 1_000_003  # one held-out set for all seeds


def patches_of(data: str, split: str, number: int, size: int, seed: int) -> Tensor:
    """(number, size^2) float32 of mean 0 and norm 1, from the photographs of a split. Raises
    CatseyeError where there are none, or too few patches with any contrast."""
    return torch.from_numpy(sample_patches(read_photographs(data, split), number, size, seed))


def held_out_patches(data: str, split: str, size: int) -> Tensor:
    """(P, size^2): the patches of a split that every encoder is measured by."""
    number = DEMO_VALIDATION_PATCHES if data == DEMO else VALIDATION_PATCHES
    return patches_of(data, split, number, size, VALIDATION_SEED)
