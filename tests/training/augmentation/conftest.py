"""A street of plain surfaces, for what is done to pictures."""

import numpy as np
import pytest

from catseye.training.augmentation.scene import Scene
from catseye.training.augmentation.shot import Shot

SKY, ROAD, HOUSE = 0, 3, 1


@pytest.fixture
def street():
    """(120, 160): bright sky, grey road, red houses."""
    mask = np.full((120, 160), HOUSE, np.uint8)
    mask[:40], mask[70:] = SKY, ROAD
    colours = np.zeros((4, 3), np.uint8)
    colours[SKY], colours[ROAD], colours[HOUSE] = (240, 230, 220), (110, 110, 110), (60, 80, 160)
    return Shot(colours[mask], mask)


@pytest.fixture
def scene():
    return Scene(sky=SKY, road=ROAD, not_road=11)
