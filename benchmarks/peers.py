"""The loop of `catseye run` beside one made by hand, and Ultralytics' beside one made by hand: what
each adds to its network, and what each puts on a board.

    hand         cv2.VideoCapture.read, InferenceSession.run: nothing else
    catseye      `catseye run FILE --sink null://`
    hand yolo    the same by hand for the other network: letterbox, RGB, / 255, run
    ultralytics  YOLO(FILE).predict(video, stream=True)

Every loop in a process of its own, turn by turn, one thread for everything. A process goes through
a few frames to warm up, and is then asked for its processor time of the video; ratios are medians
over the rounds. Both networks answer with class ids at the size of the frames, which need no
scaling. Jobs of another package run by the Python of its environment, which needs none of ours:

    python -m venv other && other/bin/pip install ultralytics onnx onnxslim onnxruntime
    other/bin/python -c "from ultralytics import YOLO
    YOLO('yolo26n-sem.yaml').export(format='onnx', imgsz=(384, 640), opset=17)"
    .venv/bin/python benchmarks/peers.py --other other/bin/python --yolo yolo26n-sem.onnx

Those weights are random: they take as long as trained ones. Sizes are those of the files of a
package and of all that it asks for, without NumPy and OpenCV, which JetPack brings.
"""

import argparse
import importlib.metadata
import json
import os
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from typing import Any

SIZE_WH, STRIDE = (640, 360), 32
ONE_THREAD = {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}
OURS = {"hand": "catseye", "hand yolo": "ultralytics"}  # whose work is measured beside each
ON_BOARDS = {"numpy", "opencv-python", "opencv-python-headless"}
WARM_UP = 8  # frames
MB = 1e6

Loop = Callable[[str], int]  # through a video; how many frames it had


def main() -> None:
    if sys.argv[1:2] == ["--job"]:
        name, *rest = sys.argv[2:]
        print(json.dumps(sizes_of(*rest) if name == "sizes" else timed(name, *rest)))
        return
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="road")
    parser.add_argument("--yolo", help="the ONNX file that Ultralytics exported")
    parser.add_argument("--other", help="the Python of an environment with ultralytics")
    parser.add_argument("--rounds", type=int, default=8)
    parser.add_argument("--frames", type=int, default=100, help="of the video")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    if bool(args.yolo) != bool(args.other):
        sys.exit("--yolo and --other go together")
    with tempfile.TemporaryDirectory() as folder:
        report = compare(args, folder)
    print(json.dumps(report, indent=2) if args.json else words(report))


