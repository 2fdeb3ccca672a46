"""The options of `catseye train`: those of every task, and each task's own as its row in
training/recipes declares them. Knows no task and no torch."""

import argparse
from pathlib import Path
from typing import Callable, Dict, List, Tuple

from catseye.commands.export import checkpoint_folder
from catseye.commands.parsing.once import Once
from catseye.commands.parsing.parser import DATA_HELP, Parser
from catseye.commands.parsing.values import (
    not_negative_float,
    not_negative_int,
    positive_float,
    positive_int,
    share,
    value_type,
)
from catseye.commands.train.elastic import add_elastic_options
from catseye.runtime.errors import CatseyeError
from catseye.runtime.system.option_values import Values, number_above, size_wh, whole
from catseye.runtime.tasks.letterboxed import LONGEST_SIDE, SHORTEST_SIDE
from catseye.training.recipes import RECIPES
from catseye.training.recipes.rows.row import Kind, Option, RecipeRow

TYPES: Dict[Kind, Callable[[str], object]] = {
    Kind.TEXT: str,
    Kind.COUNT: positive_int,
    Kind.POSITIVE: positive_float,
    Kind.NOT_NEGATIVE: not_negative_float,
    Kind.SHARE: share,
    Kind.SIZE: value_type(
        size_wh(SHORTEST_SIDE, LONGEST_SIDE),
        "WIDTHxHEIGHT of %d to %d each, such as 640x360" % (SHORTEST_SIDE, LONGEST_SIDE),
    ),
    Kind.CHECKPOINT: checkpoint_folder,
}
ENTROPY_SGD = "entropy-sgd"
batch = value_type(whole(1, 4096), "a whole number from 1 to 4096")
rate = value_type(number_above(0, 100), "a number above 0, at most 100")
# for tasks that lack the option
ABSENT = {
    "start": None,
    "decay_rate": False,
    "accumulate": 1,
    "patience": 0,
    "join": None,
    "rate": 0.0,
}


def parse_training(argv: List[str]) -> Tuple[RecipeRow, argparse.Namespace]:
    """The task's row and its options.

    Raises CatseyeError for a task that is none, and for an option that the task has not, with the
    tasks that have it.
    """
    if not argv or argv[0] not in RECIPES:
        if argv and argv[0].startswith("--") and argv[0] != "--help":
            raise CatseyeError("%s before the task" % argv[0], "`catseye train TASK ...`")
        _tasks_parser().parse_args(argv[:1])
    row = RECIPES[argv[0]]
    parser = _parser_of(row)
    args, unknown = parser.parse_known_args(argv[1:])
    if unknown:
        raise _refused(row, parser, unknown)
    if args.start and getattr(args, "pretrained", None) not in (None, "none"):
        raise CatseyeError("--start with --pretrained", "one of them: both set the first weights")
    if args.start and hasattr(args, "pretrained"):
        args.pretrained = "none"
    optimizer = args.optimizer or row.optimizers[0]
    if args.decay_rate and optimizer != ENTROPY_SGD:
        raise CatseyeError(
            "--decay-rate with " + optimizer, "entropy-sgd: the others' rate decays anyway"
        )
    return row, args


def own_values(row: RecipeRow, args: argparse.Namespace) -> Values:
    """Those of the task's own options that were given, and its batch, by field."""
    chosen = {option.field: getattr(args, option.field) for option in row.options}
    chosen["batch"] = args.batch
    return {field: value for field, value in chosen.items() if value is not None}


def _tasks_parser() -> Parser:
    parser = Parser("train", "Train a network and write a checkpoint folder (model.pt, meta.json).")
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    width = max(map(len, RECIPES)) + 2
    tasks = ["  %s%s" % (row.task.ljust(width), row.summary) for row in RECIPES.values()]
    parser.epilog = "tasks:\n%s\n\n`catseye train TASK --help` lists the options of a task." % (
        "\n".join(tasks)
    )
    parser.add_argument("task", metavar="TASK", choices=list(RECIPES), help="what to train")
    return parser


def _parser_of(row: RecipeRow) -> Parser:
    parser = Parser("train " + row.task, "Train %s." % row.summary)
    parser.set_defaults(**ABSENT)
    parser.add_argument(
        "--data",
        metavar="DIR",
        action="append" if row.takes_sets else Once,
        help=DATA_HELP + ("; may be repeated" if row.takes_sets else ""),
    )
    parser.add_argument(
        "--epochs",
        type=positive_int,
        default=row.epochs,
        metavar="N",
        help="passes over the data (default %d)" % row.epochs,
    )
    parser.add_argument(
        "--batch", type=batch, metavar="N", help="examples to a batch (default: the task's own)"
    )
    usual = row.optimizers[0]
    parser.add_argument("--optimizer", choices=row.optimizers, help="default " + usual)
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda, cuda:N")
    out = Path("runs") / row.task
    parser.add_argument("--out", type=Path, default=out, metavar="DIR", help="default %s" % out)
    parser.add_argument("--resume", action="store_true", help="continue the run in --out")
    parser.add_argument("--seed", type=not_negative_int, default=0, metavar="N")
    for option in row.options:
        _add_own(parser, option)
    if ENTROPY_SGD in row.optimizers:
        parser.add_argument(
            "--decay-rate",
            action="store_true",
            help="entropy-sgd: let the schedule lower eta too, which is else held fixed while"
            " gamma grows",
        )
    if row.takes_start:
        parser.add_argument(
            "--start",
            metavar="CHECKPOINT",
            type=checkpoint_folder,
            help="begin with the weights of a checkpoint, such as `%s`, at a quarter of the"
            " learning rate; for other classes with new last layers, at the whole rate" % row.task,
        )
    if row.one_loss:
        _add_loop_options(parser)
        add_elastic_options(parser)
    return parser


def _add_own(parser: Parser, option: Option) -> None:
    if option.kind is Kind.SWITCH:
        parser.add_argument(option.flag, action="store_const", const=True, help=option.help)
    elif option.kind is Kind.TEXTS:
        parser.add_argument(
            option.flag, action="append", metavar=option.metavar or None, help=option.help
        )
    else:
        parser.add_argument(
            option.flag,
            action=Once,
            type=TYPES[option.kind],
            metavar=option.metavar or None,
            choices=option.among or None,
            help=option.help,
        )


def _add_loop_options(parser: Parser) -> None:
    parser.add_argument(
        "--rate",
        type=rate,
        default=0.0,
        metavar="R",
        help="learning rate at its highest, instead of the task's own for the optimizer; weights"
        " that have been trained before take a quarter of it",
    )
    parser.add_argument(
        "--accumulate",
        type=positive_int,
        default=1,
        metavar="N",
        help="accumulate the gradient over N batches (default 1)",
    )
    parser.add_argument(
        "--patience",
        type=positive_int,
        default=0,
        metavar="N",
        help="stop after N evaluations in a row without improvement (default: never)",
    )


def _refused(row: RecipeRow, parser: Parser, unknown: List[str]) -> CatseyeError:
    """The complaint about words that the task's parser left over."""
    flag = unknown[0].partition("=")[0]
    # argparse tells the options of a parser nowhere else
    owners = [each for each in RECIPES if flag in _parser_of(RECIPES[each])._option_string_actions]
    if owners:
        return CatseyeError("%s with %s" % (flag, row.task), "only with " + " or ".join(owners))
    fix = parser.nearest_option(flag) or "see `%s --help`" % parser.prog
    return CatseyeError("unknown argument %s" % flag, fix=fix)
