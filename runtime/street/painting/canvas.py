"""What is painted on: the picture and the mask, always together, so that the mask is exact by
construction.

Knows polygons, textured planes and cut-out sprites in pixels; does not know what they depict.
"""

from typing import Dict, NamedTuple, Optional, Tuple

import cv2
import numpy as np

from catseye.runtime.street.painting.camera import Camera

Colour = Tuple[float, float, float]
Box = Tuple[int, int, int, int]
SHIFT = 4  # polygon corners are placed to 1/16 pixel
_LEVELS = np.arange(256.0).reshape(1, 256, 1)


class Tint(NamedTuple):
    """What light and air do to a colour: seen = gain * own + offset, BGR."""

    gain: np.ndarray
    offset: np.ndarray


PLAIN = Tint(np.ones(3), np.zeros(3))


def tinted(colour: Colour, tint: Tint) -> Colour:
    """A BGR colour as it is seen in that light and haze."""
    (gain_b, gain_g, gain_r), (haze_b, haze_g, haze_r) = tint
    b, g, r = colour
    return (
        min(b * gain_b + haze_b, 255.0),
        min(g * gain_g + haze_g, 255.0),
        min(r * gain_r + haze_r, 255.0),
    )


def tinted_image(image: np.ndarray, tint: Tint) -> np.ndarray:
    """A BGR picture (H, W, 3) uint8 as it is seen in that light and haze."""
    levels = np.minimum(_LEVELS * tint.gain + tint.offset, 255.0)
    return cv2.LUT(image, levels.astype(np.uint8))


class Texture:
    """A BGR (or BGR + alpha) picture with its reductions in either direction, made when first asked
    for."""

    def __init__(self, image: np.ndarray, px_per_m: float) -> None:
        self.image = image
        self.px_per_m = px_per_m
        mean = image[::4, ::4].reshape(-1, image.shape[2]).mean(axis=0)
        self.mean_bgr = (float(mean[0]), float(mean[1]), float(mean[2]))
        self._reduced: Dict[Tuple[int, int], np.ndarray] = {}

    def reduced(self, by_x: float, by_y: float) -> np.ndarray:
        """The picture shrunk by the powers of two nearest below the two factors."""
        height, width = self.image.shape[:2]
        level_x = int(np.clip(np.log2(max(by_x, 1.0)), 0, np.log2(width / 2.0)))
        level_y = int(np.clip(np.log2(max(by_y, 1.0)), 0, np.log2(height / 2.0)))
        if (level_x, level_y) not in self._reduced:
            size_wh = (max(1, width >> level_x), max(1, height >> level_y))
            self._reduced[level_x, level_y] = cv2.resize(
                self.image, size_wh, interpolation=cv2.INTER_AREA
            )
        return self._reduced[level_x, level_y]


def fixed_point(points: np.ndarray) -> np.ndarray:
    """Pixels (N, 2) float to OpenCV's fixed-point int32."""
    return (points * (1 << SHIFT)).astype(np.int32)


