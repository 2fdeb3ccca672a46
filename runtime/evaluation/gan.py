"""How legible a generator's pictures are: read by the shipped digits model, on workstation and
board alike.

Knows engines and labels. A finer measure, the Frechet LeNet distance, needs torch: `catseye analyze
gan`.
"""

import os
from typing import Optional

import cv2
import numpy as np

from catseye.runtime.datasets.mnist import name_of_digits, read_digits
from catseye.runtime.engines import Engine, open_engine
from catseye.runtime.evaluation.base import Evaluation, Watch, learned_by_name, unwatched
from catseye.runtime.evaluation.digits import predict
from catseye.runtime.model_file.card import Card
from catseye.runtime.model_file.load import load_model
from catseye.runtime.pictures import save_png
from catseye.runtime.system.json_document import JsonObject
from catseye.runtime.tasks.gan import noise_bytes, sheet_of

SAMPLES = 2000
SURE = 0.8  # probability from which a picture counts as read
READER = "digits"  # the zoo's model


def evaluate_gan_data(
    engine: Engine,
    card: Card,
    data: str,
    split: str,
    pictures: Optional[str] = None,
    watch: Watch = unwatched,
) -> JsonObject:
    """{legible, classes, legible_data, classes_data, n}, of the generator and of the split's own
    digits.

    legible: share of the pictures that the digits model reads with a probability of at least SURE.
    classes: exponential of the entropy of what it reads, 1-10.
    Raises CatseyeError where there are no digits, or no digits model.
    """
    samples = draw_samples(engine, SAMPLES, watch)
    digits = read_digits(data, split).images
    if pictures:
        sheet = cv2.cvtColor(sheet_of(samples[:64], 8), cv2.COLOR_GRAY2BGR)
        save_png(os.path.join(pictures, "samples.png"), sheet)
    with open_engine(load_model(READER)) as reading:
        own, real = (predict(reading, images) for images in (samples, digits))
    return {
        "legible": _legible(own),
        "classes": _classes(own),
        "legible_data": _legible(real),
        "classes_data": _classes(real),
        "n": len(samples),
    }


def draw_samples(engine: Engine, number: int, watch: Watch = unwatched) -> np.ndarray:
    """At least `number` pictures (n, 32, 32) uint8, of noise from the seeds 0, 1, 2, ..."""
    noise, output = engine.inputs[0], engine.outputs[0]
    batches = -(-number // noise.shape[0])
    return np.concatenate(
        [
            np.array(
                engine.infer({noise.name: noise_bytes(noise.shape, seed)})[output.name], np.uint8
            )
            for seed in watch(range(batches))
        ]
    )


def _legible(probabilities: np.ndarray) -> float:
    return float((probabilities.max(1) >= SURE).mean())


def _classes(probabilities: np.ndarray) -> float:
    shares = np.bincount(probabilities.argmax(1), minlength=10) / float(len(probabilities))
    return float(np.exp(-(shares * np.log(np.maximum(shares, 1e-12))).sum()))


GAN = Evaluation(
    evaluate_gan_data,
    headline="legible",
    allowed_loss=0.01,
    int8_loss=0.02,
    learned=learned_by_name(name_of_digits),
)
