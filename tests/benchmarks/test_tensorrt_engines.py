"""The benchmark of TensorRT engines measures what it says it does; the figures here are a fake's
and mean nothing."""

import importlib.util
import json
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
# the fakes; importlib mode does not add it
sys.path.append(str(ROOT / "tests" / "runtime" / "engines"))


@pytest.fixture
def benchmark(monkeypatch: pytest.MonkeyPatch) -> Any:
    spec = importlib.util.spec_from_file_location(
        "tensorrt_engines", ROOT / "benchmarks" / "tensorrt_engines.py"
    )
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "COPIED_BYTES", 1 << 20)
    monkeypatch.setenv("CATSEYE_CACHE", "")  # the benchmark sets one of its own; this puts it back
    return module


def rows_of(
    benchmark: Any, arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> Any:
    monkeypatch.setattr(
        sys, "argv", ["tensorrt_engines.py", *arguments, "--seconds", "0.01", "--json"]
    )
    benchmark.main()
    return json.loads(capsys.readouterr().out)


def test_each_precision_in_each_way(
    benchmark: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    from brightest_model import brightest_onnx
    from fake_machine import Machine

    machine = Machine("10", monkeypatch)
    (tmp_path / "tiny.onnx").write_bytes(brightest_onnx())
    answer = rows_of(benchmark, [str(tmp_path / "tiny.onnx")], monkeypatch, capsys)
    assert [(row["precision"], row["passed"], row["device"]) for row in answer["rows"]] == [
        ("fp32", True, "Fake GPU"),
        ("fp16", True, "Fake GPU"),
    ]
    for row in answer["rows"]:
        assert set(row["latency_ms"]) == {"infer", "no_graph", "bare"} and row["floor_ms"] > 0
        assert row["plan_bytes"] > 0 and row["build_peak_host_mb"] > 0
    assert machine.trt.fake_builds == 2 and machine.cuda.calls["cudaGraphLaunch"] > 0
    assert machine.cuda.violations == machine.cuda.leaks() == []


def test_what_cannot_be_built_is_told(
    benchmark: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    from brightest_model import brightest_onnx
    from fake_machine import Machine

    Machine("11", monkeypatch)
    (tmp_path / "tiny.onnx").write_bytes(brightest_onnx())
    answer = rows_of(benchmark, [str(tmp_path / "tiny.onnx")], monkeypatch, capsys)
    assert [row["precision"] for row in answer["rows"]] == ["fp32"]
    assert "takes no precision flags" in answer["refused"][0]
