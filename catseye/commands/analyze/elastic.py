"""`catseye analyze elastic`: elastic averaging against SGD, synchronous averaging and DOWNPOUR on
LeNet. It trains."""

from typing import Any, Dict, List

from catseye.commands.parsing.options import add_study_options
from catseye.commands.parsing.parser import Parser, print_json, say, say_table
from catseye.commands.parsing.values import positive_int
from catseye.runtime.datasets import data_folder


def main(argv: List[str]) -> int:
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
        help="gradients of each worker (default 400)",
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
    args = parser.parse_args(argv)

    from catseye.training.analysis.elastic import drawing, real, runs, valleys

    data = data_folder(args.data)
    if args.tune:
        answer: Dict[str, Any] = {"trials": runs.tune(data, args.steps)}
        say_table(
            [
                ("method", "tau", "rate", "error"),
                *(tuple(trial.values()) for trial in answer["trials"]),
            ]
        )
    elif args.real:
        answer = real.against_processes(data, args.real, args.seeds)
        say_table(
            [
                ("error", *("seed %d" % seed for seed in range(args.seeds))),
                *((name, *answer[name]) for name in ("simulated", "real")),
            ]
        )
        say("%.1f MB to and from the center" % (answer["bytes"] / 1e6))
    else:
        answer = dict(
            runs.compare(data, args.seeds, args.steps), lines=valleys.valleys(data, args.steps)
        )
        _say(answer)
        if args.figure:
            drawing.draw(args.figure, answer)
    if args.json:
        print_json(answer)
    return 0


def _say(answer: Dict[str, Any]) -> None:
    costs = answer["costs"]
    say(
        "%d gradients of 32 digits each by each worker; one takes %.2f ms, an exchange %.2f ms"
        % (answer["steps"], 1000 * costs["step_s"], 1000 * costs["exchange_s"])
    )
    say_table(
        [
            ("method", "tau", "rate", "error", "spread", "MB", "seconds", "seconds to 5 %"),
            *(
                (
                    row["name"],
                    row["tau"],
                    row["rate"],
                    row["error"],
                    row["spread"],
                    row["looks"][-1][2] / 1e6,
                    row["looks"][-1][1],
                    row["seconds_to_5_percent"],
                )
                for row in answer["methods"]
            ),
        ]
    )
    say_table(
        [
            ("from one network to another", "highest loss", "barrier", "distance"),
            *(
                (name, max(line["losses"]), line["barrier"], line["distance"])
                for name, line in answer["lines"].items()
            ),
        ]
    )
