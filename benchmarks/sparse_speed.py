"""LISTA against scikit-learn's `sparse_encode`, time per patch at equal code error: sparse_speed.py
--data DIR.

scikit-learn gets the cheaper of its two lasso solvers that is at least as near to z* as LISTA:
least angles, which is exact, or coordinate descent stopped after as few sweeps as that takes. Both
are timed turn about on patches of `val`.
"""

import argparse
import time
import warnings
from functools import partial
from typing import cast

import numpy as np
import torch
from sklearn.decomposition import sparse_encode
from sklearn.exceptions import ConvergenceWarning
from threadpoolctl import threadpool_limits

from catseye.commands.parsing.parser import DATA_HELP, say, say_table
from catseye.models.checkpoint import load_shipped
from catseye.models.lista import SparseCoder
from catseye.runtime.datasets import data_folder
from catseye.runtime.engines.cpu import cpu_name
from catseye.training.patches import held_out_patches
from catseye.training.recipes.sparse import coded

PATCHES, BATCHES = 1000, (1, 1000)
SWEEPS = (1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", help=DATA_HELP)
    parser.add_argument("--models", nargs="+", default=["sparse-100", "sparse-400", "sparse"])
    parser.add_argument("--rounds", type=int, default=20)
    args = parser.parse_args()
    warnings.simplefilter("ignore", ConvergenceWarning)  # stopping early is the point
    x = held_out_patches(data_folder(args.data), "val", 10)[:PATCHES]
    with threadpool_limits(1):
        rows = [row for name in args.models for row in rows_of(name, x, args.rounds)]
    say(f"{cpu_name()}, one thread, {args.rounds} rounds turn about")
    say_table(
        (
            "model",
            "batch",
            "LISTA us",
            "sklearn us",
            "ratio",
            "LISTA mse",
            "sklearn mse",
            "solver",
        ),
        rows,
    )


def rows_of(name: str, x: torch.Tensor, rounds: int) -> list[tuple]:
    """A row for each batch size: microseconds a patch (p50), their ratio, and both code errors."""
    network = cast(SparseCoder, load_shipped(name))
    truth = coded(x, network.dictionary, network.config.alpha).codes.numpy()
    patches, coder = x.numpy(), network.numpy_coder()
    error = float(np.mean((coder(patches) - truth) ** 2))
    solver, rival = rival_of(network, patches.astype(np.float64), truth, error)
    rows = []
    for batch in BATCHES:
        single, double = patches[:batch], patches[:batch].astype(np.float64)
        ours, theirs = times_us(partial(coder, single), partial(solver, double), rounds)
        rows.append((name, batch, ours / batch, theirs / batch, theirs / ours, error, *rival))
    return rows


def rival_of(network: SparseCoder, x: np.ndarray, truth: np.ndarray, error: float):
    """The quicker solver that is as near to z*, with its error and its name."""
    atoms, alpha = network.dictionary.T.double().numpy(), network.config.alpha

    def lars(some):
        return sparse_encode(some, atoms, algorithm="lasso_lars", alpha=alpha)

    candidates = [(lars, (float(np.mean((lars(x) - truth) ** 2)), "least angles"))]
    for sweeps in SWEEPS:

        def descent(some, sweeps=sweeps):
            return sparse_encode(some, atoms, algorithm="lasso_cd", alpha=alpha, max_iter=sweeps)

        found = float(np.mean((descent(x) - truth) ** 2))
        if found <= error:
            candidates.append((descent, (found, f"coordinate descent, {sweeps} sweeps")))
            break
    return min(
        candidates,
        key=lambda candidate: times_us(lambda: candidate[0](x[:200]), lambda: None, 3)[0],
    )


def times_us(first, second, rounds: int) -> tuple[float, float]:
    """p50 of both in microseconds, run turn about."""
    taken = []
    for _ in range(rounds + 1):
        moments = [time.perf_counter()]
        for run in (first, second):
            run()
            moments.append(time.perf_counter())
        taken.append(np.diff(moments) * 1e6)
    ours, theirs = np.median(taken[1:], axis=0)
    return float(ours), float(theirs)


if __name__ == "__main__":
    main()
