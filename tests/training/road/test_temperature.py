"""The temperature: logits that say too much are cooled, those that say too little warmed."""

import numpy as np
import pytest
import torch

from catseye.models.road import RoadConfig, RoadNet
from catseye.runtime.classes import VOID
from catseye.runtime.datasets.road_frames import RoadSample
from catseye.training.road.temperature import fitted_temperature

CPU = torch.device("cpu")


class Told(RoadNet):
    """Answers with the same random logits to every frame."""

    def __init__(self, coarse: torch.Tensor) -> None:
        super().__init__(RoadConfig(widths=(4, 4, 4, 4), decoder=4))
        self.told = coarse

    def logits(self, x):
        return self.told, self.told


@pytest.mark.parametrize("wanted", [0.5, 1.0, 2.5])
def test_labels_drawn_from_a_softmax_give_its_temperature(wanted, monkeypatch):
    torch.manual_seed(0)
    logits = 3 * torch.randn(1, 11, 48, 64)
    drawn = torch.distributions.Categorical(logits=(logits[0] / wanted).permute(1, 2, 0)).sample()
    mask = drawn.repeat_interleave(2, 0).repeat_interleave(2, 1).numpy().astype(np.uint8)
    mask[:8] = VOID
    monkeypatch.setattr(RoadSample, "read", lambda self: (np.zeros((96, 128, 3), np.uint8), mask))
    found = fitted_temperature(Told(logits), [RoadSample("x", "x")], CPU)
    assert found == pytest.approx(wanted, rel=0.08)


def test_frames_without_a_class_fit_nothing(monkeypatch):
    void = np.full((96, 128), VOID, np.uint8)
    monkeypatch.setattr(RoadSample, "read", lambda self: (np.zeros((96, 128, 3), np.uint8), void))
    logits = torch.zeros(1, 11, 48, 64)
    assert fitted_temperature(Told(logits), [RoadSample("x", "x")], CPU) is None
