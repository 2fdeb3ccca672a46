"""The options of `catseye run`."""

from catseye.commands.parsing.options import add_engine_options
from catseye.commands.parsing.parser import Parser
from catseye.commands.parsing.values import delay, duration, positive_float, positive_int
from catseye.runtime.budget import ALARM_AFTER
from catseye.runtime.tasks.road_mask import CAMERA, VIEWS


def run_parser() -> Parser:
    """The options of `run`; `service install` checks its own with it."""
    parser = Parser("run", "Run a model on a camera, a video or pictures.")
    add_engine_options(parser)
    parser.add_argument(
        "--source",
        action="append",
        required=True,
        metavar="[NAME=]URI",
        help=(
            "video, folder or glob of pictures, csi://N, "
            "v4l2://..., rtsp://..., http(s)://... or synthetic://road;"
            " once for each camera, such as front=csi://0"
        ),
    )
    parser.add_argument(
        "--sink",
        action="append",
        default=[],
        metavar="URI",
        help=(
            "FILE.mp4, folder, jsonl://FILE, jsonl://-, http://HOST:PORT, record://LOG,"
            " dataset://DIR, udp://HOST:PORT, can://CHANNEL, display:// or null:// (default)"
        ),
    )
    parser.add_argument(
        "--batch",
        action="store_true",
        help="infer waiting frames of two cameras in one call of the engine; no gain on a CPU",
    )
    parser.add_argument(
        "--frames", type=positive_int, metavar="N", help="stop after N frames in all"
    )
    parser.add_argument(
        "--budget", type=positive_float, metavar="MS", help="age from which a result is stale"
    )
    parser.add_argument(
        "--camera-delay",
        type=delay,
        default=0.0,
        metavar="MS",
        help=(
            "delay of a camera that does not send capture times, measured by `catseye latency`;"
            " added to ages that count from arrival"
        ),
    )
    parser.add_argument(
        "--when",
        action="append",
        default=[],
        metavar="[NAME=]EXPR",
        help="raise an alarm while this is true of a row's numbers, such as 'near=free_m < 10'",
    )
    parser.add_argument(
        "--alarm",
        type=positive_int,
        default=ALARM_AFTER,
        metavar="N",
        help="raise an alarm after N stale results in a row (default %(default)s)",
    )
    parser.add_argument(
        "--monitor",
        default="",
        metavar="MODEL",
        help=(
            "an autoencoder, such as `autoencoder`, that "
            "finds the frames on which the model should not be trusted"
        ),
    )
    parser.add_argument(
        "--denoise",
        default="",
        metavar="MODEL",
        help=(
            "a sparse coder, such as sparse-denoise, that "
            "cleans the frames which camera health calls noisy before the model sees them"
        ),
    )
    parser.add_argument(
        "--camera",
        action="append",
        default=[],
        metavar="[NAME=]FILE",
        help="camera model (ROS camera_info, OpenCV's or our format), for distances in metres",
    )
    parser.add_argument(
        "--smooth",
        type=positive_float,
        metavar="SECONDS",
        help="smooth masks and corridor over this time; they lag by 0.7 of it",
    )
    parser.add_argument(
        "--view",
        choices=VIEWS,
        default=CAMERA,
        help="with --camera: show the camera picture, the ground from above, or both",
    )
    parser.add_argument(
        "--speed",
        type=positive_float,
        metavar="M/S",
        help="with --camera: speed of the vehicle, for the look-ahead of the steering hint",
    )
    parser.add_argument(
        "--keep-hard",
        default="",
        metavar="LOG",
        help="record the frames that are late, in bad health, doubtful or under an alarm",
    )
    parser.add_argument(
        "--keep-around",
        type=duration,
        default=0.0,
        metavar="TIME",
        help="with --keep-hard: record all frames this long before and after each, such as 10s",
    )
    parser.add_argument(
        "--profile", action="store_true", help="report CPU time by stage and by thread"
    )
    parser.add_argument("--json", action="store_true", help="statistics as JSON on stdout")
    return parser
