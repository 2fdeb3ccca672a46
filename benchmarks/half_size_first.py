"""What it is worth to see everything at half the size first: half_size_first.py --data DIR
[--epochs N] [--seeds N]

The recipe of `train road --nano` as it is, and the same at full size all along: for as many epochs,
and for as much processor time. By turns, one thread each, judged by a street that none of them saw.
Whole runs are kept in --out and not run again; one that was broken off begins anew, for its time is
asked for. Prints a table.
"""

import argparse
import time
from pathlib import Path
from typing import NamedTuple

import torch

from catseye.commands.parsing.parser import say, say_table
from catseye.training.analysis.optimizers.kept import KeptRuns
from catseye.training.analysis.spread import in_words, of_sample
from catseye.training.loop import fit
from catseye.training.plan import TrainingPlan
from catseye.training.recipes.road import RoadRecipe

HELD_OUT = "0006R0"
QUARTER = 0.25  # of the time of an epoch at full size, which half the size takes


class Variant(NamedTuple):
    """coarse: share of the epochs, from the first on, that sees half the size.  epochs: share of
    those that are asked for."""

    coarse: float
    epochs: float


VARIANTS = {
    "half the size first": Variant(RoadRecipe.coarse, 1.0),
    "full size, as many epochs": Variant(0.0, 1.0),
    "full size, as much time": Variant(0.0, RoadRecipe.coarse * QUARTER + 1 - RoadRecipe.coarse),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", required=True)
    parser.add_argument("--epochs", type=int, default=16)
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--out", type=Path, default=Path("runs/half-size-first"))
    args = parser.parse_args()
    torch.set_num_threads(1)
    kept = KeptRuns(args.out / "runs.jsonl")
    found: dict[str, list[list[float]]] = {name: [] for name in VARIANTS}
    for seed in range(args.seeds):
        for name in list(VARIANTS)[:: -1 if seed % 2 else 1]:
            run = {"variant": name, "seed": seed, "epochs": args.epochs}
            (row,) = kept.rows_of(run, (1, 4), lambda n=name, s=seed: [trained(n, s, args)])
            found[name].append(row)
            say(f"{name}, seed {seed}: {row}")
    table = [
        [name, *(in_words(of_sample(each), args.seeds, "%.2f") for each in zip(*rows))]
        for name, rows in found.items()
    ]
    say_table(("variant", "epochs", "CPU min", "mIoU %", "road IoU %"), table)


def trained(name: str, seed: int, args: argparse.Namespace) -> list[float]:
    """Epochs, minutes of processor time, mIoU and road IoU in percent of one run."""
    variant = VARIANTS[name]
    epochs = round(variant.epochs * args.epochs)
    recipe = RoadRecipe(args.data, seed=seed, hold_out=HELD_OUT, nano=True)
    recipe.coarse = variant.coarse
    folder = args.out / f"{name.replace(' ', '-').replace(',', '')}-{seed}"
    begun_s = time.process_time()
    meta = fit(recipe, TrainingPlan(folder, epochs, evaluations=1))
    minutes = (time.process_time() - begun_s) / 60
    return [epochs, minutes, 100 * meta.metrics["miou"], 100 * meta.metrics["road_iou"]]


if __name__ == "__main__":
    main()
