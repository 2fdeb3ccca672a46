"""The key of an engine: another of anything that it depends on is another key, and a damaged one is
none."""

import json
from typing import Any

import numpy as np
import pytest
from cards import card_of
from fake_machine import Machine as FakeMachine

from catseye.runtime.engines.tensorrt import engine_key as module
from catseye.runtime.engines.tensorrt.engine_key import (
    EngineKey,
    Machine,
    engine_key,
    key_differences,
    key_from_fields,
    machine_differences,
    machine_here,
)
from catseye.runtime.engines.tensorrt.recipe import Recipe
from catseye.runtime.errors import ModelFileError
from catseye.runtime.model_file.border import Border
from catseye.runtime.model_file.load import ModelFile
from catseye.runtime.model_file.tensors import TensorSpec
from catseye.runtime.system.files import sha256_hex
from catseye.runtime.system.json_document import Fields

MACHINE = Machine("10.3.0", "12.6", "8.7", "Orin")
RECIPE = Recipe(
    precision="fp16",
    flags=("FP16",),
    cleared=(),
    network_flags=("EXPLICIT_BATCH",),
    keeps_float=False,
    ranges=(),
    dla_core=None,
    workspace_mb=256,
)
KEY = EngineKey("ab" * 32, *MACHINE, "fp16", -1, "FP16", "frame (1, 4, 6, 3) uint8", 1)


def border(shape: tuple[int, ...] = (1, 4, 6, 3), dtype: str = "uint8") -> Border:
    frame = TensorSpec("frame", shape, np.dtype(dtype))
    return Border((frame,), (TensorSpec("mask", shape[:3], np.dtype("uint8")),), "fp32")


def key(
    model: bytes = b"model",
    graph: Border = border(),
    machine: Machine = MACHINE,
    recipe: Recipe = RECIPE,
) -> EngineKey:
    card = card_of("road", graph.inputs, graph.outputs)
    file = ModelFile("road", model, card, (), graph, sha256_hex(model))
    return engine_key(file, machine, recipe)


def key_from(document: Any) -> EngineKey:
    return key_from_fields(Fields(document, path="engine.key", of="road", fix="build it again"))


@pytest.mark.parametrize("name", EngineKey._fields)
def test_every_field_changes_the_digest(name: str) -> None:
    old = getattr(KEY, name)
    other = KEY._replace(**{name: old + 1 if isinstance(old, int) else old + "x"})
    assert other.digest() != KEY.digest()
    assert key_differences(other, KEY) == ["%s %s, here %s" % (name, getattr(other, name), old)]


@pytest.mark.parametrize(
    "changes",
    [
        {"model": b"other"},
        {"graph": border((1, 4, 8, 3))},
        {"graph": border(dtype="float32")},
        {"machine": MACHINE._replace(board="Thor")},
        {"machine": MACHINE._replace(cuda="13.0")},
        {"recipe": RECIPE._replace(precision="fp32")},
        {"recipe": RECIPE._replace(flags=("FP16", "INT8"))},
        {"recipe": RECIPE._replace(cleared=("FP16",), flags=())},
        {"recipe": RECIPE._replace(keeps_float=True)},
        {"recipe": RECIPE._replace(dla_core=0)},
        {"recipe": RECIPE._replace(workspace_mb=64)},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_another_model_machine_or_recipe_is_another_engine(changes: Any) -> None:
    assert key().digest() == key().digest()
    assert key(**changes).digest() != key().digest()


def test_the_gpu_and_the_first_dla_core_are_apart() -> None:
    cores = (None, 0, 1)
    assert [key(recipe=RECIPE._replace(dla_core=core)).dla_core for core in cores] == [-1, 0, 1]


def test_a_newer_way_of_building_is_another_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    before = key()
    monkeypatch.setattr(module, "BUILD_REVISION", before.revision + 1)
    assert key_differences(before, key()) == ["revision 1, here 2"]


def test_json_and_back() -> None:
    assert key_from(json.loads(json.dumps(KEY.as_json()))) == KEY
    assert key_from(json.loads(json.dumps(key().as_json()))) == key()


@pytest.mark.parametrize(
    ("document", "said"),
    [
        (None, "engine.key of road is null; expected an object"),
        ([], "engine.key of road is []; expected an object"),
        ({}, "engine.key of road has no 'model_sha256'"),
        ({**KEY.as_json(), "cuda": 12.6}, "engine.key.cuda of road is 12.6; expected text"),
        ({**KEY.as_json(), "cuda": None}, "engine.key.cuda of road is null; expected text"),
        (
            {**KEY.as_json(), "dla_core": "0"},
            'engine.key.dla_core of road is "0"; expected',
        ),
        ({**KEY.as_json(), "dla_core": True}, "engine.key.dla_core of road is true"),
        ({**KEY.as_json(), "dla_core": -2}, "expected a whole number from -1"),
        ({**KEY.as_json(), "revision": 1.0}, "engine.key.revision of road is 1.0"),
    ],
)
def test_what_is_no_key_is_refused(document: Any, said: str) -> None:
    with pytest.raises(ModelFileError) as error:
        key_from(document)
    assert said in str(error.value)


@pytest.mark.parametrize("name", EngineKey._fields)
def test_a_key_without_one_of_its_fields_is_refused(name: str) -> None:
    document = KEY.as_json()
    del document[name]
    with pytest.raises(ModelFileError, match="engine.key of road has no '%s'" % name):
        key_from(document)


def test_only_the_machine_keeps_a_plan_from_loading() -> None:
    foreign = KEY._replace(precision="fp32", model_sha256="cd" * 32, board="Thor", tensorrt="8.5")
    assert machine_differences(foreign, MACHINE) == [
        "tensorrt 8.5, here 10.3.0",
        "board Thor, here Orin",
    ]
    assert machine_differences(KEY, MACHINE) == []


@pytest.mark.parametrize("api", ["10"])
def test_this_machine(board: FakeMachine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "cpu_name", lambda: "NVIDIA Jetson Orin Nano")
    # a board is known by its own name, its GPU has none
    assert machine_here(board.trt) == ("10.3.0", "12.6", "8.7", "NVIDIA Jetson Orin Nano")


@pytest.mark.parametrize("api", ["8.2"])
def test_a_workstation_is_known_by_its_gpu(machine: FakeMachine) -> None:
    machine.cuda.version = 10020
    assert machine_here(machine.trt) == ("8.2.1.8", "10.2", "8.7", "Fake GPU")
