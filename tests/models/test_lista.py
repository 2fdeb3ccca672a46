"""LISTA against ISTA, its slow twin; every form of S against the dense one."""

import pytest
import torch

from catseye.models.inhibition import form_from_text
from catseye.models.lista import SparseCoder, SparseConfig
from catseye.models.sparse_coding import ista
from catseye.runtime.datasets.bsds import read_photographs, sample_patches
from catseye.runtime.errors import CatseyeError


@pytest.fixture(scope="module")
def x() -> torch.Tensor:
    return torch.from_numpy(sample_patches(read_photographs("demo", "val"), 200, 10, 0))


@pytest.fixture(scope="module")
def dictionary() -> torch.Tensor:
    return torch.from_numpy(sample_patches(read_photographs("demo", "train"), 120, 10, 1)).T


@pytest.mark.parametrize("depth", [0, 1, 3, 7])
def test_untrained_lista_is_one_more_step_of_ista(x, dictionary, depth):
    network = SparseCoder(SparseConfig(atoms=120, iterations=depth), dictionary)
    assert (network(x) - ista(x, dictionary, 0.1, depth + 1)).abs().max() < 1e-6


def test_untied_starts_at_ista_and_each_step_learns_its_own(x, dictionary):
    network = SparseCoder(SparseConfig(atoms=120, inhibition="untied"), dictionary)
    assert (network(x) - ista(x, dictionary, 0.1, 4)).abs().max() < 1e-6
    network(x).square().sum().backward()
    assert sum(p.numel() for p in network.parameters()) == 4 * 120 * 100 + 3 * 120**2 + 120
    gradients = [p.grad for p in (*network.encode, *network.inhibit.parameters())]
    for one, other in zip(gradients, gradients[1:]):
        assert one.shape != other.shape or not torch.allclose(one, other)


def test_low_rank_of_full_rank_and_a_full_mask_change_nothing(x, dictionary):
    dense = SparseCoder(SparseConfig(atoms=120), dictionary)(x)
    for structure in {"inhibition": "low-rank", "rank": 100}, {"inhibition": "masked", "kept": 1.0}:
        assert (
            SparseCoder(SparseConfig(atoms=120, **structure), dictionary)(x) - dense
        ).abs().max() < 1e-5


def test_the_matrix_is_what_the_product_uses(dictionary):
    z = torch.randn(5, 120, generator=torch.Generator().manual_seed(0))
    for structure in (
        {"inhibition": "low-rank", "rank": 7},
        {"inhibition": "masked", "kept": 0.1},
        {},
    ):
        inhibit = SparseCoder(SparseConfig(atoms=120, **structure), dictionary).inhibit
        assert torch.allclose(inhibit(z), z @ inhibit.matrix().T, atol=1e-5)


def test_a_mask_keeps_its_zeros_through_training(x, dictionary):
    network = SparseCoder(SparseConfig(atoms=120, inhibition="masked", kept=0.25), dictionary)
    optimizer = torch.optim.AdamW(network.parameters(), lr=1e-2)
    network(x).square().sum().backward()
    optimizer.step()
    zeros = (network.inhibit.matrix() == 0).float().mean()
    assert zeros == pytest.approx(0.75, abs=0.01)


def test_shared_weights_whatever_the_depth(dictionary):
    sizes = {
        sum(
            p.numel()
            for p in SparseCoder(SparseConfig(atoms=120, iterations=t), dictionary).parameters()
        )
        for t in (0, 1, 3)
    }
    assert sizes == {120 * 100 + 120 * 120 + 120}


def test_the_code_is_odd_like_the_energy(x, dictionary):
    network = SparseCoder(SparseConfig(atoms=120), dictionary)
    assert torch.allclose(network(-x), -network(x))


