import pytest

from catseye.runtime.timing import STAGES, Series, StageTimers


def test_percentiles_are_of_the_values_added():
    series = Series()
    for value in range(1, 101):
        series.add(float(value))
    assert series.percentiles() == {
        "p50": 50.5,
        "p95": pytest.approx(95.05),
        "p99": pytest.approx(99.01),
    }
    assert series.newest == 100


def test_memory_is_bounded_and_keeps_the_newest():
    series = Series(keep=10)
    for value in range(1000):
        series.add(float(value))
    assert series.percentiles()["p50"] == pytest.approx(994.5)


def test_an_empty_series_has_zeros():
    assert Series().percentiles() == {"p50": 0.0, "p95": 0.0, "p99": 0.0}
    assert Series().newest == 0.0


def test_stages_are_timed_apart():
    timers = StageTimers()
    with timers.measure("infer"):
        sum(range(1000))
    assert list(timers.summary()) == list(STAGES)
    assert timers.newest_ms(("infer", "parse"))["infer"] > 0
    assert timers.newest_ms(("infer", "parse"))["parse"] == 0


def test_a_stage_that_fails_is_timed_too():
    timers = StageTimers(("infer",))
    with pytest.raises(RuntimeError), timers.measure("infer"):
        raise RuntimeError()
    assert timers.summary()["infer"]["p50"] > 0
