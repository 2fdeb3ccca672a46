"""Meta data come back as they were; what is missing or of another type is named."""

import json
import math
from dataclasses import replace

import pytest
from metas import NOTHING

from catseye.models.meta import LONGEST, meta_from_json, meta_from_text
from catseye.runtime.errors import ModelFileError


def test_there_and_back():
    assert meta_from_text(NOTHING.text(), "x") == NOTHING
    assert not {"start", "elastic", "batch", "rate"} & NOTHING.as_json().keys()
    asked = replace(NOTHING, batch=4, rate=0.5)
    assert meta_from_text(asked.text(), "x") == asked


@pytest.mark.parametrize(
    "name, value",
    [
        ("epoch", "3"),
        ("epoch", True),
        ("epoch", 3.0),
        ("config", []),
        ("task", 1),
        ("start", 1),
        ("metrics", None),
        ("elastic", "eamsgd"),
        ("batch", 0),
        ("rate", "fast"),
    ],
)
def test_a_value_of_another_type_is_named(name, value):
    with pytest.raises(ModelFileError, match=f"meta.{name} of x is"):
        meta_from_json({**NOTHING.as_json(), name: value}, "x")


@pytest.mark.parametrize("name", [name for name in NOTHING.as_json()])
def test_a_missing_value_is_named(name):
    values = NOTHING.as_json()
    del values[name]
    with pytest.raises(ModelFileError, match=f"meta of x has no '{name}'"):
        meta_from_json(values, "x")


@pytest.mark.parametrize(
    "text",
    [None, b"{}", "", "[]", "{", "9" * 5000, "[" * 200_000, '"' + "x" * LONGEST + '"'],
)
def test_text_that_is_no_meta_data(text):
    with pytest.raises(ModelFileError, match="^meta of x is"):
        meta_from_text(text, "x")


def test_what_is_no_number_is_null():
    measured = replace(NOTHING, metrics={"miou": math.nan, "iou": {"Road": [math.inf, 1.0]}})
    text = measured.text()
    assert meta_from_text(text, "x").metrics == {"miou": None, "iou": {"Road": [None, 1.0]}}


def test_a_field_of_a_later_version_is_no_harm():
    later = json.dumps({**NOTHING.as_json(), "mood": "good"})
    assert meta_from_text(later, "x") == NOTHING
