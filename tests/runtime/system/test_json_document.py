"""JSON read field by field: types, ranges and depth, and the path of what is wrong."""

import base64
import math
import tracemalloc

import numpy as np
import pytest

from catseye.runtime.errors import ModelFileError, SinkError
from catseye.runtime.system.json_document import DEEPEST, Fields, json_from_bytes, json_from_text


def fields(**document):
    return Fields(document, path="card", of="some file", fix="fix it")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[NaN]",
        "[Infinity]",
        "[1e999]",
        '{"a": 1, "a": 2}',
        "[" * (DEEPEST + 1) + "]" * (DEEPEST + 1),
        "[" * 100_000,
        '["\\ud800"]',
        '{"\\uDFFF": 1}',
        '["\ud800"]',
    ],
)
def test_what_is_no_plain_json_is_a_value_error(text):
    with pytest.raises(ValueError):
        json_from_text(text)


def test_brackets_in_text_are_no_depth():
    assert json_from_text('["' + "[" * 1000 + '", "\\"[["]') == ["[" * 1000, '"[[']


@pytest.mark.parametrize("before", ("", "\\\\\\\\", '\\\\\\"', '\\\\\\\\\\"', "\\\\u005b"))
def test_depth_is_counted_behind_escapes_too(before):
    nested = "[" * (DEEPEST - 1) + "]" * (DEEPEST - 1)
    json_from_text('["%s", %s]' % (before, nested))
    with pytest.raises(ValueError, match="within each other"):
        json_from_text('["%s", [%s]]' % (before, nested))


def test_a_long_text_takes_no_more_than_a_few_times_its_size():
    text = '"%s"' % ("x" * 2_000_000)
    tracemalloc.start()
    assert json_from_text(text) == text[1:-1]
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 10_000_000


def test_two_halves_of_a_character_are_one():
    assert json_from_text('["\\ud83d\\ude00", "\\\\ud800"]') == ["\U0001f600", "\\ud800"]


def test_bytes_must_be_utf_8():
    assert json_from_bytes('["ü"]'.encode()) == ["ü"]
    with pytest.raises(ValueError):
        json_from_bytes(b'["\xff"]')


@pytest.mark.parametrize(
    "method, good, wrong",
    [
        (lambda f: f.text("x", most=3), "abc", ["abcd", 1, None, True]),
        (lambda f: f.text("x", among=("a", "b")), "a", ["c"]),
        (lambda f: f.integer("x", 1, 9), 9, [0, 10, 1.0, True, "1", None]),
        (lambda f: f.number("x", 0.0, 1.0), 0.5, [-0.1, 1.1, True, "0", None, 10**400]),
        (lambda f: f.flag("x"), True, [0, 1, "true", None]),
        (lambda f: f.texts("x", most=2), ["a"], [["a", "b", "c"], [1], "a", None]),
        (lambda f: f.integers("x", (1, 2), 0, 5), [5], [[], [1, 2, 3], [6], [True], 1]),
        (lambda f: f.numbers_by_name("x", most=1, least=0.0), {"a": 1}, [{"a": -1}, {"a": "1"}]),
        (lambda f: f.texts_by_name("x", most=1), {"a": "b"}, [{"a": 1}, {"a": "b", "c": "d"}, []]),
        (lambda f: f.objects("x", least=1, most=1), [{}], [[], [{}, {}], [1], {}]),
        (lambda f: f.free("x"), {"a": [None]}, [[], 1, None]),
    ],
)
def test_a_value_is_of_its_type_and_range_or_one_line(method, good, wrong):
    method(fields(x=good))
    for value in wrong:
        with pytest.raises(ModelFileError, match=r"^card\.x.* of some file .*fix it$"):
            method(fields(x=value))
    with pytest.raises(ModelFileError, match="card of some file has no 'x'"):
        method(fields())


def test_the_path_goes_into_lists_and_objects():
    inner = fields(rows=[{"sizes": [1, 2]}, {"sizes": [3, -4]}]).objects("rows", least=0, most=9)
    with pytest.raises(ModelFileError, match=r"card\.rows\[1\]\.sizes\[1\] of some file is -4"):
        inner[1].integers("sizes", (2, 2), 0, 9)


def test_float32_are_counted_and_finite():
    packed = base64.b64encode(np.array([1, 2], "<f4").tobytes()).decode()
    assert fields(x=packed).float32("x", 2) == np.array([1, 2], "<f4").tobytes()
    infinite = base64.b64encode(np.array([1, math.inf], "<f4").tobytes()).decode()
    for wrong in (packed[:-4], infinite, "no base64", 5):
        with pytest.raises(ModelFileError):
            fields(x=wrong).float32("x", 2)


def test_the_kind_of_error_is_the_callers():
    with pytest.raises(SinkError):
        Fields([], path="row", of="a sink", fix="", kind=SinkError)
