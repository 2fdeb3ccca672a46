"""The engine cache: found where nothing changed, built again where anything did, never loaded when
it is not right."""

import json
import logging
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from brightest_model import FRAME, brightest, brightest_model
from fake_machine import Machine

from catseye.runtime.engines.tensorrt import cache, engine_key
from catseye.runtime.engines.tensorrt.cache import clear, entries, open_cached
from catseye.runtime.engines.tensorrt.engine_file import side_file
from catseye.runtime.engines.tensorrt.recipe import BuildSettings
from catseye.runtime.errors import CatseyeError, CheckFailed

# a process of its own with a fake TensorRT that takes its time and counts its builds; it says when
# it starts to build
BUILDER = """
import sys, time
sys.path[:0] = [{here!r}]
import pytest
from brightest_model import FRAME, brightest, brightest_model
from fake_machine import Machine
from catseye.runtime.engines.tensorrt.cache import open_cached

machine = Machine("10", pytest.MonkeyPatch())
def on_build():
    with open({count!r}, "a") as stream:
        stream.write("built\\n")
    print("building", flush=True)
    time.sleep({seconds})
machine.trt.fake_on_build = on_build
with open_cached(brightest_model()) as engine:
    assert (engine.infer({{"frame": FRAME}})["mask"] == brightest(FRAME)).all()
print("done", flush=True)
"""


@pytest.fixture
def ten(monkeypatch: pytest.MonkeyPatch) -> Iterator[Machine]:
    machine = Machine("10", monkeypatch)
    yield machine
    assert machine.cuda.violations == machine.cuda.leaks() == []


@pytest.fixture
def kept(ten: Machine, cache_of_its_own: Path) -> Path:
    """The engine of the tiny model, in the cache; its build and its loads are not counted any
    more."""
    answer()
    ten.trt.fake_builds = 0
    ten.trt.fake_loads.clear()
    (path,) = cache_of_its_own.glob("*.engine")
    return path


def answer(model: Any = None, settings: BuildSettings = BuildSettings()) -> None:
    with open_cached(model or brightest_model(), settings) as engine:
        assert (engine.infer({"frame": FRAME})["mask"] == brightest(FRAME)).all()


def test_built_once_and_found_ever_after(machine: Machine, cache_of_its_own: Path) -> None:
    for _ in range(3):
        answer()
    assert machine.trt.fake_builds == 1
    assert sorted(path.suffix for path in cache_of_its_own.iterdir() if path.name != "lock") == [
        ".engine",
        ".json",
        ".timing",
    ]
    assert cache_of_its_own.stat().st_mode & 0o077 == 0


def test_any_of_200_flipped_bytes_is_never_loaded(
    ten: Machine, kept: Path, caplog: pytest.LogCaptureFixture
) -> None:
    numbers = random.Random(3)
    plan, files = kept.read_bytes(), [kept, Path(side_file(str(kept)))]
    whole = [path.read_bytes() for path in files]
    for flip in range(200):
        victim = numbers.randrange(2) if flip > 1 else flip
        spoiled = bytearray(whole[victim])
        spoiled[numbers.randrange(len(spoiled))] ^= 1 << numbers.randrange(8)
        files[victim].write_bytes(bytes(spoiled))
        caplog.clear()
        answer()
        assert caplog.text.count("engine not used:") == 1
        assert ten.trt.fake_builds == flip + 1
        # rebuilt, byte for byte, and nothing else was ever handed over
        assert set(ten.trt.fake_loads) == {plan}
        for path, content in zip(files, whole):  # what was built again differs in its time only
            path.write_bytes(content)


@pytest.mark.parametrize("share", [0, 0.5, 0.999])
@pytest.mark.parametrize("side", [False, True], ids=["plan", "json"])
def test_a_truncated_file_is_built_again(
    ten: Machine, kept: Path, share: float, side: bool
) -> None:
    path = Path(side_file(str(kept))) if side else kept
    plan = kept.read_bytes()
    path.write_bytes(path.read_bytes()[: int(share * path.stat().st_size)])
    answer()
    assert ten.trt.fake_builds == 1 and set(ten.trt.fake_loads) == {plan}
    answer()
    assert ten.trt.fake_builds == 1


