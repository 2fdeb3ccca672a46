import json

import pytest

from catseye.runtime.errors import CatseyeError
from catseye.runtime.evaluation.speed_comparison import (
    Machine,
    compared,
    machine_of,
    read_bench,
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


def test_what_bench_printed_is_read(tmp_path):
    assert read_bench(written(tmp_path, BENCH)) == BENCH
    assert machine_of(BENCH) == ("Orin", "MAXN")


@pytest.mark.parametrize(
    "changes",
    (
        {"latency_ms": {"p50": 10.0, "p95": 20.0}},
        {"latency_ms": {"p50": 10.0, "p95": 20.0, "p99": 0}},
        {"latency_ms": {"p50": 10.0, "p95": "fast", "p99": 1}},
        {"latency_ms": None},
        {"power": {}},
        {"power": None},
    ),
)
def test_anything_else_is_refused(tmp_path, changes):
    with pytest.raises(CatseyeError, match="no whole benchmark"):
        read_bench(written(tmp_path, dict(BENCH, **changes)))


def test_bytes_that_are_no_text(tmp_path):
    (tmp_path / "old.json").write_bytes(b"\xff\xfe{")
    with pytest.raises(CatseyeError, match="no whole benchmark"):
        read_bench(str(tmp_path / "old.json"))


def test_above_one_is_faster():
    new = dict(BENCH, latency_ms={"p50": 5.0, "p95": 20.0, "p99": 80.0})
    comparison = compared("old.json", BENCH, new)
    assert comparison.speedup == {"p50": 2.0, "p95": 1.0, "p99": 0.5}
    assert comparison.changed == []
    assert comparison.as_json()["old"] == "old.json"


def test_what_else_is_not_the_same_is_told():
    new = dict(BENCH, threads=8, precision="fp16", power={"power_mode": "15W"}, source="x")
    assert compared("old.json", BENCH, new).changed == [
        "power_mode MAXN -> 15W",
        "precision None -> fp16",
        "threads 4 -> 8",
    ]


def test_another_machine_is_refused_unless_forced():
    here = Machine("Orin", "MAXN")
    refuse_other_machine("old.json", here, here, force=False)
    for other in (Machine("Orin", None), Machine("Nano", "MAXN")):
        refuse_other_machine("old.json", other, here, force=True)
        with pytest.raises(CatseyeError) as caught:
            refuse_other_machine("old.json", other, here, force=False)
        assert "old.json was measured on %s" % other.device in str(caught.value)
        assert "--force" in caught.value.mend
