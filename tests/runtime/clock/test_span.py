from catseye.runtime.clock.span import clock_time


def test_a_span_is_told_as_a_clock_does():
    assert [clock_time(s) for s in (0.4, 59.6, 3907)] == ["0:00", "1:00", "1:05:07"]
