"""Several cameras in one process: what they cost against a process for each, and whether each gets
its share.

Whole processes on motion JPEG cameras of 127.0.0.1, turn by turn. Memory is the largest sum over
the processes of a job of their proportional set sizes (PSS: a page that several share is counted in
parts) and of their resident ones (RSS). Processor time is user and system time of a result, of a
long run less that of a short one. Ratios are medians over the rounds.

Batch: two frames in one call of onnxruntime on the CPU, the model's first dimension made two,
against a call for each; their answers are compared too.

Shares: two fast cameras, a slow one and one that is dead, at more frames than the engine takes. The
fair share is max-min: what a camera gives, or an equal part of what the others leave.

    .venv/bin/python benchmarks/cameras.py [--model road-nano] [--rounds 3] [--frames 60] [--json]
"""

import argparse
import contextlib
import http.server
import json
import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

SHORT = 10  # results a camera of the run that is taken off
FPS = 10.0  # of each camera, where the engine takes them all
FAST, SLOW = 60.0, 2.0  # frames per second
SHARE_S = 30.0  # seconds of the run whose shares are told
DEAD = 9  # a port that nobody listens at
BATCHES = 25  # calls of each kind
EVERY_S = 0.2  # between two looks at memory
HEAD = b"--x\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n"


class Spent(NamedTuple):
    """cpu_s: of all processes of a job.  pss_mb, rss_mb: their largest sums, 10^6 bytes."""

    cpu_s: float
    pss_mb: float
    rss_mb: float


def main() -> None:
    if sys.argv[1:2] == ["--serve"]:
        serve()
        return
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="road-nano")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--frames", type=int, default=60, help="results a camera of the long run")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    with served() as port:
        report = {
            "together": together(args.model, port, args.rounds, args.frames),
            "batch": batch(args.model),
            "shares": shares(args.model, port),
        }
    print(json.dumps(report, indent=2) if args.json else words(report))


def together(model: str, port: int, rounds: int, frames: int) -> dict[str, Any]:
    """Medians of each job, and of the ratios of one process to two."""
    taken: dict[str, list[Spent]] = {"one": [], "two": []}
    for number in range(rounds):
        for job in sorted(taken, reverse=bool(number % 2)):
            short, long = (spent_by(commands(job, model, port, n)) for n in (SHORT, frames))
            cpu_s = (long.cpu_s - short.cpu_s) / (2 * (frames - SHORT))
            taken[job].append(long._replace(cpu_s=cpu_s))
    report: dict[str, Any] = {}
    for field in Spent._fields:
        one, two = ([getattr(spent, field) for spent in taken[job]] for job in ("one", "two"))
        ratio = statistics.median(a / b for a, b in zip(one, two))
        report[field] = {
            "one": round(statistics.median(one), 4),
            "two": round(statistics.median(two), 4),
            "ratio": round(ratio, 3),
        }
    return report


def commands(job: str, model: str, port: int, frames: int) -> list[list[str]]:
    """The processes of a job: one with both cameras, or one for each."""
    cameras = ["http://127.0.0.1:%d/%g/%s.mjpg" % (port, FPS, name) for name in ("a", "b")]
    run = [sys.executable, "-m", "catseye", "run", model, "--json", "--frames"]
    if job == "two":
        return [[*run, str(frames), "--source", camera] for camera in cameras]
    return [[*run, str(2 * frames), "--source", cameras[0], "--source", cameras[1]]]


def spent_by(jobs: list[list[str]]) -> Spent:
    """What these processes take, side by side."""
    nowhere = subprocess.DEVNULL
    before = os.times()
    running = [subprocess.Popen(words, stdout=nowhere, stderr=nowhere) for words in jobs]
    pss = rss = 0.0
    while any(process.poll() is None for process in running):
        sizes = [memory_mb(process.pid) for process in running]
        pss = max(pss, sum(each[0] for each in sizes))
        rss = max(rss, sum(each[1] for each in sizes))
        time.sleep(EVERY_S)
    after = os.times()
    if any(process.returncode for process in running):
        raise SystemExit("a run failed: %s" % " ".join(jobs[0]))
    user, system = (after[at] - before[at] for at in (2, 3))
    return Spent(user + system, pss, rss)


def memory_mb(pid: int) -> tuple[float, float]:
    """PSS and RSS of a process; zeros of one that has ended."""
    try:
        with open("/proc/%d/smaps_rollup" % pid) as stream:
            rows = [line.split() for line in stream if line.endswith("kB\n")]
    except OSError:
        return 0.0, 0.0
    kib = {row[0]: int(row[1]) for row in rows}
    return kib.get("Pss:", 0) * 1.024e-3, kib.get("Rss:", 0) * 1.024e-3


