"""`catseye analyze lista`: the shipped encoders against FISTA. Reads the zoo's checkpoints, so it needs torch."""

from typing import List

from catseye.commands.parser import Parser, print_json, say, say_table
from catseye.runtime.datasets import data_folder


def main(argv: List[str]) -> int:
    parser = Parser("analyze lista", "The iterations of FISTA that the shipped encoders match.")
    parser.add_argument("--data", metavar="DIR", help="folder that holds bsds/, or demo; default CATSEYE_DATA")
    parser.add_argument("--split", default="val", help="train, val or test (default val)")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args(argv)

    from catseye.training.lista_report import report_of_zoo

    answer = report_of_zoo(data_folder(args.data), args.split)
    if args.json:
        print_json(answer)
    say("LISTA against FISTA on %s" % args.split)
    rows = [(atoms, key, value) for atoms, numbers in answer.items() for key, value in numbers.items()]
    say_table([("atoms", "number", "value"), *rows])
    return 0
