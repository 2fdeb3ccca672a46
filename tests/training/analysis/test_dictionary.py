import cv2
import numpy as np
import pytest

from catseye.training import patches
from catseye.training.analysis import dictionary
from catseye.training.analysis.lista_report import shipped_encoder


def test_atoms_in_the_order_of_their_use(monkeypatch, tmp_path):
    monkeypatch.setattr(patches, "DEMO_VALIDATION_PATCHES", 300)
    monkeypatch.setattr(dictionary, "ITERATIONS", 50)
    atoms = dictionary.atoms_of("sparse-100", "demo")
    learned = shipped_encoder("sparse-100").dictionary
    assert atoms.tiles.shape == (100, 10, 10) and (np.diff(atoms.use) <= 0).all()
    assert sorted(map(tuple, atoms.tiles.reshape(100, 100))) == sorted(
        map(tuple, learned.T.numpy())
    )
    cosines = [abs(float(learned[:, i] @ learned[:, j])) for i in range(100) for j in range(i)]
    assert atoms.coherence == pytest.approx(
        max(cosines), abs=1e-6
    ) and atoms.active == pytest.approx(atoms.use.sum())
    assert 0.5 < atoms.active < 20 and atoms.as_json()["never_used"] == (atoms.use == 0).sum()
    dictionary.draw(str(tmp_path / "atoms.png"), {"sparse-100": atoms})
    assert cv2.imread(str(tmp_path / "atoms.png")) is not None
