"""Which pass brings a camera's frame to a network's size: what each costs, and what it does to the
mask.

Annotated frames are enlarged to a camera's size (cubic) and given a sensor's noise, because sets of
that size are not at hand; the mask is judged by mIoU, and by the share of pixels on which it agrees
with the one of INTER_AREA, which looks at every pixel. A video is enlarged likewise and judged by
agreement alone.

With --jpeg the frames are JPEG of quality 90 instead, which decoders can make at 1/2, 1/4 and 1/8
of the size: what decoding and shrinking cost together, what becomes of the mask, and on how many
pictures with a fault of focus or noise camera health still names it.

    .venv/bin/python benchmarks/shrinking.py --data DATA [--video FILE] [--frames 40] [--jpeg]
                                             [--model road-nano] [--scales 3 6]
"""

import argparse
import itertools
import time
from collections.abc import Callable, Iterator

import cv2
import numpy as np

from catseye.opening import open_model
from catseye.runtime.datasets.road import open_road_data
from catseye.runtime.engines.opened import OpenedModel
from catseye.runtime.evaluation.frame_quality import FAULTS, STRENGTHS
from catseye.runtime.evaluation.metrics import ConfusionMatrix
from catseye.runtime.frame import Frame
from catseye.runtime.health.frame_quality import FrameQualityCheck
from catseye.runtime.sources import open_source
from catseye.runtime.tasks import open_task

NOISE = 4.0  # grey levels, of a usual sensor by day

Shrink = Callable[[np.ndarray, tuple[int, int]], np.ndarray]


def by(interpolation: int) -> Shrink:
    return lambda image, size_wh: cv2.resize(image, size_wh, interpolation=interpolation)


def in_two_steps(image: np.ndarray, size_wh: tuple[int, int]) -> np.ndarray:
    twice = cv2.resize(image, (2 * size_wh[0], 2 * size_wh[1]), interpolation=cv2.INTER_LINEAR)
    return cv2.resize(twice, size_wh, interpolation=cv2.INTER_AREA)


WAYS: dict[str, Shrink] = {
    "area": by(cv2.INTER_AREA),
    "linear": by(cv2.INTER_LINEAR),
    "linear, then 2:1": in_two_steps,
    "nearest": by(cv2.INTER_NEAREST),
}


