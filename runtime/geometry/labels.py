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


class Labels(NamedTuple):
    """road: the class id.  wheeled: (256,) bool by class id."""

    road: int
    wheeled: np.ndarray


@functools.lru_cache(maxsize=None)
def labels_of(classes: ClassTable) -> Labels:
    wheeled = np.zeros(256, bool)
    for class_id, name in enumerate(classes.names):
        words = [word.lower() for word in WORD.findall(name)]
        wheeled[class_id] = any({word, word.rstrip("s")} & WHEELED for word in words)
    return Labels(classes.road, wheeled)
