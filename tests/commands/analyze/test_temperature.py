"""`catseye analyze temperature`: fitted to held-out frames, kept in the checkpoint, folded into the
exported file; and what `eval --calibration` says of that file."""

import json
import shutil

from catseye.__main__ import main
from catseye.models.checkpoint import load_checkpoint
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
