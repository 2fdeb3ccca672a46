"""Augmentation of road frames: other cameras and other light.

`augment` is a function of (shot, size, random generator); knows neither files nor networks.
"""

import numpy as np

from catseye.training.augmentation.camera import other_camera, seen_by
from catseye.training.augmentation.light import other_light
from catseye.training.augmentation.shot import Shot

__all__ = ["Shot", "augment"]


def augment(
    shot: Shot,
    size_wh: tuple[int, int],
    rng: np.random.Generator,
    share: float = 0.0,
    zoom: float = 1.0,
) -> Shot:
    """A shot of `size_wh`; what lies outside the frame is void. share: of the training that is
    over; zoom: of everything, 1 for the frame's own pixels (`camera.other_camera`)."""
    height, width = shot.mask.shape
    matrix = other_camera((width, height), size_wh, rng, share, zoom)
    shot = seen_by(shot, matrix, size_wh)
    return shot._replace(image=other_light(shot.image, rng))
