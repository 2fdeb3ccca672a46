"""The road task: a frame to a mask of the model's classes.

Knows the card's class table and letterboxing; not how the network works, nor what the mask tells
(`road_mask`).
"""

from typing import NamedTuple, Optional

import numpy as np

from catseye.runtime.classes import LONGEST_NAME, NAMES, ROAD, VOID, ClassTable
from catseye.runtime.errors import ModelFileError
from catseye.runtime.geometry.camera_model import CameraModel
from catseye.runtime.geometry.ground_view import GroundView
from catseye.runtime.model_file.card import EXPORT_AGAIN, Card, Settings, spec_error
from catseye.runtime.model_file.golden import Bounds
from catseye.runtime.model_file.tensors import Arrays
from catseye.runtime.system.json_document import Fields, JsonObject, optional_text
from catseye.runtime.tasks.letterbox import Placement
from catseye.runtime.tasks.letterboxed import LetterboxedTask, size_wh_of
from catseye.runtime.tasks.road_mask import CAMERA, RoadMask

CONFIDENCE = "confidence"  # the name of the second output, where a model has one
TEMPERATURES = (0.05, 20.0)  # from the lowest to the highest
# of 255, on average; half a level is what rounding makes of nothing
CONFIDENCE_LEVELS = {"fp32": 0.5, "fp16": 1.0, "int8": 8.0}


class _RoadSettings(NamedTuple):
    road: Optional[str] = None
    temperature: Optional[float] = None


class RoadSettings(_RoadSettings, Settings):
    """road: the class to drive on, where the classes are not CamVid's; None: the one called Road.
    temperature: what the graph divides its logits by before they are probabilities; None where it
    tells none."""

    __slots__ = ()

    def as_json(self) -> JsonObject:
        return {name: value for name, value in self._asdict().items() if value is not None}


class RoadTask(LetterboxedTask):
    """Letterboxes frames to the model's size and brings its mask back to the frame's, and its
    confidence, where the model has that output."""

    result = RoadMask

    def __init__(self, card: Card) -> None:
        super().__init__(card)
        self.output_name = card.outputs[0].name
        self.classes = class_table(card)
        self.is_confident = any(spec.name == CONFIDENCE for spec in card.outputs)
        self._camera: Optional[CameraModel] = None
        self._speed_mps: Optional[float] = None
        self._shown = CAMERA
        self._view: Optional[GroundView] = None

    def look_through(
        self, camera: CameraModel, speed_mps: Optional[float] = None, shown: str = CAMERA
    ) -> None:
        """From now on the frames are this camera's, and results are told in metres too. speed_mps:
        of the vehicle, None where nobody tells.  shown: what results draw, one of VIEWS."""
        self._camera, self._speed_mps, self._shown, self._view = camera, speed_mps, shown, None

    @classmethod
    def read_settings(cls, fields: Fields) -> RoadSettings:
        has = fields.has("temperature")
        return RoadSettings(
            optional_text(fields, "road", LONGEST_NAME),
            fields.number("temperature", *TEMPERATURES) if has else None,
        )

    @classmethod
    def check(cls, card: Card, name: str) -> None:
        """Raises ModelFileError too for a mask of another size or type, and for classes without
        colours."""
        super().check(card, name)
        width, height = size_wh_of(card)
        named = [spec for spec in card.outputs[1:] if spec.name == CONFIDENCE]
        for spec in (card.outputs[0], *named):
            if spec.shape != (1, height, width) or spec.dtype != np.uint8:
                raise spec_error(spec, "outputs", "uint8 [1, %d, %d]" % (height, width), name)
        if not card.classes or len(card.classes) != len(card.colours_rgb):
            raise ModelFileError(
                "card.classes of %s has %d names and card.colours_rgb %d"
                % (name, len(card.classes), len(card.colours_rgb)),
                "a colour for each of 1 to %d classes" % (VOID - 1),
                EXPORT_AGAIN,
            )

    @classmethod
    def bounds(cls, precision: str) -> Bounds:
        return super().bounds(precision)._replace(levels={CONFIDENCE: CONFIDENCE_LEVELS[precision]})

    def parse(self, outputs: Arrays, kept: Placement) -> RoadMask:
        mask = self._inside(outputs[self.output_name], kept)
        confidence = self._inside(outputs[CONFIDENCE], kept) if self.is_confident else None
        view = self._view_of(kept)
        told = (kept.frame_wh, view, self._speed_mps, self._shown)
        return RoadMask(mask, self.classes, confidence, *told)

    def _view_of(self, kept: Placement) -> Optional[GroundView]:
        """The ground in frames that lie like this one, worked out for the first of them. Raises
        CatseyeError where the camera model is not of such frames."""
        if self._camera is None:
            return None
        if self._view is None or self._view.frame_wh != kept.frame_wh:
            mask_wh = (kept.width, kept.height)
            self._view = GroundView(self._camera, kept.frame_wh, mask_wh)
        return self._view

    def _inside(self, array: np.ndarray, kept: Placement) -> np.ndarray:
        """(1, H, W) of the model -> (h, w): what shows the frame."""
        return kept.inside(array.reshape(self.size_wh[::-1]))


def class_table(card: Card) -> ClassTable:
    """The classes of a road model; the road is the one that its settings name, else `Road`."""
    road = card.settings.road if isinstance(card.settings, RoadSettings) else None
    wanted = road or NAMES[ROAD]
    place = card.classes.index(wanted) if wanted in card.classes else VOID
    return ClassTable(card.classes, card.colours_rgb, place)
