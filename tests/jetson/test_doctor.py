"""The doctor on machines that are not here: what each finds, how bad it is, and that there is
always a fix."""

import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Dict, List

import pytest
from fake_boards import build_board, write

from catseye.commands import doctor as command
from catseye.jetson import doctor
from catseye.jetson.checks import backends as backend_checks
from catseye.jetson.checks import opencv as opencv_checks
from catseye.jetson.checks import python as python_checks
from catseye.jetson.checks.check import Check, imported, numbers
from catseye.jetson.jetpack import JETPACKS, Board, read_board
from catseye.jetson.power.power_mode import read_power_mode
from catseye.runtime import engines

PLAIN_OPENCV = (
    "  Video I/O:\n    FFMPEG:              YES\n      avcodec:  YES\n    GStreamer:           NO\n"
)
BOARD_OPENCV = "  Video I/O:\n    FFMPEG:              YES\n    GStreamer:           YES (1.14.5)\n"
TX1 = Board("jetson_tx1", "TX1", (32, 7, 1), JETPACKS[0])
THOR = Board("NVIDIA Jetson AGX Thor Developer Kit", "Thor", (38, 2, 0), JETPACKS[4])


def statuses(checks: List[Check]) -> Dict[str, str]:
    return {check.name: check.status for check in checks}


