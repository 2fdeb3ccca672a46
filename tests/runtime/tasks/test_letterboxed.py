"""What every task of whole frames does before its graph, and which cards it refuses."""

import numpy as np
import pytest
from cards import card_of, tensor

from catseye.runtime.errors import ModelFileError
from catseye.runtime.frame import Frame
from catseye.runtime.tasks.letterboxed import (
    LetterboxedTask,
    frame_wh_of,
    size_wh_of,
    size_words,
    trained_wh,
)


class Task(LetterboxedTask):
    """Gives back what it kept of the frame."""

    def parse(self, outputs, kept):
        return kept


def card(*inputs):
    return card_of("any", inputs or (tensor("picture", 1, 50, 70, 3),), ())


def test_the_size_is_the_cards():
    assert size_wh_of(card()) == (70, 50)


def test_a_frame_is_fitted_into_the_input_of_that_name():
    task = Task(card())
    inputs, kept = task.prepare(Frame(np.full((100, 100, 3), 200, np.uint8), 0, 0))
    picture = inputs["picture"]
    assert list(inputs) == ["picture"]
    assert (picture.shape, picture.dtype) == ((1, 50, 70, 3), np.uint8)
    assert (kept.x, kept.y, kept.width, kept.height) == (10, 0, 50, 50)
    assert (picture[0, :, 10:60] == 200).all() and (picture[0, :, :10] != 200).all()


def test_frames_of_any_size_may_follow_each_other():
    task = Task(card())
    for height, width in ((50, 70), (7, 300), (1080, 1920)):
        inputs, kept = task.prepare(Frame(np.zeros((height, width, 3), np.uint8), 0, 0))
        assert inputs["picture"].shape == (1, 50, 70, 3)
        assert kept.frame_wh == (width, height)


@pytest.mark.parametrize(
    "inputs, said",
    (
        ([tensor("frame", 1, 50, 70, 3)] * 2, "one frame"),
        ([tensor("frame", 2, 50, 70, 3)], "one frame"),
        ([tensor("frame", 1, 3, 50, 70)], "one frame"),
        ([tensor("frame", 50, 70, 3)], "one frame"),
        ([tensor("frame", 1, 50, 70, 3, dtype="float32")], "uint8"),
    ),
)
def test_cards_of_something_else_are_refused(inputs, said):
    with pytest.raises(ModelFileError, match="card.inputs: 'frame' of some file .*" + said):
        Task.check(card(*inputs), "some file")


def test_a_card_that_fits():
    Task.check(card(), "some file")


@pytest.mark.parametrize(
    "found",
    [
        None,
        [640],
        "640x360",
        [640, "360"],
        [640.0, 360],
        [0, 360],
        [-640, 360],
        [True, 64],
        [1e9, 9],
    ],
)
def test_the_size_of_a_training_that_does_not_say(found):
    assert trained_wh({"frame_wh": found}) is None and trained_wh({}) is None
    assert trained_wh({"frame_wh": [960, 540]}) == (960, 540)
    assert trained_wh({"frame_wh": [960, 1 << 20]}) is None


@pytest.mark.parametrize(
    "data, words",
    [
        ({}, "frames of 70x50"),
        ({"frame_wh": [70, 50]}, "frames of 70x50"),
        ({"frame_wh": [480, 352]}, "frames of 70x50, trained at 480x352"),
    ],
)
def test_the_words_for_the_size(data, words):
    model = card()
    model = model._replace(provenance=model.provenance._replace(data=data))
    assert size_words(model) == words


def test_a_model_of_something_else_has_no_size_of_frames():
    model = card(tensor("digits", 16, 32, 32))
    assert frame_wh_of(model) is None and size_words(model) == ""
