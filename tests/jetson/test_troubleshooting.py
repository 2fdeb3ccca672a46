"""docs/troubleshooting.md promises what the doctor prints for each complaint: here each is laid on
a board and asked.

Lines that name a folder of this machine are compared with that folder written as the page writes
it.
"""

from pathlib import Path
from types import SimpleNamespace
from typing import Any, Callable, Dict

import pytest
from fake_boards import build_board, rail_file, set_cooler, set_memory, write

import catseye
from catseye.commands.doctor import line_of
from catseye.jetson import doctor
from catseye.jetson.checks import backends as backend_checks
from catseye.jetson.checks import cameras as camera_checks
from catseye.jetson.checks import gpu as gpu_checks
from catseye.jetson.checks import opencv as opencv_checks
from catseye.jetson.checks import python as python_checks
from catseye.jetson.checks import speed as speed_checks
from catseye.jetson.checks import system as system_checks
from catseye.jetson.checks.check import Check
from catseye.jetson.jetpack import Board, read_board

PAGE = Path(catseye.__file__).resolve().parents[1] / "docs" / "troubleshooting.md"
TLS = (
    "not importable: /usr/lib/aarch64-linux-gnu/libgomp.so.1: cannot allocate memory in static TLS"
    " block"
)
NVINFER = (
    "not importable: libnvinfer.so.8: cannot open shared object file: No such file or directory"
)


def board_of(root: Path, name: str) -> Board:
    board = read_board(build_board(root, name))
    assert board is not None
    return board


def shadowed(root: Path, patch: Any) -> Check:
    (root / "local/cv2").mkdir(parents=True)
    (root / "system/cv2").mkdir(parents=True)
    return opencv_checks.shadow_check([str(root / "local"), str(root / "system")])


def no_gstreamer(root: Path, patch: Any) -> Check:
    return opencv_checks.gstreamer_check("    GStreamer:   NO\n", board_of(root, "nano"))


def illegal_instruction(root: Path, patch: Any) -> Check:
    patch.setattr(python_checks, "import_code", lambda package: -4)
    check = python_checks.deadly_import()
    assert check is not None
    return check


def numpy_2(root: Path, patch: Any) -> Check:
    numpy = SimpleNamespace(__path__=[str(root / "local/numpy")])
    patch.setattr(python_checks, "imported", lambda package: (numpy, "2.1.0"))
    return python_checks.numpy_abi_check(board_of(root, "orin-nano"))


def static_tls(root: Path, patch: Any) -> Check:
    patch.setattr(opencv_checks, "imported", lambda package: (None, TLS))
    return opencv_checks.opencv_checks(board_of(root, "nano"), [])[0]


def other_python(root: Path, patch: Any) -> Check:
    board_of(root, "nano")
    return gpu_checks.tensorrt_files_check(str(root), "3.8.0")


def lost_nvinfer(root: Path, patch: Any) -> Check:
    patch.setattr(backend_checks, "imported", lambda package: (None, NVINFER))
    return backend_checks.tensorrt_check("", "", board_of(root, "nano"))


def other_cuda(root: Path, patch: Any) -> Check:
    board = board_of(root, "nano")
    folder = root / "usr/local/cuda/lib64"
    (folder / "libcudart.so.10.2").rename(folder / "libcudart.so.11.0")
    return gpu_checks.cuda_check(str(root), board)


def upgraded_tensorrt(root: Path, patch: Any) -> Check:
    return backend_checks.tensorrt_check("8.6.2", "", board_of(root, "xavier"))


def little_memory(root: Path, patch: Any) -> Check:
    board_of(root, "nano")
    set_memory(root, 4.1, 1.2, (("/dev/zram0", 2.0),))
    return system_checks.memory_check(str(root))


def slow_mode(root: Path, patch: Any) -> Check:
    board_of(root, "nano")
    return speed_checks.power_mode_check(str(root))


