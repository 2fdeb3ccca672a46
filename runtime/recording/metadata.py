"""What computed the results of a recording: the text in its metadata record, sealed by a digest,
and what of it this program goes by.

Knows entries and their types; not the container's bytes (mcap.py).
"""

import math
from typing import Dict, NamedTuple, Optional, Tuple

from catseye.runtime.cameras.names import MOST_CAMERAS, is_name
from catseye.runtime.errors import ModelFileError
from catseye.runtime.recording import mcap
from catseye.runtime.recording.picture import CODECS, LOSSLESS
from catseye.runtime.system.files import sha256_hex
from catseye.runtime.system.json_document import json_from_text

# 1: of one camera, without loss, its mask as an array alone, which is read as well
FORMAT, READ = "2", ("1", "2")
DIGEST = "metadata_sha256"  # of all other entries; older logs have none
CAMERAS = "cameras"  # names as a JSON list, where they have any
MOST_THREADS = 1 << 16


# of ComputedBy: what floats depend on to the last bit
SMOOTH = "smooth_s"  # over how long the results were smoothed, where they were
COMPUTER = ("backend", "backend_version", "provider", "device")


class RecordedBy(NamedTuple):
    """model, sha256: name and digest of the model.  computer: the entries COMPUTER.  cameras: their
    names, in the order of their channels; one of "" where it is a lone one without.  codec: of the
    pictures.  threads, fps: None where the log does not tell, as text is "" there."""

    task: str
    model: str
    sha256: str
    backend: str
    precision: str
    computer: Tuple[str, ...]
    cameras: Tuple[str, ...]
    codec: str
    threads: Optional[int]
    fps: Optional[float]


def sealed_metadata(metadata: Dict[str, str]) -> Dict[str, str]:
    """The entries of a log's metadata record, with its format and a digest of all."""
    entries = dict(metadata, format=FORMAT)
    return dict(entries, **{DIGEST: _digest(entries)})


def opened_metadata(entries: Dict[str, str], path: str) -> Dict[str, str]:
    """The inverse of `sealed_metadata`, `format` left in; raises ModelFileError where they are not
    what was written, or of another format."""
    metadata = {name: value for name, value in entries.items() if name != DIGEST}
    if DIGEST in entries and entries[DIGEST] != _digest(metadata):
        raise ModelFileError(
            "the metadata of %s is damaged" % path, "a log as record:// wrote it", "copy it again"
        )
    if metadata.get("format") not in READ:
        raise ModelFileError(
            "%s has format %.40r" % (path, metadata.get("format")),
            " or ".join(READ),
            "update catseye",
        )
    return metadata


def recorded_by(metadata: Dict[str, str], path: str) -> RecordedBy:
    """What computed the results; raises ModelFileError where a number or a name is none."""
    threads, fps = _number(metadata, "threads", path), _number(metadata, "fps", path)
    if threads is not None and not (threads.is_integer() and 0 <= threads < MOST_THREADS):
        raise _no_number(metadata, "threads", path)
    task, model, sha256, backend, precision = (
        metadata.get(name, "") for name in ("task", "model", "sha256", "backend", "precision")
    )
    return RecordedBy(
        task=task,
        model=model,
        sha256=sha256,
        backend=backend,
        precision=precision,
        computer=tuple(metadata.get(name, "") for name in COMPUTER),
        cameras=_cameras(metadata, path),
        codec=_codec(metadata, path),
        threads=None if threads is None else int(threads),
        fps=fps,
    )


def _cameras(metadata: Dict[str, str], path: str) -> Tuple[str, ...]:
    """Their names; raises ModelFileError where they are none."""
    if CAMERAS not in metadata:
        return ("",)
    try:
        names = json_from_text(metadata[CAMERAS])
    except ValueError:
        names = None
    if (
        not isinstance(names, list)
        or not 1 <= len(names) <= MOST_CAMERAS
        or not all(isinstance(name, str) and is_name(name) for name in names)
        or len(set(names)) < len(names)
    ):
        raise ModelFileError(
            "the metadata of %s has cameras=%.40r" % (path, metadata[CAMERAS]),
            "a list of names that record:// wrote",
            "record it again",
        )
    return tuple(names)


def _codec(metadata: Dict[str, str], path: str) -> str:
    """Raises ModelFileError for one that nobody here knows."""
    codec = metadata.get("codec", LOSSLESS)
    if codec not in CODECS:
        raise ModelFileError(
            "%s has pictures of codec %.40r" % (path, codec), ", ".join(CODECS), "update catseye"
        )
    return codec


def _digest(entries: Dict[str, str]) -> str:
    parts = [mcap.text(name) + mcap.text(entries[name]) for name in sorted(entries)]
    return sha256_hex(b"".join(parts))


def _number(metadata: Dict[str, str], name: str, path: str) -> Optional[float]:
    """A finite number; None where there is no such entry."""
    try:
        number = float(metadata[name]) if name in metadata else None
    except ValueError:
        raise _no_number(metadata, name, path)
    if number is not None and not math.isfinite(number):
        raise _no_number(metadata, name, path)
    return number


def _no_number(metadata: Dict[str, str], name: str, path: str) -> ModelFileError:
    return ModelFileError(
        "the metadata of %s has %s=%.40r" % (path, name, metadata[name]),
        "a number that record:// wrote",
        "record it again",
    )
