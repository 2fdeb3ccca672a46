"""What `analyze gan` measures: neighbours by loops, walks that are straight, numbers in the right
order."""

import torch

from catseye.models.gan import Gan, GanConfig
from catseye.training.analysis import gan as study
from catseye.training.analysis.gan import (
    STEPS,
    WALKS,
    draw,
    mapping,
    nearest,
    report,
    stretches,
    successive_correlation,
    walks,
)


def test_the_nearest_is_found_as_by_looking_at_each():
    random = torch.Generator().manual_seed(0)
    pictures, train = torch.rand(5, 4, 4, generator=random), torch.rand(9, 4, 4, generator=random)
    distances, indices = nearest(pictures, train)
    for picture, distance, index in zip(pictures, distances, indices):
        each = [float(((picture - other) ** 2).sum()) ** 0.5 for other in train]
        assert int(index) == each.index(min(each)) and abs(float(distance) - min(each)) < 1e-5


def test_walks_are_straight_and_begin_in_the_prior():
    ways = walks(6, torch.Generator().manual_seed(0)).reshape(WALKS, STEPS, 6)
    steps = ways.diff(dim=1)
    assert (
        torch.allclose(steps, steps[:, :1].expand_as(steps), atol=1e-6) and (ways.abs() <= 1).all()
    )
    assert len(ways[:, 0].unique(dim=0)) == WALKS


def test_a_linear_map_stretches_as_its_matrix_does():
    matrix = torch.randn(7, 3, generator=torch.Generator().manual_seed(0))
    singular = torch.linalg.svdvals(matrix)
    expected = singular.square().mean().sqrt().expand(2)
    assert torch.allclose(stretches(lambda z: matrix @ z, torch.zeros(2, 3)), expected)


def test_pictures_that_repeat_are_correlated_and_noise_is_not():
    noise = torch.rand(400, 8, 8, generator=torch.Generator().manual_seed(0))
    assert abs(successive_correlation(noise)) < 0.05
    assert successive_correlation(noise.repeat_interleave(2, 0)) > 0.4


def test_real_digits_are_nearer_than_an_untrained_generators(monkeypatch, tmp_path):
    monkeypatch.setattr(study, "SAMPLES", 400)
    torch.manual_seed(0)
    numbers, pictures = report(Gan(GanConfig(latent=4, generator=(8,))).eval(), "demo")
    assert numbers["train"].frechet_lenet < 0.2 * numbers["samples"].frechet_lenet
    assert numbers["samples"].classes < numbers["train"].classes
    assert numbers["val"].to_nearest_train > 0
    train = study.pictures_of("demo", "train")
    last = pictures.samples[study.COLUMNS - 2 :: study.COLUMNS - 1]
    assert torch.equal(pictures.neighbours, train[nearest(last, train)[1]])
    monkeypatch.setattr(study, "COMPARED", 5)
    low, median, high = mapping(Gan(GanConfig(latent=4, generator=(8,))).eval(), "demo").stretch
    assert low < median < high
    draw(pictures, str(tmp_path / "gan.png"))
    assert (tmp_path / "gan.png").stat().st_size > 10_000
