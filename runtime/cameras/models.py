"""`--camera NAME=FILE`: which camera model belongs to which camera of a run. Knows names and files;
not what a model is for."""

from typing import Dict, Sequence

from catseye.runtime.cameras.names import name_and_address
from catseye.runtime.errors import CatseyeError
from catseye.runtime.geometry.camera_file import camera_from_file
from catseye.runtime.geometry.camera_model import CameraModel


def models_by_name(texts: Sequence[str], names: Sequence[str]) -> Dict[str, CameraModel]:
    """{name: model} of each `NAME=FILE`, or `FILE` where there is one camera. names: of the run's
    cameras, "" for one without.

    Raises CatseyeError for a name that no camera has, two models of one camera, and what
    `camera_from_file` raises it for.
    """
    models: Dict[str, CameraModel] = {}
    for text in texts:
        name, path = name_and_address(text)
        if not name and len(names) > 1:
            raise CatseyeError(
                "--camera %s with %d cameras" % (text, len(names)),
                "NAME=FILE for each, of " + ", ".join(names),
            )
        name = name or names[0]
        if name not in names:
            known = ", ".join(other for other in names if other) or "a file without a name"
            raise CatseyeError("--camera of %s, which is no --source" % name, known)
        if name in models:
            raise CatseyeError("two camera models of %s" % (name or "one camera"), "one")
        models[name] = camera_from_file(path)
    return models
