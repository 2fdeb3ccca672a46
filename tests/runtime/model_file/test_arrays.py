"""Arrays survive the way through an archive; damage of any kind is one ValueError and no memory."""

import io
import tracemalloc
import zipfile

import numpy as np
import pytest

from catseye.runtime.model_file.arrays import arrays_from_bytes, bytes_from_arrays

ARRAYS = {
    "0/mask": np.arange(200, dtype=np.uint8).reshape(1, 10, 20),
    "0/score": np.array(0.5),
    "boxes": np.zeros((0, 4), np.int64),
    "codes": np.random.RandomState(0).randn(3, 4, 5).astype(np.float32),
    "flags": np.array([True, False]),
}


LARGEST = 240  # bytes


def archive(**members):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in members.items():
            packed.writestr(name.replace("_npy", ".npy"), content)
    return stream.getvalue()


def npy(array, **options):
    stream = io.BytesIO()
    np.save(stream, array, **options)
    return stream.getvalue()


def test_there_and_back():
    again = arrays_from_bytes(bytes_from_arrays(ARRAYS), LARGEST)
    assert list(again) == sorted(ARRAYS)
    for name, array in ARRAYS.items():
        assert again[name].dtype == array.dtype and again[name].shape == array.shape
        assert np.array_equal(again[name], array) and again[name].flags.writeable


def test_what_numpy_itself_writes_is_read():
    stream = io.BytesIO()
    np.savez_compressed(stream, codes=ARRAYS["codes"])
    assert np.array_equal(arrays_from_bytes(stream.getvalue(), LARGEST)["codes"], ARRAYS["codes"])


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"PK",
        archive(a_npy=b""),
        archive(a_txt=npy(np.zeros(3))),
        archive(a_npy=npy(np.zeros(3))[:-1]),
        archive(a_npy=npy(np.zeros(3)) + b"x"),
        archive(a_npy=npy(np.array([None]), allow_pickle=True)),
        archive(a_npy=npy(np.array(["text"]))),
        archive(a_npy=npy(np.asfortranarray(np.zeros((3, 4))))),
        archive(a_npy=npy(np.zeros(3)).replace(b"(3,)", b"(4,)")),
        archive(a_npy=npy(np.zeros(3)).replace(b"(3,)", b"(-3)")),
        archive(a_npy=npy(np.zeros(3)).replace(b"'descr'", b"__descr")),
    ],
)
def test_anything_else_is_one_error(data):
    with pytest.raises(ValueError):
        arrays_from_bytes(data, LARGEST)


def test_every_flipped_bit_is_found_or_does_no_harm():
    whole = bytes_from_arrays(ARRAYS)
    random = np.random.RandomState(0)
    silent = 0
    for _ in range(300):
        data = bytearray(whole)
        data[random.randint(len(data))] ^= 1 << random.randint(8)
        try:
            again = arrays_from_bytes(bytes(data), LARGEST)
        except ValueError:
            continue
        # a name or a date of the archive has no CRC; the content has
        for array in again.values():
            assert any(np.array_equal(array, each) for each in ARRAYS.values())
        silent += 1
    assert silent < 60


def test_a_torn_extra_field_is_the_same_error():
    entry = zipfile.ZipInfo("a.npy")
    entry.extra = b"\x01\x00\x18\x00" + bytes(24)  # Zip64: 24 bytes that follow
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as packed:
        packed.writestr(entry, npy(np.zeros(3)))
    torn = stream.getvalue()
    directory = torn.index(b"PK\x01\x02")
    # of which the directory keeps four, and counts no more of its own bytes
    torn = bytearray(torn[: directory + 51 + 8] + torn[directory + 51 + 28 :])
    torn[directory + 30 : directory + 32] = (8).to_bytes(2, "little")
    size = torn.index(b"PK\x05\x06") - directory
    torn[-10:-6] = size.to_bytes(4, "little")
    with pytest.raises(ValueError, match="extra field|torn archive"):
        arrays_from_bytes(bytes(torn), LARGEST)


def test_no_more_is_allocated_than_the_archive_can_hold():
    head = npy(np.zeros(3)).replace(b"(3,)", b"(900000000,)")
    tracemalloc.start()
    with pytest.raises(ValueError):
        arrays_from_bytes(archive(a_npy=head), 1 << 40)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1 << 20


def test_an_array_larger_than_any_that_is_meant_is_not_unpacked():
    zeros = archive(a_npy=npy(np.zeros(10_000_000, np.uint8)))  # of ten thousand bytes
    tracemalloc.start()
    with pytest.raises(ValueError, match="an array of 10000128 bytes"):
        arrays_from_bytes(zeros, 5_000_000)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1 << 20 and len(arrays_from_bytes(zeros, 10_000_000)["a"]) == 10_000_000
