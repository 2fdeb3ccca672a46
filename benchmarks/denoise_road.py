"""Does denoising help the road model? IoU on noisy CamVid frames, with `--denoise` and with
OpenCV's filters instead.

    denoise_road.py --data DIR [--models sparse-denoise] [--every 4]

White noise is laid on each colour alone. The filters get for each sigma the settings with the best
PSNR on a few frames of `train`. The time is what one thread takes of the processor for a frame of
480x360, p50.
"""

import argparse
import time

import cv2
import numpy as np
from denoising import SIGMAS, noisy_ones, tuned_filters

from catseye.commands.parsing.parser import DATA_HELP, say, say_table
from catseye.commands.parsing.values import positive_int
from catseye.opening import open_model
from catseye.runtime.auxiliary.denoising import DenoisingTask
from catseye.runtime.datasets import data_folder
from catseye.runtime.datasets.road import road_samples
from catseye.runtime.engines.cpu import cpu_name
from catseye.runtime.evaluation.metrics import ConfusionMatrix
from catseye.runtime.frame import Frame, now_ns
from catseye.runtime.health.frame_quality import is_noisy
from catseye.runtime.tasks import open_task

TUNED_ON = 120  # every so many frames of `train` one is for choosing settings


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", help=DATA_HELP)
    parser.add_argument("--road", default="road")
    parser.add_argument("--models", nargs="+", default=["sparse-denoise"])
    parser.add_argument("--every", type=positive_int, default=4)
    args = parser.parse_args()
    cv2.setNumThreads(1)
    data = data_folder(args.data)
    train = [sample.read()[0] for sample in road_samples(data, "train")[::TUNED_ON]]
    images, truths = zip(*(sample.read() for sample in road_samples(data, "val")[:: args.every]))
    road = open_model(args.road, "onnxruntime", threads=1)
    coders = {name: denoiser(name, road.card) for name in args.models}
    rows = [("none", "-", *score(road, truths, images), "", "")]
    for sigma in SIGMAS:
        noisy = noisy_ones(images, sigma, 1)
        methods = {"none": (lambda image: image, "")}
        methods |= {name: (run, "") for name, run in coders.items()} | tuned_filters(train, sigma)
        for name, (run, settings) in methods.items():
            cleaned, took_ms = timed(run, noisy)
            rows.append((sigma, name, *score(road, truths, cleaned), took_ms, settings))
        say(
            f"sigma {sigma}: {np.mean([is_noisy(image) for image in noisy]):.0%} of the frames"
            " called noisy"
        )
    say(
        f"{cpu_name()}, one thread, OpenCV {cv2.__version__}, {len(images)} frames of val,"
        f" {args.road}"
    )
    say_table(("sigma", "denoised by", "road IoU", "mIoU", "ms per frame", "settings"), rows)


def denoiser(name: str, card):
    """What `catseye run --denoise NAME` does to a frame before the road model of `card` sees it."""
    model = open_model(name, "onnxruntime", threads=1)
    task = DenoisingTask(open_task(card), model.engine, model.card)

    def run(image):
        return task.denoised(Frame(image, 0, now_ns())) if is_noisy(image) else image

    return run


def timed(run, images):
    """The cleaned frames, and the median of the milliseconds that one took."""
    cleaned, taken = [], []
    for image in images:
        begun = time.process_time()
        cleaned.append(run(image))
        taken.append((time.process_time() - begun) * 1e3)
    return cleaned, float(np.median(taken))


def score(road, truths, images) -> tuple[float, float]:
    """IoU of road, and mIoU."""
    task, names = open_task(road.card), road.card.classes
    matrix = ConfusionMatrix(len(names))
    for truth, image in zip(truths, images):
        inputs, kept = task.prepare(Frame(image, 0, now_ns()))
        matrix.add(truth, task.parse(road.engine.infer(inputs), kept).mask)
    return float(matrix.iou()[names.index("Road")]), matrix.miou()


if __name__ == "__main__":
    main()
