"""A folder of pictures and masks with other classes than CamVid's, from training to the overlay, by
commands alone."""

import json

import cv2
import numpy as np
import pytest
import torch

from catseye.__main__ import main
from catseye.models.checkpoint import load_checkpoint, load_shipped
from catseye.models.tensor_file import read_tensors
from catseye.runtime.model_file.load import load_model
from catseye.runtime.tasks.road import RoadSettings
from catseye.training.recipes import road
from catseye.training.recipes.road import RoadRecipe

CLASSES = [
    {"name": "Nature", "id": 10, "colour": [0, 200, 0]},
    {"name": "Track", "id": 20, "colour": [200, 100, 0]},
    {"name": "Shed", "id": 30, "colour": [0, 0, 250]},
]


@pytest.fixture
def farm(tmp_path):
    """Six frames: a brown track before green, a blue shed in some."""
    rng = np.random.RandomState(0)
    for i in range(6):
        mask = np.full((96, 160), 10, np.uint8)
        mask[40:, 40 + 5 * i : 110 + 5 * i] = 20
        mask[10:30, : 30 * (i % 2)] = 30
        mask[:2] = 0
        colours = {0: (0, 0, 0), 10: (40, 160, 40), 20: (40, 80, 120), 30: (200, 60, 60)}
        image = np.zeros((96, 160, 3), np.uint8)
        for value, bgr in colours.items():
            image[mask == value] = bgr
        image = np.clip(image + rng.normal(0, 8, image.shape), 0, 255).astype(np.uint8)
        for kind, picture in (("images", image), ("masks", mask)):
            (tmp_path / "farm" / kind).mkdir(parents=True, exist_ok=True)
            cv2.imwrite(str(tmp_path / "farm" / kind / f"field_{i}.png"), picture)
    (tmp_path / "farm" / "classes.json").write_text(
        json.dumps({"classes": CLASSES, "void": 0, "road": "Track"})
    )
    return tmp_path / "farm"


def test_other_classes_begin_with_the_shipped_encoder(farm, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(road, "CROP_WH", (128, 96))
    begin = [
        "train",
        "road",
        "--nano",
        "--data",
        str(farm),
        "--epochs",
        "1",
        "--out",
        str(tmp_path / "run"),
    ]
    assert main([*begin, "--start", "road-nano"]) == 0
    assert "so new: classify.weight, classify.bias, classify_deep.weight" in capsys.readouterr().err
    network, meta = load_checkpoint(tmp_path / "run")
    assert meta.start == "road-nano" and meta.config["classes"] == 3
    assert torch.allclose(
        network.stem[0].weight, load_shipped("road-nano").stem[0].weight, atol=0.01
    )
    groups = read_tensors(tmp_path / "run" / "progress.pt")["optimizer"]["param_groups"]
    full = RoadRecipe.learning_rates["adamw"]
    # the heads
    assert [(group["initial_lr"], len(group["params"])) for group in groups[2:]] == [
        (full, 2),
        (full, 2),
    ]
    assert [group["initial_lr"] for group in groups[:2]] == [full / 4] * 2


def test_from_a_folder_to_an_overlay(farm, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(road, "CROP_WH", (128, 96))
    out, model = tmp_path / "run", str(tmp_path / "farm.onnx")
    train = ["train", "road", "--pretrained", "none", "--data", str(farm), "--out", str(out)]
    assert main([*train, "--epochs", "2"]) == 0
    meta = json.loads((out / "meta.json").read_text())
    assert meta["config"]["classes"] == 3 and set(meta["metrics"]["iou"]) == {
        "Nature",
        "Track",
        "Shed",
    }
    assert meta["metrics"]["road_iou"] == meta["metrics"]["iou"]["Track"]
    assert meta["data"]["name"] == "farm train" and meta["data"]["streets"] == 0

    assert main(["export", str(out), "-o", model]) == 0
    assert "frames of 160x96, agrees with torch" in capsys.readouterr().err
    card = load_model(model).card
    assert card.inputs[0].shape == (1, 96, 160, 3)  # as it was trained
    assert card.provenance.data["frame_wh"] == [160, 96]
    assert card.classes == ("Nature", "Track", "Shed") and card.colours_rgb[1] == (200, 100, 0)
    assert isinstance(card.settings, RoadSettings) and card.settings.road == "Track"

    capsys.readouterr()
    assert (
        main(["eval", model, "--data", str(farm), "--json", "--pictures", str(tmp_path / "eval")])
        == 0
    )
    printed, err = capsys.readouterr()
    measured = json.loads(printed)
    assert "was trained on" not in err
    # the very frames, by torch and by onnxruntime: what an export at another size would cost
    assert main(["eval", str(out), "--data", str(farm), "--json"]) == 0
    of_checkpoint = json.loads(capsys.readouterr().out)["miou"]
    assert of_checkpoint == pytest.approx(measured["miou"], abs=1e-3)
    assert main(["eval", model, "--data", str(farm), "--split", "train"]) == 0
    said = capsys.readouterr().err
    assert "farm was trained on farm train: results there" in said
    assert "farm on train, frames of 160x96" in said
    assert measured["miou"] == pytest.approx(meta["metrics"]["miou"], abs=1e-3)
    assert (tmp_path / "eval" / "confusion.png").exists()

    rows = tmp_path / "rows.jsonl"
    sinks = ["--sink", str(tmp_path / "drawn") + "/", "--sink", f"jsonl://{rows}"]
    assert main(["run", model, "--source", str(farm / "images"), *sinks]) == 0
    row = json.loads(rows.read_text().splitlines()[0])
    assert set(row["result"]["shares"]) == {"Nature", "Track", "Shed"}
    assert main(["verify", model, "--against", str(out), "--data", str(farm)]) == 0


def test_a_model_of_other_classes_is_refused(farm, small_model, capsys):
    assert main(["eval", str(small_model), "--data", str(farm)]) == 2
    said = capsys.readouterr().err
    assert "Bicyclist" in said and "Nature, Track, Shed" in said and len(said.splitlines()) == 1
