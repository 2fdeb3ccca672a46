"""`catseye run`: a model on a camera, a video or pictures, its results to every sink.

Ctrl-C and SIGTERM finish the frame in hand and the sinks: exit code 0, with statistics of what was
done. Exit code 1 where `--budget` was missed, by more than one result in twenty or by so many in a
row that the alarm went off, and where a sink lost results because it failed.
"""

import argparse
from contextlib import ExitStack
from typing import Callable, Dict, List, Optional, Sequence, Tuple

from catseye.commands.parsing.options import add_engine_options
from catseye.commands.parsing.parser import Parser, print_json, remark, say, say_table
from catseye.commands.parsing.progress import Progress
from catseye.commands.parsing.values import delay, duration, positive_float, positive_int
from catseye.jetson.power.power_log import PowerLog, PowerSummary
from catseye.opening import open_model
from catseye.runtime.auxiliary.denoising import DenoisingTask
from catseye.runtime.auxiliary.monitor import Monitor
from catseye.runtime.budget import ALARM_AFTER
from catseye.runtime.cameras.batch import Batch, open_batch
from catseye.runtime.cameras.feed import Feed
from catseye.runtime.cameras.models import models_by_name
from catseye.runtime.cameras.names import addresses_by_name
from catseye.runtime.cameras.opening import open_cameras
from catseye.runtime.cameras.statistics import Statistics
from catseye.runtime.clock.cpu_profile import CpuProfile, CpuShares
from catseye.runtime.control.alarms import conditions_from_texts
from catseye.runtime.engines.opened import OpenedModel
from catseye.runtime.errors import CatseyeError
from catseye.runtime.frame import Frame
from catseye.runtime.geometry.camera_model import CameraModel
from catseye.runtime.health.frame_quality import OK
from catseye.runtime.pipeline import Pipeline
from catseye.runtime.sinks import Sink, SinkStatistics, closed_after, open_sinks, sink_statistics
from catseye.runtime.sources import Source
from catseye.runtime.system.sd_notify import ServiceManager
from catseye.runtime.system.signals import ended_by_signals
from catseye.runtime.tasks import AnyTask, open_task
from catseye.runtime.tasks.road_mask import CAMERA, VIEWS, RoadMask
from catseye.runtime.tasks.smoothing import SmoothingTask
from catseye.runtime.timing import StageTimers

STDOUT_SINK = "jsonl://-"


def main(argv: List[str]) -> int:
    args = run_parser().parse_args(argv)
    if args.keep_around and not args.keep_hard:
        raise CatseyeError("--keep-around without --keep-hard", "both", "add --keep-hard LOG")
    if args.json and STDOUT_SINK in args.sink:
        raise CatseyeError(
            "--json with --sink " + STDOUT_SINK,
            "one of them on standard output",
            "use jsonl://FILE",
        )
    args.when = conditions_from_texts(args.when)
    # the model comes last, because building an engine may take minutes that a mistyped sink would
    # waste
    with ExitStack() as stack:
        cameras = stack.enter_context(open_cameras(addresses_by_name(args.source)))
        hard, around_s = args.keep_hard, args.keep_around
        sinks = stack.enter_context(open_sinks(args.sink, cameras, hard, around_s, args.model))
        models = models_by_name(args.camera, list(cameras))
        model = _opened(args.model, args)
        if model.card.task == RoadMask.task:  # what others have no use for stays in the recording
            told = {name: source.camera_model for name, source in cameras.items()}
            models = dict({name: one for name, one in told.items() if one}, **models)
        if (args.speed or args.view != CAMERA) and not models:
            raise CatseyeError(
                "--speed or --view without a camera's model", "both", "name it: --camera FILE"
            )
        if not args.sink and not args.keep_hard:
            remark("no --sink: results are measured, not kept")
        with model.engine, ExitStack() as beside:
            statistics = _run(args, cameras, models, sinks, model, beside)
    return 1 if statistics.budget_missed or any(sink.lost for sink in sink_statistics(sinks)) else 0


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


def _opened(text: str, args: argparse.Namespace) -> OpenedModel:
    return open_model(text, args.backend, args.provider, threads=args.threads, spin=args.spin)


