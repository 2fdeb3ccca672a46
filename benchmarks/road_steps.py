"""What a training step of the road networks costs, and an epoch of them: road_steps.py [--rounds N]

Forward, loss and gradient of eight crops on one thread, in CPU seconds: as it was (bfloat16
throughout, crops of 448x352), with wide depthwise convolutions in float32, and both at half the
size. All take turns in one run, so that a busy machine burdens them alike; the least of the rounds
counts.
"""

import argparse
import copy
import time

import torch
from torch import Tensor, nn

from catseye.commands.parsing.parser import say_table
from catseye.models.road import LITE_NANO, LiteRoadConfig, LiteRoadNet
from catseye.runtime.datasets.partial import allowed_by_code
from catseye.training.recipes.road import BATCH, CROP_WH, RoadRecipe, half_crop
from catseye.training.road.losses import label_loss, labelled_pixels, soft_jaccard_loss, thinned
from catseye.training.road.quick_on_cpu import quick_on_cpu

ALLOWED, WEIGHTS = torch.from_numpy(allowed_by_code(11, ())), torch.ones(256)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args()
    torch.set_num_threads(1)
    rows = []
    for name, config in (("road", LiteRoadConfig()), ("road-nano", LITE_NANO)):
        plain = LiteRoadNet(config).to(memory_format=torch.channels_last).train()
        quick = quick_on_cpu(copy.deepcopy(plain))
        kinds = [(plain, CROP_WH), (quick, CROP_WH), (quick, half_crop(CROP_WH))]
        turns = [[step_s(*kind) for kind in kinds] for _ in range(args.rounds)]
        before, whole, half = (min(column) for column in zip(*turns))
        epoch = RoadRecipe.coarse * half + (1 - RoadRecipe.coarse) * whole
        rows.append((name, before, whole, half, before / epoch))
    say_table(("network", "s a step before", "float32 5x5", "at half size", "epochs faster"), rows)


def step_s(network: nn.Module, size_wh: tuple[int, int]) -> float:
    """CPU seconds of one step's loss and gradient."""
    width, height = size_wh
    torch.manual_seed(0)
    x = torch.randn(BATCH, 3, height, width).to(memory_format=torch.channels_last)
    codes = torch.randint(11, (BATCH, height, width))
    begun = time.process_time()
    with torch.autocast("cpu", torch.bfloat16):
        logits, _ = network.logits(x)
    loss(logits, thinned(codes, logits)).backward()
    return time.process_time() - begun


def loss(logits: Tensor, codes: Tensor) -> Tensor:
    log_p, kept = labelled_pixels(logits, codes)
    return label_loss(log_p, kept, ALLOWED, WEIGHTS) + soft_jaccard_loss(log_p.exp(), kept, ALLOWED)


if __name__ == "__main__":
    main()
