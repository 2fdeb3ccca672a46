"""A .pyz read from inside: its model comes out as it went in, and every way in which it can be
damaged is one line."""

import json
import os
import zipfile

import pytest

from catseye.runtime.errors import ModelFileError
from catseye.runtime.model_file import packed
from catseye.runtime.model_file.packed import Manifest, manifest, packed_model, version_text
from catseye.runtime.system.files import sha256_hex

MODEL = b"the bytes of a model"
WRITTEN = {
    "format": 1,
    "version": "0.1.0",
    "code_sha256": "c0de",
    "model": {"name": "tiny", "path": "model/tiny.onnx"},
    "files": {"model/tiny.onnx": sha256_hex(MODEL), "catseye/__init__.py": "ab"},
}


@pytest.fixture
def pyz(tmp_path, monkeypatch):
    """Writes an archive in which this program seems to run: its manifest, and what lies in it."""

    def write(document=WRITTEN, members=None, compression=zipfile.ZIP_STORED):
        path = tmp_path / "tiny.pyz"
        text = document if isinstance(document, (str, bytes)) else json.dumps(document)
        with zipfile.ZipFile(str(path), "w", compression) as archive:
            for name, data in (members or {"model/tiny.onnx": MODEL}).items():
                archive.writestr(name, data)
            archive.writestr("manifest.json", text)
        inside = os.path.join(str(path), "catseye", "runtime", "model_file", "packed.py")
        monkeypatch.setattr(packed, "__file__", inside)
        return path

    return write


def one_line(call):
    with pytest.raises(ModelFileError) as caught:
        call()
    assert "\n" not in str(caught.value) and caught.value.fix.startswith("copy it again")
    return str(caught.value)


def test_from_folders_nothing_is_packed():
    assert packed.archive_path() is None
    assert manifest() is None and packed_model() is None
    assert version_text("0.1.0") == "catseye 0.1.0"
    assert os.path.isdir(os.path.join(packed.package_folder(), "runtime"))


def test_the_model_comes_out_as_it_went_in(pyz):
    path = pyz()
    assert packed.archive_path() == str(path)
    assert packed_model() == ("tiny", MODEL, sha256_hex(MODEL))
    assert manifest() == Manifest(
        "0.1.0", "c0de", "tiny", "model/tiny.onnx", dict(WRITTEN["files"])
    )


def test_two_boards_are_compared_by_eye(pyz):
    pyz()
    assert version_text("0.1.0").splitlines() == [
        "catseye 0.1.0",
        "code   sha256 c0de",
        "model  sha256 %s  tiny" % sha256_hex(MODEL),
    ]


@pytest.mark.parametrize(
    "document, said",
    (
        ("", "manifest.json"),
        ("{", "manifest.json"),
        (b"\xff", "manifest.json"),
        ("[" * 100000, "within each other"),
        ("[]", "manifest of .* is \\[\\]"),
        ({}, "has no 'format'"),
        (dict(WRITTEN, format=2), "manifest.format .* is 2"),
        (dict(WRITTEN, version=1), "manifest.version .* is 1"),
        (dict(WRITTEN, model=None), "manifest.model .* is null"),
        (dict(WRITTEN, model={"name": "tiny"}), "has no 'path'"),
        (dict(WRITTEN, files=[]), "manifest.files .* is \\[\\]"),
        (dict(WRITTEN, files={"model/tiny.onnx": 1}), "manifest.files.model/tiny.onnx .* is 1"),
    ),
)
def test_a_damaged_manifest(pyz, document, said):
    pyz(document)
    with pytest.raises(ModelFileError, match=said):
        packed_model()
    one_line(manifest)
    one_line(lambda: version_text("0.1.0"))


def test_a_model_that_the_manifest_does_not_list(pyz):
    pyz(dict(WRITTEN, files={}))
    assert "another SHA-256" in one_line(packed_model)


def test_another_model_than_was_packed(pyz):
    pyz(members={"model/tiny.onnx": MODEL[:-1] + b"!"})
    assert "model/tiny.onnx has another SHA-256" in one_line(packed_model)


def test_no_model_and_no_manifest(pyz):
    path = pyz(members={"catseye/__init__.py": b""})
    assert "model/tiny.onnx" in one_line(packed_model)
    with zipfile.ZipFile(str(path), "w") as archive:
        archive.writestr("x", b"")
    assert "manifest.json" in one_line(manifest)


def test_every_byte_cut_off_is_told(pyz):
    path = pyz()
    data = path.read_bytes()
    for length in range(0, len(data), 3):
        path.write_bytes(data[:length])
        one_line(packed_model)


def test_a_flipped_bit_gives_the_model_or_one_line(pyz):
    path = pyz()
    data = path.read_bytes()
    for at in range(len(data)):
        path.write_bytes(data[:at] + bytes([data[at] ^ 1 << at % 8]) + data[at + 1 :])
        try:
            assert packed_model()[1] == MODEL  # its name may have another letter
        except ModelFileError as error:
            assert "\n" not in str(error)


def test_what_unpacks_to_more_than_the_archive_holds_is_not_unpacked(pyz):
    bomb = {"model/tiny.onnx": bytes(50 << 20)}
    path = pyz(members=bomb, compression=zipfile.ZIP_DEFLATED)
    assert path.stat().st_size < 1 << 20
    assert "larger than the archive" in one_line(packed_model)
