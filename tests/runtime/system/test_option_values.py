import pytest

from catseye.runtime.errors import CatseyeError
from catseye.runtime.system.option_values import (
    choice,
    filled,
    looks_like_options,
    number,
    number_above,
    read_options,
    size_wh,
    switch,
    whole,
)

OPTIONS = {
    "seed": ("seed", whole(0, 9), "a whole number from 0 to 9"),
    "size": ("size_wh", size_wh(16, 64), "WIDTHxHEIGHT, each from 16 to 64"),
}


def test_values_that_fit():
    assert whole(1)("12") == 12
    assert (number(0, 1)("0"), number(0, 1)("1"), number_above(0, 1)("1")) == (0.0, 1.0, 1.0)
    assert (size_wh()("640x360"), size_wh()("1X2")) == ((640, 360), (1, 2))
    assert (choice("tcp", "udp")("udp"), switch("1"), filled("x")) == ("udp", True, "x")


@pytest.mark.parametrize(
    "read, text",
    [
        (whole(1), "0"),
        (whole(1, 3), "4"),
        (whole(1), "1.0"),
        (whole(1), ""),
        (number(0), "-1e-9"),
        (number(0, 1), "1.1"),
        (number(0), "nan"),
        (number(0), "inf"),
        (number_above(0), "0"),
        (number_above(0), "-0.0"),
        (number_above(0), "inf"),
        (size_wh(16, 64), "15x16"),
        (size_wh(16, 64), "16x65"),
        (size_wh(), "640"),
        (size_wh(), "1x2x3"),
        (size_wh(), "0x1"),
        (choice("tcp"), "TCP"),
        (switch, "2"),
        (filled, ""),
    ],
)
def test_values_that_do_not_fit(read, text):
    with pytest.raises(ValueError):
        read(text)


def test_options_set_their_fields():
    assert read_options("seed=3&size=16x64", OPTIONS, "x") == {"seed": 3, "size_wh": (16, 64)}
    assert read_options("", OPTIONS, "x") == {}


def test_an_option_that_does_not_fit_says_what_would():
    with pytest.raises(CatseyeError) as caught:
        read_options("seed=10", OPTIONS, "road?seed=1")
    assert str(caught.value) == "seed=10; expected a whole number from 0 to 9; such as road?seed=1"
    with pytest.raises(CatseyeError, match="unknown option 'sed'; expected one of seed, size"):
        read_options("sed=1", OPTIONS, "road?seed=1")


def test_what_looks_like_options():
    assert looks_like_options("open_s=1&x=")
    assert not looks_like_options("")
    assert not looks_like_options("a=1&&b=2")
    assert not looks_like_options("a=1=2")
    assert not looks_like_options("a=1\n&")
