"""LISTA (Gregor and LeCun, ICML 2010): ISTA unrolled to a fixed depth, its matrices and thresholds
learned.

    z(0) = h_theta(W_e x),   z(t+1) = h_theta(W_e x + S z(t)),   t < iterations

W_e and S are shared by all iterations, as in the paper; theta is too, or each step has its own,
which is worth much from two iterations on. They start at ISTA's values, so that the untrained
network of depth T gives the code of T + 1 steps of ISTA. How S is made stands in
models/inhibition.py; two later members of the family tie it to W_e, S = I - W_e W_d: LISTA-CP (Chen
et al. 2018), where W_e is learned, and ALISTA (Liu et al. 2019), where W_e is a computed matrix
times a learned number. Knows vectors, nothing of pictures.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

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
    inhibition: how S is made: "dense"; "masked", only its `kept` largest entries may be non-zero;
    "low-rank",
    S = I - U V with inner size `rank`; "coupled" (LISTA-CP) and "analytic" (ALISTA), S = I - W_e
    W_d.
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
    inhibit: Inhibition | None  # None: tied to W_e

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
        else:
            self.encode = nn.Parameter(dictionary.T / bound)  # W_e (m, n)
        if config.inhibition in TIED:
            self.inhibit = None
        else:
            self.inhibit = inhibition_from_dictionary(
                config.inhibition, config.kept, config.rank, dictionary, bound
            )

    def forward(self, x: Tensor) -> Tensor:
        encode, theta = self.encode_matrix(), self.thresholds()
        drive = x @ encode.T
        z = shrink(drive, theta[0])
        for step in range(1, self.config.iterations + 1):
            inhibited = (
                z - (z @ self.dictionary.T) @ encode.T if self.inhibit is None else self.inhibit(z)
            )
            z = shrink(drive + inhibited, theta[step])
        return z

    def numpy_coder(self) -> Callable[[np.ndarray], np.ndarray]:
        """The coder as a function of (P, n) float32 arrays: torch starts slowly for a few
        patches."""
        with torch.no_grad():
            encode = np.ascontiguousarray(self.encode_matrix().numpy().T)
            theta = self.thresholds().numpy()
            theta = np.stack([theta, -theta], 1)  # (T + 1, 2, m)
            inhibit = self._numpy_inhibition()

        def code(x: np.ndarray) -> np.ndarray:
            drive = v = x @ encode
            for each in theta[:-1]:
                z = _shrunk(v, each)
                v = inhibit(z)
                v += drive
            return _shrunk(v, theta[-1])

        def coder(x: np.ndarray) -> np.ndarray:
            if len(x) <= AT_ONCE:
                return code(x)
            return np.concatenate([code(x[i : i + AT_ONCE]) for i in range(0, len(x), AT_ONCE)])

        return coder

    def _numpy_inhibition(self) -> Callable[[np.ndarray], np.ndarray]:
        """z -> S z, by two thin products where S is of low rank."""
        if isinstance(self.inhibit, LowRankInhibition):
            v, u = (np.ascontiguousarray(part.numpy().T) for part in self.inhibit.parameters())
            return lambda z: z - z @ v @ u
        inhibition = np.ascontiguousarray(self.inhibition_matrix().numpy().T)
        return lambda z: z @ inhibition

    def encode_matrix(self) -> Tensor:
        """W_e, (m, n)."""
        return self.gain * self.analytic if self.config.inhibition == "analytic" else self.encode

    def thresholds(self) -> Tensor:
        """theta, (T + 1, m), of every step; one that training made negative counts as 0."""
        return self.theta.relu().expand(self.config.iterations + 1, -1)

    def inhibition_matrix(self) -> Tensor:
        """S, (m, m)."""
        if self.inhibit is None:
            return (
                torch.eye(self.config.atoms, device=self.theta.device)
                - self.encode_matrix() @ self.dictionary
            )
        return self.inhibit.matrix()

    def multiplies(self) -> int:
        """For one patch: W_e x once, S z in every iteration in the cheaper order of its
        products."""
        m, n = self.config.atoms, self.config.patch**2
        product = min(m * m, 2 * m * n) if self.inhibit is None else self.inhibit.multiplies()
        return m * n + self.config.iterations * product

    def rebuild(self, z: Tensor) -> Tensor:
        """(P, m) codes -> (P, n) patches W_d z."""
        return z @ self.dictionary.T


def _shrunk(v: np.ndarray, theta: np.ndarray) -> np.ndarray:
    """h_theta(v) = max(v, theta) + min(v, -theta); theta (2, m): theta and -theta."""
    z = np.maximum(v, theta[0])
    z += np.minimum(v, theta[1])
    return z
