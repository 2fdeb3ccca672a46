"""The mutual inhibition matrix S of LISTA in its forms: dense, masked sparse, low-rank (Gregor and
LeCun, ICML 2010).

The restricted forms multiply less: `multiplies` counts. Knows matrices and codes, not the network
around them.
"""

from typing import Literal, TypedDict

import torch
from torch import Tensor, nn

from catseye.runtime.errors import CatseyeError

FormName = Literal["dense", "untied", "masked", "low-rank", "coupled", "analytic"]
UNNUMBERED: tuple[FormName, ...] = ("dense", "untied", "coupled", "analytic")


class Form(TypedDict, total=False):
    """The fields of SparseConfig that say how S is made."""

    inhibition: FormName
    kept: float
    rank: int


def inhibition_from_dictionary(
    form: str, kept: float, rank: int, dictionary: Tensor, bound: float
) -> "Inhibition":
    """The module z -> S z of the form asked for, started at S = I - W_d^T W_d / L; W_d (n, m), L
    its bound. Raises CatseyeError for an unknown form, share or rank."""
    if form == "low-rank":
        return LowRankInhibition(dictionary, bound, rank)
    s = torch.eye(dictionary.shape[1]) - dictionary.T @ dictionary / bound
    if form == "masked":
        return MaskedInhibition(s, kept)
    if form in ("dense", "untied"):
        return DenseInhibition(s)
    raise CatseyeError(
        f"inhibition {form!r}", "dense, untied, masked, low-rank, coupled or analytic"
    )


def form_from_text(text: str) -> Form:
    """ "dense", "untied", "coupled", "analytic", "masked:0.2" or "low-rank:20" -> the fields of
    SparseConfig that it sets. Raises CatseyeError for any other text."""
    form, _, number = text.partition(":")
    try:
        if form == "masked":
            return {"inhibition": "masked", "kept": float(number)}
        if form == "low-rank":
            return {"inhibition": "low-rank", "rank": int(number)}
    except ValueError:
        pass  # no number, and no name without one either
    for name in UNNUMBERED:
        if text == name:
            return {"inhibition": name}
    raise CatseyeError(
        f"inhibition {text!r}", "dense, untied, coupled, analytic, masked:SHARE or low-rank:RANK"
    )


class Inhibition(nn.Module):
    """z -> S z for (P, m) codes, however S is made."""

    def matrix(self) -> Tensor:
        """S, (m, m)."""
        raise NotImplementedError

    def multiplies(self) -> int:
        """For one product S z."""
        return int(torch.count_nonzero(self.matrix()))


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
        """Raises CatseyeError for a share that is none."""
        super().__init__(s)
        if not 0 < kept <= 1:
            raise CatseyeError(f"a share of {kept} of S's entries", "above 0, at most 1")
        number = max(1, round(kept * s.numel()))
        smallest = s.abs().flatten().topk(number).values[-1]
        self.register_buffer("mask", (s.abs() >= smallest).float())

    def matrix(self) -> Tensor:
        return self.s * self.mask


class LowRankInhibition(Inhibition):
    """S = I - U V, U (m, r), V (r, m): 2 m r multiplies; exact at the start for r >= n, else the
    best rank-r part."""

    def __init__(self, dictionary: Tensor, bound: float, rank: int) -> None:
        """Raises CatseyeError for a rank that the dictionary cannot have."""
        super().__init__()
        if not 0 < rank <= min(dictionary.shape):
            raise CatseyeError(
                f"rank {rank}", f"1 to {min(dictionary.shape)}, the smaller side of the dictionary"
            )
        _, sizes, directions = torch.linalg.svd(dictionary, full_matrices=False)
        self.v = nn.Parameter(directions[:rank] * sizes[:rank, None] / bound**0.5)
        self.u = nn.Parameter(self.v.detach().T.clone())

    def matrix(self) -> Tensor:
        return torch.eye(self.v.shape[1], device=self.v.device) - self.u @ self.v

    def forward(self, z: Tensor) -> Tensor:
        return z - (z @ self.v.T) @ self.u.T

    def multiplies(self) -> int:
        return self.u.numel() + self.v.numel()
