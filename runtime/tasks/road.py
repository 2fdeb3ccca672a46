"""The road task: a frame to a mask of the model's classes, and from the mask what steering needs.

Knows the card's class table and letterboxing; not how the network works.
"""

import functools
from typing import NamedTuple, Optional, Tuple

import cv2
import numpy as np

from catseye.runtime.classes import (
    CAMVID,
    LONGEST_NAME,
    NAMES,
    ROAD,
    VOID,
    ClassTable,
    Colour,
)
from catseye.runtime.draw import FONT
from catseye.runtime.errors import ModelFileError
from catseye.runtime.model_file.card import EXPORT_AGAIN, Card, Settings, spec_error
from catseye.runtime.model_file.golden import Bounds
from catseye.runtime.model_file.tensors import Arrays
from catseye.runtime.system.json_document import Fields, JsonObject, optional_text
from catseye.runtime.tasks.base import Result
from catseye.runtime.tasks.letterbox import Placement
from catseye.runtime.tasks.letterboxed import LetterboxedTask, size_wh_of

OPACITY = 0.5
WHITE = (255, 255, 255)
LETTERS = 0.42  # font scale of the legend
COLUMNS = 32  # columns of free distance in the JSON
BONNET = 0.25  # share of the rows that the car's own bonnet may hide at the bottom
SMOOTH_PX = 2.0  # how far the corridor's polygon may leave its rows
CONFIDENCE = "confidence"  # the name of the second output, where a model has one
TEMPERATURES = (0.05, 20.0)  # from the lowest to the highest
DOUBT = 0.8  # confidence below which a pixel is doubtful
# of 255, on average; half a level is what rounding makes of nothing
CONFIDENCE_LEVELS = {"fp32": 0.5, "fp16": 1.0, "int8": 8.0}


class _RoadMask(NamedTuple):
    mask: np.ndarray
    classes: ClassTable = CAMVID
    confidence: Optional[np.ndarray] = None


