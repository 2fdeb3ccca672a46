"""`catseye analyze flatness`: whether an optimizer's minima are flatter at equal training loss, and
whether a flatter one loses less in INT8, FP16 and noise. Trains and exports."""

import os
import tempfile
from typing import TYPE_CHECKING, Dict, List

from catseye.commands.parsing.options import add_study_options
from catseye.commands.parsing.parser import Parser, print_json, say, say_table
from catseye.commands.parsing.values import positive_int
from catseye.runtime.datasets import data_folder

if TYPE_CHECKING:
    from catseye.models.checkpoint import Checkpoint
    from catseye.training.analysis.minima.flatness import AtLevel


def main(argv: List[str]) -> int:
    args = _parser().parse_args(argv)

    from catseye.training.analysis.minima.flatness import draw, report

    data = data_folder(args.data)
    answer = report(
        data, args.seeds, args.gradients, lambda checkpoint: _lost_to_precision(checkpoint, data)
    )
    if args.figure:
        draw(answer, args.figure)
    if args.json:
        print_json(answer.as_json())
    say(
        "%d minima of each optimizer, mean +- std over seeds; what is lost in points, and the rank"
        " correlation (Spearman) of that with the largest eigenvalue" % args.seeds
    )
    for level in answer.levels:
        _say(level)
    return 0


def _parser() -> Parser:
    parser = Parser(
        "analyze flatness",
        "LeNet by SGD, AdamW and Entropy-SGD at equal training loss: the curvature, and what is "
        "lost in INT8, FP16 and noise. Trains: about half a minute a seed and optimizer.",
    )
    add_study_options(parser)
    parser.add_argument(
        "--seeds", type=positive_int, default=3, help="runs of every optimizer (default 3)"
    )
    parser.add_argument(
        "--gradients",
        type=positive_int,
        default=2000,
        help="mini-batches that a run is annealed over (default 2000)",
    )
    return parser


def _say(found: "AtLevel") -> None:
    say("at a training loss of %g" % found.level)
    rows = []
    for name in next(iter(found.optimizers.values())):
        values = ["%.3g +- %.2g" % numbers[name] for numbers in found.optimizers.values()]
        rows.append((name, *values, found.rank_correlation.get(name)))
    say_table(("", *found.optimizers, "rank correlation"), rows)


def _lost_to_precision(checkpoint: "Checkpoint", data: str) -> Dict[str, float]:
    """Points of accuracy on `val` that the exported file of each precision loses to the float
    file."""
    from catseye.export.precision.exporting import Form, export_form

    lost = {}
    with tempfile.TemporaryDirectory() as folder:
        for precision in ("int8", "fp16"):
            path = os.path.join(folder, precision + ".onnx")
            form = Form(precision, calibrate=data)
            metric = export_form(checkpoint, path, precision, form).verdict.metric
            assert metric is not None  # there is one wherever `calibrate` names a data set
            lost[precision] = 100 * (metric.source - metric.model)
    return lost
