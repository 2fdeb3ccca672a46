"""What geometry needs to know of a model's classes: which is the road, and which stand on wheels.

Knows class names as data sets spell them; not what they look like.
"""

import functools
import re
from typing import NamedTuple

import numpy as np

from catseye.runtime.classes import ClassTable

# of any of the words of a class's name, in lower case and without a plural's s
WHEELED = frozenset(
    "car truck lorry bu bus van train tram trailer caravan vehicle motorcycle motorbike"
    " motorcyclist bicycle bicyclist cyclist rider".split()
)
STANDING = frozenset("person people pedestrian pole sign light symbol".split()) | WHEELED
MARKINGS = frozenset("marking lanemark lane".split())
WORD = re.compile("[A-Z]?[a-z]+")


class Labels(NamedTuple):
    """road_id: the class of the road.  By class id, (256,) bool each: road: what is driven on,
    markings too.  marking: painted lines.  wheeled: vehicles.  standing: what may stand on a road,
    vehicles too, and is no edge of it.  has_marking: whether any class is one."""

    road_id: int
    road: np.ndarray
    marking: np.ndarray
    wheeled: np.ndarray
    standing: np.ndarray
    has_marking: bool

    def is_road(self, ids: np.ndarray) -> np.ndarray:
        """bool, of class ids of any shape."""
        return np.asarray(self.road[ids] if self.has_marking else ids == self.road_id)


@functools.lru_cache(maxsize=None)
def labels_of(classes: ClassTable) -> Labels:
    found = np.zeros((3, 256), bool)
    for class_id, name in enumerate(classes.names):
        words = {word.lower() for word in WORD.findall(name)}
        words |= {word.rstrip("s") for word in words}
        found[:, class_id] = [bool(words & kind) for kind in (MARKINGS, WHEELED, STANDING)]
    marking, wheeled, standing = found
    road = marking.copy()
    road[classes.road] = classes.road < len(classes.names)
    marking[classes.road] = False  # a lane that is driven on is no line
    return Labels(classes.road, road, marking, wheeled, standing, bool(marking.any()))
