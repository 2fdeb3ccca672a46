from catseye.runtime.clock.cpu_profile import CpuShares
from catseye.runtime.engines.computed_by import ComputedBy
from catseye.runtime.evaluation.speed.citation import citation
from catseye.runtime.evaluation.speed.measurement import Measurement
from catseye.runtime.evaluation.speed.path import PathMeasurement
from catseye.runtime.version import VERSION

BY = ComputedBy("road", "tensorrt", "gpu", "Jetson Orin Nano", "fp16", 6, "10.3.0")
LATENCY = {"p50": 7.0, "p95": 8.125, "p99": 9.5}
MEASURED = Measurement(LATENCY, 120.04, (640, 360), 600, 10, 5.0, {})
PATH = PathMeasurement(
    frames=150,
    seconds=5.04,
    fps=30.0,
    age_ms={"p50": 41.0, "p95": 52.0, "p99": 60.25},
    counted_from="capture",
    interval_ms={"p50": 33.3, "p95": 34.0, "p99": 36.4},
    jitter_ms=3.1,
    skipped=2,
    budget_ms=None,
    stale=0,
    budget_missed=False,
    size=(1280, 720),
    cpu=CpuShares(150, 5.0, {}, {}),
)


def test_all_that_a_speed_depends_on_is_in_one_line():
    assert citation(BY, MEASURED, conditions=["MAXN", "6.0 W"]) == (
        "catseye %s, road fp16, 640x360, tensorrt 10.3.0 (gpu), Jetson Orin Nano, 6 threads, MAXN,"
        " 6.0 W, 600 frames after 10 of warm-up, latency p50/p95/p99 7.00 / 8.12 / 9.50 ms,"
        " 120.0 frames/s" % VERSION
    )


def test_of_a_source_drops_age_and_jitter_too():
    line = citation(BY._replace(backend_version=""), MEASURED, PATH, "csi://0")
    assert ", tensorrt (gpu), " in line and "\n" not in line
    assert line.endswith(
        "; from csi://0 1280x720: 150 frames in 5.0 s, 2 dropped, age from capture p50/p95/p99"
        " 41.00 / 52.00 / 60.25 ms, jitter 3.1 ms"
    )
