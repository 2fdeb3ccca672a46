"""The program as one file: what lies in a .pyz beside the code, its manifest and its one model.

Knows the layout that export/packing.py writes; does not know how it got there, nor what a model is.
Outside a .pyz every question here is answered with None.

    manifest.json     {"format", "version", "code_sha256", "model": {"name", "path"},
                       "files": {path: sha256}}
    model/NAME.onnx
    catseye/...
    __main__.py       catseye/packed_main.py, which checks every file before anything runs
"""

import os
import zipfile
from typing import Dict, NamedTuple, Optional, Tuple

from catseye.runtime.errors import ModelFileError
from catseye.runtime.system.files import BROKEN_ZIP, sha256_hex
from catseye.runtime.system.json_document import Fields, JsonObject, json_from_bytes

PYZ = ".pyz"
MANIFEST = "manifest.json"
FORMAT = 1
MOST_FILES = 1 << 16
PACK_AGAIN = "copy it again, or pack it again"


class Manifest(NamedTuple):
    """What was packed.

    code_sha256: of all code together.  model_path: in the archive.  files: SHA-256 of each by its
    path there, the model's too.
    """

    version: str
    code_sha256: str
    model_name: str
    model_path: str
    files: Dict[str, str]

    def as_json(self) -> JsonObject:
        """As it stands in the archive."""
        return {
            "format": FORMAT,
            "version": self.version,
            "code_sha256": self.code_sha256,
            "model": {"name": self.model_name, "path": self.model_path},
            "files": self.files,
        }


def archive_path() -> Optional[str]:
    """The .pyz that this program was started from; None where it runs from folders."""
    path = os.path.dirname(package_folder())  # in a .pyz the package lies in a file
    return path if os.path.isfile(path) else None


def package_folder() -> str:
    """The folder `catseye` from which this program runs; inside a .pyz, ARCHIVE/catseye."""
    here = os.path.abspath(__file__)  # not realpath: the links of a checkout lead out of it
    return os.path.dirname(os.path.dirname(os.path.dirname(here)))


def manifest() -> Optional[Manifest]:
    """What was packed; None outside a .pyz. Raises ModelFileError where nobody could have packed
    that."""
    path = archive_path()
    if path is None:
        return None
    with _opened(path) as archive:
        return _manifest_of(archive, path)


def _manifest_of(archive: zipfile.ZipFile, path: str) -> Manifest:
    try:
        document = json_from_bytes(_member(archive, path, MANIFEST))
    except ValueError as error:
        raise _damaged(path, "%s: %s" % (MANIFEST, error)) from error
    fields = Fields(document, path="manifest", of=path, fix=PACK_AGAIN)
    fields.integer("format", FORMAT, FORMAT)
    model = fields.object("model")
    return Manifest(
        version=fields.text("version"),
        code_sha256=fields.text("code_sha256"),
        model_name=model.text("name"),
        model_path=model.text("path"),
        files=fields.texts_by_name("files", most=MOST_FILES),
    )


def packed_model() -> Optional[Tuple[str, bytes, str]]:
    """Name, ONNX bytes and their SHA-256 of the model in this .pyz, None outside one. Raises
    ModelFileError where it is not what was packed."""
    path = archive_path()
    return None if path is None else model_in(path)


def model_in(path: str) -> Tuple[str, bytes, str]:
    """Name, ONNX bytes and their SHA-256 of the model in a .pyz. Raises ModelFileError where it is
    not what was packed."""
    with _opened(path) as archive:
        packed = _manifest_of(archive, path)
        data = _member(archive, path, packed.model_path)
    digest = sha256_hex(data)
    if digest != packed.files.get(packed.model_path):
        raise _damaged(path, "%s has another SHA-256 than when it was packed" % packed.model_path)
    return packed.model_name, data, digest


def version_text(version: str) -> str:
    """`catseye 0.1.0`, and in a .pyz the checksums of code and model, so that two boards can be
    compared by eye."""
    packed = manifest()
    if packed is None:
        return "catseye %s" % version
    return "catseye %s\ncode   sha256 %s\nmodel  sha256 %s  %s" % (
        version,
        packed.code_sha256,
        packed.files.get(packed.model_path, "none"),
        packed.model_name,
    )


def _opened(path: str) -> zipfile.ZipFile:
    """Opening reads the names of all files, which takes as long as the rest."""
    try:
        return zipfile.ZipFile(path)
    except BROKEN_ZIP as error:
        raise _damaged(path, str(error)) from error


def _member(archive: zipfile.ZipFile, path: str, name: str) -> bytes:
    """What `name` holds; files are stored as they are, so none is larger than the archive."""
    try:
        if archive.getinfo(name).file_size > os.path.getsize(path):
            raise zipfile.BadZipFile("%s is larger than the archive" % name)
        return archive.read(name)
    except BROKEN_ZIP as error:
        raise _damaged(path, str(error)) from error


def _damaged(path: str, reason: str) -> ModelFileError:
    return ModelFileError(
        "%s is damaged (%s)" % (path, reason),
        "the file as `catseye pack` wrote it",
        PACK_AGAIN,
    )
