"""`catseye analyze hessian`: the spectrum of the Hessian of the shipped digits network on its training digits."""

from typing import List

from catseye.commands.options import add_study_options
from catseye.commands.parser import Parser, print_json, say, say_table
from catseye.runtime.datasets import data_folder


def main(argv: List[str]) -> int:
    parser = Parser("analyze hessian", "The Hessian's spectrum at the minimum of the shipped digits network, estimated "
                    "by Lanczos quadrature; with --eigenvalues also all of it. Trains nothing.")
    add_study_options(parser)
    parser.add_argument("--eigenvalues", metavar="FILE", help="a .npz with all 21,328; where it is missing they are "
                        "computed (about 20 minutes, 4 GB of memory) and written there")
    args = parser.parse_args(argv)

    from catseye.training.analysis.hessian import all_eigenvalues, draw, estimate, report, shipped_minimum

    minimum = shipped_minimum(data_folder(args.data))
    estimated = estimate(minimum)
    exact = all_eigenvalues(minimum, args.eigenvalues) if args.eigenvalues else None
    answer = report(minimum, estimated, exact)
    if args.figure:
        draw(estimated, exact, args.figure)
    if args.json:
        print_json(answer)
    say("digits: %(parameters)d parameters, loss %(loss).4f and gradient %(gradient_norm).4f on %(digits)d training "
        "digits" % answer)
    rows = [(name, *answer[name].values()) for name in ("estimated", "exact") if name in answer]
    say_table([("spectrum", "share under 1e-4", "largest", "most negative"), *rows])
    return 0