def test_rebuild_is_the_dictionary_times_the_code(dictionary):
    z = torch.zeros(1, 120)
    z[0, 3] = 2.0
    rebuilt = SparseCoder(SparseConfig(atoms=120), dictionary).rebuild(z)
    assert torch.allclose(rebuilt[0], 2 * dictionary[:, 3])


def test_coupled_starts_at_ista_and_stays_tied(x, dictionary):
    network = SparseCoder(SparseConfig(atoms=120, inhibition="coupled"), dictionary)
    assert (network(x) - ista(x, dictionary, 0.1, 4)).abs().max() < 1e-6
    optimizer = torch.optim.AdamW(network.parameters(), lr=1e-2)
    network(x).square().sum().backward()
    optimizer.step()
    tied = torch.eye(120) - network.encode @ dictionary
    assert (
        torch.allclose(network.inhibition_matrices()[0], tied)
        and sum(p.numel() for p in network.parameters()) == 12_120
    )


def test_analytic_learns_thresholds_and_one_number(x, dictionary):
    network = SparseCoder(SparseConfig(atoms=120, inhibition="analytic"), dictionary)
    network(x).square().sum().backward()
    assert sum(p.numel() for p in network.parameters()) == 121
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in network.parameters())


@pytest.mark.parametrize(
    "structure",
    [
        {},
        {"inhibition": "coupled"},
        {"inhibition": "untied"},
        {"inhibition": "low-rank", "rank": 9},
        {"thresholds": "each"},
    ],
)
def test_the_numpy_coder_answers_the_same(x, dictionary, structure):
    network = SparseCoder(SparseConfig(atoms=120, iterations=3, **structure), dictionary)
    with torch.no_grad():
        for weight in network.parameters():  # as if trained: no two steps alike
            weight *= 1 + 0.2 * torch.rand(weight.shape)
        assert abs(network(x).numpy() - network.numpy_coder()(x.numpy())).max() < 1e-5


def test_the_products_are_counted(dictionary):
    def count(**structure):
        return SparseCoder(
            SparseConfig(atoms=120, iterations=2, **structure), dictionary
        ).multiplies()

    drive = 120 * 100
    assert count() == drive + 2 * 120 * 120
    assert count(inhibition="masked", kept=0.1) == drive + 2 * 1440
    assert count(inhibition="low-rank", rank=7) == drive + 2 * 2 * 7 * 120
    assert count(inhibition="coupled") == drive + 2 * 120 * 120
    assert count(inhibition="untied") == 3 * drive + 2 * 120 * 120


@pytest.mark.parametrize("text", ["round", "masked", "masked:much", "low-rank:", "dense:3", ""])
def test_a_form_that_cannot_be_is_refused(text):
    with pytest.raises(CatseyeError, match="low-rank:RANK"):
        form_from_text(text)


def test_forms_in_words():
    assert form_from_text("masked:0.2") == {"inhibition": "masked", "kept": 0.2}
    assert form_from_text("low-rank:20") == {"inhibition": "low-rank", "rank": 20}
    assert form_from_text("coupled") == {"inhibition": "coupled"}
    assert form_from_text("untied") == {"inhibition": "untied"}


@pytest.mark.parametrize(
    "structure",
    [
        {"inhibition": "round"},
        {"inhibition": "low-rank", "rank": 0},
        {"inhibition": "masked", "kept": 0.0},
    ],
)
def test_an_impossible_structure_is_refused(dictionary, structure):
    with pytest.raises(CatseyeError, match="expected"):
        SparseCoder(SparseConfig(atoms=120, **structure), dictionary)


def test_a_threshold_below_0_counts_as_0_and_can_come_back(x, dictionary):
    network = SparseCoder(SparseConfig(atoms=120, thresholds="each"), dictionary)
    with torch.no_grad():
        network.theta[1, :7] = -0.01
        at_zero = network.theta.clamp_min(0)
    assert torch.equal(network.thresholds(), at_zero)
    network(x).square().sum().backward()
    assert (network.theta.grad[1, :7] != 0).all()
