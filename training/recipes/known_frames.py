"""What frames an autoencoder is to know, and their profiles under its weights
(runtime/health/out_of_distribution.py).

The road model's own training data: the road frames of `train` and synthetic streets; where `--data`
holds no road data, the photographs themselves. Every profile is that of a whole frame as the
exported graph sees it, patch by patch here.
"""

from collections.abc import Sequence
from typing import TypeVar

import cv2
import numpy as np
import torch

from catseye.models.autoencoder import FLOOR, Autoencoder
from catseye.runtime.datasets import DEMO
from catseye.runtime.datasets.bsds import GREY_FROM_BGR, patches_from_image, read_photographs
from catseye.runtime.datasets.road import open_road_data
from catseye.runtime.errors import CatseyeError
from catseye.runtime.health.out_of_distribution import profile_of, reference_from_profiles
from catseye.runtime.tasks.autoencoder import inside_frame, share_of_box
from catseye.runtime.tasks.letterbox import letterbox

SIZE_WH = (640, 360)  # the size that the autoencoder is exported for
FRAMES = 120  # of each set at most


Item = TypeVar("Item")
Frames = dict[str, list[np.ndarray]]


def known_frames(data: str) -> Frames:
    """(H, W, 3) uint8 BGR by the name of the set, at most FRAMES of each, evenly spread.

    Raises CatseyeError where `data` holds neither road frames nor photographs.
    """
    if data == DEMO:
        return {"synthetic streets": _streets()}
    try:
        road = open_road_data(data)
    except CatseyeError:
        photographs = read_photographs(data, "train")
        return {
            "photographs": [
                cv2.cvtColor(one.image, cv2.COLOR_GRAY2BGR) for one in _spread(photographs)
            ]
        }
    frames = [sample.read()[0] for sample in _spread(road.samples("train"))]
    return {f"{road.name} train": frames, "synthetic streets": _streets()}


def learn_known(network: Autoencoder, frames: Frames) -> None:
    """Keep in the network what it answers to the frames of each set that its config names."""
    for row, name in enumerate(network.config.known):
        profiles = np.stack([profile_of(*frame_answer(network, frame)) for frame in frames[name]])
        known = reference_from_profiles(name, profiles)
        network.known_mean[row] = torch.from_numpy(known.mean)
        network.known_whiten[row] = torch.from_numpy(known.whiten)


@torch.no_grad()
def frame_answer(network: Autoencoder, frame: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(H, W, 3) uint8 BGR -> error (h, w), activity (units,): the slow truth of the graph and its
    task."""
    config = network.config
    picture, place = letterbox(frame, SIZE_WH)
    grey = (picture @ GREY_FROM_BGR) / 255  # (H, W) float32
    x = torch.from_numpy(
        np.ascontiguousarray(patches_from_image(grey, config.patch, config.stride))
    )
    x = (x - x.mean(1, keepdim=True)).to(network.encode.weight.device)
    x = x / x.norm(dim=1, keepdim=True).clamp_min(FLOOR)
    a, weight = network.activations(x), x.square().sum(1, keepdim=True)
    columns = (SIZE_WH[0] - config.patch) // config.stride + 1
    error = (network.decode(a) - x).square().sum(1).reshape(-1, columns).cpu().numpy()
    activity = (a * weight).mean(0).cpu().numpy() / share_of_box(place, SIZE_WH)
    return inside_frame(error, place, config.patch, config.stride), activity


def _streets() -> list[np.ndarray]:
    return [sample.read()[0] for sample in _spread(open_road_data(DEMO).samples("train"))]


def _spread(items: Sequence[Item]) -> Sequence[Item]:
    number = min(FRAMES, len(items))
    return [items[index * len(items) // number] for index in range(number)]
