import errno
import struct
from pathlib import Path
from typing import Any, Sequence

import pytest
from fake_boards import build_board, write

from catseye.jetson.cameras import v4l2_formats
from catseye.jetson.checks import cameras as camera_checks
from catseye.jetson.checks import gpu as gpu_checks
from catseye.jetson.jetpack import JETPACKS, Board

TX1 = Board("jetson_tx1", "TX1", (32, 7, 1), JETPACKS[0])


class FakeDriver:
    """Answers VIDIOC_QUERYCAP and VIDIOC_ENUM_FMT as the kernel does."""

    def __init__(self, formats: Sequence[str], capabilities: int = 1) -> None:
        self.formats, self.capabilities = formats, capabilities

    def __call__(self, handle: int, request: int, data: bytearray) -> None:
        if request == v4l2_formats.QUERYCAP:
            assert len(data) == 104
            struct.pack_into("<I", data, 88, self.capabilities)
            return
        assert request == v4l2_formats.ENUM_FMT and len(data) == 64
        index, kind = struct.unpack_from("<II", data)
        assert kind == 1
        if index >= len(self.formats):
            raise OSError(errno.EINVAL, "Invalid argument")
        data[44:48] = self.formats[index].ljust(4).encode()


def test_formats_of_a_camera(tmp_path: Path) -> None:
    device = str(write(tmp_path, "dev/video0", ""))
    assert v4l2_formats.formats_of(device, FakeDriver(["MJPG", "YUYV"])) == ["MJPG", "YUYV"]
    assert v4l2_formats.formats_of(device, FakeDriver(["RG10", "Y16"])) == ["RG10", "Y16"]
    # metadata, no pictures
    assert v4l2_formats.formats_of(device, FakeDriver(["UVCH"], capabilities=0x800000)) == []
    assert v4l2_formats.formats_of(device) == []  # no driver behind it
    assert v4l2_formats.formats_of(str(tmp_path / "none")) == []


@pytest.mark.parametrize(
    "formats, raw",
    [
        (["RG10"], True),
        (["BG12", "BA81"], True),
        (["GRBG"], True),
        (["MJPG", "YUYV"], False),
        (["RGB3"], False),
        (["GREY"], False),
        (["BGR3", "RG10"], False),
        ([], False),
    ],
)
def test_a_bare_sensor_is_told_by_its_formats(formats: Any, raw: bool) -> None:
    assert v4l2_formats.is_raw(formats) is raw


def test_cameras(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def ask(board: Any) -> Any:
        return camera_checks.camera_checks(str(tmp_path), board)

    assert [check.status for check in ask(None)] == ["ok"]
    assert [check.status for check in ask(TX1)] == ["warn"]
    write(tmp_path, "dev/video0", "")
    assert [check.status for check in ask(TX1)] == ["ok"]
    monkeypatch.setattr(gpu_checks.os, "access", lambda path, mode: False)
    (check,) = ask(TX1)
    assert check.status == "warn"
    assert "usermod -aG video" in check.fix


def test_a_csi_sensor_wants_its_daemon(tmp_path: Path) -> None:
    root = build_board(tmp_path, "nano")
    write(tmp_path, "dev/video0", "")
    write(tmp_path, "sys/class/video4linux/video0/name", "vi-output, imx219 7-0010\n")
    camera, argus = camera_checks.camera_checks(root, TX1)
    assert "imx219" in camera.found and "use csi://" in camera.found
    assert (argus.name, argus.status) == ("argus", "warn") and "nvargus-daemon" in argus.fix
    write(tmp_path, "tmp/argus_socket", "")
    assert camera_checks.camera_checks(root, TX1)[1].status == "ok"
