"""Convolution as the lecture writes it, slowly: sums over positions, with filters that flip; and
what it costs.

torch's conv1d and conv2d correlate: they lay the filter on the signal as it stands. A network does
not mind, because it learns its filters, but W of the lecture is torch's weight turned by half a
turn. NumPy arrays of any number type.
"""

from collections.abc import Callable

import numpy as np


def convolve_1d(f: np.ndarray, g: np.ndarray) -> np.ndarray:
    """(F,), (G,) -> (F + G - 1,): (f * g)(n) = sum_u f(u) g(n - u), both zero outside."""
    out = np.zeros(len(f) + len(g) - 1, f.dtype)
    for n in range(len(out)):
        out[n] = sum(f[u] * g[n - u] for u in range(len(f)) if 0 <= n - u < len(g))
    return out


def convolve_2d(f: np.ndarray, g: np.ndarray) -> np.ndarray:
    """(M, N), (m, n) -> (M - m + 1, N - n + 1): (f * g)(i, j) = sum_uv f(u, v) g(i - u, j - v), g
    inside f."""
    return _slid(f[None], g[None, ::-1, ::-1])


def feature_maps(
    x: np.ndarray, w: np.ndarray, b: np.ndarray, q: Callable[[np.ndarray], np.ndarray]
) -> np.ndarray:
    """h^k_ij = q((W^k * x)_ij + b_k).

    x (L, M, N) source maps, w (K, L, m, n): W^kl joins destination map k and source map l, b (K,),
    q the non-linearity -> (K, M - m + 1, N - n + 1).
    """
    return q(np.stack([_slid(x, filters[:, ::-1, ::-1]) for filters in w]) + b[:, None, None])


def convolution_multiplies(
    maps_in: int, maps_out: int, size_mn: tuple[int, int], filter_mn: tuple[int, int]
) -> int:
    """The lecture's cost of a layer: (M - m + 1)(N - n + 1) m n K^(l-1) K^l."""
    (rows, columns), (m, n) = size_mn, filter_mn
    return (rows - m + 1) * (columns - n + 1) * m * n * maps_in * maps_out


def max_pool(x: np.ndarray, size: int) -> np.ndarray:
    """(K, M, N) -> (K, M // size, N // size): the largest of every size x size tile."""
    k, m, n = x.shape
    tiles = x[:, : m // size * size, : n // size * size].reshape(
        k, m // size, size, n // size, size
    )
    return tiles.max((2, 4))


def _slid(x: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """sum of x times the kernel (L, m, n) wherever it fits, the kernel as it stands."""
    _, m, n = kernel.shape
    rows, columns = x.shape[1] - m + 1, x.shape[2] - n + 1
    out = np.zeros((rows, columns), np.result_type(x, kernel))
    for i, j in np.ndindex(rows, columns):
        out[i, j] = (x[:, i : i + m, j : j + n] * kernel).sum()
    return out
