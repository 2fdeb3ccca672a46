"""Other cameras: another field of view, aspect, tilt, direction, crop and side. Knows geometry, not
what is in the frame."""

import cv2
import numpy as np

from catseye.runtime.classes import VOID
from catseye.runtime.tasks.letterbox import PAD_BGR
from catseye.training.augmentation.shot import Shot

FIRST_SCALES, LAST_SCALES = (0.6, 2.0), (0.9, 1.4)
FIRST_TILT, LAST_TILT = 2.0, 1.0  # degrees, one standard deviation
# a pixel of the answers, at half the size, in pixels of the frame
FRAME_FROM_HALF = np.array([[2, 0, 0.5], [0, 2, 0.5], [0, 0, 1]])


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


def seen_by(shot: Shot, crop_from_frame: np.ndarray, size_wh: tuple[int, int]) -> Shot:
    """The shot in a crop of `size_wh`; what lies outside the frame is void and unanswered."""
    matrix = crop_from_frame[:2]
    image = cv2.warpAffine(shot.image, matrix, size_wh, flags=cv2.INTER_LINEAR, borderValue=PAD_BGR)
    mask = cv2.warpAffine(shot.mask, matrix, size_wh, flags=cv2.INTER_NEAREST, borderValue=VOID)
    if shot.answers is None:
        return Shot(image, mask)
    halved = np.linalg.inv(FRAME_FROM_HALF) @ crop_from_frame @ FRAME_FROM_HALF
    half_wh = (size_wh[0] // 2, size_wh[1] // 2)
    answers = cv2.warpAffine(np.ascontiguousarray(shot.answers), halved[:2], half_wh)
    return Shot(image, mask, answers)
