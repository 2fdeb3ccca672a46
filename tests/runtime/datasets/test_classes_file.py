"""What classes.json says; its mistakes are tried in test_annotated_folder.py."""

import json

import pytest

from catseye.runtime.classes import VOID
from catseye.runtime.datasets.classes_file import UNKNOWN, read_classes
from catseye.runtime.errors import CatseyeError

CLASSES = [{"name": name, "id": i, "colour": [i, 0, 0]} for i, name in enumerate("abc")]


def test_ids_stand_for_classes_choices_or_nothing(tmp_path):
    path = tmp_path / "classes.json"
    choices = [{"id": 20, "one_of": ["a", "c"]}, {"id": 21, "none_of": ["b"], "colour": [9, 9, 9]}]
    path.write_text(json.dumps({"classes": [*choices, *CLASSES], "void": [255, [7, 7, 7]]}))
    found = read_classes(str(path))
    assert found.classes.names == ("a", "b", "c") and found.classes.road == VOID
    assert [partial.text(found.classes.names) for partial in found.partials] == [
        "one of a, c",
        "none of b",
    ]
    assert found.legend.by_id[[0, 1, 2, 20, 21, 255]].tolist() == [0, 1, 2, 3, 4, VOID]
    assert found.legend.by_colour[[0x090909, 0x070707]].tolist() == [4, VOID]


def test_too_many_entries(tmp_path):
    path = tmp_path / "classes.json"
    choices = [{"id": 300 + index, "one_of": ["a", "b"]} for index in range(252)]
    path.write_text(json.dumps({"classes": [*CLASSES, *choices]}))
    with pytest.raises(CatseyeError, match="255 entries; expected 254 at most"):
        read_classes(str(path))


def test_classes_without_colours_are_drawn_in_some_of_their_own(tmp_path):
    path = tmp_path / "classes.json"
    entries = [{"name": str(i), "id": i} for i in range(253)]
    entries[1]["colour"] = [191, 48, 48]  # that of the first, were it free
    path.write_text(json.dumps({"classes": entries}))
    found = read_classes(str(path))
    assert len(set(found.classes.colours_rgb)) == 253
    assert found.classes.colours_rgb[1] == (191, 48, 48) and found.legend.has_colours
    known = (found.legend.by_colour != UNKNOWN).nonzero()[0].tolist()
    assert known == [0xBF3030]  # no mask holds the others
    for entry in entries:
        entry.pop("colour", None)
        entry["supercategory"] = "nothing of ours"
    path.write_text(json.dumps({"classes": entries}))
    assert not read_classes(str(path)).legend.has_colours
