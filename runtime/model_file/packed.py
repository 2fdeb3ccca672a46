"""The program as one file: what lies in a .pyz beside the code, its manifest and its one model.

Knows the layout that export/packing.py writes; does not know how it got there, nor what a model is.
Outside a .pyz every question here is answered with None.

    manifest.json     {"format", "version", "code_sha256", "model": {"name", "path"},
                       "files": {path: sha256}}
    model/NAME.onnx
    catseye/...
    __main__.py       catseye/packed_main.py, which checks every file before anything runs
"""

import json
import os
import zipfile
from typing import Any, Dict, Optional, Tuple

from catseye.runtime.errors import CatseyeError
from catseye.runtime.system.files import sha256_hex

MANIFEST = "manifest.json"


def archive_path() -> Optional[str]:
    """The .pyz that this program was started from; None where it runs from folders."""
    path = os.path.dirname(package_folder())  # in a .pyz the package lies in a file
    return path if os.path.isfile(path) else None


def package_folder() -> str:
    """The folder `catseye` from which this program runs; inside a .pyz, ARCHIVE/catseye."""
    here = os.path.abspath(__file__)  # not realpath: the links of a checkout lead out of it
    return os.path.dirname(os.path.dirname(os.path.dirname(here)))


def manifest() -> Optional[Dict[str, Any]]:
    """What was packed; None outside a .pyz."""
    path = archive_path()
    return None if path is None else json.loads(_member(path, MANIFEST).decode("utf-8"))


def packed_model() -> Optional[Tuple[str, bytes]]:
    """Name and ONNX bytes of the model in this .pyz, None outside one; CatseyeError where it is not
    what was packed."""
    path, packed = archive_path(), manifest()
    if path is None or packed is None:
        return None
    member = packed["model"]["path"]
    data = _member(path, member)
    if sha256_hex(data) != packed["files"][member]:
        raise _damaged(path, "%s has another SHA-256 than when it was packed" % member)
    return packed["model"]["name"], data


def version_text(version: str) -> str:
    """`catseye 0.1.0`, and in a .pyz the checksums of code and model, so that two boards can be
    compared by eye."""
    packed = manifest()
    if packed is None:
        return "catseye %s" % version
    model = packed["model"]
    return "catseye %s\ncode   sha256 %s\nmodel  sha256 %s  %s" % (
        version,
        packed["code_sha256"],
        packed["files"][model["path"]],
        model["name"],
    )


def _member(path: str, name: str) -> bytes:
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.read(name)
    except (OSError, KeyError, zipfile.BadZipFile) as error:
        raise _damaged(path, str(error)) from error


def _damaged(path: str, reason: str) -> CatseyeError:
    return CatseyeError(
        "%s is damaged (%s)" % (path, reason),
        "the file as `catseye pack` wrote it",
        "copy it again",
    )
