"""`catseye analyze lista` on a zoo of two small untrained encoders."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from metas import meta_of

from catseye.__main__ import main
from catseye.models.checkpoint import save_checkpoint
from catseye.models.lista import SparseCoder, SparseConfig
from catseye.runtime.datasets.bsds import read_photographs, sample_patches
from catseye.training import patches
from catseye.training.analysis import lista_report


@pytest.fixture
def zoo(tmp_path, monkeypatch) -> Iterator[Path]:
    monkeypatch.setattr(lista_report, "ZOO", str(tmp_path))
    monkeypatch.setattr(patches, "DEMO_VALIDATION_PATCHES", 100)
    lista_report.yardstick.cache_clear()
    yield tmp_path
    lista_report.yardstick.cache_clear()


def save_encoder(folder: Path, atoms: int, iterations: int) -> None:
    dictionary = torch.from_numpy(sample_patches(read_photographs("demo", "train"), atoms, 10, 1)).T
    network = SparseCoder(SparseConfig(atoms=atoms, iterations=iterations), dictionary)
    save_checkpoint(folder, network, meta_of("sparse", network))


def test_one_number_for_each_shipped_encoder(zoo, capsys):
    save_encoder(zoo / "sparse", 30, 1)
    save_encoder(zoo / "sparse-400", 40, 5)
    assert main(["analyze", "lista", "--data", "demo", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert set(answer) == {"30", "40"}
    assert answer["30"]["matched_by_1"] in (1, 2)  # untrained: two steps of ISTA
    assert 2 <= answer["40"]["matched_by_5"] <= 6  # six steps of ISTA, which is the slower method
    assert answer["40"]["code_mse_5"] > 0 and answer["40"]["patches"] == 100


def test_encoders_of_one_size_share_an_entry(zoo, capsys):
    save_encoder(zoo / "sparse-100", 30, 1)
    save_encoder(zoo / "sparse", 30, 3)
    assert main(["analyze", "lista", "--data", "demo", "--json"]) == 0
    (numbers,) = json.loads(capsys.readouterr().out).values()
    assert numbers["matched_by_1"] <= numbers["matched_by_3"]
    assert numbers["code_mse_1"] > numbers["code_mse_3"] > 0


def test_an_empty_zoo_is_said(zoo, capsys):
    assert main(["analyze", "lista", "--data", "demo"]) == 2
    assert "no sparse coder" in capsys.readouterr().err


def test_a_checkpoint_of_another_task_is_said(zoo, capsys):
    save_encoder(zoo / "sparse", 30, 1)
    meta = zoo / "sparse" / "model.pt"
    content = torch.load(meta)
    content["meta"] = content["meta"].replace('"task": "sparse"', '"task": "digits"')
    torch.save(content, meta)
    assert main(["analyze", "lista", "--data", "demo"]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
