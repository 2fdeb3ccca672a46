"""Which file is the model that a log was recorded with: the one that has its SHA-256.

Knows the files that models lie in and where shipped ones are; opens none of them.
"""

import glob
import os
from typing import Iterator, List, Sequence

from catseye.runtime.errors import CatseyeError, ModelFileError
from catseye.runtime.model_file.load import WEIGHTS, ZOO
from catseye.runtime.model_file.packed import PYZ, model_in
from catseye.runtime.recording.metadata import RecordedBy
from catseye.runtime.system.files import read_bytes, sha256_hex

PATTERNS = ("*.onnx", "*.engine", "*" + PYZ, WEIGHTS, os.path.join("*", WEIGHTS))


def recorded_model(recorded_by: RecordedBy, folders: Sequence[str]) -> str:
    """The path of the model that a log names: a shipped one, else one that lies in `folders` or, of
    checkpoints, one folder below. Raises ModelFileError, with where it was looked for."""
    sha256, places = recorded_by.sha256, [ZOO, *_different(folders)]
    if sha256:
        for path in _likeliest_first(places, recorded_by.model):
            if _sha256_of(path) == sha256:
                folder, name = os.path.split(path)
                return folder or "." if name == WEIGHTS else path
    named = ["the shipped ones"] + [os.path.abspath(folder) for folder in places[1:]]
    raise ModelFileError(
        "no model with the SHA-256 that the log has (%s of %.40s) in %s"
        % (sha256[:12] or "none", recorded_by.model, ", ".join(named)),
        "the one that was recorded",
        "name it, or the folder that holds it: --models PATH",
    )


def _different(folders: Sequence[str]) -> List[str]:
    return list({os.path.realpath(folder): folder for folder in folders}.values())


def _likeliest_first(places: Sequence[str], name: str) -> Iterator[str]:
    """The model files there, those first that are called like the one that was recorded."""
    paths = [
        path
        for place in places
        for pattern in PATTERNS
        for path in sorted(glob.glob(os.path.join(glob.escape(place), pattern)))
        if os.path.isfile(path)
    ]
    alike = [path for path in paths if name and name in path]
    return iter(alike + [path for path in paths if path not in set(alike)])


def _sha256_of(path: str) -> str:
    """As the log has it; "" of what cannot be read."""
    try:
        return model_in(path)[2] if path.endswith(PYZ) else sha256_hex(read_bytes(path))
    except CatseyeError:
        return ""
