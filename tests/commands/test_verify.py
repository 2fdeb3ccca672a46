"""The parity check as a user meets it: what is right passes, one spoiled weight does not."""

import base64
import json

import onnx
import pytest
from cards import with_card

from catseye.__main__ import main
from catseye.runtime.datasets import camvid
from catseye.runtime.model_file.golden import bytes_from_golden
from catseye.runtime.model_file.load import GOLDEN_KEY, load_model, onnx_path
from catseye.runtime.system.files import sha256_hex


@pytest.fixture(autouse=True)
def two_streets(monkeypatch):
    monkeypatch.setattr(camvid, "DEMO_FRAMES", {"val": (0, 2)})


@pytest.fixture()
def spoiled_model(small_model, tmp_path):
    """The small model with one weight of its classifier changed."""
    model = onnx.load(str(small_model))
    classifier = next(t for t in model.graph.initializer if t.dims[:1] == [11])
    weights = onnx.numpy_helper.to_array(classifier).copy()
    weights.flat[0] += 3
    classifier.CopyFrom(onnx.numpy_helper.from_array(weights, classifier.name))
    path = tmp_path / "spoiled.onnx"
    path.write_bytes(with_card(model.SerializeToString()))  # as if it had been made so
    return str(path)


@pytest.mark.parametrize("backend", ["onnxruntime", "opencv"])
def test_a_model_checks_itself(small_model, backend, capsys):
    assert main(["verify", str(small_model), "--backend", backend, "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["ok"] is True and answer["metric"] is None
    assert answer["outputs"][0]["name"] == "mask" and answer["outputs"][0]["agreement"] >= 0.999


def test_against_its_checkpoint(small_model, small_checkpoint, capsys):
    assert main(["verify", str(small_model), "--against", str(small_checkpoint), "--json"]) == 0
    metric = json.loads(capsys.readouterr().out)["metric"]
    assert metric["name"] == "miou" and metric["source"] == pytest.approx(metric["model"], abs=1e-3)


def test_one_spoiled_weight_is_a_breach(spoiled_model, capsys):
    assert main(["verify", spoiled_model, "--json"]) == 1
    answer = json.loads(capsys.readouterr().out)
    assert answer["ok"] is False and answer["outputs"][0]["agreement"] < 0.999


@pytest.mark.parametrize("verb", [["verify"], ["run", "--source", "synthetic://road"]])
def test_a_weight_that_was_spoiled_on_the_way_is_damage(small_model, tmp_path, capsys, verb):
    data = bytearray(small_model.read_bytes())
    data[len(data) // 3] ^= 1
    path = tmp_path / "flipped.onnx"
    path.write_bytes(bytes(data))
    assert main([verb[0], str(path), *verb[1:]]) == 2
    said = capsys.readouterr().err.strip().splitlines()[-1]
    assert "flipped" in said and "expected" in said


def test_the_golden_frames_of_another_network_are_a_breach(tmp_path, capsys):
    theirs, data = load_model("road"), onnx.load(onnx_path("road-nano"))
    golden = bytes_from_golden(theirs.golden)
    entry = next(entry for entry in data.metadata_props if entry.key == GOLDEN_KEY)
    entry.value = base64.b64encode(golden).decode()
    path = tmp_path / "swapped.onnx"
    path.write_bytes(
        with_card(
            data.SerializeToString(), lambda card: card.update(golden_sha256=sha256_hex(golden))
        )
    )
    assert main(["verify", str(path), "--backend", "onnxruntime"]) == 1
    assert "BREACH" in capsys.readouterr().err


def test_the_breach_is_told_to_people(spoiled_model, small_checkpoint, capsys):
    assert main(["verify", spoiled_model, "--against", str(small_checkpoint)]) == 1
    said = capsys.readouterr().err
    assert "mask" in said and "BREACH" in said


def test_comparing_a_file_with_itself_is_refused(small_model, tmp_path, capsys):
    copy = tmp_path / "copy.onnx"
    copy.write_bytes(small_model.read_bytes())
    assert main(["verify", str(copy), "--against", str(small_model)]) == 2
    assert "compared with itself" in capsys.readouterr().err


def test_a_checkpoint_alone_has_nothing_to_check(small_checkpoint, capsys):
    assert main(["verify", str(small_checkpoint)]) == 2
    assert "no golden frames" in capsys.readouterr().err
