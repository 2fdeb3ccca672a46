"""`catseye train`: one recipe, one loop, a checkpoint that survives being killed."""

import argparse
from pathlib import Path
from typing import Any, Callable, Dict, List, Tuple

from catseye.commands.parsing.elastic_options import add_elastic_options, fit_elastic, is_elastic
from catseye.commands.parsing.parser import DATA_HELP, Parser, say
from catseye.commands.parsing.values import not_negative_float, positive_float, positive_int, share
from catseye.runtime.datasets import data_folder
from catseye.runtime.errors import CatseyeError

EPOCHS = {"digits": 30, "road": 120, "sparse": 30, "autoencoder": 30, "gan": 30}
ONLY = {
    "hold_out": "road",
    "atoms": "sparse",
    "iterations": "sparse",
    "alpha": "sparse",
    "inhibition": "sparse",
    "denoise": "sparse",
    "nano": "road",
    "teacher": "road",
    "with_val": "road",
    "discriminator_steps": "gan",
    "saturating": "gan",
    "maxout": "gan",
    "units": "autoencoder",
    "rho": "autoencoder",
    "beta": "autoencoder",
    "decay": "autoencoder",
    "linear": "autoencoder",
}  # options of one task
# the others' weights belong to a dictionary, to frames that are known, or to a game
STARTED = ("digits", "road")
OPTIMIZERS = {"gan": "sgd"}  # with momentum, as in the paper; adamw for the others


def main(argv: List[str]) -> int:
    parser = Parser("train", "Train a network; write a checkpoint folder (model.pt, meta.json).")
    parser.add_argument("task", choices=sorted(EPOCHS))
    parser.add_argument("--data", metavar="DIR", help=DATA_HELP)
    parser.add_argument("--epochs", type=positive_int, help="default: the recipe's")
    parser.add_argument(
        "--optimizer", choices=("adamw", "sgd", "entropy-sgd"), help="default adamw; gan: sgd"
    )
    parser.add_argument(
        "--decay-rate",
        action="store_true",
        help=(
            "entropy-sgd: let the schedule lower eta too, which is else held fixed while gamma"
            " grows"
        ),
    )
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda, cuda:N")
    parser.add_argument("--out", type=Path, help="default: runs/TASK")
    parser.add_argument(
        "--resume", action="store_true", help="go on where the run in --out stopped"
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--start",
        metavar="CHECKPOINT",
        help=(
            "digits, road: begin with the weights of a checkpoint, such as `road`, at a quarter of "
            "the learning rate; for other classes with new last layers, at the whole rate"
        ),
    )
    parser.add_argument(
        "--accumulate",
        type=positive_int,
        default=1,
        metavar="N",
        help="batches to a gradient (default 1)",
    )
    parser.add_argument(
        "--patience",
        type=positive_int,
        default=0,
        metavar="N",
        help="stop after N evaluations in a row that brought nothing better (default: never)",
    )
    parser.add_argument(
        "--hold-out",
        metavar="SEQUENCE",
        help="road: leave this CamVid sequence out and judge by it",
    )
    parser.add_argument(
        "--with-val",
        action="store_const",
        const=True,
        help=(
            "road: train on val too, for the last run, when everything has been chosen; "
            "measured once, at its end"
        ),
    )
    parser.add_argument(
        "--nano", action="store_const", const=True, help="road: the network for TX1 and Nano"
    )
    parser.add_argument(
        "--teacher", metavar="CHECKPOINT", help="road: a checkpoint to learn from, such as `road`"
    )
    parser.add_argument(
        "--atoms", type=positive_int, metavar="M", help="sparse: columns of the dictionary (100)"
    )
    parser.add_argument(
        "--iterations", type=positive_int, metavar="T", help="sparse: products with S in LISTA (3)"
    )
    parser.add_argument(
        "--alpha",
        type=positive_float,
        help="sparse: weight of the codes' 1-norm (0.1, to denoise 1.5 times the noise)",
    )
    parser.add_argument(
        "--inhibition",
        metavar="FORM",
        help=(
            "sparse: how S is made: dense (default), masked:0.2, "
            "low-rank:20, coupled (LISTA-CP) or analytic (ALISTA)"
        ),
    )
    parser.add_argument(
        "--discriminator-steps",
        type=positive_int,
        metavar="K",
        help="gan: D steps for each of G (1)",
    )
    parser.add_argument(
        "--saturating",
        action="store_const",
        const=True,
        help=(
            "gan: G descends log(1 - D(G(z))), the minimax game's own loss, instead of -log D(G(z))"
        ),
    )
    parser.add_argument(
        "--maxout", type=positive_int, metavar="N", help="gan: D of maxout units with N pieces each"
    )
    parser.add_argument(
        "--units", type=positive_int, metavar="N", help="autoencoder: hidden ones (100)"
    )
    parser.add_argument(
        "--rho", type=share, help="autoencoder: mean activation wanted of a unit (0.05)"
    )
    parser.add_argument(
        "--beta", type=not_negative_float, help="autoencoder: weight of the KL term; 0: none (0.1)"
    )
    parser.add_argument(
        "--decay", type=not_negative_float, help="autoencoder: weight of 1/2 ||W2||^2 (0.01)"
    )
    parser.add_argument(
        "--linear", action="store_const", const=True, help="autoencoder: no sigmoid; with --beta 0"
    )
    parser.add_argument(
        "--denoise",
        action="store_const",
        const=True,
        help="sparse: learn to rebuild clean pictures from noisy ones",
    )
    add_elastic_options(parser)
    args = parser.parse_args(argv)
    elastic = is_elastic(args)
    if args.start and args.task not in STARTED:
        raise CatseyeError("--start with %s" % args.task, "only with " + " or ".join(STARTED))
    # nothing unseen is left to choose the best epoch by
    blind = bool(args.with_val and not args.hold_out)
    if blind and args.patience:
        raise CatseyeError(
            "--patience with --with-val",
            "one of them: what is trained on says not when to stop",
            "name a drive to judge by (--hold-out)",
        )

    from catseye.training.plan import EVALUATIONS, TrainingPlan
    from catseye.training.processes import rank_in_environment

    out, first = args.out or Path("runs") / args.task, rank_in_environment() == 0 and not args.join
    if first:  # under torchrun the first process alone reads and writes there
        _check_output(out, args.resume)
    recipe = _recipe(args, data_folder(args.data))
    optimizer = args.optimizer or OPTIMIZERS.get(args.task, "adamw")
    if args.decay_rate and optimizer != "entropy-sgd":
        raise CatseyeError(
            "--decay-rate with " + optimizer, "entropy-sgd: the others' rate decays anyway"
        )
    start, new = _started(recipe, args)
    plan = TrainingPlan(
        out,
        args.epochs or EPOCHS[args.task],
        optimizer,
        args.device,
        seed=args.seed,
        resume=args.resume,
        evaluations=1 if blind else EVALUATIONS,
        accumulate=args.accumulate,
        patience=args.patience,
        decay_rate=args.decay_rate,
        start=start,
        new=new,
    )
    meta = fit_elastic(args, recipe, plan) if elastic else _loop(args.task)(recipe, plan)
    if first and meta:
        say("%s: %s, epoch %d of %d" % (out, _metrics_line(meta.metrics), meta.epoch, meta.epochs))
    return 0


