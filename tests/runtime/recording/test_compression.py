"""Against the Python packages of both, which a board does not have."""

import pytest

from catseye.runtime.errors import ModelFileError
from catseye.runtime.recording import compression
from catseye.runtime.recording.compression import MOST_BYTES, unpacked

CONTENT = b"".join(b"%d," % number for number in range(200_000)) + bytes(300_000)


def packed(kind):
    if kind == "zstd":
        return pytest.importorskip("zstandard").compress(CONTENT)
    return pytest.importorskip("lz4.frame").compress(CONTENT)


@pytest.mark.parametrize("kind", ("zstd", "lz4"))
def test_what_was_packed_comes_back(kind):
    data = packed(kind)
    assert unpacked(kind, data, len(CONTENT)) == CONTENT
    for size in (0, 10, len(CONTENT) - 1, len(CONTENT) + 1):
        with pytest.raises(ValueError):
            unpacked(kind, data, size)
    for cut in (b"", data[:3], data[: len(data) // 2], data[:-5], bytes(100)):
        with pytest.raises(ValueError):
            unpacked(kind, cut, len(CONTENT))


@pytest.mark.parametrize("kind", ("zstd", "lz4"))
def test_damaged_data_are_an_error_or_other_bytes(kind):
    """The chunk's CRC tells those."""
    data = packed(kind)
    for place in range(0, len(data), len(data) // 50):
        flipped = bytearray(data)
        flipped[place] ^= 0x10
        try:
            assert len(unpacked(kind, bytes(flipped), len(CONTENT))) == len(CONTENT)
        except ValueError:
            pass


def test_what_is_not_packed_is_itself():
    assert unpacked("", b"abc", 3) == b"abc"
    with pytest.raises(ValueError):
        unpacked("", b"abc", 4)


def test_nothing_is_allocated_beyond_a_bound():
    with pytest.raises(ValueError, match="a chunk of"):
        unpacked("zstd", b"", MOST_BYTES + 1)


def test_what_this_system_cannot_unpack_is_one_line(monkeypatch):
    with pytest.raises(ModelFileError, match="packed by 'bz2'.*--compression none"):
        unpacked("bz2", b"", 0)

    def missing(name):
        raise OSError(name)

    monkeypatch.setattr(compression.ctypes, "CDLL", missing)
    with pytest.raises(ModelFileError, match="no libzstd.so.1 on this system"):
        unpacked("zstd", b"", 0)
