"""The ground: asphalt, paving slabs, grass, kerbs and paint, each seen in perspective, with its light and shadow.

Works on every pixel below the horizon through the inverse perspective map, and on projected polygons where an edge
must be sharp. Knows surfaces; does not know the things that stand on them, save the shadows it is handed.
"""

from typing import Dict, List, NamedTuple, Tuple

import cv2
import numpy as np

from catseye.runtime.classes import NAMES
from catseye.runtime.street.camera import Camera
from catseye.runtime.street.canvas import SHIFT, Canvas, fixed_point
from catseye.runtime.street.course import Course
from catseye.runtime.street.look import Look, light_on
from catseye.runtime.street.surfaces import Surfaces

FARTHEST_M = 260.0
_UP = np.array([0.0, 1.0, 0.0])
CLASS_OF = {"asphalt": NAMES.index("Road"), "paving": NAMES.index("Pavement"), "grass": NAMES.index("Tree")}

Patch = NamedTuple("Patch", [("kind", str), ("outline_uv", np.ndarray)])  # a region of one material, (N, 2) metres
Mark = NamedTuple("Mark", [("layer", str), ("outline_uv", np.ndarray), ("strength", int)])  # paint, tone or kerb
Shadow = NamedTuple("Shadow", [("outline", np.ndarray), ("strength", int)])  # world polygon (N, 3), 0-255


