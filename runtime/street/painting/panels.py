"""Flat textured pieces of the world - walls, roofs, fences - and how they reach the canvas.

Knows one piece at a time, given its light; does not know what the pieces build.
"""

from typing import List, NamedTuple

import numpy as np

from catseye.runtime.street.painting.camera import Camera
from catseye.runtime.street.painting.canvas import Canvas, Texture, Tint, tinted

_SMALL_PX = 220  # a piece that fills fewer pixels is painted in its mean colour


class Panel(NamedTuple):
    """A flat textured piece of the world."""

    texture: Texture
    origin: np.ndarray  # world point (3,) of the texture's lower left corner
    axes: np.ndarray  # unit vectors (2, 3) along the texture's width and up its height
    outline_st: np.ndarray  # (N, 2) metres along the axes, convex or not
    corners: np.ndarray  # the outline in the world (N, 3)
    normal: np.ndarray  # (3,) towards the side that can be seen
    gain: np.ndarray  # BGR light on it
    class_id: int


def make_panel(
    texture: Texture,
    origin: np.ndarray,
    axes: np.ndarray,
    outline_st: np.ndarray,
    normal: np.ndarray,
    gain: np.ndarray,
    class_id: int,
) -> Panel:
    """A panel whose corners are worked out."""
    return Panel(
        texture=texture,
        origin=origin,
        axes=axes,
        outline_st=outline_st,
        corners=origin + outline_st.dot(axes),
        normal=normal,
        gain=gain,
        class_id=class_id,
    )


def cross(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Cross product of two vectors (3,), without the generality that makes NumPy's slow."""
    return np.array(
        [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
    )


def paint_panels(canvas: Canvas, camera: Camera, panels: List[Panel], air: Tint) -> None:
    """Paint those that face the camera, in their order, all through the same air."""
    seen = [panel for panel in panels if panel.normal.dot(camera.position - panel.origin) > 0]
    for panel, points in zip(seen, camera.outlines([panel.corners for panel in seen])):
        box = canvas.box_of(points)
        if box is None:
            continue
        tint = Tint(panel.gain * air.gain, air.offset)
        if (box[2] - box[0]) * (box[3] - box[1]) < _SMALL_PX and len(points) == 4:
            canvas.polygon(points, tinted(panel.texture.mean_bgr, tint), panel.class_id)
        else:
            canvas.plane(
                camera,
                panel.texture,
                panel.origin,
                panel.axes,
                panel.outline_st,
                points,
                box,
                tint,
                panel.class_id,
            )
