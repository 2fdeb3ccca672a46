"""Pictures in a folder for each class, and the accuracy on them."""

import cv2
import numpy as np
import pytest

from catseye.runtime.datasets.labelled_folders import labelled_pictures
from catseye.runtime.errors import CatseyeError


def test_a_folder_is_a_class(tmp_path):
    for name in ("dog", "cat"):
        (tmp_path / "val" / name).mkdir(parents=True)
        cv2.imwrite(str(tmp_path / "val" / name / "1.png"), np.zeros((4, 4, 3), np.uint8))
    (tmp_path / "val" / "dog" / "notes.txt").write_text("no picture")
    found = labelled_pictures(str(tmp_path), "val", ("cat", "dog"))
    assert [each.label for each in found] == [0, 1]
    with pytest.raises(CatseyeError, match="'dog'"):
        labelled_pictures(str(tmp_path), "val", ("cat", "cow"))


def test_no_pictures_is_said(tmp_path):
    (tmp_path / "val" / "dog").mkdir(parents=True)
    with pytest.raises(CatseyeError, match="no pictures"):
        labelled_pictures(str(tmp_path), "val", ("dog",))


def test_the_demo_data_are_not_recommended_to_who_asked_for_them():
    with pytest.raises(
        CatseyeError, match="--data demo has nothing for this task; expected"
    ) as error:
        labelled_pictures("demo", "val", ("dog",))
    assert "use --data demo" not in str(error.value)
