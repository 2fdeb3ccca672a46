"""Parts of a house's front: windows, doors, shop windows and fascias, as rectangles in metres on a
flat picture.

Knows how each part is painted; does not know which house has it.
"""

from typing import Tuple

import cv2
import numpy as np

PX_PER_M = 26

_FASCIAS = (
    (150, 60, 30),
    (40, 40, 160),
    (45, 45, 45),
    (40, 90, 40),
    (60, 120, 190),
    (120, 120, 120),
    (90, 40, 90),
    (30, 30, 110),
)


class Painter:
    """Rectangles in metres, the origin at the lower left, on one front."""

    def __init__(self, image: np.ndarray) -> None:
        self.image = image

    def fill(
        self, x: float, y: float, width: float, height: float, colour: Tuple[float, float, float]
    ) -> None:
        """A filled rectangle whose lower left corner is (x, y)."""
        x0, x1 = int(round(x * PX_PER_M)), int(round((x + width) * PX_PER_M)) - 1
        y0, y1 = (
            self.image.shape[0] - int(round((y + height) * PX_PER_M)),
            self.image.shape[0] - int(round(y * PX_PER_M)) - 1,
        )
        cv2.rectangle(self.image, (x0, y0), (max(x0, x1), max(y0, y1)), colour, -1)


def _glass(
    rng: np.random.RandomState,
    painter: Painter,
    x: float,
    y: float,
    width: float,
    height: float,
    lamps: float,
) -> None:
    """A pane: dark, with a paler reflection of the sky at the top, sometimes a curtain or a lamp
    behind."""
    dark = rng.uniform(16, 66)
    painter.fill(x, y, width, height, (dark * 1.1, dark, dark * 0.92))
    if rng.rand() < 0.3 * lamps:
        warm = rng.uniform(190, 255)
        painter.fill(x, y, width, height, (warm * 0.55, warm * 0.85, warm))
    elif rng.rand() < 0.55:
        pale = dark + rng.uniform(30, 150)
        painter.fill(
            x,
            y + height * rng.uniform(0.3, 0.75),
            width,
            height * 0.25,
            (pale * 1.05, pale, pale * 0.95),
        )


def _window(
    rng: np.random.RandomState,
    painter: Painter,
    x: float,
    y: float,
    width: float,
    height: float,
    frame: Tuple[float, float, float],
    trim: Tuple[float, float, float],
    lamps: float,
) -> None:
    painter.fill(x - 0.12, y - 0.14, width + 0.24, 0.14, trim)
    painter.fill(x - 0.1, y + height, width + 0.2, 0.2, trim)
    painter.fill(x, y, width, height, frame)
    _glass(rng, painter, x + 0.09, y + 0.09, width - 0.18, height - 0.18, lamps)
    painter.fill(x, y + height * 0.5, width, 0.07, frame)
    if width > 0.9:
        painter.fill(x + width / 2 - 0.035, y, 0.07, height, frame)


def windows(
    rng: np.random.RandomState,
    painter: Painter,
    width_m: float,
    bottom: float,
    top: float,
    storey_m: float,
    modern: bool,
    lamps: float,
) -> None:
    """Rows of equal windows on the upper floors."""
    columns = max(1, int(round(width_m / rng.uniform(1.9, 3.0))))
    bay = width_m / columns
    width, height = (
        bay * (rng.uniform(0.6, 0.9) if modern else rng.uniform(0.36, 0.52)),
        storey_m * rng.uniform(0.45, 0.6),
    )
    pale, stone = rng.choice([50.0, 215.0], p=[0.2, 0.8]), rng.uniform(90, 200)
    y = bottom + (storey_m - height) * 0.45
    while y + height + 0.15 < top:
        for column in range(columns):
            x = (column + 0.5) * bay - width / 2
            _window(
                rng,
                painter,
                x,
                y,
                width,
                height,
                (pale, pale, pale),
                (stone * 0.94, stone, stone),
                lamps,
            )
        y += storey_m


def shop_front(rng: np.random.RandomState, painter: Painter, width_m: float) -> float:
    """Display windows, a door and a lettered fascia; the height in metres at which the wall
    begins."""
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
            painter.fill(
                x + rng.uniform(0.05, max(0.06, pane - 0.8)),
                bottom + rng.uniform(0, 1.2),
                0.3,
                rng.uniform(0.15, 0.6),
                tuple(goods),
            )
        x += pane
    painter.fill(0, 2.6, width_m, 0.75, tuple(colour))
    ink = 235.0 if colour.mean() < 120 else 30.0
    x = width_m * rng.uniform(0.1, 0.3)
    while x < width_m * 0.8:  # letters, too small to be read
        letter = rng.uniform(0.12, 0.3)
        painter.fill(x, 2.8, letter, rng.uniform(0.22, 0.38), (ink, ink, ink))
        x += letter + rng.choice([0.07, 0.07, 0.3])
    return 3.5


def house_front(
    rng: np.random.RandomState, painter: Painter, width_m: float, modern: bool, lamps: float
) -> float:
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
