"""The figure of the study: error against work, time, bytes and tau; the loss between the
networks."""

from typing import Any

import numpy as np

from catseye.training.analysis.figure import figure

LABELS = {
    "sgd": "momentum SGD, one worker",
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


def draw(path: str, answer: dict[str, Any]) -> None:
    """answer: of runs.compare, with "lines" of valleys.valleys."""
    methods = answer["methods"]
    with figure(path, columns=3, rows=2) as axes:
        shown = [row for row in methods if (row["name"], row["tau"]) in SHOWN]
        _draw_runs(axes[0], shown, 0, "gradients of each worker")
        _draw_runs(axes[1], shown, 1, "seconds, simulated")
        axes[0].legend(fontsize=7)
        _draw_ends(
            axes[2], methods, [row["tau"] for row in methods], "tau, local steps between exchanges"
        )
        _draw_ends(
            axes[3],
            methods,
            [row["looks"][-1][2] / 1e6 for row in methods],
            "megabytes of all workers",
        )
        axes[2].legend(fontsize=7)
        _draw_lines(axes[4], answer["lines"], "tau", "tied by EAMSGD")
        _draw_lines(axes[5], answer["lines"], "independent", "independent nets, momentum SGD")


def _name(row: dict[str, Any]) -> str:
    label = LABELS[row["name"]]
    return label if row["name"] in ("sgd", "averaged") else f"{label}, tau {row['tau']}"


def _draw_runs(axis: Any, rows: list[dict[str, Any]], column: int, label: str) -> None:
    for row in rows:
        looks = np.array(row["looks"])
        dotted = ":" if (row["name"], row["tau"]) == ("downpour", 10) else "-"
        axis.plot(
            looks[:, column],
            100 * looks[:, 3],
            dotted,
            color=COLOURS[row["name"]],
            label=_name(row),
        )
    axis.set(yscale="log", xlabel=label, ylabel="% of digits wrong")
    axis.set_yticks([3, 5, 10, 20, 50], ["3", "5", "10", "20", "50"])


def _draw_ends(axis: Any, methods: list[dict[str, Any]], places: list[float], label: str) -> None:
    for name in LABELS:
        at = [(place, row) for place, row in zip(places, methods) if row["name"] == name]
        errors = [100 * row["error"] for _, row in at]
        if name == "sgd":
            axis.axhline(errors[0], color=COLOURS[name], ls="--", label=LABELS[name])
        else:
            spreads, look = (
                [100 * (row["spread"] or 0) for _, row in at],
                {"marker": "o", "markersize": 4},
            )
            axis.errorbar(
                [x for x, _ in at], errors, spreads, color=COLOURS[name], label=LABELS[name], **look
            )
    axis.set(xscale="log", yscale="log", xlabel=label, ylabel="% of digits wrong at the end")
    axis.set_yticks([3, 5, 10, 20, 50], ["3", "5", "10", "20", "50"])


def _draw_lines(axis: Any, lines: dict[str, dict[str, Any]], word: str, title: str) -> None:
    for name, line in lines.items():
        if word in name:
            axis.plot(np.linspace(0, 1, len(line["losses"])), line["losses"], label=name)
    axis.set(xlabel="from one to the other", ylabel="loss on val", title=title)
    axis.set_ylim(bottom=0)
    axis.legend(fontsize=7)
