"""A file of tensors comes back whole or not at all; equal tensors are equal bytes."""

import io
import logging
import pickletools
import random
import struct
import zipfile

import pytest
import torch

from catseye.models import tensor_file
from catseye.models.tensor_file import read_tensors, tensor_bytes
from catseye.runtime.errors import ModelFileError
from catseye.runtime.system.files import sha256_hex

CONTENT = {
    "weights": {"a": torch.arange(40.0).reshape(8, 5), "b": torch.ones(3, dtype=torch.int64)},
    "state": {"step": 3, "rate": 0.5, "groups": [{"params": [0, 1], "name": None}]},
    "meta": "{}",
}


def old_bytes():
    """As files were before they had a SHA-256."""
    buffer = io.BytesIO()
    torch.save(CONTENT, buffer)
    return buffer.getvalue()


def sealed(archive):
    """An archive with the SHA-256 of a file that somebody mended."""
    comment = len(tensor_file.MARK) + tensor_file.DIGEST
    marked = archive[:-2] + struct.pack("<H", comment) + tensor_file.MARK
    return marked + sha256_hex(marked).encode()


def with_pickle(change):
    """The file with another pickle, its CRC and SHA-256 mended."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(old_bytes())) as old, zipfile.ZipFile(buffer, "w") as new:
        for member in old.infolist():
            data = old.read(member)
            new.writestr(
                member.filename, change(data) if member.filename.endswith("data.pkl") else data
            )
    return sealed(buffer.getvalue())


def read(tmp_path, data):
    (tmp_path / "tensors.pt").write_bytes(data)
    return read_tensors(tmp_path / "tensors.pt")


def assert_same(found, expected=CONTENT):
    assert all(
        torch.equal(found["weights"][name], value) for name, value in expected["weights"].items()
    )
    assert {**found, "weights": None} == {**expected, "weights": None}


def test_there_and_back(tmp_path):
    assert_same(read(tmp_path, tensor_bytes(CONTENT)))


def test_torch_reads_it_too(tmp_path):
    loaded = torch.load(io.BytesIO(tensor_bytes(CONTENT)), weights_only=True)
    assert torch.equal(loaded["weights"]["a"], CONTENT["weights"]["a"])


def test_equal_tensors_are_equal_bytes():
    again = {
        "weights": {name: value.clone() for name, value in CONTENT["weights"].items()},
        "state": {"step": 3, "rate": 0.5, "groups": [{"params": [0, 1], "name": None}]},
        "meta": "{}",
    }
    assert tensor_bytes(again) == tensor_bytes(CONTENT)
    again["weights"]["a"][0, 0] = 1e-9
    assert tensor_bytes(again) != tensor_bytes(CONTENT)


@pytest.mark.parametrize("make", [lambda: tensor_bytes(CONTENT), old_bytes])
def test_a_flipped_bit_is_never_another_tensor(tmp_path, make, caplog):
    """One line, or, where the bit means nothing in a file of before, the tensors as they were."""
    data, read_whole = make(), 0
    for place in random.Random(16).sample(range(8 * len(data)), 400):
        damaged = bytearray(data)
        damaged[place // 8] ^= 1 << place % 8
        try:
            content = read(tmp_path, bytes(damaged))
        except ModelFileError as error:
            assert len(str(error).splitlines()) == 1
        else:
            read_whole += 1
            assert_same(content)
    assert read_whole == 0 or make is old_bytes


@pytest.mark.parametrize("share", [0, 0.01, 0.3, 0.6, 0.9, 0.99])
def test_a_truncated_file_is_one_line(tmp_path, share):
    data = tensor_bytes(CONTENT)
    with pytest.raises(ModelFileError) as caught:
        read(tmp_path, data[: int(share * len(data))])
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize("member", ["data.pkl", "data/0", "data/1"])
def test_a_missing_member_is_one_line(tmp_path, member):
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(old_bytes())) as old, zipfile.ZipFile(buffer, "w") as new:
        for each in old.infolist():
            if not each.filename.endswith("/" + member):
                new.writestr(each.filename, old.read(each))
    with pytest.raises(ModelFileError):
        read(tmp_path, sealed(buffer.getvalue()))


def test_a_member_larger_than_the_file_is_refused_unread(tmp_path):
    """A compressed one, which a few bytes can make as large as they like."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("archive/data.pkl", b"\0" * 10_000_000)
    with pytest.raises(ModelFileError, match="compressed"):
        read(tmp_path, sealed(buffer.getvalue()))


def test_a_tensor_larger_than_its_member_is_refused(tmp_path):
    ten_times = with_pickle(lambda data: data.replace(b"K\x28t", b"M\x90\x01t", 1))
    with pytest.raises(ModelFileError, match="size"):
        read(tmp_path, ten_times)


@pytest.mark.parametrize(
    "calls",
    [b"cbuiltins\nbytearray\n(J\xff\xff\xff\x7ftR", b"cposix\nsystem\n(X\x04\0\0\0truetR"],
)
def test_a_pickle_calls_nothing_but_what_makes_tensors(tmp_path, calls):
    with pytest.raises(ModelFileError, match="its pickle calls"):
        read(tmp_path, with_pickle(lambda data: b"\x80\x02" + calls + b"."))


def test_a_pickle_out_of_order_is_one_line(tmp_path):
    """Every opcode of the real one left out in turn, CRC and SHA-256 mended."""
    pickle = zipfile.ZipFile(io.BytesIO(old_bytes())).read("archive/data.pkl")
    starts = [at for _, _, at in pickletools.genops(pickle)] + [len(pickle)]
    for start, end in zip(starts, starts[1:]):
        data = with_pickle(lambda data, start=start, end=end: data[:start] + data[end:])
        try:
            read(tmp_path, data)
        except ModelFileError as error:
            assert len(str(error).splitlines()) == 1


def test_a_file_without_a_digest_is_told_once(tmp_path, caplog):
    (tmp_path / "old.pt").write_bytes(old_bytes())
    with caplog.at_level(logging.WARNING, "catseye"):
        for _ in range(3):
            assert_same(read_tensors(tmp_path / "old.pt"))
    assert len(caplog.records) == 1 and "SHA-256" in caplog.text


def test_no_file_and_a_folder_are_one_line(tmp_path):
    for path in (tmp_path / "nowhere", tmp_path):
        with pytest.raises(ModelFileError, match="cannot read"):
            read_tensors(path)
