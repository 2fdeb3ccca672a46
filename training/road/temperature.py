"""The temperature that makes a road network's softmax a probability (Guo et al. 2017, arXiv
1706.04599): one number, by the likelihood of labels that the network has not learned from.

At the decoder's own resolution, as the exported graph answers.
"""

import math
from collections.abc import Sequence
from typing import cast

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, pad

from catseye.models.road import RoadNetwork
from catseye.runtime.datasets.road_frames import RoadSample
from catseye.runtime.tasks.road import TEMPERATURES
from catseye.training.road.prediction import network_input_from_bgr

PIXELS = 4000  # of a frame that are looked at
THIRDS = 30  # each leaves two thirds of the range of the logarithm


def fitted_temperature(
    network: nn.Module, samples: Sequence[RoadSample], device: torch.device
) -> float | None:
    """The likeliest temperature of all frames together; None where none of the pixels that are
    looked at has a class."""
    rng = np.random.default_rng(0)
    parts = [_logits_and_ids(network, sample, device, rng) for sample in samples]
    logits, ids = (torch.cat(each) for each in zip(*parts))
    return round(_likeliest(logits, ids), 4) if len(ids) else None


def _likeliest(logits: Tensor, ids: Tensor) -> float:
    """By thirds: the loss has one minimum over the temperature."""
    low, high = np.log(TEMPERATURES)
    for _ in range(THIRDS):
        lower, upper = low + (high - low) / 3, high - (high - low) / 3
        losses = [cross_entropy(logits / math.exp(t), ids).item() for t in (lower, upper)]
        low, high = (low, upper) if losses[0] < losses[1] else (lower, high)
    return math.exp((low + high) / 2)


@torch.no_grad()
def _logits_and_ids(
    network: nn.Module, sample: RoadSample, device: torch.device, rng: np.random.Generator
) -> tuple[Tensor, Tensor]:
    """(P, C) logits and (P,) class ids of labelled pixels of a frame, at most PIXELS."""
    image, mask = sample.read()
    road = cast(RoadNetwork, network)
    height, width = mask.shape
    x = network_input_from_bgr(image[None]).to(device)
    logits = road.logits(pad(x, (0, -width % road.stride, 0, -height % road.stride)))[0][0].cpu()
    middle = road.step // 2
    ids = torch.from_numpy(mask[middle :: road.step, middle :: road.step].astype(np.int64))
    rows = logits[:, : ids.shape[0], : ids.shape[1]].permute(1, 2, 0)
    known = ids < logits.shape[0]
    chosen = rng.permutation(int(known.sum()))[:PIXELS]
    return rows[known][chosen].float(), ids[known][chosen]
