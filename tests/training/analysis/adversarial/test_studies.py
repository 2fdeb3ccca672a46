"""The studies that train, in small: what each one claims is there."""

import numpy as np
import pytest
import torch
from torch import nn

from catseye.models.gan import Gan
from catseye.training.analysis.adversarial import overfitting, panels, saturation
from catseye.training.recipes.gan import pictures_of


def test_d_goes_to_its_optimum_and_g_to_the_data(monkeypatch, tmp_path):
    monkeypatch.setattr(panels, "FULLY", 150)
    monkeypatch.setattr(panels, "TURNS", 100)
    study = panels.panels(1)
    assert study.d_from_best_b.mean < 0.6 * study.d_from_best_a.mean
    assert study.variation_d.mean < 0.5 * study.variation_a.mean
    # D's gradient led the right way
    assert study.variation_c.mean < study.variation_a.mean
    assert study.as_json()["variation_d"] == study.variation_d._asdict()
    for panel in study.first:
        assert panel.model.sum() * (panels.X[1] - panels.X[0]) == pytest.approx(1)
    study.draw(str(tmp_path / "panels.png"))
    assert (tmp_path / "panels.png").stat().st_size > 10_000


def test_the_start_is_the_distribution_that_it_says():
    torch.manual_seed(0)
    generator = panels._perceptron(32)
    panels._fit_start(generator)
    samples = generator(torch.rand(20_000, 1) * 2 - 1).detach()
    assert float(samples.mean()) == pytest.approx(panels.START_MEAN, abs=0.05)
    assert float(samples.std()) == pytest.approx(panels.START_STD, abs=0.05)


def test_the_saturating_gradient_dies_and_the_other_does_not(monkeypatch, tmp_path):
    monkeypatch.setattr(saturation, "TIMES", (0, 5, 60))
    study = saturation.saturation("demo", 1)
    assert study.d_of_samples[0, -1] < 0.2 * study.d_of_samples[0, 0]
    ratio = study.non_saturating[0] / study.saturating[0]
    numbers = study.as_json()
    assert ratio[-1] > 4 * ratio[0] and numbers["ratio"]["mean"] == pytest.approx(ratio[-1])
    # before D knows anything both pull alike: D(G(z)) and 1 - D(G(z)) are about 1/2
    assert ratio[0] == pytest.approx(1, abs=0.2)
    study.draw(str(tmp_path / "saturation.png"))
    assert (tmp_path / "saturation.png").stat().st_size > 10_000


def test_few_examples_are_learned_by_heart(monkeypatch, tmp_path):
    """Against a G that is perfect, D* is 1/2 everywhere: whatever D knows of the set, it has by
    heart."""
    monkeypatch.setattr(overfitting, "EXAMPLES", 30)
    monkeypatch.setattr(overfitting, "MEASURES", 4)
    gan = Gan()
    gan.generator = RealDigits()
    study = overfitting.overfitting(gan, "demo", 1)
    end = study.at_end
    assert end["right_set"].mean > end["right_held_out"].mean + 0.2
    assert end["value_set"].mean > -np.log(4) > end["value_held_out"].mean
    assert len(study.curves[0].value_set) == 5
    numbers = study.as_json()
    assert numbers["right_set_end"] == end["right_set"]._asdict() and numbers["seeds"] == 1
    assert 0 <= numbers["step_of_best"][0] <= numbers["steps"] == 4 * overfitting.EVERY
    study.draw(str(tmp_path / "overfitting.png"))
    assert (tmp_path / "overfitting.png").stat().st_size > 10_000


class RealDigits(nn.Module):
    """z -> one of the digits of `test`."""

    def __init__(self) -> None:
        super().__init__()
        self.digits = nn.Parameter(pictures_of("demo", "test"))

    def forward(self, z: torch.Tensor) -> torch.Tensor:
        return self.digits[((z[:, 0] + 1) / 2 * (len(self.digits) - 1)).round().long()]
