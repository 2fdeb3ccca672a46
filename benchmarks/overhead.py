"""What `catseye run` costs beyond the work itself: the loop against bare ones over the same decoder
and session.

In one process and turn by turn, so that a busy machine is busy for all of them; ratios are medians
over the rounds. Beside the time on the wall stands the CPU's, all threads together, which other
programs hardly touch.

    bare      cv2.VideoCapture.read, letterbox, InferenceSession.run                    nothing else
    catseye   `catseye run FILE --sink null://`: source, health, task, engine, timers, sink
    bare mp4  bare, the result drawn, cv2.VideoWriter.write
    mp4       what `catseye run FILE --sink out.mp4` does
    cv2.dnn   bare with OpenCV's own inference

The video has the size of the frames that the model takes, so that nobody scales; --model may be an
adopted network. cv2.dnn is left out where OpenCV cannot read the graph.

    .venv/bin/python benchmarks/overhead.py [--model road] [--rounds 8] [--frames 60] [--threads 0]
                                            [--jobs bare catseye] [--json] [--profile]
"""

import argparse
import cProfile
import json
import os
import pstats
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from typing import Any

import cv2

from catseye.opening import open_model
from catseye.runtime.cameras.feed import Feed
from catseye.runtime.engines.opened import OpenedModel
from catseye.runtime.errors import CatseyeError
from catseye.runtime.frame import Frame
from catseye.runtime.pipeline import Pipeline
from catseye.runtime.sinks import open_sinks
from catseye.runtime.sources import open_source
from catseye.runtime.street import Street
from catseye.runtime.tasks import open_task
from catseye.runtime.tasks.letterboxed import frame_wh_of

FPS = 25.0
CLOCKS = {"wall": time.perf_counter, "cpu": time.process_time}
RATIOS = (("catseye", "bare"), ("mp4", "bare mp4"), ("cv2.dnn", "bare"))
JOBS = ("bare", "catseye", "bare mp4", "mp4", "cv2.dnn")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="road")
    parser.add_argument("--rounds", type=int, default=8)
    parser.add_argument("--frames", type=int, default=60, help="of the video, per round")
    parser.add_argument("--threads", type=int, default=0, help="of the engines; 0 = all")
    parser.add_argument("--jobs", nargs="+", default=JOBS, choices=JOBS, help="default: all")
    parser.add_argument("--json", action="store_true")
    parser.add_argument(
        "--profile", action="store_true", help="where the loop's own thread spends its time"
    )
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        onnx = open_model(args.model, "onnxruntime", threads=args.threads)
        size_wh = frame_wh_of(onnx.card)
        if size_wh is None:
            sys.exit("%s takes no frames" % args.model)
        video = write_drive(os.path.join(folder, "drive.mp4"), args.frames, size_wh)
        if args.profile:
            profile(lambda: catseye(video, onnx, ["null://"]))
            return
        jobs = contenders(video, onnx, folder)
        if "cv2.dnn" in args.jobs:
            jobs.update(opencv_contender(video, args))
        jobs = {name: job for name, job in jobs.items() if name in args.jobs}
        report = compare(jobs, args.rounds, args.frames)
    report.update(
        model=onnx.name,
        device=onnx.engine.device,
        precision=onnx.engine.precision,
        size=list(size_wh),
        threads=onnx.engine.threads,
        rounds=args.rounds,
        frames=args.frames,
    )
    print(json.dumps(report, indent=2) if args.json else words_from(report))


def contenders(video: str, onnx: OpenedModel, folder: str) -> dict[str, Callable[[], None]]:
    mp4, other = os.path.join(folder, "out.mp4"), os.path.join(folder, "bare.mp4")
    return {
        "bare": lambda: bare(video, onnx),
        "catseye": lambda: catseye(video, onnx, ["null://"]),
        "bare mp4": lambda: bare(video, onnx, other),
        "mp4": lambda: catseye(video, onnx, [mp4]),
    }


