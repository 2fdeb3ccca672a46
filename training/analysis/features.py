"""What hidden units look for, in pictures: the inputs that excite them most, of the shipped
networks.

The autoencoder's units have one best input of norm 1, x_j = W_ij / ||W_i|| (the lecture's formula).
A convolutional network's feature map is shown by the pieces of real pictures that excite it most,
each as large as the map sees. Trains nothing.
"""

import os
from typing import NamedTuple, cast

import numpy as np
import torch
from matplotlib.axes import Axes
from torch import nn

from catseye.models.autoencoder import Autoencoder, strongest_inputs
from catseye.models.checkpoint import load_shipped
from catseye.models.lenet import LeNet
from catseye.models.road import LiteRoadNet
from catseye.runtime.datasets.road import road_samples
from catseye.training.analysis.figure import figure, show_tiles
from catseye.training.recipes.digits import digit_tensors, network_input_from_digits
from catseye.training.road.prediction import network_input_from_bgr

LECTURE_RHO = 0.2  # of the lecture's plot of the divergence
DIGITS, ROAD_FRAMES = 2000, 24
LENET_PIECES = 8
ROAD_MAPS, ROAD_PIECES = 6, 6
EDGE, ORIENTATIONS = 0.5, 8


class Eye(NamedTuple):
    """How a unit of a feature map sees the input: position i covers pixels from step * i + first,
    `side` of them."""

    step: int
    first: int
    side: int


LENET_EYE = Eye(2, 0, 14)  # second convolution: 5, doubled by pooling, and 5 again
# down to the stage at a quarter: four filters 3x3, the first and the third with stride 2
ROAD_EYE = Eye(4, -9, 19)
STRIDE = 16  # of the road network


def filters_of_zoo(name: str) -> np.ndarray:
    """(K, h, w) or (K, h, w, 3) float32: the autoencoder's best inputs, or a network's first
    filters, RGB."""
    network = load_shipped(name)
    if isinstance(network, Autoencoder):
        side = network.config.patch
        return strongest_inputs(network.encode.weight.detach()).reshape(-1, side, side).numpy()
    first = (
        network.features[0] if isinstance(network, LeNet) else cast(LiteRoadNet, network).stem[0]
    )
    # (K, h, w, channels)
    weights = cast(nn.Conv2d, first).weight.detach().permute(0, 2, 3, 1).numpy()
    return weights[..., 0] if weights.shape[3] == 1 else weights


def digit_pieces(data: str, pieces: int = LENET_PIECES) -> np.ndarray:
    """(6, pieces, 14, 14): what excites each map of LeNet's second convolution most, in digits of
    the test set."""
    network = cast(LeNet, load_shipped("digits"))
    images, _ = digit_tensors(data, "test", DIGITS)
    with torch.no_grad():
        # (N, 6, 10, 10), before pooling
        maps = network.features[:4](network_input_from_digits(images))
    return strongest_pieces(images.numpy(), maps.numpy(), LENET_EYE, pieces)


