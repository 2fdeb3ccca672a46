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
WORD = re.compile("[A-Z]?[a-z]+")


STANDING = frozenset("person people pedestrian pole sign light symbol".split()) | WHEELED


class Labels(NamedTuple):
    """road: the class id.  wheeled, standing: (256,) bool by class id; standing: what may stand on
    a road, vehicles too, and is no edge of it."""

    road: int
    wheeled: np.ndarray
    standing: np.ndarray


@functools.lru_cache(maxsize=None)
def labels_of(classes: ClassTable) -> Labels:
    found = np.zeros((2, 256), bool)
    for class_id, name in enumerate(classes.names):
        words = {word.lower() for word in WORD.findall(name)}
        words |= {word.rstrip("s") for word in words}
        found[:, class_id] = bool(words & WHEELED), bool(words & STANDING)
    return Labels(classes.road, *found)
