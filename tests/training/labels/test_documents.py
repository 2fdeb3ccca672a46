"""Text files within their bounds."""

import pytest
from label_files import save_text

from catseye.runtime.errors import CatseyeError
from catseye.training.labels.documents import (
    bytes_of,
    json_fields,
    lines_of,
    mentions,
    missing_package,
    whole_number,
    yaml_document,
)


@pytest.mark.parametrize("text", ("", "{", "[" * 100_000, '{"a": NaN}', '{"a": %s}' % ("9" * 9999)))
def test_what_is_no_json(text, tmp_path):
    save_text(tmp_path / "a.json", text)
    with pytest.raises(CatseyeError, match="expected JSON"):
        json_fields(str(tmp_path / "a.json"), "a.json")


def test_fields_say_where_they_stand(tmp_path):
    save_text(tmp_path / "a.json", '{"shapes": [{"label": 3}]}')
    (shape,) = json_fields(str(tmp_path / "a.json"), "x/a.json").objects("shapes", least=1, most=1)
    with pytest.raises(CatseyeError, match=r"a.shapes\[0\].label of x/a.json is 3"):
        shape.text("label")


def test_text_of_other_encodings(tmp_path):
    (tmp_path / "a.txt").write_bytes(b"\xef\xbb\xbf road \r\n\r\ncar")
    assert lines_of(str(tmp_path / "a.txt")) == ["road", "car"]
    (tmp_path / "a.txt").write_bytes("road".encode("utf-16"))
    with pytest.raises(CatseyeError, match="UTF-8"):
        lines_of(str(tmp_path / "a.txt"))


def test_bounds(tmp_path):
    (tmp_path / "a").write_bytes(bytes(2_000_000))
    with pytest.raises(CatseyeError, match="has 2 MB; expected 1 at most"):
        bytes_of(str(tmp_path / "a"), 1_000_000)
    with pytest.raises(CatseyeError, match="cannot read"):
        bytes_of(str(tmp_path / "gone"))


def test_whole_numbers():
    texts = ("0", "007", "-1", "1.0", "\u00b2", "1" * 10, "")
    assert [whole_number(text) for text in texts] == [0, 7, -1, -1, -1, -1, -1]


def test_mentions(tmp_path):
    save_text(tmp_path / "a", "one two")
    save_text(tmp_path / "empty", "")
    assert mentions(str(tmp_path / "a"), b"two", b"one")
    assert not mentions(str(tmp_path / "a"), b"two", b"three")
    assert not mentions(str(tmp_path / "empty"), b"one") and not mentions(
        str(tmp_path / "gone"), b""
    )


def test_a_missing_package_is_named():
    line = str(missing_package("coco", ModuleNotFoundError("No module named 'pycocotools'")))
    assert "pycocotools" in line and "catseye[labels]" in line


def test_yaml_of_another_form(tmp_path):
    pytest.importorskip("yaml")
    save_text(tmp_path / "a.yaml", "- a\n")
    with pytest.raises(CatseyeError, match="no keys with values"):
        yaml_document(str(tmp_path / "a.yaml"))
    save_text(tmp_path / "a.yaml", "a: !!python/object:os.system {}\n")
    with pytest.raises(CatseyeError, match="plain YAML"):
        yaml_document(str(tmp_path / "a.yaml"))
