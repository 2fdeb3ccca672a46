"""Trees, firs and bushes as cut-outs, grown from random numbers.

Knows how a plant looks and how its cut-out is placed; does not know where plants stand. As in
CamVid, a bare crown is labelled as one blob, sky between the twigs included.
"""

from typing import Dict, List, Tuple

import cv2
import numpy as np

from catseye.runtime.classes import NAMES
from catseye.runtime.street.painting.camera import Camera
from catseye.runtime.street.painting.canvas import Canvas, pixels_from_cutout
from catseye.runtime.street.painting.ground import Shadow
from catseye.runtime.street.painting.look import Look, light_on, through_air
from catseye.runtime.street.painting.noise import fractal, rng_of, to_image
from catseye.runtime.street.town.places import Plant

_TREE = NAMES.index("Tree")
_SIZE = 224  # pixels of a cut-out, square
_SIDEWAYS = np.array([0.0, 0.0, -1.0])

CutOut = Tuple[np.ndarray, np.ndarray]  # picture (h, w, 4) BGR + alpha, label (h, w)


class Plants:
    """The plants of one drive; each kind has a few variants, grown when first seen."""

    def __init__(self, seed: int, look: Look) -> None:
        self._seed = seed
        self._look = look
        self._grown: Dict[Tuple[str, int], List[CutOut]] = {}

    def paint(
        self, canvas: Canvas, camera: Camera, plant: Plant, foot: np.ndarray, sunlit: float
    ) -> None:
        """One plant, its foot at a world point (3,)."""
        depth = camera.depth(foot[0], foot[2])
        # screen pixels per pixel of the cut-out
        scale = camera.focal_px / depth * plant.height_m / _SIZE
        levels = self._levels(plant.kind, plant.variant)
        level = int(np.clip(np.log2(1 / scale) if scale < 1 else 0, 0, len(levels) - 1))
        picture, label = levels[level]
        pixel = camera.pixels_from_camera(camera.camera_from_world(foot[None]))[0]
        gain = light_on(self._look, _SIDEWAYS, 0.0) * 0.9 + self._look.sun * 0.45 * sunlit
        canvas.sprite(
            picture,
            label,
            pixels_from_cutout(pixel, scale * 2**level, picture.shape),
            through_air(self._look, gain, depth),
            _TREE,
        )

    def shadows(self, plant: Plant, foot: np.ndarray) -> List[Shadow]:
        """The crown's dappled shadow, as lumps, and the trunk's."""
        to_sun = self._look.to_sun
        throw = -np.array([to_sun[0], 0, to_sun[2]]) / to_sun[1] * plant.height_m
        aside = np.array([throw[2], 0, -throw[0]]) / max(float(np.linalg.norm(throw)), 1e-6)
        rng, turn = (
            rng_of(self._seed, 802, plant.variant, int(plant.v)),
            np.linspace(0, 2 * np.pi, 9, endpoint=False)[:, None],
        )
        bare = plant.kind == "bare"
        found = [
            Shadow(np.array([foot - 0.15 * aside, foot + 0.15 * aside, foot + 0.6 * throw]), 255)
        ]
        for _ in range(6):
            middle = (
                foot
                + throw * rng.uniform(0.4, 0.95)
                + aside * plant.height_m * rng.uniform(-0.22, 0.22)
            )
            lobe = plant.height_m * rng.uniform(0.08, 0.16, (9, 1))
            found.append(
                Shadow(
                    middle + lobe * (np.cos(turn) * aside + np.sin(turn) * throw / plant.height_m),
                    110 if bare else 255,
                )
            )
        return found

    def _levels(self, kind: str, variant: int) -> List[CutOut]:
        if (kind, variant) not in self._grown:
            rng = rng_of(self._seed, 801, sum(map(ord, kind)), variant)
            picture, label = {"bare": _bare, "leafy": _leafy, "fir": _fir, "bush": _bush}[kind](rng)
            sizes = [_SIZE >> level for level in range(5)]
            self._grown[kind, variant] = [
                (
                    cv2.resize(picture, (size, size), interpolation=cv2.INTER_AREA),
                    cv2.resize(label, (size, size), interpolation=cv2.INTER_AREA),
                )
                for size in sizes
            ]
        return self._grown[kind, variant]


def _bare(rng: np.random.RandomState) -> CutOut:
    """A winter tree: branches that fork and thin out, fitted to the picture."""
    branches: List[np.ndarray] = []
    _branch(rng, branches, np.zeros(2), rng.normal(0, 0.05), rng.uniform(0.75, 1.1), 1.0, 8)
    segments = np.array(branches)  # (N, 5): x0, y0, x1, y1, width
    reach = max(float(segments[:, [1, 3]].max()), 2 * float(np.abs(segments[:, [0, 2]]).max()))
    ends = segments[:, :4] * ((_SIZE - 4) / reach) * np.array([1, -1, 1, -1]) + np.array(
        [_SIZE / 2, _SIZE - 1] * 2
    )
    alpha = np.zeros((_SIZE, _SIZE), np.uint8)
    for (x0, y0, x1, y1), width in zip(
        np.round(ends * 16).astype(int).tolist(), segments[:, 4] * _SIZE / 40.0
    ):
        cv2.line(
            alpha,
            (x0, y0),
            (x1, y1),
            int(255 * min(1.0, 0.5 + width / 2)),
            max(1, int(width + 0.5)),
            cv2.LINE_AA,
            4,
        )
    ink = fractal(rng, (_SIZE, _SIZE), (60, 20), 0.8)[:, :, None]
    picture = to_image(np.array([62, 68, 74]) * rng.uniform(0.7, 1.3) * (1 + 0.16 * ink))
    label = cv2.morphologyEx(
        alpha, cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (19, 19))
    )
    return np.dstack([picture, alpha]), np.where(label > 40, 255, 0).astype(np.uint8)


