"""AutoencoderTask and Rebuild with an engine's answer made by hand."""

import json

import numpy as np
import pytest

from catseye.runtime.frame import Frame
from catseye.runtime.health.out_of_distribution import Reference, settings_from_references
from catseye.runtime.tasks import open_task
from catseye.runtime.tasks.autoencoder import Rebuild

STREETS = Reference("streets", np.array([0.1, 0.05, 0.05]), np.diag([5.0, 1.0, 1.0]))
CARD = {
    "task": "autoencoder",
    "inputs": [{"name": "frame", "shape": [1, 90, 160, 3], "dtype": "uint8"}],
    "settings": {"patch": 10, "stride": 10, "known": settings_from_references([STREETS])},
}


def answer(error: float) -> dict:
    return {
        "error": np.full((1, 9, 16), error, np.float32),
        "activity": np.full((1, 2), 0.05, np.float32),
    }


def frame_of(width: int, height: int) -> Frame:
    return Frame(np.full((height, width, 3), 90, np.uint8), 0, 0)


# (100, 90) lies in the box at x = 30; (95, 41) at x = 32, y = 24, where 8 columns and 3 rows of
# patches fit
@pytest.mark.parametrize(
    "size_wh, patches",
    [
        ((160, 90), (9, 16)),
        ((320, 180), (9, 16)),
        ((100, 90), (9, 10)),
        ((95, 41), (3, 8)),
        ((4, 3), (1, 1)),
    ],
)
def test_patches_outside_the_frame_do_not_count(size_wh, patches):
    task, frame = open_task(CARD), frame_of(*size_wh)
    prepared = task.prepare(frame)["frame"]
    assert prepared.shape == (1, 90, 160, 3) and prepared.dtype == np.uint8
    outputs = answer(0.1)
    inside = prepared[0, 5::10, 5::10, 0] == 90  # the middle of each patch
    outputs["error"][0][~inside] = 50
    result = task.parse(outputs, frame)
    assert result.error.shape == patches
    if min(size_wh) > 10:
        assert (result.error == np.float32(0.1)).all() and result.score < 0.01


def test_a_frame_that_is_not_rebuilt_is_unfamiliar():
    task, frame = open_task(CARD), frame_of(160, 90)
    assert task.parse(answer(0.1), frame).score < 0.1 < 0.9 < task.parse(answer(0.9), frame).score


def test_json_and_arrays_hold_it_all():
    result = open_task(CARD).parse(answer(0.2), frame_of(160, 90))
    document = json.loads(json.dumps(result.as_json()))
    assert (
        document["error"] == 0.2 and document["patches"] == [16, 9] and document["activity"] == 0.05
    )
    again = Rebuild.from_arrays(result.arrays())
    assert again.score == result.score and (again.error == result.error).all()


def test_drawing_leaves_the_frame_alone():
    image = np.full((90, 160, 3), 50, np.uint8)
    error = np.zeros((9, 16), np.float32)
    error[:, 8:] = 1
    picture = Rebuild(error, np.zeros(2, np.float32), 0.7).drawn_on(image)
    assert picture.shape == image.shape and (image == 50).all()
    assert picture[60, 150].mean() > picture[60, 10].mean() + 50
