"""What a .pyz does at its first start: compiles all of its modules, and keeps that in the user's
cache folder for the starts that follow, which packed_main.py reads.

Nothing is compiled ahead where it could not be kept: on a disk that is full or cannot be written,
in a folder of another user, or where Python was told to keep no bytecode.
"""

import __future__

import glob
import marshal
import os
import sys
import zipfile
from contextlib import suppress
from types import CodeType
from typing import Callable, Dict

from catseye.runtime.errors import CatseyeError
from catseye.runtime.system.files import write_bytes

PRIVATE_FOLDER, PRIVATE_FILE = 0o700, 0o600  # kept code is run: nobody else may put it there
# nobody asks for types at run time, and to work them all out takes 10 ms of a start
ANNOTATIONS_AS_TEXT = (
    __future__.annotations.compiler_flag if sys.version_info >= (3, 7) else 0  # novm
)
ROOM = 1 << 24  # bytes; the code takes three million
MOST_KEPT = 8  # archives, times the Pythons that start them
# as packed_main.py names it; other files of that ending are not ours
NAMES = "*-" + "[0-9a-f]" * 16 + ".*.code"


def compiled_and_kept(
    archive: str, path: str, digest_of: Callable[[bytes], bytes]
) -> Dict[str, bytes]:
    """Marshalled code by the path of its source in `archive`, kept as `path` behind its digest; {}
    where nothing may be kept there."""
    folder = os.path.dirname(path)
    if not may_keep(folder):
        return {}
    with zipfile.ZipFile(archive) as packed:
        code = {
            name: marshal.dumps(_compiled(packed.read(name), os.path.join(archive, name)))
            for name in packed.namelist()
            if name.endswith(".py")
        }
    data = marshal.dumps(code)
    with suppress(CatseyeError):
        write_bytes(path, digest_of(data) + data, PRIVATE_FILE)
    remove_older(folder)
    return code


def _compiled(source: bytes, path: str) -> CodeType:
    return compile(source, path, "exec", ANNOTATIONS_AS_TEXT, dont_inherit=True)


def may_keep(folder: str) -> bool:
    """Whether code can be put into `folder`, which is made where it is missing, but not among the
    files of another user: with sudo, that would lock them out of it."""
    if sys.dont_write_bytecode or not os.path.isabs(folder):  # no absolute path: no home
        return False
    there = folder
    while not os.path.exists(there):
        there = os.path.dirname(there)
    try:
        if os.stat(there).st_uid not in (0, os.geteuid()):
            return False
        os.makedirs(folder, mode=PRIVATE_FOLDER, exist_ok=True)
        disk = os.statvfs(folder)
    except OSError:
        return False
    return os.access(folder, os.W_OK) and disk.f_bavail * disk.f_frsize > ROOM


def remove_older(folder: str) -> None:
    """Of all code that is kept, the oldest."""
    with suppress(OSError):
        kept = glob.glob(os.path.join(glob.escape(folder), NAMES))
        for path in sorted(kept, key=os.path.getmtime)[:-MOST_KEPT]:
            os.unlink(path)
