"""Small documents: what ROS and OpenCV write is read, what is none or too much is one line."""

import cv2
import numpy as np
import pytest

from catseye.runtime.errors import CatseyeError
from catseye.runtime.geometry.document_file import (
    LARGEST,
    document_from_bytes,
    document_from_file,
)


@pytest.mark.parametrize("ending", ["yaml", "xml", "json"])
def test_what_opencv_writes_is_read(tmp_path, ending):
    path = str(tmp_path / ("a." + ending))
    storage = cv2.FileStorage(path, cv2.FILE_STORAGE_WRITE)
    storage.write("K", np.eye(3))
    storage.write("image_width", 640)
    storage.release()
    found = document_from_file(path)
    assert found["image_width"] == 640 and found["K"]["data"] == [1, 0, 0, 0, 1, 0, 0, 0, 1]


def test_yaml_of_other_hands_is_read():
    text = "\ufeff# a camera\n---\na:\n  b: [1, 2.5,\n    3]\nlist:\n  - 1\n  - x\nw: 'a b'\n"
    assert document_from_bytes(text.encode(), "x") == {
        "a": {"b": [1, 2.5, 3]},
        "list": [1, "x"],
        "w": "a b",
    }


@pytest.mark.parametrize(
    "text",
    (
        "a:\n- 1\n- 2.5\nb:\n  c:\n  - 3\n",  # as PyYAML and `ros2 topic echo` write it
        "a:\n  - 1\n  - 2.5\nb:\n  c:\n    - 3\n",
        "---\na: [1, 2.5]\nb: {c: [3]}\n---\na: [7]\n",  # a second message
        "a: [1, 2.5] # two\nb: {c: [3]}\n...\n",
    ),
)
def test_one_mapping_in_the_styles_of_many_writers(text):
    assert document_from_bytes(text.encode(), "x") == {"a": [1, 2.5], "b": {"c": [3]}}


def test_negative_numbers_at_the_start_of_a_line_are_no_list():
    assert document_from_bytes(b"a: [1,\n  -2,\n  -3]\n", "x") == {"a": [1, -2, -3]}


@pytest.mark.parametrize(
    "data",
    [
        *(b"", b"\0", b"\xff\xfe", b"hello", b"[1, 2]", b"{", b"a: [1", b"a: .nan", b"a: 1e999"),
        b"<?xml version='1.0'?><opencv_storage><a>",
        b"a: " + b"[" * 3000,
        b"a:\n" + b"- " * 9000,
        b"<?xml version='1.0'?><opencv_storage>" + b"<a>" * 9000,
        b"a: [" + b"1," * 9000 + b"1]",
        b"a: 1\n" * LARGEST,
    ],
)
def test_what_is_none_is_one_line(data):
    with pytest.raises(CatseyeError) as told:
        document_from_bytes(data, "cam.yaml")
    assert "cam.yaml" in str(told.value) and len(str(told.value)) < 300


def test_cut_and_spoilt_files_never_do_more_than_that():
    good = b"---\nK: !!opencv-matrix\n   rows: 1\n   cols: 2\n   dt: d\n   data: [ 1., 2. ]\n"
    rng = np.random.default_rng(0)
    for _ in range(300):
        spoilt = bytearray(good[: rng.integers(1, len(good) + 1)])
        for _ in range(rng.integers(0, 4)):
            spoilt[rng.integers(len(spoilt))] = rng.integers(256)
        try:
            document_from_bytes(bytes(spoilt), "x")
        except CatseyeError:
            pass


def test_files_that_are_not_there_or_too_large(tmp_path):
    with pytest.raises(CatseyeError, match="cannot read"):
        document_from_file(str(tmp_path / "none"))
    (tmp_path / "large").write_bytes(b"a" * (LARGEST + 1))
    for path in (str(tmp_path / "large"), "/dev/zero"):
        with pytest.raises(CatseyeError, match="more than 65536"):
            document_from_file(path)
