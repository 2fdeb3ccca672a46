"""`catseye analyze temperature`: fitted to held-out frames, kept in the checkpoint, folded into the
exported file; and what `eval --calibration` says of that file."""

import json
import shutil

import cv2
import numpy as np

from catseye.__main__ import main
from catseye.models.checkpoint import load_checkpoint
from catseye.runtime.classes import NAMES
from catseye.runtime.datasets import camvid
from catseye.runtime.model_file.load import load_model


def test_from_held_out_frames_to_the_diagram(small_checkpoint, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(camvid, "DEMO_FRAMES", {"train": (1000, 2), "val": (0, 2), "test": (0, 1)})
    folder, file, picture = tmp_path / "small", str(tmp_path / "small.onnx"), tmp_path / "cal.png"
    shutil.copytree(small_checkpoint, folder)
    fit = ["analyze", "temperature", str(folder), "--data", "demo", "--json"]
    assert main(fit) == 0
    fitted = json.loads(capsys.readouterr().out)["temperature"]
    assert "temperature" not in load_checkpoint(folder).meta.metrics
    assert main([*fit, "--write"]) == 0
    assert load_checkpoint(folder).meta.metrics == {"miou": 0.1, "temperature": fitted}
    assert main(["export", str(folder), "-o", file, "--size", "96x64"]) == 0
    assert load_model(file).card.settings.temperature == fitted
    capsys.readouterr()
    measure = ["eval", file, "--data", "demo", "--calibration", str(picture), "--json"]
    assert main(measure) == 0
    printed, err = capsys.readouterr()
    assert 0 <= json.loads(printed)["calibration"]["ece"] <= 1
    assert "confidence" in err and picture.read_bytes().startswith(b"\x89PNG")


def test_frames_without_a_class_are_one_line(small_checkpoint, tmp_path, capsys):
    classes = [{"name": name, "id": i} for i, name in enumerate(NAMES)]
    (tmp_path / "classes.json").write_text(json.dumps({"classes": classes, "void": 255}))
    for kind, pixels in (("images", np.zeros((8, 8, 3))), ("masks", np.full((8, 8), 255))):
        (tmp_path / kind / "val").mkdir(parents=True)
        assert cv2.imwrite(str(tmp_path / kind / "val" / "a.png"), pixels.astype(np.uint8))
    assert main(["analyze", "temperature", str(small_checkpoint), "--data", str(tmp_path)]) == 2
    assert "frames without a labelled pixel" in capsys.readouterr().err
