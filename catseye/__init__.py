"""Catseye: train a small perception network, export it, carry one file to a Jetson, and see the
road masked.

The packages beside this file are links to the folders of the same names at the top of the tree.
Where a checkout lost them (no symlink support), nothing can be imported or built: said here, in one
line, before anything else fails.
"""

import os
import sys
from typing import TYPE_CHECKING, Callable, Iterator, Optional, Union

if TYPE_CHECKING:
    from catseye.api import Camera, Model, Step
    from catseye.runtime.sources.faults import Notice
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


def load(
    model: "Union[str, os.PathLike[str]]",
    backend: str = "auto",
    provider: str = "",
    threads: int = 0,
) -> "Model":
    """An open model, to be called with pictures: `result = catseye.load("road")(image)`.

    model: `.onnx`, `.engine`, zoo name or checkpoint folder; "" inside a .pyz.  backend, provider,
    threads: as on the command line. Raises runtime.errors.CatseyeError for what cannot be opened.
    """
    from catseye.api import load as opened  # importing catseye must stay cheap: no NumPy, no OpenCV

    return opened(model, backend, provider, threads)


def open_camera(
    source: "Union[str, os.PathLike[str], int]",
    timeout_s: Optional[float] = None,
    on_event: "Optional[Callable[[Optional[Notice]], None]]" = None,
) -> "Camera":
    """The frames of a source: `with catseye.open_camera(0) as camera: for frame in camera: ...`.

    source: an address as on the command line, a path, or the number of a V4L2 camera.  timeout_s:
    how long to wait for a picture before runtime.errors.CameraLost is raised; None: for ever.
    on_event: called once with a Notice when pictures stop, and with None when they come again.
    Raises runtime.errors.SourceError where it does not open.
    """
    from catseye.api import camera

    return camera(source, timeout_s, on_event)


def run(
    model: "Union[str, os.PathLike[str]]",
    source: "Union[str, os.PathLike[str], int]",
    backend: str = "auto",
    provider: str = "",
    threads: int = 0,
    timers: "Optional[StageTimers]" = None,
    budget_ms: Optional[float] = None,
    timeout_s: Optional[float] = None,
    on_event: "Optional[Callable[[Optional[Notice]], None]]" = None,
) -> "Iterator[Step]":
    """Every frame of a source with what the model found in it, one after another: `for frame,
    result in run(...)`.

    model, source, timeout_s, on_event: as `load` and `open_camera` take them.  backend, provider,
    threads: as on the command line.  timers: gets how long each stage took.  budget_ms: the age
    from which a result is stale.
    frame.image: (H, W, 3) uint8 BGR; result: RoadMask, Digits, ...; `step.facts` has age, skipped,
    stale, health and faults. Live sources hand over the newest frame, files every one. Raises
    runtime.errors.CatseyeError, at the first frame, for what cannot be opened.
    docs/python-api.md has examples.
    """
    from catseye.api import steps

    return steps(model, source, backend, provider, threads, timers, budget_ms, timeout_s, on_event)
