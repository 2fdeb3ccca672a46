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
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

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

Annotated = tuple[np.ndarray, np.ndarray | None]  # picture, mask
Shrink = Callable[[np.ndarray, tuple[int, int]], np.ndarray]


class Row(NamedTuple):
    """Of one way. agreements, took_s: of each frame.  named: by fault and strength, whether it was
    named."""

    scores: ConfusionMatrix
    agreements: list[float]
    took_s: list[float]
    named: dict[tuple[str, int], list[bool]]


def by(interpolation: int) -> Shrink:
    return lambda image, size_wh: cv2.resize(image, size_wh, interpolation=interpolation)


def in_two_steps(image: np.ndarray, size_wh: tuple[int, int]) -> np.ndarray:
    twice = cv2.resize(image, (2 * size_wh[0], 2 * size_wh[1]), interpolation=cv2.INTER_LINEAR)
    return cv2.resize(twice, size_wh, interpolation=cv2.INTER_AREA)


def decoded_by(flags: int) -> Shrink:
    return lambda data, size_wh: by(cv2.INTER_LINEAR)(cv2.imdecode(data, flags), size_wh)


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
    for scale in args.scales:
        print(f"{len(chosen)} frames of {args.split}, enlarged {scale} times")
        compare(model, (sample.read() for sample in chosen), scale, args.jpeg)
        if args.video:
            with open_source(args.video) as source:
                every = itertools.islice(source, 0, None, 5)
                images = [frame.image for frame in itertools.islice(every, args.frames)]
            size_wh = model.card.inputs[0].shape[2], model.card.inputs[0].shape[1]
            fitted = [cv2.resize(image, size_wh, interpolation=cv2.INTER_AREA) for image in images]
            print(f"{len(fitted)} frames of the video, enlarged {scale} times")
            compare(model, ((image, None) for image in fitted), scale, args.jpeg)


def compare(model: OpenedModel, frames: Iterable[Annotated], scale: int, is_jpeg: bool) -> None:
    """Print a line for each way to bring enlarged frames back to their size."""
    # a decoded picture is not to be smaller than the network's frames
    decoders = {f"1/{part}": flags for part, flags in REDUCED.items() if is_jpeg and part <= scale}
    ways = {way: decoded_by(flags) for way, flags in decoders.items()} or WAYS
    task, rng = open_task(model.card), np.random.default_rng(0)
    rows = {way: Row(ConfusionMatrix(len(model.card.classes)), [], [], {}) for way in ways}
    for image, truth in frames:
        size_wh = image.shape[1::-1]
        large = enlarged(image, scale, rng)
        seen = jpeg_from(large) if is_jpeg else large
        first: np.ndarray | None = None
        for way, shrunk in ways.items():
            row, begun_s = rows[way], time.process_time()
            small = shrunk(seen, size_wh)
            row.took_s.append(time.process_time() - begun_s)
            inputs, kept = task.prepare(Frame(small, 0, 0))
            mask = task.parse(model.engine.infer(inputs), kept).arrays()["mask"]
            first = mask if first is None else first
            row.agreements.append(float(np.mean(mask == first)))
            if truth is not None:
                row.scores.add(truth, mask)
        if decoders:
            note_named_faults(image, decoders, rows)
    for way, row in rows.items():
        tell(way, row)


def note_named_faults(
    image: np.ndarray, decoders: Mapping[str, int], rows: Mapping[str, Row]
) -> None:
    """Whether camera health names the faults of a picture, decoded in each way."""
    for fault, strength in itertools.product(FAULTY, range(len(STRENGTHS))):
        spoilt = jpeg_from(FAULTS[fault](image, strength, np.random.RandomState(strength)))
        for way, flags in decoders.items():
            verdict = FrameQualityCheck().check(cv2.imdecode(spoilt, flags)).verdict
            rows[way].named.setdefault((fault, strength), []).append(verdict == fault)


def tell(way: str, row: Row) -> None:
    said = f"  mIoU {100 * row.scores.miou():.2f} %" if row.scores.counts.any() else ""
    agreed, cpu_ms = 100 * np.mean(row.agreements), 1e3 * np.mean(row.took_s)
    print(f"  {way:18} {cpu_ms:6.2f} ms  agrees {agreed:6.2f} %{said}", flush=True)
    for fault in FAULTY if row.named else ():
        shares = (np.mean(row.named[fault, at]) for at in range(len(STRENGTHS)))
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
