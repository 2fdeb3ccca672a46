"""Fronts of houses: brick, render or stone, with windows, doors and shop fronts, painted as flat
textures.

Knows what a front looks like from straight ahead; does not know where it stands.
"""

from typing import List, NamedTuple, Tuple

import cv2
import numpy as np

from catseye.runtime.street.painting.canvas import Texture
from catseye.runtime.street.painting.noise import fractal, rng_of, to_image
from catseye.runtime.street.things.fronts import PX_PER_M, Painter, house_front, shop_front, windows

_GRAIN_PX = 512


class Facade(NamedTuple):
    """One front, and the house that goes with it."""

    texture: Texture
    width_m: float
    height_m: float
    depth_m: float
    roof: str  # pitch, gable or flat
    rise_m: float
    roof_bgr: np.ndarray
    wall: Texture  # of the ends, as high as the ridge
    chimneys: int


_WALLS = (  # BGR of yellow and red brick, render and stone under a white sky
    (112, 148, 168),
    (104, 138, 160),
    (88, 122, 150),
    (62, 78, 128),
    (72, 88, 120),
    (202, 212, 216),
    (222, 224, 224),
    (180, 204, 212),
    (140, 152, 156),
    (170, 174, 172),
    (96, 116, 128),
    (110, 112, 112),
)
_ROOFS = ((72, 66, 64), (58, 56, 56), (60, 74, 108), (70, 80, 96))


def make_facades(seed: int, count: int, lamps: float) -> List[Facade]:
    """`count` fronts of one street; `lamps` 0-1 is how many of the windows are lit."""
    rng = rng_of(seed, 501)
    grain = fractal(rng, (_GRAIN_PX, _GRAIN_PX), (512, 200, 24, 6, 2), 0.75)
    shops = rng.uniform(0, 0.8)
    return [_facade(rng, grain, rng.rand() < shops, lamps) for _ in range(count)]


def _facade(rng: np.random.RandomState, grain: np.ndarray, shop: bool, lamps: float) -> Facade:
    modern = rng.rand() < 0.25
    storeys = int(rng.choice([2, 3, 4] if shop or modern else [2, 2, 3]))
    storey_m, width_m = (
        rng.uniform(2.7, 3.3),
        rng.uniform(9, 17) if modern else rng.uniform(4.8, 9.5),
    )
    height_m = storeys * storey_m + (0.9 if shop else 0.5) + (0.5 if modern else 0.0)
    colour = np.array(_WALLS[rng.randint(len(_WALLS))]) * rng.uniform(0.75, 1.12)
    brick = float(colour.max() < 165)
    image = _wall(rng, grain, (int(width_m * PX_PER_M), int(height_m * PX_PER_M)), colour, brick)
    painter = Painter(image)
    ground_m = (
        shop_front(rng, painter, width_m)
        if shop
        else house_front(rng, painter, width_m, modern, lamps)
    )
    windows(rng, painter, width_m, ground_m, height_m - 0.45, storey_m, modern, lamps)
    painter.fill(0, height_m - 0.16, width_m, 0.16, tuple(colour * rng.choice([0.55, 1.15])))
    if rng.rand() < 0.5:
        painter.fill(width_m - 0.12, 0, 0.1, height_m, (50, 50, 50))
    _weather(rng, image, grain)
    roof = "flat" if modern else str(rng.choice(["pitch", "gable"], p=[0.85, 0.15]))
    roof_bgr = np.array(_ROOFS[rng.randint(len(_ROOFS))]) * rng.uniform(0.8, 1.2)
    depth_m, rise_m = rng.uniform(7, 11), rng.uniform(1.8, 3.2)
    wall = _wall(
        rng,
        grain,
        (int(depth_m * PX_PER_M), int((height_m + rise_m) * PX_PER_M)),
        colour * 0.95,
        brick,
    )
    if rng.rand() < 0.6:
        windows(rng, Painter(wall), depth_m, storey_m, height_m - 0.6, storey_m, modern, lamps)
    _weather(rng, wall, grain)
    return Facade(
        texture=Texture(image, PX_PER_M),
        width_m=width_m,
        height_m=height_m,
        depth_m=depth_m,
        roof=roof,
        rise_m=rise_m,
        roof_bgr=roof_bgr,
        wall=Texture(wall, PX_PER_M),
        chimneys=0 if modern else rng.randint(0, 3),
    )


def _wall(
    rng: np.random.RandomState,
    grain: np.ndarray,
    size_wh: Tuple[int, int],
    colour: np.ndarray,
    brick: float,
) -> np.ndarray:
    """Bare wall (H, W, 3) uint8: every brick of its own tone, stains over all."""
    width, height = size_wh
    bricks = rng.normal(
        0, 0.075 * brick, (int(height / PX_PER_M / 0.08) + 1, int(width / PX_PER_M / 0.24) + 1)
    )
    tone = 1 + cv2.resize(bricks.astype(np.float32), size_wh, interpolation=cv2.INTER_NEAREST)
    row, column = rng.randint(_GRAIN_PX, size=2)
    rows, columns = (np.arange(height) + row) % _GRAIN_PX, (np.arange(width) + column) % _GRAIN_PX
    tone += (0.05 + 0.02 * brick) * grain[rows][:, columns]
    return to_image(tone[:, :, None] * colour)


def _weather(rng: np.random.RandomState, image: np.ndarray, grain: np.ndarray) -> None:
    """Dirt: darker towards the pavement and in streaks, in place."""
    height, width = image.shape[:2]
    rows = np.linspace(1.03, 0.86, height, dtype=np.float32)[:, None]
    streaks = (
        1 + 0.05 * np.repeat(grain[rng.randint(_GRAIN_PX)][: width // 4 + 1], 4)[:width][None, :]
    )
    gain = rows * np.resize(streaks, (1, width))
    image[:] = to_image(image * gain[:, :, None])
