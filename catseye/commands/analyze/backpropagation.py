"""`catseye analyze backpropagation`: the lecture's deltas against autograd, ReLU as a switch, XOR.
Needs torch."""

from typing import TYPE_CHECKING, List

from catseye.commands.parsing.options import add_study_options
from catseye.commands.parsing.parser import Parser, print_json, say_table
from catseye.runtime.datasets import data_folder

if TYPE_CHECKING:
    from catseye.training.analysis.backpropagation import BackpropagationAnswer


def main(argv: List[str]) -> int:
    parser = Parser(
        "analyze backpropagation",
        "Back-propagation by hand against autograd, ReLU as a switch, XOR; trains tiny nets"
        " (20 s).",
    )
    add_study_options(parser)
    args = parser.parse_args(argv)

    from catseye.training.analysis.backpropagation import draw, numbers

    answer = numbers(data_folder(args.data))
    if args.figure:
        draw(answer, args.figure)
    if args.json:
        print_json(answer.as_json())
    _say_gradients(answer)
    _say_xor(answer)
    return 0


def _say_gradients(answer: "BackpropagationAnswer") -> None:
    say_table(("activation", "gradient off autograd by"), answer.error_against_autograd.items())
    say_table(
        ("LeNet", "open", "passed unchanged", "killed"),
        [
            (name, switch.open, switch.passed_unchanged, switch.killed)
            for name, switch in answer.relu_switch.items()
        ],
    )
    say_table(
        ("perceptron", "converged", "weights repeat", "sweeps"),
        [
            (name, run.converged, run.weights_repeat, len(run.mistakes))
            for name, run in answer.perceptron.items()
        ],
    )


def _say_xor(answer: "BackpropagationAnswer") -> None:
    say_table(
        ("hidden units", "of %d starts solve XOR" % answer.xor_starts),
        answer.xor_solved_by_hidden_units.items(),
    )
    say_table(
        ("hidden units", "largest error of the fit"), answer.fit_error_by_hidden_units.items()
    )
