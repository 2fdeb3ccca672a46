"""LeNet on one digit by the lecture's sums, with numbers that count their multiplies."""

from collections.abc import Callable

import numpy as np
from torch import nn

from catseye.models.convolution import convolution_multiplies, feature_maps, max_pool
from catseye.models.lenet import LeNet

BY_FORMULA = {
    "conv 1": convolution_multiplies(1, 4, (32, 32), (5, 5)),
    "conv 2": convolution_multiplies(4, 6, (14, 14), (5, 5)),
    "full 1": 150 * 128,
    "full 2": 128 * 10,
}


class Counted(float):
    """A number that counts the multiplies it takes part in, from the left."""

    multiplies = 0

    def __mul__(self, other: float) -> "Counted":
        Counted.multiplies += 1
        return Counted(float(self) * other)

    def __add__(self, other: float) -> "Counted":
        return Counted(float(self) + other)


def lenet_by_hand(network: LeNet, digit: np.ndarray) -> tuple[np.ndarray, dict[str, int]]:
    """(1, 32, 32) -> (10,) float64 logits, and the multiplies of every layer as they were
    counted."""
    conv_1, _, _, conv_2, *_ = network.features
    _, full_1, _, full_2 = network.classify
    layers: dict[str, Callable[[np.ndarray], np.ndarray]] = {
        "conv 1": lambda z: max_pool(_convolved(z, conv_1), 2),
        "conv 2": lambda z: max_pool(_convolved(z, conv_2), 2),
        "full 1": lambda z: _rectified(_joined(z.reshape(-1), full_1)),
        "full 2": lambda z: _joined(z, full_2),
    }
    z, multiplies = np.vectorize(Counted, otypes=[object])(digit), {}
    for name, layer in layers.items():
        Counted.multiplies = 0
        z = layer(z)
        multiplies[name] = Counted.multiplies
    return z.astype(float), multiplies


def _convolved(z: np.ndarray, layer: nn.Module) -> np.ndarray:
    weight, bias = (parameter.detach().numpy() for parameter in layer.parameters())
    return feature_maps(z, weight[:, :, ::-1, ::-1], bias, _rectified)


def _joined(z: np.ndarray, layer: nn.Module) -> np.ndarray:
    weight, bias = (parameter.detach().numpy() for parameter in layer.parameters())
    return z @ weight.T.astype(object) + bias


def _rectified(a: np.ndarray) -> np.ndarray:
    return np.maximum(a, np.array(Counted(0), object))
