"""SparseTask and SparseCode with an engine's answer made by hand."""

import json

import numpy as np
import pytest
from cards import card_of, tensor

from catseye.runtime.frame import Frame
from catseye.runtime.tasks import open_task
from catseye.runtime.tasks.sparse import SparseCode, SparseSettings, SparseTask

SETTINGS = SparseSettings(10, 10, 0.5, 4, 1, 0.2, np.zeros((100, 4), "<f4").tobytes())
CARD = card_of(
    "sparse",
    (tensor("frame", 1, 90, 160, 3),),
    (tensor("code", 1, 4, 9, 16, dtype="float32"), tensor("rebuilt", 1, 90, 160)),
    settings=SETTINGS,
)


def answer(rebuilt: np.ndarray) -> dict:
    code = np.zeros((1, 4, 5, 6), np.float32)
    code[0, 2] = 0.5
    code[0, 1, 0, 0] = -1
    return {"code": code, "rebuilt": rebuilt[None]}


@pytest.mark.parametrize("size_wh", [(160, 90), (320, 180), (100, 90), (37, 50)])
def test_a_frame_goes_in_letterboxed_and_its_picture_comes_back_at_its_size(size_wh):
    gradient = np.add.outer(np.arange(size_wh[1]), np.arange(size_wh[0])) * 200 // (sum(size_wh))
    image = np.repeat(gradient[..., None], 3, 2).astype(np.uint8)
    task, frame = SparseTask(CARD), Frame(image, 0, 0)
    inputs, place = task.prepare(frame)
    prepared = inputs["frame"]
    assert prepared.shape == (1, 90, 160, 3) and prepared.dtype == np.uint8
    result = task.parse(answer(prepared[0, ..., 0]), place)
    assert result.rebuilt.shape == image.shape[:2]
    assert abs(result.rebuilt.astype(int) - gradient).max() <= 3


def test_json_says_how_sparse_the_code_is():
    task = open_task(CARD)
    _, place = task.prepare(Frame(np.zeros((90, 160, 3), np.uint8), 0, 0))
    result = task.parse(answer(np.zeros((90, 160), np.uint8)), place)
    document = json.loads(json.dumps(result.as_json()))
    assert document["active"] == pytest.approx(1 + 1 / 30, abs=1e-3)
    assert (
        document["size"] == [160, 90] and document["patches"] == [6, 5] and document["atoms"] == 4
    )
    assert document["busiest"]["2"] == 1.0


def test_drawing_leaves_the_frame_alone():
    image = np.full((90, 160, 3), 50, np.uint8)
    result = SparseCode(np.zeros((4, 5, 6), np.float32), np.full((90, 160), 200, np.uint8))
    picture = result.drawn_on(image)
    assert picture.shape == image.shape and (image == 50).all()
    assert (picture[60, 10] == 50).all() and (picture[60, 150] == 200).all()
