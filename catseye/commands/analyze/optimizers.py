"""`catseye analyze optimizers`: SGD, AdamW and Entropy-SGD over the same number of gradient
evaluations. It trains."""

from typing import TYPE_CHECKING, Dict, List, Tuple

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
    from catseye.training.analysis.optimizers.kept import KeptRuns

    study = optimizers.STUDIES[args.study]
    data = "" if args.study == "text" else data_folder(args.data)
    answer = optimizers.compare(args.study, data, args.seeds, KeptRuns(args.runs))
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
        "Trains: for each, seven runs to choose its numbers and one per seed, some 20 s a run.",
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
        "--runs",
        default="",
        metavar="FILE",
        help="write each run's scores there as it ends, and train none that is there",
    )
    add_study_options(parser)
    return parser


def _say(answer: "Race", errors: str) -> None:
    """errors: what is wrong of what, as a heading."""
    say(
        "%s, %d gradient evaluations, %s"
        % (
            answer.title,
            answer.gradients[-1],
            "mean and spread of %d seeds" % answer.seeds if answer.seeds > 1 else "one seed",
        )
    )
    heads = ("best val loss", "at the end", "least " + errors, "at the end", "gap of the loss")
    rows = [_row(name, found, answer.seeds) for name, found in answer.contenders.items()]
    say_table(("optimizer", *heads, "evaluations to SGD's best val loss"), rows)
    for name, found in answer.contenders.items():
        say("%s: %s, the best of %d tried" % (name, _words(found.setting), len(found.tried)))


def _row(name: str, found: "Outcome", seeds: int) -> Tuple[object, ...]:
    from catseye.training.analysis.spread import in_words

    spreads = [
        (found.best if best else found.end)[measure]
        for measure in ("val_loss", "val_error")
        for best in (True, False)
    ]
    told = [in_words(spread, seeds, "%.4f") for spread in (*spreads, found.gap)]
    return (name, *told, found.to_reach_sgd)


def _words(setting: Dict[str, float]) -> str:
    return ", ".join("%s %.3g" % (name.replace("_", " "), setting[name]) for name in setting)
