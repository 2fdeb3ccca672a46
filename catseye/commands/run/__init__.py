"""`catseye run`: a model on a camera, a video or pictures, its results to every sink.

Ctrl-C and SIGTERM finish the frame in hand and the sinks: exit code 0, with statistics of what was
done. Exit code 1 where `--budget` was missed, by more than one result in twenty or by so many in a
row that the alarm went off, and where a sink lost results because it failed.
"""

import argparse
from contextlib import ExitStack
from typing import Callable, Dict, List, Optional, Sequence

from catseye.commands.parsing.parser import print_json, remark
from catseye.commands.parsing.progress import Progress
from catseye.commands.run.options import run_parser
from catseye.commands.run.report import say_cpu, say_power, say_sinks, say_statistics
from catseye.jetson.power.power_log import PowerLog
from catseye.opening import open_model
from catseye.runtime.auxiliary.denoising import DenoisingTask
from catseye.runtime.auxiliary.monitor import Monitor
from catseye.runtime.cameras.batch import Batch, open_batch
from catseye.runtime.cameras.feed import Feed
from catseye.runtime.cameras.models import models_by_name
from catseye.runtime.cameras.names import addresses_by_name
from catseye.runtime.cameras.opening import open_cameras
from catseye.runtime.cameras.statistics import Statistics
from catseye.runtime.clock.cpu_profile import CpuProfile
from catseye.runtime.control.alarms import conditions_from_texts
from catseye.runtime.engines.opened import OpenedModel
from catseye.runtime.errors import CatseyeError
from catseye.runtime.frame import Frame
from catseye.runtime.geometry.camera_model import CameraModel
from catseye.runtime.pipeline import Pipeline
from catseye.runtime.sinks import Sink, closed_after, open_sinks, sink_statistics
from catseye.runtime.sources import Source
from catseye.runtime.system.sd_notify import ServiceManager
from catseye.runtime.system.signals import ended_by_signals
from catseye.runtime.tasks import AnyTask, open_task
from catseye.runtime.tasks.road_mask import CAMERA, RoadMask
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
        say_statistics(statistics, model)
        say_power(power, statistics.frames)
        say_sinks(took)
        if shares is not None:
            say_cpu(shares)
    return statistics
