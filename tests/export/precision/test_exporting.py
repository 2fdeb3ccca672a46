"""Export in a precision as a user meets it: what passes is published, what does not is kept aside
and bisected."""

import json

import cv2
import numpy as np
import pytest

from catseye.__main__ import main
from catseye.export.precision import exporting
from catseye.runtime.datasets import camvid
from catseye.runtime.model_file.load import load_model


@pytest.fixture(autouse=True)
def two_streets(monkeypatch):
    monkeypatch.setattr(camvid, "DEMO_FRAMES", {"train": (7, 4), "val": (0, 2)})


@pytest.fixture(scope="module")
def pictures(frames, tmp_path_factory):
    folder = tmp_path_factory.mktemp("pictures")
    for number, inputs in enumerate(frames):
        cv2.imwrite(str(folder / f"{number}.png"), inputs["frame"][0])
    return folder


@pytest.fixture(scope="module")
def black(tmp_path_factory):
    folder = tmp_path_factory.mktemp("black")
    for number in range(4):
        cv2.imwrite(str(folder / f"{number}.png"), np.zeros((50, 70, 3), np.uint8))
    return folder


def export(checkpoint, path, *options) -> int:
    return main(["export", str(checkpoint), "-o", str(path), "--size", "70x50", *map(str, options)])


def verify(path, *options) -> int:
    return main(["verify", str(path), *map(str, options)])


@pytest.mark.parametrize("target", ["any", "jp4"])
def test_int8_is_published_and_checks_itself(small_checkpoint, pictures, target, tmp_path, capsys):
    path = tmp_path / "small8.onnx"
    assert (
        export(
            small_checkpoint,
            path,
            "--precision",
            "int8",
            "--target",
            target,
            "--calibrate",
            pictures,
        )
        == 0
    )
    said = capsys.readouterr().err
    assert "taken" in said and all(
        method in said for method in ("minmax", "percentile", "mse", "entropy")
    )
    card = load_model(str(path)).card
    assert (card.precision, card.target, card.opset) == ("int8", target, 13)
    assert card.calibration.ranges in ("minmax", "percentile", "mse", "entropy")
    assert card.calibration.frames == "pictures0, 4 frames"
    # what the runtime takes and gives
    assert card.inputs[0].dtype == card.outputs[0].dtype == np.uint8
    assert verify(path) == 0
    assert verify(path, "--against", small_checkpoint, "--json") == 0
    verdict = json.loads(capsys.readouterr().out)
    assert verdict["ok"] and verdict["metric"]["model"] >= verdict["metric"]["source"] - 0.003


def test_the_card_of_a_calibrated_float_file_has_the_ranges_that_a_dla_needs(
    small_checkpoint, pictures, tmp_path
):
    path = tmp_path / "small32.onnx"
    assert export(small_checkpoint, path, "--calibrate", pictures, "--target", "jp5") == 0
    model = load_model(str(path))
    amax = model.card.calibration.amax
    assert model.card.precision == "fp32" and len(amax) > 50
    assert all(isinstance(value, float) and value > 0 for value in amax.values())
    assert 0 < amax["/stem/stem.2/Relu_output_0"] < 100


@pytest.mark.parametrize("target", ["jp4", "jp7"])
def test_fp16_is_published(small_checkpoint, target, tmp_path):
    path = tmp_path / "small16.onnx"
    assert export(small_checkpoint, path, "--precision", "fp16", "--target", target) == 0
    assert load_model(str(path)).card.precision == "fp16"
    assert verify(path, "--against", small_checkpoint) == 0


@pytest.fixture
def loud(loud_graph, monkeypatch):
    """Every checkpoint is drafted as the loud graph, whose answers are those of the small one."""
    draft_of = exporting.draft_from_checkpoint
    monkeypatch.setattr(
        exporting,
        "draft_from_checkpoint",
        lambda *given: draft_of(*given)._replace(model=loud_graph),
    )


def test_what_would_overflow_in_half_stays_float(loud, small_checkpoint, tmp_path):
    path = tmp_path / "loud16.onnx"
    assert export(small_checkpoint, path, "--precision", "fp16") == 0
    assert set(load_model(str(path)).card.float_layers) >= {"mul_1", "mul_2"}
    assert verify(path) == 0


