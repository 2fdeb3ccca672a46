"""The model of a log is found by its SHA-256, whatever it is called."""

import hashlib

import pytest

from catseye.runtime.errors import ModelFileError
from catseye.runtime.model_file.load import ZOO, load_model
from catseye.runtime.recording.metadata import recorded_by
from catseye.runtime.recording.recorded_model import recorded_model


def log_of(model="mine", sha256=""):
    return recorded_by({"model": model, "sha256": sha256}, "LOG")


def test_a_shipped_one_wherever_one_is():
    found = recorded_model(log_of("digits", load_model("digits").sha256), [])
    assert found == ZOO + "/digits.onnx"


def test_one_under_another_name_and_a_checkpoint(tmp_path):
    data = b"mine, not ours"
    sha256 = hashlib.sha256(data).hexdigest()
    (tmp_path / "[a]").mkdir()
    (tmp_path / "broken.pyz").write_bytes(b"PK")
    path = tmp_path / "[a]" / "renamed.onnx"
    path.write_bytes(data)
    assert recorded_model(log_of(sha256=sha256), ["", str(tmp_path / "[a]")]) == str(path)
    run = tmp_path / "run"
    run.mkdir()
    path.rename(run / "model.pt")
    assert recorded_model(log_of(sha256=sha256), [str(tmp_path)]) == str(run)


@pytest.mark.parametrize("sha256", ("", "0" * 64))
def test_none_says_where_it_looked(sha256, tmp_path):
    (tmp_path / "other.onnx").write_bytes(b"x")
    with pytest.raises(ModelFileError) as error:
        recorded_model(log_of(sha256=sha256), [str(tmp_path), str(tmp_path / ".")])
    assert str(error.value).count(str(tmp_path)) == 1
    assert "the shipped ones" in str(error.value) and "--models PATH" in str(error.value)