REDUCED = {
    1: cv2.IMREAD_COLOR,
    2: cv2.IMREAD_REDUCED_COLOR_2,
    4: cv2.IMREAD_REDUCED_COLOR_4,
    8: cv2.IMREAD_REDUCED_COLOR_8,
}
FAULTY = ("blurred", "noisy")  # what is told at a picture's own size


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", required=True)
    parser.add_argument("--split", default="val")
    parser.add_argument("--video")
    parser.add_argument("--frames", type=int, default=40)
    parser.add_argument("--model", default="road-nano")
    parser.add_argument("--jpeg", action="store_true", help="JPEG decoded at 1/2, 1/4 and 1/8")
    parser.add_argument("--scales", type=int, nargs="+", default=(3, 6))
    args = parser.parse_args()
    model = open_model(args.model, "onnxruntime")
    samples = open_road_data(args.data).samples(args.split)
    chosen = samples[:: max(1, len(samples) // args.frames)][: args.frames]
    compare = compare_decoders if args.jpeg else compare_ways
    for scale in args.scales:
        print(f"{len(chosen)} frames of {args.split}, enlarged {scale} times")
        compare(model, (sample.read() for sample in chosen), scale)
        if args.video:
            with open_source(args.video) as source:
                every = itertools.islice(source, 0, None, 5)
                images = [frame.image for frame in itertools.islice(every, args.frames)]
            size_wh = model.card.inputs[0].shape[2], model.card.inputs[0].shape[1]
            fitted = [cv2.resize(image, size_wh, interpolation=cv2.INTER_AREA) for image in images]
            print(f"{len(fitted)} frames of the video, enlarged {scale} times")
            compare(model, ((image, None) for image in fitted), scale)


def compare_ways(
    model: OpenedModel, frames: Iterator[tuple[np.ndarray, np.ndarray | None]], scale: int
) -> None:
    task, rng = open_task(model.card), np.random.default_rng(0)
    scores = {way: ConfusionMatrix(len(model.card.classes)) for way in WAYS}
    agreements: dict[str, list[float]] = {way: [] for way in WAYS}
    took_s = dict.fromkeys(WAYS, 0.0)
    for image, truth in frames:
        size_wh = image.shape[1::-1]
        large = enlarged(image, scale, rng)
        first: np.ndarray | None = None
        for way, shrink in WAYS.items():
            begun_s = time.process_time()
            small = shrink(large, size_wh)
            took_s[way] += time.process_time() - begun_s
            inputs, kept = task.prepare(Frame(small, 0, 0))
            mask = task.parse(model.engine.infer(inputs), kept).arrays()["mask"]
            first = mask if first is None else first
            agreements[way].append(float(np.mean(mask == first)))
            if truth is not None:
                scores[way].add(truth, mask)
    for way in WAYS:
        said = f"  mIoU {100 * scores[way].miou():.2f} %" if scores[way].counts.any() else ""
        agreed = 100 * float(np.mean(agreements[way]))
        cpu_ms = 1e3 * took_s[way] / len(agreements[way])
        print(f"  {way:18} {cpu_ms:6.2f} ms  agrees {agreed:6.2f} %{said}", flush=True)


def compare_decoders(
    model: OpenedModel, frames: Iterator[tuple[np.ndarray, np.ndarray | None]], scale: int
) -> None:
    task, rng = open_task(model.card), np.random.default_rng(0)
    scores = {part: ConfusionMatrix(len(model.card.classes)) for part in REDUCED}
    agreements: dict[int, list[float]] = {part: [] for part in REDUCED}
    took_s = dict.fromkeys(REDUCED, 0.0)
    named: dict[tuple[int, str, int], list[bool]] = {}
    for image, truth in frames:
        size_wh = image.shape[1::-1]
        data = jpeg_from(enlarged(image, scale, rng))
        first: np.ndarray | None = None
        for part, flags in REDUCED.items():
            if part > scale:  # smaller than the network's frames
                continue
            begun_s = time.process_time()
            small = cv2.resize(cv2.imdecode(data, flags), size_wh, interpolation=cv2.INTER_LINEAR)
            took_s[part] += time.process_time() - begun_s
            inputs, kept = task.prepare(Frame(small, 0, 0))
            mask = task.parse(model.engine.infer(inputs), kept).arrays()["mask"]
            first = mask if first is None else first
            agreements[part].append(float(np.mean(mask == first)))
            if truth is not None:
                scores[part].add(truth, mask)
        for fault, strength in itertools.product(FAULTY, range(len(STRENGTHS))):
            spoilt = jpeg_from(FAULTS[fault](image, strength, np.random.RandomState(strength)))
            for part in agreements:
                verdict = FrameQualityCheck().check(cv2.imdecode(spoilt, REDUCED[part])).verdict
                named.setdefault((part, fault, strength), []).append(verdict == fault)
    for part in [part for part in REDUCED if agreements[part]]:
        said = f"  mIoU {100 * scores[part].miou():.2f} %" if scores[part].counts.any() else ""
        agreed = 100 * float(np.mean(agreements[part]))
        cpu_ms = 1e3 * took_s[part] / len(agreements[part])
        print(f"  1/{part}: {cpu_ms:6.2f} ms  agrees {agreed:6.2f} %{said}", flush=True)
        for fault in FAULTY:
            shares = (np.mean(named[part, fault, at]) for at in range(len(STRENGTHS)))
            words = " / ".join(f"{share:.2f}" for share in shares)
            print(f"       {fault} named, {' / '.join(STRENGTHS)}: {words}", flush=True)


def jpeg_from(image: np.ndarray) -> np.ndarray:
    return cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 90])[1]


def enlarged(image: np.ndarray, scale: int, rng: np.random.Generator) -> np.ndarray:
    height, width = image.shape[:2]
    large = cv2.resize(image, (scale * width, scale * height), interpolation=cv2.INTER_CUBIC)
    noise = rng.normal(0, NOISE, (height, width, 3)).astype(np.float32)
    noise = np.tile(noise, (scale, scale, 1))  # drawing them all would take longest
    noise = noise[rng.permutation(len(noise))]
    return cv2.add(large, noise, dtype=cv2.CV_8U)


if __name__ == "__main__":
    main()
