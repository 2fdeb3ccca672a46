"""Whatever a verb does with a model, its bytes are parsed once and hashed once."""

import hashlib
import os
import sys
from collections import Counter
from pathlib import Path

import cv2
import numpy as np
import pytest

from catseye.__main__ import main
from catseye.runtime.datasets import camvid
from catseye.runtime.model_file import load

# the fakes; importlib mode does not add it
sys.path.append(str(Path(__file__).parents[1] / "runtime" / "engines"))

FOREVER = "synthetic://road?size=64x48"


class Opened:
    """How often each file's bytes were parsed, and any bytes hashed."""

    def __init__(self, monkeypatch):
        self.clear()
        read, sha256 = load.read_onnx_file, hashlib.sha256

        def counted_read(data, name):
            self.parsed[data] += 1
            return read(data, name)

        def counted_sha256(data=b"", **more):
            self.hashed[bytes(data)] += 1
            return sha256(data, **more)

        monkeypatch.setattr(load, "read_onnx_file", counted_read)
        monkeypatch.setattr(hashlib, "sha256", counted_sha256)

    def clear(self):
        self.parsed, self.hashed = Counter(), Counter()

    def check(self, files):
        """Whether so many files were opened, each of them once."""
        assert list(self.parsed.values()) == [1] * files
        assert [self.hashed[data] for data in self.parsed] == [1] * files


@pytest.fixture
def opened(monkeypatch):
    return Opened(monkeypatch)


@pytest.fixture
def pictures(tmp_path):
    folder = tmp_path / "pictures"
    folder.mkdir()
    cv2.imwrite(str(folder / "p.png"), np.full((48, 64, 3), 160, np.uint8))
    return str(folder)


@pytest.fixture
def log(tiny_model, pictures, tmp_path):
    path = str(tmp_path / "log.mcap")
    assert main(["run", tiny_model, "--source", pictures, "--sink", "record://" + path]) == 0
    return path


@pytest.fixture
def fake_tensorrt(monkeypatch, tmp_path):
    from brightest_model import brightest_onnx
    from fake_machine import Machine

    Machine("10", monkeypatch)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CATSEYE_CACHE", str(tmp_path / "cache"))
    Path("tiny.onnx").write_bytes(brightest_onnx())


@pytest.mark.parametrize("backend", ["auto", "onnxruntime", "opencv"])
def test_run(tiny_model, pictures, backend, opened):
    assert main(["run", tiny_model, "--source", pictures, "--backend", backend]) == 0
    opened.check(1)


@pytest.mark.parametrize(
    "verb",
    [
        ["verify"],
        ["eval", "--data", "demo"],
        ["bench", "--seconds", "0.01", "--source", FOREVER],
        ["analyze", "cost"],
        ["pack", "-o", "tiny.pyz"],
    ],
)
def test_one_model(tiny_model, verb, opened, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(camvid, "DEMO_FRAMES", {"val": (0, 1)})
    place = 2 if verb[0] == "analyze" else 1
    assert main([*verb[:place], tiny_model, *verb[place:]]) == 0
    opened.check(1)


def test_two_models(tiny_model, other_model, log, opened, monkeypatch):
    monkeypatch.setattr(camvid, "DEMO_FRAMES", {"val": (0, 1)})
    assert main(["replay", log, "--models", tiny_model, other_model]) == 0
    opened.check(2)
    opened.clear()
    assert main(["verify", tiny_model, "--against", other_model]) == 1
    opened.check(2)


def test_beside_a_checkpoint(small_model, small_checkpoint, opened, monkeypatch):
    monkeypatch.setattr(camvid, "DEMO_FRAMES", {"val": (0, 1)})
    assert main(["verify", str(small_model), "--against", str(small_checkpoint)]) == 0
    opened.check(1)


def test_tensorrt(fake_tensorrt, opened):
    for _ in range(2):  # built, then found
        opened.clear()
        run = ["run", "tiny.onnx", "--backend", "tensorrt", "--source", FOREVER, "--frames", "2"]
        assert main(run) == 0
        opened.check(1)


def test_an_engine(fake_tensorrt, opened):
    assert main(["build", "tiny.onnx"]) == 0
    opened.check(1)
    plan = Path("tiny.engine").read_bytes()
    assert opened.hashed[plan] == 1
    opened.clear()
    os.unlink("tiny.onnx")
    assert main(["verify", "tiny.engine"]) == 0
    opened.check(0)
    assert opened.hashed[plan] == 1


@pytest.mark.parametrize("options", [[], ["--precision", "fp16", "--target", "jp5"]])
def test_export(small_checkpoint, options, opened, tmp_path):
    path = tmp_path / "made.onnx"
    words = [str(small_checkpoint), "-o", str(path), "--size", "70x50", *options]
    assert main(["export", *words]) == 0
    assert opened.parsed[path.read_bytes()] == 1
    opened.check(len(opened.parsed))


def test_doctor(opened):
    main(["doctor"])
    opened.check(len(load.zoo_names()))
