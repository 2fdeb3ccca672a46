"""`catseye analyze autoencoder`: the lecture's bottleneck against PCA. Trains some small networks:
needs torch."""

from typing import List

from catseye.commands.parsing.options import add_study_options
from catseye.commands.parsing.parser import Parser, print_json, say, say_table
from catseye.commands.parsing.values import positive_int
from catseye.runtime.datasets import data_folder


def main(argv: List[str]) -> int:
    parser = Parser(
        "analyze autoencoder",
        "Bottleneck autoencoders against PCA on photographs and on random input; "
        "sparse ones beside. Trains small networks.",
    )
    add_study_options(parser)
    parser.add_argument(
        "--seeds", type=positive_int, default=2, metavar="N", help="runs of each (default 2)"
    )
    parser.add_argument(
        "--epochs", type=positive_int, default=15, metavar="N", help="of each run (default 15)"
    )
    args = parser.parse_args(argv)

    from catseye.training.analysis import autoencoder

    results = autoencoder.study(data_folder(args.data), args.seeds, args.epochs)
    rows = autoencoder.report(results)
    if args.figure:
        autoencoder.draw(args.figure, results)
    if args.json:
        print_json(autoencoder.as_json(rows))
    say(
        "mean and spread over %d seeds, %d epochs; error is that of inputs of norm 1"
        % (args.seeds, args.epochs)
    )
    say_table(
        ("input", "network", "number", "mean", "spread"),
        [(kind, form, number, *spread) for kind, form, number, spread in rows],
    )
    return 0
