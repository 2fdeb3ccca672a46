import argparse
import os
import subprocess
import sys
from pathlib import Path

import pytest

from catseye.jetson.service import program
from catseye.jetson.service.program import (
    ServiceModel,
    check_further_models,
    check_reachable,
    checked_model,
    closed_part,
)
from catseye.runtime.errors import CatseyeError


def test_what_a_service_may_run(tmp_path: Path, small_model: Path) -> None:
    assert checked_model("road") == ServiceModel("road")
    odd = tmp_path / "road 2.fp16.onnx"
    odd.write_bytes(small_model.read_bytes())
    assert checked_model(str(odd)) == ServiceModel("road-2-fp16", (str(odd),))
    damaged = tmp_path / "damaged.onnx"
    damaged.write_bytes(small_model.read_bytes()[:-1000])
    for wrong in (str(damaged), str(tmp_path), "nosuch", "", str(tmp_path / "x.engine")):
        with pytest.raises(CatseyeError):
            checked_model(wrong)


def test_further_models_are_named_by_their_whole_path(
    tmp_path: Path, small_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def check(**models: str) -> None:
        check_further_models(argparse.Namespace(**dict({"monitor": "", "denoise": ""}, **models)))

    monkeypatch.chdir(small_model.parent)
    check(monitor=str(small_model), denoise="sparse-denoise")
    with pytest.raises(CatseyeError, match="whole path"):
        check(denoise=small_model.name)
    with pytest.raises(CatseyeError, match="no model"):
        check(monitor="nosuch")


def test_what_others_may_not_reach(tmp_path: Path) -> None:
    folder, place = tmp_path / "a", tmp_path / "a" / "python"
    folder.mkdir()
    place.write_text("")
    parts = {str(place): 0o600, str(folder): 0o750}
    for path, mode in parts.items():
        before = os.stat(path).st_mode
        os.chmod(path, mode)
        assert closed_part(str(place)) == path
        os.chmod(path, before)
    assert closed_part("/usr/bin/env") == ""


def test_a_program_in_a_closed_folder_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(program, "archive_path", lambda: "x.pyz")
    closed = tmp_path / "python3"
    closed.write_text("")
    closed.chmod(0o700)
    monkeypatch.setattr(program.sys, "executable", str(closed))
    with pytest.raises(CatseyeError, match="closed to the user catseye"):
        check_reachable("catseye")


def test_a_checkout_that_is_not_installed_is_refused(tmp_path: Path) -> None:
    """In an interpreter of its own, which finds the package by PYTHONPATH alone."""
    code = (
        "from catseye.jetson.service import program\n"
        "from catseye.runtime.errors import CatseyeError\n"
        "import sys; sys.executable = sys.argv[1]\n"
        "try: program.check_reachable('catseye')\n"
        "except CatseyeError as error: print(error)\n"
    )
    python = tmp_path / "python3"
    python.write_text('#!/bin/sh\nexec %s -S -E "$@"\n' % sys.executable)
    python.chmod(0o755)
    answer = subprocess.run([sys.executable, "-c", code, str(python)], capture_output=True)
    assert b"catseye is not installed for" in answer.stdout, answer.stderr
