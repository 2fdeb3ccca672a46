"""Simple shapes in metres on an upright board that faces the camera: the stuff of posts, lamps and
signs.

Knows shapes; does not know what they show.
"""

from typing import List, Optional, Tuple

import numpy as np

from catseye.runtime.street.painting.canvas import PLAIN, Canvas, Colour, Tint, tinted


class Stroke:
    """Shapes in metres right of and above a foot point that faces the camera."""

    def __init__(self, canvas: Canvas, foot_px: np.ndarray, scale: float, tint: Tint) -> None:
        self._canvas, self._foot, self._scale, self._tint = canvas, foot_px, scale, tint

    def shape(
        self,
        points: List[Tuple[float, float]],
        colour: Colour,
        class_id: Optional[int],
        shining: bool = False,
    ) -> None:
        """A convex polygon."""
        pixels = self._foot + self._scale * np.array(points) * np.array([1, -1])
        self._canvas.polygon(pixels, tinted(colour, PLAIN if shining else self._tint), class_id)

    def bar(
        self,
        x0: float,
        y0: float,
        x1: float,
        y1: float,
        width: float,
        colour: Colour,
        class_id: Optional[int],
        shining: bool = False,
    ) -> None:
        """A straight bar, never thinner than a pixel and a half."""
        width = max(width, 1.5 / self._scale) / 2
        length = max(float(np.hypot(x1 - x0, y1 - y0)), 1e-6)
        dx, dy = -(y1 - y0) / length * width, (x1 - x0) / length * width
        self.shape(
            [(x0 + dx, y0 + dy), (x1 + dx, y1 + dy), (x1 - dx, y1 - dy), (x0 - dx, y0 - dy)],
            colour,
            class_id,
            shining,
        )

    def box(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        colour: Colour,
        class_id: Optional[int],
    ) -> None:
        """An upright rectangle with its lower left corner at (x, y)."""
        self.shape(
            [(x, y), (x + width, y), (x + width, y + height), (x, y + height)], colour, class_id
        )

    def disc(
        self,
        x: float,
        y: float,
        radius: float,
        colour: Colour,
        class_id: Optional[int],
        shining: bool = False,
    ) -> None:
        """A filled circle."""
        turn = np.linspace(0, 2 * np.pi, 16, endpoint=False)
        self.shape(
            list(zip(x + radius * np.cos(turn), y + radius * np.sin(turn))),
            colour,
            class_id,
            shining,
        )
