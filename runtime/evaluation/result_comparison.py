"""Comparing results frame by frame: a recording with its replay, or two models on the same frames.

Knows results and their arrays; not which model gave them, nor where frames come from.
"""

from typing import Dict, List, NamedTuple, Optional, Sequence, Type

import cv2
import numpy as np

from catseye.runtime.draw import draw_text
from catseye.runtime.errors import ModelFileError
from catseye.runtime.evaluation.metrics import ConfusionMatrix
from catseye.runtime.model_file.tensors import Arrays
from catseye.runtime.recording.log import digest_of
from catseye.runtime.system.json_document import JsonObject
from catseye.runtime.tasks import Result

DIFFERENT_BGR = (60, 60, 255)


class FrameComparison(NamedTuple):
    """One frame. same: bit-identical.  agreement: share of equal elements (class ids, labels, grey
    values), 0-1."""

    index: int  # type: ignore[assignment]  # hides tuple.index, which nobody asks of a comparison
    same: bool
    agreement: float

    def as_json(self) -> JsonObject:
        return dict(self._asdict())


class Comparison:
    """Sums frame comparisons up; for road also the IoU of each class between the two, the first one
    taken for truth."""

    def __init__(self, result: Type[Result], classes: Sequence[str]) -> None:
        """result: the type of the results.  classes: what the ids of its masks mean, where it has
        any."""
        self.result, self.names = result, classes
        self.frames: List[FrameComparison] = []
        self._confusion = ConfusionMatrix(len(classes))

    def add(self, index: int, one: Arrays, other: Arrays) -> FrameComparison:
        """Both are what `Result.arrays` gave for one frame."""
        frame = FrameComparison(
            index, digest_of(one) == digest_of(other), agreement(self.result, one, other)
        )
        self.frames.append(frame)
        ids = self.result.ids_array
        if ids and one[ids].shape == other[ids].shape:
            self._confusion.add(one[ids], other[ids])
        return frame

    @property
    def same(self) -> bool:
        return all(frame.same for frame in self.frames)

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
            "agreement": self.agreement,
            "classes": self.classes(),
            "per_frame": [frame.as_json() for frame in self.frames],
        }


def agreement(result: Type[Result], one: Arrays, other: Arrays) -> float:
    """Share of equal elements of the task's main array; 0 where the two differ in number."""
    field = result.main_array
    if one[field].shape != other[field].shape:
        return 0.0
    return float(np.mean(one[field] == other[field])) if one[field].size else 1.0


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
