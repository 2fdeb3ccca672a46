"""`catseye analyze regularization`: dropout, pooling under shifts, LeNet with one part changed.
Needs torch."""

from typing import TYPE_CHECKING, Dict, List

from catseye.commands.parsing.options import add_study_options
from catseye.commands.parsing.parser import Parser, print_json, say, say_table
from catseye.commands.parsing.values import positive_int
from catseye.runtime.datasets import data_folder

if TYPE_CHECKING:
    from catseye.training.analysis.lenet.regularization import Pooling, RegularizationAnswer


def main(argv: List[str]) -> int:
    args = _parser().parse_args(argv)

    from catseye.training.analysis.lenet.regularization import draw, numbers

    answer = numbers(data_folder(args.data), args.digits, args.epochs, args.seeds, args.only)
    if args.figure:
        draw(answer, args.figure)
    if args.json:
        print_json(answer.as_json())
    _say_dropout(answer)
    _say_pooling(answer.pooling)
    rows = [
        (each.name, each.parameters, each.train, each.val, each.spread) for each in answer.ablation
    ]
    say_table(("network", "parameters", "train", "val", "spread"), rows)
    return 0


def _parser() -> Parser:
    parser = Parser(
        "analyze regularization",
        "Dropout against thinned nets, pooling under shifts, and LeNet with one "
        "part changed at a time: trains a network for each part and seed, for minutes.",
    )
    add_study_options(parser)
    parser.add_argument(
        "--seeds", type=positive_int, default=2, help="runs of each network (default 2)"
    )
    parser.add_argument("--epochs", type=positive_int, default=20, help="of each run (default 20)")
    parser.add_argument(
        "--digits", type=positive_int, default=1000, help="to train with (default 1000)"
    )
    parser.add_argument(
        "--only",
        action="append",
        metavar="NETWORK",
        default=[],
        help="train this one, as the table names it (may be repeated; default all)",
    )
    return parser


def _say_dropout(answer: "RegularizationAnswer") -> None:
    found = answer.dropout
    say(
        "dropout: a linear unit's mean over every mask is off the lecture's p w x by %.1g"
        % answer.every_mask_linear_error
    )
    say(
        "mean of %d thinned nets: %.1f %% off the whole net before the hidden layer, %.1f %% at the"
        " logits"
        % (
            len(found.linear_distance),
            100 * found.linear_distance[-1],
            100 * found.logit_distance[-1],
        )
    )
    say(
        "accuracy %.4f whole, %.4f their mean, %.4f one thinned net; whole and mean agree on %.4f"
        % (found.whole_accuracy, found.mean_accuracy, found.thinned_accuracy, found.agreement)
    )


def _say_pooling(by_size: "Dict[str, Pooling]") -> None:
    columns = ("mean share of shifts that keep a lone maximum", "share on the maps of digits")
    rows = [(size, row.mean_share, row.share_on_digits) for size, row in by_size.items()]
    say_table(("pooling", *columns), rows)
