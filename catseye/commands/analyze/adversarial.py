"""`catseye analyze adversarial`: what the lecture claims of adversarial training, as experiments
that train."""

import argparse
from typing import TYPE_CHECKING, List, Tuple, Union

from catseye.commands.parsing.options import add_study_options
from catseye.commands.parsing.parser import Parser, print_json, say, say_table
from catseye.commands.parsing.values import positive_int
from catseye.runtime.datasets import data_folder
from catseye.runtime.system.json_document import Json

if TYPE_CHECKING:
    from catseye.training.analysis.adversarial.overfitting import Overfitting
    from catseye.training.analysis.adversarial.panels import Panels
    from catseye.training.analysis.adversarial.saturation import Saturation
    from catseye.training.analysis.adversarial.tabular import Tabular

    Experiment = Union[Overfitting, Panels, Saturation, Tabular]

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

    experiment = _experiment(args)
    if args.figure:
        experiment.draw(args.figure)
    numbers = experiment.as_json()
    if args.json:
        print_json(numbers)
    say("%s, over %d seeds" % (STUDIES[args.study], args.seeds))
    say_table(("number", "value", "std"), [_row(name, value) for name, value in numbers.items()])
    return 0


def _experiment(args: argparse.Namespace) -> "Experiment":
    if args.study == "panels":
        from catseye.training.analysis.adversarial.panels import panels

        return panels(args.seeds)
    if args.study == "tabular":
        from catseye.training.analysis.adversarial.tabular import tabular

        return tabular(args.seeds)
    if args.study == "saturation":
        from catseye.training.analysis.adversarial.saturation import saturation

        return saturation(data_folder(args.data), args.seeds)
    from catseye.commands.export import checkpoint_folder
    from catseye.training.analysis.adversarial.overfitting import overfitting
    from catseye.training.analysis.gan import load_gan

    return overfitting(load_gan(checkpoint_folder("gan")), data_folder(args.data), args.seeds)


def _row(name: str, value: Json) -> Tuple[str, object, object]:
    """Name, value and standard deviation; a list of values has none."""
    if isinstance(value, dict):
        return name, value["mean"], value["std"]
    return (
        name,
        ", ".join("%.4g" % each for each in value) if isinstance(value, list) else value,
        "",
    )