class _View:
    """The ground as one camera sees it: which rows it fills and where each pixel touches it."""

    def __init__(self, camera: Camera, course: Course) -> None:
        width, height = camera.size_wh
        tilt = abs(np.sin(camera.pose.roll)) * width / 2
        self.top = int(np.clip(camera.horizon_row() - tilt, 0, height - 2))
        x = ((np.arange(width) - camera.centre[0]) / camera.focal_px)[None, :]
        y = ((np.arange(self.top, height) - camera.centre[1]) / camera.focal_px)[:, None]
        right, down, ahead = [axis.astype(np.float32) for axis in camera.rotation]
        fall = -(x * right[1] + y * down[1] + ahead[1]).astype(np.float32)
        self.below = fall > camera.position[1] / FARTHEST_M
        far = camera.position[1] / np.maximum(fall, camera.position[1] / FARTHEST_M)
        self.z = (far * (x * right[2] + y * down[2] + ahead[2]) + camera.position[2]).astype(np.float32)
        world_x = far * (x * right[0] + y * down[0] + ahead[0]) + camera.position[0]
        self.u = (world_x - self._middle(camera, course)).astype(np.float32)
        self.distance = far[:, width // 2]  # (rows,) metres, good enough for haze and detail

    def _middle(self, camera: Camera, course: Course) -> np.ndarray:
        """x of the road's middle at every pixel's z, by linear interpolation in a half-metre table."""
        first = camera.position[2] - FARTHEST_M
        table = course.middle(first + 0.5 * np.arange(int(4 * FARTHEST_M))).astype(np.float32)[None, :]
        return cv2.remap(table, (self.z - np.float32(first)) * 2, np.zeros_like(self.z), cv2.INTER_LINEAR,
                         borderMode=cv2.BORDER_REPLICATE)


class Ground:
    """Paints the lower part of a frame."""

    def __init__(self, seed: int, course: Course, look: Look) -> None:
        self.course = course
        self.look = look
        self.surfaces = Surfaces(seed, course)

    def paint(self, canvas: Canvas, camera: Camera, patches: List[Patch], marks: List[Mark], shadows: List[Shadow]) -> None:
        """Materials, then paint upon them, then light, shadow and haze."""
        view = _View(camera, self.course)
        region = self._regions(canvas, camera, patches)[view.top:]
        picture = self._materials(view, region)
        layers = self._layers(canvas, camera, marks, view.top)
        self._paint_marks(picture, layers, view)
        canvas.sunlit[:] = 255 - self._shade(canvas, camera, shadows)
        lit = self._lit(picture, layers["tone"], canvas.sunlit[view.top:], view)
        cv2.copyTo(lit, view.below.astype(np.uint8), canvas.image[view.top:])
        classes = np.array([CLASS_OF[kind] for kind in self.surfaces.kinds], np.uint8)
        canvas.mask[view.top:][view.below] = classes[region[view.below]]

    def _regions(self, canvas: Canvas, camera: Camera, patches: List[Patch]) -> np.ndarray:
        """Index of the material at every pixel (H, W) uint8; later patches lie on earlier ones."""
        region = np.full(canvas.mask.shape, self.surfaces.kinds.index("paving"), np.uint8)
        for patch in patches:
            points = camera.outline(self._on_road(patch.outline_uv))
            if len(points) > 2:
                cv2.fillPoly(region, [fixed_point(points)], self.surfaces.kinds.index(patch.kind), cv2.LINE_8, SHIFT)
        return region

    def _on_road(self, outline_uv: np.ndarray) -> np.ndarray:
        return self.course.world(outline_uv[:, 0], outline_uv[:, 1])

    def _materials(self, view: _View, region: np.ndarray) -> np.ndarray:
        picture = np.zeros(region.shape + (3,), np.uint8)
        for index, kind in enumerate(self.surfaces.kinds):
            here = (region == index) & view.below
            rows = np.flatnonzero(here.any(axis=1))
            if len(rows):
                part = slice(rows[0], rows[-1] + 1)
                seen = self.surfaces.seen(kind, view.u[part], view.z[part], view.distance[part])
                cv2.copyTo(seen, here[part].astype(np.uint8), picture[part])
        return picture

    def _layers(self, canvas: Canvas, camera: Camera, marks: List[Mark], top: int) -> Dict[str, np.ndarray]:
        """Antialiased coverage of white and yellow paint and kerb (0-255), and tone (128 = unchanged), (rows, W)."""
        blank = np.zeros((canvas.size_wh[1] - top, canvas.size_wh[0]), np.uint8)
        layers = {"white": blank, "yellow": blank.copy(), "kerb": blank.copy(), "tone": np.full_like(blank, 128)}
        down = np.array([0, top])
        for mark in marks:
            points = camera.outline(self._on_road(mark.outline_uv))
            if len(points) > 2:
                corners = fixed_point(points - down)
                cv2.fillPoly(layers[mark.layer], [corners], mark.strength, cv2.LINE_AA, SHIFT)
        return layers

    def _paint_marks(self, picture: np.ndarray, layers: Dict[str, np.ndarray], view: _View) -> None:
        for name, colour in self.surfaces.paints:
            where = np.nonzero(layers[name])
            if len(where[0]):
                cover = layers[name][where] * np.float32(1 / 255.0)
                if name != "kerb":
                    cover = cover * self.surfaces.wear(view.u[where], view.z[where])
                under = picture[where].astype(np.float32)
                fresh = colour + 0.5 * (under - under.mean(axis=0))
                picture[where] = np.clip(under + (fresh - under) * cover[:, None], 0, 255).astype(np.uint8)

    def _shade(self, canvas: Canvas, camera: Camera, shadows: List[Shadow]) -> np.ndarray:
        shade = np.zeros(canvas.mask.shape, np.uint8)
        for shadow in shadows:
            points = camera.outline(shadow.outline)
            if len(points) > 2:
                one = np.zeros_like(shade) if shadow.strength < 200 else shade
                cv2.fillPoly(one, [fixed_point(points)], shadow.strength, cv2.LINE_AA, SHIFT)
                shade = cv2.max(shade, one)
        return cv2.GaussianBlur(shade, (0, 0), canvas.size_wh[0] / 400.0)

    def _lit(self, picture: np.ndarray, tone: np.ndarray, sunlit: np.ndarray, view: _View) -> np.ndarray:
        """Light, shadow, tone and haze applied to the bare surface."""
        full, none = light_on(self.look, _UP, 1.0), light_on(self.look, _UP, 0.0) * 0.9
        clear = np.exp(-view.distance / self.look.haze_m).astype(np.float32)[:, None, None]
        sun = (sunlit * np.float32(1 / 255.0))[:, :, None]
        gain = (none.astype(np.float32) + (full - none).astype(np.float32) * sun) * clear
        gain *= (tone * np.float32(1 / 128.0))[:, :, None]
        lit = cv2.multiply(picture, gain, dtype=cv2.CV_32F) + self.look.haze.astype(np.float32) * (1 - clear)
        return cv2.convertScaleAbs(lit)
