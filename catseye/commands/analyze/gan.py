"""`catseye analyze gan`: samples of a generator, their distance to the data, and whether it
memorised; needs torch."""

from typing import List

from catseye.commands.export import checkpoint_folder
from catseye.commands.parsing.options import add_study_options
from catseye.commands.parsing.parser import Parser, print_json, say, say_table
from catseye.runtime.datasets import data_folder


def main(argv: List[str]) -> int:
    parser = Parser(
        "analyze gan", "A generator's samples, in LeNet's eyes, beside real digits and noise."
    )
    parser.add_argument(
        "model", nargs="?", default="gan", help="checkpoint folder or zoo name (default gan)"
    )
    add_study_options(parser)
    args = parser.parse_args(argv)

    from catseye.training.analysis.gan import draw, load_gan, mapping, report

    gan, data = load_gan(checkpoint_folder(args.model)), data_folder(args.data)
    numbers, pictures = report(gan, data)
    mapped = mapping(gan, data)
    if args.figure:
        draw(pictures, args.figure)
    if args.json:
        rows = {name: row.as_json() for name, row in numbers.items()}
        print_json({**rows, "mapping": mapped._asdict()})
    say(
        "Frechet LeNet distance to val, classes (1-10), variety, certainty, nearest training"
        " example"
    )
    say_table(
        ("pictures", "frechet_lenet", "classes", "variety", "sure", "to_nearest_train"),
        [(name, *row) for name, row in numbers.items()],
    )
    say("G stretches z by %.2f, median %.2f, to %.2f;" % tuple(mapped.stretch))
    say("its rank correlation with the distance to the next sample: %.2f" % mapped.by_sparsity)
    say(
        "correlation of successive samples %.3f, of successive real digits %.3f"
        % (mapped.correlation, mapped.correlation_val)
    )
    return 0
