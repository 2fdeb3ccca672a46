"""What the ground is made of: grey tiles of asphalt, paving and grass, seen through reductions that
keep them from glittering, and a colour for each.

Knows textures in road coordinates; does not know where in the street they lie.
"""

from typing import List

import cv2
import numpy as np

from catseye.runtime.street.painting.noise import fractal, rng_of, to_image
from catseye.runtime.street.town.course import Course

_TILE_PX = 512
_TILE_M = 10.24  # one tile of 512 x 512 texels is 10.24 m square: 2 cm per texel
_LEVELS = 7

ASPHALT, PAVING, GRASS = range(3)


class Surfaces:
    """Textures of one drive: `colours` (3, 3) float32, BGR about 1 by material; `white`, `yellow`,
    `kerb` BGR 0-255."""

    def __init__(self, seed: int, course: Course) -> None:
        rng = rng_of(seed, 401)
        warmth = rng.uniform(-0.03, 0.04), rng.uniform(-0.02, 0.07)
        self._pyramids = [_pyramid(_asphalt(rng)), _pyramid(_paving(rng)), _pyramid(_grass(rng))]
        dry = rng.uniform(0, 1) if course.kerbs else rng.uniform(1, 2.2)
        grass = np.array([0.62, 1.1, 0.9]) * (1 - dry) + np.array([0.66, 1.05, 1.08]) * dry
        self.colours = np.array(
            [[1 + warmth[0], 1, 1 - warmth[0]], [1 - warmth[1], 1, 1 + 0.7 * warmth[1]], grass],
            np.float32,
        )
        self._across = _across_road(rng, course)
        worn = rng.uniform(0.1, 0.7)
        self._wear = np.clip(
            0.86 + 0.2 * fractal(rng, (256, 256), (8, 40, 128), 0.9), worn, 1
        ).astype(np.float32)
        self.white = np.full(3, rng.uniform(170, 225))
        self.yellow = np.array([70, 165, 185]) * rng.uniform(0.75, 1.0)
        self.kerb = np.full(3, rng.uniform(80, 112))

    def seen(
        self, material: int, tile_u: np.ndarray, tile_v: np.ndarray, step_m: np.ndarray
    ) -> np.ndarray:
        """Tone of a material (rows, W) uint8 at `within_tile` coordinates (rows, W); step_m (rows,)
        is the length of road that a row covers."""
        tone = np.empty(tile_u.shape, np.uint8)
        levels = (
            np.log2(np.maximum(step_m * (_TILE_PX / _TILE_M), 1.0)).astype(int).clip(0, _LEVELS - 1)
        )
        for level in np.unique(levels):
            rows = np.flatnonzero(levels == level)
            part = slice(rows[0], rows[-1] + 1)
            tile = self._pyramids[material][level]
            scale_x, scale_y = (tile.shape[1] - 1) / _TILE_M, (tile.shape[0] - 1) / _TILE_M
            tone[part] = cv2.remap(
                tile,
                tile_u[part] * np.float32(scale_x),
                tile_v[part] * np.float32(scale_y),
                cv2.INTER_LINEAR,
            )
            if level < 2:
                tone[part] = cv2.addWeighted(
                    tone[part], 0.6, self._closer(material, tile_u[part], tile_v[part]), 0.4, 0
                )
        return tone

    def _closer(self, material: int, tile_u: np.ndarray, tile_v: np.ndarray) -> np.ndarray:
        """The same tile at a third of its size: the grain that only the nearest rows can show."""
        tile, scale = self._pyramids[material][0], np.float32(_TILE_PX / _TILE_M)
        return cv2.remap(
            tile, within_tile(3 * tile_u) * scale, within_tile(3 * tile_v) * scale, cv2.INTER_LINEAR
        )

    def across(self, u: np.ndarray) -> np.ndarray:
        """Tone of the road's profile, float32 about 1, at u metres from its middle (rows, W)."""
        index = np.clip((u + np.float32(20)) * np.float32(8), 0, len(self._across) - 1).astype(
            np.int32
        )
        return self._across[index]

    def wear(self, u: np.ndarray, v: np.ndarray) -> np.ndarray:
        """How much of the paint is left, 0-1, at road coordinates (N,)."""
        x, y = (u * 30).astype(np.int64) % 256, (v * 30).astype(np.int64) % 256
        return self._wear[y, x]


def within_tile(metres: np.ndarray) -> np.ndarray:
    """Road coordinates modulo the tile, float32 in 0-10.24 m."""
    return metres - np.float32(_TILE_M) * np.floor(metres * np.float32(1 / _TILE_M))


def _pyramid(tile: np.ndarray) -> List[np.ndarray]:
    """Reductions by 2 along the road; across it they start two levels later, as perspective
    shortens depth first.
    The first row and column are repeated at the end, so that interpolation sees no seam."""
    height, width = tile.shape[:2]
    levels = [
        cv2.resize(
            tile, (width >> max(0, level - 2), height >> level), interpolation=cv2.INTER_AREA
        )
        for level in range(_LEVELS)
    ]
    return [np.pad(level, ((0, 1), (0, 1)), "wrap") for level in levels]


def _asphalt(rng: np.random.RandomState) -> np.ndarray:
    tone, rough = rng.uniform(76, 116), rng.uniform(0.7, 1.5)
    size = (_TILE_PX, _TILE_PX)
    stones = fractal(rng, size, (512, 256, 128), 0.6) * 11.0
    blotches = fractal(rng, size, (2, 4, 9, 18, 40), 0.7) * 5.0
    return to_image(tone + rough * (stones + blotches))


def _paving(rng: np.random.RandomState) -> np.ndarray:
    """Slabs, small pavers or tarmac, each slab of its own tone, with dark joints."""
    kind = rng.choice(["slabs", "pavers", "tarmac"], p=[0.5, 0.2, 0.3])
    size = (_TILE_PX, _TILE_PX)
    grey = rng.uniform(70, 125) + fractal(rng, size, (512, 128, 4, 16, 60), 0.8) * 9.0
    if kind != "tarmac":
        across, along = (16, 12) if kind == "slabs" else (48, 96)
        slabs = rng.normal(0, 9, (along, across)).astype(np.float32)
        grey += cv2.resize(slabs, size, interpolation=cv2.INTER_NEAREST)
        joint = 24 if kind == "slabs" else 14
        grey[(np.arange(along) * _TILE_PX // along)] -= joint
        grey[:, (np.arange(across) * _TILE_PX // across)] -= joint
    return to_image(grey)


def _grass(rng: np.random.RandomState) -> np.ndarray:
    blades = fractal(rng, (_TILE_PX, _TILE_PX), (512, 256, 100, 30, 8, 3), 0.85)
    return to_image(84 * (1 + 0.26 * blades))


def _across_road(rng: np.random.RandomState, course: Course) -> np.ndarray:
    """Tone across the road, (N,) float32 for u from -20 m in steps of 1/8 m: wheel tracks and dirty
    gutters."""
    u = -20 + np.arange(320) / 8.0
    tracks = sum(
        np.exp(-(((np.abs(u) - course.lane_u - side) / 0.35) ** 2)) for side in (-0.8, 0.8)
    )
    gutter = np.exp(-((np.abs(np.abs(u) - course.half_width) / 0.5) ** 2))
    tone = 1 + rng.uniform(-0.1, 0.1) * tracks - rng.uniform(0.05, 0.25) * gutter
    return tone.astype(np.float32)
