"""`catseye analyze`: measurements of what the project claims. `lista`: the shipped encoders against FISTA. `health`:
how well camera health tells good frames from spoilt ones.

Trains nothing. `lista` reads the zoo's checkpoints, so it needs torch.
"""

from argparse import Namespace
from typing import Any, Callable, Dict, List

from catseye.commands.parser import Parser, print_json, say, say_table
from catseye.runtime.datasets import data_folder
from catseye.runtime.datasets.camvid import road_samples
from catseye.runtime.errors import CatseyeError
from catseye.runtime.evaluation.health import report_on, sheet_of
from catseye.runtime.pictures import save_png

SUBJECTS = ("lista", "health")


def main(argv: List[str]) -> int:
    parser = Parser("analyze", "Measure what the project claims; trains nothing.")
    parser.add_argument("subject", choices=SUBJECTS, help="lista: the iterations of FISTA that the encoders "
                        "match; health: camera health against faults laid over good frames")
    parser.add_argument("--data", metavar="DIR", help="folder that holds bsds/ and camvid/, or demo; default "
                        "CATSEYE_DATA")
    parser.add_argument("--picture", metavar="FILE", help="health: the faults as a PNG, with the verdict on each")
    parser.add_argument("--split", default="val", help="train, val or test (default val)")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args(argv)
    if args.picture and args.subject != "health":
        raise CatseyeError("--picture of " + args.subject, "it with health only", "leave it out")
    answer = ANALYSES[args.subject](args)
    if args.json:
        print_json(answer)
    else:
        SAY[args.subject](args.split, answer)
    return 0


def _lista(args: Namespace) -> Dict[str, Any]:
    from catseye.training.lista_report import report_of_zoo
    return report_of_zoo(data_folder(args.data), args.split)


def _health(args: Namespace) -> Dict[str, Any]:
    frames = [sample.read()[0] for sample in road_samples(data_folder(args.data), args.split)]
    if args.picture:
        save_png(args.picture, sheet_of(frames[len(frames) // 2]))
    return report_on(frames)


def _say_lista(split: str, answer: Dict[str, Dict[str, Any]]) -> None:
    """One row per encoder and number."""
    say("LISTA against FISTA on %s" % split)
    rows = [(atoms, key, value) for atoms, numbers in answer.items() for key, value in numbers.items()]
    say_table([("atoms", "number", "value"), *rows])


def _say_health(split: str, answer: Dict[str, Any]) -> None:
    """One row per fault and strength."""
    say("camera health on %d frames of %s, %.1f %% of the good ones called bad" % (
        answer["frames"], split, 100 * answer["false_alarms"]))
    rows = [(kind, strength, row["auc"], row["detected"], row["named"])
            for kind, strengths in answer["kinds"].items() for strength, row in strengths.items()]
    say_table([("fault", "strength", "AUC", "detected at 1 % false alarms", "verdict names it"), *rows])


ANALYSES: Dict[str, Callable[[Namespace], Dict[str, Any]]] = {"lista": _lista, "health": _health}
SAY = {"lista": _say_lista, "health": _say_health}
