"""`catseye analyze features`: what hidden units of the shipped networks look for. Reads
checkpoints: needs torch."""

from typing import List

from catseye.commands.parsing.options import add_study_options
from catseye.commands.parsing.parser import Parser, print_json, say, say_table
from catseye.runtime.datasets import data_folder


def main(argv: List[str]) -> int:
    parser = Parser("analyze features", "The inputs that excite hidden units most; trains nothing.")
    add_study_options(parser)
    args = parser.parse_args(argv)

    from catseye.training.analysis import features

    numbers = features.report()._asdict()
    if args.figure:
        features.draw(args.figure, data_folder(args.data))
    if args.json:
        print_json(numbers)
    say("the autoencoder's units, by the input of norm 1 that excites each most")
    say_table(("number", "value"), numbers.items())
    return 0