def test_what_overflows_in_half_unseen_is_refused_with_the_nodes_name(
    loud, small_checkpoint, tmp_path, monkeypatch, capsys
):
    """As where the frames that were looked at are duller than these: on x86 the answers agree."""
    monkeypatch.setattr(exporting, "overflowing_layers", lambda model, frames: [])
    path = tmp_path / "loud16.onnx"
    assert export(small_checkpoint, path, "--precision", "fp16") == 1
    assert "comes out of Mul mul_1" in capsys.readouterr().err and not path.exists()
    aside = tmp_path / "loud16.rejected.onnx"
    report = json.loads((tmp_path / "loud16.rejected.json").read_text())
    assert report["verdict"]["overflowing"][0] == "Mul mul_1"
    assert verify(aside, "--json") == 1
    assert json.loads(capsys.readouterr().out)["overflowing"] == ["Mul mul_1"]


def test_int8_of_black_frames_is_refused_and_bisected(small_checkpoint, black, tmp_path, capsys):
    path = tmp_path / "small8.onnx"
    path.write_bytes(b"an earlier one")
    assert export(small_checkpoint, path, "--precision", "int8", "--calibrate", black) == 1
    assert "BREACH" in capsys.readouterr().err
    assert path.read_bytes() == b"an earlier one"
    aside, report = tmp_path / "small8.rejected.onnx", tmp_path / "small8.rejected.json"
    assert json.loads(report.read_text())["verdict"]["ok"] is False
    assert verify(aside) == 1
    assert verify(aside, "--against", small_checkpoint, "--calibrate", black) == 2
    assert (
        verify(aside, "--against", small_checkpoint, "--calibrate", black, "--bisect", "--json")
        == 0
    )
    found = json.loads(capsys.readouterr().out)
    mixed = tmp_path / "small8.mixed.onnx"
    names = ["mask", "confidence"]
    beyond = [name + " (held-out frames)" for name in names]
    assert [row["name"] for row in found["outputs"]] == names + beyond
    assert found["ok"] and found["path"] == str(mixed)
    card = load_model(str(mixed)).card
    assert card.float_layers == tuple(sorted(found["float_layers"])) and found["float_layers"]
    layers = json.loads((tmp_path / "small8.mixed.json").read_text())["before"]
    assert len(found["float_layers"]) < len(layers) // 2
    assert cv2.imread(str(tmp_path / "small8.mixed.png")).shape[0] > 18 * len(layers)
    assert verify(mixed) == 0 and verify(mixed, "--against", small_checkpoint) == 0


@pytest.mark.parametrize(
    "options, words",
    [
        (["--precision", "int8"], "--precision int8 without --calibrate"),
        (["--precision", "int8", "--calibrate", "no/such/folder"], "no source"),
        (["--precision", "int4"], "invalid choice"),
        (["--target", "jp3"], "invalid choice"),
    ],
)
def test_what_cannot_be_is_one_line(small_checkpoint, options, words, tmp_path, capsys):
    assert export(small_checkpoint, tmp_path / "small.onnx", *options) == 2
    said = capsys.readouterr().err.strip().splitlines()
    assert len(said) == 1 and words in said[0]
    assert list(tmp_path.iterdir()) == []


def test_a_graph_that_the_board_cannot_read_is_not_written(
    small_checkpoint, tmp_path, monkeypatch, capsys
):
    monkeypatch.setattr(exporting, "with_wide_border", lambda model: model)
    assert export(small_checkpoint, tmp_path / "small.onnx", "--target", "jp4") == 2
    assert "input frame: TensorRT 8.2 has no uint8" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_bisecting_needs_a_lowered_model_and_its_source(small_model, small_checkpoint, capsys):
    assert verify(small_model, "--bisect") == 2
    assert verify(small_model, "--against", small_checkpoint, "--bisect", "--data", "demo") == 2
    assert "an int8 or fp16 model" in capsys.readouterr().err
