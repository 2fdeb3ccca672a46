"""What the ground is made of: tiles of asphalt, paving and grass, seen through reductions that keep them from glittering.

Knows textures in road coordinates; does not know where in the street they lie.
"""

from typing import List, Tuple

import cv2
import numpy as np

from catseye.runtime.street.course import Course
from catseye.runtime.street.noise import fractal, rng_of, to_image

_TILE_PX = 512
_TILE_M = 10.24  # one tile of 512 x 512 texels is 10.24 m square: 2 cm per texel
_LEVELS = 7


class Surfaces:
    """Textures of one drive. `kinds` are the materials by index, `paints` the names and BGR colours of the marks."""

    kinds = ("asphalt", "paving", "grass")

    def __init__(self, seed: int, course: Course) -> None:
        rng = rng_of(seed, 401)
        self._half_width = course.half_width
        self._pyramids = {"asphalt": _pyramid(_asphalt(rng)), "paving": _pyramid(_paving(rng)), "grass": _pyramid(_grass(rng))}
        self._across = _across_road(rng, course)
        self._wear = np.clip(0.86 + 0.2 * fractal(rng, (256, 256), (8, 40, 128), 0.9), rng.uniform(0.1, 0.6), 1)
        self._wear = self._wear.astype(np.float32)
        white, yellow = rng.uniform(165, 215), rng.uniform(0.75, 1.0)
        kerb = rng.uniform(85, 130)
        self.paints = (("kerb", np.array([kerb, kerb, kerb])), ("white", np.array([white, white, white * 0.98])),
                       ("yellow", np.array([70, 165, 185]) * yellow))  # type: Tuple[Tuple[str, np.ndarray], ...]

    def seen(self, kind: str, u: np.ndarray, v: np.ndarray, distance: np.ndarray) -> np.ndarray:
        """The material (rows, W, 3) uint8 at road coordinates (rows, W), `distance` (rows,) growing upwards."""
        picture = np.empty(u.shape + (3,), np.uint8)
        step = np.maximum(np.abs(np.gradient(v[:, v.shape[1] // 2])) if len(v) > 1 else np.ones(1), 1e-3)
        levels = np.clip(np.floor(np.log2(step / (_TILE_M / _TILE_PX)) + 0.3), 0, _LEVELS - 1).astype(int)
        for level in np.unique(levels):
            rows = np.flatnonzero(levels == level)
            part = slice(rows[0], rows[-1] + 1)
            picture[part] = self._level_seen(kind, int(level), u[part], v[part])
        if kind == "asphalt":
            across = cv2.remap(self._across, (u + 20) * 8, np.zeros_like(u), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
            picture = cv2.multiply(picture, cv2.merge([across, across, across]), dtype=cv2.CV_8U)
        return picture

    def _level_seen(self, kind: str, level: int, u: np.ndarray, v: np.ndarray) -> np.ndarray:
        tile = self._pyramids[kind][level]
        return cv2.remap(tile, u * np.float32(tile.shape[1] / _TILE_M), v * np.float32(tile.shape[0] / _TILE_M),
                         cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)

    def wear(self, u: np.ndarray, v: np.ndarray) -> np.ndarray:
        """How much of the paint is left, 0-1, at road coordinates (N,)."""
        x, y = (u * 30).astype(np.int64) % 256, (v * 30).astype(np.int64) % 256
        return self._wear[y, x]


def _pyramid(tile: np.ndarray) -> List[np.ndarray]:
    """Reductions by 2 along the road; across it they start two levels later, as perspective shortens depth first."""
    height, width = tile.shape[:2]
    return [cv2.resize(tile, (width >> max(0, level - 2), height >> level), interpolation=cv2.INTER_AREA)
            for level in range(_LEVELS)]


def _asphalt(rng: np.random.RandomState) -> np.ndarray:
    tone, rough = rng.uniform(72, 118), rng.uniform(0.6, 1.3)
    size = (_TILE_PX, _TILE_PX)
    stones = fractal(rng, size, (512, 256, 128), 0.7) * 7.0
    blotches = fractal(rng, size, (2, 4, 9, 18, 40), 0.7) * 5.0
    grey = tone + rough * (stones + blotches)
    tint = 1 + rng.uniform(-0.02, 0.035) * np.array([1.0, 0.0, -1.0])
    return to_image(grey[:, :, None] * tint)


def _paving(rng: np.random.RandomState) -> np.ndarray:
    """Slabs, small pavers or tarmac, each slab of its own tone, with dark joints."""
    kind = rng.choice(["slabs", "pavers", "tarmac"], p=[0.5, 0.2, 0.3])
    size = (_TILE_PX, _TILE_PX)
    tone = rng.uniform(80, 135)
    grey = tone + fractal(rng, size, (512, 128, 4, 16, 60), 0.8) * 6.0
    if kind != "tarmac":
        across, along = (16, 12) if kind == "slabs" else (48, 96)
        slabs = rng.normal(0, 7, (along, across)).astype(np.float32)
        grey += cv2.resize(slabs, size, interpolation=cv2.INTER_NEAREST)
        joint = 18 if kind == "slabs" else 10
        grey[(np.arange(along) * _TILE_PX // along)] -= joint
        grey[:, (np.arange(across) * _TILE_PX // across)] -= joint
    tint = 1 + rng.uniform(-0.02, 0.07) * np.array([-1.0, 0.0, 0.7])
    return to_image(grey[:, :, None] * tint)


def _grass(rng: np.random.RandomState) -> np.ndarray:
    size = (_TILE_PX, _TILE_PX)
    blades = fractal(rng, size, (512, 256, 100, 30, 8, 3), 0.8)[:, :, None]
    dry = rng.uniform(0, 1)
    colour = np.array([48, 88, 72]) * (1 - dry) + np.array([58, 96, 100]) * dry
    return to_image(colour * (1 + 0.2 * blades))


def _across_road(rng: np.random.RandomState, course: Course) -> np.ndarray:
    """Tone across the road, (1, N) float32 for u from -20 m in steps of 1/8 m: wheel tracks and dirty gutters."""
    u = -20 + np.arange(320) / 8.0
    tracks = sum(np.exp(-((np.abs(u) - course.lane_u - side) / 0.35) ** 2) for side in (-0.8, 0.8))
    gutter = np.exp(-((np.abs(np.abs(u) - course.half_width) / 0.5) ** 2))
    tone = 1 + rng.uniform(-0.1, 0.1) * tracks - rng.uniform(0.05, 0.2) * gutter
    return tone.astype(np.float32)[None, :]
