"""AutoencoderTask and Rebuild with an engine's answer made by hand."""

import json

import numpy as np
import pytest
from cards import card_of, tensor

from catseye.runtime.frame import Frame
from catseye.runtime.health.out_of_distribution import Reference
from catseye.runtime.tasks import open_task
from catseye.runtime.tasks.autoencoder import AutoencoderSettings, Rebuild

STREETS = Reference("streets", np.array([0.1, 0.05, 0.05]), np.diag([5.0, 1.0, 1.0]))
CARD = card_of(
    "autoencoder",
    (tensor("frame", 1, 90, 160, 3),),
    (tensor("error", 1, 9, 16, dtype="float32"), tensor("activity", 1, 2, dtype="float32")),
    settings=AutoencoderSettings(patch=10, stride=10, units=2, known=(STREETS,)),
)


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
    inputs, place = task.prepare(frame)
    prepared = inputs["frame"]
    assert prepared.shape == (1, 90, 160, 3) and prepared.dtype == np.uint8
    outputs = answer(0.1)
    inside = prepared[0, 5::10, 5::10, 0] == 90  # the middle of each patch
    outputs["error"][0][~inside] = 50
    result = task.parse(outputs, place)
    assert result.error.shape == patches
    if min(size_wh) > 10:
        assert (result.error == np.float32(0.1)).all() and result.score < 0.01


def test_a_frame_that_is_not_rebuilt_is_unfamiliar():
    task = open_task(CARD)
    _, place = task.prepare(frame_of(160, 90))
    assert task.parse(answer(0.1), place).score < 0.1 < 0.9 < task.parse(answer(0.9), place).score


def test_json_and_arrays_hold_it_all():
    task = open_task(CARD)
    result = task.parse(answer(0.2), task.prepare(frame_of(160, 90))[1])
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
