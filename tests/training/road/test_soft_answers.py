"""A teacher's answers: what it says, asked once, and found again."""

import numpy as np
import pytest
import torch

from catseye.models.checkpoint import load_checkpoint
from catseye.runtime.classes import NAMES, VOID
from catseye.runtime.errors import CatseyeError
from catseye.training.frames import Frames
from catseye.training.road import soft_answers
from catseye.training.road.prediction import network_input_from_bgr
from catseye.training.road.soft_answers import WHOLE, SoftAnswers, Teacher
from catseye.training.road.unlabelled import VideoFrame

BOX_WH = (64, 48)


@pytest.fixture(autouse=True)
def cache(monkeypatch, tmp_path):
    monkeypatch.setenv("CATSEYE_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def frames():
    random = np.random.default_rng(0)
    sizes = [(48, 64), (48, 64), (40, 60)]
    pictures = [random.integers(0, 256, (*size, 3)).astype(np.uint8) for size in sizes]
    return Frames([VideoFrame(f"v#{i}", "v", p) for i, p in enumerate(pictures)], box_wh=BOX_WH)


def test_it_is_the_mean_over_a_frame_and_its_mirror_image(small_checkpoint, frames):
    teacher = Teacher(small_checkpoint, NAMES)
    image, _ = frames[0]
    network = load_checkpoint(small_checkpoint).network
    with torch.no_grad():
        p, mirrored = (
            network(network_input_from_bgr(np.ascontiguousarray(each)[None])).softmax(1)[0]
            for each in (image, image[:, ::-1])
        )
    expected = ((p + mirrored.flip(2)) / 2).permute(1, 2, 0)
    assert np.abs(teacher.answer(image) - expected.numpy()).max() < 0.05  # bfloat16, where it is


def test_answers_are_kept_at_half_the_size(small_checkpoint, frames):
    answers = SoftAnswers(Teacher(small_checkpoint, NAMES), frames, [0, 2], BOX_WH)
    assert answers.of(1, (48, 64)) is None
    for index, shape in ((0, (48, 64)), (2, (40, 60))):
        found = answers.of(index, shape)
        assert found.shape == (shape[0] // 2, shape[1] // 2, 11) and found.dtype == np.uint8
        assert np.abs(found.sum(2).astype(int) - WHOLE).max() <= 11


def test_a_teacher_of_another_size_answers_all_classes(small_checkpoint, frames):
    teacher = Teacher(small_checkpoint, NAMES)
    teacher.frame_wh = (50, 38)  # its answers are not a whole number of times as large
    found = SoftAnswers(teacher, frames, [0], BOX_WH).of(0, (48, 64))
    assert found.shape == (24, 32, 11)
    assert np.abs(found.sum(2).astype(int) - WHOLE).max() <= 11


def test_the_teacher_is_asked_once(small_checkpoint, frames, monkeypatch, cache):
    teacher = Teacher(small_checkpoint, NAMES)
    first = np.array(SoftAnswers(teacher, frames, [0, 1], BOX_WH).of(1, (48, 64)))
    [path] = cache.glob("answers-*.npy")
    monkeypatch.setattr(Teacher, "answer", None)
    again = SoftAnswers(teacher, frames, [0, 1], BOX_WH)
    assert np.array_equal(again.of(1, (48, 64)), first)
    monkeypatch.undo()
    monkeypatch.setenv("CATSEYE_CACHE", str(cache))
    path.write_bytes(path.read_bytes()[:500])  # damaged: asked again
    assert np.array_equal(SoftAnswers(teacher, frames, [0, 1], BOX_WH).of(1, (48, 64)), first)
    SoftAnswers(teacher, frames, [0, 2], BOX_WH)  # other frames
    assert len(list(cache.glob("answers-*.npy"))) == 2


def test_no_road_is_believed_in_the_upper_part(small_checkpoint, frames):
    teacher = Teacher(small_checkpoint, NAMES)
    plain, above = (
        SoftAnswers(teacher, frames, [0], BOX_WH, road).of(0, (48, 64)).astype(int)
        for road in (VOID, 3)
    )
    assert plain[:7, :, 3].max() > 0 and not above[:7, :, 3].any()
    assert np.array_equal(plain[7:], above[7:])
    assert np.abs(above.sum(2) - WHOLE).max() <= 11


def test_too_many_frames(small_checkpoint, frames, monkeypatch):
    monkeypatch.setattr(soft_answers, "BYTES", 2 * 24 * 32 * 11)
    with pytest.raises(CatseyeError, match="3 frames for the teacher.*expected 2 at most"):
        SoftAnswers(Teacher(small_checkpoint, NAMES), frames, [0, 1, 2], BOX_WH)


@pytest.mark.parametrize("names", [NAMES[:3], ("Lorry", *NAMES[1:])])
def test_a_teacher_of_other_classes(small_checkpoint, names):
    with pytest.raises(CatseyeError, match="the teacher small of the classes Sky, .*; expected"):
        Teacher(small_checkpoint, names)


def test_a_teacher_whose_classes_stand_in_another_order(small_checkpoint, frames):
    image, _ = frames[0]
    turned = SoftAnswers(Teacher(small_checkpoint, NAMES[::-1]), frames, [0], BOX_WH)
    plain = SoftAnswers(Teacher(small_checkpoint, NAMES), frames, [0], BOX_WH)
    assert np.array_equal(turned.of(0, (48, 64)), plain.of(0, (48, 64))[..., ::-1])


def test_frames_here_have_no_labels(frames):
    assert all((mask == VOID).all() for _, mask in frames)
