import os
from pathlib import Path
from typing import Dict

import pytest
from fake_boards import MACHINES, build_board, write

from catseye.jetson.checks import gpu as gpu_checks
from catseye.jetson.checks.check import Check
from catseye.jetson.jetpack import read_board


def checks_of(root: Path, name: str, python: str = "") -> Dict[str, Check]:
    board = read_board(build_board(root, name))
    assert board is not None
    return {
        check.name: check
        for check in gpu_checks.gpu_checks(str(root), board, python or MACHINES[name].python)
    }


@pytest.mark.parametrize("name", sorted(MACHINES))
def test_a_board_as_flashed(tmp_path: Path, name: str) -> None:
    checks = checks_of(tmp_path, name)
    assert {check.status for check in checks.values()} == {"ok"}
    assert MACHINES[name].nvinfer in checks["tensorrt-files"].found
    assert checks["dla"].found.startswith("2 cores" if name in ("xavier", "agx-orin") else "none")


def test_a_python_without_a_binding_is_told_which_one_has_it(tmp_path: Path) -> None:
    check = checks_of(tmp_path, "nano", python="3.8.0")["tensorrt-files"]
    assert (check.status, check.fix) == ("warn", "run it with /usr/bin/python3.6")
    (tmp_path / "usr/lib/python3.6/dist-packages/tensorrt/__init__.py").unlink()
    board = read_board(str(tmp_path))
    assert board is not None
    check = gpu_checks.tensorrt_files_check(str(tmp_path), "3.6.9")
    assert (
        check.status == "warn" and "python3-libnvinfer" in check.fix and "no Python" in check.found
    )


def test_no_tensorrt_and_no_cuda_at_all(tmp_path: Path) -> None:
    checks_of(tmp_path, "tx1")
    for path in list(tmp_path.rglob("libcudart*")) + list(tmp_path.rglob("libnvinfer*")):
        path.unlink()
    board = read_board(str(tmp_path))
    assert board is not None
    checks = {check.name: check for check in gpu_checks.gpu_checks(str(tmp_path), board, "3.6")}
    assert (checks["cuda"].status, checks["cuda"].fix) == (
        "warn",
        "sudo apt install nvidia-jetpack",
    )
    assert (checks["tensorrt-files"].found, checks["tensorrt-files"].fix) == (
        "no libnvinfer",
        checks["cuda"].fix,
    )


def test_a_cuda_of_another_jetpack(tmp_path: Path) -> None:
    checks_of(tmp_path, "nano")
    (tmp_path / "usr/local/cuda/lib64/libcudart.so.10.2").rename(
        tmp_path / "usr/local/cuda/lib64/libcudart.so.11.0"
    )
    board = read_board(str(tmp_path))
    assert board is not None
    check = gpu_checks.cuda_check(str(tmp_path), board)
    assert (check.status, check.found, check.expected) == (
        "warn",
        "libcudart.so.11.0",
        "libcudart.so.10.2",
    )


def test_a_dla_that_the_container_hides(tmp_path: Path) -> None:
    checks_of(tmp_path, "agx-orin")
    for path in tmp_path.rglob("nvhost-ctrl-nvdla*"):
        path.unlink()
    board = read_board(str(tmp_path))
    assert board is not None and gpu_checks.dla_check(str(tmp_path), board).status == "warn"


def test_an_orin_whose_tensorrt_has_no_dla(tmp_path: Path) -> None:
    build_board(tmp_path, "agx-orin")
    write(tmp_path, "etc/nv_tegra_release", "# R39 (release), REVISION: 2.0\n")
    board = read_board(str(tmp_path))
    assert board is not None
    check = gpu_checks.dla_check(str(tmp_path), board)
    assert check.status == "ok" and "does not use" in check.found


def test_who_may_not_open_the_gpu(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build_board(tmp_path, "orin-nano")
    monkeypatch.setattr(gpu_checks.os, "access", lambda path, mode: not path.endswith("renderD128"))
    check = gpu_checks.gpu_access_check(str(tmp_path))
    assert (check.status, check.found) == ("warn", "no permission for /dev/dri/renderD128")
    assert "video,render" in check.fix
    os.rename(str(tmp_path / "dev"), str(tmp_path / "gone"))
    assert "--runtime nvidia" in gpu_checks.gpu_access_check(str(tmp_path)).fix
