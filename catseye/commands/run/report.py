"""What a run says at its end: frames and their age, cameras, sinks, power and processor time.

`bench` and `latency` say theirs in the same tables.
"""

from typing import Dict, Sequence, Tuple

from catseye.commands.parsing.parser import say, say_table
from catseye.jetson.power.power_log import PowerSummary
from catseye.runtime.cameras.statistics import Statistics
from catseye.runtime.clock.cpu_profile import CpuShares
from catseye.runtime.engines.opened import OpenedModel
from catseye.runtime.health.frame_quality import OK
from catseye.runtime.sinks import SinkStatistics


def say_statistics(statistics: Statistics, model: OpenedModel) -> None:
    frames = "%d frames of %s in %.1f s" % (
        statistics.frames,
        statistics.source,
        statistics.seconds,
    )
    say(
        "%s: %s, %.1f per second, %d skipped"
        % (model.computed_by, frames, statistics.fps, statistics.skipped)
    )
    if statistics.budget_ms is not None:
        word = "missed" if statistics.budget_missed else "kept"
        say(
            "budget of %g ms from %s %s: %d stale, %d alarms"
            % (
                statistics.budget_ms,
                statistics.counted_from,
                word,
                statistics.stale,
                statistics.alarms,
            )
        )
    if statistics.cameras:
        _say_cameras(statistics.cameras)
    _say_counts("alarms", statistics.raised)
    _say_counts("camera faults", statistics.faults)
    _say_counts("health", {verdict: n for verdict, n in statistics.health.items() if verdict != OK})
    if statistics.frames:  # else a picture that cannot be read ends it: its line is enough
        rows = list(statistics.stages_ms.items()) + [("age", statistics.age_ms)]
        say_percentiles(rows)


def _say_cameras(cameras: Sequence[Statistics]) -> None:
    columns = ("camera", "results", "per second", "skipped", "stale", "age p50 ms", "p99 ms")
    rows = [
        (
            each.camera,
            each.frames,
            each.fps,
            each.skipped,
            each.stale,
            each.age_ms["p50"],
            each.age_ms["p99"],
        )
        for each in cameras
    ]
    say_table(columns, rows)


def say_sinks(took: Sequence[SinkStatistics]) -> None:
    if took:
        rows = [
            (*sink[:4], sink.write_ms["p50"], sink.write_ms["p99"], "failing" if sink.error else "")
            for sink in took
        ]
        say_table(("sink", "written", "skipped", "lost", "p50 ms", "p99 ms", ""), rows)


def _say_counts(what: str, counts: Dict[str, int]) -> None:
    """Nothing, where there is nothing to tell."""
    words = ", ".join("%s %d" % item for item in sorted(counts.items()) if item[1])
    if words:
        say("%s: %s" % (what, words))


def say_power(power: PowerSummary, frames: int) -> None:
    """Nothing on a machine that measures neither watts nor modes."""
    words = power.words(frames)
    if words:
        say("power: " + words)


def say_cpu(shares: CpuShares) -> None:
    """Processor time of a frame, as a table: the loop's stages, then the threads."""
    rows = [("stage " + stage, ms) for stage, ms in shares.stages_ms.items()]
    rows += [("thread " + name, ms) for name, ms in shares.threads_ms.items()]
    say_table(("processor time of a frame", "ms"), [*rows, ("all", shares.total_ms)])


def say_percentiles(rows: Sequence[Tuple[str, Dict[str, float]]]) -> None:
    """[(name, {p50, p95, p99})] as a table in milliseconds."""
    columns = ("p50", "p95", "p99")
    say_table(
        ("ms", *columns), [(name, *(row[column] for column in columns)) for name, row in rows]
    )
