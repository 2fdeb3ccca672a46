"""Smoothing: what flickers is held, what changes for good is followed, with the lag that is
stated."""

import math

import numpy as np
import pytest
from cards import card_of, tensor

from catseye.runtime.classes import CAMVID, ROAD
from catseye.runtime.errors import CatseyeError
from catseye.runtime.frame import Frame
from catseye.runtime.geometry.camera_model import CameraModel, Mount
from catseye.runtime.geometry.lens import Lens
from catseye.runtime.tasks import open_task
from catseye.runtime.tasks.road import RoadSettings
from catseye.runtime.tasks.smoothing import LONGEST_GAP, Edges, SmoothingTask, Votes

FPS = 20.0
CARD = card_of(
    "road",
    (tensor("frame", 1, 36, 64, 3),),
    (tensor("mask", 1, 36, 64),),
    classes=CAMVID.names,
    colours_rgb=CAMVID.colours_rgb,
    settings=RoadSettings(),
)


def answers(task, masks, frames=None):
    image = np.zeros((36, 64, 3), np.uint8)
    found = []
    for index, mask in enumerate(masks):
        frame = frames[index] if frames else Frame(image, index, 0)
        _, kept = task.prepare(frame)
        found.append(task.parse({"mask": np.full((1, 36, 64), mask, np.uint8)}, kept))
    return found


def classes(task, masks, frames=None):
    return [int(result.mask[0, 0]) for result in answers(task, masks, frames)]


def smoothing(seconds=0.5, keeps_time=False):
    return SmoothingTask(open_task(CARD), seconds, FPS, keeps_time)


def test_a_flicker_is_held():
    assert classes(smoothing(), [ROAD, 0, ROAD, ROAD, 5, ROAD]) == [ROAD] * 6


def test_a_change_is_followed_after_its_lag():
    found = classes(smoothing(0.5), [0] * 40 + [ROAD] * 20)
    late = found.index(ROAD) - 40
    assert abs((late + 1) / FPS - 0.5 * math.log(2)) <= 1.5 / FPS and set(found[40 + late :]) == {
        ROAD
    }


def test_the_first_frame_and_one_after_a_gap_are_their_own():
    image = np.zeros((36, 64, 3), np.uint8)
    gap_ns = int(1e9 * 0.5 * (LONGEST_GAP + 1))
    frames = [Frame(image, k, 0, since_ns=k * 10**7) for k in range(3)]
    frames.append(Frame(image, 3, 0, since_ns=2 * 10**7 + gap_ns))
    assert classes(smoothing(0.5, True), [0, 0, 0, ROAD], frames) == [0, 0, 0, ROAD]
    again = [Frame(image, 9, 0), Frame(image, 0, 0)]  # a film that begins anew
    assert classes(smoothing(), [0, ROAD], again) == [0, ROAD]


@pytest.mark.parametrize("how", ["film", "camera", "replay"])
def test_time_is_what_the_frames_tell(how):
    """Frames 5 ms apart change nothing soon, whatever the source calls its rate."""
    image, frames = np.zeros((36, 64, 3), np.uint8), []
    for index in range(8):
        ns = index * 5 * 10**6
        told = {
            "film": {"media_time_ns": ns},
            "camera": {"since_ns": ns},
            "replay": {"replayed": True},
        }[how]
        frames.append(Frame(image, index, ns, **told))
    task = smoothing(0.5, keeps_time=how == "camera")
    assert classes(task, [0] + [ROAD] * 7, frames) == [0] * 8


def test_confidence_weighs():
    votes, shape = Votes(), (2, 2)
    sure, unsure = np.full(shape, 255, np.uint8), np.full(shape, 40, np.uint8)
    votes.take(np.zeros(shape, np.uint8), sure, 1.0)
    for _ in range(6):
        held, same = votes.take(np.full(shape, ROAD, np.uint8), unsure, 0.2)
    assert (held == 0).all() and not same.any()
    for _ in range(6):
        held, same = votes.take(np.full(shape, ROAD, np.uint8), sure, 0.2)
    assert (held == ROAD).all() and same.all()


def test_the_corridor_follows_in_metres():
    task = open_task(CARD, CameraModel(Lens(None, (60.0, 60.0)), Mount(1.4, 0.1)))
    smooth = SmoothingTask(task, 0.5, FPS, False)
    masks = [np.full((36, 64), ROAD, np.uint8) for _ in range(2)]
    for mask, left in zip(masks, (6, 12)):
        mask[:, :left] = mask[:, 58:] = 4
        mask[:12] = 0
    first, second = answers(smooth, masks)
    plain = answers(task, masks[1:])[0].geometry.corridor
    rows = min(len(plain.x_m), len(second.geometry.corridor.x_m))
    edge = second.geometry.corridor.left_m[:rows]
    assert rows > 3 and (edge >= plain.left_m[:rows] - 1e-9).all()
    assert Edges().take(plain, 0.1) is plain and "free_m" in second.as_json()
    assert first.geometry.corridor.left_m[0] > plain.left_m[0]


def test_only_masks_are_smoothed():
    with pytest.raises(CatseyeError, match="--smooth"):
        SmoothingTask(object(), 0.5, FPS, False)
