"""`catseye analyze flatness`: whether a flatter minimum loses less in INT8, FP16 and noise. Trains
and exports."""

import os
import tempfile
from typing import TYPE_CHECKING, Dict, List

from catseye.commands.parsing.options import add_study_options
from catseye.commands.parsing.parser import Parser, print_json, say, say_table
from catseye.commands.parsing.values import positive_int
from catseye.runtime.datasets import data_folder

if TYPE_CHECKING:
    from catseye.models.checkpoint import Checkpoint
    from catseye.training.analysis.minima.flatness import FlatnessAnswer


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
    _say(answer)
    return 0


def _parser() -> Parser:
    parser = Parser(
        "analyze flatness",
        "LeNet's minima by SGD, AdamW and Entropy-SGD: their curvature, and what they "
        "lose in INT8, FP16 and noise. Trains: about half a minute a minimum.",
    )
    add_study_options(parser)
    parser.add_argument(
        "--seeds", type=positive_int, default=3, help="minima of every optimizer (default 3)"
    )
    parser.add_argument(
        "--gradients",
        type=positive_int,
        default=1000,
        help="mini-batches to a minimum (default 1000)",
    )
    return parser


def _say(answer: "FlatnessAnswer") -> None:
    rows = []
    for name in next(iter(answer.optimizers.values())):
        values = ["%.3g +- %.2g" % numbers[name] for numbers in answer.optimizers.values()]
        rows.append((name, *values, answer.rank_correlation.get(name)))
    say_table(("", *answer.optimizers, "rank correlation"), rows)


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
