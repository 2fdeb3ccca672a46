"""Augmentation moves picture and mask together, and is a function of its random generator."""

import numpy as np

from catseye.runtime.classes import VOID
from catseye.runtime.tasks.letterbox import PAD_BGR
from catseye.training import augmentation
from catseye.training.augmentation import Scene, Shot, augment

CHANCES = ("WIDE", "BONNETS", "WET", "NIGHT", "MOVED", "COMPRESSED")


def picture_of_mask(mask):
    return np.repeat((mask * 20)[..., None], 3, axis=2).astype(np.uint8)


def shot_of(mask):
    return Shot(picture_of_mask(mask), mask)


def in_plain_light(monkeypatch):
    """Other cameras only."""
    monkeypatch.setattr(augmentation, "other_light", lambda image, rng: image)
    for share in CHANCES:
        monkeypatch.setattr(augmentation, share, 0)


def blocks():
    """A mask of eleven large blocks."""
    return (np.add.outer(np.arange(120) // 30, np.arange(160) // 40 * 3) % 11).astype(np.uint8)


def test_sizes_types_and_ids():
    mask = blocks()
    for seed in range(20):
        image, ids, _ = augment(shot_of(mask), (96, 64), np.random.default_rng(seed))
        assert image.shape == (64, 96, 3) and image.dtype == np.uint8
        assert ids.shape == (64, 96) and set(np.unique(ids)) <= {*range(11), VOID}


def test_same_generator_same_answer():
    mask = blocks()
    first, second = (augment(shot_of(mask), (96, 64), np.random.default_rng(7)) for _ in range(2))
    assert np.array_equal(first[0], second[0]) and np.array_equal(first[1], second[1])


def test_picture_and_mask_move_together(monkeypatch):
    in_plain_light(monkeypatch)
    mask = blocks()
    for seed in range(10):
        image, ids, _ = augment(shot_of(mask), (96, 64), np.random.default_rng(seed))
        inside = ids != VOID
        agree = np.abs(image[..., 0].astype(int) - ids.astype(int) * 20)[inside] <= 10
        assert agree.mean() > 0.9  # all but the edges between blocks


def test_the_frame_given_is_not_touched():
    mask = blocks()
    image = picture_of_mask(mask)
    before = image.copy()
    augment(Shot(image, mask), (96, 64), np.random.default_rng(0))
    assert np.array_equal(image, before)


def test_cameras_come_closer_to_the_frames_own():
    mask = blocks()

    def empty_share(share):
        """The most that any of forty pictures leaves empty."""
        rngs = map(np.random.default_rng, range(40))
        return max(
            (augment(shot_of(mask), (160, 120), rng, share).mask == VOID).mean() for rng in rngs
        )

    assert empty_share(0.0) > 0.5
    assert empty_share(1.0) < 0.35


def test_answers_move_with_the_picture(monkeypatch):
    """Answers that are sure of the mask's class, at half the size, still are after the move."""
    in_plain_light(monkeypatch)
    mask = blocks()
    answers = (np.eye(11, dtype=np.uint8) * 255)[mask[::2, ::2]]
    shot = shot_of(mask)._replace(answers=answers)
    for seed in range(10):
        moved = augment(shot, (96, 64), np.random.default_rng(seed))
        assert moved.answers.shape == (32, 48, 11)
        ids = moved.mask[::2, ::2]
        inside = ids != VOID
        assert (moved.answers.argmax(2) == ids)[inside].mean() > 0.9
        assert not moved.answers[~inside].sum(1).size or moved.answers[~inside].mean() < 12


def test_zoom_shows_more_of_the_frame():
    mask = blocks()
    rngs = [np.random.default_rng(3) for _ in range(2)]
    near = augment(shot_of(mask), (160, 120), rngs[0]).mask
    far = augment(shot_of(mask), (80, 60), rngs[1], zoom=0.5).mask
    assert (near[::2, ::2] == far).mean() > 0.95


def test_what_lies_outside_the_frame_is_filled_up_as_on_the_board(monkeypatch):
    for share in CHANCES:
        monkeypatch.setattr(augmentation, share, 1)
    mask = blocks()
    for seed in range(6):
        shot = augment(
            shot_of(mask), (320, 240), np.random.default_rng(seed), scene=Scene(0, 3, 11)
        )
        assert (shot.image[0, 0] == PAD_BGR).all() and shot.mask[0, 0] == VOID
