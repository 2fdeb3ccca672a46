"""Each argparse type takes what fits, and says of anything else what was expected."""

import argparse

import pytest

from catseye.commands.parsing import values
from catseye.runtime.errors import CatseyeError


@pytest.mark.parametrize(
    "convert, text, value",
    [
        (values.positive_int, "1", 1),
        (values.not_negative_int, "0", 0),
        (values.positive_float, "0.5", 0.5),
        (values.not_negative_float, "0", 0.0),
        (values.share, "0.5", 0.5),
        (values.size, "640x360", (640, 360)),
    ],
)
def test_what_fits(convert, text, value):
    assert convert(text) == value


@pytest.mark.parametrize(
    "convert, text, expected",
    [
        (values.positive_int, "0", "a whole number above zero"),
        (values.positive_int, "many", "a whole number above zero"),
        (values.not_negative_int, "-1", "a whole number, zero or above"),
        (values.positive_float, "nan", "a number above zero"),
        (values.not_negative_float, "inf", "a number, zero or above"),
        (values.share, "0", "a number between 0 and 1, neither of them"),
        (values.share, "1", "a number between 0 and 1, neither of them"),
        (values.size, "640", "WIDTHxHEIGHT of at most 4096 each, such as 640x360"),
        (values.size, "99999x99999", "WIDTHxHEIGHT of at most 4096 each, such as 640x360"),
    ],
)
def test_what_does_not(convert, text, expected):
    with pytest.raises(argparse.ArgumentTypeError) as caught:
        convert(text)
    assert str(caught.value) == "%r is not %s" % (text, expected)


def test_a_picture_is_refused_before_it_is_drawn(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    wanted = str(tmp_path / "new" / "x.png")
    assert values.picture_path(wanted) == wanted and values.picture_path("x.png") == "x.png"
    with pytest.raises(CatseyeError, match="is a folder; expected the name of a PNG"):
        values.picture_path(str(tmp_path))
    with pytest.raises(CatseyeError, match="new/ is a folder; expected the name of a PNG"):
        values.picture_path(str(tmp_path / "new") + "/")
    with pytest.raises(CatseyeError, match="an empty path; expected the name of a PNG"):
        values.picture_path("")
    with pytest.raises(CatseyeError, match="file is no folder"):
        values.picture_path(str(tmp_path / "file" / "x.png"))
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
