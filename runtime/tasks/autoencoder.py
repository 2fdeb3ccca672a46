"""The autoencoder's task: a frame to how badly each of its patches is rebuilt, and how unfamiliar
it is as a whole.

Knows letterboxing and that the graph ends in `error` and `activity`; what is familiar stands in the
card.
"""

from typing import NamedTuple, Tuple

import cv2
import numpy as np

from catseye.runtime.draw import draw_text, enlarged, laid_over
from catseye.runtime.health.out_of_distribution import (
    Reference,
    out_of_distribution_score,
    profile_of,
    reference_from_fields,
)
from catseye.runtime.model_file.card import Card, Settings, check_outputs
from catseye.runtime.model_file.tensors import Arrays, TensorSpec
from catseye.runtime.system.json_document import Fields, JsonObject
from catseye.runtime.tasks.base import Result
from catseye.runtime.tasks.letterbox import Placement
from catseye.runtime.tasks.letterboxed import LetterboxedTask, size_wh_of

WORST_SHOWN = 0.5  # rebuild error that is drawn as the hottest


MOST_PATCH, MOST_UNITS, MOST_KNOWN = 256, 4096, 64


class _Rebuild(NamedTuple):
    error: np.ndarray
    activity: np.ndarray
    score: float


class Rebuild(_Rebuild, Result):
    """How well a frame is rebuilt.

    error: (h, w) float32, ||x - h(x)||^2 of each patch inside the frame, 0: perfectly.  activity:
    (units,) float32, mean activation, flat patches counting as nothing.  score: how unfamiliar the
    frame is, 0-1, above 0.5 nothing that was seen is like it.
    """

    __slots__ = ()
    task = "autoencoder"
    main_array = "error"
    opacity = 0.5

    def arrays(self) -> Arrays:
        return {"error": self.error, "activity": self.activity, "score": np.array(self.score)}

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> "Rebuild":
        return cls(arrays["error"], arrays["activity"], arrays["score"].item())

    def as_json(self) -> JsonObject:
        """The score, mean and p95 of the rebuild error, patches across and down, the units' mean
        activation."""
        rows, columns = self.error.shape
        return {
            "unfamiliar": round(self.score, 3),
            "error": round(float(self.error.mean()), 4),
            "error_p95": round(float(np.percentile(self.error, 95)), 4),
            "patches": [columns, rows],
            "activity": round(float(self.activity.mean()), 4),
        }

    def layer(self, size_wh: Tuple[int, int]) -> np.ndarray:
        """The rebuild error as heat, from black to bright."""
        return enlarged(self._heat(), size_wh)

    def drawn_on(self, image: np.ndarray) -> np.ndarray:
        picture = laid_over(image, self._heat(), self.opacity)
        words = "unfamiliar %.2f, rebuild error %.3f" % (self.score, self.error.mean())
        draw_text(picture, words, (8, 8))
        return picture

    def _heat(self) -> np.ndarray:
        """(rows, columns, 3) uint8 BGR: one pixel for each patch."""
        levels = np.clip(255 / WORST_SHOWN * self.error, 0, 255).astype(np.uint8)
        return cv2.applyColorMap(levels, cv2.COLORMAP_HOT)


class _AutoencoderSettings(NamedTuple):
    patch: int
    stride: int
    units: int
    known: Tuple[Reference, ...]


class AutoencoderSettings(_AutoencoderSettings, Settings):
    """patch: side of a patch.  stride: pixels between patches.  units: hidden ones.  known: the
    sets of frames that others are held against."""

    __slots__ = ()

    def as_json(self) -> JsonObject:
        return dict(self._asdict(), known=[reference.as_json() for reference in self.known])


class AutoencoderTask(LetterboxedTask):
    """Letterboxes frames to the model's size and keeps the patches that lie inside the frame."""

    result = Rebuild

    def __init__(self, card: Card) -> None:
        super().__init__(card)
        assert isinstance(card.settings, AutoencoderSettings)
        self.patch, self.stride = card.settings.patch, card.settings.stride
        self.known = card.settings.known

    @classmethod
    def read_settings(cls, fields: Fields) -> AutoencoderSettings:
        units = fields.integer("units", 1, MOST_UNITS)
        known = fields.objects("known", least=1, most=MOST_KNOWN)
        return AutoencoderSettings(
            patch=fields.integer("patch", 1, MOST_PATCH),
            stride=fields.integer("stride", 1, MOST_PATCH),
            units=units,
            known=tuple(reference_from_fields(one, 1 + units) for one in known),
        )

    @classmethod
    def check(cls, card: Card, name: str) -> None:
        super().check(card, name)
        settings, (width, height) = card.settings, size_wh_of(card)
        assert isinstance(settings, AutoencoderSettings)
        rows, columns = ((side - settings.patch) // settings.stride + 1 for side in (height, width))
        error = TensorSpec("error", (1, rows, columns), np.dtype(np.float32))
        activity = TensorSpec("activity", (1, settings.units), np.dtype(np.float32))
        check_outputs(card, (error, activity), name)

    def parse(self, outputs: Arrays, kept: Placement) -> Rebuild:
        error = inside_frame(outputs["error"][0], kept, self.patch, self.stride)
        activity = outputs["activity"][0] / share_of_box(kept, self.size_wh)
        profile = profile_of(error, activity)
        return Rebuild(error, activity, out_of_distribution_score(profile, self.known))


def inside_frame(error: np.ndarray, place: Placement, patch: int, stride: int) -> np.ndarray:
    """(h, w) of all patches of the box -> (h', w') of those wholly inside the frame there; one at
    least."""

    def inside(start: int, length: int) -> slice:
        first, last = -(-start // stride), (start + length - patch) // stride
        return slice(first, max(first, last) + 1)

    return error[inside(place.y, place.height), inside(place.x, place.width)]


def share_of_box(place: Placement, size_wh: Tuple[int, int]) -> float:
    """How much of the box the frame fills, 0-1: what lies beside it is flat and adds nothing to the
    activity."""
    return place.width * place.height / float(size_wh[0] * size_wh[1])
