"""Calibration frames: what a model sees at work, brought to its inputs exactly as the runtime does
it.

From a data set (what the task's `--data` takes, or "demo"), of which the training part is taken, or
from anything that `run --source` takes: a folder of pictures, a video, a recording. Every third
frame is held out: ranges are measured on the others, and chosen by what they do to these.
"""

import os
from collections.abc import Iterator
from typing import NamedTuple

from catseye.export.graphs import GRAPHS
from catseye.export.sampling import FRAMES, evenly_spread
from catseye.runtime.errors import CatseyeError
from catseye.runtime.model_file.card import Card
from catseye.runtime.model_file.tensors import Arrays
from catseye.runtime.sources import open_source
from catseye.runtime.tasks import open_task


class Calibration(NamedTuple):
    """data: the labelled data set the frames came from, "" where they have no labels.  Frames are a
    graph's inputs."""

    description: str
    data: str
    frames: list[Arrays]
    held_out: list[Arrays]


def calibration_from(text: str, card: Card) -> Calibration:
    """The frames that `text` names, for the model of `card`; at most FRAMES, evenly spread over
    what is there. Raises CatseyeError where those are fewer than three."""
    graph = GRAPHS.get(card.task)  # None: a network of somebody else's, without data of ours
    data_set = graph.data_set_name(text) if graph else ""
    inputs = _source_inputs(text, card)
    if graph and data_set:
        inputs = graph.calibration_inputs(text, card)
    spread = evenly_spread(inputs)
    if len(spread) < 3:
        raise CatseyeError(
            f"{len(spread)} calibration frames in {text}", f"3 to {FRAMES}", "name another folder"
        )
    frames = [each for index, each in enumerate(spread) if index % 3 != 2]
    name = f"{data_set} train" if data_set else os.path.basename(os.path.normpath(text))
    return Calibration(
        f"{name}, {len(frames)} frames", text if data_set else "", frames, spread[2::3]
    )


def _source_inputs(text: str, card: Card) -> Iterator[Arrays]:
    task = open_task(card)
    with open_source(text) as source:
        if source.live:
            raise CatseyeError(
                f"live source {text} for calibration", "a recording, video or folder of pictures"
            )
        for frame in source:
            yield task.prepare(frame)[0]
