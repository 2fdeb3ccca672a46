"""The ground: asphalt, paving slabs, grass, kerbs and paint, each seen in perspective, with its
light and shadow.

Works on every pixel below the horizon through the inverse perspective map, and on projected
polygons where an edge must be sharp. Knows surfaces; does not know the things that stand on them,
save the shadows it is handed.
"""

from typing import Dict, List, NamedTuple, Sequence

import cv2
import numpy as np

from catseye.runtime.classes import NAMES
from catseye.runtime.street.painting.camera import Camera
from catseye.runtime.street.painting.canvas import SHIFT, Canvas, fixed_point
from catseye.runtime.street.painting.look import Look, light_on
from catseye.runtime.street.painting.surfaces import PAVING, Surfaces, within_tile
from catseye.runtime.street.town.course import Course

FARTHEST_M = 260.0
_UP = np.array([0.0, 1.0, 0.0])
# by material
_CLASSES = np.array([NAMES.index("Road"), NAMES.index("Pavement"), NAMES.index("Tree")], np.uint8)


class Patch(NamedTuple):
    """A region of one material on the ground."""

    outline: np.ndarray  # world polygon (N, 3)
    material: int  # ASPHALT, PAVING or GRASS of `surfaces`


class Mark(NamedTuple):
    """Paint, kerb or mended asphalt on the ground."""

    outline: np.ndarray  # world polygon (N, 3)
    layer: str  # white, yellow, kerb or tone
    strength: int  # 255 covers fully; for tone 128 changes nothing


class Shadow(NamedTuple):
    """A shadow on the ground."""

    outline: np.ndarray  # world polygon (N, 3)
    strength: int  # 255 takes all of the sun


