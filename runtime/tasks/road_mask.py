"""The mask of a road model: the class of every pixel of a frame, and from it what steering needs.

Knows the class table and the ground under the mask; neither the network nor how a frame was shrunk.
"""

import functools
from typing import NamedTuple, Optional, Tuple

import cv2
import numpy as np

from catseye.runtime.classes import CAMVID, ClassTable, Colour
from catseye.runtime.draw import ACCENT, FONT, WHITE, enlarged, laid_over, sources_of
from catseye.runtime.geometry.birdseye import beside, draw_geometry, plan_of
from catseye.runtime.geometry.corridor import Corridor
from catseye.runtime.geometry.ground_view import GroundView
from catseye.runtime.geometry.labels import labels_of
from catseye.runtime.geometry.road_geometry import RoadGeometry, road_geometry, with_corridor
from catseye.runtime.model_file.tensors import Arrays
from catseye.runtime.system.json_document import JsonObject
from catseye.runtime.tasks.base import Result
from catseye.runtime.tasks.pixel_corridor import draw_corridor, pixel_corridor

OPACITY = 0.5
LETTERS = 0.42  # font scale of the legend
COLUMNS = 32  # columns of free distance in the JSON
VIEWS = CAMERA, BIRDSEYE, BOTH = "camera", "birdseye", "both"  # what a result draws
SMALLEST_PLAN = 64  # pixels
SMOOTH_PX = 2.0  # how far the corridor's polygon may leave its rows
MOST_DOUBTFUL = 0.5  # share of the road before the car that a controller may bear
DOUBT = 0.8  # confidence below which a pixel is doubtful


