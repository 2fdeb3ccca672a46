"""Fronts of houses: brick, render or stone, with windows, doors and shop fronts, painted as flat textures.

Knows what a front looks like from straight ahead; does not know where it stands.
"""

from typing import List, NamedTuple, Tuple

import cv2
import numpy as np

from catseye.runtime.street.canvas import Texture
from catseye.runtime.street.noise import fractal, rng_of, to_image

PX_PER_M = 26
_GRAIN_PX = 512

Facade = NamedTuple("Facade", [
    ("texture", Texture), ("width_m", float), ("height_m", float), ("depth_m", float),
    ("roof", str),  # pitch, gable or flat
    ("rise_m", float), ("roof_bgr", np.ndarray), ("wall", Texture), ("chimneys", int),
])

_WALLS = (  # BGR of yellow and red brick, render and stone under a white sky
    (112, 148, 168), (104, 138, 160), (88, 122, 150), (62, 78, 128), (72, 88, 120), (202, 212, 216), (222, 224, 224),
    (180, 204, 212), (140, 152, 156), (170, 174, 172), (96, 116, 128), (110, 112, 112),
)
_FASCIAS = ((150, 60, 30), (40, 40, 160), (45, 45, 45), (40, 90, 40), (60, 120, 190), (120, 120, 120), (90, 40, 90), (30, 30, 110))
_ROOFS = ((72, 66, 64), (58, 56, 56), (60, 74, 108), (70, 80, 96))


class _Painter:
    """Rectangles in metres, the origin at the lower left, on one front."""

    def __init__(self, image: np.ndarray) -> None:
        self.image = image

    def fill(self, x: float, y: float, width: float, height: float, colour: Tuple[float, float, float]) -> None:
        """A filled rectangle whose lower left corner is (x, y)."""
        x0, x1 = int(round(x * PX_PER_M)), int(round((x + width) * PX_PER_M)) - 1
        y0, y1 = self.image.shape[0] - int(round((y + height) * PX_PER_M)), self.image.shape[0] - int(round(y * PX_PER_M)) - 1
        cv2.rectangle(self.image, (x0, y0), (max(x0, x1), max(y0, y1)), colour, -1)


def make_facades(seed: int, count: int, lamps: float) -> List[Facade]:
    """`count` fronts of one street; `lamps` 0-1 is how many of the windows are lit."""
    rng = rng_of(seed, 501)
    grain = fractal(rng, (_GRAIN_PX, _GRAIN_PX), (512, 200, 24, 6, 2), 0.75)
    shops = rng.uniform(0, 0.8)
    return [_facade(rng, grain, rng.rand() < shops, lamps) for _ in range(count)]


def _facade(rng: np.random.RandomState, grain: np.ndarray, shop: bool, lamps: float) -> Facade:
    modern = rng.rand() < 0.25
    storeys = int(rng.choice([2, 3, 4] if shop or modern else [2, 2, 3]))
    storey_m, width_m = rng.uniform(2.7, 3.3), rng.uniform(9, 17) if modern else rng.uniform(4.8, 9.5)
    height_m = storeys * storey_m + (0.9 if shop else 0.5) + (0.5 if modern else 0.0)
    colour = np.array(_WALLS[rng.randint(len(_WALLS))]) * rng.uniform(0.75, 1.12)
    brick = float(colour.max() < 165)
    image = _wall(rng, grain, (int(width_m * PX_PER_M), int(height_m * PX_PER_M)), colour, brick)
    painter = _Painter(image)
    ground_m = _shop_front(rng, painter, width_m) if shop else _house_front(rng, painter, width_m, modern, lamps)
    _windows(rng, painter, width_m, ground_m, height_m - 0.45, storey_m, modern, lamps)
    painter.fill(0, height_m - 0.16, width_m, 0.16, tuple(colour * rng.choice([0.55, 1.15])))
    if rng.rand() < 0.5:
        painter.fill(width_m - 0.12, 0, 0.1, height_m, (50, 50, 50))
    _weather(rng, image, grain)
    wall = Texture(_wall(rng, grain, (192, 192), colour * 0.95, brick), PX_PER_M)
    roof = "flat" if modern else str(rng.choice(["pitch", "gable"], p=[0.85, 0.15]))
    roof_bgr = np.array(_ROOFS[rng.randint(len(_ROOFS))]) * rng.uniform(0.8, 1.2)
    return Facade(Texture(image, PX_PER_M), width_m, height_m, rng.uniform(7, 11), roof, rng.uniform(1.8, 3.2), roof_bgr, wall,
                  0 if modern else rng.randint(0, 3))


def _wall(rng: np.random.RandomState, grain: np.ndarray, size_wh: Tuple[int, int], colour: np.ndarray, brick: float) -> np.ndarray:
    """Bare wall (H, W, 3) uint8: every brick of its own tone, stains over all."""
    width, height = size_wh
    bricks = rng.normal(0, 0.075 * brick, (int(height / PX_PER_M / 0.08) + 1, int(width / PX_PER_M / 0.24) + 1))
    tone = 1 + cv2.resize(bricks.astype(np.float32), size_wh, interpolation=cv2.INTER_NEAREST)
    row, column = rng.randint(_GRAIN_PX, size=2)
    rows, columns = (np.arange(height) + row) % _GRAIN_PX, (np.arange(width) + column) % _GRAIN_PX
    tone += (0.05 + 0.02 * brick) * grain[rows][:, columns]
    return to_image(tone[:, :, None] * colour)


