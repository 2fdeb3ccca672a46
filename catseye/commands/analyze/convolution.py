"""`catseye analyze convolution`: reach, shared weights, flipping, LeNet by sums, multiplies
counted. Needs torch."""

from typing import TYPE_CHECKING, List, Tuple

from catseye.commands.parsing.options import add_study_options
from catseye.commands.parsing.parser import Parser, print_json, say_table
from catseye.runtime.datasets import data_folder

if TYPE_CHECKING:
    from catseye.training.analysis.lenet.convolution import ConvolutionAnswer


def main(argv: List[str]) -> int:
    parser = Parser(
        "analyze convolution",
        "What the lecture says of convolutional layers, by sums and by gradients.",
    )
    add_study_options(parser)
    args = parser.parse_args(argv)

    from catseye.training.analysis.lenet.convolution import draw, numbers

    data = data_folder(args.data)
    answer = numbers(data)
    if args.figure:
        draw(answer, data, args.figure)
    if args.json:
        print_json(answer.as_json())
    say_table(("measured", "value"), _rows(answer))
    multiplies = answer.multiplies
    say_table(
        ("layer", "multiplies counted", "by formula"),
        [(name, number, multiplies.formula[name]) for name, number in multiplies.counted.items()],
    )
    return 0


def _rows(answer: "ConvolutionAnswer") -> List[Tuple[str, object]]:
    return [
        (
            "receptive fields of stacked layers of width 3",
            ", ".join(map(str, answer.receptive_widths)),
        ),
        *(("LeNet sees, %s" % name, side) for name, side in answer.lenet_fields.items()),
        ("a unit moves by, if all outside its field changes", answer.change_outside_the_field),
        ("maps of a moved digit off the moved maps by", answer.shift_error),
        (
            "strongest of 10,000 other inputs / a filter's own pattern",
            answer.strongest_other_input,
        ),
        ("shared gradient off the sum of its copies' by", answer.shared_gradient_error),
        *(
            ("first layer's parameters, %s" % name, number)
            for name, number in answer.first_layer_parameters.items()
        ),
        *(
            ("conv%s off the lecture's sum by, filter %s" % (axes, way), error)
            for axes, errors in answer.flip.items()
            for way, error in errors.items()
        ),
        ("LeNet by sums off torch by", answer.lenet_error),
    ]
