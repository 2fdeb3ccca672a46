"""Sparse coding: the energy, its minimisers ISTA and FISTA, and the gap that says how far a code is
from the best.

The slow, obvious truth that LISTA is trained and tested against. Knows matrices, nothing of
pictures or networks. Shapes: patches x (P, n), dictionary W_d (n, m) with columns of norm 1, codes
z (P, m); all of one float type.
Sources: Gregor and LeCun, ICML 2010 (energy, ISTA); Beck and Teboulle, SIAM J. Imaging Sciences
2009 (FISTA).
"""

import math
from collections.abc import Callable, Iterator
from itertools import chain, islice

import torch
from torch import Tensor
from torch.nn.functional import softshrink

from catseye.runtime.errors import CatseyeError

CHUNK = 4096  # patches that are coded together: small enough for the caches
FIRST_ROUND, LONGEST_ROUND = 25, 200  # iterations between two looks at the duality gap
MOST_ROUNDS = 150
WIDEST_SUPPORT = 64  # atoms of a code that is solved for directly
RIDGE = 1e-12  # on its diagonal: two atoms may be the same


def shrink(v: Tensor, theta: Tensor | float) -> Tensor:
    """h_theta(v)_i = sign(v_i) (|v_i| - theta_i)_+; theta a number, not negative, or (m,)."""
    if isinstance(theta, float):
        return softshrink(v, theta)
    return v.sign() * (v.abs() - theta).relu()


def energy(x: Tensor, dictionary: Tensor, z: Tensor, alpha: float) -> Tensor:
    """(P,): E(x, z) = 1/2 ||x - W_d z||^2 + alpha ||z||_1."""
    return (x - z @ dictionary.T).square().sum(1) / 2 + alpha * z.abs().sum(1)


def largest_eigenvalue(dictionary: Tensor) -> float:
    """L = lambda_max(W_d^T W_d), the Lipschitz constant of the gradient of 1/2 ||x - W_d z||^2."""
    return float(torch.linalg.matrix_norm(dictionary.double(), 2) ** 2)


def ista(x: Tensor, dictionary: Tensor, alpha: float, iterations: int) -> Tensor:
    """The code after `iterations` steps of ISTA from z(0) = 0; none: z(0)."""
    start = x.new_zeros(len(x), dictionary.shape[1])
    return next(islice(chain([start], ista_iterates(x, dictionary, alpha)), iterations, None))


def ista_iterates(x: Tensor, dictionary: Tensor, alpha: float) -> Iterator[Tensor]:
    """z(1), z(2), ... without end: z(k+1) = h_theta(W_e x + S z(k)) from z(0) = 0,

    where W_e = W_d^T / L, S = I - W_d^T W_d / L, theta = alpha / L.
    """
    bound = largest_eigenvalue(dictionary)
    z = x.new_zeros(len(x), dictionary.shape[1])
    while True:
        z = shrink(z + (x - z @ dictionary.T) @ dictionary / bound, alpha / bound)
        yield z


def fista(x: Tensor, dictionary: Tensor, alpha: float, iterations: int) -> Tensor:
    """The code after `iterations` steps of FISTA from z(0) = 0."""
    return next(islice(fista_iterates(x, dictionary, alpha), iterations - 1, None))


def fista_iterates(
    x: Tensor, dictionary: Tensor, alpha: float, start: Tensor | None = None
) -> Iterator[Tensor]:
    """z(1), z(2), ... without end: z(k) = h_theta(y(k) - gradient(y(k)) / L) and

    y(k+1) = z(k) + (t_k - 1) / t_{k+1} (z(k) - z(k-1)), t_{k+1} = (1 + sqrt(1 + 4 t_k^2)) / 2, t_1
    = 1, y(1) = z(0), where z(0) is `start` (0 if none).
    """
    bound = largest_eigenvalue(dictionary)
    drive = x @ dictionary / bound
    z = y = torch.zeros_like(drive) if start is None else start
    inhibition = _inhibition(dictionary, bound)
    t = 1.0
    while True:
        last, z = z, shrink(y + drive - inhibition(y), alpha / bound)
        yield z
        t, t_last = (1 + math.sqrt(1 + 4 * t * t)) / 2, t
        y = z + (t_last - 1) / t * (z - last)


def _inhibition(dictionary: Tensor, bound: float) -> Callable[[Tensor], Tensor]:
    """y -> y W_d^T W_d / L, by the order of products that multiplies less."""
    n, m = dictionary.shape
    if m < 2 * n:
        gram = dictionary.T @ dictionary / bound
        return lambda y: y @ gram
    back, forth = dictionary.T / bound, dictionary
    return lambda y: (y @ back) @ forth


