"""Back-propagation by hand against autograd, ReLU as a switch, and XOR: what one layer cannot and
two can."""

from dataclasses import asdict, dataclass
from functools import cache
from typing import cast

import numpy as np
import torch
from matplotlib.axes import Axes
from torch import Tensor, nn

from catseye.models.activations import ACTIVATIONS, Activation
from catseye.models.by_hand import descend, gradients, perceptron, propagate, squared_loss
from catseye.models.checkpoint import load_shipped
from catseye.models.lenet import LeNet
from catseye.runtime.system.json_document import JsonObject
from catseye.training.analysis.figure import figure
from catseye.training.recipes.digits import digit_inputs

# a constant input, x1, x2
CORNERS = torch.tensor([[1, 0, 0], [1, 0, 1], [1, 1, 0], [1, 1, 1]], dtype=torch.float64)
GATES = {"AND": torch.tensor([0, 0, 0, 1.0]).double(), "XOR": torch.tensor([0, 1, 1, 0.0]).double()}
SWEEPS = 12
SIZES, EXAMPLES = (6, 5, 4, 3), 16  # of the three-layer net that is compared with autograd
HIDDEN, STARTS, RATE, STEPS, LOOK = (2, 4, 8), 50, 2.0, 10_000, 200
WIDTHS = (2, 4, 8, 16, 32, 64)
DIGITS = 500


@dataclass(frozen=True)
class Switch:
    """A ReLU.  open: share of its units with input > 0.  passed_unchanged, killed: what the
    gradient is at those, and at the others, over all units."""

    open: float
    passed_unchanged: bool
    killed: bool


@dataclass(frozen=True)
class GateRun:
    """A perceptron that learns a gate.  mistakes: in each sweep over the four corners."""

    converged: bool
    weights_repeat: bool
    mistakes: list[int]


@dataclass(frozen=True)
class BackpropagationAnswer:
    """What the study finds, by activation function, ReLU, gate and number of hidden units.

    xor_solved_by_hidden_units: share of `xor_starts` nets.
    """

    error_against_autograd: dict[str, float]
    relu_switch: dict[str, Switch]
    perceptron: dict[str, GateRun]
    xor_solved_by_hidden_units: dict[str, float]
    xor_starts: int
    fit_error_by_hidden_units: dict[str, float]

    def as_json(self) -> JsonObject:
        return asdict(self)


def numbers(data: str) -> BackpropagationAnswer:
    """`data` is the folder of mnist/, or "demo"."""
    return BackpropagationAnswer(
        error_against_autograd={name: error_against_autograd(g) for name, g in ACTIVATIONS.items()},
        relu_switch=relu_switch(data),
        perceptron={name: _perceptron(gate) for name, gate in GATES.items()},
        xor_solved_by_hidden_units={
            str(hidden): float(_solved(xor_nets(hidden)[0])) for hidden in HIDDEN
        },
        xor_starts=STARTS,
        fit_error_by_hidden_units={str(width): fit_error(width) for width in WIDTHS},
    )


def error_against_autograd(g: Activation) -> float:
    """The largest difference between a delta-rule gradient and autograd's, of a three-layer net in
    float64."""
    random = torch.Generator().manual_seed(0)
    x, y = (
        torch.randn(EXAMPLES, size, generator=random).double() for size in (SIZES[0], SIZES[-1])
    )
    weights = [torch.randn(a, b, generator=random).double() for a, b in zip(SIZES, SIZES[1:])]
    by_hand = gradients(x, y, weights, g)
    loss = squared_loss(x, y, [w.requires_grad_() for w in weights], g)
    # the unit step has no gradient at all: autograd has nothing to walk back through
    automatic = (
        torch.autograd.grad(loss, weights)
        if loss.requires_grad
        else [torch.zeros_like(w) for w in weights]
    )
    return max(float((a - b).abs().max()) for a, b in zip(by_hand, automatic))


def relu_switch(data: str) -> dict[str, Switch]:
    """At each ReLU of the shipped LeNet, over DIGITS validation digits: does the gradient pass as
    the lecture says? Raises CatseyeError where there are no digits."""
    network = cast(LeNet, load_shipped("digits", "digits"))
    x, _ = digit_inputs(data, "val", DIGITS)
    answer: dict[str, Switch] = {}
    layers = [*network.features, *network.classify]
    for at, relu in enumerate(layers):
        if isinstance(relu, nn.ReLU):
            before = nn.Sequential(*layers[:at])(x).detach().requires_grad_()
            after = relu(before)
            nn.Sequential(*layers[at + 1 :])(after).square().sum().backward(inputs=[before])
            answer[f"ReLU {len(answer) + 1}"] = _switch(
                before, _gradient_above(layers[at + 1 :], after.detach())
            )
    return answer