def road_pieces(data: str, pieces: int = ROAD_PIECES) -> np.ndarray:
    """(ROAD_MAPS, pieces, 19, 19, 3) RGB: likewise for the road network's busiest maps at 1/4,
    frames of val."""
    network = cast(LiteRoadNet, load_shipped("road"))
    samples = road_samples(data, "val")
    images = np.stack(
        [_rgb(sample.read()[0]) for sample in samples[:: max(1, len(samples) // ROAD_FRAMES)]]
    )
    with torch.no_grad():
        inputs = (network_input_from_bgr(image[None, ..., ::-1]) for image in images)
        halves = (network.at_half(network.stem(x)) for x in inputs)
        maps = np.concatenate([network.at_quarter(half).numpy() for half in halves])
    busiest = np.argsort(-maps.std((0, 2, 3)))[:ROAD_MAPS]
    return strongest_pieces(images, maps[:, busiest], ROAD_EYE, pieces)


def strongest_pieces(images: np.ndarray, maps: np.ndarray, eye: Eye, pieces: int) -> np.ndarray:
    """images (N, H, W) or (N, H, W, 3), maps (N, K, h, w) -> (K, pieces, side, side[, 3]), the
    strongest first.

    One piece of a picture at most. Only positions whose piece lies inside the picture count.
    """
    height, width = images.shape[1:3]
    rows, columns = (
        [at for at in range(size) if 0 <= eye.step * at + eye.first <= side - eye.side]
        for size, side in zip(maps.shape[2:], (height, width))
    )
    inner = maps[:, :, rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    flat = inner.reshape(*inner.shape[:2], -1)  # (N, K, positions)
    return np.stack(
        [
            _pieces_of_map(images, flat[:, k], (rows, columns), eye, pieces)
            for k in range(flat.shape[1])
        ]
    )


def _pieces_of_map(
    images: np.ndarray, flat: np.ndarray, places: tuple[list[int], list[int]], eye: Eye, pieces: int
) -> np.ndarray:
    rows, columns = places
    found = []
    for picture in np.argsort(-flat.max(1), kind="stable")[:pieces]:
        row, column = divmod(int(flat[picture].argmax()), len(columns))
        y, x = (eye.step * at + eye.first for at in (rows[row], columns[column]))
        found.append(images[picture, y : y + eye.side, x : x + eye.side])
    return np.stack(found)


class Units(NamedTuple):
    """How far the autoencoder's units are edge detectors.

    coherence: median over the `units` of `coherence`; untrained: that of fresh weights.  edges: how
    many are more edge than not.  orientations: of ORIENTATIONS equal ranges, how many hold the
    orientation of one of these.
    """

    units: int
    coherence: float
    edges: int
    untrained: float
    orientations: int


def report() -> Units:
    """Of the shipped autoencoder."""
    network = cast(Autoencoder, load_shipped("autoencoder"))
    torch.manual_seed(0)
    fresh = (
        Autoencoder(network.config)
        .encode.weight.detach()
        .reshape(-1, *filters_of_zoo("autoencoder").shape[1:])
    )
    found, angle = coherence(filters_of_zoo("autoencoder"))
    edges = angle[found > EDGE]
    ranges = np.floor(edges / np.pi * ORIENTATIONS).astype(int) % ORIENTATIONS
    return Units(
        units=len(found),
        coherence=float(np.median(found)),
        edges=len(edges),
        untrained=float(np.median(coherence(fresh.numpy())[0])),
        orientations=len(np.unique(ranges)),
    )


def coherence(tiles: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(N, h, w) -> (N,) how far all gradients of a tile lie along one line, 0-1, and (N,) that
    line's angle, 0 to pi.

    From the structure tensor J = sum of g g^T: (l1 - l2) / (l1 + l2), l its eigenvalues. 1 for a
    straight edge or grating, 0 where no direction is preferred.
    """
    down, right = np.gradient(tiles, axis=(1, 2))
    xx, yy, xy = (
        (one * other).sum((1, 2)) for one, other in ((right, right), (down, down), (right, down))
    )
    return np.hypot(xx - yy, 2 * xy) / (xx + yy), np.arctan2(2 * xy, xx - yy) / 2 % np.pi


def draw(path: str | os.PathLike[str], data: str) -> None:
    """Six panels: the autoencoder's units, the divergence; filters and pieces of LeNet and of the
    road network."""
    digits, road = digit_pieces(data), road_pieces(data)
    with figure(path, columns=3, rows=2) as axes:
        show_tiles(
            axes[0],
            filters_of_zoo("autoencoder"),
            10,
            "autoencoder: the input of norm 1\nthat excites each unit most",
        )
        _draw_divergence(axes[1])
        show_tiles(axes[2], filters_of_zoo("digits"), 2, "LeNet: the first filters, 5x5")
        show_tiles(
            axes[3],
            digits.reshape(-1, *digits.shape[2:]),
            digits.shape[1],
            "LeNet: 14x14 pieces of digits that excite\neach map (row) of the second convolution"
            " most",
        )
        show_tiles(axes[4], filters_of_zoo("road"), 6, "road: the first filters, 3x3 RGB")
        show_tiles(
            axes[5],
            road.reshape(-1, *road.shape[2:]),
            road.shape[1],
            "road: 23x23 pieces of frames that excite\nsix maps (rows) at 1/4 most",
        )


def divergence_curve() -> tuple[np.ndarray, np.ndarray]:
    """rho_hat and KL(LECTURE_RHO || rho_hat), so near to its poles at 0 and 1 that it leaves the
    picture at both."""
    rho, steps = LECTURE_RHO, np.linspace(-17, 31, 2401)  # of the log-odds, one of them 0
    rho_hat = 1 / (1 + (1 / rho - 1) * np.exp(-steps))
    return rho_hat, rho * np.log(rho / rho_hat) + (1 - rho) * np.log((1 - rho) / (1 - rho_hat))


def _draw_divergence(axis: Axes) -> None:
    axis.plot(*divergence_curve())
    axis.axvline(LECTURE_RHO, color="grey", linewidth=0.8)
    axis.set(
        title=f"KL(rho || rho_hat) at rho = {LECTURE_RHO}",
        xlabel="rho_hat, mean activation",
        ylabel="KL",
        ylim=(0, 3),
    )


def _rgb(image: np.ndarray) -> np.ndarray:
    """BGR -> RGB, cropped to sides that the network takes."""
    height, width = (side - side % STRIDE for side in image.shape[:2])
    return np.ascontiguousarray(image[:height, :width, ::-1])
