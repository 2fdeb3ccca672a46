"""What `catseye run FILE` costs at the sizes that cameras have: processor time of a frame and peak
memory, against the plain loop that anybody would write.

Whole processes, turn by turn, so that a busy machine is busy for all of them. Time is user and
system time of all threads, of a long run less that of a short one: starting up is no part of it.
Ratios are medians over the rounds. Memory is the system's own count (ru_maxrss) of the long run.

    plain    cv2.VideoCapture.read, cv2.resize, InferenceSession.run                  nothing else
    null     `catseye run FILE --sink null://`
    plain mp4  plain, the mask enlarged, cv2.LUT, cv2.addWeighted, cv2.VideoWriter (MPEG-4)
    mp4      `catseye run FILE --sink out.mp4`

    .venv/bin/python benchmarks/frame_path.py [--model road-nano] [--rounds 5] [--frames 60]
                                              [--sizes 640x360 1920x1080] [--json] [--figure PNG]
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from typing import Any, NamedTuple

SIZES = ("640x360", "1280x720", "1920x1080", "3840x2160")
SHORT = 10  # frames of the run that is taken off
FPS = 25.0
RATIOS = (("null", "plain"), ("mp4", "plain mp4"))


class Spent(NamedTuple):
    """cpu_s: user and system time of a process.  peak_mb: its largest resident size, 10^6 bytes."""

    cpu_s: float
    peak_mb: float


def main() -> None:
    if sys.argv[1:2] == ["--plain"]:
        plain(*sys.argv[2:])
        return
    if sys.argv[1:2] == ["--drive"]:
        write_drive(*sys.argv[2:])
        return
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="road-nano")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--frames", type=int, default=60, help="of the long run")
    parser.add_argument("--sizes", nargs="+", default=SIZES, metavar="WxH")
    parser.add_argument("--jobs", nargs="+", default=[job for pair in RATIOS for job in pair])
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--figure", default="", help="draw processor time by size")
    args = parser.parse_args()
    report = {}
    with tempfile.TemporaryDirectory() as folder:
        for size in args.sizes:
            video = os.path.join(folder, size + ".mp4")
            spent_by([sys.executable, __file__, "--drive", video, size, str(args.frames)])
            taken = compared(args.jobs, video, args.model, args.frames, args.rounds, folder)
            report[size] = medians(taken)
            if not args.json:
                print(words_from(size, report[size]), flush=True)
    if args.json:
        print(json.dumps(report, indent=2))
    if args.figure:
        draw(report, args.model, args.figure)


def command(job: str, video: str, model: str, frames: int, folder: str) -> list[str]:
    """What is run for a job; none of them finds a video of the one before."""
    sink = os.path.join(tempfile.mkdtemp(dir=folder), "out.mp4") if "mp4" in job else "null://"
    if job.startswith("plain"):
        return [sys.executable, __file__, "--plain", video, model, str(frames), sink]
    run = [sys.executable, "-m", "catseye", "run", model, "--backend", "onnxruntime"]
    return run + ["--source", video, "--sink", sink, "--frames", str(frames)]


def compared(
    jobs: list[str], video: str, model: str, frames: int, rounds: int, folder: str
) -> dict[str, list[Spent]]:
    """By job the time of a frame and the peak of every round."""
    taken: dict[str, list[Spent]] = {job: [] for job in jobs}
    for turn in range(rounds):
        for job in jobs if turn % 2 else jobs[::-1]:
            short, long = (
                spent_by(command(job, video, model, count, folder)) for count in (SHORT, frames)
            )
            frame_s = (long.cpu_s - short.cpu_s) / (frames - SHORT)
            taken[job].append(Spent(frame_s, long.peak_mb))
    return taken


def spent_by(words: list[str]) -> Spent:
    """Run a program to its end. This one must stay small: what it held when the other began
    counts."""
    process = subprocess.Popen(words, stderr=subprocess.PIPE)
    _, said = process.communicate() if process.stderr is None else (None, process.stderr.read())
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = status
    if status:
        sys.exit("%s: %s" % (" ".join(words), said.decode(errors="replace")))
    return Spent(usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024 / 1e6)


def medians(taken: dict[str, list[Spent]]) -> dict[str, dict[str, float]]:
    report = {
        job: {
            "cpu_ms": 1e3 * statistics.median(spent.cpu_s for spent in series),
            "peak_mb": statistics.median(spent.peak_mb for spent in series),
        }
        for job, series in taken.items()
    }
    for one, other in RATIOS:
        if one in taken and other in taken:
            pairs = list(zip(taken[one], taken[other]))
            report["%s / %s" % (one, other)] = {
                "cpu": statistics.median(a.cpu_s / b.cpu_s for a, b in pairs),
                "peak": statistics.median(a.peak_mb / b.peak_mb for a, b in pairs),
            }
    return report


def words_from(size: str, report: dict[str, dict[str, float]]) -> str:
    lines = [size]
    for name, values in report.items():
        lines.append(
            "  %-18s" % name
            + "  ".join("%s %8.2f" % (what, value) for what, value in values.items())
        )
    return "\n".join(lines)


def draw(report: dict[str, dict[str, dict[str, float]]], model: str, path: str) -> None:
    """Processor time of a frame over its pixels, a line for each job."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(7, 4))
    pixels = [int(size.split("x")[0]) * int(size.split("x")[1]) / 1e6 for size in report]
    for one, other in RATIOS:
        for job, style in ((one, "o-"), (other, "s--")):
            if all(job in each for each in report.values()):
                values = [each[job]["cpu_ms"] for each in report.values()]
                axes.plot(pixels, values, style, label=job)
    axes.set_xticks(pixels)
    axes.set_xticklabels(list(report), fontsize=8, rotation=25, ha="right")
    axes.set_xlabel("size of the film's frames")
    axes.set_ylabel("processor time of a frame, ms")
    axes.set_title("run %s, all threads; plain: the loop that anybody would write" % model)
    axes.set_ylim(bottom=0)
    axes.grid(alpha=0.3)
    axes.legend()
    figure.tight_layout()
    figure.savefig(path, dpi=100)


