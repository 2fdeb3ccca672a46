"""The car's own bonnet at the lower edge, as many dash cameras see it. Knows arrays only."""

import cv2
import numpy as np

from catseye.training.augmentation.shot import Shot


def with_bonnet(shot: Shot, code: int, frame: np.ndarray, rng: np.random.Generator) -> Shot:
    """The shot behind a bonnet of some colour that mirrors the scene; its pixels become `code`, and
    unanswered. frame: (H, W) bool, where there is a picture."""
    height, width = shot.mask.shape
    rise, middle = height * rng.uniform(0.04, 0.2), width * rng.uniform(0.35, 0.65)
    x = np.arange(width, dtype=np.float32)
    edge = height - rise * (1 - ((x - middle) / (width * rng.uniform(0.6, 1.2))) ** 2)
    top = int(edge.min())
    inside = (np.arange(top, height)[:, None] > edge) & frame[top:]
    image, mask = shot.image.copy(), shot.mask.copy()
    image[top:][inside] = _paint(shot.image, height - top, rng)[inside]
    mask[top:][inside] = code
    answers = shot.answers
    if answers is not None:
        hidden = np.zeros((height, width), bool)
        hidden[top:] = inside
        answers = np.where(hidden[::2, ::2, None], np.uint8(0), answers)
    return Shot(image, mask, answers)


def _paint(image: np.ndarray, rows: int, rng: np.random.Generator) -> np.ndarray:
    """(rows, W, 3) uint8: a colour, more or less bright towards the edge, and the scene in it."""
    colour = rng.uniform(0, 110) + rng.uniform(-35, 35, 3)
    shine = 1 + rng.uniform(-0.3, 0.6) * np.linspace(1, 0, rows)[:, None, None]
    mirrored = cv2.blur(image[: 2 * rows : 2][::-1], (9, 5))
    share = rng.uniform(0.05, 0.5)
    return np.clip((1 - share) * colour * shine + share * mirrored, 0, 255).astype(np.uint8)
