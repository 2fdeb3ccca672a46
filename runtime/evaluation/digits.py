"""Accuracy of a digits engine on labelled digits: the metric of `eval` and `verify`, on workstation
and board alike.

Knows slots and labels; nothing of cameras or of the network behind the engine.
"""

import os
from typing import Optional

import numpy as np

from catseye.runtime.datasets.mnist import name_of_digits, page_of_digits, read_digits
from catseye.runtime.engines import Engine
from catseye.runtime.evaluation.base import Evaluation, Watch, learned_by_name, unwatched
from catseye.runtime.frame import Frame, now_ns
from catseye.runtime.model_file.card import Card
from catseye.runtime.pictures import save_png
from catseye.runtime.system.json_document import JsonObject
from catseye.runtime.tasks.digits import DigitsTask


def evaluate_digits_data(
    engine: Engine,
    card: Card,
    data: str,
    split: str,
    pictures: Optional[str] = None,
    watch: Watch = unwatched,
) -> JsonObject:
    """{accuracy, n} over the split's digits; the picture is a page of the first of them, read as a
    camera would. Raises CatseyeError where there are none."""
    digits = read_digits(data, split)
    if pictures:
        slots = engine.inputs[0].shape[0]
        first = digits.images[:slots], digits.labels[:slots]
        page = page_of_digits(*first, (640, 360), seed=0).image
        frame, task = Frame(page, 0, now_ns()), DigitsTask(card)
        inputs, kept = task.prepare(frame)
        found = task.parse(engine.infer(inputs), kept)
        save_png(os.path.join(pictures, "page.png"), found.drawn_on(page))
    return evaluate_digits(engine, digits.images, digits.labels, watch)


def evaluate_digits(
    engine: Engine, images: np.ndarray, labels: np.ndarray, watch: Watch = unwatched
) -> JsonObject:
    """(N, 32, 32) uint8 digits and (N,) labels -> accuracy, 0-1, and n, the number of digits."""
    answers = predict(engine, images, watch).argmax(1)
    return {"accuracy": float((answers == labels).mean()), "n": len(labels)}


def predict(engine: Engine, images: np.ndarray, watch: Watch = unwatched) -> np.ndarray:
    """(N, 32, 32) uint8 -> (N, 10) probabilities: a batch of all the engine's slots, the last one
    filled with nothing.
    """
    slots, output = engine.inputs[0], engine.outputs[0]
    answers = np.zeros((len(images), 10), np.float32)
    for start in watch(range(0, len(images), slots.shape[0])):
        some = images[start : start + slots.shape[0]]
        batch = np.zeros(slots.shape, np.uint8)
        batch[: len(some)] = some
        probabilities = engine.infer({slots.name: batch})[output.name]
        answers[start : start + len(some)] = probabilities[: len(some)]
    return answers


DIGITS = Evaluation(
    evaluate_digits_data,
    headline="accuracy",
    allowed_loss=0.001,
    int8_loss=0.003,
    learned=learned_by_name(name_of_digits),
)
