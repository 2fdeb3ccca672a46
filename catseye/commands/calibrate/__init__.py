"""`catseye calibrate`: a camera's model from its pictures. With a board its lens; with `--ground`
how it is mounted, from a drive. Exit code 1 where what was found is not to be trusted."""

from typing import List

from catseye.commands.calibrate.ground import calibrate_ground
from catseye.commands.calibrate.lens import calibrate_lens
from catseye.commands.parsing.options import add_backend_option, add_threads_option
from catseye.commands.parsing.parser import Parser
from catseye.commands.parsing.values import positive_float, positive_int
from catseye.runtime.errors import CatseyeError
from catseye.runtime.geometry.calibration.board import EXAMPLES
from catseye.runtime.sinks.output_paths import check_new_file

BOARD = "9x6x25mm"


def main(argv: List[str]) -> int:
    args = _parser().parse_args(argv)
    if args.ground and (args.board or args.fisheye):
        raise CatseyeError(
            "--ground with --board or --fisheye", "one of them", "the lens first, then a drive"
        )
    if not args.ground and (args.camera or args.height):
        raise CatseyeError("--camera or --height without --ground", "both", "add --ground")
    check_new_file(args.out)  # before minutes are spent on what goes there
    return calibrate_ground(args) if args.ground else calibrate_lens(args, args.board or BOARD)


def _parser() -> Parser:
    parser = Parser(
        "calibrate", "Measure a camera: its lens with a chessboard, its mounting from a drive."
    )
    parser.add_argument(
        "--source", required=True, metavar="URI", help="the camera or a film of it, as in `run`"
    )
    parser.add_argument(
        "--board", default="", metavar="BOARD", help="%s; default %s" % (EXAMPLES, BOARD)
    )
    parser.add_argument("--fisheye", action="store_true", help="for a fisheye lens")
    parser.add_argument(
        "--ground",
        action="store_true",
        help="measure pitch, roll and bonnet from a drive on a road",
    )
    parser.add_argument(
        "--camera",
        default="",
        metavar="FILE",
        help="with --ground: file with the lens, and what else is known",
    )
    parser.add_argument(
        "--height",
        type=positive_float,
        metavar="M",
        help="with --ground: height of the camera above the road, in metres",
    )
    parser.add_argument(
        "--model",
        default="road-nano",
        metavar="MODEL",
        help="with --ground: the model that finds the road",
    )
    add_backend_option(parser)
    add_threads_option(parser)
    parser.add_argument("--frames", type=positive_int, metavar="N", help="end after N frames")
    parser.add_argument(
        "-o", "--out", default="camera.yaml", metavar="FILE", help="default camera.yaml"
    )
    parser.add_argument("--json", action="store_true", help="what was found as JSON on stdout")
    return parser