def opencv_contender(video: str, args: argparse.Namespace) -> dict[str, Callable[[], None]]:
    try:
        dnn = open_model(args.model, "opencv", threads=args.threads)
    except CatseyeError as error:
        print(f"without cv2.dnn: {error}", file=sys.stderr)
        return {}
    return {"cv2.dnn": lambda: bare(video, dnn)}


def bare(video: str, model: OpenedModel, mp4: str = "") -> None:
    """The least code that does the job: no source, no sink, no clock."""
    task, session = open_task(model.card), getattr(model.engine, "_session", None)
    capture = cv2.VideoCapture(video)
    ok, image = capture.read()
    fourcc = cv2.VideoWriter_fourcc(*"mp4v")
    writer = cv2.VideoWriter(mp4, fourcc, FPS, image.shape[1::-1]) if mp4 else None
    while ok:
        feed, kept = task.prepare(Frame(image, 0, 0))
        if session is not None:
            outputs = dict(
                zip((spec.name for spec in model.engine.outputs), session.run(None, feed))
            )
        else:
            outputs = model.engine.infer(feed)
        if writer is not None:
            writer.write(task.parse(outputs, kept).drawn_on(image))
        ok, image = capture.read()
    if writer is not None:
        writer.release()


def catseye(video: str, model: OpenedModel, sinks: list[str]) -> None:
    with open_source(video) as source, open_sinks(sinks, {"": source}) as opened:
        Pipeline([Feed(source, open_task(model.card))], model.engine, opened).run()


def compare(jobs: dict[str, Callable[[], None]], rounds: int, frames: int) -> dict[str, Any]:
    """{wall: {ms_per_frame: {job: median}, ratios: {"a / b": median over the rounds}}, cpu: the
    same}.

    The first round only warms up; the order turns round every time.
    """
    taken: dict[str, dict[str, list[float]]] = {
        clock: {name: [] for name in jobs} for clock in CLOCKS
    }
    for turn in range(rounds + 1):
        for name in list(jobs) if turn % 2 else list(jobs)[::-1]:
            begun = {clock: now() for clock, now in CLOCKS.items()}
            jobs[name]()
            for clock, now in CLOCKS.items():
                taken[clock][name].append((now() - begun[clock]) * 1e3 / frames)
    return {
        clock: medians({name: values[1:] for name, values in series.items()})
        for clock, series in taken.items()
    }


def medians(taken: dict[str, list[float]]) -> dict[str, dict[str, float]]:
    ratios = {
        f"{one} / {other}": statistics.median(a / b for a, b in zip(taken[one], taken[other]))
        for one, other in RATIOS
        if one in taken and other in taken
    }
    return {
        "ms_per_frame": {name: statistics.median(values) for name, values in taken.items()},
        "ratios": ratios,
    }


def write_drive(path: str, frames: int, size_wh: tuple[int, int]) -> str:
    """A video of the synthetic street; its frames go to and fro, because rendering one takes
    long."""
    street = Street(3, size_wh)
    images = [street.render(index / FPS)[0] for index in range(12)]
    writer = cv2.VideoWriter(path, cv2.VideoWriter_fourcc(*"mp4v"), FPS, size_wh)
    for index in range(frames):
        place = index % (2 * len(images) - 2)
        writer.write(images[place if place < len(images) else 2 * len(images) - 2 - place])
    writer.release()
    return path


def profile(job: Callable[[], None]) -> None:
    job()  # warm
    profiler = cProfile.Profile()
    profiler.runcall(job)
    pstats.Stats(profiler, stream=sys.stdout).sort_stats("tottime").print_stats(18)


def words_from(report: dict[str, Any]) -> str:
    lines = [
        "{model}, {precision}, frames of {size}, {threads} threads, {device}; median of {rounds}"
        " rounds of {frames} frames after one to warm up".format(**report)
    ]
    for what in ("ms_per_frame", "ratios"):
        lines.append(f"{what.replace('_', ' '):20} {'wall':>9} {'CPU':>9}")
        lines += [
            f"{name:20} {wall:9.3f} {report['cpu'][what][name]:9.3f}"
            for name, wall in report["wall"][what].items()
        ]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