def _glass(rng: np.random.RandomState, painter: _Painter, x: float, y: float, width: float, height: float, lamps: float) -> None:
    """A pane: dark, with a paler reflection of the sky at the top, sometimes a curtain or a lamp behind."""
    dark = rng.uniform(16, 66)
    painter.fill(x, y, width, height, (dark * 1.1, dark, dark * 0.92))
    if rng.rand() < 0.3 * lamps:
        warm = rng.uniform(190, 255)
        painter.fill(x, y, width, height, (warm * 0.55, warm * 0.85, warm))
    elif rng.rand() < 0.55:
        pale = dark + rng.uniform(30, 150)
        painter.fill(x, y + height * rng.uniform(0.3, 0.75), width, height * 0.25, (pale * 1.05, pale, pale * 0.95))


def _window(rng: np.random.RandomState, painter: _Painter, x: float, y: float, width: float, height: float,
            frame: Tuple[float, float, float], trim: Tuple[float, float, float], lamps: float) -> None:
    painter.fill(x - 0.12, y - 0.14, width + 0.24, 0.14, trim)
    painter.fill(x - 0.1, y + height, width + 0.2, 0.2, trim)
    painter.fill(x, y, width, height, frame)
    _glass(rng, painter, x + 0.09, y + 0.09, width - 0.18, height - 0.18, lamps)
    painter.fill(x, y + height * 0.5, width, 0.07, frame)
    if width > 0.9:
        painter.fill(x + width / 2 - 0.035, y, 0.07, height, frame)


def _windows(rng: np.random.RandomState, painter: _Painter, width_m: float, bottom: float, top: float, storey_m: float,
             modern: bool, lamps: float) -> None:
    """Rows of equal windows on the upper floors."""
    columns = max(1, int(round(width_m / rng.uniform(1.9, 3.0))))
    bay = width_m / columns
    width, height = bay * (rng.uniform(0.6, 0.9) if modern else rng.uniform(0.36, 0.52)), storey_m * rng.uniform(0.45, 0.6)
    pale, stone = rng.choice([50.0, 215.0], p=[0.2, 0.8]), rng.uniform(90, 200)
    y = bottom + (storey_m - height) * 0.45
    while y + height + 0.15 < top:
        for column in range(columns):
            x = (column + 0.5) * bay - width / 2
            _window(rng, painter, x, y, width, height, (pale, pale, pale), (stone * 0.94, stone, stone), lamps)
        y += storey_m


def _shop_front(rng: np.random.RandomState, painter: _Painter, width_m: float) -> float:
    """Display windows, a door and a lettered fascia; the height in metres at which the wall begins."""
    colour = np.array(_FASCIAS[rng.randint(len(_FASCIAS))]) * rng.uniform(0.8, 1.2)
    painter.fill(0, 0, width_m, 3.4, tuple(colour * 0.7))
    x, door = 0.25, rng.randint(0, 3)
    panes = max(2, int(width_m / 2.0))
    pane = (width_m - 0.25) / panes
    for index in range(panes):
        bottom = 0.1 if index == door else 0.55
        _glass(rng, painter, x, bottom, pane - 0.2, 2.4 - bottom, 0.0)
        for _ in range(5):  # wares
            goods = rng.uniform(30, 190, 3)
            painter.fill(x + rng.uniform(0.05, max(0.06, pane - 0.8)), bottom + rng.uniform(0, 1.2), 0.3, rng.uniform(0.15, 0.6), tuple(goods))
        x += pane
    painter.fill(0, 2.6, width_m, 0.75, tuple(colour))
    ink = 235.0 if colour.mean() < 120 else 30.0
    x = width_m * rng.uniform(0.1, 0.3)
    while x < width_m * 0.8:  # letters, too small to be read
        letter = rng.uniform(0.12, 0.3)
        painter.fill(x, 2.8, letter, rng.uniform(0.22, 0.38), (ink, ink, ink))
        x += letter + rng.choice([0.07, 0.07, 0.3])
    return 3.5


def _house_front(rng: np.random.RandomState, painter: _Painter, width_m: float, modern: bool, lamps: float) -> float:
    """Ground floor of a dwelling or an office; the height at which the upper floors begin."""
    if modern:
        return 0.2
    door_x, paint = rng.uniform(0.4, 1.2), rng.uniform(20, 140, 3)
    painter.fill(door_x - 0.12, 0, 1.2, 2.5, (200, 205, 205))
    painter.fill(door_x, 0.1, 0.95, 2.05, tuple(paint))
    _glass(rng, painter, door_x + 0.1, 2.2, 0.75, 0.25, lamps)
    x = door_x + 1.8
    while x + 1.3 < width_m:
        _window(rng, painter, x, 0.85, 1.3, 1.5, (210, 212, 212), (130, 140, 142), lamps)
        x += 2.3
    return 2.8


def _weather(rng: np.random.RandomState, image: np.ndarray, grain: np.ndarray) -> None:
    """Dirt: darker towards the pavement and in streaks, in place."""
    height, width = image.shape[:2]
    rows = np.linspace(1.03, 0.86, height, dtype=np.float32)[:, None]
    streaks = 1 + 0.05 * np.repeat(grain[rng.randint(_GRAIN_PX)][:width // 4 + 1], 4)[:width][None, :]
    gain = rows * np.resize(streaks, (1, width))
    image[:] = to_image(image * gain[:, :, None])
