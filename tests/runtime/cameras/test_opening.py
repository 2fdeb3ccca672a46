import cv2
import numpy as np
import pytest

from catseye.runtime.cameras.opening import open_cameras
from catseye.runtime.errors import CatseyeError


@pytest.fixture
def picture(tmp_path):
    path = tmp_path / "one.png"
    cv2.imwrite(str(path), np.zeros((32, 32, 3), np.uint8))
    return str(path)


def test_cameras_are_open_under_their_names(picture, monkeypatch):
    monkeypatch.setenv("LEFT", picture)
    with open_cameras({"front": picture, "left": "env://LEFT"}) as cameras:
        assert list(cameras) == ["front", "left"]
        assert [len(list(source)) for source in cameras.values()] == [1, 1]
        assert cameras["left"].description == picture
    with open_cameras({"": picture}) as cameras:
        assert list(cameras) == [""]


def test_one_camera_has_one_name():
    live = "synthetic://road?size=32x32&live=1"
    with pytest.raises(CatseyeError, match="one address for two cameras, a and b: synth.*once"):
        with open_cameras({"a": live, "b": live}):
            pass


def test_what_does_not_open_closes_the_others(picture, tmp_path):
    with pytest.raises(CatseyeError, match="no source"):
        with open_cameras({"a": picture, "b": str(tmp_path / "none.mp4")}):
            pass