def hot(root: Path, patch: Any) -> Check:
    board_of(root, "orin-nano")
    set_cooler(root, 1, "gpu-throttle-alert", 1)
    write(root, "sys/class/thermal/thermal_zone1/temp", "98000\n")
    return speed_checks.heat_check(str(root))


def weak_supply(root: Path, patch: Any) -> Check:
    board_of(root, "orin-nano")
    assert rail_file(root, "VDD_IN").exists()
    write(root, "sys/class/hwmon/hwmon1/oc3_event_cnt", "12\n")
    return speed_checks.supply_check(str(root))


def camera_locked(root: Path, patch: Any) -> Check:
    board = board_of(root, "tx1")
    write(root, "dev/video0", "")
    patch.setattr(gpu_checks.os, "access", lambda path, mode: False)
    return camera_checks.camera_checks(str(root), board)[0]


def no_daemon(root: Path, patch: Any) -> Check:
    board_of(root, "nano")
    return camera_checks.argus_check(str(root))


def raw_sensor(root: Path, patch: Any) -> Check:
    board = board_of(root, "nano")
    write(root, "dev/video0", "")
    write(root, "sys/class/video4linux/video0/name", "vi-output, imx219 7-0010\n")
    patch.setattr(camera_checks, "formats_of", lambda device: ["RG10"])
    return camera_checks.camera_checks(str(root), board)[0]


def gpu_locked(root: Path, patch: Any) -> Check:
    board_of(root, "orin-nano")
    patch.setattr(gpu_checks.os, "access", lambda path, mode: "renderD" not in path)
    return gpu_checks.gpu_access_check(str(root))


def stopped_clock(root: Path, patch: Any) -> Check:
    patch.setattr(system_checks.time, "time", lambda: 3600.0)
    return system_checks.clock_check(str(root))


def full_disk(root: Path, patch: Any) -> Check:
    patch.setattr(
        system_checks.shutil, "disk_usage", lambda folder: SimpleNamespace(free=300 * 10**6)
    )
    return system_checks.disk_check("/home/me")


def sudos_cache(root: Path, patch: Any) -> Check:
    patch.setenv("XDG_CACHE_HOME", "/home/me/.cache")
    patch.setattr(system_checks.os.path, "exists", lambda path: True)
    patch.setattr(system_checks.os, "access", lambda path, mode: not path.endswith(".cache"))
    return system_checks.writable_check("/home/me")


def container(root: Path, patch: Any) -> Check:
    board_of(root, "agx-orin")
    (root / "etc/nv_tegra_release").unlink()
    board = read_board(str(root))
    assert board is not None
    return doctor.board_check(board)


SCENARIOS: Dict[str, Callable[[Path, Any], Check]] = {
    function.__name__: function
    for function in (
        shadowed,
        no_gstreamer,
        illegal_instruction,
        numpy_2,
        static_tls,
        other_python,
        lost_nvinfer,
        other_cuda,
        upgraded_tensorrt,
        little_memory,
        slow_mode,
        hot,
        weak_supply,
        camera_locked,
        no_daemon,
        raw_sensor,
        gpu_locked,
        stopped_clock,
        full_disk,
        sudos_cache,
        container,
    )
}


def printed(name: str, root: Path, patch: Any) -> str:
    line = line_of(SCENARIOS[name](root, patch))
    return line.replace(
        str(root / "local"), "/home/me/.local/lib/python3.10/site-packages"
    ).replace(str(root / "system"), "/usr/lib/python3.10/dist-packages")


@pytest.mark.parametrize("name", sorted(SCENARIOS))
def test_the_page_says_what_the_doctor_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    with monkeypatch.context() as patch:
        line = printed(name, tmp_path, patch)
    assert "    " + line + "\n" in PAGE.read_text(), line


def test_the_page_promises_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [
        line
        for line in PAGE.read_text().splitlines()
        if line.startswith(("    warn", "    fail", "    ok  "))
    ]
    assert len(lines) == len(set(lines)) == len(SCENARIOS)
