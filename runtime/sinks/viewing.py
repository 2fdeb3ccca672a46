"""What who watches wants of a sink's pictures: `#size=1280x720&fps=10` behind its address.

Knows the two options; not how pictures are drawn or shown.
"""

import re
from typing import NamedTuple, Optional, Tuple

import numpy as np

from catseye.runtime.errors import CatseyeError
from catseye.runtime.system.option_values import Options, number_above, read_options, size_wh
from catseye.runtime.tasks.letterbox import placement

EXAMPLE = "out.mp4#size=1280x720&fps=10"
LARGEST, MOST_FPS = 8192, 1000.0
OPTIONS: Options = {
    "size": ("size_wh", size_wh(16, LARGEST), "size=WIDTHxHEIGHT, 16 to %d" % LARGEST),
    "fps": ("fps", number_above(0.0, MOST_FPS), "fps=N, above 0"),
}


class Viewing(NamedTuple):
    """size_wh: pictures are fitted into it, never enlarged; None: as they are.  fps: pictures a
    second at most; None: all."""

    size_wh: Optional[Tuple[int, int]] = None
    fps: Optional[float] = None

    def fitted_wh(self, image: np.ndarray) -> Tuple[int, int]:
        """The width and height that a (H, W, 3) picture is shown at."""
        size_wh = image.shape[1], image.shape[0]
        if self.size_wh is None:
            return size_wh
        place = placement(size_wh, self.size_wh)
        return place.width, place.height


def viewing_from_address(uri: str) -> Tuple[str, Viewing]:
    """The address without the options, and what they say. Raises CatseyeError for values that do
    not fit; a `#` that begins anything else is part of a name."""
    found = re.match(r"(?s)(.*)#((?:size|fps)=[^#]*)\Z", uri)
    if found is None:
        return uri, Viewing()
    return found.group(1), Viewing(**read_options(found.group(2), OPTIONS, EXAMPLE))


def refuse_viewing(uri: str, viewing: Viewing) -> None:
    """Raise CatseyeError where a sink that keeps whole frames is asked for other ones."""
    if viewing != Viewing():
        raise CatseyeError(
            "#size or #fps for the sink %s" % uri,
            "a sink that shows pictures: an .mp4 file, http:// or display://",
            "leave it out",
        )
