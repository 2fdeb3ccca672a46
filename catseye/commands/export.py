"""`catseye export`: a checkpoint or a float file becomes a model file, checked against the network
before it gets its name."""

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING, List

from catseye.commands.build import build_beside
from catseye.commands.parsing.parser import Parser, say, say_table
from catseye.commands.parsing.values import size
from catseye.commands.verify import say_verdict
from catseye.runtime.errors import CatseyeError, nearest
from catseye.runtime.model_file.card import PRECISIONS, TARGETS
from catseye.runtime.model_file.load import ZOO, load_model, zoo_names
from catseye.runtime.tasks.letterboxed import size_words

if TYPE_CHECKING:
    from catseye.export.precision.exporting import Outcome


def main(argv: List[str]) -> int:
    args = _parser().parse_args(argv)

    from catseye.export.drafting import ParityError
    from catseye.export.precision.exporting import Form, export_form
    from catseye.models.checkpoint import load_checkpoint

    is_file = args.checkpoint.endswith(".onnx") or os.path.isfile(args.checkpoint)
    folder = None if is_file else checkpoint_folder(args.checkpoint)
    path = args.output or _default_output(args)
    name = os.path.splitext(os.path.basename(path))[0]
    if not path.endswith(".onnx"):
        raise CatseyeError("output %r" % path, "a name that ends in .onnx")
    if is_file and os.path.realpath(path) == os.path.realpath(args.checkpoint):
        raise CatseyeError("%s as its own output" % path, "another name", "use -o")
    form = Form(args.precision, args.target, args.calibrate)
    try:
        source = load_checkpoint(folder) if folder else load_model(args.checkpoint)
        outcome = export_form(source, path, name, form, args.size)
    except ParityError as error:
        say("catseye: not published: %s" % error)
        return 1
    _say_choice(outcome)
    say_verdict(outcome.verdict)
    if not outcome.verdict.ok:
        say(
            "not published: kept as %s with its report; which layers are to blame: %s"
            % (outcome.path, _bisection(outcome, args))
        )
        return 1
    words = ["%s for %s" % (form.precision, form.target), size_words(outcome.model.card)]
    words.append("agrees with %s" % (args.checkpoint if is_file else "torch"))
    say("%s: %d kB, %s" % (path, os.path.getsize(path) // 1000, ", ".join(filter(None, words))))
    return build_beside(outcome.model, path) if args.engine else 0


def _parser() -> Parser:
    parser = Parser(
        "export", "Write a checkpoint as one .onnx model file that takes camera frames as they are."
    )
    parser.add_argument("checkpoint", help="a checkpoint folder, a zoo name, or an fp32 model file")
    parser.add_argument(
        "-o", "--output", help="default: NAME.onnx here; from a model file NAME.PRECISION.onnx"
    )
    parser.add_argument("--size", type=size, metavar="WxH", help="frame size (default: as trained)")
    parser.add_argument("--precision", default="fp32", choices=PRECISIONS, help="default fp32")
    parser.add_argument(
        "--target",
        default="any",
        choices=TARGETS,
        help="the JetPack of the board; any (default): onnxruntime and OpenCV",
    )
    parser.add_argument(
        "--calibrate",
        default="",
        metavar="DIR|LOG",
        help="frames for INT8: a folder of pictures, a recording, a data-set folder, or demo",
    )
    parser.add_argument(
        "--engine", action="store_true", help="build a TensorRT engine for this machine too"
    )
    return parser


def _default_output(args: argparse.Namespace) -> str:
    """road.onnx of a checkpoint, mine.int8.jp6.onnx of mine.onnx."""
    stem, ending = os.path.splitext(os.path.basename(os.path.normpath(args.checkpoint)))
    if ending != ".onnx":
        return stem + ending + ".onnx"
    parts = (args.precision, "" if args.target == "any" else args.target)
    return ".".join(filter(None, (stem, *parts))) + ".onnx"


def _bisection(outcome: "Outcome", args: argparse.Namespace) -> str:
    """The command that finds the layers to blame, before the same check."""
    words = "catseye verify %s --against %s" % (outcome.path, args.checkpoint)
    if args.calibrate:
        option = "data" if outcome.verdict.metric else "calibrate"
        words += " --%s %s" % (option, args.calibrate)
    return words + " --bisect"


def _say_choice(outcome: "Outcome") -> None:
    """How the ranges were chosen, and what stays float."""
    if outcome.choice:
        choice = outcome.choice
        rows = [
            (method, score, "taken" if method == choice.method else "")
            for method, score in choice.scores.items()
        ]
        say_table(("ranges", choice.measure, ""), rows)
    float_layers = outcome.model.card.float_layers
    if float_layers:
        say("kept in FP32: %s" % ", ".join(float_layers))


def checkpoint_folder(text: str) -> Path:
    """The folder that `text` names: an existing one with model.pt, else a zoo name. Raises
    CatseyeError where there is none."""
    for folder in (Path(text), Path(ZOO) / text):
        if os.path.isfile(folder / "model.pt"):  # unlike Path, it takes names of any length
            return folder
    raise CatseyeError(
        "no checkpoint %r" % text,
        "a folder with model.pt or a zoo name",
        nearest(text, zoo_names()) or "make one: `catseye train`",
    )
