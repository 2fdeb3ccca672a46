"""`catseye analyze activations`: the lecture's activation functions and their derivatives. Needs
torch."""

from typing import List

from catseye.commands.parsing.options import add_report_options
from catseye.commands.parsing.parser import Parser, print_json, say_table


def main(argv: List[str]) -> int:
    parser = Parser(
        "analyze activations",
        "Value and derivative of every activation function, against autograd.",
    )
    add_report_options(parser)
    args = parser.parse_args(argv)

    from catseye.training.analysis.activations import draw, numbers

    answer = numbers()
    if args.figure:
        draw(args.figure)
    if args.json:
        print_json({name: slope._asdict() for name, slope in answer.items()})
    say_table(
        ("activation", "derivative from", "to", "off autograd by"),
        [(name, *slope) for name, slope in answer.items()],
    )
    return 0
