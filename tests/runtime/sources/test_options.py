import pytest

from catseye.runtime.errors import CatseyeError
from catseye.runtime.sources.faults import Limits
from catseye.runtime.sources.options import FPS, LIMITS, SIZE, limits_among, seconds_or_never
from catseye.runtime.system.option_values import read_options

OPTIONS = dict({"size": SIZE, "fps": FPS}, **LIMITS)


def test_limits_are_taken_out_and_the_usual_ones_stand_for_the_rest():
    values = read_options("fps=12.5&open_s=0.5&black_s=0&size=16x8192", OPTIONS, "x")
    assert limits_among(values) == Limits()._replace(open_s=0.5, black_s=0.0)
    assert values == {"fps": 12.5, "size_wh": (16, 8192)}


def test_zero_is_never_where_that_makes_sense():
    assert (seconds_or_never("0"), seconds_or_never("0.1")) == (0.0, 0.1)


@pytest.mark.parametrize(
    "option",
    ("open_s=0", "read_s=0", "read_s=3601", "freeze_s=-1", "freeze_s=nan", "black_s=3600.1"),
)
def test_times_out_of_range(option):
    with pytest.raises(CatseyeError, match="expected seconds"):
        read_options(option, OPTIONS, "x")


@pytest.mark.parametrize("option", ("size=15x20", "size=20x8193", "size=20", "fps=0", "fps=inf"))
def test_sizes_and_rates_out_of_range(option):
    with pytest.raises(CatseyeError, match=option.partition("=")[0]):
        read_options(option, OPTIONS, "x")
