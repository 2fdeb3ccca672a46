"""`catseye train TASK`: one recipe, one loop, a checkpoint that survives being killed."""

import argparse
import logging
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any, Dict, List, Tuple, Union

from catseye.commands.parsing.parser import say
from catseye.commands.train.elastic import fit_elastic, is_elastic
from catseye.commands.train.options import own_values, parse_training
from catseye.runtime.datasets import data_folder
from catseye.runtime.errors import CatseyeError
from catseye.runtime.system.masking import masked_words
from catseye.runtime.system.signals import Terminated, terminated_like_interrupted
from catseye.training.progress import told
from catseye.training.recipes.rows.row import Beginning, RecipeRow
from catseye.training.torchrun import is_in_torchrun, rank_in_environment

if TYPE_CHECKING:
    from catseye.training.plan import TrainingPlan


def main(argv: List[str]) -> int:
    row, args = parse_training(argv)
    try:
        with terminated_like_interrupted():
            return _train(row, args)
    except KeyboardInterrupt as ended:
        if _is_first(args):
            say(how_to_go_on(argv, args.out))
        return 143 if isinstance(ended, Terminated) else 130


def _train(row: RecipeRow, args: argparse.Namespace) -> int:
    elastic = row.one_loss and is_elastic(args)
    values, data = own_values(row, args), _data(row, args)
    row.check(values, args.patience)
    first = _is_first(args)
    if first:  # under torchrun the first process alone reads and writes there
        _check_output(args.out, args.resume)
        # the first sign of life: what comes now imports torch
        told(row.look(data, values) or "%s: reading %s" % (row.task, data))
    elif not args.join:
        logging.getLogger("catseye").setLevel(logging.WARNING)  # the first one speaks for all
    recipe = row.make(data, args.seed, values)
    beginning = _first_weights(args, row, recipe)
    optimizer = args.optimizer or _usual_optimizer(row, recipe)
    plan = _plan(args, optimizer, row.ends_unseen(values), beginning)
    meta = fit_elastic(args, recipe, plan) if elastic else row.fit(recipe, plan)
    if first and meta:
        found = _metrics_line(meta.metrics)
        say("%s: %s, epoch %d of %d" % (args.out, found, meta.epoch, meta.epochs))
    return 0


def _usual_optimizer(row: RecipeRow, recipe: Any) -> str:
    """The first of the row's that this recipe of it has a rate for."""
    rates = recipe.learning_rates if row.one_loss else row.optimizers
    return next(name for name in row.optimizers if name in rates)


def _is_first(args: argparse.Namespace) -> bool:
    """Whether this process writes and speaks: torchrun's first one, and no worker of a center."""
    return not args.join and rank_in_environment() == 0


def how_to_go_on(argv: List[str], out: Path) -> str:
    """What was interrupted, and the command that goes on with it."""
    words = ["catseye", "train", *masked_words(argv)]
    if not (out / "progress.pt").exists():
        return "stopped before the first epoch: nothing is kept"
    if "--resume" not in argv:
        words.append("--resume")
    command = " ".join(map(shlex.quote, words))
    if is_in_torchrun():
        command = "the same torchrun of " + command
    return "stopped: all finished epochs are kept in %s; go on with %s" % (out, command)


def _data(row: RecipeRow, args: argparse.Namespace) -> Union[str, Tuple[str, ...]]:
    """The data folder, or all of them where a row takes several."""
    if row.takes_sets:
        return tuple(data_folder(each) for each in args.data or [None])
    return data_folder(args.data)


def _first_weights(args: argparse.Namespace, row: RecipeRow, recipe: Any) -> Beginning:
    """Give the recipe's network the weights of `--start`, else those that its task begins with."""
    if not args.start:
        beginning = row.begin(recipe)
        if beginning.start:
            say("the encoder begins with the weights of %s" % beginning.start)
        return beginning
    from catseye.models.checkpoint import load_checkpoint, take_weights
    from catseye.training.recipes.recipe import Following

    other: Tuple[str, ...] = ()
    if isinstance(recipe, Following):
        other = recipe.follow(load_checkpoint(args.start, row.task))
    new = take_weights(recipe.network, args.start, row.task, other)
    if new:
        say("%s: other classes or widths, so new: %s" % (args.start, ", ".join(new)))
    return Beginning(args.start.name, tuple(new))


def _plan(
    args: argparse.Namespace, optimizer: str, ends_unseen: bool, beginning: Beginning
) -> "TrainingPlan":
    from catseye.training.plan import EVALUATIONS, TrainingPlan

    return TrainingPlan(
        args.out,
        args.epochs,
        optimizer,
        args.device,
        seed=args.seed,
        resume=args.resume,
        evaluations=1 if ends_unseen else EVALUATIONS,
        accumulate=args.accumulate,
        patience=args.patience,
        decay_rate=args.decay_rate,
        batch=args.batch or 0,
        rate=args.rate,
        start=beginning.start,
        new=beginning.new,
    )


def _check_output(out: Path, resume: bool) -> None:
    """Refuse a folder in which something would be overwritten."""
    if (out / "progress.pt").exists():
        if not resume:
            found = "%s holds an earlier run" % out
            raise CatseyeError(found, "an empty folder", "add --resume, or name another --out")
    elif (out / "model.pt").exists():
        raise CatseyeError(
            "%s holds a checkpoint and no run to resume" % out,
            "an empty folder",
            "name another --out",
        )


def _metrics_line(metrics: Dict[str, Any]) -> str:
    numbers = [(name, value) for name, value in metrics.items() if isinstance(value, float)]
    return ", ".join("%s %.4f" % item for item in numbers)
