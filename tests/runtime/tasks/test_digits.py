"""The digits task from frame to labels; the nearest of the demo's digits stands in for the
network."""

import json

import numpy as np
import pytest
from cards import card_of, tensor

from catseye.runtime.datasets.mnist import page_of_digits, read_digits
from catseye.runtime.frame import Frame
from catseye.runtime.model_file.card import Card
from catseye.runtime.tasks import open_task
from catseye.runtime.tasks.base import Result
from catseye.runtime.tasks.digits import Digits, DigitsSettings, DigitsTask

SLOTS = 12


def card_of_slots(number: int) -> Card:
    inputs = (tensor("slots", number, 32, 32),)
    outputs = (tensor("probabilities", number, 10, dtype="float32"),)
    return card_of("digits", inputs, outputs, settings=DigitsSettings(number))


CARD = card_of_slots(SLOTS)


def nearest_neighbour(slots: np.ndarray) -> np.ndarray:
    """(N, 32, 32) -> (N, 10): the label of the most alike training digit, blurred against small
    shifts."""
    train = read_digits("demo", "train")
    known, asked = (coarse(images) for images in (train.images, slots))
    labels = train.labels[(asked @ known.T).argmax(1)]
    return np.eye(10, dtype=np.float32)[labels] * 0.9 + 0.01


def coarse(images: np.ndarray) -> np.ndarray:
    vectors = (
        images.reshape(len(images), 16, 2, 16, 2)
        .mean((2, 4))
        .reshape(len(images), -1)
        .astype(np.float32)
    )
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1)


def page(seed: int, board: bool = False, number: int = SLOTS):
    digits = read_digits("demo", "test")
    chosen = np.random.RandomState(seed).choice(len(digits.labels), number, replace=False)
    return page_of_digits(digits.images[chosen], digits.labels[chosen], (640, 480), seed, board)


def read_page(task: DigitsTask, image: np.ndarray) -> Digits:
    inputs, found = task.prepare(Frame(image, 0, 0))
    return task.parse({"probabilities": nearest_neighbour(inputs["slots"])}, found)


@pytest.mark.parametrize("board", [False, True])
def test_digits_on_paper_and_slate_are_read(board: bool):
    right, number = 0, 0
    for seed in range(4):
        truth = page(seed, board)
        result = read_page(open_task(CARD), truth.image)
        found = dict(zip(result.boxes, result.labels))
        for (x, y, w, h), label in zip(truth.boxes, truth.labels):
            near = [
                b
                for b in found
                if abs(b[0] + b[2] / 2 - x - w / 2) < 12 and abs(b[1] + b[3] / 2 - y - h / 2) < 12
            ]
            right, number = right + any(found[b] == label for b in near), number + 1
    assert right / number > 0.85  # the nearest neighbour itself reads 95 % of the test digits


def test_slots_are_a_batch_of_the_cards_shape_and_the_frame_stays():
    truth = page(1, number=3)
    before = truth.image.copy()
    slots = DigitsTask(CARD).prepare(Frame(truth.image, 0, 0))[0]["slots"]
    assert slots.shape == (SLOTS, 32, 32) and slots.dtype == np.uint8
    assert [bool(slot.any()) for slot in slots] == [True] * 3 + [False] * (SLOTS - 3)
    assert np.array_equal(truth.image, before)


def test_more_digits_than_slots_fill_the_slots():
    task = DigitsTask(card_of_slots(4))
    inputs, found = task.prepare(Frame(page(2).image, 0, 0))
    assert inputs["slots"].shape == (4, 32, 32)
    assert len(task.parse({"probabilities": np.full((4, 10), 0.1, np.float32)}, found).boxes) == 4


def test_boxes_belong_to_the_frame_that_is_parsed():
    task = DigitsTask(CARD)
    one, other = Frame(page(3).image, 0, 0), Frame(page(4, number=5).image, 1, 0)
    outputs = {"probabilities": np.full((SLOTS, 10), 0.1, np.float32)}
    _, found = task.prepare(one)
    expected = task.parse(outputs, found).boxes
    _, others = task.prepare(other)
    assert len(task.parse(outputs, others).boxes) == 5
    assert task.parse(outputs, found).boxes == expected  # even out of turn


def test_a_frame_without_digits_has_an_empty_result():
    result = read_page(DigitsTask(CARD), np.full((240, 320, 3), 128, np.uint8))
    assert result == Digits((), (), ()) and result.as_json() == {"digits": []}


def test_the_result_is_a_result_and_plain_json():
    result = Digits(((3, 4, 20, 30), (40, 4, 10, 30)), (7, 1), (0.91234567, 0.5))
    assert isinstance(result, Result) and result.task == "digits"
    assert json.loads(json.dumps(result.as_json())) == {
        "digits": [
            {"label": 7, "probability": 0.9123, "box": [3, 4, 20, 30]},
            {"label": 1, "probability": 0.5, "box": [40, 4, 10, 30]},
        ]
    }
    with pytest.raises(AttributeError):
        result.labels = (1, 2)


@pytest.mark.parametrize("size_wh", [(640, 480), (32, 32)])
def test_labels_are_drawn_on_a_new_picture(size_wh):
    image = np.full((size_wh[1], size_wh[0], 3), 200, np.uint8)
    drawn = Digits(((4, 2, 12, 20),), (7,), (0.95,)).drawn_on(image)
    assert drawn.shape == image.shape and (drawn != image).any() and (image == 200).all()
    doubtful = Digits(((4, 2, 12, 20),), (7,), (0.4,)).drawn_on(image)
    assert (doubtful != drawn).any()


@pytest.mark.parametrize(
    "boxes", ([[1, 2, 3]], [[1, 2, 3, 4, 5]], [[0, 0, 1 << 40, 1]], [[-(1 << 63), 0, 1, 1]])
)
def test_arrays_of_something_else_are_no_result(boxes):
    arrays = Digits(((1, 2, 3, 4),), (5,), (0.5,)).arrays()
    with pytest.raises(ValueError):
        Digits.from_arrays(dict(arrays, boxes=np.array(boxes, np.int64)))
