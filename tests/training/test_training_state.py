"""The training state comes back whole and only to the run that it is of."""

import json
import random
from dataclasses import replace

import pytest
import torch
from metas import NOTHING, meta_of

from catseye.models.lenet import LeNet
from catseye.models.tensor_file import read_tensors, tensor_bytes
from catseye.runtime.errors import CatseyeError, ModelFileError
from catseye.training.training_state import TrainingState

TERMS = {"task": "line", "epochs": 3, "seed": 0, "data": {"name": "a line", "at": (1, 2)}}


def parts_of(seed):
    torch.manual_seed(seed)
    network = torch.nn.Linear(4, 3)
    optimizer = torch.optim.AdamW(network.parameters())
    network(torch.rand(2, 4)).sum().backward()
    optimizer.step()
    return {"network": network, "optimizer": optimizer}


def state_in(folder, seed=0, terms=TERMS):
    return TrainingState(folder, parts_of(seed), terms)


@pytest.fixture
def saved(tmp_path):
    state = state_in(tmp_path)
    state.epoch, state.best = 2, replace(NOTHING, metrics={"score": 1.0})
    state.save()
    return state


def test_there_and_back(saved, tmp_path):
    other = state_in(tmp_path, seed=1)
    other.restore(other.saved())
    assert (other.epoch, other.best) == (2, saved.best)
    assert tensor_bytes(other.content()) == tensor_bytes(saved.content())


def test_where_nothing_was_saved_there_is_nothing(tmp_path):
    assert state_in(tmp_path).saved() == {}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"epochs": 4}, "started with epochs 3; expected the same terms, not epochs 4; repeat"),
        (
            {"rate": 0.1},
            "started with rate not said; expected the same terms, not rate 0.1; repeat",
        ),
        ({"data": {"name": "b", "at": (1, 2)}}, "with data's name a line; .* not data's name b;"),
    ],
)
def test_other_terms_are_refused_by_what_differs(saved, tmp_path, change, said):
    other = state_in(tmp_path, terms=TERMS | change)
    with pytest.raises(CatseyeError, match=said):
        other.restore(other.saved())


@pytest.mark.parametrize(
    "change",
    [
        {"network": {}},
        {"network": None},
        {"optimizer": {"state": {}, "param_groups": []}},
        {"optimizer": [1]},
        {"epoch": None},
        {"best_meta": "{}"},
        {"best_meta": {"epoch": 1}},
    ],
)
def test_a_state_of_other_parts_is_one_line(saved, tmp_path, change):
    content = read_tensors(saved.path) | change
    with pytest.raises(ModelFileError) as caught:
        state_in(tmp_path).restore(content)
    assert len(str(caught.value).splitlines()) == 1


def test_a_flipped_bit_is_never_another_state(saved, tmp_path):
    data = saved.path.read_bytes()
    for place in random.Random(7).sample(range(8 * len(data)), 300):
        damaged = bytearray(data)
        damaged[place // 8] ^= 1 << place % 8
        saved.path.write_bytes(damaged)
        with pytest.raises(ModelFileError) as caught:
            state_in(tmp_path).saved()
        assert len(str(caught.value).splitlines()) == 1


def test_the_best_network_is_kept(tmp_path):
    state, network = state_in(tmp_path), LeNet()
    for epoch, score in enumerate([0.3, 0.1, 0.7, 0.5]):
        meta = meta_of("digits", network, epoch=epoch, metrics={"score": score})
        state.keep_if_best(network, meta, lambda each: each.number("score"))
    assert state.outcome().epoch == 2
    assert json.loads((tmp_path / "meta.json").read_text())["epoch"] == 2


def test_a_meta_file_lost_by_a_kill_is_back_when_the_run_goes_on(tmp_path):
    state, network = state_in(tmp_path), LeNet()
    state.keep_if_best(network, meta_of("digits", network), lambda each: 1.0)
    state.save()
    (tmp_path / "meta.json").unlink()
    state_in(tmp_path).saved()
    assert (tmp_path / "meta.json").read_text() == state.outcome().text() + "\n"
