"""Camera models by name."""

import pytest

from catseye.runtime.cameras.models import models_by_name
from catseye.runtime.errors import CatseyeError


@pytest.fixture
def path(tmp_path):
    (tmp_path / "cam.yaml").write_text("fov_deg: 60\nheight_m: 1.4\n")
    return str(tmp_path / "cam.yaml")


def test_each_camera_has_its_own(path):
    assert set(models_by_name([path], [""])) == {""}
    assert set(models_by_name([path], ["front"])) == {"front"}
    assert set(models_by_name(["left=" + path], ["front", "left"])) == {"left"}
    assert models_by_name([], ["front", "left"]) == {}


@pytest.mark.parametrize(
    "texts, names, words",
    [
        (["%s"], ["front", "left"], "NAME=FILE"),
        (["rear=%s"], ["front", "left"], "no --source"),
        (["front=%s"], [""], "no --source"),
        (["front=%s", "front=%s"], ["front", "left"], "two camera models"),
        (["%s", "%s"], [""], "two camera models"),
    ],
)
def test_what_fits_no_camera_is_refused(path, texts, names, words):
    with pytest.raises(CatseyeError, match=words):
        models_by_name([text % path for text in texts], names)
