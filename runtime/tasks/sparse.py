"""The sparse-coding task: a frame to the codes of its patches and to the grey picture rebuilt from
them, denoised.

Knows letterboxing and that the graph ends in `code` and `rebuilt`; not how patches are coded.
"""

from typing import Any, Dict, NamedTuple

import cv2
import numpy as np

from catseye.runtime.draw import draw_text
from catseye.runtime.frame import Frame
from catseye.runtime.tasks.base import Result
from catseye.runtime.tasks.letterbox import Placement
from catseye.runtime.tasks.letterboxed import LetterboxedTask


class _SparseCode(NamedTuple):
    code: np.ndarray
    rebuilt: np.ndarray


class SparseCode(_SparseCode, Result):
    """code: (m, h, w) float32, the code of each patch at the model's size.  rebuilt: (H, W) uint8
    grey, frame size."""

    __slots__ = ()
    task = "sparse"

    @property
    def active(self) -> float:
        """Mean number of atoms that a patch uses."""
        return float(np.count_nonzero(self.code)) / (self.code.shape[1] * self.code.shape[2])

    def as_json(self) -> Dict[str, Any]:
        """Sizes, atoms used per patch, and in what share of the patches each of the ten busiest
        atoms is."""
        atoms, rows, columns = self.code.shape
        shares = (self.code != 0).mean((1, 2))
        busiest = np.argsort(-shares, kind="mergesort")[:10]
        return {
            "size": [self.rebuilt.shape[1], self.rebuilt.shape[0]],
            "atoms": atoms,
            "patches": [columns, rows],
            "active": round(self.active, 3),
            "busiest": {str(int(atom)): round(float(shares[atom]), 4) for atom in busiest},
        }

    def drawn_on(self, image: np.ndarray) -> np.ndarray:
        """The rebuilt picture, right half, over the frame in grey, left half; a line between
        them."""
        picture = cv2.cvtColor(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)
        middle = image.shape[1] // 2
        picture[:, middle:] = self.rebuilt[:, middle:, None]
        cv2.line(picture, (middle, 0), (middle, image.shape[0] - 1), (60, 220, 255), 2)
        for text, left in (
            ("camera", 8),
            ("rebuilt, %.1f atoms per patch" % self.active, middle + 8),
        ):
            draw_text(picture, text, (left, 8))
        return picture


class SparseTask(LetterboxedTask):
    """Letterboxes frames to the model's size and brings its rebuilt picture back to the frame's."""

    def parse(self, outputs: Dict[str, np.ndarray], frame: Frame) -> SparseCode:
        rebuilt = outputs["rebuilt"].reshape(self.size_wh[::-1])
        return SparseCode(outputs["code"][0], _grown(rebuilt, self.place_of(frame)))


def _grown(picture: np.ndarray, place: Placement) -> np.ndarray:
    """What lies inside the letterbox, at the frame's size; smoothly, because these are pixels and
    not class ids."""
    inside = picture[place.y : place.y + place.height, place.x : place.x + place.width]
    return cv2.resize(inside, place.frame_wh, interpolation=cv2.INTER_LINEAR)
