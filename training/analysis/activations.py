"""The activation functions of the lecture, their derivatives, and how far these are from
autograd's."""

from typing import NamedTuple

import numpy as np
import torch
from matplotlib.axes import Axes
from torch import Tensor

from catseye.models.activations import ACTIVATIONS, Activation, softmax, softmax_jacobian
from catseye.training.analysis.figure import figure

# an even number: 0, where some have no derivative, is between
AT = torch.linspace(-5, 5, 1000, dtype=torch.float64)
OTHERS = (0.0, 1.0)  # the two entries beside softmax's first


class Slope(NamedTuple):
    """lowest, highest: of the derivative on -5..5.  error: its largest difference to autograd's."""

    lowest: float
    highest: float
    error: float


def numbers() -> dict[str, Slope]:
    """By name."""
    answer = {}
    for name, g in ACTIVATIONS.items():
        slope = g.derivative(AT)
        answer[name] = _range_and_error(slope, (slope - _by_autograd(g)).abs().max())
    jacobian = softmax_jacobian(_rows())
    automatic = torch.stack([torch.autograd.functional.jacobian(softmax, row) for row in _rows()])
    return {**answer, "softmax": _range_and_error(jacobian, (jacobian - automatic).abs().max())}


def draw(path: str) -> None:
    """Value and derivative of each."""
    with figure(path, columns=3, rows=3, height=2.6) as axes:
        for axis, (name, g) in zip(axes, ACTIVATIONS.items()):
            _draw(axis, name, g.value(AT), g.derivative(AT))
        _draw(
            axes[8],
            f"softmax, first of (a, {OTHERS[0]:g}, {OTHERS[1]:g})",
            softmax(_rows())[:, 0],
            softmax_jacobian(_rows())[:, 0, 0],
        )
        axes[0].legend()


def _draw(axis: Axes, name: str, value: Tensor, slope: Tensor) -> None:
    line, dashes = (".", ".") if name == "noisy ReLU" else ("-", "--")
    axis.plot(AT, value, line, ms=2, label="g")
    axis.plot(
        AT, np.ma.masked_array(slope, _jumps(slope) & (dashes != ".")), dashes, ms=2, label="g'"
    )
    axis.set(title=name, xlabel="a")


def _jumps(slope: Tensor) -> np.ndarray:
    """Where a curve is not to be joined to its next point."""
    return np.abs(np.diff(slope.numpy(), append=slope[-1])) > 0.5


def _rows() -> Tensor:
    """(1000, 3): a running through -5..5, and the others."""
    return torch.cat([AT[:, None], torch.tensor(OTHERS, dtype=AT.dtype).expand(len(AT), 2)], 1)


def _by_autograd(g: Activation) -> Tensor:
    at = AT.clone().requires_grad_()
    value = g.value(at)
    return torch.autograd.grad(value.sum(), at)[0] if value.requires_grad else torch.zeros_like(AT)


def _range_and_error(slope: Tensor, error: Tensor) -> Slope:
    return Slope(float(slope.min()), float(slope.max()), float(error))