def _gradient_above(layers: list[nn.Module], q: Tensor) -> Tensor:
    """dL/dq of what lies above the ReLU, L = sum of the squared logits."""
    q.requires_grad_()
    return torch.autograd.grad(nn.Sequential(*layers)(q).square().sum(), q)[0]


def _switch(before: Tensor, above: Tensor) -> Switch:
    is_open, below = before > 0, cast(Tensor, before.grad)
    return Switch(
        open=float(is_open.float().mean()),
        passed_unchanged=torch.equal(below[is_open], above[is_open]),
        killed=not below[~is_open].any(),
    )


def _perceptron(gate: Tensor) -> GateRun:
    run = perceptron(CORNERS, gate, SWEEPS)
    return GateRun(
        converged=run.mistakes[-1] == 0, weights_repeat=run.repeats, mistakes=run.mistakes
    )


@cache
def xor_nets(hidden: int) -> tuple[list[Tensor], np.ndarray]:
    """STARTS two-layer sigmoid nets after STEPS on XOR: weights (STARTS, from, to) and losses
    (looks, STARTS)."""
    random = torch.Generator().manual_seed(0)
    weights = [
        torch.randn(STARTS, a, b, generator=random).double() for a, b in ((3, hidden), (hidden, 1))
    ]
    losses, target, g = [], GATES["XOR"][:, None], ACTIVATIONS["sigmoid"]
    for _ in range(STEPS // LOOK):
        weights = descend(CORNERS, target, weights, g, RATE, LOOK)
        losses.append(squared_loss(CORNERS, target, weights, g).numpy())
    return weights, np.array(losses)


def _solved(weights: list[Tensor]) -> Tensor:
    """Share of nets that are right at all four corners."""
    answers = propagate(CORNERS, weights, ACTIVATIONS["sigmoid"]).z[-1][..., 0] > 0.5
    return (answers == (GATES["XOR"] > 0.5)).all(-1).double().mean()


def fit_error(width: int) -> float:
    """sin(3 x) + x^2 / 2 on -2..2 by a hidden tanh layer at random and a linear output solved for:
    largest error."""
    random = torch.Generator().manual_seed(0)
    at = torch.linspace(-2, 2, 201, dtype=torch.float64)[:, None]
    wanted = torch.sin(3 * at) + at**2 / 2
    weights = 3 * torch.randn(2, width, generator=random).double()
    hidden = torch.tanh(torch.cat([at, torch.ones_like(at)], 1) @ weights)
    found = hidden @ torch.linalg.lstsq(hidden, wanted, driver="gelsd").solution
    return float((found - wanted).abs().max())


def draw(answer: BackpropagationAnswer, path: str) -> None:
    """Mistakes of the perceptron, losses of the nets, one net's answer on the square, fits by
    width."""
    weights, losses = xor_nets(HIDDEN[1])
    with figure(path, columns=2, rows=2) as axes:
        for name, run in answer.perceptron.items():
            axes[0].plot(range(1, len(run.mistakes) + 1), run.mistakes, marker="o", label=name)
        axes[0].set(
            xlabel="sweep over the four corners",
            ylabel="mistakes",
            title="perceptron",
            yticks=range(5),
        )
        axes[0].legend()
        axes[1].semilogy(np.arange(1, len(losses) + 1) * LOOK, losses, lw=0.6, color="C0")
        axes[1].set(
            xlabel="step",
            ylabel="R",
            title=f"XOR by {STARTS} two-layer nets, {HIDDEN[1]} hidden units",
        )
        _draw_square(axes[2], [w[losses[-1].argmin()] for w in weights])
        axes[3].semilogy(*zip(*answer.fit_error_by_hidden_units.items()), "o-")
        axes[3].set(
            xlabel="hidden units",
            ylabel="largest error",
            title="sin(3x) + x²/2 on [-2, 2] by two layers",
        )


def _draw_square(axis: Axes, weights: list[Tensor]) -> None:
    side = torch.linspace(-0.3, 1.3, 80, dtype=torch.float64)
    x2, x1 = torch.meshgrid(side, side, indexing="ij")
    points = torch.stack([torch.ones_like(x1), x1, x2], -1).reshape(-1, 3)
    answers = propagate(points, weights, ACTIVATIONS["sigmoid"]).z[-1].reshape(80, 80)
    drawn = axis.contourf(side, side, answers, levels=np.linspace(0, 1, 11), cmap="coolwarm")
    axis.figure.colorbar(drawn, ax=axis)
    axis.scatter(
        CORNERS[:, 1], CORNERS[:, 2], c=GATES["XOR"], cmap="coolwarm", edgecolors="black", zorder=3
    )
    axis.set(xlabel="x1", ylabel="x2", title="the best of them on the square")
