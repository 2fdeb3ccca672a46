"""The learned dictionaries as pictures: their atoms, the busiest first, and how alike and how busy
they are."""

from typing import NamedTuple

import numpy as np
import torch

from catseye.models.sparse_coding import fista
from catseye.runtime.system.json_document import JsonObject
from catseye.training.analysis.figure import figure, show_tiles
from catseye.training.analysis.lista_report import shipped_encoder
from catseye.training.patches import held_out_patches

DICTIONARIES = ("sparse-100", "sparse-400")
PATCHES, ITERATIONS = 4_000, 200


class Atoms(NamedTuple):
    """tiles: (m, 10, 10) float32, the busiest atom first.  use: (m,) share of the patches that use
    each.

    active: atoms that a patch uses, mean.  coherence: the largest |cosine| between two atoms.
    alpha: the weight of the codes' 1-norm.
    """

    tiles: np.ndarray
    use: np.ndarray
    active: float
    coherence: float
    alpha: float

    def as_json(self) -> JsonObject:
        return {
            "alpha": self.alpha,
            "active": self.active,
            "coherence": self.coherence,
            "busiest": float(self.use[0]),
            "never_used": int((self.use == 0).sum()),
        }


def atoms_of(name: str, data: str, split: str = "val") -> Atoms:
    """The dictionary of a shipped encoder, its use told by FISTA's codes of held-out patches."""
    encoder = shipped_encoder(name)
    dictionary, config = encoder.dictionary, encoder.config
    used = (
        fista(
            held_out_patches(data, split, config.patch)[:PATCHES],
            dictionary,
            config.alpha,
            ITERATIONS,
        )
        != 0
    )
    use = used.float().mean(0)
    order = use.argsort(descending=True)
    tiles = dictionary.T[order].reshape(-1, config.patch, config.patch).numpy()
    cosines = (dictionary.T @ dictionary - torch.eye(config.atoms)).abs()
    return Atoms(tiles, use[order].numpy(), float(use.sum()), float(cosines.max()), config.alpha)


def draw(path: str, found: dict[str, Atoms]) -> None:
    """A sheet of atoms for each dictionary."""
    with figure(path, columns=len(found), height=4.3) as axes:
        for axis, atoms in zip(axes, found.values()):
            number = len(atoms.tiles)
            show_tiles(
                axis, atoms.tiles, int(np.sqrt(number)), f"m = {number}, the busiest atom first"
            )
