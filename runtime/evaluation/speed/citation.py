"""One line of a benchmark, to be pasted into an issue or a paper: a speed with everything that it
depends on.

Knows what was measured and where; not how it is printed.
"""

from typing import Dict, List, Optional

from catseye.runtime.engines.computed_by import ComputedBy
from catseye.runtime.evaluation.speed.measurement import Measurement
from catseye.runtime.evaluation.speed.path import PathMeasurement
from catseye.runtime.version import VERSION

PERCENTILES = ("p50", "p95", "p99")


def citation(
    by: ComputedBy,
    measurement: Measurement,
    path: Optional[PathMeasurement] = None,
    source: str = "",
    conditions: Optional[List[str]] = None,
) -> str:
    """The line. path, source: what was measured of a source and its address, without secrets.
    conditions: what else the speed depends on, such as the power mode and watts of a board."""
    parts = [
        "catseye %s" % VERSION,
        "%s %s" % (by.model, by.precision),
        "%dx%d" % measurement.size,
        ("%s %s (%s)" % (by.backend, by.backend_version, by.provider)).replace("  ", " "),
        by.device,
        "%d thread%s" % (by.threads, "" if by.threads == 1 else "s"),
        *(conditions or []),
        "%d frames after %d of warm-up" % (measurement.frames, measurement.warmup),
        "latency %s" % _percentiles(measurement.latency_ms),
        "%.1f frames/s" % measurement.fps,
    ]
    line = ", ".join(part for part in parts if part)
    if path is None:
        return line
    return "%s; from %s %dx%d: %d frames in %.1f s, %d dropped, age from %s %s, jitter %.1f ms" % (
        line,
        source,
        *path.size,
        path.frames,
        path.seconds,
        path.skipped,
        path.counted_from,
        _percentiles(path.age_ms),
        path.jitter_ms,
    )


def _percentiles(milliseconds: Dict[str, float]) -> str:
    values = " / ".join("%.2f" % milliseconds[name] for name in PERCENTILES)
    return "%s %s ms" % ("/".join(PERCENTILES), values)
