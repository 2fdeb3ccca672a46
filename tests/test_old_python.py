"""The packed program under the Python of JetPack 4, or another that stands for a board's: the same
masks as here.

Wants a CPython 3.6 with NumPy, OpenCV and onnxruntime (1.19, 4.5.5 and 1.10 are the last for it):
named by CATSEYE_PYTHON36, or python3.6 on the path. CATSEYE_BOARD_PYTHON names one of any version
instead, such as the emulated one of `make test-aarch64`.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from catseye.__main__ import main
from catseye.runtime.sources import open_source

PACKAGES = "import sys, numpy, cv2, onnxruntime"
OLD = "; assert sys.version_info[:2] == (3, 6)"
LIMIT_S = 1200  # an emulated processor has to come through


@pytest.fixture(scope="module")
def board_python() -> str:
    named = os.environ.get("CATSEYE_BOARD_PYTHON")
    python = named or os.environ.get("CATSEYE_PYTHON36") or shutil.which("python3.6")
    if not python or run(python, "-c", PACKAGES + ("" if named else OLD)).returncode:
        pytest.skip("no CPython 3.6 with NumPy, OpenCV and onnxruntime (set CATSEYE_PYTHON36)")
    return python


@pytest.fixture(scope="module")
def pyz(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = str(tmp_path_factory.mktemp("packed") / "road.pyz")
    assert main(["pack", "road", "-o", path]) == 0
    return path


def run(python: str, *words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([python, *words], capture_output=True, text=True, timeout=LIMIT_S)


@pytest.mark.parametrize("backend", ("onnxruntime", "opencv"))
def test_the_same_masks(board_python: str, pyz: str, tmp_path: Path, backend: str) -> None:
    (tmp_path / "frames").mkdir()
    with open_source("synthetic://road?seed=3&frames=2") as source:
        # as pictures, because two OpenCVs draw the street a little differently
        for frame in source:
            cv2.imwrite(str(tmp_path / "frames" / ("%d.png" % frame.index)), frame.image)
    for python, folder in ((board_python, "old"), (sys.executable, "new")):
        answer = run(
            python,
            pyz,
            "run",
            "--source",
            str(tmp_path / "frames"),
            "--sink",
            str(tmp_path / folder),
            "--backend",
            backend,
        )
        assert answer.returncode == 0, answer.stderr
    for index in range(2):
        old, new = (
            cv2.imread(str(tmp_path / folder / ("%d.mask.png" % index)), cv2.IMREAD_UNCHANGED)
            for folder in ("old", "new")
        )
        assert len(np.unique(new)) > 3
        # releases and processors round differently: a pixel between two classes falls to either
        assert (old == new).mean() >= 0.9999


@pytest.mark.parametrize(
    "words",
    (
        ["verify"],
        ["doctor"],
        ["bench", "--seconds", "0.1"],
        ["--version"],
        ["service", "install", "--dry-run", "--", "--source", "csi://0"],
    ),
    ids=lambda words: words[0],
)
def test_the_boards_verbs(board_python: str, pyz: str, words: list[str]) -> None:
    answer = run(board_python, pyz, *words)
    assert answer.returncode == 0, answer.stderr
    assert "Traceback" not in answer.stderr


def test_an_fp16_file_agrees_in_half(board_python: str, tmp_path: Path) -> None:
    """A core with half arithmetic runs other kernels than this machine."""
    model, pyz = (str(tmp_path / name) for name in ("half.onnx", "half.pyz"))
    assert main(["export", "road-nano", "--precision", "fp16", "-o", model]) == 0
    assert main(["pack", model, "-o", pyz]) == 0
    answer = run(board_python, pyz, "verify", "--backend", "onnxruntime")
    assert answer.returncode == 0, answer.stderr


def test_bench_tells_the_mode_and_the_watts(board_python: str, pyz: str) -> None:
    document = json.loads(run(board_python, pyz, "bench", "--seconds", "0.1", "--json").stdout)
    assert set(document["power"]) >= {"meter", "joules_per_frame", "power_mode"}
