"""`catseye analyze spectra`: the Hessian's shape over networks, widths and optimizers. Trains small
networks."""

from typing import List

from catseye.commands.parsing.options import add_study_options
from catseye.commands.parsing.parser import Parser, print_json, say_table
from catseye.runtime.datasets import data_folder


def main(argv: List[str]) -> int:
    parser = Parser(
        "analyze spectra",
        "The Hessian's spectrum at minima of LeNet, the autoencoder and the small road "
        "network, in two widths, by SGD, AdamW and Entropy-SGD. Trains all of them: some minutes.",
    )
    add_study_options(parser)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args(argv)

    from catseye.training.analysis.minima.spectra import draw, report, spectra

    found = spectra(data_folder(args.data), args.seed)
    rows = report(found)
    if args.figure:
        draw(found, args.figure)
    if args.json:
        print_json({"minima": [row._asdict() for row in rows]})
    columns = (
        "system",
        "optimizer",
        "parameters",
        "loss",
        "share_near_zero",
        "share_small",
        "largest",
        "most_negative",
    )
    rows_shown = [(*row[:5], row.share_small, row.largest, row.most_negative) for row in rows]
    say_table(columns, rows_shown)
    return 0
