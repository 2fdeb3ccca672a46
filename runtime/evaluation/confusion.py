"""A confusion matrix as a picture: a row per true class, a column per answer, shares of the row in
per cent."""

from typing import Sequence

import cv2
import numpy as np

from catseye.runtime.draw import FONT

CELL_WH = (58, 30)
LEFT, TOP = 104, 40  # room for the names
INK, PAPER = (40, 40, 40), 255


def confusion_picture(counts: np.ndarray, names: Sequence[str]) -> np.ndarray:
    """(C, C) counts, truth by prediction -> (H, W, 3) uint8 BGR; darker is more, the diagonal is
    what was right."""
    shares = counts / np.maximum(counts.sum(1, keepdims=True), 1)
    width, height = CELL_WH
    rows, columns = TOP + height * len(names) + 8, LEFT + width * len(names) + 8
    picture = np.full((rows, columns, 3), PAPER, np.uint8)
    for row, name in enumerate(names):
        _write(picture, name, (6, TOP + row * height + 20), INK)
        _write(picture, name[:7], (LEFT + row * width + 4, TOP - 10), INK)
        for column in range(len(names)):
            _draw_cell(picture, row, column, float(shares[row, column]))
    _write(picture, "true \\ answer, %", (6, 16), INK)
    return picture


def _draw_cell(picture: np.ndarray, row: int, column: int, share: float) -> None:
    width, height = CELL_WH
    x, y = LEFT + column * width, TOP + row * height
    fade = 1 - share
    hue = (210, 120, 30) if row == column else (60, 60, 220)  # right: blue; wrong: red
    colour = [int(tone + (PAPER - tone) * fade) for tone in hue]
    cv2.rectangle(picture, (x, y), (x + width - 2, y + height - 2), colour, -1)
    if share >= 0.005:
        ink = INK if share < 0.6 else (PAPER, PAPER, PAPER)
        _write(picture, "%.0f" % (100 * share), (x + 16, y + 20), ink)


def _write(picture: np.ndarray, text: str, corner: Sequence[int], colour: Sequence[int]) -> None:
    cv2.putText(picture, text, (corner[0], corner[1]), FONT, 0.42, colour, 1, cv2.LINE_AA)