def compare(args: argparse.Namespace, folder: str) -> dict[str, Any]:
    from overhead import write_drive

    from catseye.runtime.engines.cpu import cpu_name
    from catseye.runtime.model_file.load import onnx_path

    videos = [
        write_drive(os.path.join(folder, "%d.mp4" % frames), frames, SIZE_WH)
        for frames in (WARM_UP, args.frames)
    ]
    model, packed = onnx_path(args.model), os.path.join(folder, "packed.pyz")
    jobs = {"hand": (sys.executable, model), "catseye": (sys.executable, model)}
    if args.yolo:
        yolo = os.path.abspath(args.yolo)
        jobs.update({"hand yolo": (args.other, yolo), "ultralytics": (args.other, yolo)})
    taken: dict[str, list[dict[str, float]]] = {name: [] for name in jobs}
    for turn in range(args.rounds):
        for name in list(jobs)[:: 1 if turn % 2 else -1]:
            python, file = jobs[name]
            taken[name].append(asked(python, name, file, *videos))
            print(turn + 1, name, taken[name][-1], file=sys.stderr, flush=True)
    subprocess.run(
        [sys.executable, "-m", "catseye", "pack", model, "-o", packed, "-q"],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    megabytes = {"the .pyz, model included": os.path.getsize(packed) / MB}
    megabytes.update(asked(sys.executable, "sizes", "onnxruntime"))
    if args.other:
        megabytes.update(asked(args.other, "sizes", "ultralytics"))
    return {
        "device": cpu_name(),
        "rounds": args.rounds,
        "frames": args.frames,
        "cpu_ms": {name: median_of(rows, "cpu_ms") for name, rows in taken.items()},
        "peak_mb": {name: median_of(rows, "peak_mb") for name, rows in taken.items()},
        "ratios": {
            f"{theirs} / {hand}": statistics.median(
                one["cpu_ms"] / other["cpu_ms"] for one, other in zip(taken[theirs], taken[hand])
            )
            for hand, theirs in OURS.items()
            if theirs in taken
        },
        "megabytes": megabytes,
    }


def asked(python: str, *words: str) -> dict[str, float]:
    """What a job says that runs in a process of that Python."""
    done = subprocess.run(
        [python, os.path.abspath(__file__), "--job", *words],
        env={**os.environ, **ONE_THREAD},
        stdout=subprocess.PIPE,
        check=True,
    )
    return json.loads(done.stdout.splitlines()[-1])


def timed(name: str, model: str, warm_up: str, video: str) -> dict[str, float]:
    import cv2

    cv2.setNumThreads(1)
    loops = {"hand": hand, "hand yolo": hand_yolo, "catseye": ours, "ultralytics": ultralytics}
    loop = loops[name](model)
    loop(warm_up)
    begun, frames = time.process_time(), loop(video)
    cpu_s = time.process_time() - begun
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / MB
    return {"cpu_ms": cpu_s * 1e3 / frames, "peak_mb": peak_mb}


def hand(model: str, feed: Callable[[Any], Any] = lambda image: image[None]) -> Loop:
    import cv2

    session = session_of(model)
    name = session.get_inputs()[0].name

    def loop(video: str) -> int:
        capture, frames = cv2.VideoCapture(video), 0
        ok, image = capture.read()
        while ok:
            session.run(None, {name: feed(image)})
            frames += 1
            ok, image = capture.read()
        return frames

    return loop


def hand_yolo(model: str) -> Loop:
    import cv2

    def feed(image: Any) -> Any:
        spare = -image.shape[0] % STRIDE
        high = cv2.copyMakeBorder(
            image, spare // 2, spare - spare // 2, 0, 0, cv2.BORDER_CONSTANT, value=(114, 114, 114)
        )
        return cv2.dnn.blobFromImage(high, 1 / 255, swapRB=True)

    return hand(model, feed)


def session_of(model: str) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def ours(model: str) -> Loop:
    import cv2
    from overhead import catseye

    from catseye.opening import open_model

    opened = open_model(model, "onnxruntime", threads=1)

    def loop(video: str) -> int:
        catseye(video, opened, ["null://"])
        return int(cv2.VideoCapture(video).get(cv2.CAP_PROP_FRAME_COUNT))

    return loop


def ultralytics(model: str) -> Loop:
    import onnxruntime
    import torch
    from ultralytics import YOLO

    torch.set_num_threads(1)
    session = session_of(model)
    onnxruntime.InferenceSession = lambda *_, **__: session  # it has no option for threads
    network = YOLO(model, task="semantic")
    size = [SIZE_WH[1] + -SIZE_WH[1] % STRIDE, SIZE_WH[0]]
    how = {"imgsz": size, "stream": True, "verbose": False}
    return lambda video: sum(1 for _ in network.predict(video, **how))


def sizes_of(package: str) -> dict[str, float]:
    """{what: 10^6 bytes} of an installed package with all that it asks for."""
    found, wanted = {}, [package]
    while wanted:
        name = wanted.pop()
        if name in found or name in ON_BOARDS:
            continue
        try:
            package_of = importlib.metadata.distribution(name)
        except importlib.metadata.PackageNotFoundError:
            continue  # asked for on other systems only
        files = [package_of.locate_file(file) for file in package_of.files or ()]
        found[name] = sum(os.path.getsize(file) for file in files if os.path.isfile(file)) / MB
        wanted += [
            re.split(r"[^\w.-]", need)[0].lower().replace("_", "-")
            for need in package_of.requires or ()
            if "extra ==" not in need
        ]
    return {"%s and %d more packages" % (package, len(found) - 1): sum(found.values())}


def median_of(rows: list[dict[str, float]], key: str) -> float:
    return statistics.median(row[key] for row in rows)


def words(report: dict[str, Any]) -> str:
    lines = ["{device}, one thread, {rounds} rounds of {frames} frames".format(**report)]
    for title, key, form in (
        ("processor time of a frame, ms", "cpu_ms", "%.2f"),
        ("ratio, median over the rounds", "ratios", "%.3f"),
        ("most memory, MB", "peak_mb", "%.0f"),
        ("on the board, MB", "megabytes", "%.1f"),
    ):
        lines.append(title)
        lines += ["  %-40s %10s" % (name, form % value) for name, value in report[key].items()]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
