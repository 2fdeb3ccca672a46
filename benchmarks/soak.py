"""A soak: does the loop stay the size it was? Memory, threads and file handles over very many
frames.

The loop, the live source with its threads, health and a JSON file are the real ones; street and
model are replaced by cheap twins (pre-rendered noise, a threshold), and of every 4 captured frames
3 are skipped, as by a slow engine, so that a million frames pass in minutes instead of nine hours.
The camera is lost and opened again on the way. With viewers the page is served too, and so many
processes look at every picture of it. Ends with exit code 1 where, after the first tenth,
memory has grown by more than 10 %, or there are more threads or handles.

    .venv/bin/python benchmarks/soak.py [--frames 1000000] [--burst 4] [--viewers 4] [--json]
        [--plot soak.png]
"""

import argparse
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np

from catseye.runtime.cameras.feed import Feed
from catseye.runtime.classes import COLOURS_RGB, NAMES
from catseye.runtime.frame import Frame, now_ns
from catseye.runtime.model_file.card import Card, Provenance
from catseye.runtime.model_file.tensors import TensorSpec
from catseye.runtime.pipeline import Pipeline
from catseye.runtime.sinks import Sink, WriteReport, open_sinks
from catseye.runtime.sources.faults import LOST, CameraFault, Limits
from catseye.runtime.sources.live.camera import Camera, Shot
from catseye.runtime.sources.live.source import open_live
from catseye.runtime.tasks import Result
from catseye.runtime.tasks.road import RoadTask

SIZE_WH = (160, 90)
PICTURES = 61
LOSS_EVERY = 20000  # frames that a camera lives
SAMPLES = 200
GROWTH = 1.1  # of memory, after the first tenth, at most
CARD = Card(
    version="",
    name="soak",
    task=RoadTask.result.task,
    classes=NAMES,
    colours_rgb=COLOURS_RGB,
    inputs=(TensorSpec("frame", (1, SIZE_WH[1], SIZE_WH[0], 3), np.dtype(np.uint8)),),
    outputs=(TensorSpec("mask", (1, SIZE_WH[1], SIZE_WH[0]), np.dtype(np.uint8)),),
    precision="fp32",
    target="any",
    opset=11,
    metrics={},
    provenance=Provenance({}, 0, 0, 0, "", "", {}),
)


class Sample(NamedTuple):
    """frames done, resident memory, threads and open file handles of this process."""

    frames: int
    rss_mb: float
    threads: int
    handles: int


class NoiseCamera(Camera):
    """Gives pre-rendered pictures, a burst for each that was worked on, and is lost after
    LOSS_EVERY of them."""

    pictures = (
        np.random.RandomState(0)
        .randint(40, 215, (PICTURES, SIZE_WH[1], SIZE_WH[0], 3))
        .astype(np.uint8)
    )

    def __init__(self, pace: threading.Semaphore) -> None:
        self._given, self._pace = 0, pace
        self._handle = open(os.devnull)  # what a real camera holds, to be given back

    def read(self) -> Shot | None:
        self._pace.acquire(timeout=0.5)
        self._given += 1
        if self._given > LOSS_EVERY:
            raise CameraFault(LOST, "the soak's camera has lived long enough")
        return Shot(now_ns(), self.pictures[self._given % PICTURES])

    def close(self) -> None:
        self._handle.close()


