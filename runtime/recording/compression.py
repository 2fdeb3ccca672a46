"""Chunks of other programs' MCAP files, unpacked by libraries that Linux itself brings (libzstd,
liblz4): Python's own has neither on a board.

Knows two calls into C; not what is in a chunk. Nothing is allocated beyond what a chunk may hold.
"""

import ctypes
from typing import Any, Callable, Dict

from catseye.runtime.errors import ModelFileError

MOST_BYTES = 1 << 28  # of a chunk, unpacked
LZ4_VERSION = 100  # of its frame interface


def unpacked(compression: str, data: bytes, size: int) -> bytes:
    """The `size` bytes that were packed. compression: "", "zstd" or "lz4", as the chunk says.

    Raises ValueError where the data are damaged, ModelFileError where this system cannot unpack
    them.
    """
    if size > MOST_BYTES:
        raise ValueError("a chunk of %d bytes" % size)
    if compression and compression not in UNPACKERS:
        raise ModelFileError("chunks packed by %.20r" % compression, "zstd, lz4 or none", FIX)
    out = data if not compression else UNPACKERS[compression](data, size)
    if len(out) != size:
        raise ValueError("a chunk of %d bytes instead of %d" % (len(out), size))
    return out


def _unpacked_zstd(data: bytes, size: int) -> bytes:
    library = _library("libzstd.so.1", "zstd")
    library.ZSTD_decompress.restype = ctypes.c_size_t
    library.ZSTD_isError.argtypes = [ctypes.c_size_t]
    out = ctypes.create_string_buffer(size)
    done = library.ZSTD_decompress(out, ctypes.c_size_t(size), data, ctypes.c_size_t(len(data)))
    if library.ZSTD_isError(done):
        raise ValueError("a chunk that zstd does not unpack")
    return out.raw[:done]


def _unpacked_lz4(data: bytes, size: int) -> bytes:
    library = _library("liblz4.so.1", "lz4")
    for name in ("LZ4F_createDecompressionContext", "LZ4F_decompress"):
        getattr(library, name).restype = ctypes.c_size_t
    library.LZ4F_isError.argtypes = [ctypes.c_size_t]
    context = ctypes.c_void_p()
    library.LZ4F_createDecompressionContext(ctypes.byref(context), ctypes.c_uint(LZ4_VERSION))
    out, written, at = ctypes.create_string_buffer(size), 0, 0
    source = ctypes.create_string_buffer(data, len(data))
    try:
        while at < len(data):
            room, left = ctypes.c_size_t(size - written), ctypes.c_size_t(len(data) - at)
            hint = library.LZ4F_decompress(
                context,
                ctypes.byref(out, written),
                ctypes.byref(room),
                ctypes.byref(source, at),
                ctypes.byref(left),
                None,
            )
            if library.LZ4F_isError(hint) or not (room.value or left.value):
                raise ValueError("a chunk that lz4 does not unpack")
            written, at = written + room.value, at + left.value
            if hint == 0:
                break
    finally:
        library.LZ4F_freeDecompressionContext(context)
    return out.raw[:written]


def _library(name: str, kind: str) -> Any:
    try:
        return ctypes.CDLL(name)
    except OSError:
        raise ModelFileError(
            "chunks packed by %s, and no %s on this system" % (kind, name),
            "that library, as Linux brings it",
            FIX,
        ) from None


UNPACKERS: Dict[str, Callable[[bytes, int], bytes]] = {
    "zstd": _unpacked_zstd,
    "lz4": _unpacked_lz4,
}
FIX = "write it anew without: `mcap compress --compression none`"
