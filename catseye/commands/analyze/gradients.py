"""`catseye analyze gradients`: the gradient by layer of deep nets, with and without the lecture's
cures."""

from typing import List

from catseye.commands.parsing.options import add_study_options
from catseye.commands.parsing.parser import Parser, print_json, say, say_table
from catseye.commands.parsing.values import positive_int
from catseye.runtime.datasets import data_folder


def main(argv: List[str]) -> int:
    parser = Parser(
        "analyze gradients",
        "The gradient's norm in each layer of deep nets before training, and what one "
        "epoch makes of them. Trains small nets: about a minute.",
    )
    add_study_options(parser)
    parser.add_argument(
        "--seeds", type=positive_int, default=3, help="runs of every net (default 3)"
    )
    args = parser.parse_args(argv)

    from catseye.training.analysis.gradients import draw, report

    answer = report(data_folder(args.data), args.seeds)
    if args.figure:
        draw(answer, args.figure)
    if args.json:
        print_json(answer.as_json())
    say("gradients of nets of %d layers, %d seeds" % (answer.depth, answer.seeds))
    say_table(
        ("activation", "cures", "factor per layer", "val accuracy", "its std"),
        [
            (kind.activation, kind.cures, kind.factor_per_layer, kind.accuracy, kind.accuracy_std)
            for kind in answer.kinds
        ],
    )
    return 0
