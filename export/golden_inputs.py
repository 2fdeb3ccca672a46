"""The golden frames of a model file: synthetic, few, small when compressed, the same every time."""

import cv2
import numpy as np

from catseye.runtime.street import Street
from catseye.runtime.tasks.gan import noise_bytes

CASES = 3
WINDOW_WH = (81, 60)  # small: a coder that denoises keeps half of its codes


def golden_inputs(task: str, shape: tuple[int, ...]) -> list[np.ndarray]:
    """uint8 inputs for a task's graph: streets for frames (1, H, W, 3), drawn digits for slots (N,
    32, 32), noise."""
    if task == "digits":
        return [_drawn_digits(shape, seed) for seed in range(CASES)]
    if task == "gan":
        return [noise_bytes(shape, seed) for seed in range(CASES)]
    streets = [_street(shape, seed) for seed in range(CASES)]
    return (
        [_through_window(street, part) for part, street in enumerate(streets)]
        if task == "sparse"
        else streets
    )


def _street(shape: tuple[int, ...], seed: int) -> np.ndarray:
    """A street in 16 levels and without noise: all of its shapes in a tenth of the bytes."""
    _, height, width, _ = shape
    image, _ = Street(seed, size_wh=(width, height)).render(1.0)
    return np.bitwise_and(cv2.medianBlur(image, 5), 0xF0).astype(np.uint8)[None]


def _through_window(street: np.ndarray, part: int) -> np.ndarray:
    """Grey but for a window in one third of the width: codes are long, and those of flat patches
    take no room."""
    _, height, width, _ = street.shape
    left, top = part * width // CASES, height // 3
    window = slice(top, top + WINDOW_WH[1]), slice(left, left + WINDOW_WH[0])
    frame = np.full_like(street, 128)
    frame[0][window] = street[0][window]
    return frame


def _drawn_digits(shape: tuple[int, ...], seed: int) -> np.ndarray:
    rng = np.random.RandomState(seed)
    slots = np.zeros(shape, np.uint8)
    for number, slot in enumerate(slots):
        x, y, scale = rng.randint(4, 10), rng.randint(22, 27), rng.uniform(0.6, 0.9)
        cv2.putText(
            slot,
            str(number % 10),
            (x, y),
            cv2.FONT_HERSHEY_SIMPLEX,
            scale,
            int(rng.randint(180, 256)),
            2,
        )
    return slots
