"""GanTask and Samples with an engine's answer made by hand."""

import json

import numpy as np
from cards import card_of, tensor

from catseye.runtime.frame import Frame
from catseye.runtime.tasks import open_task
from catseye.runtime.tasks.gan import GanSettings, Samples, noise_bytes, sheet_of

CARD = card_of(
    "gan",
    (tensor("noise", 6, 64),),
    (tensor("pictures", 6, 32, 32),),
    settings=GanSettings(6, 64),
)


def frame(index: int, brightness: int = 0) -> Frame:
    return Frame(np.full((90, 160, 3), brightness, np.uint8), index, 0)


def test_noise_follows_from_the_frames_index_alone():
    task = open_task(CARD)
    first = task.prepare(frame(3))[0]["noise"]
    assert first.shape == (6, 64) and first.dtype == np.uint8
    assert np.array_equal(first, task.prepare(frame(3, brightness=200))[0]["noise"])
    assert not np.array_equal(first, task.prepare(frame(4))[0]["noise"])


def test_every_byte_is_as_likely():
    counts = np.bincount(noise_bytes((1000, 256), 0).ravel(), minlength=256)
    assert len(counts) == 256 and 850 < counts.min() and counts.max() < 1150


def test_the_result_keeps_its_pictures():
    """An engine may use its output buffer again."""
    buffer = np.full((6, 32, 32), 51, np.uint8)
    result = open_task(CARD).parse({"pictures": buffer}, None)
    buffer[:] = 0
    assert isinstance(result, Samples) and (result.pictures == 51).all()
    document = json.loads(json.dumps(result.as_json()))
    assert document == {"pictures": 6, "size": [32, 32], "ink": [0.2] * 6}


def test_a_sheet_goes_row_by_row():
    pictures = np.arange(6, dtype=np.uint8)[:, None, None].repeat(2, 1).repeat(3, 2)
    assert sheet_of(pictures, 4)[::2, ::3].tolist() == [[0, 1, 2, 3], [4, 5, 0, 0]]


def test_the_sheet_is_drawn_in_the_corner_and_the_frame_left_alone():
    image = np.full((90, 160, 3), 50, np.uint8)
    picture = Samples(np.full((16, 32, 32), 200, np.uint8)).drawn_on(image)
    assert picture.shape == image.shape and (image == 50).all()
    assert (
        (picture[:45, :45] == 200).all()
        and (picture[46:] == 50).all()
        and (picture[:, 46:] == 50).all()
    )
