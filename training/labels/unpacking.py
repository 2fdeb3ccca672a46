"""A zip of labels, unpacked within bounds: number and sizes of files, room on the disk, no path
that leads outside, no links. Only what a label format may hold is taken. Knows zips, not formats.
"""

import os
import shutil
import stat
import zipfile

from catseye.runtime.errors import CatseyeError
from catseye.runtime.picture_files.formats import SUFFIXES as PICTURES
from catseye.runtime.system.files import BROKEN_ZIP
from catseye.training.labels.tree import MOST_FILES, SHADOWS

TAKEN = (*PICTURES, ".json", ".xml", ".txt", ".csv", ".yaml", ".yml", ".names", ".data")
MOST_BYTES = 1 << 38  # 256 GiB
MOST_PACKING = 200  # times smaller than its content: masks of one class pack to a hundredth
PACKING_COUNTS_FROM = 1 << 24  # bytes of a file
SPARED = 1 << 28  # bytes of the disk that stay free: the set is written beside


def unpack(path: str, folder: str) -> None:
    """Unpack the zip at `path` into the empty `folder`. Raises CatseyeError for what is no zip, is
    damaged or encrypted, or breaks a bound."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = _checked(path, archive.infolist(), shutil.disk_usage(folder).free)
            for member in members:
                _take(archive, member, folder)
    except BROKEN_ZIP as error:
        raise CatseyeError(
            f"cannot unpack {path} ({error})", "a whole zip, and room for it", "export it again"
        )


def _checked(path: str, members: list[zipfile.ZipInfo], free: int) -> list[zipfile.ZipInfo]:
    """Those that are to be taken."""
    if len(members) > MOST_FILES:
        raise CatseyeError(f"{path} holds {len(members)} files", f"{MOST_FILES} at most")
    taken, names = [], set()
    for member in members:
        if member.is_dir():
            continue
        _check(path, member)
        member.filename = member.filename.replace("\\", "/")  # as Windows' Compress-Archive writes
        if member.filename.startswith(SHADOWS) or not member.filename.lower().endswith(TAKEN):
            continue
        if member.filename in names:
            raise CatseyeError(f"{path} holds {member.filename!r} twice", "each file once")
        names.add(member.filename)
        taken.append(member)
    total = sum(member.file_size for member in taken)
    if total > min(MOST_BYTES, max(0, free - SPARED)):
        raise CatseyeError(
            f"{path} unpacks to {total / 1e9:.1f} GB and {free / 1e9:.1f} GB are free",
            f"room for it, and {MOST_BYTES >> 30} GiB at most",
            "unpack it where there is room, and import the folder",
        )
    return taken


def _check(path: str, member: zipfile.ZipInfo) -> None:
    name = member.filename
    mode = member.external_attr >> 16
    if stat.S_ISLNK(mode) or (stat.S_IFMT(mode) and not stat.S_ISREG(mode)):
        raise CatseyeError(f"{path} holds a link or device, {name!r}", "files and folders")
    parts = name.replace("\\", "/").split("/")
    if ".." in parts or parts[0] == "" or ":" in parts[0]:
        raise CatseyeError(f"{path} holds {name!r}, which leads outside", "names within the zip")
    if member.flag_bits & 1:
        raise CatseyeError(f"{path} is encrypted", "a zip without password", "unpack it first")
    large = member.file_size > PACKING_COUNTS_FROM
    if large and member.file_size > MOST_PACKING * max(1, member.compress_size):
        raise CatseyeError(
            f"{name!r} in {path} is {member.file_size // 1_000_000} MB packed into"
            f" {member.compress_size // 1000} kB",
            f"at most {MOST_PACKING} times as much as is packed",
            "unpack it yourself if it is right, and import the folder",
        )


def _take(archive: zipfile.ZipFile, member: zipfile.ZipInfo, folder: str) -> None:
    target = os.path.join(folder, *member.filename.split("/"))
    os.makedirs(os.path.dirname(target), exist_ok=True)
    with archive.open(member) as packed, open(target, "xb") as stream:
        shutil.copyfileobj(packed, stream, 1 << 20)
