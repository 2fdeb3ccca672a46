"""`catseye analyze hessian`: the spectrum of LeNet's Hessian at a minimum, on digits that it was
trained on."""

import argparse
from typing import List

from catseye.commands.parsing.options import add_study_options
from catseye.commands.parsing.parser import Parser, print_json, say, say_table
from catseye.commands.parsing.values import positive_int
from catseye.runtime.datasets import data_folder


def main(argv: List[str]) -> int:
    parser = _parser()
    args = parser.parse_args(argv)
    if args.paper and args.eigenvalues:
        parser.error("--eigenvalues does not go with --paper: all of them are 9 GB and hours")
    return _paper(args) if args.paper else _ours(args)


def _ours(args: argparse.Namespace) -> int:
    """The shipped LeNet, or one of another width."""
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
    # first: a file brings the weights that it is of
    exact = all_eigenvalues(problem, args.eigenvalues) if args.eigenvalues else None
    estimated = estimate(problem)
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


def _paper(args: argparse.Namespace) -> int:
    """The paper's network at each of its stops."""
    from catseye.training.analysis.minima import paper_lenet

    found = paper_lenet.stops(data_folder(args.data))
    if args.figure:
        paper_lenet.draw(found, args.figure)
    rows = [stop.as_json() for stop in found]
    if args.json:
        print_json({"stops": rows})
    say_table(tuple(rows[0]), [tuple(row.values()) for row in rows])
    return 0


def _parser() -> Parser:
    parser = Parser(
        "analyze hessian",
        "The Hessian's spectrum at the minimum of the shipped digits network, or of a narrower one"
        " trained here, or of the paper's on its way there, estimated by Lanczos quadrature; with"
        " --eigenvalues also all of it.",
    )
    add_study_options(parser)
    network = parser.add_mutually_exclusive_group()
    network.add_argument(
        "--paper",
        action="store_true",
        help=(
            "train the LeNet of Chaudhari et al. 2017 by Adam, and stop at 5, 2.4 and 1 %% wrong on"
            " val (7 minutes)"
        ),
    )
    network.add_argument(
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
            "a .npz with all of them and the weights that they are of, which are then studied;"
            " where it is missing they are computed and written there (32 units: 3 minutes; the"
            " shipped network: a quarter of an hour, 2 GB of memory)"
        ),
    )
    return parser
