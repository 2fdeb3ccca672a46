"""The lecture's own trial of the Hessian: its LeNet, by Adam, stopped at several errors.

Chaudhari et al. 2017 (arXiv 1611.01838), figure 1, and the code that they published with it: 10 and
20 maps of 5x5 filters and 128 units on 28x28 digits, 47,658 weights, begun at 0.1 N(0, 1), batches
of 32; the Hessian of the mean cross-entropy on 4,096 digits that it was trained on. They took all
eigenvalues, 9 GB and hours; here it is Lanczos quadrature.
"""

import os
from collections.abc import Iterator
from typing import NamedTuple

import torch
from torch import nn
from torch.nn.functional import cross_entropy

from catseye.runtime.errors import CatseyeError
from catseye.runtime.system.json_document import JsonObject
from catseye.training.analysis.figure import figure
from catseye.training.analysis.minima.spectrum import (
    NEAR_ZERO,
    Hessian,
    Spectrum,
    estimated_spectrum,
)
from catseye.training.recipes.digits import (
    accuracy,
    digit_inputs,
    digit_tensors,
    network_input_from_digits,
)

STOPS = (0.05, 0.024, 0.01)  # errors on `val`
LARGEST, MOST_NEGATIVE = 40.0, -0.46  # the paper's
RATE, BATCH, BEGINNING = 1e-3, 32, 0.1
LOOK = 50  # mini-batches between looks at `val`
EPOCHS = 20  # at most
DIGITS, STEPS = 4_096, 120  # of the Hessian, and of Lanczos from one random start
CPU = torch.device("cpu")


class PaperLeNet(nn.Sequential):
    """(N, 1, 32, 32) float32 in 0..1 -> (N, 10) logits, from the 28x28 pixels in the middle."""

    def __init__(self) -> None:
        super().__init__(
            nn.ZeroPad2d(-2),  # (N, 1, 28, 28)
            nn.Conv2d(1, 10, 5),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(10, 20, 5),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Flatten(),  # (N, 320)
            nn.Linear(320, 128),
            nn.ReLU(),
            nn.Linear(128, 10),
        )
        for weight in self.parameters():
            nn.init.normal_(weight, std=BEGINNING)


class Stop(NamedTuple):
    """Where training stood when its error on `val`, 0-1, was first at most one of STOPS.

    batches: so many mini-batches.  loss: on the Hessian's digits.
    """

    error: float
    batches: int
    loss: float
    spectrum: Spectrum

    def as_json(self) -> JsonObject:
        """Numbers by name; in place of the spectrum both its ends and two shares."""
        ends = self.spectrum.summary()
        return {
            "error": self.error,
            "batches": self.batches,
            "loss": self.loss,
            "share_near_zero": self.spectrum.resolved_share_near_zero(),
            "share_small": self.spectrum.share_small(),
            "largest": ends.largest,
            "most_negative": ends.most_negative,
        }


def stops(data: str, seed: int = 0) -> list[Stop]:
    """One for each of STOPS, all of one training. Raises CatseyeError where EPOCHS do not
    suffice."""
    torch.manual_seed(seed)
    network = PaperLeNet()
    x, labels = digit_inputs(data, "train", DIGITS)
    looks, found = _training(network, data), []
    for wanted in STOPS:
        look = next((look for look in looks if look[1] <= wanted), None)
        if not look:
            raise CatseyeError(
                f"more than {100 * wanted:g} % of val wrong after {EPOCHS} epochs", "fewer"
            )
        loss = cross_entropy(network(x), labels)
        hessian = Hessian(loss, list(network.parameters()))
        spectrum = estimated_spectrum(hessian.product, len(hessian), STEPS, probes=1)
        found.append(Stop(look[1], look[0], loss.item(), spectrum))
    return found


def _training(network: nn.Module, data: str) -> Iterator[tuple[int, float]]:
    """Go on by LOOK mini-batches at a time: how many so far, and the error on `val`."""
    images, labels = digit_tensors(data, "train")
    held_out = digit_tensors(data, "val")
    adam, batches = torch.optim.Adam(network.parameters(), RATE), 0
    for _ in range(EPOCHS):
        for chosen in torch.randperm(len(labels)).split(BATCH):
            adam.zero_grad()
            x = network_input_from_digits(images[chosen])
            cross_entropy(network(x), labels[chosen]).backward()
            adam.step()
            batches += 1
            if batches % LOOK == 0:
                with torch.no_grad():
                    error = 1 - accuracy(network, *held_out, CPU)
                yield batches, error


def draw(found: list[Stop], path: str | os.PathLike[str]) -> None:
    """The share of the spectrum above a magnitude at each stop; both ends over the error, with the
    paper's."""
    errors = [100 * stop.error for stop in found]
    ends = [stop.spectrum.summary() for stop in found]
    with figure(path, columns=2) as (share, outermost):
        for error, stop in zip(errors, found):
            share.loglog(*stop.spectrum.above_magnitude(), label=f"{error:.1f} % wrong on val")
        share.axvline(NEAR_ZERO, color="grey", linewidth=0.8)
        share.set(
            title="share above a magnitude",
            xlabel="magnitude",
            ylabel="share above it",
            xlim=(1e-5, 1e2),
            ylim=(1e-5, 1.3),
        )
        share.legend(loc="lower left")
        for name, values, paper in (
            ("largest", [end.largest for end in ends], LARGEST),
            ("most negative", [-end.most_negative for end in ends], -MOST_NEGATIVE),
        ):
            (line,) = outermost.semilogy(errors, values, "o-", label=name)
            outermost.axhline(
                paper, color=line.get_color(), linestyle="--", label=f"{name}, in the paper"
            )
        outermost.set(title="both ends", xlabel="% of val wrong", ylabel="magnitude")
        outermost.legend(fontsize=7)