def _started(recipe: Any, args: argparse.Namespace) -> Tuple[str, Tuple[str, ...]]:
    """Give the recipe's network the weights of `--start`; that checkpoint's name ("" where there is
    none) and the names of the weights that it did not have."""
    if not args.start:
        return "", ()
    from catseye.commands.export import checkpoint_folder
    from catseye.models.checkpoint import take_weights

    folder = checkpoint_folder(args.start)
    new = take_weights(recipe.network, folder, args.task)
    if new:
        say("%s: other widths, so new: %s" % (folder, ", ".join(new)))
    return folder.name, tuple(new)


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


def _recipe(args: argparse.Namespace, data: str) -> Any:
    """The recipe of a task; each is imported only when asked for."""
    chosen = {
        name: value for name, value in vars(args).items() if name in ONLY and value is not None
    }
    for name in chosen:
        if ONLY[name] != args.task:
            raise CatseyeError(
                "--%s with %s" % (name.replace("_", "-"), args.task), "only with " + ONLY[name]
            )
    if args.task == "road":
        from catseye.commands.export import checkpoint_folder
        from catseye.training.recipes.road import RoadRecipe

        if args.teacher:
            chosen["teacher"] = checkpoint_folder(args.teacher)

        return RoadRecipe(data, args.seed, **chosen)
    if args.task == "digits":
        from catseye.training.recipes.digits import DigitsRecipe

        return DigitsRecipe(data, args.seed)
    if args.task == "gan":
        from catseye.training.recipes.gan import GanRecipe

        return GanRecipe(data, args.seed, **chosen)
    if args.task == "autoencoder":
        from catseye.training.recipes.autoencoder import AutoencoderRecipe

        if args.linear and args.beta != 0:
            raise CatseyeError(
                "--linear with a KL term",
                "--beta 0",
                "activations that are no probabilities have none",
            )
        return AutoencoderRecipe(data, args.seed, **chosen)
    if chosen.pop("denoise", False):
        from catseye.training.recipes.denoise import DenoiseRecipe

        return DenoiseRecipe(data, args.seed, **chosen)
    from catseye.training.recipes.sparse import SparseRecipe

    return SparseRecipe(data, args.seed, **chosen)


def _loop(task: str) -> Callable[[Any, Any], Any]:
    """What trains a recipe: the loop that they share, or the game of two players."""
    if task == "gan":
        from catseye.training.recipes.gan import fit_gan

        return fit_gan
    from catseye.training.loop import fit

    return fit


def _metrics_line(metrics: Dict[str, Any]) -> str:
    numbers = [(name, value) for name, value in metrics.items() if isinstance(value, float)]
    return ", ".join("%s %.4f" % item for item in numbers)
