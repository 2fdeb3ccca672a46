"""The size that road frames are trained at where nobody names one: that of the data.

Knows the sizes of frames, not what is in them.
"""

from collections import Counter
from collections.abc import Sequence

from catseye.runtime.tasks.letterboxed import LONGEST_SIDE, SHORTEST_SIDE
from catseye.training.frames import Example

LOOKED_AT = 9  # frames of a set, spread over it
MOST_PIXELS = 960 * 540  # beyond it a network is slow, and a crop sees little of the scene


def box_of(sets: Sequence[Sequence[Example]]) -> tuple[int, int]:
    """Width and height of the box that holds the usual frame of each set, at most MOST_PIXELS.

    Raises CatseyeError for a frame that cannot be read.
    """
    sizes = [usual_wh(samples) for samples in sets]
    width, height = max(w for w, _ in sizes), max(h for _, h in sizes)
    scale = min(1.0, (MOST_PIXELS / (width * height)) ** 0.5)
    return _side(width, scale), _side(height, scale)


def usual_wh(samples: Sequence[Example]) -> tuple[int, int]:
    """The size that most of LOOKED_AT frames have."""
    number = min(LOOKED_AT, len(samples))
    looked_at = (samples[index * len(samples) // number] for index in range(number))
    shapes = (sample.read()[1].shape for sample in looked_at)
    [(shape, _)] = Counter(shapes).most_common(1)
    return shape[1], shape[0]


def _side(side: int, scale: float) -> int:
    shrunk = side if scale == 1 else 2 * round(side * scale / 2)
    return min(max(shrunk, SHORTEST_SIDE), LONGEST_SIDE)
