import json

import pytest

from catseye.runtime.errors import CatseyeError
from catseye.runtime.evaluation.speed.comparison import (
    Machine,
    benchmark_from_json,
    compared,
    read_benchmark,
    refuse_other_machine,
)

BENCH = {
    "device": "Orin",
    "model": "road",
    "threads": 4,
    "latency_ms": {"p50": 10.0, "p95": 20.0, "p99": 40.0},
    "power": {"power_mode": "MAXN", "mean_watts": 9.0},
}


def written(tmp_path, document):
    path = tmp_path / "old.json"
    path.write_text(json.dumps(document))
    return str(path)


def benchmark(**changes):
    return benchmark_from_json(dict(BENCH, **changes), "some.json")


def test_what_bench_printed_is_read(tmp_path):
    read = read_benchmark(written(tmp_path, dict(BENCH, size=[640, 360], source="x")))
    assert read.machine == ("Orin", "MAXN") and read.latency_ms == BENCH["latency_ms"]
    assert read.told == {
        "device": "Orin",
        "power_mode": "MAXN",
        "model": "road",
        "threads": "4",
        "size": "640x360",
    }


@pytest.mark.parametrize(
    "changes, path",
    (
        ({"latency_ms": {"p50": 10.0, "p95": 20.0}}, "benchmark.latency_ms of .* has no 'p99'"),
        ({"latency_ms": {"p50": 10.0, "p95": 20.0, "p99": 0}}, "benchmark.latency_ms.p99 of"),
        ({"latency_ms": {"p50": 10.0, "p95": "fast", "p99": 1}}, "benchmark.latency_ms.p95 of"),
        ({"latency_ms": None}, "benchmark.latency_ms of"),
        ({"power": None}, "benchmark.power of"),
        ({"power": {"power_mode": 3}}, "benchmark.power.power_mode of"),
        ({"threads": -1}, "benchmark.threads of"),
        ({"size": [640]}, "benchmark.size"),
        ({"device": "x" * 5000}, "benchmark.device of"),
    ),
)
def test_what_is_wrong_is_told_by_its_path(tmp_path, changes, path):
    with pytest.raises(CatseyeError, match=path) as caught:
        read_benchmark(written(tmp_path, dict(BENCH, **changes)))
    assert "bench MODEL --json" in caught.value.fix


@pytest.mark.parametrize("data", (b"\xff\xfe{", b"", b"[" * 1000, b"[]", b"{"))
def test_what_is_no_benchmark_at_all(tmp_path, data):
    (tmp_path / "old.json").write_bytes(data)
    with pytest.raises(CatseyeError, match="old.json"):
        read_benchmark(str(tmp_path / "old.json"))


def test_above_one_is_faster():
    new = benchmark(latency_ms={"p50": 5.0, "p95": 20.0, "p99": 80.0})
    comparison = compared("old.json", benchmark(), new)
    assert comparison.speedup == {"p50": 2.0, "p95": 1.0, "p99": 0.5}
    assert comparison.changed == []
    assert comparison.as_json()["old"] == "old.json"


def test_what_else_is_not_the_same_is_told():
    new = benchmark(threads=8, precision="fp16", power={"power_mode": "15W"}, source="x")
    assert compared("old.json", benchmark(), new).changed == [
        "power_mode MAXN -> 15W",
        "threads 4 -> 8",
        "precision unknown -> fp16",
    ]


def test_another_machine_is_refused_unless_forced():
    here = Machine("Orin", "MAXN")
    refuse_other_machine("old.json", here, here, force=False)
    for other in (Machine("Orin", None), Machine("Nano", "MAXN")):
        refuse_other_machine("old.json", other, here, force=True)
        with pytest.raises(CatseyeError) as caught:
            refuse_other_machine("old.json", other, here, force=False)
        assert "old.json was measured on %s" % other.device in str(caught.value)
        assert "--force" in caught.value.fix
