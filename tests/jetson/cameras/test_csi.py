"""What a CSI camera is asked for, what it can do, and what its complaints mean; no camera is
here."""

from pathlib import Path

import pytest
from fake_boards import build_board, write

from catseye.jetson.cameras.argus import COMPLAINTS, NO_DAEMON, complaint_in
from catseye.jetson.cameras.csi import CsiMode, check_mode, csi_pipeline
from catseye.jetson.cameras.sensor_modes import SENSORS, mode_for, sensor_names
from catseye.runtime.errors import CatseyeError


def test_the_pipeline() -> None:
    assert (
        csi_pipeline(0, CsiMode((1280, 720), 60.0, 2)) == "nvarguscamerasrc sensor-id=0 !"
        " video/x-raw(memory:NVMM),width=1280,height=720,format=NV12,framerate=60/1 ! nvvidconv"
        " flip-method=2 ! video/x-raw,format=BGRx ! appsink drop=true max-buffers=1 sync=false"
    )
    assert "framerate=15/2 " in csi_pipeline(0, CsiMode(fps=7.5))
    assert "videoconvert ! video/x-raw,format=BGR !" in csi_pipeline(0, CsiMode(), takes_bgrx=False)


def test_exposure_is_in_nanoseconds_there() -> None:
    text = csi_pipeline(1, CsiMode(exposure_us=(13, 8000.5), gain=(1, 10.625), number=4))
    assert text.startswith(
        'nvarguscamerasrc sensor-id=1 sensor-mode=4 exposuretimerange="13000 8000500"'
        ' gainrange="1 10.625" !'
    )


@pytest.mark.parametrize(
    "name, size_wh, fps, expected",
    [
        ("imx219", (1280, 720), 60, (1280, 720)),
        ("imx219", (640, 360), 21, (1280, 720)),
        ("imx219", (1640, 1000), 30, (1640, 1232)),
        ("imx219", (1920, 1080), 60, None),
        ("imx219", (4000, 3000), 1, None),
        ("imx477", (1920, 1080), 60, (1920, 1080)),
        ("imx477", (3840, 2160), 30, (3840, 2160)),
        ("ar0234", (1920, 1200), 120, (1920, 1200)),
        ("ar0234", (1920, 1201), 30, None),
    ],
)
def test_modes(name: str, size_wh: tuple[int, int], fps: float, expected: tuple[int, int]) -> None:
    mode = mode_for(SENSORS[name], size_wh, fps)
    assert (mode and mode.size_wh) == expected


@pytest.mark.parametrize(
    "mode, part",
    [
        (CsiMode((1920, 1080), 60.0), "1280x720 at 60"),
        (CsiMode(exposure_us=(5, 100)), "within 13-683709"),
        (CsiMode(gain=(1, 16)), "within 1-10.625"),
        (CsiMode(fps=60.0, exposure_us=(13, 20000)), "16666"),
    ],
)
def test_what_an_imx219_cannot_do(mode: CsiMode, part: str) -> None:
    with pytest.raises(CatseyeError, match=part):
        check_mode(mode, 0, ["imx219"])


def test_what_it_can_do_and_a_sensor_that_nobody_knows() -> None:
    check_mode(CsiMode((1280, 720), 60.0, exposure_us=(13, 16000), gain=(1, 8)), 0, ["imx219"])
    check_mode(CsiMode((8000, 6000), 200.0), 0, ["imx990"])
    check_mode(CsiMode((8000, 6000), 200.0), 1, ["imx219"])


def test_sensors_of_a_board(tmp_path: Path) -> None:
    root = build_board(tmp_path, "orin-nano")
    assert sensor_names(root) == []
    for number, name in enumerate(
        ("vi-output, imx219 9-0010", "UVC Camera (046d:0825)", "vi-output, imx477 10-001a")
    ):
        write(tmp_path, "sys/class/video4linux/video%d/name" % number, name + "\n")
    assert sensor_names(root) == ["imx219", "imx477"]


def test_complaints_of_the_camera_stack(tmp_path: Path) -> None:
    printed = "Error generated. gstnvarguscamerasrc.cpp, execute:%d %s\n"
    assert "reseat" in complaint_in(printed % (751, "No cameras available"), str(tmp_path)).fix
    taken = complaint_in(printed % (543, "Failed to create CaptureSession"), str(tmp_path))
    assert "nvargus-daemon" in taken.fix and "taken" in taken.found
    fast = complaint_in("Frame Rate specified is greater than supported", str(tmp_path))
    assert "lower fps" in fast.fix
    assert (
        complaint_in(
            "(Argus) Error FileOperationFailed: Connecting to nvargus-daemon failed: No such file",
            str(tmp_path),
        )
        == NO_DAEMON
    )
    assert all(complaint.fix and complaint.expected for _, complaint in COMPLAINTS)


def test_where_nothing_is_said_the_daemons_socket_tells(tmp_path: Path) -> None:
    assert complaint_in("", str(tmp_path)) == NO_DAEMON
    write(tmp_path, "tmp/argus_socket", "")
    assert "ribbon" in complaint_in("", str(tmp_path)).fix
