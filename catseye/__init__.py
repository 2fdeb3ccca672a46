"""Catseye: train a small perception network, export it, carry one file to a Jetson, and see the
road masked.

The packages beside this file are links to the folders of the same names at the top of the tree.
Where a checkout lost them (no symlink support), nothing can be imported or built: said here, in one
line, before anything else fails.
"""

import os
import sys
from typing import TYPE_CHECKING, Callable, Iterator, Mapping, Optional, Sequence, Union

if TYPE_CHECKING:
    from catseye.api import Model, Step
    from catseye.camera import Camera
    from catseye.runtime.sources.faults import Notice
    from catseye.runtime.timing import StageTimers

    Source = Union[str, os.PathLike[str], int]
    Sources = Union[Source, Mapping[str, Source], Sequence[Source]]
    CameraFile = Union[str, os.PathLike[str]]
    CameraFiles = Union[CameraFile, Mapping[str, CameraFile]]

LINKS = ("export", "jetson", "models", "runtime", "training")


def lost_links(folder: str) -> str:
    """What is wrong with the links in `folder` and how to fix it, in one line; "" where they are
    whole or in a .pyz."""
    if not os.path.isdir(folder) or os.path.isfile(os.path.join(folder, "runtime", "__init__.py")):
        return ""
    runtime = os.path.join(folder, "runtime")
    found = "%s is %s" % (runtime, "a text file" if os.path.isfile(runtime) else "missing")
    fix = 'ln -sf %s "%s/"' % (" ".join("../" + name for name in LINKS), folder)
    return (
        "catseye: %s; expected a link to ../runtime (this checkout lost its symbolic links);"
        " run: %s" % (found, fix)
    )


_COMPLAINT = lost_links(os.path.dirname(os.path.abspath(__file__)))
if _COMPLAINT:
    print(_COMPLAINT, file=sys.stderr)
    raise SystemExit(2)

from catseye.runtime.errors import CameraLost, CatseyeError  # noqa: E402
from catseye.runtime.version import VERSION as __version__  # noqa: E402

__all__ = ["CameraLost", "CatseyeError", "__version__", "load", "open_camera", "run"]


def load(
    model: "Union[str, os.PathLike[str]]",
    backend: str = "auto",
    provider: str = "",
    threads: int = 0,
    camera: "Optional[CameraFile]" = None,
) -> "Model":
    """An open model, to be called with pictures.

    model: `.onnx`, `.engine`, a .pyz that holds one, zoo name or checkpoint folder; "" inside a
    .pyz.  backend, provider, threads: as on the command line.  camera: the file of a camera's
    model, for results in metres. Raises CatseyeError for what cannot be opened.

    >>> import numpy as np
    >>> image = np.zeros((480, 640, 3), np.uint8)  # BGR, as OpenCV reads pictures
    >>> with catseye.load("road-nano") as model:
    ...     result = model(image)
    ...     results = model([image, image])
    >>> result.mask.shape, len(results), model.classes[3]
    ((480, 640), 2, 'Road')
    """
    from catseye.api import load as opened  # importing catseye must stay cheap: no NumPy, no OpenCV

    return opened(model, backend, provider, threads, camera)


def open_camera(
    source: "Sources",
    timeout_s: Optional[float] = None,
    on_event: "Optional[Callable[[Optional[Notice]], None]]" = None,
) -> "Camera":
    """The frames of a source, or of several in turn.

    source: an address as on the command line, a path, or the number of a V4L2 camera; of several a
    dict of them by name, which `frame.camera` has, or a list.  timeout_s: how long to wait for a
    picture (of any) before CameraLost is raised; None: for ever.  on_event: called once with a
    Notice when pictures stop, and with None when they come again; of several with a Notice whose
    `camera` says which, and whose `fault` is "" then. Raises SourceError,
    a CatseyeError, where it does not open.

    >>> with catseye.open_camera("pictures/") as camera:
    ...     for frame in camera:
    ...         print(frame.index, frame.image.shape)
    0 (96, 160, 3)
    1 (96, 160, 3)
    >>> catseye.open_camera(0, timeout_s=-1)
    Traceback (most recent call last):
    catseye.runtime.errors.CatseyeError: timeout_s=-1; expected seconds, above zero; None waits ...
    """
    from catseye.api import camera

    return camera(source, timeout_s, on_event)


def run(
    model: "Union[str, os.PathLike[str]]",
    source: "Sources",
    backend: str = "auto",
    provider: str = "",
    threads: int = 0,
    timers: "Optional[StageTimers]" = None,
    budget_ms: Optional[float] = None,
    timeout_s: Optional[float] = None,
    on_event: "Optional[Callable[[Optional[Notice]], None]]" = None,
    camera_delay_ms: float = 0.0,
    camera: "Optional[CameraFiles]" = None,
) -> "Iterator[Step]":
    """Every frame of a source, or of several in turn, with what the model found in it, one after
    another.

    model, source, timeout_s, on_event: as `load` and `open_camera` take them.  backend, provider,
    threads: as on the command line.  timers: gets how long each stage took.  budget_ms: the age
    from which a result is stale.  camera_delay_ms: how old a picture is when it comes from a camera
    that does not tell (`step.facts.clock` is `arrived`).  camera: the file of the camera's model,
    or {name: file} of several, for results in metres.
    frame.image: (H, W, 3) uint8 BGR; result: RoadMask, Digits, ...; `step.facts` has age, skipped,
    stale, health and faults. Live sources hand over the newest frame, files every one. Raises
    CatseyeError, for what cannot be opened at the first frame. docs/python-api.md has examples.

    >>> for frame, result in catseye.run("road-nano", "pictures/"):
    ...     print(frame.name, result.mask.shape, result.free_rows().shape)
    first (96, 160) (160,)
    second (96, 160) (160,)
    >>> steps = catseye.run("road-nano", "pictures/", budget_ms=1e-3)
    >>> [(step.facts.stale, step.facts.skipped, step.facts.health.verdict) for step in steps]
    [(True, 0, 'dark'), (True, 0, 'dark')]
    >>> both = catseye.run("road-nano", {"front": "pictures/", "left": "pictures/first.png"})
    >>> sorted((frame.camera, frame.name) for frame, _ in both)
    [('front', 'first'), ('front', 'second'), ('left', 'first')]
    """
    from catseye.api import steps

    return steps(
        model,
        source,
        backend,
        provider,
        threads,
        timers,
        budget_ms,
        timeout_s,
        on_event,
        camera_delay_ms,
        camera,
    )