def plain(video: str, model: str, frames: str, sink: str) -> None:
    """The least code that does the job, on the session that `run` has."""
    import cv2
    import numpy as np

    from catseye.opening import open_model
    from catseye.runtime.tasks.road import class_table
    from catseye.runtime.tasks.road_mask import palette_bgr

    opened = open_model(model, "onnxruntime")
    session: Any = opened.engine._session  # type: ignore[attr-defined]
    palette = palette_bgr(class_table(opened.card))
    name, (_, height, width, _) = opened.card.inputs[0].name, opened.card.inputs[0].shape
    capture, writer = cv2.VideoCapture(video), None
    for _ in range(int(frames)):
        ok, image = capture.read()
        if not ok:
            break
        mask = session.run(None, {name: cv2.resize(image, (width, height))[None]})[0]
        if sink == "null://":
            continue
        size_wh = image.shape[1::-1]
        if writer is None:
            writer = cv2.VideoWriter(sink, cv2.VideoWriter_fourcc(*"mp4v"), FPS, size_wh)
        mask = cv2.resize(mask[0], size_wh, interpolation=cv2.INTER_NEAREST)
        colours = cv2.LUT(cv2.merge([mask] * 3), np.ascontiguousarray(palette[None]))
        writer.write(cv2.addWeighted(image, 0.5, colours, 0.5, 0))
    if writer is not None:
        writer.release()


def write_drive(path: str, size: str, frames: str) -> None:
    """A video of the synthetic street, enlarged where the street would take long to render; its
    pictures go to and fro."""
    import cv2

    from catseye.runtime.street import Street

    size_wh = tuple(int(number) for number in size.split("x"))
    street = Street(3, (1280, 720))
    rendered = [street.render(index / FPS)[0] for index in range(8)]
    images = [cv2.resize(image, size_wh, interpolation=cv2.INTER_CUBIC) for image in rendered]
    images += images[-2:0:-1]
    writer = cv2.VideoWriter(path, cv2.VideoWriter_fourcc(*"mp4v"), FPS, size_wh)
    for index in range(int(frames)):
        writer.write(images[index % len(images)])
    writer.release()


if __name__ == "__main__":
    main()