@pytest.fixture
def backends(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Sets which versions of the backends are here, and whether there is a driver."""

    def here(
        tensorrt: str = "",
        onnxruntime: str = "",
        opencv: str = "",
        driver: str = "",
        providers: tuple[str, ...] = ("CPUExecutionProvider",),
    ) -> None:
        versions = {"tensorrt": tensorrt, "onnxruntime": onnxruntime, "opencv": opencv}
        monkeypatch.setattr(engines, "available_backends", lambda: versions)
        monkeypatch.setattr(backend_checks, "driver_complaint", lambda: driver)
        package = SimpleNamespace(get_available_providers=lambda: list(providers))
        monkeypatch.setitem(sys.modules, "onnxruntime", package)

    return here


def test_this_machine_has_an_answer_to_everything(tmp_path: Path) -> None:
    checks = doctor.examine(str(tmp_path))
    assert {check.status for check in checks} <= {"ok", "warn", "fail"}
    assert all(check.found for check in checks)
    assert all(check.expected and check.fix for check in checks if check.status != "ok")
    assert statuses(checks)["numpy"] == statuses(checks)["backend"] == "ok"
    assert not {"board", "cuda", "power-mode"} & set(statuses(checks))


# what the files of each board say, and what to do: (check, status, found, fix), the rest being ok
BOARDS = {
    "tx1": [],
    "nano": [("power-mode", "warn", "5W (mode 1)", "sudo nvpmodel -m 0")],
    "xavier": [],
    "orin-nano": [],
    "agx-orin": [("power-mode", "warn", "MODE_30W (mode 2)", "sudo nvpmodel -m 0")],
    "thor": [],
}
OF_FILES = (
    "board",
    "cuda",
    "dla",
    "gpu-access",
    "power-mode",
    "clocks",
    "heat",
    "power-supply",
    "camera",
    "argus",
    "memory",
    "clock",
)


@pytest.mark.parametrize("name", sorted(BOARDS))
def test_every_board_is_read_from_its_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(doctor, "deadly_import", lambda: None)
    write(tmp_path, "dev/video0", "")
    checks = {check.name: check for check in doctor.examine(build_board(tmp_path, name))}
    assert all(check.found for check in checks.values())
    bad = [checks[of] for of in OF_FILES if of in checks and checks[of].status != "ok"]
    assert [(check.name, check.status, check.found) for check in bad] == [
        row[:3] for row in BOARDS[name]
    ]
    assert all(row[3] in check.fix for check, row in zip(bad, BOARDS[name]))
    board = read_board(str(tmp_path))
    assert (
        board is not None
        and board.jetpack is not None
        and board.jetpack.name in checks["board"].found
    )
    assert doctor.machine_summary(str(tmp_path))["power_mode"] == str(
        read_power_mode(str(tmp_path))
    )


def test_a_numpy_that_kills_python_leaves_the_rest_an_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        python_checks, "import_code", lambda package: -4 if package == "numpy" else 0
    )
    checks = {check.name: check for check in doctor.examine(build_board(tmp_path, "nano"))}
    assert checks["numpy"].status == "fail" and "OPENBLAS_CORETYPE" in checks["numpy"].fix
    assert "opencv" not in checks and "backend" not in checks and checks["memory"].status == "ok"


def test_the_doctor_itself_does_without_numpy() -> None:
    script = "import catseye.commands.doctor, sys; print('numpy' in sys.modules)"
    answer = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert answer.stdout == "False\n", answer.stderr


def test_a_package_built_for_another_numpy_is_told_not_raised(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "catseye_test_broken.py").write_text(
        "raise SystemError('initialization of _x failed')\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    module, reason = imported("catseye_test_broken")
    assert module is None
    assert "initialization" in reason


def test_without_opencv_nothing_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        opencv_checks, "imported", lambda package: (None, "not importable: No module named 'cv2'")
    )
    (check,) = opencv_checks.opencv_checks(TX1, [])
    assert check.status == "fail"
    assert "apt install python3-opencv" in check.fix
    (check,) = opencv_checks.opencv_checks(None, [])
    assert "pip install" in check.fix


@pytest.mark.parametrize(
    "report, board, status",
    [(PLAIN_OPENCV, TX1, "warn"), (PLAIN_OPENCV, None, "ok"), (BOARD_OPENCV, TX1, "ok")],
)
def test_gstreamer_matters_on_a_board(report: str, board: Any, status: str) -> None:
    assert opencv_checks.gstreamer_check(report, board).status == status


def test_ffmpeg_or_gstreamer_read_video() -> None:
    assert opencv_checks.ffmpeg_check(PLAIN_OPENCV, None).found == "yes"
    neither = PLAIN_OPENCV.replace("YES", "NO")
    assert opencv_checks.ffmpeg_check(neither, None)[1:3] == ("warn", "no")
    assert (
        opencv_checks.ffmpeg_check(neither + "    GStreamer:   YES (1.20.3)\n", None).status == "ok"
    )


def test_colours_of_videos_are_told() -> None:
    old, new = opencv_checks.colours_check("4.8.0"), opencv_checks.colours_check("4.13.0")
    assert old.status == new.status == "ok" and "BT.601" in old.found and old.found != new.found


def test_two_opencv_packages_overwrite_each_other(tmp_path: Path) -> None:
    (tmp_path / "opencv_python-4.8.0.dist-info").mkdir()
    assert opencv_checks.packages_check([str(tmp_path)]).status == "ok"
    (tmp_path / "opencv_python_headless-4.10.0.dist-info").mkdir()
    check = opencv_checks.packages_check([str(tmp_path), str(tmp_path)])
    assert (check.status, check.found) == ("warn", "opencv-python, opencv-python-headless")


def test_pips_opencv_hides_jetpacks(tmp_path: Path) -> None:
    user, system = tmp_path / "user", tmp_path / "system"
    (user / "cv2").mkdir(parents=True)
    system.mkdir()
    (system / "cv2.cpython-36m-aarch64-linux-gnu.so").write_bytes(b"")
    assert opencv_checks.shadow_check([str(system), str(system)]).status == "ok"
    check = opencv_checks.shadow_check([str(user), str(system)])
    assert (check.status, check.found) == ("warn", "%s hides %s" % (user, system))


def test_a_tx1_infers_with_tensorrt_though_its_opencv_is_old(backends: Any) -> None:
    backends(tensorrt="8.2.1.8", opencv="4.1.1")
    checks = statuses(backend_checks.backend_checks(TX1))
    assert checks == {"tensorrt": "ok", "onnxruntime": "ok", "opencv-dnn": "ok", "backend": "ok"}


def test_an_old_opencv_alone_runs_no_model(backends: Any) -> None:
    backends(opencv="4.1.1", driver="no NVIDIA driver")
    checks = statuses(backend_checks.backend_checks(TX1))
    assert checks == {
        "tensorrt": "warn",
        "onnxruntime": "warn",
        "opencv-dnn": "warn",
        "backend": "fail",
    }


@pytest.mark.parametrize(
    ("version", "runs"),
    [
        ("4.1.1", "does not run the shipped models"),
        ("4.5.4-dev", "runs fp32, no fp16, no int8"),
        ("4.8.0", "runs fp32 and fp16, no int8"),
        ("5.0.0", "runs fp32 and fp16, no int8"),
    ],
)
def test_what_opencv_runs_is_said(backends: Any, version: str, runs: str) -> None:
    backends(tensorrt="10.3.0", opencv=version)
    checks = {check.name: check for check in backend_checks.backend_checks(TX1)}
    assert checks["opencv-dnn"].found == "%s, %s" % (version, runs)


def test_tensorrt_without_a_driver_does_not_count(backends: Any) -> None:
    backends(tensorrt="10.3.0", driver="no NVIDIA driver on this machine")
    checks = statuses(backend_checks.backend_checks(None))
    assert (checks["tensorrt"], checks["backend"]) == ("warn", "fail")


def test_a_workstation_without_a_gpu_wants_no_tensorrt(backends: Any) -> None:
    backends(onnxruntime="1.32.0", opencv="5.0.0", driver="no NVIDIA driver")
    assert set(statuses(backend_checks.backend_checks(None)).values()) == {"ok"}


def test_an_upgraded_tensorrt_is_noticed(backends: Any) -> None:
    backends(tensorrt="10.16.2", opencv="4.8.0")
    checks = {check.name: check for check in backend_checks.backend_checks(THOR)}
    assert checks["tensorrt"].status == "warn"
    assert "10.13" in checks["tensorrt"].expected


def test_a_tensorrt_that_lost_its_library_says_so(
    backends: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    backends(opencv="4.8.0")
    reason = (
        "not importable: libnvinfer.so.8: cannot open shared object file: No such file or directory"
    )
    monkeypatch.setattr(backend_checks, "imported", lambda package: (None, reason))
    check = backend_checks.backend_checks(THOR)[0]
    assert (check.status, check.found) == ("warn", reason) and "reinstall libnvinfer" in check.fix


def test_jetpack_older_than_the_table_is_to_be_flashed() -> None:
    check = doctor.board_check(Board("jetson_tx1", "TX1", (32, 4, 3), None))
    assert (check.status, check.fix) == ("warn", "flash JetPack 4.6")
    assert doctor.board_check(TX1).status == "ok"


def test_a_damaged_shipped_model_stops_run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from catseye.runtime.model_file import load as model_file

    (tmp_path / "road.onnx").write_bytes(b"\x00noise")
    monkeypatch.setattr(model_file, "ZOO", str(tmp_path))
    check = doctor.model_check()
    assert check.status == "fail"
    assert "road" in check.found


def test_a_question_that_breaks_is_a_failed_check(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def broken(board: Any) -> List[Check]:
        raise RuntimeError("no NumPy")

    monkeypatch.setattr(doctor, "backend_checks", broken)
    checks = statuses(doctor.examine(str(tmp_path)))
    assert checks["backend"] == "fail"
    assert checks["disk"] in ("ok", "warn")


@pytest.mark.parametrize("status, code", [("ok", 0), ("warn", 0), ("fail", 1)])
def test_the_command_exits_1_only_where_run_is_stopped(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], status: str, code: int
) -> None:
    monkeypatch.setattr(
        command, "examine", lambda: [Check("thing", status, "this", "that", "do so")]
    )
    assert command.main(["--json"]) == code
    document = json.loads(capsys.readouterr().out)
    assert document["ok"] is (code == 0)
    assert document["checks"] == [
        {"name": "thing", "status": status, "found": "this", "expected": "that", "fix": "do so"}
    ]
    assert document["machine"]["python"] == sys.version.split()[0]
    assert command.main([]) == code
    printed = capsys.readouterr()
    assert printed.out == ""
    assert len(printed.err.splitlines()) == 2
    assert ("do so" in printed.err) == (status != "ok")


def test_numbers_of_versions() -> None:
    assert numbers("4.5.4-dev") == (4, 5, 4)
    assert numbers("10.3.0.30") == (10, 3, 0, 30)
    assert numbers("") == numbers("of unknown version") == ()


CUDA = ("CUDAExecutionProvider", "CPUExecutionProvider")


@pytest.mark.parametrize(
    ("providers", "complaint", "status", "found"),
    [
        (CUDA, "", "ok", "CUDA provider starts"),
        (
            CUDA,
            "onnxruntime offers CPUExecutionProvider",
            "warn",
            "onnxruntime offers CPUExecutionProvider",
        ),
        (
            ("CPUExecutionProvider",),
            "",
            "warn",
            "no CUDA provider: onnxruntime computes on the CPU",
        ),
    ],
)
def test_a_gpu_that_onnxruntime_leaves_idle_is_told(
    backends: Any,
    monkeypatch: pytest.MonkeyPatch,
    providers: Any,
    complaint: str,
    status: str,
    found: str,
) -> None:
    backends(onnxruntime="1.32.0", opencv="5.0.0", providers=providers)
    monkeypatch.setattr(backend_checks, "cuda_complaint", lambda: complaint)
    (check,) = [
        each for each in backend_checks.backend_checks(None) if each.name == "onnxruntime-gpu"
    ]
    assert (check.status, check.found) == (status, found)
    backends(onnxruntime="1.32.0", opencv="5.0.0", providers=providers, driver="no NVIDIA driver")
    assert "onnxruntime-gpu" not in statuses(backend_checks.backend_checks(None))


def test_the_question_to_cuda_is_a_real_one() -> None:
    import onnxruntime

    if "CUDAExecutionProvider" in onnxruntime.get_available_providers():
        pytest.skip("this onnxruntime may well have CUDA")
    assert "CUDAExecutionProvider" in backend_checks.cuda_complaint()
