"""The spectrum of a Hessian: all eigenvalues of a small one, the density of a large one.

Products by double back-propagation (Pearlmutter 1994): H v = d/dw (g(w) . v), g the gradient of the
loss.

Density by stochastic Lanczos quadrature (Lin, Saad, Yang 2016, arXiv 1308.5467; for networks
Ghorbani, Krishnan, Xiao 2019, arXiv 1901.10159). For a random v of norm 1, m steps of Lanczos give
an orthonormal Q with tridiagonal T = Q^T H Q, whose eigenpairs (theta_i, y_i) are the m-point Gauss
quadrature of v^T f(H) v = sum_i y_i[0]^2 f(theta_i), exact for polynomials f of degree up to
2 m - 1. With E[v v^T] = I / n its mean over probes tends to tr f(H) / n, which for the indicator of
an interval is the share of the eigenvalues in it. The outermost theta converge first, to
eigenvalues.

Knows losses and parameters, no network.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import torch
from scipy.linalg import eigh
from torch import Tensor

NEAR_ZERO = 1e-4  # the lecture's bound
SMALL = 1e-3  # of the largest eigenvalue
BROKEN_DOWN = 1e-10  # of the largest beta: the Krylov space holds no more directions

Product = Callable[[Tensor], Tensor]


class SpectrumSummary(NamedTuple):
    """The lecture's three numbers of a spectrum; share_near_zero: below NEAR_ZERO in magnitude,
    0-1."""

    share_near_zero: float
    largest: float
    most_negative: float


class Spectrum(NamedTuple):
    """values: (k,) eigenvalues or nodes, rising.  weights: (k,), the share of the spectrum that
    each stands for."""

    values: np.ndarray
    weights: np.ndarray

    def share_near_zero(self, bound: float = NEAR_ZERO) -> float:
        """Share of the eigenvalues below `bound` in magnitude, 0-1."""
        return float(self.weights[np.abs(self.values) < bound].sum())

    def resolved_share_near_zero(self) -> float | None:
        """Of an estimate: None where no node is below NEAR_ZERO, and so it cannot tell."""
        return self.share_near_zero() if np.abs(self.values).min() < NEAR_ZERO else None

    def share_small(self) -> float:
        """Share of the eigenvalues below SMALL of the largest in magnitude, which any scale of the
        loss leaves as it is."""
        return self.share_near_zero(SMALL * self.values[-1])

    def summary(self) -> SpectrumSummary:
        return SpectrumSummary(
            self.share_near_zero(), float(self.values[-1]), float(self.values[0])
        )

    def above_magnitude(self) -> tuple[np.ndarray, np.ndarray]:
        """(k,) magnitudes, falling, and for each the share of the eigenvalues that are at least as
        large."""
        order = np.abs(self.values).argsort()[::-1]
        return np.abs(self.values)[order], self.weights[order].cumsum()


class Hessian:
    """The Hessian of a scalar loss at its parameters; the graph of the gradient is built once for
    all products."""

    def __init__(self, loss: Tensor, parameters: Sequence[Tensor]) -> None:
        self.parameters = list(parameters)
        self.gradient = _flat(torch.autograd.grad(loss, self.parameters, create_graph=True))  # (n,)

    def __len__(self) -> int:
        return len(self.gradient)

    def product(self, v: Tensor) -> Tensor:
        """(n,) v -> (n,) H v, in the parameters' dtype."""
        return _flat(
            torch.autograd.grad(
                self.gradient, self.parameters, v.to(self.gradient.dtype), retain_graph=True
            )
        )

    def rows(self, number: int) -> Tensor:
        """The first `number` rows, (number, n), a product for each."""
        unit = torch.zeros_like(self.gradient)
        rows = []
        for index in range(number):
            unit[index] = 1
            rows.append(self.product(unit))
            unit[index] = 0
        return torch.stack(rows)


def dense_spectrum(hessian: np.ndarray) -> Spectrum:
    """Every eigenvalue of a symmetric (n, n) matrix, in its precision; overwrites it, in 4/3 n^3
    operations."""
    # in Fortran's order: no copy
    values = eigh(hessian.T, eigvals_only=True, overwrite_a=True, check_finite=False)
    return spectrum_of_all(values)


def spectrum_of_all(values: np.ndarray) -> Spectrum:
    """(n,) eigenvalues, rising, each of the same weight."""
    return Spectrum(values, np.full(len(values), 1 / len(values)))


def lanczos(product: Product, start: Tensor, steps: int) -> tuple[np.ndarray, np.ndarray]:
    """Diagonal (m,) and off-diagonal (m - 1,) of T after m <= `steps` steps from `start`, (n,).

    Every new direction is made orthogonal to all earlier ones, twice: without it Lanczos finds the
    same eigenvalue again and again (Paige 1972). m < `steps` where the Krylov space ends earlier.
    """
    found = torch.zeros(steps, len(start), dtype=torch.float64)  # the rows are Q^T
    diagonal, off_diagonal = np.zeros(steps), np.zeros(steps)
    direction = start.double() / start.double().norm()
    for step in range(steps):
        found[step] = direction
        image = product(direction).double()
        diagonal[step] = float(image @ direction)
        for _ in range(2):
            image -= found[: step + 1].T @ (found[: step + 1] @ image)
        off_diagonal[step] = float(image.norm())
        if off_diagonal[step] <= BROKEN_DOWN * off_diagonal.max(initial=abs(diagonal[0])):
            return diagonal[: step + 1], off_diagonal[:step]
        direction = image / off_diagonal[step]
    return diagonal, off_diagonal[:-1]


def estimated_spectrum(
    product: Product, size: int, steps: int, probes: int, seed: int = 0
) -> Spectrum:
    """The quadrature's nodes and weights over `probes` random starts together; the weights sum to
    1."""
    random = torch.Generator().manual_seed(seed)
    parts = [
        _quadrature(*lanczos(product, torch.randn(size, generator=random), steps))
        for _ in range(probes)
    ]
    values, weights = (np.concatenate(part) for part in zip(*parts))
    order = values.argsort()
    return Spectrum(values[order], weights[order] / probes)


def _quadrature(diagonal: np.ndarray, off_diagonal: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Nodes theta_i and weights y_i[0]^2 of the tridiagonal T."""
    matrix = np.diag(diagonal) + np.diag(off_diagonal, 1) + np.diag(off_diagonal, -1)
    nodes, vectors = np.linalg.eigh(matrix)
    return nodes, vectors[0] ** 2


def _flat(parts: Sequence[Tensor]) -> Tensor:
    return torch.cat([part.reshape(-1) for part in parts])
