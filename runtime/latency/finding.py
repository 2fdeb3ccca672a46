"""Where in the pictures a blinking light is, and how long before their time they show it.

Each cell of a coarse grid has a brightness by frame; what of it is fast is correlated with the
light's order, shifted by every delay that may be. The light is in the cell that fits best, its
delay the middle of those shifts that fit equally well. Knows pictures and times; not cameras.
"""

from typing import List, NamedTuple, Tuple

import cv2
import numpy as np

from catseye.runtime.errors import CatseyeError
from catseye.runtime.latency.blink import were_lit

GRID_WH = (32, 18)
# earlier than its own time is no picture, but half an exposure and a clock of the camera's own
EARLIEST_S, LATEST_S, STEP_S = -0.25, 6.0, 0.002
SLOW_S = 1.5  # a camera's exposure follows the light, and the sun a cloud: what takes longer is out
LEAST = 0.6  # correlation; a picture without the light reaches 0.4 in ten seconds
AS_GOOD = 0.99  # of the best correlation
LEAST_FRAMES = 60


class Found(NamedTuple):
    """delay_s: from the light to the time of the frame that shows it.  correlation: -1 to 1.  box:
    x, y, w, h in pixels, of the cell that fits best."""

    delay_s: float
    correlation: float
    box: Tuple[int, int, int, int]


class Frames:
    """The frames so far, as little of them as is needed."""

    def __init__(self) -> None:
        self.times_s: List[float] = []
        self._cells: List[np.ndarray] = []
        self._size_wh = (0, 0)

    def add(self, image: np.ndarray, at_s: float) -> None:
        """image: (H, W, 3) uint8 BGR."""
        self._size_wh = image.shape[1], image.shape[0]
        small = cv2.resize(image, GRID_WH, interpolation=cv2.INTER_AREA)
        self._cells.append(small.astype(np.float64).mean(axis=2).ravel())
        self.times_s.append(at_s)

    def find(self) -> Found:
        """Raises CatseyeError where the light is not seen."""
        if len(self.times_s) < LEAST_FRAMES:
            raise CatseyeError(
                "%d frames" % len(self.times_s),
                "%d, to find the light in" % LEAST_FRAMES,
                "more --seconds",
            )
        times_s = np.array(self.times_s)
        cells = _standardised(_fast(np.array(self._cells), times_s))  # (N, C)
        delays_s = np.arange(EARLIEST_S, LATEST_S, STEP_S)
        lit = were_lit(times_s[None] - delays_s[:, None]).astype(np.float64)  # (D, N)
        fits = _standardised(lit.T).T @ cells / len(times_s)  # (D, C)
        place, cell = np.unravel_index(int(np.argmax(fits)), fits.shape)
        best = float(fits[place, cell])
        if best < LEAST:
            raise CatseyeError(
                "no blinking light in %d frames (best correlation %.2f)" % (len(times_s), best),
                "the light in the picture, as large and bright as may be",
                "point the camera at it, fix its exposure, or give more --seconds",
            )
        as_good = _around(fits[:, cell] >= AS_GOOD * best, int(place))
        return Found(float(delays_s[as_good].mean()), best, self._box(int(cell)))

    def _box(self, cell: int) -> Tuple[int, int, int, int]:
        columns, rows = GRID_WH
        width, height = self._size_wh
        left, right = (width * (cell % columns + side) // columns for side in (0, 1))
        top, bottom = (height * (cell // columns + side) // rows for side in (0, 1))
        return left, top, right - left, bottom - top


def _fast(values: np.ndarray, times_s: np.ndarray) -> np.ndarray:
    """(N, C) less its moving average over SLOW_S."""
    lasted_s = max(times_s[-1] - times_s[0], 1e-6)
    width = min(len(times_s), max(3, int(SLOW_S * (len(times_s) - 1) / lasted_s)) | 1)
    sums = np.cumsum(np.pad(values, ((width // 2 + 1, width // 2), (0, 0)), "edge"), axis=0)
    return values - (sums[width:] - sums[:-width])[: len(values)] / width


def _standardised(values: np.ndarray) -> np.ndarray:
    """(N, C) with mean 0 and deviation 1 along N; all 0 where nothing changes."""
    centred = values - values.mean(axis=0)
    deviation = centred.std(axis=0)
    return np.where(deviation > 1e-3, centred / np.maximum(deviation, 1e-3), 0.0)


def _around(flags: np.ndarray, place: int) -> slice:
    """The unbroken run of True around a place."""
    first = last = place
    while first > 0 and flags[first - 1]:
        first -= 1
    while last + 1 < len(flags) and flags[last + 1]:
        last += 1
    return slice(first, last + 1)