class Canvas:
    """image (H, W, 3) uint8 BGR and mask (H, W) uint8 class ids, painted from far to near."""

    def __init__(self, size_wh: Tuple[int, int]) -> None:
        self.size_wh = size_wh
        self.image = np.zeros((size_wh[1], size_wh[0], 3), np.uint8)
        self.mask = np.zeros((size_wh[1], size_wh[0]), np.uint8)
        # 255 where the sun reaches the ground
        self.sunlit = np.full((size_wh[1], size_wh[0]), 255, np.uint8)

    def polygon(self, points: np.ndarray, colour: Colour, class_id: Optional[int]) -> None:
        """A convex polygon (N, 2) in pixels; class_id None paints the picture alone, for details
        within an outline."""
        if len(points) < 3:
            return
        corners = fixed_point(points)
        cv2.fillConvexPoly(self.image, corners, colour, cv2.LINE_AA, SHIFT)
        if class_id is not None:
            cv2.fillConvexPoly(self.mask, corners, class_id, cv2.LINE_8, SHIFT)

    def box_of(self, points: np.ndarray) -> Optional[Box]:
        """Bounding box (x0, y0, x1, y1) of the part inside the picture, or None."""
        if len(points) < 3:
            return None
        low, high = np.floor(points.min(axis=0)) - 1, np.ceil(points.max(axis=0)) + 2
        x0, y0 = int(max(low[0], 0)), int(max(low[1], 0))
        x1, y1 = int(min(high[0], self.size_wh[0])), int(min(high[1], self.size_wh[1]))
        return (x0, y0, x1, y1) if x1 > x0 and y1 > y0 else None

    def plane(
        self,
        camera: Camera,
        texture: Texture,
        origin: np.ndarray,
        axes: np.ndarray,
        outline_st: np.ndarray,
        points: np.ndarray,
        box: Box,
        tint: Tint,
        class_id: int,
    ) -> None:
        """A flat surface, the texture repeated over it. The texture's lower left corner lies at
        `origin`, its x runs along axes[0] and its upward direction along axes[1] (unit vectors, (2,
        3)); outline_st (N, 2) in metres is its outline, points (M, 2) the same in pixels, cut at
        the near plane, and box what they cover."""
        cover = self._cover(points, box)
        extent = (
            np.maximum(outline_st.max(axis=0) - outline_st.min(axis=0), 1e-3) * texture.px_per_m
        )
        seen = np.maximum(points.max(axis=0) - points.min(axis=0), 1.0)
        level = texture.reduced(extent[0] / seen[0], extent[1] / seen[1])
        matrix = camera.plane_homography(origin, axes).dot(_metres_from_texel(texture, level))
        picture = _warped(level, matrix, box)
        if picture.shape[2] == 4:
            self._blend(
                tinted_image(picture[:, :, :3], tint),
                cv2.min(cover, picture[:, :, 3]),
                cover,
                box,
                class_id,
            )
        else:
            self._blend(tinted_image(picture, tint), cover, cover, box, class_id)

    def sprite(
        self,
        picture: np.ndarray,
        label: np.ndarray,
        pixels_from_sprite: np.ndarray,
        tint: Tint,
        class_id: int,
    ) -> None:
        """A cut-out: picture (h, w, 4) BGR + alpha and label (h, w), 255 inside, placed by an
        affine map (2, 3)."""
        height, width = picture.shape[:2]
        corners = np.array([[0, 0, 1], [width, 0, 1], [width, height, 1], [0, height, 1.0]]).dot(
            pixels_from_sprite.T
        )
        box = self.box_of(corners)
        if box is None:
            return
        matrix = pixels_from_sprite - np.array([[0, 0, box[0]], [0, 0, box[1]]])
        size_wh = (box[2] - box[0], box[3] - box[1])
        seen = cv2.warpAffine(picture, matrix, size_wh, flags=cv2.INTER_LINEAR)
        inside = cv2.warpAffine(label, matrix, size_wh, flags=cv2.INTER_LINEAR)
        self._blend(tinted_image(seen[:, :, :3], tint), seen[:, :, 3], inside, box, class_id)

    def _cover(self, points: np.ndarray, box: Box) -> np.ndarray:
        cover = np.zeros((box[3] - box[1], box[2] - box[0]), np.uint8)
        corners = fixed_point(points - np.array([box[0], box[1]]))
        cv2.fillPoly(cover, [corners], 255, cv2.LINE_AA, SHIFT)
        return cover

    def _blend(
        self, picture: np.ndarray, alpha: np.ndarray, inside: np.ndarray, box: Box, class_id: int
    ) -> None:
        window = (slice(box[1], box[3]), slice(box[0], box[2]))
        weight = cv2.merge([alpha, alpha, alpha])
        above = cv2.multiply(picture, weight, scale=1 / 255.0)
        below = cv2.multiply(
            np.ascontiguousarray(self.image[window]), cv2.bitwise_not(weight), scale=1 / 255.0
        )
        self.image[window] = cv2.add(above, below)
        self.mask[window][inside > 127] = class_id


def _metres_from_texel(texture: Texture, level: np.ndarray) -> np.ndarray:
    """Affine map (3, 3) from texels of one of the texture's reductions to metres right of and above
    its corner."""
    scale_x = level.shape[1] * texture.px_per_m / texture.image.shape[1]
    scale_y = level.shape[0] * texture.px_per_m / texture.image.shape[0]
    return np.array(
        [
            [1 / scale_x, 0, 0.5 / scale_x],
            [0, -1 / scale_y, (level.shape[0] - 0.5) / scale_y],
            [0, 0, 1.0],
        ]
    )


def _warped(level: np.ndarray, matrix: np.ndarray, box: Box) -> np.ndarray:
    """The part of a warped, endlessly repeated texture inside the box."""
    box_from_pixel = np.array([[1, 0, -box[0]], [0, 1, -box[1]], [0, 0, 1.0]])
    return cv2.warpPerspective(
        level,
        box_from_pixel.dot(matrix),
        (box[2] - box[0], box[3] - box[1]),
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_WRAP,
    )


def pixels_from_cutout(foot_px: np.ndarray, scale: float, shape: Tuple[int, ...]) -> np.ndarray:
    """Affine map (2, 3) that puts a cut-out's lower middle at foot_px, scaled about it."""
    return np.array(
        [[scale, 0, foot_px[0] - scale * shape[1] / 2.0], [0, scale, foot_px[1] - scale * shape[0]]]
    )