class Threshold:
    """An engine that says which pixels are bright."""

    backend, provider, device, precision, threads = "none", "cpu", "none", "none", 1

    def infer(self, arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        return {"mask": (arrays["frame"][..., 1] > 127).astype(np.uint8) * 3}


class Meter(Sink):
    """Lets the camera go on, and looks at this process now and then."""

    def __init__(self, results: int, burst: int, pace: threading.Semaphore, rows: str) -> None:
        self._every, self._burst, self._pace, self._rows = (
            max(1, results // SAMPLES),
            burst,
            pace,
            rows,
        )
        self._done = 0
        self.samples: list[Sample] = []

    def write(self, frame: Frame, result: Result, report: WriteReport) -> None:
        self._done += 1
        if self._done % self._every == 0:
            self.samples.append(sample(frame.index + 1))
            os.truncate(self._rows, 0)  # rows of a day are gigabytes
        for _ in range(self._burst):
            self._pace.release()


def sample(frames: int) -> Sample:
    with open("/proc/self/statm") as stream:
        resident_pages = int(stream.read().split()[1])
    rss_mb = resident_pages * os.sysconf("SC_PAGE_SIZE") / 1e6
    return Sample(
        frames, round(rss_mb, 2), threading.active_count(), len(os.listdir("/proc/self/fd"))
    )


def soak(frames: int, burst: int, viewers: int = 0) -> dict[str, Any]:
    pace, results = threading.Semaphore(burst), frames // burst
    begun_s, port = time.monotonic(), free_port()
    with tempfile.TemporaryDirectory() as folder:
        rows = os.path.join(folder, "rows.jsonl")
        page = ["http://127.0.0.1:%d" % port] if viewers else []
        with (
            open_live(lambda: NoiseCamera(pace), "soak", Limits()) as source,
            open_sinks(["jsonl://" + rows, *page], {"": source}) as sinks,
            watched(port, viewers),
        ):
            meter = Meter(results, burst, pace, rows)
            statistics = Pipeline(
                [Feed(source, RoadTask(CARD))], Threshold(), list(sinks) + [meter], frames=results
            ).run()
    return {
        "frames": statistics.frames + statistics.skipped,
        "results": statistics.frames,
        "seconds": round(time.monotonic() - begun_s, 1),
        "faults": statistics.faults,
        "samples": [seen._asdict() for seen in meter.samples],
    }


VIEWER = """
import sys, urllib.request
number = -1
while True:
    address = "http://127.0.0.1:%s/frame?after=%d" % (sys.argv[1], number)
    with urllib.request.urlopen(address, timeout=60) as answer:
        number = int(answer.headers.get("X-Number", number))
        answer.read()
"""


@contextmanager
def watched(port: int, viewers: int) -> Iterator[None]:
    """So many viewers, each a process of its own, who must be there to the end."""
    command = [sys.executable, "-c", VIEWER, str(port)]
    processes = [subprocess.Popen(command) for _ in range(viewers)]
    try:
        yield
        if any(process.poll() is not None for process in processes):
            sys.exit("a viewer was turned away")
    finally:
        for process in processes:
            process.kill()
            process.wait()


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def verdict(samples: list[dict[str, Any]]) -> dict[str, Any]:
    """What the first tenth is left to settle, and how the rest compares with it."""
    settled, later = samples[len(samples) // 10], samples[len(samples) // 10 :]
    most = {key: max(row[key] for row in later) for key in ("rss_mb", "threads", "handles")}
    usual = {
        key: max(row[key] for row in samples[: len(samples) // 10 + 1])
        for key in ("threads", "handles")
    }
    flat = (
        most["rss_mb"] <= GROWTH * settled["rss_mb"]
        and most["threads"] <= usual["threads"] + 1
        # one more: a camera being opened while sampled
        and most["handles"] <= usual["handles"] + 1
    )
    return {"flat": flat, "settled": settled, "most": most}


def plot(samples: list[dict[str, Any]], path: str) -> None:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(3, 1, sharex=True, figsize=(7, 5))
    for axis, key, label in zip(
        axes, ("rss_mb", "threads", "handles"), ("memory, MB", "threads", "file handles")
    ):
        axis.plot([row["frames"] for row in samples], [row[key] for row in samples])
        axis.set_ylabel(label)
        axis.set_ylim(bottom=0)
    axes[-1].set_xlabel("frames")
    figure.tight_layout()
    figure.savefig(path, dpi=90)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--frames", type=int, default=1000000)
    parser.add_argument("--burst", type=int, default=4, help="captured frames per result")
    parser.add_argument("--viewers", type=int, default=0, help="of the web page; default none")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--plot", metavar="PNG", help="needs matplotlib")
    args = parser.parse_args()
    report = soak(args.frames, args.burst, args.viewers)
    report.update(verdict(report["samples"]))
    if args.plot:
        plot(report["samples"], args.plot)
    if args.json:
        print(json.dumps(report))
    else:
        print("{frames} frames, {results} results in {seconds} s, faults {faults}".format(**report))
        print(
            "after the first tenth: {settled}\nmost after that: {most}\nflat: {flat}".format(
                **report
            )
        )
    return 0 if report["flat"] else 1


if __name__ == "__main__":
    sys.exit(main())