class RoadMask(_RoadMask, Result):
    """mask: (H, W) uint8 ids of `classes` at the frame's size.  confidence: (H, W) uint8, 0..255
    for 0..1: how probable it is that these are right; None from a model that does not tell.

    >>> mask = np.zeros((4, 5), np.uint8)  # sky
    >>> mask[2:, 1:4] = 3  # road
    >>> road = RoadMask(mask)
    >>> road.free_rows().tolist()
    [0, 2, 2, 2, 0]
    >>> road.corridor().tolist()
    [[-1, -1], [-1, -1], [1, 3], [1, 3]]
    >>> road.drawn_on(np.zeros((4, 5, 3), np.uint8)).shape
    (4, 5, 3)
    """

    __slots__ = ()
    task = "road"
    main_array = ids_array = "mask"
    opacity = OPACITY

    @property
    # here the model's card says it
    def legend(self) -> Tuple[Tuple[str, Colour], ...]:  # type: ignore[override]
        return tuple(zip(self.classes.names, self.classes.colours_rgb))

    def arrays(self) -> Arrays:
        # whose classes the card tells, and recordings keep the card
        found = {"mask": self.mask}
        return found if self.confidence is None else dict(found, confidence=self.confidence)

    def free_rows(self) -> np.ndarray:
        """(W,) int: rows of unbroken road upwards from the bottom of each column, the free distance
        in pixels."""
        blocked = self.mask[::-1] != self.classes.road  # (H, W), bottom row first
        return np.where(blocked.any(0), blocked.argmax(0), len(blocked))

    def corridor(self) -> np.ndarray:
        """(H, 2) int: first and last column of the ego corridor in each row, -1 where there is
        none.

        The corridor starts in the lowest row with road, a bonnet's height up at most, at the run
        nearest to the middle, and follows, row by row upwards, the run that overlaps the one below
        most: where the car can go without leaving the road.
        """
        height, width = self.mask.shape
        spans = np.full((height, 2), -1, np.int64)
        below, begun = np.array((width // 2, width // 2)), False
        for row in range(height - 1, -1, -1):
            runs = _runs(self.mask[row] == self.classes.road)
            if not len(runs):
                if begun or row < height * (1 - BONNET):
                    break
                continue
            overlap = np.minimum(runs[:, 1], below[1]) - np.maximum(runs[:, 0], below[0])
            if overlap.max() < 0 and begun:
                break
            below = spans[row] = runs[overlap.argmax()]
            begun = True
        return spans

    def corridor_polygon(self) -> np.ndarray:
        """(K, 2) int32 x, y: the corridor's outline, up its left side and down its right, within
        SMOOTH_PX."""
        spans = self.corridor()
        rows = np.flatnonzero(spans[:, 0] >= 0)
        left, right = (np.column_stack((spans[rows, side], rows)) for side in (0, 1))
        outline = np.concatenate((left[::-1], right)).astype(np.int32).reshape(-1, 1, 2)
        return cv2.approxPolyDP(outline, SMOOTH_PX, True)[:, 0] if len(outline) else outline[:, 0]

    def ahead(self) -> float:
        """Share of road, 0-1, in the box before the car: middle third of the columns, lower half of
        the rows."""
        return float(np.mean(self._before_the_car(self.mask) == self.classes.road))

    def doubtful(self) -> Optional[float]:
        """Share, 0-1, of the road in that box whose confidence is below DOUBT, 1 where there is no
        road; None where the model tells no confidence."""
        if self.confidence is None:
            return None
        road = self._before_the_car(self.mask) == self.classes.road
        unsure = self._before_the_car(self.confidence) < DOUBT * 255
        return float(np.mean(unsure[road])) if road.any() else 1.0

    def as_json(self) -> JsonObject:
        """Shares of the classes and of road ahead, free distance in COLUMNS columns as a share of
        the height; all 0-1.

        doubtful: of that road, null where the model does not tell.  corridor: its polygon in
        pixels, [x, y] each.
        """
        doubtful = self.doubtful()
        height, width = self.mask.shape
        shares = np.bincount(self.mask.ravel(), minlength=len(self.classes.names)) / self.mask.size
        middles = (np.arange(COLUMNS) + 0.5) * width / COLUMNS
        free = self.free_rows()[middles.astype(int)] / height
        return {
            "size": [width, height],
            "shares": {
                name: round(float(share), 4) for name, share in zip(self.classes.names, shares)
            },
            "ahead": round(self.ahead(), 4),
            "doubtful": None if doubtful is None else round(doubtful, 4),
            "free": [round(float(value), 3) for value in free],
            "corridor": self.corridor_polygon().tolist(),
        }

    def uncertainty(self, before: Optional[Result]) -> float:
        """Share of the pixels that the model is not sure of; from one that does not tell, of those
        that changed their class since the result before."""
        if self.confidence is not None:
            return float(np.mean(self.confidence < DOUBT * 255))
        if not isinstance(before, RoadMask) or before.mask.shape != self.mask.shape:
            return 0.0
        return float(np.count_nonzero(self.mask != before.mask)) / self.mask.size

    def layer(self, image: np.ndarray) -> np.ndarray:
        """The classes in their colours, with the corridor."""
        picture = self._colours()
        _draw_corridor(picture, self.corridor())
        return picture

    def drawn_on(self, image: np.ndarray) -> np.ndarray:
        picture = cv2.addWeighted(image, 1 - OPACITY, self._colours(), OPACITY, 0)
        _draw_corridor(picture, self.corridor())
        _draw_legend(picture, np.unique(self.mask), self.classes)
        return picture

    def doubt_layer(self) -> Optional[np.ndarray]:
        """The confidence from 255, sure, down to 0 as heat."""
        if self.confidence is None:
            return None
        return cv2.applyColorMap(255 - self.confidence, cv2.COLORMAP_INFERNO)

    def _before_the_car(self, array: np.ndarray) -> np.ndarray:
        """The middle third of the columns, the lower half of the rows."""
        height, width = array.shape
        return array[height // 2 :, width // 3 : width - width // 3]

    def _colours(self) -> np.ndarray:
        palette = palette_bgr(self.classes)
        # many times faster than palette[mask]
        return cv2.LUT(cv2.merge([self.mask] * 3), palette[None])


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
        names = [self.output_name] + [CONFIDENCE] * self.is_confident
        found = [kept.undo(outputs[name].reshape(self.size_wh[::-1])) for name in names]
        return RoadMask(found[0], self.classes, *found[1:])


def class_table(card: Card) -> ClassTable:
    """The classes of a road model; the road is the one that its settings name, else `Road`."""
    road = card.settings.road if isinstance(card.settings, RoadSettings) else None
    wanted = road or NAMES[ROAD]
    place = card.classes.index(wanted) if wanted in card.classes else VOID
    return ClassTable(card.classes, card.colours_rgb, place)


@functools.lru_cache(maxsize=None)
def palette_bgr(classes: ClassTable) -> np.ndarray:
    """(256, 3) uint8 BGR by class id; what is no class is black."""
    palette = np.zeros((256, 3), np.uint8)
    palette[: len(classes.names)] = np.array(classes.colours_rgb)[:, ::-1]
    return palette


def _runs(flags: np.ndarray) -> np.ndarray:
    """(W,) bool -> (R, 2) int: first and last index of each run of True."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], flags, [False])).astype(np.int8)))
    return edges.reshape(-1, 2) - (0, 1)


def _draw_corridor(picture: np.ndarray, spans: np.ndarray) -> None:
    rows = np.flatnonzero(spans[:, 0] >= 0)
    for side in (0, 1):
        line = np.column_stack((spans[rows, side], rows)).astype(np.int32)
        cv2.polylines(picture, [line.reshape(-1, 1, 2)], False, (60, 220, 255), 2, cv2.LINE_AA)


def _draw_legend(picture: np.ndarray, ids: np.ndarray, classes: ClassTable) -> None:
    """Name and colour of the classes in the picture, on a dark panel top left."""
    known = [int(i) for i in ids if i < len(classes.names)]
    widest = max([80] + [cv2.getTextSize(classes.names[i], FONT, LETTERS, 1)[0][0] for i in known])
    panel = picture[: 8 + 16 * len(known), : 24 + widest]
    panel[:] = panel // 3
    for line, class_id in enumerate(known):
        top = 6 + 16 * line
        cv2.rectangle(picture, (6, top), (18, top + 12), classes.colours_rgb[class_id][::-1], -1)
        cv2.putText(
            picture, classes.names[class_id], (24, top + 11), FONT, LETTERS, WHITE, 1, cv2.LINE_AA
        )
