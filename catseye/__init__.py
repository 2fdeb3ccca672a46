"""Catseye: train a small perception network, export it, carry one file to a Jetson, and see the
road masked.

The packages beside this file are links to the folders of the same names at the top of the tree.
Where a checkout lost them (no symlink support), nothing can be imported or built: said here, in one
line, before anything else fails.
"""

import os
import sys
from typing import TYPE_CHECKING, Iterator, Optional, Tuple

if TYPE_CHECKING:
    from catseye.runtime.frame import Frame
    from catseye.runtime.tasks import Result
    from catseye.runtime.timing import StageTimers

LINKS = ("export", "jetson", "models", "runtime", "training")


def lost_links(folder: str) -> str:
    """What is wrong with the links in `folder`, with the mend, in one line; "" where they are whole
    or in a .pyz."""
    if not os.path.isdir(folder) or os.path.isfile(os.path.join(folder, "runtime", "__init__.py")):
        return ""
    runtime = os.path.join(folder, "runtime")
    found = "%s is %s" % (runtime, "a text file" if os.path.isfile(runtime) else "missing")
    mend = 'ln -sf %s "%s/"' % (" ".join("../" + name for name in LINKS), folder)
    return (
        "catseye: %s; expected a link to ../runtime (this checkout lost its symbolic links);"
        " run: %s" % (found, mend)
    )


_COMPLAINT = lost_links(os.path.dirname(os.path.abspath(__file__)))
if _COMPLAINT:
    print(_COMPLAINT, file=sys.stderr)
    raise SystemExit(2)

from catseye.runtime.version import VERSION as __version__  # noqa: E402, F401


def run(
    model: str,
    source: str,
    backend: str = "auto",
    provider: str = "",
    threads: int = 0,
    timers: "Optional[StageTimers]" = None,
) -> "Iterator[Tuple[Frame, Result]]":
    """Every frame of a source with what the model found in it, one after another: `for frame,
    result in run(...)`.

    model: `.onnx`, zoo name or checkpoint folder.  source: an address as on the command line.
    backend, provider, threads: as on the command line.  timers: gets how long each stage took.
    frame.image: (H, W, 3) uint8 BGR; result: RoadMask, Digits, SparseCode, Rebuild or Samples. Live
    sources hand over the newest frame, files every one. Raises runtime.errors.CatseyeError, at the
    first frame, for what cannot be opened. docs/python-api.md has examples.
    """
    from catseye.api import results  # importing catseye must stay cheap: no NumPy, no OpenCV

    return results(model, source, backend, provider, threads, timers)