def duality_gap(x: Tensor, dictionary: Tensor, z: Tensor, alpha: float) -> Tensor:
    """(P,): E(x, z) - D(u) >= E(x, z) - min E, an upper bound of what is left to gain.

    Dual of the lasso: D(u) = 1/2 ||x||^2 - 1/2 ||x - u||^2 over ||W_d^T u||_inf <= alpha; feasible
    point
    u = r min(1, alpha / ||W_d^T r||_inf) from the residual r = x - W_d z (Kim et al., IEEE J-STSP
    2007, section III).
    """
    residual = x - z @ dictionary.T
    steepest = (residual @ dictionary).abs().amax(1, keepdim=True)
    u = residual * (alpha / steepest.clamp_min(alpha))
    return energy(x, dictionary, z, alpha) - (x * u).sum(1) + u.square().sum(1) / 2


def fista_to_gap(x: Tensor, dictionary: Tensor, alpha: float, gap: float) -> Tensor:
    """(P, m): codes run to convergence: each patch has a duality gap of at most `gap`.

    FISTA starts anew from its last code after each round (restart, O'Donoghue and Candes 2015),
    only with the patches that are not there yet; rounds get longer. Once it has found which atoms
    a code uses, and with which signs, `solved_on_support` goes the rest of the way at once. Raises
    CatseyeError where `gap` is out of reach: float32 goes to about 1e-6.
    """
    return torch.cat([_chunk_to_gap(part, dictionary, alpha, gap) for part in x.split(CHUNK)])


def _chunk_to_gap(x: Tensor, dictionary: Tensor, alpha: float, gap: float) -> Tensor:
    codes = x.new_zeros(len(x), dictionary.shape[1])
    waiting, iterations, done = torch.arange(len(x)), FIRST_ROUND, 0
    for _ in range(MOST_ROUNDS):
        some = x[waiting]
        iterates = fista_iterates(some, dictionary, alpha, codes[waiting])
        found = next(islice(iterates, iterations - 1, None))
        solved = solved_on_support(some, dictionary, found, alpha)
        left, left_solved = (duality_gap(some, dictionary, z, alpha) for z in (found, solved))
        codes[waiting] = torch.where((left_solved <= gap)[:, None], solved, found)
        waiting = waiting[torch.minimum(left, left_solved) > gap]
        done += iterations
        if not len(waiting):
            return codes
        iterations = min(2 * iterations, LONGEST_ROUND)
    raise CatseyeError(
        f"{len(waiting)} codes have a duality gap above {gap} after {done} iterations of FISTA",
        "convergence",
        "ask for a larger gap, or use float64",
    )


def solved_on_support(x: Tensor, dictionary: Tensor, z: Tensor, alpha: float) -> Tensor:
    """(P, m): the codes that are stationary if the atoms used, A, and their signs are those of z:

    z_A = (W_A^T W_A)^-1 (W_A^T x - alpha sign(z_A)), in double precision. They are z* where that
    is so. Where z uses more than WIDEST_SUPPORT atoms, the weakest are left out.
    """
    width = min(WIDEST_SUPPORT, int((z != 0).sum(1).max()))
    if not width:
        return z
    sizes, atoms = z.abs().topk(width, dim=1)  # (P, A), padded with atoms that are not used
    used = sizes > 0
    wide = dictionary.double()
    gram = (wide.T @ wide)[atoms[:, :, None], atoms[:, None]]
    gram = gram * (used[:, :, None] & used[:, None])
    gram = gram + torch.diag_embed((~used).double() + RIDGE)
    drive = (x.double() @ wide).gather(1, atoms) - alpha * z.gather(1, atoms).sign()
    some = torch.linalg.solve(gram, drive * used)
    return torch.zeros_like(z).scatter(1, atoms, some.to(z.dtype))


def analytic_weights(dictionary: Tensor) -> Tensor:
    """(n, m): W of ALISTA (Liu, Chen, Wang, Yin, ICLR 2019): argmin ||W^T W_d||_F^2 with w_i^T d_i
    = 1 for every atom.

    Closed form: w_i = G^+ d_i / (d_i^T G^+ d_i), G = W_d W_d^T; its pseudo-inverse, because patches
    of mean 0 leave one direction empty.
    """
    gram = torch.linalg.pinv(dictionary.double() @ dictionary.double().T, hermitian=True, rtol=1e-9)
    weights = gram @ dictionary.double()
    return (weights / (weights * dictionary).sum(0)).to(dictionary.dtype)
