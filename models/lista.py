"""LISTA (Gregor and LeCun, ICML 2010): ISTA unrolled to a fixed depth, its matrices and thresholds learned.

    z(0) = h_theta(W_e x),   z(t+1) = h_theta(W_e x + S z(t)),   t < iterations

W_e, S and theta are shared by all iterations, as in the paper. They start at ISTA's values, so that the untrained
network of depth T gives the code of T + 1 steps of ISTA. Knows vectors, nothing of pictures.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from catseye.models.sparse_coding import largest_eigenvalue, shrink
from catseye.runtime.errors import CatseyeError


@dataclass(frozen=True)
class SparseConfig:
    """patch: side of a patch, n = patch^2.  atoms: m.  iterations: T, products with S.  alpha: weight of ||z||_1.

    stride: pixels between patches when a whole frame is coded.
    inhibition: how S is made: "dense"; "masked", only its `kept` largest entries may be non-zero; "low-rank",
    S = I - U V with inner size `rank`.
    """

    patch: int = 10
    atoms: int = 100
    iterations: int = 3
    alpha: float = 0.1
    stride: int = 3
    inhibition: str = "dense"
    kept: float = 1.0
    rank: int = 0


class SparseCoder(nn.Module):
    """(P, n) float32 patches of mean 0 and norm 1 -> (P, m) float32 codes; holds the dictionary W_d (n, m)."""

    dictionary: Tensor
    inhibit: "Inhibition"

    def __init__(self, config: SparseConfig = SparseConfig(), dictionary: Tensor | None = None) -> None:
        """Start at ISTA for `dictionary`, (n, m) with columns of norm 1; without one the weights are to be loaded."""
        super().__init__()
        self.config = config
        dictionary = torch.eye(config.patch**2, config.atoms) if dictionary is None else dictionary
        bound = largest_eigenvalue(dictionary)
        self.register_buffer("dictionary", dictionary.clone())
        self.encode = nn.Parameter(dictionary.T / bound)  # W_e (m, n)
        self.theta = nn.Parameter(torch.full((config.atoms,), config.alpha / bound))
        self.inhibit = inhibition_from_dictionary(config, dictionary, bound)

    def forward(self, x: Tensor) -> Tensor:
        drive = x @ self.encode.T
        z = shrink(drive, self.theta)
        for _ in range(self.config.iterations):
            z = shrink(drive + self.inhibit(z), self.theta)
        return z

    def rebuild(self, z: Tensor) -> Tensor:
        """(P, m) codes -> (P, n) patches W_d z."""
        return z @ self.dictionary.T


def inhibition_from_dictionary(config: SparseConfig, dictionary: Tensor, bound: float) -> "Inhibition":
    """The module z -> S z, started at S = I - W_d^T W_d / L."""
    if config.inhibition == "low-rank":
        return LowRankInhibition(dictionary, bound, config.rank)
    s = torch.eye(config.atoms) - dictionary.T @ dictionary / bound
    if config.inhibition == "masked":
        return MaskedInhibition(s, config.kept)
    if config.inhibition == "dense":
        return DenseInhibition(s)
    raise CatseyeError(f"inhibition {config.inhibition!r}", "dense, masked or low-rank")


class Inhibition(nn.Module):
    """z -> S z for (P, m) codes, however S is made."""

    def matrix(self) -> Tensor:
        """S, (m, m)."""
        raise NotImplementedError


class DenseInhibition(Inhibition):
    """Every entry of S is learned: m^2 multiplies for a product."""

    def __init__(self, s: Tensor) -> None:
        super().__init__()
        self.s = nn.Parameter(s.clone())

    def matrix(self) -> Tensor:
        return self.s

    def forward(self, z: Tensor) -> Tensor:
        return z @ self.matrix().T


class MaskedInhibition(DenseInhibition):
    """Only the share `kept` of S's entries that start largest are learned, the rest stay 0."""

    mask: Tensor

    def __init__(self, s: Tensor, kept: float) -> None:
        super().__init__(s)
        number = max(1, round(kept * s.numel()))
        smallest = s.abs().flatten().topk(number).values[-1]
        self.register_buffer("mask", (s.abs() >= smallest).float())

    def matrix(self) -> Tensor:
        return self.s * self.mask


class LowRankInhibition(Inhibition):
    """S = I - U V, U (m, r), V (r, m): 2 m r multiplies; exact at the start for r >= n, else the best rank-r part."""

    def __init__(self, dictionary: Tensor, bound: float, rank: int) -> None:
        super().__init__()
        if not 0 < rank <= min(dictionary.shape):
            raise CatseyeError(f"rank {rank}", f"1 to {min(dictionary.shape)}, the smaller side of the dictionary")
        _, sizes, directions = torch.linalg.svd(dictionary, full_matrices=False)
        self.v = nn.Parameter(directions[:rank] * sizes[:rank, None] / bound**0.5)
        self.u = nn.Parameter(self.v.detach().T.clone())

    def matrix(self) -> Tensor:
        return torch.eye(self.v.shape[1], device=self.v.device) - self.u @ self.v

    def forward(self, z: Tensor) -> Tensor:
        return z - (z @ self.v.T) @ self.u.T
