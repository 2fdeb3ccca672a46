"""`catseye run` in a process of its own whose synthetic street costs nothing to draw: every picture
is one grey.

    subprocess.Popen([sys.executable, quick_street.__file__, "run", MODEL, "--source",
    "synthetic://road?live=1", ...])
"""

import sys

import numpy as np

from catseye.__main__ import main
from catseye.runtime.sources import synthetic


class QuickStreet:
    def __init__(self, seed, size_wh):
        self.size_wh = size_wh

    def render(self, time_s):
        return np.full(self.size_wh[::-1] + (3,), 200, np.uint8), None


if __name__ == "__main__":
    synthetic.Street = QuickStreet
    sys.exit(main())