@pytest.mark.parametrize("lost", ["plan", "json"])
def test_half_an_engine_is_built_again(ten: Machine, kept: Path, lost: str) -> None:
    (kept if lost == "plan" else Path(side_file(str(kept)))).unlink()
    answer()
    assert ten.trt.fake_builds == 1


def test_a_description_that_was_edited_is_not_believed(
    ten: Machine, kept: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = Path(side_file(str(kept)))
    document = json.loads(path.read_text())
    document["engine"]["card"]["classes"][0] = "red"
    path.write_text(json.dumps(document))
    answer()
    assert ten.trt.fake_builds == 1 and "another SHA-256" in caplog.text


def test_an_engine_put_under_another_name_is_foreign(
    ten: Machine, kept: Path, caplog: pytest.LogCaptureFixture
) -> None:
    answer(settings=BuildSettings(workspace_mb=64))
    (other,) = set(kept.parent.glob("*.engine")) - {kept}
    for source, target in (
        (other, kept),
        (Path(side_file(str(other))), Path(side_file(str(kept)))),
    ):
        shutil.copy(source, target)
    ten.trt.fake_builds = 0
    answer()
    assert ten.trt.fake_builds == 1
    assert (
        "is of flags EXPLICIT_BATCH workspace=64MB" in caplog.text
        or "workspace=64MB, here" in caplog.text
    )


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("tensorrt", "tensorrt 10.3.0, here 10.7.0"),
        ("cuda", "cuda 12.6, here 13.0"),
        ("gpu", "compute_capability 8.7, here 7.2"),
        ("board", "board Fake GPU, here NVIDIA Jetson"),
        ("revision", "revision 1, here 2"),
    ],
)
def test_after_an_upgrade_or_on_another_machine_it_is_built_again_and_the_reason_told(
    ten: Machine,
    kept: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    what: str,
    said: str,
) -> None:
    if what == "tensorrt":
        ten.trt.__version__ = "10.7.0"
    elif what == "cuda":
        ten.cuda.version = 13000
    elif what == "gpu":
        monkeypatch.setattr("fake_cuda.ATTRIBUTES", {19: 1, 75: 7, 76: 2})
    elif what == "board":
        monkeypatch.setattr(engine_key, "gpu_name", lambda: "NVIDIA Jetson")
    else:
        monkeypatch.setattr(engine_key, "BUILD_REVISION", 2)
    with caplog.at_level(logging.INFO, "catseye"):
        answer()
    assert ten.trt.fake_builds == 1
    assert "engine not used: %s is of " % kept in caplog.text and said in caplog.text


def test_another_model_of_the_same_name_has_its_own_engine(ten: Machine, kept: Path) -> None:
    answer(brightest_model(precision="int8"))
    assert ten.trt.fake_builds == 1 and len(entries()) == 2


def test_a_plan_that_tensorrt_refuses_all_the_same_is_built_again(ten: Machine, kept: Path) -> None:
    def loads_again() -> None:
        ten.trt.fake_foreign = False

    ten.trt.fake_foreign, ten.trt.fake_on_build = True, loads_again
    answer()
    assert ten.trt.fake_builds == 1


def test_an_engine_that_fails_its_golden_frames_is_kept_aside_and_not_built_over_and_over(
    ten: Machine, cache_of_its_own: Path
) -> None:
    ten.trt.fake_spoiled = True
    for _ in range(2):
        with pytest.raises(CheckFailed) as error:
            answer()
        assert "does not agree with its golden frames (mask: max_abs" in str(error.value)
    assert ten.trt.fake_builds == 1 and error.value.exit_code == 1
    (aside,) = cache_of_its_own.glob("*.engine")
    assert aside.name.endswith(".rejected.engine")
    assert [entry.why for entry in entries()] == ["failed its golden frames"]
    ten.trt.fake_spoiled = False
    clear("tiny")
    answer()
    assert ten.trt.fake_builds == 2


