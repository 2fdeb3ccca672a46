"""`catseye analyze adversarial`: what the lecture claims of adversarial training, as experiments
that train."""

import argparse
from typing import Any, Dict, List

from catseye.commands.parsing.options import add_study_options
from catseye.commands.parsing.parser import Parser, print_json, say, say_table
from catseye.commands.parsing.values import positive_int
from catseye.runtime.datasets import data_folder

STUDIES = {
    "panels": "the four panels: a learned D beside D*, one number at a time",
    "tabular": "p_g as a table that descends under the best D",
    "overfitting": "D trained to its end on few digits",
    "saturation": "what both losses leave of G's gradient",
}


def main(argv: List[str]) -> int:
    parser = Parser(
        "analyze adversarial",
        "Experiments on adversarial training; trains small networks, for a minute.",
    )
    parser.add_argument(
        "--study",
        choices=sorted(STUDIES),
        default="panels",
        help="; ".join("%s: %s" % study for study in STUDIES.items()) + " (default panels)",
    )
    parser.add_argument(
        "--seeds", type=positive_int, default=3, metavar="N", help="repetitions (default 3)"
    )
    add_study_options(parser)
    args = parser.parse_args(argv)

    numbers = _studied(args)
    if args.json:
        print_json(numbers)
    say("%s, over %d seeds" % (STUDIES[args.study], args.seeds))
    say_table(("number", "value", "std"), [_row(name, value) for name, value in numbers.items()])
    return 0


def _studied(args: argparse.Namespace) -> Dict[str, Any]:
    """The numbers of the study; its figure drawn where one is wanted."""
    study: Any
    if args.study == "panels":
        from catseye.training.analysis.adversarial import panels as study

        numbers, found = study.panels(args.seeds)
    elif args.study == "tabular":
        from catseye.training.analysis.adversarial import tabular as study

        numbers, found = study.tabular(args.seeds)
    elif args.study == "saturation":
        from catseye.training.analysis.adversarial import saturation as study

        numbers, found = study.saturation(data_folder(args.data), args.seeds)
    else:
        from catseye.commands.export import checkpoint_folder
        from catseye.training.analysis.adversarial import overfitting as study
        from catseye.training.analysis.gan import load_gan

        numbers, found = study.overfitting(
            load_gan(checkpoint_folder("gan")), data_folder(args.data), args.seeds
        )
    if args.figure:
        study.draw(found, args.figure)
    return numbers


def _row(name: str, value: Any) -> Any:
    if isinstance(value, dict):
        return name, value["mean"], value["std"]
    return (
        name,
        ", ".join("%.4g" % each for each in value) if isinstance(value, list) else value,
        "",
    )
