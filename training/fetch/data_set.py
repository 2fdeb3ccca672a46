"""`catseye fetch`: a data set from its public address into the layout of docs/data.md, checked
before it is named.

Nothing wrong ever gets a final name, and nothing that is already there is touched: a folder that is
right is left, one that is not is an error. From an archive only the wanted members are taken, to
paths made of their checked names.
"""

import functools
import gzip
import os
import shutil
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

from catseye.runtime.errors import CatseyeError
from catseye.runtime.system.staging import staged_folder
from catseye.training.fetch.data_sources import (
    SOURCES,
    Archive,
    Folder,
    SingleFile,
    sha256_of_gzip,
    sha256_of_pictures,
)
from catseye.training.fetch.download import Patience, download

MOST_BYTES_A_PICTURE = 5_000_000
MOVE_AWAY = "move it away, or choose another --to"


def fetch(name: str, to: Path, mirror: str | None = None, patience: Patience = Patience()) -> str:
    """Bring data set `name` into `to`/`name`; returns a line on what is there. `mirror`: a base
    address to use instead.

    Raises CatseyeError where it cannot be had, or where something else is in its place.
    """
    for source in SOURCES[name]:
        addresses = (
            source.addresses if mirror is None else (f"{mirror.rstrip('/')}/{source.file_name}",)
        )
        if isinstance(source, SingleFile):
            _fetch_file(source, to / name, addresses, patience)
        else:
            _fetch_archive(source, to / name, addresses, patience)
    return f"{to / name}: {_inventory(SOURCES[name])}"


def _fetch_file(
    source: SingleFile, folder: Path, addresses: tuple[str, ...], patience: Patience
) -> None:
    path = folder / source.file_name
    if path.exists():
        complaint = file_complaint(source, os.fspath(path))
        if complaint:
            raise CatseyeError(f"{path} is there and {complaint}", "the official file", MOVE_AWAY)
        return

    def accept(part: str) -> str:
        complaint = file_complaint(source, part)
        if not complaint:
            os.replace(part, path)
        return complaint

    download(os.fspath(path), addresses, source.most_bytes, accept, patience)


def _fetch_archive(
    source: Archive, folder: Path, addresses: tuple[str, ...], patience: Patience
) -> None:
    if folder.exists():
        complaint = folder_complaint(source, folder)
        if complaint:
            raise CatseyeError(
                f"{folder} is there and {complaint}", "the official content", MOVE_AWAY
            )
        return

    def accept(part: str) -> str:
        with staged_folder(os.fspath(folder)) as temporary:
            unpacked = Path(temporary) / folder.name
            complaint = unpack(source, part, unpacked) or folder_complaint(source, unpacked)
            if not complaint:
                os.rename(unpacked, folder)
                os.unlink(part)
        return complaint

    download(
        os.fspath(folder.parent / source.file_name), addresses, source.most_bytes, accept, patience
    )


def file_complaint(source: SingleFile, path: str) -> str:
    """What is wrong with a gzipped file, "" if nothing."""
    found = sha256_of_gzip(path)
    if not found:
        return "is no whole gzip file"
    return "" if found == source.sha256 else f"holds other content (SHA-256 {found[:12]}...)"


def folder_complaint(source: Archive, folder: Path) -> str:
    """What is wrong with an unpacked data set, "" if nothing."""
    for wanted in source.folders:
        complaint = _part_complaint(wanted, folder / wanted.name)
        if complaint:
            return complaint
    return ""


def _part_complaint(wanted: Folder, path: Path) -> str:
    found = len(os.listdir(path)) if path.is_dir() else 0
    if found != wanted.files:
        return f"has {found} files in {wanted.name}/ instead of {wanted.files}"
    total = sha256_of_pictures(os.fspath(path))
    if not total:
        return f"has a picture in {wanted.name}/ that cannot be read"
    known = total == wanted.sha256 or not wanted.sha256
    return "" if known else f"holds other pictures in {wanted.name}/ (SHA-256 {total[:12]}...)"


def unpack(source: Archive, path: str, folder: Path) -> str:
    """Write the wanted members of a .zip or .tgz under `folder`; "" or what is wrong with the
    archive. Raises CatseyeError where nothing can be written there."""
    try:
        for name, size, opened in _members(path):
            match = source.wanted.fullmatch(name)
            if match and size > MOST_BYTES_A_PICTURE:
                return f"has a picture of {size} bytes"
            if match:
                target = folder / match["folder"] / match["file"]
                target.parent.mkdir(parents=True, exist_ok=True)
                with opened() as content, open(target, "wb") as written:
                    shutil.copyfileobj(content, written)
    except (
        gzip.BadGzipFile,
        zipfile.BadZipFile,
        tarfile.TarError,
        zlib.error,
        EOFError,
        RuntimeError,
    ) as error:
        return f"is no whole archive ({error})"
    except OSError as error:
        raise CatseyeError(
            f"cannot unpack {path}: {error.strerror}", "a writable folder with room", "make some"
        )
    return ""


def _members(path: str) -> Iterator[tuple[str, int, Callable[[], IO[bytes]]]]:
    """Name, unpacked size and a way to open each plain file of an archive, whichever kind it is."""
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            for info in archive.infolist():
                yield info.filename, info.file_size, functools.partial(archive.open, info)
    else:
        with tarfile.open(path, "r:gz") as archive:
            for member in archive:
                if member.isfile():  # no links, no devices
                    yield member.name, member.size, functools.partial(_plain_file, archive, member)


def _plain_file(archive: tarfile.TarFile, member: tarfile.TarInfo) -> IO[bytes]:
    content = archive.extractfile(member)
    assert content is not None, "requested plain files only"
    return content


def _inventory(sources: tuple[SingleFile | Archive, ...]) -> str:
    """What was checked and how, for people."""
    parts = []
    for source in sources:
        if isinstance(source, SingleFile):
            parts.append(f"{source.file_name} (SHA-256 right)")
        else:
            parts += [
                f"{f.name} {f.files} ({'SHA-256 right' if f.sha256 else 'readable'})"
                for f in source.folders
            ]
    return ", ".join(parts)
