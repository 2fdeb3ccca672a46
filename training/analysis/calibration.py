"""The reliability diagram: how often a model is right, by how sure it is, and how many pixels there
are of each."""

import os
from collections.abc import Sequence

from catseye.runtime.evaluation.calibration import BINS, Bin
from catseye.training.analysis.figure import figure


def draw(path: str | os.PathLike[str], bins: Sequence[Bin], ece: float, title: str) -> None:
    """ece: of these bins, 0-1. Raises CatseyeError where there is no room."""
    places = [(number + 0.5) / BINS for number in range(BINS)]
    total = max(1, sum(one.pixels for one in bins))
    with figure(path, columns=2) as (reliability, pixels):
        reliability.plot([0, 1], [0, 1], color="grey", linewidth=0.8)
        found = [one for one in bins if one.pixels]
        reliability.plot([one.confidence for one in found], [one.right for one in found], "o-")
        reliability.set(
            title=f"{title}: calibration error {100 * ece:.1f} %",
            xlabel="confidence",
            ylabel="share that is right",
            xlim=(0, 1),
            ylim=(0, 1),
        )
        pixels.bar(places, [one.pixels / total for one in bins], 0.9 / BINS)
        pixels.set(title="pixels", xlabel="confidence", ylabel="share of all", yscale="log")
