import pytest

from catseye.runtime.clock.moment import monotonic_ns
from catseye.runtime.errors import CatseyeError
from catseye.runtime.latency.blink import is_lit
from catseye.runtime.sources import check_source, open_source


def test_it_films_what_the_light_was(monkeypatch):
    """At its own time, by its own clock."""
    with open_source("synthetic://light?delay=400&fps=50&size=160x90") as source:
        seen = []
        for frame in source:
            at_s = frame.since_ns / 1e9
            if is_lit(at_s) == is_lit(at_s - 0.01):  # not in the middle of a change
                seen.append((frame.image[36, 48].mean() > 100) == is_lit(at_s))
            assert frame.clock == "captured" and monotonic_ns() - frame.since_ns >= 4 * 10**8
            if len(seen) >= 30:
                break
    assert all(seen) and source.live and source.fps == 50


@pytest.mark.parametrize("options", ("delay=-1", "clock=x", "speed=1", "size=1x1", "frames=3"))
def test_hostile_options_are_one_line(options):
    check_source("synthetic://light")
    with pytest.raises(CatseyeError, match="such as synthetic://light"):
        open_source("synthetic://light?" + options)
