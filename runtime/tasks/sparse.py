"""The sparse-coding task: a frame to the codes of its patches and to the grey picture rebuilt from
them, denoised.

Knows letterboxing and that the graph ends in `code` and `rebuilt`; not how patches are coded.
"""

import base64
from typing import NamedTuple

import cv2
import numpy as np

from catseye.runtime.draw import ACCENT, draw_text
from catseye.runtime.model_file.card import Card, Settings, check_outputs
from catseye.runtime.model_file.golden import PICTURE_LEVELS, Bounds
from catseye.runtime.model_file.tensors import Arrays, TensorSpec
from catseye.runtime.system.json_document import Fields, JsonObject
from catseye.runtime.tasks.base import Result
from catseye.runtime.tasks.letterbox import Placement
from catseye.runtime.tasks.letterboxed import LetterboxedTask, size_wh_of

SCALES = ("norm", "noise")
MOST_PATCH, MOST_ATOMS = 256, 65536
# times the usual share: a threshold takes most of a coefficient away, but not of its error
CODE_SHARE = 2.0


class _SparseCode(NamedTuple):
    code: np.ndarray
    rebuilt: np.ndarray


class SparseCode(_SparseCode, Result):
    """code: (m, h, w) float32, the code of each patch at the model's size.  rebuilt: (H, W) uint8
    grey, frame size."""

    __slots__ = ()
    task = "sparse"
    main_array = "rebuilt"

    @property
    def active(self) -> float:
        """Mean number of atoms that a patch uses."""
        return float(np.count_nonzero(self.code)) / (self.code.shape[1] * self.code.shape[2])

    def as_json(self) -> JsonObject:
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
        cv2.line(picture, (middle, 0), (middle, image.shape[0] - 1), ACCENT, 2)
        draw_text(picture, "camera", (8, 8))
        draw_text(picture, "rebuilt, %.1f atoms per patch" % self.active, (middle + 8, 8))
        return picture


class _SparseSettings(NamedTuple):
    patch: int
    stride: int
    alpha: float
    atoms: int
    iterations: int
    floor: float
    dictionary: bytes
    scale: str = SCALES[0]


class SparseSettings(_SparseSettings, Settings):
    """How the coder works.

    patch: side of a patch, n = patch^2.  stride: pixels between patches.  alpha: weight of the
    1-norm.  atoms: m.  iterations: of LISTA.  floor: least norm, grey in 0-1, that a patch is
    divided by.  dictionary: W_d (n, m) as little-endian float32, row by row.  scale: what patches
    are divided by, "norm" or "noise".
    """

    __slots__ = ()

    def as_json(self) -> JsonObject:
        return dict(self._asdict(), dictionary=base64.b64encode(self.dictionary).decode("ascii"))

    def patches_along(self, side: int) -> int:
        """Patches along so many pixels, the last of which reach beyond them."""
        return -(-(side - self.patch) // self.stride) + 1

    def dictionary_matrix(self) -> np.ndarray:
        """W_d, (n, m) float32 with columns of norm 1."""
        return np.frombuffer(self.dictionary, "<f4").reshape(self.patch**2, self.atoms)


class SparseTask(LetterboxedTask):
    """Letterboxes frames to the model's size and brings its rebuilt picture back to the frame's."""

    result = SparseCode

    def __init__(self, card: Card) -> None:
        super().__init__(card)
        assert isinstance(card.settings, SparseSettings)
        self.settings = card.settings

    @classmethod
    def read_settings(cls, fields: Fields) -> SparseSettings:
        patch = fields.integer("patch", 1, MOST_PATCH)
        atoms = fields.integer("atoms", 1, MOST_ATOMS)
        return SparseSettings(
            patch=patch,
            stride=fields.integer("stride", 1, MOST_PATCH),
            alpha=fields.number("alpha", 0.0),
            atoms=atoms,
            iterations=fields.integer("iterations", 0, 1 << 16),
            floor=fields.number("floor", 0.0),
            dictionary=fields.float32("dictionary", patch**2 * atoms),
            scale=fields.text("scale", among=SCALES) if fields.has("scale") else SCALES[0],
        )

    @classmethod
    def check(cls, card: Card, name: str) -> None:
        super().check(card, name)
        settings, (width, height) = card.settings, size_wh_of(card)
        assert isinstance(settings, SparseSettings)
        rows, columns = settings.patches_along(height), settings.patches_along(width)
        code = TensorSpec("code", (1, settings.atoms, rows, columns), np.dtype(np.float32))
        rebuilt = TensorSpec("rebuilt", (1, height, width), np.dtype(np.uint8))
        check_outputs(card, (code, rebuilt), name)

    @classmethod
    def bounds(cls, precision: str) -> Bounds:
        usual = super().bounds(precision)
        levels = {"rebuilt": PICTURE_LEVELS[precision]}
        return usual._replace(share=CODE_SHARE * usual.share, levels=levels)

    def parse(self, outputs: Arrays, kept: Placement) -> SparseCode:
        rebuilt = outputs["rebuilt"].reshape(self.size_wh[::-1])
        return SparseCode(outputs["code"][0], _grown(rebuilt, kept))


def _grown(picture: np.ndarray, place: Placement) -> np.ndarray:
    """What lies inside the letterbox, at the frame's size; smoothly, because these are pixels and
    not class ids."""
    inside = picture[place.y : place.y + place.height, place.x : place.x + place.width]
    return cv2.resize(inside, place.frame_wh, interpolation=cv2.INTER_LINEAR)
