"""Sets with the same classes in another order, and with other choices, read under one table."""

import json

import cv2
import numpy as np
import pytest

from catseye.runtime.classes import CAMVID, VOID
from catseye.runtime.datasets.one_table import under_one_table, under_table
from catseye.runtime.datasets.partial import PartialLabel
from catseye.runtime.datasets.road import open_road_data
from catseye.runtime.errors import CatseyeError

COLOURS = {"Sky": [1, 1, 1], "Road": [2, 2, 2], "Tree": [3, 3, 3]}


@pytest.fixture
def make_set(tmp_path):
    """A folder `name` whose classes have the ids 0, 1, 2; its masks hold 0, 1, 2, 9 and void."""

    def make(name, order, **choice):
        classes = [{"name": n, "id": i, "colour": COLOURS[n]} for i, n in enumerate(order)]
        document = {"classes": [*classes, {"id": 9, **choice}], "void": 255, "road": "Road"}
        for kind, pixels in (("images", np.zeros((1, 5, 3))), ("masks", [[0, 1, 2, 9, 255]])):
            (tmp_path / name / kind).mkdir(parents=True)
            for index in range(2):
                path = str(tmp_path / name / kind / f"{index}.png")
                assert cv2.imwrite(path, np.array(pixels, np.uint8))
        (tmp_path / name / "classes.json").write_text(json.dumps(document))
        return open_road_data(str(tmp_path / name))

    return make


def first_row(data):
    return data.samples("train")[0].read()[1][0].tolist()


def test_two_orders_become_one(make_set):
    one = make_set("one", ("Sky", "Road", "Tree"), none_of=["Road"])
    other = make_set("other", ("Tree", "Road", "Sky"), one_of=["Sky", "Road"])
    first, second = under_one_table([one, other])
    assert first.classes == second.classes == one.classes
    assert first.partials == second.partials
    assert first.partials == (PartialLabel((1,), True), PartialLabel((0, 1), False))
    assert first_row(first) == [0, 1, 2, 3, VOID] and first_row(second) == [2, 1, 0, 4, VOID]


def test_another_road_is_another_table(make_set):
    one = make_set("one", ("Sky", "Road", "Tree"), none_of=["Road"])
    other = make_set("other", ("Sky", "Road", "Tree"), none_of=["Road"])
    for road, words in ((2, "Tree for the road"), (VOID, "no class for the road")):
        moved = other._replace(classes=other.classes._replace(road=road))
        with pytest.raises(CatseyeError, match="other with %s; expected Road" % words):
            under_one_table([one, moved])


def test_a_set_alone_stays_as_it_is(make_set):
    one = make_set("one", ("Sky", "Road", "Tree"), none_of=["Road"])
    assert under_one_table([one]) == [one]


def test_the_ids_of_a_model(make_set):
    other = make_set("other", ("Tree", "Road", "Sky"), none_of=["Tree"])
    mine = make_set("one", ("Sky", "Road", "Tree"), none_of=["Road"]).classes
    data = under_table(other, mine, "a model")
    assert first_row(data) == [2, 1, 0, 3, VOID] and data.partials == (PartialLabel((2,), True),)


def test_the_street_has_the_ids_of_the_table(monkeypatch):
    street = open_road_data("demo")
    backwards = CAMVID._replace(names=CAMVID.names[::-1])
    ids = under_table(street, backwards, "a model").samples("val")[0].read()[1]
    assert np.array_equal(10 - ids, street.samples("val")[0].read()[1])


def test_other_classes_are_refused(make_set):
    one = make_set("one", ("Sky", "Road", "Tree"), none_of=["Road"])
    with pytest.raises(CatseyeError, match="street with the classes Sky, Building.*of one: Sky"):
        under_one_table([one, open_road_data("demo")])


def test_more_choices_than_codes_are_refused(make_set):
    one = make_set("one", ("Sky", "Road", "Tree"), none_of=["Road"])
    apart = tuple(PartialLabel((index,), False) for index in range(3)) * 100
    names = tuple(f"class {index}" for index in range(252))
    wide = one.classes._replace(names=names)
    with pytest.raises(CatseyeError, match="252 classes and 3 choices"):
        under_one_table([one._replace(classes=wide, partials=apart)])
