"""The depth study on the demo data: encoders kept in half precision, curves, and theory that
holds."""

import cv2
import numpy as np
import pytest
import torch
from metas import meta_of

from catseye.models.checkpoint import save_checkpoint
from catseye.models.lista import SparseCoder, SparseConfig
from catseye.runtime.datasets.bsds import read_photographs, sample_patches
from catseye.training import patches
from catseye.training.analysis import lista, lista_report


@pytest.fixture
def zoo(tmp_path, monkeypatch):
    """Two shipped encoders of one iteration, 30 and 40 atoms, untrained."""
    monkeypatch.setattr(lista_report, "ZOO", str(tmp_path))
    monkeypatch.setattr(patches, "DEMO_VALIDATION_PATCHES", 200)
    small = {
        "ENCODERS": str(tmp_path / "lista.npz"),
        "DEPTHS": (0, 3),
        "UNTIED": {"sparse-100": (3,)},
        "TRAINING_PATCHES": {"sparse-100": 1024, "sparse-400": 1024},
        "FORMS": {"sparse-100": ("dense", "low-rank:5"), "sparse-400": ("masked:0.3",)},
        "THEORY_PATCHES": 100,
    }
    for name, value in small.items():
        monkeypatch.setattr(lista, name, value)
    lista_report.yardstick.cache_clear()
    photographs = read_photographs("demo", "train")
    for name, atoms in (("sparse-100", 30), ("sparse-400", 40)):
        dictionary = torch.from_numpy(sample_patches(photographs, atoms, 10, 1)).T
        network = SparseCoder(SparseConfig(atoms=atoms, iterations=1, alpha=0.3), dictionary)
        save_checkpoint(tmp_path / name, network, meta_of("sparse", network))
    yield tmp_path
    lista_report.yardstick.cache_clear()


def test_the_encoders_are_taught_kept_and_measured(zoo):
    lista.train_encoders("demo", 1, zoo / "runs", lista.ENCODERS)
    shipped = lista_report.shipped_encoder("sparse-100")
    networks = lista.encoders_beside(shipped, lista.ENCODERS)
    keys = ["0", "3", "1", "1 low-rank:5", "3 untied"]
    assert [variant.key for variant in networks] == keys
    assert all(network.config.iterations == each.depth for each, network in networks.items())
    kept, trained = (
        networks[lista.Variant(3)].state_dict(),
        torch.load(zoo / "runs" / "30-3" / "model.pt")["weights"],
    )
    assert torch.equal(kept["dictionary"], shipped.dictionary)
    for name, weight in trained.items():
        assert torch.allclose(kept[name], weight, rtol=1e-3, atol=1e-4), name
    assert not any(name.startswith("30/0/inhibit") for name in np.load(lista.ENCODERS))
    found = lista.curves("sparse-100", "demo", "val", lista.ENCODERS)
    errors = found.lista
    assert list(errors) == [0, 1, 3] and errors[0] > errors[3] > 0
    assert found.multiplies["low-rank:5"] == 30 * 100 + 2 * 30 * 5 < found.multiplies["dense"]
    assert set(found.matched_by_form()) == {"dense", "low-rank:5"}
    assert found.multiplies["3 untied"] == 4 * 30 * 100 + 3 * 30 * 30
    # it began at the tied one
    # it began at the tied one
    assert list(found.untied) == [3] and 0.7 * errors[3] < found.untied[3] < errors[3]
    masked = lista.encoders_beside(lista_report.shipped_encoder("sparse-400"), lista.ENCODERS)
    assert masked[lista.Variant(1, "masked:0.3")].multiplies() < 0.4 * 40 * 40 + 40 * 100


def test_training_goes_on_from_the_encoders_that_are_kept(zoo):
    shipped = lista_report.shipped_encoder("sparse-100")
    variant = lista.Variant(3)
    taught = {variant: lista._untaught(shipped, variant, "shared")}
    with torch.no_grad():
        for weight in taught[variant].parameters():
            weight.mul_(1.5)
    begun = lista._begun(shipped, variant, taught)
    untied = lista._begun(shipped, lista.Variant(3, "untied"), taught)
    x = torch.from_numpy(sample_patches(read_photographs("demo", "val"), 50, 10, 0))
    for network in (begun, untied):
        assert network.config.thresholds == "each"
        assert torch.allclose(network(x), taught[variant](x), atol=1e-6)


def test_theory_holds_and_the_figure_is_drawn(zoo):
    lista.save_encoders({}, lista.ENCODERS)
    found = {name: lista.curves(name, "demo", "val", lista.ENCODERS) for name in lista.DICTIONARIES}
    theories = {
        name: lista.theory(lista_report.yardstick(name, "demo", "val"))
        for name in lista.DICTIONARIES
    }
    for theory in theories.values():
        assert theory.climb <= 1e-12 and 0 < theory.share <= 1
        assert (theory.fista <= theory.bound).all() and (theory.ista[10:] > theory.fista[10:]).all()
    lista.draw(str(zoo / "figure.png"), found, theories)
    assert cv2.imread(str(zoo / "figure.png")).shape[1] > 800
    document = found["sparse-400"].as_json()
    assert document["matched_by"]["1"] in (
        1,
        2,
    )


def test_the_shipped_encoders_are_those_of_the_figure():
    for name in lista.DICTIONARIES:
        beside = lista.encoders_beside(lista_report.shipped_encoder(name))
        assert set(beside) == set(lista._variants(name))
