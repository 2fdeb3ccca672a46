"""What it is worth to see everything at half the size first: half_size_first.py --data DIR
[--epochs N] [--seeds N]

The recipe of `train road --nano` as it is, and the same at full size all along: for as many epochs,
and for as much processor time. By turns, one thread each, judged by a street that none of them saw.
A run that was broken off goes on where it was (--out). Prints a table.
"""

import argparse
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch

from catseye.commands.parsing.parser import say, say_table
from catseye.training.loop import fit
from catseye.training.plan import TrainingPlan
from catseye.training.recipes.road import COARSE, RoadRecipe

HELD_OUT = "0006R0"
QUARTER = 0.25  # of the time of an epoch at full size, which half the size takes


class Variant(NamedTuple):
    """half_first: whether the first half of the epochs sees half the size.  epochs: share of those
    that are asked for."""

    half_first: bool
    epochs: float


VARIANTS = {
    "half the size first": Variant(True, 1.0),
    "full size, as many epochs": Variant(False, 1.0),
    "full size, as much time": Variant(False, COARSE * QUARTER + 1 - COARSE),
}


class FullSizeRoad(RoadRecipe):
    """The recipe at full size all along."""

    def anneal(self, share: float) -> None:
        super().anneal(share)
        self.zoom = 1.0

    def effort(self, share: float) -> float:
        return 1.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", required=True)
    parser.add_argument("--epochs", type=int, default=16)
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--out", type=Path, default=Path("runs/half-size-first"))
    args = parser.parse_args()
    torch.set_num_threads(1)
    rows: dict[str, list[tuple[float, ...]]] = {name: [] for name in VARIANTS}
    for seed in range(args.seeds):
        for name in list(VARIANTS)[:: -1 if seed % 2 else 1]:
            rows[name].append(trained(name, seed, args))
            say(f"{name}, seed {seed}: {rows[name][-1]}")
    table = []
    for name, series in rows.items():
        mean, spread = np.mean(series, 0), np.std(series, 0)
        table.append([name, *(f"{m:.2f} +- {s:.2f}" for m, s in zip(mean, spread))])
    say_table(("variant", "epochs", "CPU min", "mIoU %", "road IoU %"), table)


def trained(name: str, seed: int, args: argparse.Namespace) -> tuple[float, ...]:
    """Epochs, minutes of processor time, mIoU and road IoU in percent of one run."""
    variant = VARIANTS[name]
    kind = RoadRecipe if variant.half_first else FullSizeRoad
    epochs = round(variant.epochs * args.epochs)
    recipe = kind(args.data, seed=seed, hold_out=HELD_OUT, nano=True)
    folder = args.out / f"{name.replace(' ', '-').replace(',', '')}-{seed}"
    begun_s = time.process_time()
    meta = fit(recipe, TrainingPlan(folder, epochs, resume=True, evaluations=1))
    minutes = (time.process_time() - begun_s) / 60
    return epochs, minutes, 100 * meta.metrics["miou"], 100 * meta.metrics["road_iou"]


if __name__ == "__main__":
    main()
