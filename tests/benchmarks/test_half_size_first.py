"""The benchmark of half the size first: whole runs keep their time, and one seed has no spread."""

import importlib.util
import sys
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def benchmark():
    path = Path(__file__).parents[2] / "benchmarks" / "half_size_first.py"
    spec = importlib.util.spec_from_file_location("benchmark_half_size_first", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("seeds, minutes", (("1", "3.00"), ("2", "3.00 +- 0.00")))
def test_runs_that_are_kept_are_not_run_again(
    benchmark, monkeypatch, capsys, tmp_path, seeds, minutes
):
    asked = []

    def trained(name, seed, args):
        asked.append((name, seed))
        return [args.epochs, 3.0, 40.0 + seed, 90.0]

    monkeypatch.setattr(benchmark, "trained", trained)
    monkeypatch.setattr(sys, "argv", ["x", "--data", "d", "--seeds", seeds, "--out", str(tmp_path)])
    for _ in range(2):
        benchmark.main()
    assert len(asked) == len(set(asked)) == 3 * int(seeds)
    assert minutes in capsys.readouterr().err
