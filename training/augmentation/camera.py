"""Other cameras: another field of view, aspect, tilt, lens, crop and side. Knows geometry, not what
is in the frame."""

import cv2
import numpy as np

from catseye.runtime.classes import VOID
from catseye.runtime.tasks.letterbox import PAD_BGR
from catseye.training.augmentation.shot import Shot

# about 90 to 30 degrees across, wider still by a wide lens; then 65 to 45
FIRST_SCALES, LAST_SCALES = (0.55, 2.0), (0.9, 1.4)
FIRST_TILT, LAST_TILT = 2.0, 1.0  # degrees, one standard deviation


def other_camera(
    frame_wh: tuple[int, int],
    size_wh: tuple[int, int],
    rng: np.random.Generator,
    share: float,
    zoom: float,
    focus: tuple[int, int] | None = None,
) -> np.ndarray:
    """(3, 3) float64, a pixel of the crop from one of the frame: scaled, stretched, tilted, flipped
    and cropped.

    share: of the training that is over, in [0, 1]. The cameras come closer to the one that took the
    frames, so that the network sees many scales first and ends with those it will be asked about.
    zoom: of everything, 1 for the frame's own pixels. focus: a pixel x, y of the frame that the
    crop is to lie around as far as the frame reaches; None: anywhere.
    """
    low, high = np.exp((1 - share) * np.log(FIRST_SCALES) + share * np.log(LAST_SCALES))
    tilt = (1 - share) * FIRST_TILT + share * LAST_TILT
    scale = zoom * np.exp(rng.uniform(np.log(low), np.log(high)))
    stretch = np.exp(rng.uniform(-0.12, 0.12))
    angle = np.deg2rad(rng.normal(0, tilt))
    flip = rng.choice((-1.0, 1.0))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    linear = turn @ np.diag((flip * scale * stretch, scale / stretch))
    spare = np.maximum(np.array(frame_wh) * scale - np.array(size_wh), 0) / 2
    middle = np.array(frame_wh) / 2
    away = rng.uniform(-spare, spare)
    if focus is not None:
        away = np.clip(linear @ (middle - focus), -spare, spare)
    shift = np.array(size_wh) / 2 + away - linear @ middle
    return np.vstack((np.column_stack((linear, shift)), (0, 0, 1)))


def seen_by(
    shot: Shot, crop_from_frame: np.ndarray, size_wh: tuple[int, int], barrel: float = 0.0
) -> Shot:
    """The shot in a crop of `size_wh`; what lies outside the frame is void and unanswered. barrel:
    of a wide lens, by how much of its distance a corner is drawn inwards."""
    x, y = _maps(crop_from_frame, size_wh, barrel)
    image = cv2.remap(shot.image, x, y, cv2.INTER_LINEAR, borderValue=PAD_BGR)
    mask = cv2.remap(shot.mask, x, y, cv2.INTER_NEAREST, borderValue=VOID)
    if shot.answers is None:
        return Shot(image, mask)
    # the answers, at half the size, between four pixels of the crop
    half = [(each[::2, ::2] + each[1::2, 1::2] - 1) / 4 for each in (x, y)]
    answers = cv2.remap(np.ascontiguousarray(shot.answers), half[0], half[1], cv2.INTER_LINEAR)
    return Shot(image, mask, answers)


def _maps(
    crop_from_frame: np.ndarray, size_wh: tuple[int, int], barrel: float
) -> tuple[np.ndarray, np.ndarray]:
    """x and y in the frame, (H, W) float32 each, of every pixel of the crop."""
    matrix = np.linalg.inv(crop_from_frame)[:2].astype(np.float32)
    width, height = size_wh
    x, y = np.arange(width, dtype=np.float32)[None], np.arange(height, dtype=np.float32)[:, None]
    if barrel:
        away_x, away_y = x - width / 2, y - height / 2
        wider = barrel * (away_x**2 + away_y**2) * np.float32(4 / (width**2 + height**2))
        x, y = x + away_x * wider, y + away_y * wider
    column, row = (matrix[axis, 0] * x + matrix[axis, 1] * y + matrix[axis, 2] for axis in (0, 1))
    return column.astype(np.float32), row.astype(np.float32)
