"""The sky and the far skyline: what lies at the horizon or beyond, and so only turns with the
camera.

Paints a panorama once per drive and copies the part that the camera sees; knows nothing of the near
street.
"""

from typing import Tuple

import cv2
import numpy as np

from catseye.runtime.classes import NAMES
from catseye.runtime.street.painting.camera import Camera
from catseye.runtime.street.painting.canvas import Canvas
from catseye.runtime.street.painting.look import Look
from catseye.runtime.street.painting.noise import fractal, rng_of, to_image

_SKY, _TREE, _BUILDING = NAMES.index("Sky"), NAMES.index("Tree"), NAMES.index("Building")
_TURN = 0.45  # radians of yaw that the panorama holds to either side beyond the field of view


class Sky:
    """A panorama (H, W, 3) of sky, clouds and skyline with its labels, about as fine as the
    frame."""

    def __init__(self, seed: int, look: Look, focal_px: float, size_wh: Tuple[int, int]) -> None:
        rng = rng_of(seed, 301)
        width = int(size_wh[0] + 2 * focal_px * _TURN)
        self._above = int(size_wh[1] * 0.75)  # rows of sky above the horizon
        height = self._above + int(size_wh[1] * 0.12)
        self.picture = _heaven(rng, look, (width, height), self._above)
        self.labels = np.full((height, width), _SKY, np.uint8)
        self._skyline(rng, look, focal_px)

    def paint(self, canvas: Canvas, camera: Camera) -> None:
        """Fill the whole canvas, sky above and the horizon's last row below."""
        angle = camera.pose.roll
        turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
        middle = np.array(
            [self.picture.shape[1] / 2.0 + camera.pose.yaw * camera.focal_px, self._above]
        )
        seen_at = np.array([camera.centre[0], camera.horizon_row()])
        panorama_from_pixel = np.column_stack([turn, middle - turn.dot(seen_at)])
        canvas.image[:] = _seen(self.picture, panorama_from_pixel, canvas.size_wh, cv2.INTER_LINEAR)
        canvas.mask[:] = _seen(self.labels, panorama_from_pixel, canvas.size_wh, cv2.INTER_NEAREST)

    def _skyline(self, rng: np.random.RandomState, look: Look, focal_px: float) -> None:
        """Far roofs and, before them, the tops of far trees."""
        height, width = self.labels.shape
        rows = np.arange(height)[:, None]
        scale = focal_px * 0.01
        blocks = np.repeat(rng.uniform(0.5, 5.0, width), rng.randint(6, 30, width))[
            :width
        ] * rng.choice([0.4, 1.0])
        crowns = 2.6 + fractal(rng, (width, 1), (12, 40, 120, 360))[0] * rng.uniform(0.5, 1.6)
        grain = fractal(rng, (width, height), (width // 40, width // 9, width // 3), 0.9)
        for top, colour, label in (
            (blocks, (88, 90, 92), _BUILDING),
            (crowns, (58, 66, 62), _TREE),
        ):
            inside = rows >= self._above - top * scale
            light = look.ambient + 0.35 * look.sun
            shade = np.asarray(colour) * light * (1 + 0.18 * grain[:, :, None])
            hazed = to_image(0.62 * shade + 0.38 * look.haze)
            self.picture[inside] = hazed[inside]
            self.labels[inside] = label
        cut = slice(max(0, self._above - int(8 * scale)), None)
        self.picture[cut] = cv2.GaussianBlur(self.picture[cut], (0, 0), 0.7)


def _seen(
    panorama: np.ndarray, panorama_from_pixel: np.ndarray, size_wh: Tuple[int, int], how: int
) -> np.ndarray:
    """The part of a panorama that fills the frame; its border goes on for ever."""
    flags = how | cv2.WARP_INVERSE_MAP
    return cv2.warpAffine(
        panorama, panorama_from_pixel, size_wh, flags=flags, borderMode=cv2.BORDER_REPLICATE
    )


def _heaven(
    rng: np.random.RandomState, look: Look, size_wh: Tuple[int, int], above: int
) -> np.ndarray:
    """Gradient and clouds. Clouds are a noise seen on a flat ceiling, hence flatter towards the
    horizon."""
    width, height = size_wh
    # 0 at the horizon
    rise = np.clip((above - np.arange(height, dtype=np.float32)) / above, 0, 1)[:, None]
    clear = look.horizon + (look.zenith - look.horizon) * (rise**0.7)[:, :, None]
    noise = fractal(rng, (512, 256), (3, 6, 13, 27, 55, 110), 0.62)
    ceiling = 1.0 / (rise + 0.12)
    map_x = (np.arange(width, dtype=np.float32) - width / 2.0) * ceiling * 0.32 + 256
    map_y = np.broadcast_to(ceiling * 100, (height, width)).astype(np.float32)
    cloudy = cv2.remap(
        noise, map_x.astype(np.float32), map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP
    )
    cover = 1 / (1 + np.exp(-3.0 * (cloudy + 4.0 * look.cloud - 2.0)))[:, :, None]
    bright = np.array([253, 252, 250.0]) if look.lamps == 0 else look.horizon * 1.05
    cloud = bright * (
        1
        - (0.10 + 0.25 * look.lamps)
        * np.clip(1.0 - 0.6 * cloudy, 0, 2)[:, :, None]
        * (0.3 + rise[:, :, None])
    )
    return to_image(clear + (cloud - clear) * cover)