def _open_beside(text: str, args: argparse.Namespace, beside: ExitStack) -> OpenedModel:
    """A further model on the same backend as the main one; its engine is closed with `beside`."""
    model = _opened(text, args)
    beside.enter_context(model.engine)
    return model


def _run(
    args: argparse.Namespace,
    cameras: Dict[str, Source],
    models: Dict[str, CameraModel],
    sinks: Sequence[Sink],
    model: OpenedModel,
    beside: ExitStack,
) -> Statistics:
    """beside: closes the engines of further models."""
    manager, log = ServiceManager(), PowerLog()
    progress = beside.enter_context(_progress(args, cameras))
    is_file = not any(source.live for source in cameras.values())
    feed = _feeds(args, models, model, beside)
    profile = CpuProfile() if args.profile else None
    if args.when:
        # a run without conditions need not load their rehearsal
        from catseye.runtime.control.rehearsal import check_names

        for name, source in cameras.items():
            check_names(args.when, feed(name, source), model.engine)

    def heartbeat() -> None:
        manager.beat()
        if profile is not None:
            profile.look()
        if is_file and STDOUT_SINK not in args.sink:  # whose rows tell it
            progress.show(pipeline.done)

    pipeline = Pipeline(
        [feed(name, source) for name, source in cameras.items()],
        model.engine,
        sinks,
        frames=args.frames,
        budget_ms=args.budget,
        alarm_after=args.alarm,
        camera_delay_ms=args.camera_delay,
        when=args.when,
        heartbeat=heartbeat,
        power=log.reading,
        out_of_distribution=_second_opinion(args, beside),
        timers=StageTimers if profile is None else profile.timers,
        batch=_batch(args, cameras, model, beside),
    )
    for sink in sinks:
        sink.begin(model.about._replace(camera_models=models, smooth_s=args.smooth or 0.0))
    manager.ready()
    try:
        return _run_to_the_end(pipeline, sinks, model, log, profile, args.json)
    finally:
        manager.stopping()


def _progress(args: argparse.Namespace, cameras: Dict[str, Source]) -> Progress:
    """Of the frames that the files have, or that were asked for."""
    counts = [source.count for source in cameras.values()]
    total = None if None in counts else sum(count or 0 for count in counts)
    known = [count for count in (args.frames, total) if count is not None]
    what = ", ".join(source.description for source in cameras.values())
    return Progress(what, min(known) if known else None)


def _feeds(
    args: argparse.Namespace,
    models: Dict[str, CameraModel],
    model: OpenedModel,
    beside: ExitStack,
) -> Callable[[str, Source], Feed]:
    """What makes a camera's feed: a task for each, engines that they share."""
    coder = _open_beside(args.denoise, args, beside) if args.denoise else None

    def feed(name: str, source: Source) -> Feed:
        task: AnyTask = open_task(model.card, models.get(name), args.speed, args.view)
        if args.smooth:
            task = SmoothingTask(task, args.smooth, source.fps, source.keeps_time)
        if coder is not None:
            task = DenoisingTask(task, coder.engine, coder.card)
        return Feed(source, task, name)

    return feed


def _batch(
    args: argparse.Namespace,
    cameras: Dict[str, Source],
    model: OpenedModel,
    beside: ExitStack,
) -> Optional[Batch]:
    """What takes two frames in one call; None without --batch."""
    if not args.batch:
        return None
    if len(cameras) == 1:
        raise CatseyeError("--batch with one camera", "several", "leave it out")
    if model.file is None:
        raise CatseyeError("--batch with %s" % model.name, "a model file", "give it the .onnx")
    return beside.enter_context(open_batch(model.file, model.engine, args.spin))


def _second_opinion(
    args: argparse.Namespace, beside: ExitStack
) -> Optional[Callable[[Frame], float]]:
    """How far a frame is from all that the model knows, 0-1; None without --monitor."""
    if not args.monitor:
        return None
    monitor = _open_beside(args.monitor, args, beside)
    return Monitor(monitor.card, monitor.engine).score


