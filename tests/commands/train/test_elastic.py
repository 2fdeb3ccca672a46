"""`catseye train --elastic` under torchrun, and the words where its options do not fit together."""

import json
import os
import subprocess
import sys

import pytest

from catseye.__main__ import main
from catseye.models.checkpoint import load_checkpoint


@pytest.mark.parametrize(
    "argv,words",
    [
        (["digits", "--tau", "3"], "--tau without --elastic"),
        (["digits", "--join", "localhost:1", "--synchronous"], "--synchronous without --elastic"),
        (["digits", "--join", "localhost:1", "--elastic", "easgd"], "--elastic with --join"),
        (
            ["digits", "--elastic", "easgd", "--optimizer", "adamw"],
            "--optimizer in an elastic training",
        ),
        (
            ["digits", "--join", "localhost:1", "--patience", "3"],
            "--patience in an elastic training",
        ),
        (
            ["gan", "--elastic", "eamsgd"],
            "--elastic with gan; expected only with autoencoder or digits or road or sparse",
        ),
        (["digits", "--elastic", "easgd", "--synchronous"], "one process alone"),
        (["digits", "--elastic", "downpour", "--synchronous"], "downpour in the synchronous form"),
        (["digits", "--join", "nowhere"], "HOST:PORT"),
        (
            ["digits", "--elastic", "easgd", "--listen", "0.0.0.0"],
            "--listen 0.0.0.0 without a token",
        ),
        (["digits", "--join", "localhost:1", "--listen", "0.0.0.0"], "--listen without --elastic"),
        (["digits", "--token", "secret"], "--token without --elastic or --join"),
    ],
)
def test_what_does_not_fit_is_one_line(argv, words, capsys, tmp_path):
    assert main(["train", *argv, "--data", "demo", "--out", str(tmp_path)]) == 2
    *before, complaint = capsys.readouterr().err.splitlines()
    assert complaint.startswith("catseye: ") and words in complaint
    assert before in ([], ["digits: reading demo"])


def test_one_torchrun_is_a_center_and_its_workers(port, tmp_path):
    command = [
        sys.executable,
        "-m",
        "torch.distributed.run",
        "--standalone",
        "--nproc-per-node=2",
        "-m",
        "catseye",
    ]
    command += [
        "train",
        "digits",
        "--data",
        "demo",
        "--elastic",
        "eamsgd",
        "--tau",
        "4",
        "--epochs",
        "2",
    ]
    command += ["--out", str(tmp_path), "--port", str(port)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    answer = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300)
    assert answer.returncode == 0, answer.stderr
    assert f"--join 127.0.0.1:{port}" in answer.stderr and "epoch 2 of 2" in answer.stderr
    meta = json.loads((tmp_path / "meta.json").read_text())
    assert (
        meta["optimizer"] == "eamsgd"
        and meta["elastic"]["tau"] == 4
        and meta["elastic"]["workers"] == 1
    )
    assert load_checkpoint(tmp_path, "digits").network is not None
