"""Augmentation of road frames: other cameras, other light and weather, night.

`augment` is a function of (shot, size, random generator); knows neither files nor networks.
"""

import cv2
import numpy as np

from catseye.runtime.tasks.letterbox import PAD_BGR
from catseye.training.augmentation.bonnet import with_bonnet
from catseye.training.augmentation.camera import other_camera, seen_by
from catseye.training.augmentation.light import other_light
from catseye.training.augmentation.night import at_night, is_daylight
from catseye.training.augmentation.scene import Scene
from catseye.training.augmentation.sensor import compressed, moved
from catseye.training.augmentation.shot import Shot
from catseye.training.augmentation.weather import wet

__all__ = ["Scene", "Shot", "augment"]

# shares of the frames
WIDE, BONNETS, WET, NIGHT, MOVED, COMPRESSED = 0.12, 0.12, 0.06, 0.25, 0.08, 0.1
BARRELS = 0.1, 0.6  # of wide lenses


def augment(
    shot: Shot,
    size_wh: tuple[int, int],
    rng: np.random.Generator,
    share: float = 0.0,
    zoom: float = 1.0,
    scene: Scene = Scene(),
    focus: tuple[int, int] | None = None,
) -> Shot:
    """A shot of `size_wh`; what lies outside the frame is void. share: of the training that is
    over; zoom: of everything, 1 for the frame's own pixels; focus: what pixel to look at
    (`camera.other_camera`)."""
    height, width = shot.mask.shape
    matrix = other_camera((width, height), size_wh, rng, share, zoom, focus)
    barrel = rng.uniform(*BARRELS) if rng.random() < WIDE else 0.0
    shot = seen_by(shot, matrix, size_wh, barrel)
    outside = cv2.inRange(shot.image, PAD_BGR, PAD_BGR).astype(bool)
    if rng.random() < BONNETS:
        shot = with_bonnet(shot, scene.not_road, ~outside, rng)
    image = _weathered(shot, scene, rng)
    if rng.random() < MOVED:
        image = moved(image, rng)
    if rng.random() < COMPRESSED:
        image = compressed(image, rng)
    image[outside] = PAD_BGR  # as a camera's frame is filled up
    return shot._replace(image=image)


def _weathered(shot: Shot, scene: Scene, rng: np.random.Generator) -> np.ndarray:
    """A new picture of the shot, by day or at night."""
    image = shot.image
    if rng.random() < WET:
        image = wet(image, shot.mask == scene.road, rng)
    if rng.random() < NIGHT and is_daylight(image):
        return at_night(image, shot.mask == scene.sky, rng)
    return other_light(image, rng)
