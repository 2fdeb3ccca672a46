"""The tables at the end of a run."""

from catseye.commands.run.report import say_cpu, say_percentiles, say_sinks
from catseye.runtime.clock.cpu_profile import CpuShares
from catseye.runtime.sinks import SinkStatistics

TIMES_MS = {"p50": 1.5, "p95": 2.0, "p99": 12.25}


def rows_of(text):
    return [line.split() for line in text.splitlines()]


def test_a_sink_that_fails_is_called_so_and_its_losses_counted(capsys):
    kept = SinkStatistics("out.mp4", 90, 10, 0, "", TIMES_MS)
    full = SinkStatistics("udp://10.0.0.2:9000", 40, 0, 60, "no route", TIMES_MS)
    say_sinks([kept, full])
    _, _, first, second = rows_of(capsys.readouterr().err)
    assert first == ["out.mp4", "90", "10", "0", "1.5", "12.25"]
    assert second == ["udp://10.0.0.2:9000", "40", "0", "60", "1.5", "12.25", "failing"]


def test_a_run_without_sinks_has_no_table_of_them(capsys):
    say_sinks([])
    assert capsys.readouterr().err == ""


def test_percentiles_have_a_row_each(capsys):
    say_percentiles([("infer", TIMES_MS), ("age", dict(TIMES_MS, p99=40.0))])
    heading, _, infer, age = rows_of(capsys.readouterr().err)
    assert heading == ["ms", "p50", "p95", "p99"]
    assert infer == ["infer", "1.5", "2", "12.25"] and age == ["age", "1.5", "2", "40"]


def test_processor_time_tells_stages_before_threads_and_ends_with_all(capsys):
    say_cpu(CpuShares(10, 7.5, {"infer": 5.0}, {"encoder": 2.5}))
    _, _, *rows = rows_of(capsys.readouterr().err)
    assert rows == [["stage", "infer", "5"], ["thread", "encoder", "2.5"], ["all", "7.5"]]