def test_a_cache_that_cannot_be_used_costs_one_line_and_the_engine_stays_in_memory(
    ten: Machine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("CATSEYE_CACHE", str(tmp_path / "file" / "cache"))
    answer()
    lines = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    assert len(lines) == 1 and "the engine stays in memory" in lines[0]


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """A disk that takes no more: writing beyond `size` fails, as on a full one."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk_costs_one_line_and_leaves_nothing_half(
    ten: Machine, cache_of_its_own: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with files_of_at_most(0):
        answer()
    lines = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    assert (
        len(lines) == 1
        and "the engine is not kept, and is built again next time: cannot write" in lines[0]
    )
    assert [path.name for path in cache_of_its_own.iterdir()] == ["lock"]


def test_a_file_system_without_locks_is_no_cache(
    ten: Machine, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(stream: Any, operation: int) -> None:
        raise OSError(37, "No locks available")

    monkeypatch.setattr(cache.fcntl, "flock", refuse)
    answer()
    assert "No locks available" in caplog.text and entries() == []


def start(folder: Path, seconds: float) -> "subprocess.Popen[str]":
    script = BUILDER.format(
        here=str(Path(__file__).parents[1]), count=str(folder / "count"), seconds=seconds
    )
    return subprocess.Popen(
        [sys.executable, "-c", script],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=dict(os.environ, CATSEYE_CACHE=str(folder / "cache")),
    )


def test_processes_that_ask_at_once_build_once(tmp_path: Path) -> None:
    processes = [start(tmp_path, 2.0) for _ in range(4)]
    for process in processes:
        out, err = process.communicate(timeout=120)
        assert process.returncode == 0 and out.endswith("done\n"), err
    assert (tmp_path / "count").read_text() == "built\n"


def test_the_lock_of_a_killed_process_dies_with_it(ten: Machine, tmp_path: Path) -> None:
    process = start(tmp_path, 600)
    assert process.stdout is not None and process.stdout.readline() == "building\n"
    process.kill()
    process.communicate()
    begun_s = time.monotonic()
    answer()
    assert ten.trt.fake_builds == 1 and time.monotonic() - begun_s < 60


def test_ctrl_c_ends_a_build_at_once_and_leaves_nothing(tmp_path: Path) -> None:
    process = start(tmp_path, 600)
    assert process.stdout is not None and process.stdout.readline() == "building\n"
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == -signal.SIGINT and "Traceback" not in err
    assert [path.name for path in (tmp_path / "cache").iterdir()] == ["lock"]


def test_list_and_clear(ten: Machine, kept: Path) -> None:
    answer(brightest_model(name="other"))
    assert [(entry.name, entry.why, entry.bytes) for entry in entries()] == [
        (name, "", os.path.getsize(path))
        for name, path in (("other", entries()[0].path), ("tiny", str(kept)))
    ]
    Path(side_file(str(kept))).write_text("{}")
    assert entries()[1].why.startswith("description of %s has no" % side_file(str(kept)))
    assert entries()[1].key is None
    assert clear("other") and [entry.name for entry in entries()] == ["tiny"]
    (kept.parent / ".writing-ab12cd34-tiny.engine").write_text("")
    clear()
    assert [path.name for path in kept.parent.iterdir()] == ["lock"]


def test_a_cache_that_is_not_there_is_empty_and_not_made_by_looking(cache_of_its_own: Path) -> None:
    assert entries() == [] and not cache_of_its_own.exists()


def test_files_that_cannot_be_removed_are_one_line(
    kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: str) -> None:
        raise PermissionError(13, "Permission denied", path)

    monkeypatch.setattr(cache.os, "unlink", refuse)
    with pytest.raises(CatseyeError, match="cannot remove .*Permission denied"):
        clear()
    monkeypatch.setenv("CATSEYE_CACHE", "/dev/null/cache")
    assert clear() == []