def batch(model: str) -> dict[str, Any]:
    """{threads: {wall, cpu, same}}: ratios of one call of two frames to two calls of one."""
    import numpy as np
    import onnxruntime

    from catseye.runtime.model_file.load import load_model
    from catseye.runtime.model_file.pair import paired

    file = load_model(model)
    name, shape = file.card.inputs[0].name, file.card.inputs[0].shape
    report: dict[str, Any] = {}
    frames = np.random.default_rng(0).integers(0, 256, (2, *shape[1:]), np.uint8)
    for threads in (1, 2):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        one, two = (
            onnxruntime.InferenceSession(each, options, providers=["CPUExecutionProvider"])
            for each in (file.data, paired(file).data)
        )
        turns = [one.run(None, {name: frame[None]}) for frame in frames]
        together = two.run(None, {name: frames})
        pairs = [(both[at], each[0]) for at in (0, 1) for both, each in zip(together, turns[at])]
        same = all((ours == alone).all() for ours, alone in pairs)
        wall, cpu = ratios(one, two, name, frames)
        report["%d thread%s" % (threads, "s"[: threads - 1])] = {
            "wall": wall,
            "cpu": cpu,
            "same": same,
        }
    return report


def ratios(one: Any, two: Any, name: str, frames: Any) -> list[float]:
    """Wall and processor time of one call of `two` to those of a call of `one` for each frame."""
    taken = []
    for _ in range(BATCHES):
        both = spent_here(lambda: two.run(None, {name: frames}))
        alone = spent_here(lambda: [one.run(None, {name: frame[None]}) for frame in frames])
        taken.append([a / b for a, b in zip(both, alone)])
    return [round(statistics.median(each), 3) for each in zip(*taken)]


def spent_here(job: Callable[[], object]) -> tuple[float, float]:
    """Seconds on the wall, and of the processor."""
    begun = time.perf_counter(), time.process_time()
    job()
    return time.perf_counter() - begun[0], time.process_time() - begun[1]


def shares(model: str, port: int) -> dict[str, Any]:
    """{camera: {offered, got, fair, ratio}} at `--threads 1`: frames a second that it gave, and
    results."""
    asked = {"fast": FAST, "fast2": FAST, "slow": SLOW, "dead": 0.0}
    words = [sys.executable, "-m", "catseye", "run", model, "--threads", "1", "--json"]
    for name, fps in asked.items():
        place = (name, port if fps else DEAD, fps, name)
        words += ["--source", "%s=http://127.0.0.1:%d/%g/%s.mjpg" % place]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    threading.Timer(SHARE_S, process.terminate).start()
    document = json.loads(process.communicate()[0])
    seconds, cameras = document["seconds"], document["cameras"]
    got = {each["camera"]: each["fps"] for each in cameras}
    offered = {each["camera"]: (each["frames"] + each["skipped"]) / seconds for each in cameras}
    fair = fair_shares(offered, sum(got.values()))
    return {
        name: {
            "offered": round(offered[name], 2),
            "got": round(got[name], 2),
            "fair": round(fair[name], 2),
            "ratio": round(got[name] / fair[name], 3) if fair[name] else None,
        }
        for name in offered
    }


def fair_shares(offered: dict[str, float], capacity: float) -> dict[str, float]:
    """Max-min: the smallest first, each gets what it offers or an equal part of what is left."""
    fair: dict[str, float] = {}
    for name in sorted(offered, key=lambda each: offered[each]):
        equal = (capacity - sum(fair.values())) / (len(offered) - len(fair))
        fair[name] = min(offered[name], equal)
    return fair


def words(report: dict[str, Any]) -> str:
    lines = ["two cameras          one process  two processes  ratio"]
    names = {"cpu_s": "CPU, ms a result", "pss_mb": "PSS, MB", "rss_mb": "RSS, MB"}
    for field, row in report["together"].items():
        scale = 1e3 if field == "cpu_s" else 1.0
        numbers = (row["one"] * scale, row["two"] * scale, row["ratio"])
        lines.append("%-20s %11.1f  %13.1f  %5.3f" % (names[field], *numbers))
    for threads, row in report["batch"].items():
        numbers = (threads, row["wall"], row["cpu"], "the same" if row["same"] else "other")
        lines.append("batch of two / two turns, %s: wall %.3f, CPU %.3f, %s answers" % numbers)
    lines.append("camera   offered   got  fair share  ratio")
    for name, row in report["shares"].items():
        ratio = "-" if row["ratio"] is None else "%.3f" % row["ratio"]
        numbers = (name, row["offered"], row["got"], row["fair"], ratio)
        lines.append("%-8s %7.1f %5.2f  %10.2f  %5s" % numbers)
    return "\n".join(lines)


@contextlib.contextmanager
def served() -> Iterator[int]:
    """The port of the cameras' server, a process of its own."""
    words = [sys.executable, __file__, "--serve"]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield int(process.stdout.readline())
    finally:
        process.kill()
        process.wait()


def serve() -> None:
    """/FPS/NAME.mjpg: a picture that changes, so many times a second."""
    import cv2

    from catseye.runtime.sources import open_source

    with open_source("synthetic://road?frames=4") as street:
        pictures = [cv2.imencode(".jpg", frame.image)[1].tobytes() for frame in street]

    class Camera(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            fps, number = float(self.path.split("/")[1]), 0
            self.send_response(200)
            self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=x")
            self.end_headers()
            begun_s = time.monotonic()
            with contextlib.suppress(OSError):
                while True:
                    data = pictures[number % len(pictures)]
                    self.wfile.write(HEAD % len(data) + data + b"\r\n")
                    number += 1
                    time.sleep(max(0.0, begun_s + number / fps - time.monotonic()))

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Camera)
    print(server.server_address[1], flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
