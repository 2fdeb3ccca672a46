"""Classes as they are met, and the road among them."""

import pytest

from catseye.runtime.classes import VOID
from catseye.runtime.errors import CatseyeError
from catseye.training.labels.label_set import MOST_CLASSES, Classes


def classes(*names):
    found = Classes()
    for name in names:
        found.code(name)
    return found


@pytest.mark.parametrize(
    "names, wanted, road",
    [
        ("car Road", "", "Road"),
        ("car street", "", "street"),
        ("flat--curb flat--road", "", "flat--road"),
        ("road drivable", "", "road"),
        ("car drivable-area", "", "drivable-area"),
        ("car drivable-a drivable-b", "", None),  # which of them?
        ("car railroad", "", None),
        ("road track", "track", "track"),
    ],
)
def test_the_road(names, wanted, road):
    assert classes(*names.split()).table(wanted).as_json()["road"] == road


def test_a_road_that_is_no_class():
    with pytest.raises(CatseyeError, match="--road 'Road'; expected a class: road, car"):
        classes("road", "car").table("Road")


def test_names_that_say_void_and_names_that_are_none():
    found = classes(" road ", "car")
    assert [found.code(name) for name in ("Void", "__ignore__", "unlabeled", "car", "road")] == [
        VOID,
        VOID,
        VOID,
        1,
        0,
    ]
    for name in ("", " ", "a\nb", "a" * 300):
        with pytest.raises(CatseyeError, match="printable"):
            found.code(name)


def test_the_rest():
    assert classes("a", "_background_").rest("background") == 1
    assert classes("a", "b").rest("background") == 2
    assert classes("a", "b").rest("void") == VOID
    assert classes("road", "b").rest("off-road") == 2
    for mistyped, meant in (("vodi", "void"), ("raod", "road"), ("backgroud", "background")):
        with pytest.raises(CatseyeError, match=f"did you mean {meant}"):
            classes("road", "b").rest(mistyped)


def test_number_and_colours():
    with pytest.raises(CatseyeError, match="one class or none"):
        classes("road").table("")
    many = classes(*(f"class {i}" for i in range(MOST_CLASSES)))
    assert len(set(many.table("").colours_rgb)) == MOST_CLASSES
    with pytest.raises(CatseyeError, match="253 at most"):
        many.code("one more")
    found = Classes()
    for name, colour in (("a", None), ("b", (1, 2, 3)), ("c", (1, 2, 3))):
        found.code(name, colour)
    assert found.table("").colours_rgb[1] == (1, 2, 3)
    assert len(set(found.table("").colours_rgb)) == 3
