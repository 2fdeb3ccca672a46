"""Named arrays as the bytes of a compressed NumPy archive, and back: golden frames, recorded
results.

Same arrays, same bytes: no time stamps. Reading takes nothing on trust: what an archive says of
itself is held against its real size before anything is allocated, and every kind of damage is one
ValueError. Knows the .npy header that NumPy writes (version 1.0), and no pickles.
"""

import io
import re
import zipfile
import zlib
from typing import Dict, Tuple

import numpy as np

from catseye.runtime.model_file.tensors import MOST_AXES, MOST_ELEMENTS, Arrays
from catseye.runtime.system.files import BROKEN_ZIP

MOST_ARRAYS = 256
MOST_EXPANSION = 1100  # deflate makes 1032 bytes of one at most
SLACK = 1024  # bytes: of a header, and of arrays too small to compress
MAGIC = b"\x93NUMPY\x01\x00"
HEADER = re.compile(
    rb"\{'descr': '([<|][biuf][1248])', 'fortran_order': False, 'shape': \(([0-9, ]*)\), \} *\n"
)
OLDEST_DATE = (1980, 1, 1, 0, 0, 0)


def bytes_from_arrays(arrays: Arrays) -> bytes:
    """One compressed .npz, a member for each array in the order of their names."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(arrays):
            entry = zipfile.ZipInfo(name + ".npy", OLDEST_DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, _npy_from_array(arrays[name]))
    return stream.getvalue()


def arrays_from_bytes(data: bytes, largest: int) -> Arrays:
    """The inverse of `bytes_from_arrays`, each array with memory of its own.

    largest: bytes of an array. Raises ValueError for anything else, before more is allocated than
    `data` can hold.
    """
    arrays: Dict[str, np.ndarray] = {}
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            if len(members) > MOST_ARRAYS:
                raise ValueError("%d arrays" % len(members))
            if sum(member.file_size for member in members) > MOST_EXPANSION * len(data) + SLACK:
                raise ValueError("arrays that %d bytes cannot hold" % len(data))
            for member in members:
                if member.file_size > largest + SLACK:
                    raise ValueError("an array of %d bytes" % member.file_size)
                name = member.filename[: -len(".npy")]
                if not member.filename.endswith(".npy") or name in arrays:
                    raise ValueError("a member %r" % member.filename[:80])
                arrays[name] = _array_from_npy(_content(archive, member))
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError) as error:
        raise ValueError(str(error) or type(error).__name__)
    except BROKEN_ZIP as error:  # encrypted, torn apart
        raise ValueError("a torn archive (%s)" % error)
    return arrays


def _content(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    """A member, read no further than it says; the archive's CRC is checked at its end."""
    with archive.open(member) as stream:
        content = stream.read(member.file_size + 1)
    if len(content) != member.file_size:
        raise ValueError("%s of %d bytes" % (member.filename, len(content)))
    return content


def _array_from_npy(data: bytes) -> np.ndarray:
    start = len(MAGIC) + 2
    length = int.from_bytes(data[len(MAGIC) : start], "little")
    match = HEADER.fullmatch(data[start : start + length])
    if data[: len(MAGIC)] != MAGIC or match is None:
        raise ValueError("an array without NumPy's header")
    shape, dtype = _shape(match.group(2)), np.dtype(match.group(1).decode("ascii"))
    body = memoryview(data)[start + length :]
    count = 1
    for side in shape:
        count *= side
    if count > MOST_ELEMENTS or count * dtype.itemsize != len(body):
        raise ValueError("%d bytes for %s %s" % (len(body), dtype, shape))
    return np.frombuffer(body, dtype).reshape(shape).copy()


def _shape(text: bytes) -> Tuple[int, ...]:
    words = [word.strip() for word in text.split(b",")]
    words = words[:-1] if words[-1] == b"" else words
    if len(words) > MOST_AXES or any(not word.isdigit() or len(word) > 9 for word in words):
        raise ValueError("an array of shape (%s)" % text[:80].decode("ascii"))
    shape = tuple(int(word) for word in words)
    if any(side > MOST_ELEMENTS for side in shape):
        raise ValueError("an array with a side of %d" % max(shape))
    return shape


def _npy_from_array(array: np.ndarray) -> bytes:
    stream = io.BytesIO()
    # ascontiguousarray would make a shape of () one of (1,)
    np.save(stream, np.array(array, order="C"), allow_pickle=False)
    return stream.getvalue()