class RoadMask(Result):
    """The class of every pixel of a frame, and from it what steering needs.

    Kept as the model gave it, at its size, and enlarged only when asked for: at camera sizes that
    costs more than the network. All that is told in pixels is told in the frame's.

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

    __slots__ = (
        *("classes", "view", "_speed_mps", "_shown", "_ids", "_levels", "_frame_wh"),
        *("_mask", "_confidence", "_geometry", "_spans", "_doubtful"),
    )
    task = "road"
    main_array = ids_array = "mask"
    opacity = OPACITY
    any_size = True

    def __init__(
        self,
        mask: np.ndarray,
        classes: ClassTable = CAMVID,
        confidence: Optional[np.ndarray] = None,
        frame_wh: Optional[Tuple[int, int]] = None,
        view: Optional[GroundView] = None,
        speed_mps: Optional[float] = None,
        shown: str = CAMERA,
    ) -> None:
        """mask: (h, w) uint8 ids of `classes`.  confidence: (h, w) uint8, 0..255 for 0..1: how
        probable it is that these are right; None from a model that does not tell.  frame_wh: width
        and height of the frame, at least those of the mask; None: the mask's.  view: the ground
        under masks of this size, None where no camera model is known.  speed_mps: of the vehicle,
        None where nobody tells.  shown: what is drawn, one of VIEWS."""
        self.classes, self._ids, self._levels = classes, mask, confidence
        self._frame_wh = frame_wh or (mask.shape[1], mask.shape[0])
        self._mask: Optional[np.ndarray] = None
        self._confidence: Optional[np.ndarray] = None
        self.view, self._speed_mps, self._shown = view, speed_mps, shown
        self._geometry: Optional[RoadGeometry] = None
        self._spans: Optional[np.ndarray] = None
        self._doubtful: Optional[float] = None

    @property
    def mask(self) -> np.ndarray:
        """(H, W) uint8 class ids at the frame's size."""
        if self._mask is None:
            self._mask = enlarged(self._ids, self._frame_wh)
        return self._mask

    @property
    def confidence(self) -> Optional[np.ndarray]:
        """(H, W) uint8 at the frame's size, 0..255 for 0..1; None where the model does not tell."""
        if self._confidence is None and self._levels is not None:
            self._confidence = enlarged(self._levels, self._frame_wh)
        return self._confidence

    @property
    # here the model's card says it
    def legend(self) -> Tuple[Tuple[str, Colour], ...]:  # type: ignore[override]
        return tuple(zip(self.classes.names, self.classes.colours_rgb))

    def arrays(self) -> Arrays:
        # whose classes the card tells, and recordings keep the card
        found = {"mask": self.mask}
        return found if self.confidence is None else dict(found, confidence=self.confidence)

    @property
    def geometry(self) -> Optional[RoadGeometry]:
        """Distances, corridor and steering in metres; None where no camera model is known."""
        if self._geometry is None and self.view is not None:
            labels = labels_of(self.classes)
            self._geometry = road_geometry(self._ids, labels, self.view, self._speed_mps)
        return self._geometry

    def stored(self) -> Arrays:
        found = {"mask": self._ids}
        return found if self._levels is None else dict(found, confidence=self._levels)

    @classmethod
    def arrays_from_stored(cls, stored: Arrays, frame_wh: Tuple[int, int]) -> Arrays:
        for name, array in stored.items():
            if array.ndim != 2 or array.dtype != np.uint8 or not array.size:
                raise ValueError("%s of %s %s" % (name, array.dtype, array.shape))
        return {name: enlarged(array, frame_wh) for name, array in stored.items()}

    def votes(self) -> Tuple[np.ndarray, Optional[np.ndarray]]:
        """(h, w) uint8 class ids and confidence, at the size that the model gave them."""
        return self._ids, self._levels

    def with_votes(self, ids: np.ndarray, levels: Optional[np.ndarray]) -> "RoadMask":
        """The same frame with other classes and confidence, of that size."""
        told = (self._frame_wh, self.view, self._speed_mps, self._shown)
        return RoadMask(ids, self.classes, levels, *told)

    def with_corridor(self, corridor: Corridor) -> "RoadMask":
        """The same with another corridor in metres, and the way through that."""
        assert self.geometry is not None
        changed = self.with_votes(self._ids, self._levels)
        changed._geometry = with_corridor(self.geometry, corridor, self._speed_mps)
        return changed

    def free_rows(self) -> np.ndarray:
        """(W,) int: rows of unbroken road upwards from the bottom of each column, the free distance
        in pixels. What the camera model ignores is counted as road."""
        columns, rows = self._sources(self._frame_wh)
        blocked = self._ids[::-1] != self.classes.road  # (h, w), bottom row first
        if self.view is not None:
            blocked &= ~self.view.ignored[::-1]
        free = np.where(blocked.any(0), blocked.argmax(0), len(blocked))
        # the first row of the frame that shows the lowest `free` rows of the mask
        return (len(rows) - np.searchsorted(rows, len(blocked) - free))[columns]

    def corridor(self) -> np.ndarray:
        """(H, 2) int: first and last column of the ego corridor in each row, -1 where there is
        none.

        With a camera model the one in metres, as the frame shows it; without, by the rule of
        runtime/tasks/pixel_corridor.py.
        """
        return self._corridor_at(self._frame_wh)

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
        rows, columns = before_the_car(self._ids.shape, self._frame_wh)
        road = self._ids[rows.places, columns.places] == self.classes.road
        return _shown(road, rows, columns) / (rows.counts.sum() * columns.counts.sum())

    def doubtful(self) -> Optional[float]:
        """Share, 0-1, of the road in that box whose confidence is below DOUBT, 1 where there is no
        road; None where the model tells no confidence."""
        if self._doubtful is None and self._levels is not None:
            rows, columns = before_the_car(self._ids.shape, self._frame_wh)
            box = (rows.places, columns.places)
            road = self._ids[box] == self.classes.road
            unsure = road & (self._levels[box] < DOUBT * 255)
            whole = _shown(road, rows, columns)
            self._doubtful = _shown(unsure, rows, columns) / whole if whole else 1.0
        return self._doubtful

    def as_json(self) -> JsonObject:
        """Shares of the classes and of road ahead, free distance in COLUMNS columns as a share of
        the height; all 0-1.

        doubtful: of that road, null where the model does not tell.  corridor: its polygon in
        pixels, [x, y] each.  With a camera model also what `RoadGeometry.as_json` tells, in metres.
        """
        doubtful = self.doubtful()
        width, height = self._frame_wh
        middles = (np.arange(COLUMNS) + 0.5) * width / COLUMNS
        free = self.free_rows()[middles.astype(int)] / height
        metres = {} if self.geometry is None else self.geometry.as_json()
        return {
            "size": [width, height],
            "shares": {
                name: round(float(share), 4)
                for name, share in zip(self.classes.names, self._shares())
            },
            "ahead": round(self.ahead(), 4),
            "doubtful": None if doubtful is None else round(doubtful, 4),
            "free": [round(float(value), 3) for value in free],
            "corridor": self.corridor_polygon().tolist(),
            **metres,
        }

    def uncertainty(self, before: Optional[Result]) -> float:
        """Share of the pixels that the model is not sure of; from one that does not tell, of those
        that changed their class since the result before."""
        if self._levels is not None:
            return float(np.mean(self._levels < DOUBT * 255))
        if not isinstance(before, RoadMask) or before._ids.shape != self._ids.shape:
            return 0.0
        if before._frame_wh != self._frame_wh:
            return 0.0
        return float(np.count_nonzero(self._ids != before._ids)) / self._ids.size

    def doubt(self) -> str:
        """`doubtful`, where more than half of the road before the car is."""
        doubtful = self.doubtful()
        return "doubtful" if doubtful is not None and doubtful > MOST_DOUBTFUL else ""

    def layer(self, size_wh: Tuple[int, int]) -> np.ndarray:
        """The classes in their colours, with the corridor."""
        picture = enlarged(self._colours(), size_wh)
        self._draw_corridor(picture)
        return picture

    def drawn_on(self, image: np.ndarray) -> np.ndarray:
        height, width = image.shape[:2]
        if self.view is not None and self._shown == BIRDSEYE:
            plans = self._plans(image, (width, height))
            return image.copy() if plans is None else plans[1]
        picture = self._drawn_over(image)
        plans = self._plans(image, (width // 3, height)) if self._shown == BOTH else None
        return picture if plans is None else beside(picture, plans[1])

    def _plans(
        self, image: np.ndarray, size_wh: Tuple[int, int]
    ) -> Optional[Tuple[np.ndarray, np.ndarray]]:
        """The ground of the frame from above, and the same with classes and geometry."""
        if self.view is None or self.geometry is None or min(size_wh) < SMALLEST_PLAN:
            return None
        plan = plan_of(self.view, (image.shape[1], image.shape[0]), size_wh)
        bare, colours = plan.of(image), plan.of(enlarged(self._colours(), image.shape[1::-1]))
        found = cv2.addWeighted(bare, 1 - OPACITY, colours, OPACITY, 0)
        draw_geometry(found, plan, self.geometry)
        return bare, found

    def _drawn_over(self, image: np.ndarray) -> np.ndarray:
        picture = laid_over(image, self._colours(), OPACITY)
        self._draw_corridor(picture)
        # a quarter of np.bincount's time
        counts = cv2.calcHist([self._ids], [0], None, [256], [0, 256])
        _draw_legend(picture, np.flatnonzero(counts), self.classes)
        return picture

    def from_above(self, image: np.ndarray) -> Optional[Tuple[np.ndarray, np.ndarray]]:
        return self._plans(image, (image.shape[1], image.shape[0]))

    def doubt_layer(self) -> Optional[np.ndarray]:
        """The confidence from 255, sure, down to 0 as heat."""
        if self._levels is None:
            return None
        return cv2.applyColorMap(255 - self._levels, cv2.COLORMAP_INFERNO)

    def _sources(self, size_wh: Tuple[int, int]) -> Tuple[np.ndarray, np.ndarray]:
        """(W,) and (H,): which column and row of the mask each of a picture of `size_wh` shows."""
        height, width = self._ids.shape
        return sources_of(width, size_wh[0]), sources_of(height, size_wh[1])

    def _shares(self) -> np.ndarray:
        """(256,): share of each class id in the frame, 0-1."""
        columns, rows = self._sources(self._frame_wh)
        height, width = self._ids.shape
        shown = np.outer(np.bincount(rows, minlength=height), np.bincount(columns, minlength=width))
        counts = np.bincount(self._ids.ravel(), shown.ravel(), minlength=256)
        return counts / (len(rows) * len(columns))

    def _corridor_at(self, size_wh: Tuple[int, int]) -> np.ndarray:
        """The corridor in a picture of `size_wh`: (H, 2) int, -1 where there is none."""
        columns, rows = self._sources(size_wh)
        first, last = self._corridor_of_mask().T
        begins = np.where(first < 0, -1, np.searchsorted(columns, first))
        ends = np.where(last < 0, -1, np.searchsorted(columns, last, "right") - 1)
        return np.column_stack((begins, ends))[rows]

    def _draw_corridor(self, picture: np.ndarray) -> None:
        size_wh = (picture.shape[1], picture.shape[0])
        if self.geometry is None:
            draw_corridor(picture, self._corridor_at(size_wh))
        else:
            lines = self.geometry.edges(size_wh)
            cv2.polylines(picture, lines, False, ACCENT, 2, cv2.LINE_AA)

    def _corridor_of_mask(self) -> np.ndarray:
        """(h, 2) int: the corridor in the mask's own pixels, -1 where there is none."""
        if self.geometry is not None:
            return self.geometry.spans()
        if self._spans is None:  # drawn at several sizes, and told in rows
            self._spans = pixel_corridor(self._ids == self.classes.road)
        return self._spans

    def _colours(self) -> np.ndarray:
        # many times faster than palette[mask], and than cv2.LUT
        return cv2.applyColorMap(self._ids, palette_bgr(self.classes)[:, None])


class Shown(NamedTuple):
    """Rows or columns of a mask that a part of the frame shows. places: which of them.  counts:
    (n,) float64, how many of the frame's rows or columns show each."""

    places: slice
    counts: np.ndarray


@functools.lru_cache(maxsize=8)
def before_the_car(mask_hw: Tuple[int, int], frame_wh: Tuple[int, int]) -> Tuple[Shown, Shown]:
    """Rows and columns of a mask in the box before the car: the middle third of the frame's
    columns, the lower half of its rows. A large frame shows nothing that its mask does not have,
    and need not be filled to be counted."""
    rows, columns = sources_of(mask_hw[0], frame_wh[1]), sources_of(mask_hw[1], frame_wh[0])
    third = len(columns) // 3
    return _shown_of(rows[len(rows) // 2 :]), _shown_of(columns[third : len(columns) - third])


def _shown_of(places: np.ndarray) -> Shown:
    """places: (N,) int, rising."""
    first, last = int(places[0]), int(places[-1])
    counts = np.bincount(places - first).astype(np.float64)
    return Shown(slice(first, last + 1), counts)


def _shown(part: np.ndarray, rows: Shown, columns: Shown) -> float:
    """How many pixels of the frame a bool mask of these rows and columns is."""
    return float(rows.counts @ part @ columns.counts)


@functools.lru_cache(maxsize=None)
def palette_bgr(classes: ClassTable) -> np.ndarray:
    """(256, 3) uint8 BGR by class id; what is no class is black."""
    palette = np.zeros((256, 3), np.uint8)
    palette[: len(classes.names)] = np.array(classes.colours_rgb)[:, ::-1]
    return palette


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
