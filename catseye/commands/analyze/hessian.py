"""`catseye analyze hessian`: the spectrum of LeNet's Hessian at a minimum, on digits that it was
trained on."""

from typing import List

from catseye.commands.parsing.options import add_study_options
from catseye.commands.parsing.parser import Parser, print_json, say, say_table
from catseye.commands.parsing.values import positive_int
from catseye.runtime.datasets import data_folder


def main(argv: List[str]) -> int:
    args = _parser().parse_args(argv)

    from catseye.training.analysis.minima.hessian import (
        all_eigenvalues,
        draw,
        estimate,
        report,
        shipped_minimum,
        trained_minimum,
    )

    data = data_folder(args.data)
    problem = trained_minimum(data, args.units) if args.units else shipped_minimum(data)
    estimated = estimate(problem)
    exact = all_eigenvalues(problem, args.eigenvalues) if args.eigenvalues else None
    answer = report(problem, estimated, exact)
    if args.figure:
        draw(estimated, exact, args.figure)
    if args.json:
        print_json(answer.as_json())
    say(
        "LeNet, %d parameters: loss %.4f and gradient %.4f on %d training digits"
        % (answer.parameters, answer.loss, answer.gradient_norm, answer.digits)
    )
    rows = [("estimated", *answer.estimated)]
    rows += [("exact", *answer.exact)] if answer.exact else []
    say_table(("spectrum", "share under 1e-4", "largest", "most negative"), rows)
    return 0


def _parser() -> Parser:
    parser = Parser(
        "analyze hessian",
        "The Hessian's spectrum at the minimum of the shipped digits network, or of a narrower one"
        " trained here, estimated by Lanczos quadrature; with --eigenvalues also all of it.",
    )
    add_study_options(parser)
    parser.add_argument(
        "--units",
        type=positive_int,
        metavar="N",
        help=(
            "train LeNet with N hidden units (about 20 s) "
            "instead of taking the shipped network with its 128"
        ),
    )
    parser.add_argument(
        "--eigenvalues",
        metavar="FILE",
        help=(
            "a .npz with all of them; where it is missing they are computed and written there (32"
            " units: 3 minutes; the shipped network: a quarter of an hour, 2 GB of memory)"
        ),
    )
    return parser
