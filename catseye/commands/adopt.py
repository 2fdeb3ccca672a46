"""`catseye adopt`: a network of somebody else's becomes a model file like ours, held against the
original before it gets its name."""

import os
from typing import List, Tuple

from catseye.commands.parsing.parser import Parser, print_json, remark, say
from catseye.commands.parsing.values import size, value_type
from catseye.commands.verify import say_verdict
from catseye.export.adoption.wishes import TASKS, Wishes
from catseye.runtime.errors import CatseyeError


def main(argv: List[str]) -> int:
    parser = _parser()
    args = parser.parse_args(argv)
    try:
        from catseye.export.adoption.adopting import adopt
    except ImportError as error:
        raise CatseyeError(
            "adopting needs the workstation (%s)" % error, "torch, onnx and onnxslim"
        )
    output = args.output or os.path.splitext(os.path.basename(args.network))[0] + ".catseye.onnx"
    if not output.endswith(".onnx"):
        raise CatseyeError("output %r" % output, "a name that ends in .onnx")
    if os.path.realpath(output) == os.path.realpath(args.network):
        raise CatseyeError("%s as its own output" % output, "another name", "use -o")
    wishes = Wishes(**{name: getattr(args, name) for name in Wishes._fields})
    name = os.path.splitext(os.path.basename(output))[0]
    adopted = adopt(args.network, output, name, wishes)
    for line in adopted.found:
        remark(line)
    say_verdict(adopted.verdict)
    if args.json:
        print_json(dict(adopted.verdict.as_json(), path=adopted.path))
    if not adopted.verdict.ok:
        say("not published: kept as %s; it does not answer as %s" % (adopted.path, args.network))
        return 1
    card = adopted.model.card
    say(
        "%s: %d kB, task %s, opset %d, agrees with the original"
        % (output, os.path.getsize(output) // 1000, card.task, card.opset)
    )
    return 0


def _parser() -> Parser:
    parser = Parser("adopt", "Make a model file of a network that another tool exported.")
    parser.add_argument("network", help=".onnx of any exporter, .pt2 of torch.export, TorchScript")
    parser.add_argument("-o", "--output", help="default: NAME.catseye.onnx here")
    parser.add_argument(
        "--task", default="", choices=TASKS, help="kind of answer; default: by the outputs"
    )
    parser.add_argument(
        "--size",
        dest="size_wh",
        type=size,
        metavar="WxH",
        help="frame size, if the network leaves it open",
    )
    parser.add_argument(
        "--scale", type=_number, metavar="S", help="the network expects (pixel * S - mean) / std"
    )
    parser.add_argument(
        "--mean", type=_numbers, metavar="M[,M,M]", help="see --scale; in its colour order"
    )
    parser.add_argument(
        "--std", type=_numbers, metavar="S[,S,S]", help="see --scale; in its colour order"
    )
    order = parser.add_mutually_exclusive_group()
    order.add_argument(
        "--rgb",
        dest="order",
        action="store_const",
        const="rgb",
        default="",
        help="its colour order",
    )
    order.add_argument(
        "--bgr", dest="order", action="store_const", const="bgr", help="its colour order"
    )
    parser.add_argument(
        "--classes",
        default="",
        metavar="FILE|NAME|N",
        help="a classes.json, cityscapes, camvid, bdd, coco-stuff, or a number of classes",
    )
    parser.add_argument("--road", default="", metavar="NAME", help="the class to drive on")
    parser.add_argument(
        "--answer", default="", metavar="OUTPUT", help="the output to use, if several could be"
    )
    parser.add_argument(
        "--frames",
        default="",
        metavar="URI",
        help="source of the golden frames; default: synthetic streets",
    )
    parser.add_argument(
        "--license", default="", metavar="TEXT", help="licence of the network, for the card"
    )
    parser.add_argument(
        "--origin", default="", metavar="TEXT", help="where the network is from, for the card"
    )
    parser.add_argument("--json", action="store_true", help="as JSON on stdout")
    return parser


def _read_numbers(text: str) -> Tuple[float, ...]:
    values = tuple(float(part) for part in text.split(","))
    if len(values) not in (1, 3):
        raise ValueError(text)
    return values


_number = value_type(float, "a number")
_numbers = value_type(_read_numbers, "a number, or three with commas")