def _branch(
    rng: np.random.RandomState,
    branches: List[np.ndarray],
    start: np.ndarray,
    angle: float,
    length: float,
    width: float,
    forks: int,
) -> None:
    """Append a branch and all that grows from it; angle 0 points upwards."""
    end = start + length * np.array([np.sin(angle), np.cos(angle)])
    branches.append(np.array([start[0], start[1], end[0], end[1], width]))
    if forks == 0:
        return
    for side in (-1, 1) if rng.rand() < 0.75 else (-1, 0, 1):
        turned = angle + side * rng.uniform(0.15, 0.55) + rng.normal(0, 0.08)
        _branch(
            rng, branches, end, turned, length * rng.uniform(0.62, 0.9), width * 0.64, forks - 1
        )


def _foliage(
    rng: np.random.RandomState, solid: np.ndarray, colour: np.ndarray, cells: Tuple[int, ...]
) -> CutOut:
    """Leaves where `solid` (h, w) float32 plus noise exceeds 0.5, lit from above."""
    noise = fractal(rng, (_SIZE, _SIZE), cells, 0.75)
    dense = solid + 0.16 * noise
    alpha = to_image(255 * np.clip((dense - 0.47) * 9, 0, 1))
    lumps = fractal(rng, (_SIZE, _SIZE), (9, 22, 50, 112), 0.9)
    above = cv2.GaussianBlur(np.float32(alpha) / 255, (0, 0), 9)
    shade = 0.62 + 0.55 * np.clip(above - np.roll(above, 14, axis=0), -0.5, 0.7) + 0.2 * lumps
    picture = to_image(colour * np.clip(shade, 0.2, 1.6)[:, :, None])
    return np.dstack([picture, alpha]), cv2.morphologyEx(
        alpha, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8)
    )


def _with_trunk(rng: np.random.RandomState, cut: CutOut, width: float, top: float) -> CutOut:
    picture, label = cut
    trunk = np.zeros((_SIZE, _SIZE), np.uint8)
    middle, spread = _SIZE / 2, width * _SIZE / 2
    corners = np.array(
        [
            [middle - spread, _SIZE],
            [middle + spread, _SIZE],
            [middle + spread * 0.6, top * _SIZE],
            [middle - spread * 0.6, top * _SIZE],
        ]
    )
    cv2.fillConvexPoly(trunk, np.round(corners * 16).astype(np.int32), 255, cv2.LINE_AA, 4)
    bark = np.array([52, 60, 68]) * rng.uniform(0.7, 1.2)
    behind = cv2.subtract(trunk, picture[:, :, 3])
    shown = behind > 0
    picture[shown, :3] = bark.astype(np.uint8)
    picture[:, :, 3] = cv2.max(picture[:, :, 3], trunk)
    return picture, cv2.max(label, trunk)


def _leafy(rng: np.random.RandomState) -> CutOut:
    """A crown of overlapping balls on a trunk."""
    y, x = np.mgrid[0:_SIZE, 0:_SIZE].astype(np.float32) / _SIZE
    solid = np.zeros((_SIZE, _SIZE), np.float32)
    for _ in range(14):
        at = 0.5 + 0.24 * rng.uniform(-1, 1), 0.36 + 0.2 * rng.uniform(-1, 1)
        radius = rng.uniform(0.1, 0.2)
        solid = np.maximum(
            solid, 1.15 - 0.65 * np.sqrt((x - at[0]) ** 2 + (y - at[1]) ** 2) / radius
        )
    colour = np.array([58, 108, 100]) * (1 + rng.uniform(-0.25, 0.25, 3)) * rng.uniform(0.7, 1.2)
    return _with_trunk(
        rng, _foliage(rng, solid, colour, (10, 28, 70, 224)), rng.uniform(0.03, 0.05), 0.4
    )


def _fir(rng: np.random.RandomState) -> CutOut:
    """A dark cone or column."""
    y, x = np.mgrid[0:_SIZE, 0:_SIZE].astype(np.float32) / _SIZE
    width = rng.uniform(0.14, 0.26) * np.clip(y * rng.uniform(1.0, 2.5), 0.02, 1)
    solid = np.minimum(1.0 - 0.5 * np.abs(x - 0.5) / width, 9 * (0.97 - y)).astype(np.float32)
    colour = np.array([56, 80, 66]) * rng.uniform(0.7, 1.2)
    return _with_trunk(rng, _foliage(rng, solid, colour, (14, 40, 112, 224)), 0.04, 0.85)


def _bush(rng: np.random.RandomState) -> CutOut:
    """A low round shrub down to the ground."""
    y, x = np.mgrid[0:_SIZE, 0:_SIZE].astype(np.float32) / _SIZE
    solid = 1.1 - 0.6 * np.sqrt(((x - 0.5) / 0.42) ** 2 + ((y - 0.62) / 0.48) ** 2)
    colour = np.array([58, 96, 86]) * (1 + rng.uniform(-0.3, 0.4, 3)) * rng.uniform(0.7, 1.2)
    return _foliage(rng, solid.astype(np.float32), colour, (10, 30, 80, 224))
