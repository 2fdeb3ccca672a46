"""The picture of a bisection: a row for each layer, its error before and after, and whether it
stays float."""

from collections.abc import Collection, Sequence

import cv2
import numpy as np

from catseye.export.bisection.layer_errors import LayerError

ROW, TOP, BAR_X, BAR_WIDTH, MARGIN = 18, 58, 470, 480, 16
BEST_DB = 60.0  # bars end here: a thousandth of the signal
INK, FAINT, GROUND = (40, 40, 40), (210, 210, 210), (255, 255, 255)
BEFORE, AFTER = (60, 90, 220), (110, 160, 60)


def picture_of_errors(
    title: str, before: Sequence[LayerError], after: Sequence[LayerError], kept: Collection[str]
) -> np.ndarray:
    """(H, W, 3) uint8 BGR; longer bars are better: signal to error in dB, 0 to BEST_DB."""
    picture = np.full(
        (TOP + ROW * len(before) + MARGIN, BAR_X + BAR_WIDTH + MARGIN, 3), GROUND, np.uint8
    )
    _write(picture, title, MARGIN, 22, 0.5)
    _legend(picture, len(kept))
    for tick in range(0, int(BEST_DB) + 1, 20):
        x = BAR_X + int(BAR_WIDTH * tick / BEST_DB)
        cv2.line(picture, (x, TOP), (x, picture.shape[0] - MARGIN), FAINT, 1)
        _write(picture, f"{tick} dB", x - 14, TOP - 4, 0.35)
    for row, (old, new) in enumerate(zip(before, after)):
        y = TOP + ROW * row
        if old.layer in kept:
            picture[y : y + ROW, : BAR_X - 6] = (205, 235, 255)
        _write(picture, f"{old.operator}  {_short(old.layer)}", MARGIN, y + 13, 0.38)
        _bar(picture, y + 3, old.output_db, BEFORE)
        _bar(picture, y + 10, new.output_db, AFTER)
    return picture


def _bar(picture: np.ndarray, y: int, db: float, colour: tuple[int, int, int]) -> None:
    length = int(BAR_WIDTH * np.clip(db / BEST_DB, 0.004, 1))
    cv2.rectangle(picture, (BAR_X, y), (BAR_X + length, y + 5), colour, -1)


def _legend(picture: np.ndarray, kept: int) -> None:
    for x, colour, text in (
        (MARGIN, BEFORE, "as it was"),
        (MARGIN + 110, AFTER, f"layers in float: {kept}"),
    ):
        cv2.rectangle(picture, (x, 34), (x + 10, 44), colour, -1)
        _write(picture, text, x + 16, 44, 0.4)


def _short(name: str) -> str:
    return name if len(name) < 58 else "..." + name[-55:]


def _write(picture: np.ndarray, text: str, x: int, y: int, scale: float) -> None:
    cv2.putText(picture, text, (x, y), cv2.FONT_HERSHEY_SIMPLEX, scale, INK, 1, cv2.LINE_AA)
