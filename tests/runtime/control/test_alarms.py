import pytest

from catseye.runtime.control.alarms import Alarms, conditions_from_texts, names_of
from catseye.runtime.errors import CatseyeError


def alarms(*texts):
    return Alarms(conditions_from_texts(texts), "front")


def raised(watched, *free_by_second):
    return [watched.check({"result": {"free_m": free}}, at_s) for at_s, free in free_by_second]


def test_raised_at_once_and_cleared_after_a_second_without(caplog):
    watched = alarms("near=free_m < 10")
    rows = ((0, 12), (0.1, 9), (0.2, 10.1), (0.9, 9), (1, 10), (1.8, 11), (1.95, 11), (2, 9))
    near = ("near",)
    assert raised(watched, *rows) == [(), near, near, near, near, near, (), near]
    assert watched.counts == {"near": 2}
    told = [one.getMessage() for one in caplog.records if one.levelname == "WARNING"]
    assert told == ["alarm near of camera front: free_m < 10"] * 2


def test_a_number_at_the_threshold_is_one_alarm():
    watched = alarms("near=free_m < 10")
    told = raised(watched, *((second / 30, 10 + (-1) ** second * 0.01) for second in range(1, 300)))
    assert watched.counts == {"near": 1} and set(told) == {("near",)}


def test_what_is_not_known_raises_nothing_and_clears_nothing():
    watched = alarms("near=free_m < 10")
    assert raised(watched, (0, None), (0.1, 5), (5, None), (5.5, 20), (6.1, 20)) == [
        (), ("near",), ("near",), ("near",), (),
    ]  # fmt: skip


def test_without_a_name_the_expression_is_it_and_several_keep_their_order():
    watched = alarms("free_m  < 10", "far=free_m >= 10", "free_m == 9 or free_m == 8")
    assert raised(watched, (0, 9)) == [("free_m < 10", "free_m == 9 or free_m == 8")]
    assert watched.counts == {"free_m < 10": 1, "far": 0, "free_m == 9 or free_m == 8": 1}


def test_a_replay_that_begins_anew_clears_too():
    watched = alarms("near=free_m < 10")
    assert raised(watched, (100, 9), (3, 12)) == [("near",), ()]


@pytest.mark.parametrize(
    "texts",
    (
        ["near=free_m < 10", "near=free_m < 5"],
        ["free_m < 10", "free_m  <  10"],
        ["n%d=free_m < 1" % number for number in range(17)],
        ["free_m < 10 and free_m > 9 and free_m != 9.5"],
        [("x" * 33) + "=free_m < 10"],
        ["near="],
        ["=free_m < 10"],
        ["near = = 3"],
    ),
)
def test_names_and_numbers_have_bounds(texts):
    with pytest.raises(CatseyeError) as caught:
        conditions_from_texts(texts)
    assert "\n" not in str(caught.value)


def test_a_name_of_another_camera_model_is_told_with_the_first_row():
    with pytest.raises(CatseyeError, match="no number 'free_m' in the rows of camera front"):
        alarms("free_m < 10").check({"age_ms": 3.0, "result": {"free": [0.5]}}, 0.0)
    assert names_of(conditions_from_texts(["a<b.c"]), ["x.a", "b.c"]) == {"a": "x.a", "b.c": "b.c"}
    assert Alarms(()).check({}, 0.0) == ()
