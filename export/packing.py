"""Packing: the runtime, the board's share of the command line and one model as one file that
`python3` runs.

Knows which files a board needs and how a zip is written so that the same input gives the same
bytes. Does not know what a verb or a model does. The layout is read back by
runtime/model_file/packed.py and checked by catseye/packed_main.py.
"""

import io
import json
import os
import zipfile
from collections.abc import Callable, Collection, Iterator
from typing import NamedTuple

from catseye.runtime.model_file.load import ModelFile
from catseye.runtime.model_file.packed import MANIFEST, Manifest, package_folder
from catseye.runtime.system.files import read_bytes, sha256_hex, write_bytes
from catseye.runtime.version import VERSION

MAIN = "catseye/packed_main.py"  # becomes the archive's __main__.py
BOARD_FOLDERS = ("runtime", "jetson", "commands")
ROS_PACKAGE = "jetson/ros2/"  # a workspace has it, and finds the .pyz on its path
# code, the web page that it serves, the signals of a CAN bus
SUFFIXES = (".py", ".html", ".dbc")
EPOCH = (1980, 1, 1, 0, 0, 0)  # the oldest date a zip can hold
PROGRAM = 0o777  # access rights of the archive, less the umask
PLAIN_FILE = 0o100644 << 16  # mode -rw-r--r--, where a zip keeps it
UNIX = 3


class Start(NamedTuple):
    """How an archive begins. head: the bytes before its zip.  sealed: writes its digest into it."""

    head: bytes
    sealed: Callable[[bytes], bytes]


def write_pyz(model: ModelFile, path: str, left_out: Collection[str], start: Start) -> Manifest:
    """Write `model` with all that runs it to `path`, whole or not at all, executable; returns the
    manifest.

    left_out: modules of catseye.commands that stay on the workstation.  start: what
    catseye/packed_main.py, the archive's __main__.py, expects to be started from. Raises
    CatseyeError where it cannot be written.
    """
    files = code_files(left_out)
    manifest = manifest_of(files, model)
    write_bytes(path, pyz_bytes(files, manifest, model, start), PROGRAM)
    return manifest


def code_files(left_out: Collection[str]) -> dict[str, bytes]:
    """Code and page of the archive by their path there, in sorted order; from the tree or from an
    installed wheel."""
    root = package_folder()
    files = {
        "catseye/" + name: read_bytes(os.path.join(root, name))
        for name in _board_files(root, left_out)
    }
    files["__main__.py"] = files[MAIN]
    return dict(sorted(files.items()))


def manifest_of(files: dict[str, bytes], model: ModelFile) -> Manifest:
    """What stands in the archive: a SHA-256 for each file, and one for all code together."""
    sums = {name: sha256_hex(data) for name, data in files.items()}
    # as sha256sum prints them
    code = "".join(f"{digest}  {name}\n" for name, digest in sums.items())
    member = f"model/{model.name}.onnx"
    return Manifest(
        version=VERSION,
        code_sha256=sha256_hex(code.encode()),
        model_name=model.name,
        model_path=member,
        files={**sums, member: model.sha256},
    )


def pyz_bytes(files: dict[str, bytes], manifest: Manifest, model: ModelFile, start: Start) -> bytes:
    """The archive: a first line that makes it a program, its SHA-256, then a zip of sorted names,
    one date, one mode.

    Nothing is compressed: weights hardly shrink, deflate's bytes differ between zlib versions, and
    it starts faster.
    """
    members = {
        **files,
        manifest.model_path: model.data,
        MANIFEST: json.dumps(manifest.as_json(), indent=1).encode(),
    }
    stream = io.BytesIO()
    stream.write(start.head)
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(members):
            info = zipfile.ZipInfo(name, EPOCH)
            info.external_attr, info.create_system = PLAIN_FILE, UNIX
            archive.writestr(info, members[name])
    return start.sealed(stream.getvalue())


def _board_files(root: str, left_out: Collection[str]) -> Iterator[str]:
    """Paths of the board's modules and page, relative to the package's folder `root`, with forward
    slashes."""
    yield from (name for name in os.listdir(root) if name.endswith(".py"))
    skipped = (ROS_PACKAGE, *(f"commands/{verb}{end}" for verb in left_out for end in (".py", "/")))
    for top in BOARD_FOLDERS:
        # a zip library would write the links of a checkout as empty folders: the real files behind
        # them are read here
        for folder, _, names in os.walk(os.path.join(root, top)):
            inside = os.path.relpath(folder, root).replace(os.sep, "/")
            for path in (f"{inside}/{name}" for name in names):
                if path.endswith(SUFFIXES) and not path.startswith(skipped):
                    yield path
