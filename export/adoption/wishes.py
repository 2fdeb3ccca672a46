"""What a person says of a network that somebody else made, where its file does not. Knows words,
no graph."""

from typing import NamedTuple

ORDERS = ("rgb", "bgr")
TASKS = ("segmentation", "classification", "tensors")


class Wishes(NamedTuple):
    """None or "": not said.

    task: one of TASKS.  size_wh: of the frames that go in.  mean, std: of each channel in the
    network's order; scale: a pixel, 0-255, counts as (pixel * scale - mean) / std.  order: one of
    ORDERS.  classes: a classes.json, a table's name or a number.  road: the class to drive on.
    answer: the output that holds it, by name.  frames: a source of golden frames.  license, origin:
    words for the card.
    """

    task: str = ""
    size_wh: tuple[int, int] | None = None
    mean: tuple[float, ...] | None = None
    std: tuple[float, ...] | None = None
    scale: float | None = None
    order: str = ""
    classes: str = ""
    road: str = ""
    answer: str = ""
    frames: str = ""
    license: str = ""
    origin: str = ""
