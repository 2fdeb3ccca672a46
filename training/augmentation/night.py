"""A street by day made one at night: dark, lit by the car's own lamps, by street lamps and by
others' lights, with the noise of a sensor that sees little.

None of it is physics; it is there so that a network does not rely on daylight. Knows pictures, and
which pixels are sky.
"""

import cv2
import numpy as np

SODIUM, LED, RED = (0.35, 0.7, 1.0), (1.0, 0.97, 0.9), (0.15, 0.1, 1.0)  # BGR of lamps
COARSE = 4  # the light falls smoothly, so it is worked out for every fourth pixel
DAYLIGHT = 75  # mean grey level, below which a frame is dark already


def is_daylight(image: np.ndarray) -> bool:
    """Whether (H, W, 3) uint8 BGR is bright enough to be darkened."""
    return float(image[::8, ::8].mean()) > DAYLIGHT


def at_night(image: np.ndarray, sky: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """(H, W, 3) uint8 BGR and (H, W) bool -> the street at night, (H, W, 3) uint8."""
    height, width = sky.shape
    curve = np.linspace(0, 1, 256) ** rng.uniform(1.1, 1.7) * 255
    dark = cv2.LUT(image, curve.astype(np.uint8)).astype(np.float32)
    light = cv2.resize(_falling_light((width, height), rng), (width, height))
    dark *= light
    dark[sky] *= rng.uniform(0.02, 0.3)
    glow = np.array(SODIUM if rng.random() < 0.5 else LED, np.float32) * rng.uniform(0, 22)
    dark[sky] += glow
    dark += cv2.resize(_lamps((width, height), rng), (width, height))
    noise = rng.standard_normal((height, width, 1), np.float32) * rng.uniform(1, 9)
    return np.clip(dark + noise, 0, 255).astype(np.uint8)


def _falling_light(size_wh: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """(H / COARSE, W / COARSE, 3) float32 gain: what the sky leaves, a lit cone ahead, and pools
    under street lamps."""
    x, y = _grid(size_wh)
    horizon, middle = rng.uniform(-0.3, 0.2), rng.uniform(-0.2, 0.2)
    depth = np.clip((y - horizon) / (1 - horizon), 0, 1)  # 0 far, 1 at the bumper
    reach = rng.uniform(0.3, 0.9)
    cone = np.exp(-(((x - middle) / (0.2 + 0.9 * depth)) ** 2)) * (depth > 0)
    cone *= np.minimum(depth / 0.12, 1) * np.exp(-((depth - 0.3) ** 2) / reach)
    beam = rng.uniform(0.25, 1.0) * np.array(LED, np.float32)
    left = rng.uniform(0.07, 0.35) * rng.uniform(0.75, 1.1, 3).astype(np.float32)
    light = left + cone[..., None] * beam
    for _ in range(rng.integers(0, 5)):
        distance = np.hypot((x - rng.uniform(-1, 1)) / 0.5, (y - rng.uniform(-0.4, 0.6)) / 0.35)
        colour = np.array(SODIUM if rng.random() < 0.6 else LED, np.float32)
        light = light + np.exp(-(distance**2))[..., None] * rng.uniform(0.1, 0.6) * colour
    return light.astype(np.float32)


def _lamps(size_wh: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """(H / COARSE, W / COARSE, 3) float32 light of lamps in sight with their halos; in some frames
    those of an oncoming car, which dazzle."""
    width, height = size_wh[0] // COARSE, size_wh[1] // COARSE
    layer = np.zeros((height, width, 3), np.float32)
    for _ in range(rng.integers(0, 14)):
        at = int(rng.uniform(0, width)), int(height * rng.normal(0.42, 0.13))
        colour = (SODIUM, LED, RED)[int(rng.choice(3, p=(0.4, 0.35, 0.25)))]
        radius = 0 if rng.random() < 0.7 else 1
        cv2.circle(layer, at, radius, [float(each * 255) for each in colour], -1)
    halo = cv2.GaussianBlur(layer, (0, 0), rng.uniform(1.5, 4)) * 3
    light = cv2.GaussianBlur(layer, (0, 0), 0.6) * 1.3 + halo
    if rng.random() < 0.3:
        light += _dazzle((width, height), rng)
    return light


def _dazzle(size_wh: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    width, height = size_wh
    layer = np.zeros((height, width, 3), np.float32)
    x, y, apart = rng.uniform(0, width), height * rng.uniform(0.4, 0.65), rng.uniform(2, 9)
    for side in (-1, 1):
        cv2.circle(layer, (int(x + side * apart), int(y)), 1, (255.0, 250.0, 235.0), -1)
    veil = cv2.GaussianBlur(layer, (0, 0), height * rng.uniform(0.08, 0.25))
    near = cv2.GaussianBlur(layer, (0, 0), 2.0)
    return near * 3 + veil * (rng.uniform(40, 160) / max(float(veil.max()), 1e-3))


def _grid(size_wh: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """x and y of every COARSE-th pixel, -1 to 1 from left to right and from top to bottom."""
    width, height = size_wh[0] // COARSE, size_wh[1] // COARSE
    y, x = np.mgrid[-1 : 1 : complex(height), -1 : 1 : complex(width)].astype(np.float32)
    return x, y
