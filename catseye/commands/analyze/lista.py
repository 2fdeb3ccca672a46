"""`catseye analyze lista`: the shipped encoders against FISTA. Reads the zoo's checkpoints, so it
needs torch."""

from pathlib import Path
from typing import Dict, List, Tuple

from catseye.commands.parsing.options import add_study_options
from catseye.commands.parsing.parser import Parser, print_json, say, say_table
from catseye.commands.parsing.values import positive_int
from catseye.runtime.datasets import data_folder
from catseye.runtime.system.json_document import JsonObject

RUNS = Path("runs") / "lista"


def main(argv: List[str]) -> int:
    args = _parser().parse_args(argv)

    from catseye.training.analysis.lista_report import report_of_zoo

    data = data_folder(args.data)
    if args.train:
        from catseye.training.analysis.lista import train_encoders

        train_encoders(data, args.train, RUNS)
    numbers = report_of_zoo(data, args.split)
    _say_report(numbers, args.split)
    answer: Dict[str, JsonObject] = {atoms: {**own} for atoms, own in numbers.items()}
    if args.figure:
        _add_study(answer, data, args.split, args.figure)
    if args.json:
        print_json(answer)
    return 0


def _parser() -> Parser:
    parser = Parser(
        "analyze lista",
        "The iterations of FISTA that the shipped encoders match; with --figure also "
        "those of other depths, and what theory says of ISTA and FISTA.",
    )
    add_study_options(parser)
    parser.add_argument("--split", default="val", help="train, val or test (default val)")
    parser.add_argument(
        "--train",
        type=positive_int,
        metavar="EPOCHS",
        help=(
            "teach the encoders of other depths and forms of S further, "
            "in %s/, and put them into the zoo: 8 epochs take half an hour of a core"
        )
        % RUNS,
    )
    return parser


def _say_report(answer: Dict[str, Dict[str, float]], split: str) -> None:
    say("LISTA against FISTA on %s" % split)
    rows = [
        (atoms, key, value) for atoms, numbers in answer.items() for key, value in numbers.items()
    ]
    say_table(("atoms", "number", "value"), rows)


def _add_study(answer: Dict[str, JsonObject], data: str, split: str, path: str) -> None:
    """Depths and theory into the figure, the table and, by number of atoms, the answer."""
    from catseye.training.analysis.lista import DICTIONARIES, curves, draw, theory
    from catseye.training.analysis.lista_report import yardstick

    found = {name: curves(name, data, split) for name in DICTIONARIES}
    theories = {name: theory(yardstick(name, data, split)) for name in DICTIONARIES}
    draw(path, found, theories)
    rows: List[Tuple[str, object, float, int]] = []
    for name, of_name in found.items():
        atoms, matched, of_theory = name.split("-")[1], of_name.matched_by(), theories[name]
        answer[atoms].update(of_name.as_json(), theory=of_theory.as_json())
        errors = of_name.lista.items()
        rows += [(atoms, str(depth), error, matched[depth]) for depth, error in errors]
        say(
            "m = %s: ISTA's energy rises by at most %.2g in a step; FISTA leaves at most %.2g of"
            " its bound" % (atoms, of_theory.climb, of_theory.share)
        )
        forms = of_name.matched_by_form()
        rows += [(atoms, "1, " + form, of_name.forms[form], forms[form]) for form in forms]
        untied = of_name.matched_by_untied()
        rows += [
            (atoms, "%d, untied" % depth, of_name.untied[depth], untied[depth]) for depth in untied
        ]
    say_table(
        ("atoms", "iterations", "LISTA's mean squared code error", "iterations of FISTA"), rows
    )
