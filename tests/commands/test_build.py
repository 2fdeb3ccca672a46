"""`catseye build` and `catseye cache` as a user meets them, and `.engine` as a MODEL, on a fake
TensorRT."""

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from catseye.__main__ import main
from catseye.runtime.model_file.load import load_model

# the fakes; importlib mode does not add it
sys.path.append(str(Path(__file__).parents[1] / "runtime" / "engines"))


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Any]:
    """TensorRT 10 on a workstation, an empty cache, and a folder of one's own."""
    from fake_machine import Machine

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CATSEYE_CACHE", str(tmp_path / "cache"))
    machine = Machine("10", monkeypatch)
    yield machine
    assert machine.cuda.violations == machine.cuda.leaks() == []


@pytest.fixture
def model(tmp_path: Path) -> str:
    from brightest_model import brightest_onnx

    path = tmp_path / "tiny.onnx"
    path.write_bytes(brightest_onnx())
    return str(path)


def test_an_engine_lies_beside_its_description_and_is_a_model(
    machine: Any, model: str, capsys: Any
) -> None:
    assert main(["build", model]) == 0
    assert Path("tiny.engine").is_file() and Path("tiny.engine.json").is_file()
    os.unlink(model)  # the engine needs nothing else
    assert main(["verify", "tiny.engine", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["outputs"][0]["agreement"] == 1.0
    assert (
        main(
            [
                "bench",
                "tiny.engine",
                "--seconds",
                "0.01",
                "--json",
                "--source",
                "synthetic://road?size=64x48",
            ]
        )
        == 0
    )
    said = json.loads(capsys.readouterr().out)
    assert [said[name] for name in ("backend", "provider", "precision", "device")] == [
        "tensorrt",
        "cuda",
        "fp32",
        "Fake GPU",
    ]
    assert (
        main(
            [
                "run",
                "tiny.engine",
                "--source",
                "synthetic://road?size=64x48",
                "--frames",
                "3",
                "--spin",
            ]
        )
        == 0
    )
    assert "tiny on tensorrt, cuda (Fake GPU, fp32): 3 frames" in capsys.readouterr().err
    assert machine.trt.fake_builds == 1 and machine.cuda.flags["device"] == 1


def test_what_was_built_as_json(machine: Any, model: str, capsys: Any) -> None:
    machine.trt.fake_dla_cores = 2
    assert (
        main(["build", model, "-o", "a.engine", "--precision", "fp16", "--dla", "1", "--json"]) == 0
    )
    answer = json.loads(capsys.readouterr().out)
    assert (
        answer["ok"] is True
        and answer["path"] == "a.engine"
        and answer["bytes"] == os.path.getsize("a.engine")
    )
    assert answer["key"]["precision"] == "fp16" and answer["key"]["dla_core"] == 1
    assert answer["fallbacks"][0] == {
        "layer": "to_float",
        "kind": "CAST",
        "reason": "to_float: DLA has no layer of type CAST",
    }


def test_an_engine_that_breaks_its_golden_frames_is_kept_aside_with_exit_1(
    machine: Any, model: str, capsys: Any
) -> None:
    main(["build", model])
    before = Path("tiny.engine").read_bytes()
    machine.trt.fake_spoiled = True
    capsys.readouterr()
    assert main(["build", model]) == 1
    said = capsys.readouterr().err
    assert "BREACH" in said and "not published" in said
    assert Path("tiny.engine").read_bytes() == before
    report = json.loads(Path("tiny.rejected.engine.json").read_text())["engine"]
    assert report["gate"][0]["name"] == "mask" and report["gate"][0]["ok"] is False
    assert main(["verify", "tiny.rejected.engine"]) == 2
    assert "failed its golden frames when it was built" in capsys.readouterr().err


@pytest.mark.parametrize("change", ["tensorrt", "flip", "alone", "onnxruntime"])
def test_an_engine_that_may_not_be_loaded_is_one_line(
    machine: Any, model: str, capsys: Any, change: str
) -> None:
    main(["build", model])
    machine.trt.fake_loads.clear()
    arguments = ["verify", "tiny.engine"]
    if change == "tensorrt":
        machine.trt.__version__ = "10.7.0"
    elif change == "flip":
        content = bytearray(Path("tiny.engine").read_bytes())
        content[7] ^= 1
        Path("tiny.engine").write_bytes(bytes(content))
    elif change == "alone":
        os.unlink("tiny.engine.json")
    else:
        arguments += ["--backend", "onnxruntime"]
    capsys.readouterr()
    assert main(arguments) == 2
    said = capsys.readouterr().err.strip()
    assert (
        "\n" not in said
        and {
            "tensorrt": "tiny.engine is of tensorrt 10.3.0, here 10.7.0",
            "flip": "tiny.engine is damaged",
            "alone": "tiny.engine without tiny.engine.json",
            "onnxruntime": "give it the .onnx file",
        }[change]
        in said
    )
    assert machine.trt.fake_loads == []


@pytest.mark.parametrize(
    "arguments",
    [
        ["-o", "tiny.plan"],
        ["-o", "no/such/folder/tiny.engine"],
        ["--dla", "-1"],
        ["--dla", "x"],
        ["--workspace", "0"],
        ["--precision", "fp8"],
        ["--dla", "0", "--precision", "fp16"],
        ["--precision", "int8"],
    ],
)
def test_wishes_that_cannot_be_are_exit_2_and_leave_nothing(
    machine: Any, model: str, capsys: Any, arguments: list[str]
) -> None:
    assert main(["build", model, *arguments]) == 2
    assert "\n" not in capsys.readouterr().err.strip()
    assert sorted(os.listdir()) == ["tiny.onnx"]


def test_without_tensorrt_build_is_one_line(
    model: str, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.setitem(sys.modules, "tensorrt", None)
    assert main(["build", model]) == 2
    assert "tensorrt cannot be imported" in capsys.readouterr().err


def test_run_fills_the_cache_that_cache_lists_and_clears(
    machine: Any, model: str, capsys: Any
) -> None:
    run = [
        "run",
        model,
        "--backend",
        "tensorrt",
        "--source",
        "synthetic://road?size=64x48",
        "--frames",
        "2",
    ]
    assert main(run) == main(run) == 0
    assert machine.trt.fake_builds == 1
    capsys.readouterr()
    assert main(["cache", "list", "--json"]) == 0
    (entry,) = json.loads(capsys.readouterr().out)["engines"]
    assert entry["name"] == "tiny" and entry["key"]["tensorrt"] == "10.3.0" and entry["why"] == ""
    assert main(["cache", "list"]) == 0 and "tiny" in capsys.readouterr().err
    assert main(["cache", "clear", "other"]) == 0 and main(["cache", "clear"]) == 0
    assert main(["cache", "list", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["engines"] == []
    assert main(["cache", "list", "tiny"]) == 2


def test_run_does_not_go_on_with_an_engine_that_breaks_its_golden_frames(
    machine: Any, model: str, capsys: Any
) -> None:
    machine.trt.fake_spoiled = True
    assert (
        main(
            ["run", model, "--backend", "tensorrt", "--source", "synthetic://road", "--frames", "2"]
        )
        == 1
    )
    assert "does not agree with its golden frames" in capsys.readouterr().err


def test_export_with_engine_says_where_to_build_it(
    small_checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.setitem(sys.modules, "tensorrt", None)
    path = tmp_path / "small.onnx"
    assert (
        main(["export", str(small_checkpoint), "-o", str(path), "--size", "70x50", "--engine"]) == 2
    )
    assert path.is_file()
    last = capsys.readouterr().err.strip().splitlines()[-1]
    assert "an engine only runs on the GPU and TensorRT that built it" in last
    assert f"copy {path} there and run: catseye build small.onnx" in last


def test_export_builds_beside_the_model_file(machine: Any, model: str) -> None:
    from catseye.commands.build import build_beside

    assert build_beside(load_model(model), model) == 0
    assert Path(model).with_suffix(".engine").is_file() and machine.trt.fake_builds == 1
    machine.trt.fake_spoiled = True
    assert build_beside(load_model(model), model) == 1
