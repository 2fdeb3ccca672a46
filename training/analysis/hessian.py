"""The Hessian of the shipped digits network at the minimum it was trained to: every eigenvalue, and the estimate.

The lecture's claim (Chaudhari et al. 2017, figure 1): about 94 % of the eigenvalues are below 1e-4 in magnitude, the
positive ones have a long tail up to almost 40, the negative ones end at -0.46. The loss is the mean cross-entropy on
the first digits of the training part as they are, without dropout. Knows that network; the mathematics is elsewhere.
"""

import os
from pathlib import Path
from typing import Any, NamedTuple, cast

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from catseye.models.checkpoint import load_checkpoint
from catseye.models.lenet import LeNet
from catseye.runtime.datasets.mnist import read_digits
from catseye.runtime.errors import CatseyeError
from catseye.runtime.files import written_beside
from catseye.runtime.model_file import ZOO
from catseye.training.analysis.figure import figure
from catseye.training.analysis.lenet_hessian import lenet_hessian
from catseye.training.analysis.spectrum import NEAR_ZERO, Hessian, Spectrum, dense_spectrum, estimated_spectrum
from catseye.training.digits import network_input_from_digits

DIGITS = 2_000
STEPS, PROBES = 100, 2  # of Lanczos
TAIL = 1e-2  # from here on the tails' panels show single eigenvalues


class Minimum(NamedTuple):
    """A network in evaluation mode, and the digits its loss is taken on: x (N, 1, 32, 32) float32, labels (N,)."""

    network: LeNet
    x: Tensor
    labels: Tensor

    def hessian(self) -> Hessian:
        return Hessian(cross_entropy(self.network(self.x), self.labels), list(self.network.parameters()))


def shipped_minimum(data: str, digits: int = DIGITS) -> Minimum:
    images, labels = (torch.from_numpy(part[:digits].copy()) for part in read_digits(data, "train"))
    network = cast(LeNet, load_checkpoint(Path(ZOO) / "digits", "digits").network)
    return Minimum(network, network_input_from_digits(images), labels.long())


def estimate(minimum: Minimum) -> Spectrum:
    """The density by stochastic Lanczos quadrature."""
    hessian = minimum.hessian()
    return estimated_spectrum(hessian.product, len(hessian), STEPS, PROBES)


def all_eigenvalues(minimum: Minimum, path: str | os.PathLike[str]) -> Spectrum:
    """Read from the .npz at `path`; where there is none, computed (minutes, and 4 GB of memory) and written there."""
    if os.path.exists(path):
        return _read(path)
    spectrum = dense_spectrum(lenet_hessian(*minimum))
    with written_beside(os.fspath(path)) as temporary, open(temporary, "wb") as stream:
        np.savez_compressed(stream, eigenvalues=spectrum.values, digits=len(minimum.labels))
    return spectrum


def _read(path: str | os.PathLike[str]) -> Spectrum:
    try:
        with np.load(path) as content:
            values = content["eigenvalues"]
    except (OSError, ValueError, KeyError) as error:
        raise CatseyeError(f"cannot read {path} ({error})", "a file that this command wrote", "remove it")
    return Spectrum(values, np.full(len(values), 1 / len(values)))


def report(minimum: Minimum, estimated: Spectrum, exact: Spectrum | None) -> dict[str, Any]:
    """{loss, gradient_norm, digits, parameters, estimated: the three numbers, exact: the same}."""
    loss = cross_entropy(minimum.network(minimum.x), minimum.labels)
    gradient = torch.autograd.grad(loss, list(minimum.network.parameters()))
    return {
        "loss": float(loss),
        "gradient_norm": float(torch.cat([part.flatten() for part in gradient]).norm()),
        "digits": len(minimum.labels),
        "parameters": sum(part.numel() for part in gradient),
        "estimated": estimated.summary(),
    } | ({"exact": exact.summary()} if exact else {})


def draw(estimated: Spectrum, exact: Spectrum | None, path: str | os.PathLike[str]) -> None:
    """The lecture's figure: the negative tail, the neighbourhood of zero, the positive tail; and the estimate's share.

    Without all eigenvalues the estimate's nodes are drawn in their place.
    """
    shown = exact or estimated
    with figure(path, columns=4) as axes:
        left, centre, right, share = axes
        _draw_tail(left, shown, -1, "negative tail")
        inner = np.abs(shown.values) < 10 * NEAR_ZERO
        bins = np.linspace(-10 * NEAR_ZERO, 10 * NEAR_ZERO, 102)
        centre.hist(shown.values[inner], bins, weights=shown.weights[inner])
        centre.set(yscale="log", title="near zero", xlabel="eigenvalue", ylabel="share of all")
        centre.ticklabel_format(axis="x", style="sci", scilimits=(0, 0))
        _draw_tail(right, shown, 1, "positive tail")
        for spectrum, style, name in ((exact, "-", "all eigenvalues"), (estimated, "--", "Lanczos quadrature")):
            if spectrum:
                share.loglog(*spectrum.above_magnitude(), style, label=name)
        share.axvline(NEAR_ZERO, color="grey", linewidth=0.8)
        share.set(title="share above a magnitude", xlabel="magnitude", xlim=(1e-7, None), ylim=(1e-5, 1.3))
        share.legend()


def _draw_tail(axis: Any, spectrum: Spectrum, sign: int, title: str) -> None:
    """The eigenvalues of one sign from TAIL on, as spikes over their rank."""
    values = np.sort(sign * spectrum.values[sign * spectrum.values > TAIL])[::-1]
    axis.semilogy(np.arange(1, len(values) + 1), values, ".")
    axis.set(title=f"{title}, {len(values)} beyond {sign * TAIL}", xlabel="rank", ylabel="magnitude of the eigenvalue")
