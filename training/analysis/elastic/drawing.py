"""The figure of the study: error against work, time, bytes and tau; the loss between the
networks."""

import numpy as np
from matplotlib.axes import Axes

from catseye.training.analysis.elastic.runs import ElasticComparison, Method
from catseye.training.analysis.elastic.valleys import Line
from catseye.training.analysis.figure import figure

LABELS = {
    "sgd": "SGD, one worker",
    "averaged": "synchronous averaging",
    "downpour": "DOWNPOUR",
    "easgd": "EASGD",
    "eamsgd": "EAMSGD",
}
COLOURS = {"sgd": "grey", "averaged": "black", "downpour": "C3", "easgd": "C0", "eamsgd": "C2"}
SHOWN = [
    ("sgd", 1),
    ("averaged", 1),
    ("downpour", 1),
    ("downpour", 10),
    ("easgd", 10),
    ("eamsgd", 10),
]
KEY = "by gradients and time: tau 10, DOWNPOUR also 1 (solid); bars: lowest to highest seed"


def draw(path: str, compared: ElasticComparison, lines: dict[str, Line]) -> None:
    """Four panels of the comparison, two of the lines."""
    methods = compared.methods
    with figure(path, columns=3, rows=2) as axes:
        shown = [method for method in methods if (method.name, method.tau) in SHOWN]
        _draw_runs(axes[0], shown, 0, "gradients of each worker")
        _draw_runs(axes[1], shown, 1, "seconds, simulated")
        taus: list[float] = [method.tau for method in methods]
        _draw_ends(axes[2], methods, taus, "tau, local steps between exchanges")
        sent = [method.looks[-1].sent / 1e6 for method in methods]
        _draw_ends(axes[3], methods, sent, "megabytes of all workers")
        axes[2].figure.legend(
            *axes[2].get_legend_handles_labels(),
            loc="outside upper center",
            ncols=len(LABELS),
            title=KEY,
        )
        between = {name: lines[name] for name in ("tied, tau 10", "tied, tau 64", "untied")}
        to_center = {name: lines[f"worker to center, {name}"] for name in ("tau 10", "tau 64")}
        _draw_lines(axes[4], between, "begun apart, from worker to worker")
        _draw_lines(axes[5], to_center, "begun apart, from worker to center")
        titles = "by gradients", "by time", "by the period", "by bytes"
        for axis, title in zip(axes, titles):
            axis.set_title("held-out error " + title)


def _draw_runs(axis: Axes, methods: list[Method], column: int, label: str) -> None:
    for method in methods:
        looks = np.array(method.looks)
        dotted = ":" if (method.name, method.tau) == ("downpour", 10) else "-"
        axis.plot(
            looks[:, column],
            100 * looks[:, 3],
            dotted,
            color=COLOURS[method.name],
        )
    axis.set(yscale="log", xlabel=label, ylabel="% of digits wrong")


def _draw_ends(axis: Axes, methods: list[Method], places: list[float], label: str) -> None:
    for name in LABELS:
        at = [(place, method) for place, method in zip(places, methods) if method.name == name]
        errors = [100 * method.error for _, method in at]
        if name == "sgd":
            axis.axhline(errors[0], color=COLOURS[name], ls="--", label=LABELS[name])
        else:
            lowest = [100 * min(method.errors) for _, method in at]
            highest = [100 * max(method.errors) for _, method in at]
            axis.errorbar(
                [place for place, _ in at],
                errors,
                [np.subtract(errors, lowest), np.subtract(highest, errors)],
                color=COLOURS[name],
                label=LABELS[name],
                marker="o",
                markersize=4,
            )
    axis.set(xscale="log", yscale="log", xlabel=label, ylabel="% of digits wrong at the end")


def _draw_lines(axis: Axes, lines: dict[str, Line], title: str) -> None:
    for name, line in lines.items():
        axis.plot(np.linspace(0, 1, len(line.losses)), line.losses, label=name)
    axis.set(xlabel="share of the way", ylabel="loss on val", title=title)
    axis.set_ylim(bottom=0)
    axis.legend(fontsize=7)
