"""`catseye analyze elastic`: elastic averaging against SGD, synchronous averaging and DOWNPOUR on
LeNet. It trains."""

from typing import TYPE_CHECKING, Dict, List

from catseye.commands.parsing.options import add_study_options
from catseye.commands.parsing.parser import Parser, print_json, say, say_table
from catseye.commands.parsing.values import positive_int
from catseye.runtime.datasets import data_folder
from catseye.runtime.system.json_document import JsonObject

if TYPE_CHECKING:
    from catseye.training.analysis.elastic.real import ElasticErrors
    from catseye.training.analysis.elastic.runs import ElasticComparison
    from catseye.training.analysis.elastic.valleys import Line


def main(argv: List[str]) -> int:
    args = _parser().parse_args(argv)

    from catseye.training.analysis.elastic import drawing, real, runs, valleys

    data = data_folder(args.data)
    if args.tune:
        trials = runs.tune(data, args.steps)
        answer: JsonObject = {"trials": [vars(trial) for trial in trials]}
        rows = [(trial.name, trial.tau, trial.rate, trial.error) for trial in trials]
        say_table(("method", "tau", "rate", "error"), rows)
    elif args.real:
        errors = real.against_processes(data, args.real, args.seeds)
        answer = errors.as_json()
        _say_errors(errors)
    else:
        lines = valleys.valleys(data, args.steps)
        compared = runs.compare(data, args.seeds, args.steps)
        answer = dict(compared.as_json(), lines={name: vars(line) for name, line in lines.items()})
        _say_methods(compared)
        _say_valleys(lines)
        if args.figure:
            drawing.draw(args.figure, compared, lines)
    if args.json:
        print_json(answer)
    return 0


def _parser() -> Parser:
    parser = Parser(
        "analyze elastic",
        "Four simulated workers: SGD, synchronous averaging, DOWNPOUR, EASGD and EAMSGD "
        "at several periods, and the loss between the workers. Trains: 17 runs for each seed.",
    )
    parser.add_argument(
        "--seeds", type=positive_int, default=2, metavar="N", help="runs of each method (default 2)"
    )
    parser.add_argument(
        "--steps",
        type=positive_int,
        default=400,
        metavar="N",
        help="gradients of a worker in the time that every method has (default 400)",
    )
    parser.add_argument(
        "--real",
        type=positive_int,
        metavar="TAU",
        help="instead: EAMSGD by four processes and their center, against the simulation",
    )
    parser.add_argument(
        "--tune", action="store_true", help="instead: each method at 1/3, 1 and 3 times its rate"
    )
    add_study_options(parser)
    return parser


def _say_errors(errors: "ElasticErrors") -> None:
    """Of the center that processes worked for, beside the simulated one."""
    say_table(
        ("error", *("seed %d" % seed for seed in range(len(errors.real)))),
        [("simulated", *errors.simulated), ("real", *errors.real)],
    )
    say("%.1f MB to and from the center" % (errors.bytes / 1e6))


def _say_methods(compared: "ElasticComparison") -> None:
    costs = compared.costs
    say(
        "to all the time of %d gradients of 32 digits; one takes %.2f ms, an exchange %.2f ms"
        % (compared.steps, 1000 * costs.step_s, 1000 * costs.exchange_s)
    )
    rows = []
    for row in compared.methods:
        end = row.looks[-1]
        numbers = (row.name, row.tau, row.rate, row.error, row.spread)
        rows.append((*numbers, end.sent / 1e6, end.seconds, row.seconds_to_5_percent))
    say_table(("method", "tau", "rate", "error", "spread", "MB", "seconds", "seconds to 5 %"), rows)
    lead = compared.lead()
    say(
        "DOWNPOUR at tau 1 less EAMSGD at tau 10, seed by seed: %.2f +- %.2f points"
        % (100 * lead.mean, 100 * lead.std)
    )


def _say_valleys(lines: "Dict[str, Line]") -> None:
    say_table(
        ("from one network to another", "highest loss", "barrier", "distance"),
        [(name, max(line.losses), line.barrier, line.distance) for name, line in lines.items()],
    )
