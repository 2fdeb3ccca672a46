"""Denoising of grey photographs: the shipped sparse coders against OpenCV's filters, by PSNR and
frames per second.

    denoising.py --data DIR [--models sparse-denoise sparse]

The bilateral filter and non-local means get for each sigma the settings that do best on photographs
of `train`; the coders are told nothing of the noise. PSNR is the mean over `val`. One thread, timed
turn about by what it takes of the processor, so that a busy machine does no harm.
"""

import argparse
import itertools
import time

import cv2
import numpy as np

from catseye.commands.parsing.parser import DATA_HELP, say, say_table
from catseye.opening import open_model
from catseye.runtime.datasets import data_folder
from catseye.runtime.datasets.bsds import read_photographs
from catseye.runtime.engines.cpu import cpu_name
from catseye.runtime.evaluation.metrics import psnr
from catseye.runtime.frame import Frame, now_ns
from catseye.runtime.tasks.sparse import SparseTask

SIGMAS = (15, 25, 50)
TUNED_ON = 40  # every so many photographs of `train` one is for choosing settings
SIZE_WH, ROUNDS = (640, 360), 20


def bilateral(picture, sigma, colour, space):
    """colour: how different two levels may be, in sigmas.  space: reach in pixels."""
    return cv2.bilateralFilter(picture, -1, colour * sigma, space)


def non_local_means(picture, sigma, strength, template):
    """strength: h in sigmas.  template: side of the patches that are compared, in a window of
    21."""
    if picture.ndim == 2:
        return cv2.fastNlMeansDenoising(picture, None, strength * sigma, template, 21)
    return cv2.fastNlMeansDenoisingColored(
        picture, None, strength * sigma, strength * sigma, template, 21
    )


FILTERS = {  # what settings there are to choose from
    bilateral: list(itertools.product((1.5, 2.0, 2.5, 3.0, 4.0), (1.5, 2.5, 4.0))),
    non_local_means: list(itertools.product((0.6, 0.8, 1.0, 1.2), (5, 7))),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", help=DATA_HELP)
    parser.add_argument("--models", nargs="+", default=["sparse-denoise", "sparse"])
    args = parser.parse_args()
    cv2.setNumThreads(1)
    train, val = (lying(data_folder(args.data), split) for split in ("train", "val"))
    coders = {name: coder(name) for name in args.models}
    rows = []
    for sigma in SIGMAS:
        methods = {name: (run, "") for name, run in coders.items()}
        methods |= tuned_filters(train[::TUNED_ON], sigma)
        noisy = noisy_ones(val, sigma, 1)
        speeds = frames_per_second([run for run, _ in methods.values()], noisy[0])
        rows.append((sigma, "noisy", mean_psnr(val, noisy), "", ""))
        for (name, (run, settings)), speed in zip(methods.items(), speeds):
            rows.append(
                (sigma, name, mean_psnr(val, [run(picture) for picture in noisy]), speed, settings)
            )
    say(
        f"{cpu_name()}, one thread, OpenCV {cv2.__version__}, {len(val)} photographs; speed at"
        " %dx%d" % SIZE_WH
    )
    say_table(("sigma", "method", "PSNR dB", "frames per second", "settings"), rows)


def lying(data: str, split: str) -> list[np.ndarray]:
    """The grey photographs of a split, upright ones laid on their side, so that none is scaled."""
    images = (photograph.image for photograph in read_photographs(data, split))
    return [
        image if image.shape[0] < image.shape[1] else np.ascontiguousarray(image.T)
        for image in images
    ]


def noisy_ones(pictures: list[np.ndarray], sigma: float, seed: int) -> list[np.ndarray]:
    """Each (H, W) or (H, W, 3) uint8 picture with Gaussian noise of its own, clipped to bytes."""
    random = np.random.default_rng(seed)
    return [
        np.clip(np.rint(picture + random.normal(0, sigma, picture.shape)), 0, 255).astype(np.uint8)
        for picture in pictures
    ]


def coder(name: str):
    """A shipped sparse coder as a function of a grey picture."""
    model = open_model(name, "onnxruntime", threads=1)
    task = SparseTask(model.card)

    def run(picture):
        inputs, kept = task.prepare(Frame(cv2.cvtColor(picture, cv2.COLOR_GRAY2BGR), 0, now_ns()))
        return task.parse(model.engine.infer(inputs), kept).rebuilt

    return run


def tuned_filters(pictures: list[np.ndarray], sigma: float):
    """{name: (function of a picture, its settings in words)}: the best of FILTERS by PSNR on these
    clean pictures."""
    noisy, found = noisy_ones(pictures, sigma, 0), {}
    for method, settings in FILTERS.items():
        best = max(
            settings,
            key=lambda some: mean_psnr(pictures, [method(one, sigma, *some) for one in noisy]),
        )
        words = ", ".join(
            f"{key} {value}" for key, value in zip(method.__code__.co_varnames[2:4], best)
        )
        found[method.__name__] = (
            lambda picture, method=method, best=best: method(picture, sigma, *best),
            words,
        )
    return found


def mean_psnr(clean: list[np.ndarray], estimates: list[np.ndarray]) -> float:
    return float(np.mean([psnr(truth, estimate) for truth, estimate in zip(clean, estimates)]))


def frames_per_second(methods, picture: np.ndarray) -> np.ndarray:
    """Of each method at SIZE_WH, from the median of ROUNDS turns about, after one to warm up."""
    picture = cv2.resize(picture, SIZE_WH)
    taken = []
    for _ in range(ROUNDS + 1):
        moments = [time.process_time()]
        for run in methods:
            run(picture)
            moments.append(time.process_time())
        taken.append(np.diff(moments))
    return 1 / np.median(taken[1:], axis=0)


if __name__ == "__main__":
    main()
