"""`catseye analyze dictionary`: the shipped dictionaries as pictures. Needs torch, for it reads
checkpoints."""

from typing import List

from catseye.commands.parsing.options import add_study_options
from catseye.commands.parsing.parser import Parser, print_json, say_table
from catseye.runtime.datasets import data_folder


def main(argv: List[str]) -> int:
    parser = Parser(
        "analyze dictionary",
        "The atoms of the shipped dictionaries, and their use by held-out patches.",
    )
    add_study_options(parser)
    args = parser.parse_args(argv)

    from catseye.training.analysis.dictionary import DICTIONARIES, atoms_of, draw

    found = {name: atoms_of(name, data_folder(args.data)) for name in DICTIONARIES}
    if args.figure:
        draw(args.figure, found)
    answer = {name: atoms.as_json() for name, atoms in found.items()}
    if args.json:
        print_json(answer)
    say_table(
        ("dictionary", *answer[DICTIONARIES[0]]),
        [(name, *row.values()) for name, row in answer.items()],
    )
    return 0
