"""Which pass brings a camera's frame to a network's size: what each costs, and what it does to the
mask.

Annotated frames are enlarged to a camera's size (cubic) and given a sensor's noise, because sets of
that size are not at hand; the mask is judged by mIoU, and by the share of pixels on which it agrees
with the one of INTER_AREA, which looks at every pixel. A video is enlarged likewise and judged by
agreement alone.

    .venv/bin/python benchmarks/shrinking.py --data DATA [--video FILE] [--frames 40]
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
from catseye.runtime.evaluation.metrics import ConfusionMatrix
from catseye.runtime.frame import Frame
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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", required=True)
    parser.add_argument("--split", default="val")
    parser.add_argument("--video")
    parser.add_argument("--frames", type=int, default=40)
    parser.add_argument("--model", default="road-nano")
    parser.add_argument("--scales", type=int, nargs="+", default=(3, 6))
    args = parser.parse_args()
    model = open_model(args.model, "onnxruntime")
    samples = open_road_data(args.data).samples(args.split)
    chosen = samples[:: max(1, len(samples) // args.frames)][: args.frames]
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


def compare(
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


def enlarged(image: np.ndarray, scale: int, rng: np.random.Generator) -> np.ndarray:
    height, width = image.shape[:2]
    large = cv2.resize(image, (scale * width, scale * height), interpolation=cv2.INTER_CUBIC)
    noise = rng.normal(0, NOISE, (height, width, 3)).astype(np.float32)
    noise = np.tile(noise, (scale, scale, 1))  # drawing them all would take longest
    noise = noise[rng.permutation(len(noise))]
    return cv2.add(large, noise, dtype=cv2.CV_8U)


if __name__ == "__main__":
    main()
