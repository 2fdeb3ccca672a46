"""Comparing results frame by frame: a recording with its replay, or two models on the same frames.

Knows results and their arrays; not which model gave them, nor where frames come from.
"""

from typing import Dict, List, NamedTuple, Optional, Sequence, Type

import cv2
import numpy as np

from catseye.runtime.draw import draw_text
from catseye.runtime.errors import ModelFileError
from catseye.runtime.evaluation.metrics import ConfusionMatrix
from catseye.runtime.model_file.card import PRECISIONS, Card
from catseye.runtime.model_file.golden import Bounds, compare
from catseye.runtime.model_file.tensors import Arrays
from catseye.runtime.recording.entry import digest_of
from catseye.runtime.system.json_document import JsonObject
from catseye.runtime.tasks import Result, bounds_of

DIFFERENT_BGR = (60, 60, 255)
SHARE = 1e-3
# of results of frames that were recorded with loss
AGREEMENT, LOSSY_SHARE, LEVELS = 0.9, 0.25, 20.0


class FrameComparison(NamedTuple):
    """One frame. same: bit-identical.  agreement: share of equal elements (class ids, labels, grey
    values), 0-1.  ok: the same, or within what was allowed.  camera: whose frame, "" for a lone one
    without a name."""

    index: int  # type: ignore[assignment]  # hides tuple.index, which nobody asks of a comparison
    same: bool
    agreement: float
    ok: bool
    camera: str = ""

    def as_json(self) -> JsonObject:
        return dict(self._asdict(), camera=self.camera or None)


class Comparison:
    """Sums frame comparisons up; for road also the IoU of each class between the two, the first one
    taken for truth."""

    def __init__(
        self, result: Type[Result], classes: Sequence[str], allowed: Optional[Bounds] = None
    ) -> None:
        """result: the type of the results.  classes: what the ids of its masks mean, where it has
        any.  allowed: what they may differ by; None: by nothing."""
        self.result, self.names, self.allowed = result, classes, allowed
        self.frames: List[FrameComparison] = []
        self._confusion = ConfusionMatrix(len(classes))

    def add(self, index: int, one: Arrays, other: Arrays, camera: str = "") -> FrameComparison:
        """Both are what `Result.arrays` gave for one frame."""
        same = digest_of(one) == digest_of(other)
        ok = same or (self.allowed is not None and _within(self.allowed, one, other))
        frame = FrameComparison(index, same, agreement(self.result, one, other), ok, camera)
        self.frames.append(frame)
        ids = self.result.ids_array
        if ids and one[ids].shape == other[ids].shape:
            self._confusion.add(one[ids], other[ids])
        return frame

    @property
    def same(self) -> bool:
        return all(frame.same for frame in self.frames)

    @property
    def ok(self) -> bool:
        return all(frame.ok for frame in self.frames)

    @property
    def agreement(self) -> float:
        """Mean over the frames, 0-1."""
        return float(np.mean([frame.agreement for frame in self.frames]))

    def classes(self) -> Optional[Dict[str, Optional[float]]]:
        """IoU by class name between the two; None for a task without classes."""
        return self._confusion.report(self.names) if self.result.ids_array else None

    def as_json(self) -> JsonObject:
        return {
            "task": self.result.task,
            "frames": len(self.frames),
            "same": sum(frame.same for frame in self.frames),
            "identical": self.same,
            "ok": self.ok,
            "allowed": self.allowed and dict(self.allowed._asdict()),
            "agreement": self.agreement,
            "classes": self.classes(),
            "per_frame": [frame.as_json() for frame in self.frames],
        }


def bounds_between_computers(card: Card, precisions: Sequence[str]) -> Bounds:
    """What the results of one model may differ by from one computer to another, which add up in
    another order: the bounds of the coarsest of these precisions and the card's.

    Numbers that a result derives, such as a score, have a size of their own: SHARE of it is
    allowed. Raises ModelFileError for a task that nobody here knows.
    """
    known = [card.precision] + [each for each in precisions if each in PRECISIONS]
    bounds = bounds_of(card._replace(precision=max(known, key=PRECISIONS.index)))
    return bounds._replace(share=max(bounds.share, SHARE))


def bounds_of_lossy_frames(card: Card, precisions: Sequence[str]) -> Bounds:
    """What the results may differ by where the frames were recorded with loss: a tenth of the ids,
    a quarter of the numbers, LEVELS of grey. By benchmarks/record.py JPEG of quality 85 changes
    1 % of road-nano's mask at most, H.264 of quality 48 4 %. Raises as
    `bounds_between_computers` does."""
    bounds = bounds_between_computers(card, precisions)
    levels = {name: max(level, LEVELS) for name, level in bounds.levels.items()}
    return bounds._replace(
        agreement=min(bounds.agreement, AGREEMENT),
        share=max(bounds.share, LOSSY_SHARE),
        levels=levels,
    )


def _within(bounds: Bounds, one: Arrays, other: Arrays) -> bool:
    """Whether every array keeps the bounds; another shape never does."""
    if {name: each.shape for name, each in one.items()} != {
        name: each.shape for name, each in other.items()
    }:
        return False
    filled = {name: each for name, each in one.items() if each.size}
    return all(difference.ok for difference in compare([filled], [other], bounds))


def agreement(result: Type[Result], one: Arrays, other: Arrays) -> float:
    """Share of equal elements of what the task compares; 0 where the two differ in number."""
    first, second = result.compared(one), result.compared(other)
    if first.shape != second.shape:
        return 0.0
    return float(np.mean(first == second)) if first.size else 1.0


def check_alike(result: Type[Result], recorded: Arrays, computed: Arrays, where: str) -> None:
    """Raise ModelFileError, which says `where`, unless the recorded arrays are those of such a
    result."""
    kinds = [
        {
            # an older recording has a single number as a list of one
            name: (each.dtype.name, each.shape if name == result.ids_array else max(1, each.ndim))
            for name, each in arrays.items()
        }
        for arrays in (recorded, computed)
    ]
    if kinds[0] != kinds[1]:
        found, expected = (
            ", ".join("%s %s %s" % (name, *kind) for name, kind in sorted(each.items()))
            for each in kinds
        )
        raise ModelFileError("%s holds %.200s" % (where, found), expected, "record it again")
    try:
        result.from_arrays(recorded)
    except ValueError as error:
        raise ModelFileError(
            "%s holds no result (%s)" % (where, error), result.task, "record it again"
        )


def picture_of_difference(
    result: Type[Result], image: np.ndarray, one: Arrays, other: Arrays
) -> np.ndarray:
    """(H, 2 W or 3 W, 3) uint8 BGR: both results over the frame; for a mask also where they differ,
    in red."""
    panels = [result.from_arrays(arrays).drawn_on(image) for arrays in (one, other)]
    words = ["first", "second"]
    ids = result.ids_array
    if ids and one[ids].shape == other[ids].shape:
        where = one[ids] != other[ids]  # (H, W)
        grey = cv2.cvtColor(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY) // 2, cv2.COLOR_GRAY2BGR)
        grey[where] = DIFFERENT_BGR
        panels.append(grey)
        words.append("%.2f %% of the pixels differ" % (100 * where.mean()))
    for panel, word in zip(panels, words):
        draw_text(panel, word, (0, panel.shape[0] - 22))
    return np.hstack(panels)
