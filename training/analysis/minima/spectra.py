"""Is the Hessian's shape shared? Its spectrum at minima of three networks in two widths, by three
optimizers.

The lecture: the qualitative properties "are shared across a variety of network architectures,
network sizes, datasets or optimization algorithms". By Lanczos quadrature; what each loss is stands
in minima.py.
"""

import os
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import torch
from tqdm import tqdm

from catseye.training.analysis.figure import figure
from catseye.training.analysis.minima.minima import (
    OPTIMIZERS,
    Problem,
    autoencoder_problem,
    descend,
    digits_problem,
    road_problem,
)
from catseye.training.analysis.minima.spectrum import NEAR_ZERO, Spectrum, estimated_spectrum

STEPS = 80  # of Lanczos
SAMPLES = 500  # of those trained on, in the Hessian


class System(NamedTuple):
    """problem(data, seed); gradients: mini-batches to a minimum."""

    name: str
    problem: Callable[[str, int], Problem]
    gradients: int


SYSTEMS = (
    System("LeNet, 128 units", digits_problem, 1000),
    System("LeNet, 32 units", partial(digits_problem, hidden=32), 1000),
    System("autoencoder, 100 units", autoencoder_problem, 12_000),
    System("autoencoder, 25 units", partial(autoencoder_problem, units=25), 12_000),
    System("small RoadNet", road_problem, 250),
    System("small RoadNet, half as wide", partial(road_problem, share_of_widths=0.5), 250),
)


class Found(NamedTuple):
    """The spectrum at one minimum, the loss there and the number of parameters."""

    system: str
    optimizer: str
    parameters: int
    loss: float
    spectrum: Spectrum


def spectra(data: str, seed: int = 0) -> list[Found]:
    """One minimum of every system by every optimizer."""
    pairs = [(system, optimizer) for system in SYSTEMS for optimizer in OPTIMIZERS]
    return [
        _at_minimum(system, optimizer, data, seed)
        for system, optimizer in tqdm(pairs, "minima", leave=False)
    ]


def _at_minimum(system: System, optimizer: str, data: str, seed: int) -> Found:
    problem = system.problem(data, seed)
    descend(problem, optimizer, system.gradients, seed)
    hessian = problem.hessian(SAMPLES)
    spectrum = estimated_spectrum(hessian.product, len(hessian), STEPS, probes=1)
    with torch.no_grad():
        return Found(
            system.name, optimizer, len(hessian), float(problem.loss_on(SAMPLES)), spectrum
        )


class MinimumShape(NamedTuple):
    """A minimum in numbers.

    share_near_zero, share_small: as of Spectrum, the former None where the quadrature cannot tell.
    """

    system: str
    optimizer: str
    parameters: int
    loss: float
    share_near_zero: float | None
    largest: float
    most_negative: float
    share_small: float


def report(found: list[Found]) -> list[MinimumShape]:
    """A row for each minimum."""
    return [_row(one) for one in found]


def _row(one: Found) -> MinimumShape:
    spectrum, summary = one.spectrum, one.spectrum.summary()
    return MinimumShape(
        system=one.system,
        optimizer=one.optimizer,
        parameters=one.parameters,
        loss=one.loss,
        share_near_zero=spectrum.resolved_share_near_zero(),
        largest=summary.largest,
        most_negative=summary.most_negative,
        share_small=spectrum.share_small(),
    )


def draw(found: list[Found], path: str | os.PathLike[str]) -> None:
    """A panel for each system: the share of the spectrum above a magnitude, a curve for each
    optimizer."""
    names = list(dict.fromkeys(one.system for one in found))
    with figure(path, columns=3, rows=-(-len(names) // 3), height=2.6) as axes:
        for axis, name in zip(axes, names):
            for one in found:
                if one.system == name:
                    axis.loglog(*one.spectrum.above_magnitude(), label=one.optimizer)
            axis.axvline(NEAR_ZERO, color="grey", linewidth=0.8)
            axis.set(
                title=name,
                xlim=(1e-6, 1e3),
                ylim=(1e-5, 1.3),
                xlabel="magnitude",
                ylabel="share above it",
            )
        axes[0].legend()
