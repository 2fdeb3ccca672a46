"""`catseye analyze optimizers`: SGD, AdamW and Entropy-SGD over the same number of gradient
evaluations. It trains."""

from typing import TYPE_CHECKING, List, Tuple

from catseye.commands.parsing.options import add_study_options
from catseye.commands.parsing.parser import Parser, print_json, say, say_table
from catseye.commands.parsing.values import positive_int
from catseye.runtime.datasets import data_folder

if TYPE_CHECKING:
    from catseye.training.analysis.optimizers.race import Outcome, Race

STUDIES = ("digits", "text", "road")


def main(argv: List[str]) -> int:
    args = _parser().parse_args(argv)

    from catseye.training.analysis.optimizers import race as optimizers

    study = optimizers.STUDIES[args.study]
    data = "" if args.study == "text" else data_folder(args.data)
    answer = optimizers.compare(study, data, args.seeds, args.epochs or study.epochs)
    if args.figure:
        optimizers.draw(args.figure, answer, study.errors)
    if args.json:
        print_json(answer.as_json())
    _say(answer, study.errors)
    return 0


def _parser() -> Parser:
    parser = Parser(
        "analyze optimizers",
        "SGD, AdamW and Entropy-SGD with the same number of gradient evaluations. "
        "Trains: for each, some four runs to choose a rate and one per seed.",
    )
    parser.add_argument(
        "--study",
        choices=STUDIES,
        required=True,
        help="LeNet on MNIST, a character LSTM (needs no data) or road-nano on CamVid",
    )
    parser.add_argument(
        "--seeds", type=positive_int, default=5, metavar="N", help="runs of each (default 5)"
    )
    parser.add_argument(
        "--epochs", type=positive_int, metavar="N", help="of a run (default: the study's)"
    )
    add_study_options(parser)
    return parser


def _say(answer: "Race", errors: str) -> None:
    """errors: what is wrong of what, as a heading."""
    say(
        "%s, %d gradient evaluations, mean and spread of %d seeds"
        % (answer.title, answer.gradients[-1], answer.seeds)
    )
    losses = ("train loss", "val loss", errors, "gap of the loss", "evaluations to SGD's val loss")
    rows = [_row(name, found) for name, found in answer.contenders.items()]
    say_table(("optimizer", "rate", "of", *losses), rows)


def _row(name: str, found: "Outcome") -> Tuple[object, ...]:
    ends = [
        (found.mean[measure][-1], found.spread[measure][-1])
        for measure in ("train_loss", "val_loss", "val_error")
    ]
    ends.append(found.gap["loss"])
    tried = ", ".join("%.3g" % rate for rate in sorted(found.tried))
    return (name, found.rate, tried, *("%.4f +- %.4f" % end for end in ends), found.to_reach_sgd)
