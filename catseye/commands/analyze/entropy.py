"""`catseye analyze entropy`: local entropy of a wide and a sharp valley in one dimension, by
quadrature."""

from typing import List

from catseye.commands.parsing.options import add_report_options
from catseye.commands.parsing.parser import Parser, print_json, say, say_table


def main(argv: List[str]) -> int:
    parser = Parser(
        "analyze entropy", "Local entropy of a wide and a sharp valley, for several gamma."
    )
    add_report_options(parser)
    args = parser.parse_args(argv)

    from catseye.training.analysis.minima import local_entropy

    curves = local_entropy.curves()
    answer = local_entropy.report(curves)
    if args.figure:
        local_entropy.draw(args.figure, curves)
    if args.json:
        print_json(answer.as_json())
    say("f has its global minimum, 0, in the sharp valley at 2; the wide one at -2 ends at 1")
    say_table(
        ("gamma", "-F is lowest at", "its range", "furthest from f", "largest curvature"),
        [["%.4g" % number for number in shape] for shape in answer.gammas],
    )
    say(
        "largest curvature of f: %.4g; the sharp valley is the lower one above gamma %.4g"
        % (answer.curvature_of_f, answer.sharp_wins_above)
    )
    for words, shares in (
        ("Gibbs: share at the global minimum, by beta: %s", answer.at_minimum),
        ("modified Gibbs: share at x, by gamma: %s", answer.at_x),
        ("and its total variation from the Gibbs distribution: %s", answer.from_gibbs),
    ):
        say(words % ", ".join("%s: %.3g" % pair for pair in shares.items()))
    return 0
