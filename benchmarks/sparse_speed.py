"""LISTA against scikit-learn's `sparse_encode`, time per patch at equal code error: sparse_speed.py
--data DIR.

scikit-learn gets the cheaper of its two lasso solvers: least angles, which is exact, or coordinate
descent stopped after as few sweeps as bring it as near to z* as LISTA. Where that is between two
whole numbers of sweeps, its time is interpolated between theirs, by the logarithm of the code
error. All are timed turn about, in the processor's time, on patches of `val`.
"""

import argparse
import time
import warnings
from collections.abc import Callable
from functools import partial
from typing import NamedTuple, cast

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
ALONE = 20  # patches that are coded one after the other where a batch is of one
SHIPPED = ("sparse-100", "sparse-400", "sparse")
MOST_SWEEPS = 1000

Solver = Callable[[np.ndarray], np.ndarray]


class Rival(NamedTuple):
    """Solvers whose times make scikit-learn's, with the share of each; sweeps: how many those are
    on the whole, 0 for least angles."""

    shares: dict[Solver, float]
    sweeps: float

    def time(self, taken: dict[Solver, float]) -> float:
        return sum(share * taken[solver] for solver, share in self.shares.items())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", help=DATA_HELP)
    parser.add_argument("--models", nargs="+", default=SHIPPED)
    parser.add_argument("--rounds", type=int, default=20)
    args = parser.parse_args()
    warnings.simplefilter("ignore", ConvergenceWarning)  # stopping early is the point
    x = held_out_patches(data_folder(args.data), "val", 10)[:PATCHES]
    with threadpool_limits(1):
        rows = [row for name in args.models for row in rows_of(name, x, args.rounds)]
    say(f"{cpu_name()}, one thread, {args.rounds} rounds turn about")
    heads = ("model", "batch", "LISTA us", "sklearn us", "ratio", "mse of both", "solver")
    say_table(heads, rows)


def rows_of(name: str, x: torch.Tensor, rounds: int) -> list[tuple]:
    """A row for each batch size: microseconds a patch (p50), their ratio, and the code error."""
    network = cast(SparseCoder, load_shipped(name))
    truth = coded(x, network.dictionary, network.config.alpha).codes.numpy()
    patches, coder = x.numpy(), network.numpy_coder()
    error = _error(coder(patches), truth)
    rivals = rivals_of(network, patches.astype(np.float64), truth, error)
    rows = []
    for batch in BATCHES:
        single = patches[: ALONE if batch == 1 else batch]
        double = single.astype(np.float64)
        solvers = list(dict.fromkeys(solver for rival in rivals for solver in rival.shares))
        runs = [partial(_in_batches, coder, single, batch)]
        runs += [partial(_in_batches, solver, double, batch) for solver in solvers]
        ours, *theirs = (each / len(single) for each in times_us(runs, rounds))
        taken = dict(zip(solvers, theirs))
        best = min(rivals, key=lambda rival: rival.time(taken))
        words = f"coordinate descent, {best.sweeps:.2f} sweeps" if best.sweeps else "least angles"
        row = (ours, best.time(taken), best.time(taken) / ours, error, words)
        rows.append((name, batch, *row))
    return rows


def rivals_of(network: SparseCoder, x: np.ndarray, truth: np.ndarray, error: float) -> list[Rival]:
    """Least angles, and coordinate descent with as many sweeps as give that error."""
    atoms, alpha = network.dictionary.T.double().numpy(), network.config.alpha
    encode = partial(sparse_encode, dictionary=atoms, alpha=alpha)
    rivals = [Rival({partial(encode, algorithm="lasso_lars"): 1.0}, 0)]
    before: tuple[Solver, float] | None = None
    for sweeps in range(1, MOST_SWEEPS):
        solver = partial(encode, algorithm="lasso_cd", max_iter=sweeps)
        found = _error(solver(x), truth)
        if found <= error:
            share = 1.0
            if before:
                share = float(np.log(before[1] / error) / np.log(before[1] / found))
            shares = {solver: share} | ({before[0]: 1 - share} if before else {})
            return [*rivals, Rival(shares, sweeps - 1 + share)]
        before = solver, found
    return rivals


def times_us(runs: list[Callable[[], object]], rounds: int) -> list[float]:
    """p50 of each in microseconds of the processor's time, run turn about."""
    taken = []
    for _ in range(rounds + 1):
        moments = [time.process_time()]
        for run in runs:
            run()
            moments.append(time.process_time())
        taken.append(np.diff(moments) * 1e6)
    return [float(each) for each in np.median(taken[1:], axis=0)]


def _in_batches(solver: Solver, x: np.ndarray, batch: int) -> None:
    for first in range(0, len(x), batch):
        solver(x[first : first + batch])


def _error(codes: np.ndarray, truth: np.ndarray) -> float:
    return float(np.mean((codes - truth) ** 2))


if __name__ == "__main__":
    main()
