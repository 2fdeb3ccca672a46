"""The run's numbers as Prometheus reads them (text format 0.0.4). Knows names and units; not where
they come from."""

from typing import List, Tuple

from catseye.runtime.account import Facts
from catseye.runtime.power import PowerReading
from catseye.runtime.sinks.http.recorder import RecorderStatus
from catseye.runtime.sinks.http.view import Numbers

TYPE = "text/plain; version=0.0.4; charset=utf-8"


def metrics_text(numbers: Numbers, recording: RecorderStatus) -> str:
    """Seconds and counts since the start."""
    lines: List[str] = []
    for name, kind, meaning, value in _rows(numbers, recording):
        _add(lines, name, kind, meaning, [("", value)])
    quantiles = [
        ('{quantile="%g"}' % (int(name[1:]) / 100), value / 1e3)
        for name, value in numbers.latency_ms.items()
    ]
    lines += _head("age_seconds", "summary", "age of results, quantiles over the last ten seconds")
    lines += ["catseye_age_seconds%s %.6g" % quantile for quantile in quantiles]
    lines += [
        "catseye_age_seconds_sum %.6f" % (numbers.age_sum_ms / 1e3),
        "catseye_age_seconds_count %d" % numbers.aged,
    ]
    _add(
        lines,
        "camera_faults_total",
        "counter",
        "what went wrong with the camera, by kind",
        [('{fault="%s"}' % name, count) for name, count in numbers.faults.items()],
    )
    if numbers.newest is not None:
        _add_newest(lines, numbers.newest.facts)
    labels = ",".join(
        '%s="%s"' % (name, _escaped(str(value))) for name, value in sorted(numbers.model.items())
    )
    _add(lines, "model_info", "gauge", "what computes", [("{%s}" % labels, 1)] if labels else [])
    return "\n".join(lines) + "\n"


def _add_newest(lines: List[str], facts: Facts) -> None:
    """How the newest result came about."""
    _add(
        lines,
        "stage_seconds",
        "gauge",
        "time of each stage for the newest result",
        [('{stage="%s"}' % name, value / 1e3) for name, value in facts.stages_ms.items()],
    )
    health = facts.health
    _add(
        lines,
        "health_score",
        "gauge",
        "trouble with the newest frame, 0-1, bad above 0.5",
        [('{verdict="%s"}' % health.verdict, health.score)] if health else [],
    )
    _add_power(lines, facts.power)


def _add_power(lines: List[str], power: PowerReading) -> None:
    """What the machine tells of itself; a row that it does not tell is left out."""
    for name, meaning, value in (
        ("power_watts", "of the module", power.watts),
        ("temperature_celsius", "of the hottest zone", power.celsius),
    ):
        if value is not None:
            _add(lines, name, "gauge", meaning, [("", value)])
    _add(
        lines,
        "slowed_down",
        "gauge",
        "1 for each cooling device that costs speed now",
        [('{by="%s"}' % _escaped(name), 1) for name in power.slowed_by],
    )
    _add(
        lines,
        "power_mode_info",
        "gauge",
        "the power mode",
        [('{mode="%s"}' % _escaped(power.mode), 1)] if power.mode else [],
    )


def _rows(numbers: Numbers, recording: RecorderStatus) -> List[Tuple[str, str, str, float]]:
    newest, took = numbers.newest, recording.took
    return [
        ("results_total", "counter", "results so far", numbers.frames),
        (
            "skipped_frames_total",
            "counter",
            "frames that passed by",
            newest.facts.skipped_in_all if newest else 0,
        ),
        ("stale_results_total", "counter", "results older than the budget", numbers.stale),
        ("results_per_second", "gauge", "over the last ten seconds", numbers.fps),
        ("quiet_seconds", "gauge", "time since the newest result", numbers.quiet_s),
        ("camera_lost", "gauge", "1 while there is no camera", int(bool(numbers.notice))),
        ("viewers", "gauge", "connections that watch", numbers.viewers),
        ("recording", "gauge", "1 while a recording runs", int(took is not None)),
        (
            "recorded_frames",
            "gauge",
            "frames in the running recording",
            took.written if took else 0,
        ),
    ]


def _add(
    lines: List[str], name: str, kind: str, meaning: str, values: List[Tuple[str, float]]
) -> None:
    lines += _head(name, kind, meaning) + [
        "catseye_%s%s %.6g" % (name, labels, value) for labels, value in values
    ]


def _head(name: str, kind: str, meaning: str) -> List[str]:
    return ["# HELP catseye_%s %s" % (name, meaning), "# TYPE catseye_%s %s" % (name, kind)]


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
