"""The Hessian of LeNet at a minimum: every eigenvalue, and the estimate by Lanczos quadrature.

The lecture's claim (Chaudhari et al. 2017, figure 1): about 94 % of the eigenvalues are below 1e-4
in magnitude, the positive ones have a long tail up to almost 40, the negative ones end at -0.46.
The loss is the mean cross-entropy on the first digits of the training part as they are, without
dropout. The mathematics is in spectrum.py, the lecture's own network in paper_lenet.py.
"""

import os
import zipfile
from dataclasses import dataclass
from typing import cast

import numpy as np
import torch
from matplotlib.axes import Axes
from torch.nn.utils import parameters_to_vector, vector_to_parameters

from catseye.models.checkpoint import load_shipped
from catseye.models.lenet import LeNet
from catseye.runtime.errors import CatseyeError
from catseye.runtime.system.files import written_beside
from catseye.runtime.system.json_document import JsonObject
from catseye.training.analysis.figure import figure
from catseye.training.analysis.minima.lenet_hessian import lenet_hessian
from catseye.training.analysis.minima.minima import Problem, descend, digits_problem
from catseye.training.analysis.minima.spectrum import (
    NEAR_ZERO,
    Spectrum,
    SpectrumSummary,
    dense_spectrum,
    estimated_spectrum,
    spectrum_of_all,
)

DIGITS = 1_000
STEPS = 120  # of Lanczos, from one random start
GRADIENTS = 1_600  # to a minimum of a network that is trained here
TAIL = 1e-3  # from here on the tails' panels show single eigenvalues
CENTRE = 10 * NEAR_ZERO


def shipped_minimum(data: str) -> Problem:
    """The shipped digits network. It was trained on bent digits: a minimum of this loss nearly."""
    network = load_shipped("digits", "digits")
    return digits_problem(data, seed=0)._replace(network=network)


def trained_minimum(data: str, units: int) -> Problem:
    """LeNet with `units` hidden ones, brought to a minimum of the plain loss by SGD. Raises
    CatseyeError where it diverges."""
    problem = digits_problem(data, seed=0, hidden=units)
    descend(problem, "sgd", GRADIENTS, seed=0)
    return problem


def estimate(problem: Problem) -> Spectrum:
    """The density by stochastic Lanczos quadrature."""
    hessian = problem.hessian(DIGITS)
    return estimated_spectrum(hessian.product, len(hessian), STEPS, probes=1)


def all_eigenvalues(problem: Problem, path: str | os.PathLike[str]) -> Spectrum:
    """Read from the .npz at `path`, and with them the weights that they are of, which the problem's
    network takes; where there is none, computed and written there. Raises CatseyeError where it is
    no such file, or one of another network."""
    weights = list(problem.network.parameters())
    if os.path.exists(path):
        eigenvalues, theirs = _read(path, sum(weight.numel() for weight in weights))
        vector_to_parameters(torch.from_numpy(theirs), weights)
        return spectrum_of_all(eigenvalues)
    spectrum = dense_spectrum(
        lenet_hessian(cast(LeNet, problem.network), problem.x[:DIGITS], problem.y[:DIGITS])
    )
    flat = parameters_to_vector(weights).detach().numpy()
    with written_beside(os.fspath(path)) as temporary, open(temporary, "wb") as stream:
        np.savez_compressed(stream, eigenvalues=spectrum.values, weights=flat)
    return spectrum


def _read(path: str | os.PathLike[str], parameters: int) -> tuple[np.ndarray, np.ndarray]:
    """Eigenvalues and weights."""
    expected = f"a file that this command wrote, of a network of {parameters} weights"
    try:
        with np.load(path) as content:
            eigenvalues, weights = content["eigenvalues"], content["weights"]
    except (OSError, ValueError, KeyError, EOFError, TypeError, zipfile.BadZipFile) as error:
        raise CatseyeError(f"cannot read {path} ({error})", expected, "remove it")
    if weights.shape != (parameters,):
        raise CatseyeError(f"{path} with {weights.size} weights", expected, "name another")
    for name, values in (("eigenvalues", eigenvalues), ("weights", weights)):
        if values.ndim != 1 or values.dtype.kind != "f" or not np.isfinite(values).all():
            raise CatseyeError(f"{path} with {name} that are no finite numbers", expected)
    return np.sort(eigenvalues), weights.astype(np.float32)


@dataclass(frozen=True)
class HessianAnswer:
    """On `digits` training digits.  exact: where all eigenvalues are known."""

    loss: float
    gradient_norm: float
    digits: int
    parameters: int
    estimated: SpectrumSummary
    exact: SpectrumSummary | None

    def as_json(self) -> JsonObject:
        answer: JsonObject = {
            "loss": self.loss,
            "gradient_norm": self.gradient_norm,
            "digits": self.digits,
            "parameters": self.parameters,
            "estimated": self.estimated._asdict(),
        }
        return answer | ({"exact": self.exact._asdict()} if self.exact else {})


def report(problem: Problem, estimated: Spectrum, exact: Spectrum | None) -> HessianAnswer:
    """Loss, gradient and spectrum where the problem's network stands."""
    hessian = problem.hessian(DIGITS)
    with torch.no_grad():
        loss = float(problem.loss_on(DIGITS))
    return HessianAnswer(
        loss=loss,
        gradient_norm=float(hessian.gradient.detach().norm()),
        digits=DIGITS,
        parameters=len(hessian),
        estimated=estimated.summary(),
        exact=exact.summary() if exact else None,
    )


def draw(estimated: Spectrum, exact: Spectrum | None, path: str | os.PathLike[str]) -> None:
    """The lecture's figure: the negative tail, the neighbourhood of zero, the positive tail; and
    shares by magnitude.

    Without all eigenvalues the estimate's nodes are drawn in their place.
    """
    shown = exact or estimated
    with figure(path, columns=4) as (left, centre, right, share):
        _draw_tail(left, shown, -1, "negative tail")
        inner = np.abs(shown.values) < CENTRE
        edges = np.linspace(-CENTRE, CENTRE, 102).tolist()
        centre.hist(shown.values[inner], edges, weights=shown.weights[inner])
        centre.set(yscale="log", title="near zero", xlabel="eigenvalue", ylabel="share of all")
        centre.ticklabel_format(axis="x", style="sci", scilimits=(0, 0))
        _draw_tail(right, shown, 1, "positive tail")
        for spectrum, style, name in (
            (exact, "-", "all eigenvalues"),
            (estimated, "--", "Lanczos quadrature"),
        ):
            if spectrum:
                share.loglog(*spectrum.above_magnitude(), style, label=name)
        share.axvline(NEAR_ZERO, color="grey", linewidth=0.8)
        share.set(
            title="share above a magnitude", xlabel="magnitude", xlim=(1e-7, None), ylim=(1e-5, 1.3)
        )
        share.legend()


def _draw_tail(axis: Axes, spectrum: Spectrum, sign: int, title: str) -> None:
    """The eigenvalues of one sign beyond TAIL, over their rank."""
    values = np.sort(sign * spectrum.values[sign * spectrum.values > TAIL])[::-1]
    axis.semilogy(np.arange(1, len(values) + 1), values, ".")
    axis.set(
        title=f"{title}, {len(values)} beyond {sign * TAIL}",
        xlabel="rank",
        ylabel="magnitude of the eigenvalue",
    )
