"""A monitor of the shipped autoencoder, on what it knows and on what nobody has seen."""

import numpy as np
import pytest
from cards import card_of

from catseye.opening import open_model
from catseye.runtime.auxiliary.monitor import Monitor
from catseye.runtime.errors import CatseyeError
from catseye.runtime.frame import Frame
from catseye.runtime.street import Street


@pytest.fixture(scope="module")
def monitor():
    opened = open_model("autoencoder", "onnxruntime", threads=1)
    with opened.engine as engine:
        yield Monitor(opened.card, engine)


@pytest.mark.parametrize("size_wh", [(480, 360), (640, 360)])
def test_a_street_is_familiar_and_noise_is_not(monitor, size_wh):
    street, _ = Street(900, size_wh).render(2.0)
    noise = np.random.RandomState(0).randint(0, 256, street.shape).astype(np.uint8)
    assert monitor.score(Frame(street, 0, 0)) < 0.5
    assert monitor.score(Frame(noise, 0, 0)) > 0.99


@pytest.mark.parametrize("size_wh", [(16, 16), (1, 1), (4000, 30)])
def test_any_size_has_a_score(monitor, size_wh):
    width, height = size_wh
    assert 0 <= monitor.score(Frame(np.full((height, width, 3), 90, np.uint8), 0, 0)) <= 1


def test_a_model_of_another_task_is_refused():
    with pytest.raises(CatseyeError, match="autoencoder"):
        Monitor(card_of("road", (), ()), None)
