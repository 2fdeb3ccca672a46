"""`catseye train`: one recipe, one loop, a checkpoint that survives being killed."""

import argparse
from pathlib import Path
from typing import Any, Dict, List

from catseye.commands.parser import DATA_HELP, Parser, positive_int, say
from catseye.runtime.datasets import data_folder
from catseye.runtime.errors import CatseyeError

EPOCHS = {"digits": 30, "road": 120, "sparse": 30}


def main(argv: List[str]) -> int:
    parser = Parser("train", "Train a network; write a checkpoint folder (model.pt, meta.json).")
    parser.add_argument("task", choices=sorted(EPOCHS))
    parser.add_argument("--data", metavar="DIR", help=DATA_HELP)
    parser.add_argument("--epochs", type=positive_int, help="default: the recipe's")
    parser.add_argument("--optimizer", choices=("adamw", "sgd"), default="adamw")
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda, cuda:N")
    parser.add_argument("--out", type=Path, help="default: runs/TASK")
    parser.add_argument("--resume", action="store_true", help="go on where the run in --out stopped")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--hold-out", metavar="SEQUENCE", help="road: leave this CamVid sequence out and judge by it")
    args = parser.parse_args(argv)

    from catseye.training.loop import Plan, fit

    out = args.out or Path("runs") / args.task
    if (out / "progress.pt").exists() and not args.resume:
        raise CatseyeError("%s holds an earlier run" % out, "an empty folder", "add --resume, or name another --out")
    recipe = _recipe(args, data_folder(args.data))
    plan = Plan(out, args.epochs or EPOCHS[args.task], args.optimizer, args.device, args.seed, args.resume)
    meta = fit(recipe, plan)
    say("%s: %s, epoch %d of %d" % (out, _metrics_line(meta["metrics"]), meta["epoch"], meta["epochs"]))
    return 0


def _recipe(args: argparse.Namespace, data: str) -> Any:
    """The recipe of a task; each is imported only when asked for."""
    if args.hold_out and args.task != "road":
        raise CatseyeError("--hold-out with %s" % args.task, "road, whose frames come in sequences")
    if args.task == "road":
        from catseye.training.road import RoadRecipe

        return RoadRecipe(data, args.seed, args.hold_out)
    if args.task == "digits":
        from catseye.training.digits import DigitsRecipe

        return DigitsRecipe(data, args.seed)
    from catseye.training.sparse import SparseRecipe

    return SparseRecipe(data, args.seed)


def _metrics_line(metrics: Dict[str, Any]) -> str:
    numbers = [(name, value) for name, value in metrics.items() if isinstance(value, float)]
    return ", ".join("%s %.4f" % item for item in numbers)