class _View:
    """The ground as one camera sees it: which rows it fills and where each pixel touches it."""

    def __init__(self, camera: Camera, course: Course) -> None:
        width, height = camera.size_wh
        tilt = abs(np.sin(camera.pose.roll)) * width / 2
        self.top = int(np.clip(camera.horizon_row() - tilt, 0, height - 2))
        x = ((np.arange(width) - camera.centre[0]) / camera.focal_px).astype(np.float32)[None, :]
        y = ((np.arange(self.top, height) - camera.centre[1]) / camera.focal_px).astype(np.float32)[
            :, None
        ]
        right, down, ahead = camera.rotation.astype(np.float32)
        eye, least = camera.position.astype(np.float32), np.float32(camera.position[1] / FARTHEST_M)
        fall = -(x * right[1] + (y * down[1] + ahead[1]))
        self.below = fall > least
        far = eye[1] / np.maximum(fall, least)
        self.v = far * (x * right[2] + (y * down[2] + ahead[2])) + eye[2]
        self.u = far * (x * right[0] + (y * down[0] + ahead[0])) + (
            eye[0] - self._middle(camera, course)
        )
        self.distance = far[:, width // 2]  # (rows,) metres, good enough for haze and detail
        self.step_m = np.abs(np.gradient(self.distance))

    def _middle(self, camera: Camera, course: Course) -> np.ndarray:
        """x of the road's middle at every pixel's v, the nearest entry of a table with steps of 2
        cm."""
        first, step = camera.position[2] - 10.0, 0.02
        table = course.middle(np.arange(first, first + FARTHEST_M + 20, 0.5))
        fine = np.interp(
            np.arange(0, FARTHEST_M + 19, step), np.arange(len(table)) * 0.5, table
        ).astype(np.float32)
        index = ((self.v - np.float32(first)) * np.float32(1 / step)).astype(np.int32)
        return np.take(fine, index, mode="clip")


class Ground:
    """Paints the lower part of a frame."""

    def __init__(self, seed: int, course: Course, look: Look) -> None:
        self._course = course
        self._look = look
        self._surfaces = Surfaces(seed, course)

    def paint(
        self,
        canvas: Canvas,
        camera: Camera,
        patches: List[Patch],
        marks: List[Mark],
        shadows: List[Shadow],
    ) -> None:
        """Materials, then paint upon them, then light, shadow and haze."""
        view = _View(camera, self._course)
        region = self._regions(canvas, camera, patches)[view.top :]
        layers = self._layers(camera, marks, view.top)
        tone = self._tone(view, region) * (layers["tone"] * np.float32(1 / 128.0))
        planes = [tone * cv2.LUT(region, self._tints(channel)) for channel in range(3)]
        self._paint_marks(planes, layers, view)
        canvas.sunlit[view.top :] = 255 - self._shade(camera, shadows, view.top)
        cv2.copyTo(
            self._lit(planes, canvas.sunlit[view.top :], view),
            view.below.astype(np.uint8),
            canvas.image[view.top :],
        )
        cv2.copyTo(_CLASSES[region], view.below.astype(np.uint8), canvas.mask[view.top :])

    def _regions(self, canvas: Canvas, camera: Camera, patches: List[Patch]) -> np.ndarray:
        """Material at every pixel (H, W) uint8; later patches lie on earlier ones."""
        region = np.full(canvas.mask.shape, PAVING, np.uint8)
        for patch, points in zip(patches, camera.outlines([patch.outline for patch in patches])):
            if len(points) > 2:
                cv2.fillPoly(region, [fixed_point(points)], patch.material, cv2.LINE_8, SHIFT)
        return region

    def _tone(self, view: _View, region: np.ndarray) -> np.ndarray:
        """Tone of the bare materials (rows, W) float32."""
        tile_u, tile_v = within_tile(view.u), within_tile(view.v)
        tone = np.zeros(region.shape, np.uint8)
        for material in range(len(_CLASSES)):
            here = region == material
            rows = np.flatnonzero(here.any(axis=1))
            if len(rows):
                part = slice(rows[0], rows[-1] + 1)
                seen = self._surfaces.seen(material, tile_u[part], tile_v[part], view.step_m[part])
                cv2.copyTo(seen, here[part].astype(np.uint8), tone[part])
        return tone * self._surfaces.across(view.u)

    def _tints(self, channel: int) -> np.ndarray:
        tints = np.ones(256, np.float32)
        tints[: len(_CLASSES)] = self._surfaces.colours[:, channel]
        return tints

    def _layers(self, camera: Camera, marks: List[Mark], top: int) -> Dict[str, np.ndarray]:
        """Antialiased coverage of white and yellow paint and kerb (0-255), and tone (128 =
        unchanged), (rows, W)."""
        blank = np.zeros((camera.size_wh[1] - top, camera.size_wh[0]), np.uint8)
        layers = {
            "white": blank,
            "yellow": blank.copy(),
            "kerb": blank.copy(),
            "tone": np.full_like(blank, 128),
        }
        down = np.array([0, top])
        for mark, points in zip(marks, camera.outlines([mark.outline for mark in marks])):
            if len(points) > 2:
                cv2.fillPoly(
                    layers[mark.layer],
                    [fixed_point(points - down)],
                    mark.strength,
                    cv2.LINE_AA,
                    SHIFT,
                )
        return layers

    def _paint_marks(
        self, planes: Sequence[np.ndarray], layers: Dict[str, np.ndarray], view: _View
    ) -> None:
        """Blend paint, as worn as it is, over the three colour planes, in place."""
        for name in ("kerb", "white", "yellow"):
            where = np.nonzero(layers[name])
            if not len(where[0]):
                continue
            cover = layers[name][where] * np.float32(1 / 255.0)
            if name != "kerb":
                cover *= self._surfaces.wear(view.u[where], view.v[where])
            for plane, colour in zip(planes, getattr(self._surfaces, name)):
                under = plane[where]
                plane[where] = under + (colour + 0.5 * (under - under.mean()) - under) * cover

    def _shade(self, camera: Camera, shadows: List[Shadow], top: int) -> np.ndarray:
        """How much of the sun is taken away, (rows, W) uint8; shadows of one strength do not add
        up."""
        shape = (camera.size_wh[1] - top, camera.size_wh[0])
        layers: Dict[int, np.ndarray] = {}
        for shadow, points in zip(shadows, camera.outlines([shadow.outline for shadow in shadows])):
            if len(points) > 2:
                layer = layers.setdefault(shadow.strength, np.zeros(shape, np.uint8))
                cv2.fillPoly(
                    layer,
                    [fixed_point(points - np.array([0, top]))],
                    shadow.strength,
                    cv2.LINE_AA,
                    SHIFT,
                )
        shade: np.ndarray = np.zeros(shape, np.uint8)
        for layer in layers.values():
            shade = cv2.max(shade, layer)
        return cv2.GaussianBlur(shade, (0, 0), camera.size_wh[0] / 500.0) if layers else shade

    def _lit(self, planes: Sequence[np.ndarray], sunlit: np.ndarray, view: _View) -> np.ndarray:
        """Light, shadow and haze on the bare surface: (rows, W, 3) uint8."""
        clear = np.exp(-view.distance / self._look.haze_m).astype(np.float32)[:, None]
        shaded, full = 0.9 * light_on(self._look, _UP, 0.0), light_on(self._look, _UP, 1.0)
        sun = sunlit * np.float32(1 / 255.0)
        lit = []
        for plane, low, high, haze in zip(planes, shaded, full, self._look.haze):
            gain = sun * np.float32(high - low)
            gain += np.float32(low)
            gain *= clear
            gain *= plane
            gain += np.float32(haze) * (1 - clear)
            lit.append(cv2.convertScaleAbs(gain))
        return cv2.merge(lit)
