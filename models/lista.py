"""LISTA (Gregor and LeCun, ICML 2010): ISTA unrolled to a fixed depth, its matrices and thresholds
learned.

    z(0) = h_theta(W_e x),   z(t+1) = h_theta(W_e x + S z(t)),   t < iterations

W_e and S are shared by all iterations, as in the paper; theta is too, or each step has its own,
which is worth much from two iterations on. They start at ISTA's values, so that the untrained
network of depth T gives the code of T + 1 steps of ISTA. In the untied form each step has a W_e
and an S of its own. How S is made stands in models/inhibition.py; two later members of the family
tie it to W_e, S = I - W_e W_d: LISTA-CP (Chen et al. 2018), where W_e is learned, and ALISTA (Liu
et al. 2019), where W_e is a computed matrix times a learned number. Knows vectors, nothing of
pictures.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Literal, cast

import numpy as np
import torch
from torch import Tensor, nn

from catseye.models.inhibition import (
    FormName,
    Inhibition,
    LowRankInhibition,
    inhibition_from_dictionary,
)
from catseye.models.sparse_coding import analytic_weights, largest_eigenvalue, shrink

Thresholds = Literal["shared", "each"]
AT_ONCE = 256  # patches whose codes fit the caches
TIED = ("coupled", "analytic")


@dataclass(frozen=True, kw_only=True)
class SparseConfig:
    """patch: side of a patch, n = patch^2.  atoms: m.  iterations: T, products with S.  alpha:
    weight of ||z||_1.

    stride: pixels between patches when a whole frame is coded.
    inhibition: how S is made: "dense"; "untied", a dense S and a W_e for each step; "masked", only
    its `kept` largest entries may be non-zero; "low-rank", S = I - U V with inner size `rank`;
    "coupled" (LISTA-CP) and "analytic" (ALISTA), S = I - W_e W_d.
    thresholds: theta is "shared" by all steps, or there is one for "each" of the T + 1.
    scale: what a patch without its mean is divided by before it is coded: "norm", its own norm, or
    "noise", the standard deviation of the picture's noise; then alpha is in units of it and the
    dictionary is learned as well.
    """

    patch: int = 10
    atoms: int = 100
    iterations: int = 3
    alpha: float = 0.1
    stride: int = 3
    inhibition: FormName = "dense"
    kept: float = 1.0
    rank: int = 0
    thresholds: Thresholds = "shared"
    scale: Literal["norm", "noise"] = "norm"


class SparseCoder(nn.Module):
    """(P, n) float32 patches of mean 0 and norm 1 -> (P, m) float32 codes; holds the dictionary W_d
    (n, m)."""

    dictionary: Tensor
    analytic: Tensor
    encode: nn.Parameter | nn.ParameterList  # W_e, or that of each step
    inhibit: Inhibition | nn.ModuleList | None  # S, or that of each step; None: tied to W_e

    def __init__(
        self, config: SparseConfig = SparseConfig(), dictionary: Tensor | None = None
    ) -> None:
        """Start at ISTA for `dictionary`, (n, m) with columns of norm 1; without one the weights
        are to be loaded. Raises CatseyeError for an inhibition that it cannot have."""
        super().__init__()
        self.config = config
        if dictionary is None:
            dictionary, bound = torch.eye(config.patch**2, config.atoms), 1.0
        else:
            bound = largest_eigenvalue(dictionary)
        if config.scale == "noise":
            self.dictionary = nn.Parameter(dictionary.clone())
        else:
            self.register_buffer("dictionary", dictionary.clone())
        steps = (config.iterations + 1,) if config.thresholds == "each" else ()
        self.theta = nn.Parameter(torch.full((*steps, config.atoms), config.alpha / bound))
        if config.inhibition == "analytic":
            self.register_buffer("analytic", analytic_weights(dictionary).T.clone())
            self.gain = nn.Parameter(torch.tensor(1 / bound))
        elif config.inhibition == "untied":
            self.encode = nn.ParameterList(
                [nn.Parameter(dictionary.T / bound) for _ in range(config.iterations + 1)]
            )
        else:
            self.encode = nn.Parameter(dictionary.T / bound)  # (m, n)
        if config.inhibition in TIED:
            self.inhibit = None
        else:
            made = (config.inhibition, config.kept, config.rank, dictionary, bound)
            self.inhibit = (
                nn.ModuleList(inhibition_from_dictionary(*made) for _ in range(config.iterations))
                if config.inhibition == "untied"
                else inhibition_from_dictionary(*made)
            )

    def forward(self, x: Tensor) -> Tensor:
        theta = self.thresholds()
        encodes = self.encode_matrices()
        drives = [x @ encode.T for encode in encodes]
        z = shrink(drives[0], theta[0])
        for step in range(1, self.config.iterations + 1):
            inhibited = self._inhibited(z, step, encodes[0])
            z = shrink(drives[step % len(drives)] + inhibited, theta[step])
        return z

    def _inhibited(self, z: Tensor, step: int, encode: Tensor) -> Tensor:
        """S z, by the S of a step 1 ... T; encode: the W_e that S may be tied to."""
        if self.inhibit is None:
            return z - (z @ self.dictionary.T) @ encode.T
        if isinstance(self.inhibit, nn.ModuleList):
            return cast(Tensor, self.inhibit[step - 1](z))
        return cast(Tensor, self.inhibit(z))

    def numpy_coder(self) -> Callable[[np.ndarray], np.ndarray]:
        """The coder as a function of (P, n) float32 arrays: torch starts slowly for a few
        patches."""
        with torch.no_grad():
            encodes = [np.ascontiguousarray(each.numpy().T) for each in self.encode_matrices()]
            theta = self.thresholds().numpy()
            theta = np.stack([theta, -theta], 1)  # (T + 1, 2, m)
            inhibitions = self._numpy_inhibitions()

        def code(x: np.ndarray) -> np.ndarray:
            drives = [x @ encode for encode in encodes]
            v = drives[0]
            for step, each in enumerate(theta[:-1], 1):
                z = _shrunk(v, each)
                v = inhibitions[(step - 1) % len(inhibitions)](z)
                v += drives[step % len(drives)]
            return _shrunk(v, theta[-1])

        def coder(x: np.ndarray) -> np.ndarray:
            if len(x) <= AT_ONCE:
                return code(x)
            return np.concatenate([code(x[i : i + AT_ONCE]) for i in range(0, len(x), AT_ONCE)])

        return coder

    def _numpy_inhibitions(self) -> list[Callable[[np.ndarray], np.ndarray]]:
        """z -> S z, by two thin products where S is of low rank; that of all steps, or of each."""
        if isinstance(self.inhibit, LowRankInhibition):
            v, u = (np.ascontiguousarray(part.numpy().T) for part in self.inhibit.parameters())
            return [lambda z: z - z @ v @ u]
        matrices = [np.ascontiguousarray(each.numpy().T) for each in self.inhibition_matrices()]
        return [partial(_product, matrix) for matrix in matrices]

    def encode_matrices(self) -> list[Tensor]:
        """W_e, (m, n): one for all steps, or that of each of the T + 1."""
        if self.config.inhibition == "analytic":
            return [self.gain * self.analytic]
        return list(self.encode) if isinstance(self.encode, nn.ParameterList) else [self.encode]

    def thresholds(self) -> Tensor:
        """theta, (T + 1, m), of every step; one that training made negative counts as 0.

        Its gradient is that of a theta of 0, so that it can become positive again.
        """
        counted = self.theta + (self.theta.relu() - self.theta).detach()
        return counted.expand(self.config.iterations + 1, -1)

    def inhibition_matrices(self) -> list[Tensor]:
        """S, (m, m): one for all steps, or that of each of the T."""
        if self.inhibit is None:
            unit = torch.eye(self.config.atoms, device=self.theta.device)
            return [unit - self.encode_matrices()[0] @ self.dictionary]
        each = self.inhibit if isinstance(self.inhibit, nn.ModuleList) else [self.inhibit]
        return [cast(Inhibition, inhibit).matrix() for inhibit in each]

    def multiplies(self) -> int:
        """For one patch: W_e x once, or with the W_e of each step, S z in every iteration in the
        cheaper order of its products."""
        m, n = self.config.atoms, self.config.patch**2
        drives = len(self.encode_matrices()) * m * n
        if isinstance(self.inhibit, nn.ModuleList):
            return drives + sum(cast(Inhibition, each).multiplies() for each in self.inhibit)
        product = min(m * m, 2 * m * n) if self.inhibit is None else self.inhibit.multiplies()
        return drives + self.config.iterations * product

    def rebuild(self, z: Tensor) -> Tensor:
        """(P, m) codes -> (P, n) patches W_d z."""
        return z @ self.dictionary.T


def _product(matrix: np.ndarray, z: np.ndarray) -> np.ndarray:
    return z @ matrix


def _shrunk(v: np.ndarray, theta: np.ndarray) -> np.ndarray:
    """h_theta(v) = max(v, theta) + min(v, -theta); theta (2, m): theta and -theta."""
    z = np.maximum(v, theta[0])
    z += np.minimum(v, theta[1])
    return z