def _run_to_the_end(
    pipeline: Pipeline,
    sinks: Sequence[Sink],
    model: OpenedModel,
    log: PowerLog,
    profile: Optional[CpuProfile],
    as_json: bool,
) -> Statistics:
    """Run, close the sinks and report it, also where an error is the end."""
    try:
        with log, ended_by_signals(pipeline.stop), closed_after(sinks):
            if profile is not None:
                profile.begin()
            pipeline.run()
            if profile is not None:
                profile.end()
    finally:
        statistics, took, power = pipeline.statistics(), sink_statistics(sinks), log.summary()
        shares = None if profile is None else profile.shares(statistics.frames)
        if as_json:
            print_json(
                dict(
                    model.computed_by.as_json(),
                    **statistics.as_json(),
                    power=power.as_json(statistics.frames),
                    sinks=[sink.as_json() for sink in took],
                    **({} if shares is None else {"cpu": shares.as_json()}),
                )
            )
        _say_statistics(statistics, model)
        say_power(power, statistics.frames)
        _say_sinks(took)
        if shares is not None:
            say_cpu(shares)
    return statistics


def _say_statistics(statistics: Statistics, model: OpenedModel) -> None:
    frames = "%d frames of %s in %.1f s" % (
        statistics.frames,
        statistics.source,
        statistics.seconds,
    )
    say(
        "%s: %s, %.1f per second, %d skipped"
        % (model.computed_by, frames, statistics.fps, statistics.skipped)
    )
    if statistics.budget_ms is not None:
        word = "missed" if statistics.budget_missed else "kept"
        say(
            "budget of %g ms from %s %s: %d stale, %d alarms"
            % (
                statistics.budget_ms,
                statistics.counted_from,
                word,
                statistics.stale,
                statistics.alarms,
            )
        )
    if statistics.cameras:
        _say_cameras(statistics.cameras)
    _say_counts("alarms", statistics.raised)
    _say_counts("camera faults", statistics.faults)
    _say_counts("health", {verdict: n for verdict, n in statistics.health.items() if verdict != OK})
    if statistics.frames:  # else a picture that cannot be read ends it: its line is enough
        rows = list(statistics.stages_ms.items()) + [("age", statistics.age_ms)]
        say_percentiles(rows)


def _say_cameras(cameras: Sequence[Statistics]) -> None:
    columns = ("camera", "results", "per second", "skipped", "stale", "age p50 ms", "p99 ms")
    rows = [
        (
            each.camera,
            each.frames,
            each.fps,
            each.skipped,
            each.stale,
            each.age_ms["p50"],
            each.age_ms["p99"],
        )
        for each in cameras
    ]
    say_table(columns, rows)


def _say_sinks(took: Sequence[SinkStatistics]) -> None:
    if took:
        rows = [
            (*sink[:4], sink.write_ms["p50"], sink.write_ms["p99"], "failing" if sink.error else "")
            for sink in took
        ]
        say_table(("sink", "written", "skipped", "lost", "p50 ms", "p99 ms", ""), rows)


def _say_counts(what: str, counts: Dict[str, int]) -> None:
    """Nothing, where there is nothing to tell."""
    words = ", ".join("%s %d" % item for item in sorted(counts.items()) if item[1])
    if words:
        say("%s: %s" % (what, words))


def say_power(power: PowerSummary, frames: int) -> None:
    """Nothing on a machine that measures neither watts nor modes."""
    words = power.words(frames)
    if words:
        say("power: " + words)


def say_cpu(shares: CpuShares) -> None:
    """Processor time of a frame, as a table: the loop's stages, then the threads."""
    rows = [("stage " + stage, ms) for stage, ms in shares.stages_ms.items()]
    rows += [("thread " + name, ms) for name, ms in shares.threads_ms.items()]
    say_table(("processor time of a frame", "ms"), [*rows, ("all", shares.total_ms)])


def say_percentiles(rows: Sequence[Tuple[str, Dict[str, float]]]) -> None:
    """[(name, {p50, p95, p99})] as a table in milliseconds."""
    columns = ("p50", "p95", "p99")
    say_table(
        ("ms", *columns), [(name, *(row[column] for column in columns)) for name, row in rows]
    )
