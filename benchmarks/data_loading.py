"""How long the training of the road network waits for its batches, made by one thread and by one
for each core.

    python benchmarks/data_loading.py --data DIR --steps 20

And how long a batch takes to make when nothing else is done. All take turns in one run, so that a
busy machine burdens them alike.
"""

import argparse
import time
from itertools import islice
from statistics import median

import torch

from catseye.runtime.datasets import data_folder
from catseye.runtime.system.prefetch import Prefetched
from catseye.training.devices import device_from_name, has_bfloat16
from catseye.training.loop import AHEAD
from catseye.training.recipes.road import BATCH, CROP_WH, RoadRecipe

WARM_UP = 2  # steps


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", default="demo", help="folder that holds camvid/, or demo")
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--device", default="auto")
    args = parser.parse_args()
    device = device_from_name(args.device)
    recipe = RoadRecipe(data_folder(args.data), streets=0)
    mixed = has_bfloat16(device)
    print(
        f"{device}, {'bfloat16' if mixed else 'float32'}, {BATCH} crops of"
        f" {CROP_WH[0]}x{CROP_WH[1]}, {torch.get_num_threads()} threads, warm-up {WARM_UP} steps,"
        f" {args.rounds} rounds of {args.steps} steps"
    )
    numbers = sorted({1, recipe.makers})
    rounds = [
        [measure(recipe, device, mixed, number, args.steps) for number in numbers]
        for _ in range(args.rounds)
    ]
    for number, measured in zip(numbers, zip(*rounds)):
        making, step, waiting = (median(values) for values in zip(*measured))
        print(
            f"made by {number}: {1e3 * making:.1f} ms a batch alone; {step:.3f} s a step, "
            f"{100 * waiting:.1f} % of it waiting"
        )


def measure(
    recipe: RoadRecipe, device: torch.device, mixed: bool, makers: int, steps: int
) -> tuple[float, float, float]:
    """Seconds to make a batch, seconds a step, and the share of a step spent waiting for its
    batch."""
    recipe.makers = makers
    begun = time.perf_counter()
    made = sum(1 for _ in islice(recipe.batches(0), steps))
    making = (time.perf_counter() - begun) / made
    network = recipe.network.to(device).train()
    optimizer = torch.optim.AdamW(network.parameters(), lr=1e-4)
    with Prefetched(recipe.batches(0), AHEAD, "batches") as batches:
        for step, batch in enumerate(islice(batches, WARM_UP + steps)):
            if step == WARM_UP:
                begun, waited = time.perf_counter(), batches.waited_s
            with torch.autocast(device.type, torch.bfloat16, enabled=mixed):
                loss = recipe.loss(network, tuple(part.to(device) for part in batch))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            loss.item()  # wait for the device
        seconds = time.perf_counter() - begun
        return making, seconds / steps, (batches.waited_s - waited) / seconds


if __name__ == "__main__":
    main()
