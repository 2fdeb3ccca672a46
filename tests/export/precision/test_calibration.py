"""Calibration frames: brought to the model as the runtime does, spread evenly, a third held out."""

import cv2
import numpy as np
import pytest

from catseye.export.precision.calibration import calibration_from
from catseye.runtime.datasets import camvid
from catseye.runtime.errors import CatseyeError
from catseye.runtime.frame import Frame, now_ns
from catseye.runtime.model_file.load import load_model
from catseye.runtime.tasks import open_task


@pytest.fixture()
def pictures(tmp_path):
    """Nine pictures of 100 x 40, which do not fit the model's 70 x 50."""
    random = np.random.RandomState(0)
    for number in range(9):
        cv2.imwrite(
            str(tmp_path / f"{number}.png"), random.randint(0, 256, (40, 100, 3)).astype(np.uint8)
        )
    return tmp_path


def test_pictures_are_letterboxed_as_the_runtime_does(pictures, small_model):
    card = load_model(str(small_model)).card
    calibration = calibration_from(str(pictures), card)
    assert (len(calibration.frames), len(calibration.held_out), calibration.data) == (6, 3, "")
    image = cv2.imread(str(pictures / "2.png"))
    expected = open_task(card).prepare(Frame(image, 0, now_ns()))[0]["frame"]
    assert expected.shape == (1, 50, 70, 3)
    assert np.array_equal(calibration.held_out[0]["frame"], expected)


def test_a_labelled_data_set_gives_its_training_part(small_model, monkeypatch):
    monkeypatch.setattr(camvid, "DEMO_FRAMES", {"train": (5, 4), "val": (0, 2)})
    calibration = calibration_from("demo", load_model(str(small_model)).card)
    assert (
        calibration.data == "demo"
        and len(calibration.frames) == 3
        and len(calibration.held_out) == 1
    )
    first = calibration.frames[0]["frame"]
    assert first.shape == (1, 50, 70, 3) and first.dtype == np.uint8


def test_digits_come_in_full_batches():
    card = load_model("digits").card
    calibration = calibration_from("demo", card)
    slots = calibration.frames[0]["slots"]
    assert slots.shape == card.inputs[0].shape and slots.reshape(len(slots), -1).any(axis=1).all()


def test_too_few_frames_and_cameras_are_refused(pictures, small_model):
    card = load_model(str(small_model)).card
    for number in range(2, 9):
        (pictures / f"{number}.png").unlink()
    with pytest.raises(CatseyeError, match="2 calibration frames"):
        calibration_from(str(pictures), card)
    with pytest.raises(CatseyeError, match="live source"):
        calibration_from("synthetic://road?live=1", card)
