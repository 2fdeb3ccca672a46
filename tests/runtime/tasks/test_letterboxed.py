"""What every task of whole frames does before its graph, and which cards it refuses."""

import numpy as np
import pytest
from cards import card_of, tensor

from catseye.runtime.errors import ModelFileError
from catseye.runtime.frame import Frame
from catseye.runtime.tasks.letterboxed import LetterboxedTask, size_wh_of


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
        assert kept.undo(np.zeros((50, 70), np.uint8)).shape == (height, width)


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
