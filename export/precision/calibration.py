"""Calibration frames: what a model sees at work, brought to its inputs exactly as the runtime does
it.

From a data set (what the task's `--data` takes, or "demo"), of which the training part is taken, or
from anything that `run --source` takes: a folder of pictures, a video, a recording. Every third
frame is held out: ranges are measured on the others, and chosen by what they do to these.
"""

import os
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple, TypeVar

import cv2
import numpy as np

from catseye.runtime.datasets import DEMO
from catseye.runtime.datasets.bsds import read_photographs
from catseye.runtime.datasets.mnist import read_digits
from catseye.runtime.datasets.road import open_road_data, road_samples
from catseye.runtime.errors import CatseyeError
from catseye.runtime.frame import Frame, now_ns
from catseye.runtime.model_file.golden import Arrays
from catseye.runtime.sources import open_source
from catseye.runtime.tasks import open_task

FRAMES = 48  # of which a third is held out
# the folder of each; road has many layouts, gan wants none
DATA_SETS = {"digits": "mnist", "sparse": "bsds", "autoencoder": "bsds"}

Item = TypeVar("Item")


class Calibration(NamedTuple):
    """data: the labelled data set the frames came from, "" where they have no labels.  Frames are a
    graph's inputs."""

    description: str
    data: str
    frames: list[Arrays]
    held_out: list[Arrays]


def calibration_from(text: str, card: dict[str, Any]) -> Calibration:
    """The frames that `text` names, for the model of `card`; at most FRAMES, evenly spread over
    what is there."""
    data_set = _data_set_name(text, card["task"])
    inputs = _data_set_inputs(text, card) if data_set else _source_inputs(text, card)
    spread = evenly_spread(inputs, FRAMES)
    if len(spread) < 3:
        raise CatseyeError(
            f"{len(spread)} calibration frames in {text}", f"3 to {FRAMES}", "name another folder"
        )
    frames = [each for index, each in enumerate(spread) if index % 3 != 2]
    name = f"{data_set} train" if data_set else os.path.basename(os.path.normpath(text))
    return Calibration(
        f"{name}, {len(frames)} frames", text if data_set else "", frames, spread[2::3]
    )


def _data_set_name(text: str, task: str) -> str:
    """What the labelled data set in `text` is called, "" where it is none that the task's reader
    knows."""
    if text == DEMO:
        return DEMO
    if task != "road":
        name = DATA_SETS.get(task, "")
        return name if os.path.isdir(os.path.join(text, name)) else ""
    try:
        return open_road_data(text).name
    except CatseyeError:
        return ""


def evenly_spread(items: Iterable[Item], number: int) -> list[Item]:
    """At most `number` items at equal distances, from a sequence whose length is only known at its
    end."""
    kept: list[Item] = []
    stride = 1
    for index, item in enumerate(items):
        if index % stride == 0:
            kept.append(item)
        if len(kept) > number:
            kept, stride = kept[::2], 2 * stride
    return kept


def _source_inputs(text: str, card: dict[str, Any]) -> Iterator[Arrays]:
    task = open_task(card)
    with open_source(text) as source:
        if source.live:
            raise CatseyeError(
                f"live source {text} for calibration", "a recording, video or folder of pictures"
            )
        for frame in source:
            yield task.prepare(frame)


def _data_set_inputs(data: str, card: dict[str, Any]) -> Iterator[Arrays]:
    if card["task"] == "digits":
        yield from _digit_slots(data, card)
        return
    task = open_task(card)
    for index, image in enumerate(_data_set_images(data, card["task"])):
        yield task.prepare(Frame(image, index, now_ns()))


def _data_set_images(data: str, task: str) -> Iterator[np.ndarray]:
    """(H, W, 3) uint8 BGR."""
    if task == "road":
        yield from (
            sample.read()[0] for sample in evenly_spread(road_samples(data, "train"), FRAMES)
        )
    else:
        yield from (
            cv2.cvtColor(photo.image, cv2.COLOR_GRAY2BGR)
            for photo in read_photographs(data, "train")
        )


def _digit_slots(data: str, card: dict[str, Any]) -> Iterator[Arrays]:
    """Batches of as many digits as the model has slots, every one filled."""
    spec = card["inputs"][0]
    images, slots = read_digits(data, "train").images, spec["shape"][0]
    for start in range(0, len(images) - slots + 1, slots):
        yield {spec["name"]: images[start : start + slots]}
