"""The tables that `--classes` names."""

import json

import pytest

from catseye.export.adoption.class_tables import TABLES, class_table, table_named
from catseye.runtime.classes import VOID
from catseye.runtime.errors import CatseyeError


def test_tables_have_as_many_classes_as_their_data_sets():
    sizes = {name: len(table.names) for name, table in TABLES.items()}
    assert sizes == {"camvid": 11, "cityscapes": 19, "bdd": 19, "coco-stuff": 171}
    for table in TABLES.values():
        assert len(set(table.names)) == len(table.names) == len(table.colours_rgb)
        assert table.names[table.road].lower() == "road"


def test_a_number_and_a_file(tmp_path):
    assert table_named("3").names == ("class 0", "class 1", "class 2")
    assert table_named("3").road == VOID
    path = tmp_path / "classes.json"
    rows = [{"name": name, "id": i, "colour": [i, 0, 0]} for i, name in enumerate("ab")]
    path.write_text(json.dumps({"classes": rows}))
    assert table_named(str(path)).names == ("a", "b")


@pytest.mark.parametrize("text", ("1", "255", "99999999999999999999", "city", "-3"))
def test_anything_else_is_refused(text):
    with pytest.raises(CatseyeError, match="--classes"):
        table_named(text)


def test_colours_differ():
    table = class_table(tuple("abcdefghij"), "c")
    assert len(set(table.colours_rgb)) == 10 and table.road == 2


def test_one_class_is_named_by_road():
    with pytest.raises(CatseyeError, match="--road NAME"):
        table_named("1")
