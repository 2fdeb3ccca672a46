"""What the lecture says of convolutional layers, measured: reach, shared weights, flipping, feature
maps, cost."""

from dataclasses import asdict, dataclass
from typing import cast

import numpy as np
import torch
from matplotlib.axes import Axes
from torch import Tensor, nn
from torch.nn.functional import conv1d, conv2d

from catseye.models.checkpoint import load_shipped
from catseye.models.convolution import convolve_1d, convolve_2d
from catseye.models.lenet import LeNet
from catseye.models.lenet_variants import LocallyConnected
from catseye.runtime.system.json_document import JsonObject
from catseye.runtime.tasks.digit_form import SIDE
from catseye.training.analysis.figure import figure, show_tiles
from catseye.training.analysis.lenet.lenet_by_hand import BY_FORMULA, lenet_by_hand
from catseye.training.analysis.lenet.receptive_fields import (
    change_outside_the_field,
    lenet_fields,
    retina_reaches,
    shift_error,
    strongest_other_input,
)
from catseye.training.recipes.digits import digit_inputs


@dataclass(frozen=True)
class Multiplies:
    """By layer of LeNet, for one digit."""

    counted: dict[str, int]
    formula: dict[str, int]


@dataclass(frozen=True)
class ConvolutionAnswer:
    """What the study finds; errors are largest differences.

    receptive_widths: by layer.  lenet_fields: side by stage.  first_layer_parameters: by kind of
    layer.  flip: error by number of axes and by which way the filter is turned.
    """

    receptive_widths: list[int]
    change_outside_the_field: float
    lenet_fields: dict[str, int]
    shift_error: float
    strongest_other_input: float
    shared_gradient_error: float
    first_layer_parameters: dict[str, int]
    flip: dict[str, dict[str, float]]
    lenet_error: float
    multiplies: Multiplies

    def as_json(self) -> JsonObject:
        return asdict(self)


def numbers(data: str) -> ConvolutionAnswer:
    """`data` is the folder of mnist/, or "demo", and gives one digit."""
    network, digit = _shipped_lenet(), _digit(data)
    logits, multiplies = lenet_by_hand(network, digit[0].numpy())
    return ConvolutionAnswer(
        receptive_widths=[int((reach > 0).sum()) for reach in retina_reaches()],
        change_outside_the_field=change_outside_the_field(),
        lenet_fields=lenet_fields(network),
        shift_error=shift_error(network, digit),
        strongest_other_input=strongest_other_input(network),
        shared_gradient_error=shared_gradient_error(),
        first_layer_parameters={
            "shared": _parameters(network.features[0]),
            "own for every position": _parameters(LocallyConnected(1, 4, 5, SIDE)),
            "fully connected": _parameters(nn.Linear(SIDE**2, 4 * 28**2)),
        },
        flip={"1d": flip_1d(), "2d": flip_2d()},
        lenet_error=float(np.abs(network(digit)[0].detach().numpy() - logits).max()),
        multiplies=Multiplies(multiplies, BY_FORMULA),
    )


def shared_gradient_error() -> float:
    """Largest difference between the gradient of LeNet's second filters and the sum of their
    copies' gradients."""
    random = torch.Generator().manual_seed(0)
    x, above = (
        torch.randn(8, *shape, generator=random).double() for shape in ((4, 14, 14), (6, 10, 10))
    )
    shared, copies = nn.Conv2d(4, 6, 5).double(), LocallyConnected(4, 6, 5, 14).double()
    with torch.no_grad():
        copies.weight.copy_(shared.weight.flatten(1).expand_as(copies.weight))
        copies.bias.copy_(cast(Tensor, shared.bias)[:, None, None].expand_as(copies.bias))
    for layer in (shared, copies):
        (layer(x) * above).sum().backward()
    weight, bias = (cast(Tensor, parameter.grad) for parameter in copies.parameters())
    summed = weight.sum(0).reshape(shared.weight.shape), bias.sum((1, 2))
    return max(
        float((cast(Tensor, a.grad) - b).abs().max()) for a, b in zip(shared.parameters(), summed)
    )


def flip_1d() -> dict[str, float]:
    """Largest difference between the lecture's convolution and torch's conv1d, the filter turned
    and as it stands."""
    random = np.random.default_rng(0)
    f, g = random.normal(size=20), random.normal(size=4)
    ours = convolve_1d(f, g)
    return {
        way: float(
            np.abs(conv1d(_batch(f), _batch(kernel), padding=len(g) - 1)[0, 0].numpy() - ours).max()
        )
        for way, kernel in (("turned", g[::-1]), ("as it stands", g))
    }


def flip_2d() -> dict[str, float]:
    """The same for conv2d."""
    random = np.random.default_rng(0)
    f, g = random.normal(size=(12, 12)), random.normal(size=(4, 4))
    ours = convolve_2d(f, g)
    return {
        way: float(np.abs(conv2d(_batch(f), _batch(kernel))[0, 0].numpy() - ours).max())
        for way, kernel in (("turned", g[::-1, ::-1]), ("as it stands", g))
    }


def draw(answer: ConvolutionAnswer, data: str, path: str) -> None:
    """Reach of stacked layers, LeNet's filters and feature maps on one digit, and what each layer
    costs."""
    network, digit = _shipped_lenet(), _digit(data)
    maps = network.features[:2](digit)[0].detach().numpy()
    filters = cast(nn.Conv2d, network.features[0]).weight.detach()[:, 0].numpy()
    with figure(path, columns=2, rows=2) as axes:
        _draw_reaches(axes[0], answer.receptive_widths)
        show_tiles(axes[1], filters, 2, "the first layer's four filters (5x5)")
        show_tiles(axes[2], maps, 2, "a digit's four feature maps h = q(W * x + b)")
        counted, formula = answer.multiplies.counted, answer.multiplies.formula
        axes[3].bar(list(counted), list(counted.values()), label="counted")
        axes[3].plot(list(formula), list(formula.values()), "k_", ms=30, label="by formula")
        axes[3].set(ylabel="multiplies", title="LeNet, one digit")
        axes[3].legend()


def _draw_reaches(axis: Axes, widths: list[int]) -> None:
    reaches = np.stack(retina_reaches())
    axis.imshow(reaches > 0, cmap="Blues", origin="lower", aspect="auto")
    for layer, width in enumerate(widths):
        axis.text(0, layer, str(width), va="center")
    axis.set(
        xlabel="retina",
        ylabel="layer above it",
        title="what the middle unit sees",
        yticks=range(len(widths)),
        yticklabels=range(1, len(widths) + 1),
    )
    axis.grid(False)


def _shipped_lenet() -> LeNet:
    return cast(LeNet, load_shipped("digits", "digits").double())


def _digit(data: str) -> Tensor:
    """(1, 1, 32, 32) float64: the first of the validation split."""
    return digit_inputs(data, "val", 1)[0].double()


def _batch(array: np.ndarray) -> Tensor:
    return torch.from_numpy(array.copy())[None, None]


def _parameters(layer: nn.Module) -> int:
    return sum(p.numel() for p in layer.parameters())
