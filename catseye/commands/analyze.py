"""`catseye analyze`: measurements of what the project claims. `lista`: the shipped encoders against FISTA.

Trains nothing: it reads the zoo's checkpoints, so it needs torch.
"""

from typing import Any, Dict, List

from catseye.commands.parser import Parser, print_json, say, say_table
from catseye.runtime.datasets import data_folder

SUBJECTS = ("lista",)


def main(argv: List[str]) -> int:
    parser = Parser("analyze", "Measure what the project claims; trains nothing.")
    parser.add_argument("subject", choices=SUBJECTS, help="lista: the iterations of FISTA that the encoders match")
    parser.add_argument("--data", metavar="DIR", help="folder that holds bsds/, or demo; default CATSEYE_DATA")
    parser.add_argument("--split", default="val", help="train, val or test (default val)")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args(argv)

    from catseye.training.lista_report import report_of_zoo

    answer = report_of_zoo(data_folder(args.data), args.split)
    if args.json:
        print_json(answer)
    else:
        _say_lista(args.split, answer)
    return 0


def _say_lista(split: str, answer: Dict[str, Dict[str, Any]]) -> None:
    """One row per encoder and number."""
    say("LISTA against FISTA on %s" % split)
    rows = [(atoms, key, value) for atoms, numbers in answer.items() for key, value in numbers.items()]
    say_table([("atoms", "number", "value"), *rows])
