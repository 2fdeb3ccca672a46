"""The denoising task with the shipped coder, on the synthetic street."""

import cv2
import numpy as np
import pytest

from catseye.opening import open_model
from catseye.runtime.auxiliary.denoising import DenoisingTask
from catseye.runtime.errors import CatseyeError
from catseye.runtime.evaluation.metrics import psnr
from catseye.runtime.frame import Frame
from catseye.runtime.health.frame_quality import is_noisy
from catseye.runtime.street import Street
from catseye.runtime.tasks import open_task


@pytest.fixture(scope="module")
def road():
    return open_task(open_model("road").card)


@pytest.fixture(scope="module")
def task(road):
    coder = open_model("sparse-denoise", "onnxruntime")
    with coder.engine:
        yield DenoisingTask(road, coder.engine, coder.card)


def street(size_wh=(640, 360)):
    return Street(3, size_wh).render(2.0)[0]


def noisy(image, sigma=25):
    noise = np.random.RandomState(0).normal(0, sigma, image.shape)
    return np.clip(np.rint(image + noise), 0, 255).astype(np.uint8)


@pytest.mark.parametrize("size_wh", ((640, 360), (480, 360), (301, 207)))
def test_a_noisy_frame_is_cleaned(task, size_wh):
    clean = street(size_wh)
    spoilt = noisy(clean)
    cleaned = task.denoised(Frame(spoilt, 0, 0))
    assert cleaned.shape == clean.shape and cleaned.dtype == np.uint8
    assert psnr(clean, cleaned) > psnr(clean, spoilt) + 4


def test_the_model_sees_the_cleaned_frame_and_the_frame_stays(task, road):
    frame = Frame(noisy(street()), 0, 0)
    kept = frame.image.copy()
    (seen,), (raw,) = (each.prepare(frame)[0].values() for each in (task, road))
    assert (seen[0] == task.denoised(frame)).all() and not (seen == raw).all()
    assert (frame.image == kept).all()


def test_a_good_frame_is_left_alone(task, road):
    frame = Frame(street(), 0, 0)
    (seen,), (raw,) = (each.prepare(frame)[0].values() for each in (task, road))
    assert not is_noisy(frame.image) and (seen == raw).all()


def test_colours_are_averaged(task):
    frame = Frame(noisy(street()), 0, 0)
    before, after = (
        cv2.cvtColor(image, cv2.COLOR_BGR2YCrCb)[..., 1:].astype(int)
        for image in (frame.image, task.denoised(frame))
    )
    assert abs(np.diff(after, axis=1)).mean() < 0.3 * abs(np.diff(before, axis=1)).mean()


def test_a_model_that_does_not_denoise_is_refused(road):
    model = open_model("road")
    with model.engine, pytest.raises(CatseyeError, match="sparse-denoise"):
        DenoisingTask(road, model.engine, model.card)
