import cv2
import numpy as np
import pytest

from catseye.runtime.errors import CatseyeError
from catseye.runtime.sources import open_source


def save(path, value=100, shape=(8, 10, 3), dtype=np.uint8):
    assert cv2.imwrite(str(path), np.full(shape, value, dtype))
    return path


@pytest.fixture
def pictures(tmp_path):
    for name, value in (("b.png", 20), ("a.JPG", 10), ("c.bmp", 30)):
        save(tmp_path / name, value)
    (tmp_path / "notes.txt").write_text("no picture")
    (tmp_path / ".hidden.png").write_text("no picture")
    return tmp_path


def test_a_folder_is_sorted_and_other_files_are_let_be(pictures):
    with open_source(str(pictures)) as source:
        frames = list(source)
    assert [frame.name for frame in frames] == ["a", "b", "c"]
    assert [frame.index for frame in frames] == [0, 1, 2]
    assert [int(frame.image.mean()) for frame in frames] == [10, 20, 30]
    assert not source.live and source.skipped == 0


def test_a_glob_and_a_single_picture(pictures):
    with open_source(str(pictures / "[bc].*")) as source:
        assert [frame.name for frame in source] == ["b", "c"]
    with open_source(str(pictures / "b.png")) as source:
        assert [frame.name for frame in source] == ["b"]


def test_a_file_whose_name_looks_like_a_glob_is_that_file(tmp_path):
    save(tmp_path / "x[1].png", 77)
    with open_source(str(tmp_path / "x[1].png")) as source:
        assert [int(frame.image.mean()) for frame in source] == [77]


def test_equal_stems_are_not_used_as_names(tmp_path):
    save(tmp_path / "a.png")
    save(tmp_path / "a.bmp")
    with open_source(str(tmp_path)) as source:
        assert [frame.name for frame in source] == ["", ""]


@pytest.mark.parametrize(
    "shape, dtype", (((8, 10), np.uint8), ((8, 10, 4), np.uint8), ((8, 10), np.uint16))
)
def test_grey_alpha_and_deep_pictures_become_bgr(tmp_path, shape, dtype):
    save(tmp_path / "a.png", 0, shape, dtype)
    with open_source(str(tmp_path / "a.png")) as source:
        image = next(iter(source)).image
    assert image.shape == (8, 10, 3) and image.dtype == np.uint8


@pytest.mark.parametrize(
    "spoil", (lambda data: data[: len(data) // 2], lambda data: b"", lambda data: b"text" * 50)
)
@pytest.mark.parametrize("suffix", (".png", ".jpg"))
def test_a_spoilt_picture_is_named_and_nothing_else_is_said(pictures, capfd, spoil, suffix):
    whole = cv2.imencode(
        suffix, np.random.RandomState(0).randint(0, 255, (40, 40, 3)).astype(np.uint8)
    )[1].tobytes()
    (pictures / ("bad" + suffix)).write_bytes(spoil(whole))
    with open_source(str(pictures)) as source, pytest.raises(CatseyeError) as caught:
        list(source)
    assert "bad" + suffix in str(caught.value) and "\n" not in str(caught.value)
    assert capfd.readouterr().err == ""


def test_an_empty_folder_and_a_glob_without_match(tmp_path):
    with pytest.raises(CatseyeError, match="no pictures"):
        open_source(str(tmp_path))
    with pytest.raises(CatseyeError, match="nothing matches"):
        open_source(str(tmp_path / "*.png"))


def test_what_would_be_overwritten(pictures):
    source = open_source(str(pictures))
    assert source.overwritten_by(str(pictures)) and source.overwritten_by(str(pictures / "b.png"))
    assert not source.overwritten_by(str(pictures / "out"))
