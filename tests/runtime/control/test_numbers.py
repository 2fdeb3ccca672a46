import pytest

from catseye.runtime.control.numbers import full_name, numbers_of
from catseye.runtime.errors import CatseyeError

ROW = {
    "age_ms": 12.5,
    "stale": True,
    "task": "road",
    "health": {"verdict": "ok", "score": 0.2},
    "result": {
        "free": [0.1, 0.2],
        "free_m": None,
        "directions": {"free_m": [7]},
        "digits": [{"label": 3}],
        "score": 1,
        "corridor_m": [],
    },
}


def test_every_number_has_a_name():
    assert numbers_of(ROW) == {
        "age_ms": 12.5,
        "stale": 1.0,
        "health.score": 0.2,
        "result.free": 2.0,
        "result.free[0]": 0.1,
        "result.free[1]": 0.2,
        "result.free_m": None,
        "result.directions.free_m": 1.0,
        "result.directions.free_m[0]": 7.0,
        "result.digits": 1.0,
        "result.digits[0].label": 3.0,
        "result.score": 1.0,
        "result.corridor_m": 0.0,
        "result.corridor_m[0]": None,
    }


@pytest.mark.parametrize(
    "name, full",
    (
        ("age_ms", "age_ms"),
        ("free_m", "result.free_m"),
        ("directions.free_m[0]", "result.directions.free_m[0]"),
        ("free[1]", "result.free[1]"),
        ("free[31]", "result.free[31]"),  # the next row's may be longer
        ("free_m[5]", "result.directions.free_m[5]"),  # free_m itself is one number
        ("corridor_m[3][1]", "result.corridor_m[3][1]"),
        ("digits[0].label", "result.digits[0].label"),
        ("health.score", "health.score"),
    ),
)
def test_a_short_name_is_the_one_number_that_ends_so(name, full):
    assert full_name(name, list(numbers_of(ROW))) == full


@pytest.mark.parametrize(
    "name, told",
    (
        ("fre_m", "one such as result.free_m,"),
        ("score", "health.score or result.score"),
        ("task", "no number 'task'"),
        ("nowhere[0]", "no number 'nowhere'"),
        ("age_ms[0]", "'age_ms' is one number"),
        ("free[64]", "an element from 0 to 63"),
        ("eason", "no number"),
    ),
)
def test_a_name_that_rows_do_not_have_is_one_line(name, told):
    with pytest.raises(CatseyeError, match=told) as caught:
        full_name(name, list(numbers_of(ROW)))
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 400
