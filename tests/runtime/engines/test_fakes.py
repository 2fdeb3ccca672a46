"""The fakes, and all that the code asks of TensorRT, against the attribute lists of the real
releases (bindings/)."""

import ast
import json
from enum import EnumMeta
from pathlib import Path
from typing import Any

import pytest
from fake_cuda import FakeCuda
from fake_tensorrt import GENERATIONS, fake_tensorrt

import catseye.runtime.engines as engines

BINDINGS = Path(__file__).parent / "bindings"
RELEASES = sorted(path.stem for path in BINDINGS.glob("*.json"))
FAKED = (
    "Builder",
    "IBuilderConfig",
    "ICudaEngine",
    "IExecutionContext",
    "ILayer",
    "ILogger",
    "INetworkDefinition",
    "IProgressMonitor",
    "ITensor",
    "ITimingCache",
    "OnnxParser",
    "ParserError",
    "Runtime",
    "BuilderFlag",
    "DataType",
    "DeviceType",
    "MemoryPoolType",
    "NetworkDefinitionCreationFlag",
    "TensorIOMode",
)
# what the code uses in some releases only; everything else that it touches must be in all of them
UP_TO_9 = {
    "num_bindings",
    "get_binding_name",
    "get_binding_shape",
    "get_binding_dtype",
    "binding_is_input",
    "execute_async_v2",
}
FROM_8_5 = {
    "num_io_tensors",
    "get_tensor_name",
    "get_tensor_shape",
    "get_tensor_dtype",
    "get_tensor_mode",
    "set_tensor_address",
    "execute_async_v3",
    "set_memory_pool_limit",
    "WORKSPACE",
}
UP_TO_8_6 = {"max_workspace_size"}
UP_TO_10 = {"precision", "FP16", "set_dynamic_range"}
FROM_10 = {"progress_monitor", "phase_start", "step_complete", "phase_finish", "STRONGLY_TYPED"}


def real(release: str) -> dict[str, list[str]]:
    return json.loads((BINDINGS / f"{release}.json").read_text())  # type: ignore[no-any-return]


def public(kind: Any) -> set[str]:
    names = kind.__members__ if isinstance(kind, EnumMeta) else dir(kind)
    return {name for name in names if not name.startswith(("_", "fake_"))}


def sources() -> list[ast.Module]:
    """The modules that speak to TensorRT."""
    room = Path(engines.__file__).parent / "tensorrt"
    names = ("api", "build_progress", "builder", "dialects", "dla", "engine", "recipe")
    return [ast.parse((room / (name + ".py")).read_text()) for name in names]


def number(release: str) -> tuple[int, int]:
    major, minor = release.split(".")[:2]
    return int(major), int(minor)


@pytest.mark.parametrize("api", GENERATIONS)
def test_a_fake_has_nothing_that_its_release_lacks(api: str) -> None:
    trt, truth = fake_tensorrt(api, FakeCuda()), real(GENERATIONS[api].bindings)
    assert {name for name in FAKED if hasattr(trt, name)} == {
        name for name in FAKED if name in truth
    }
    for name in truth.keys() & set(FAKED):
        assert public(getattr(trt, name)) <= set(truth[name]), name


@pytest.mark.parametrize("api", GENERATIONS)
def test_whatever_the_code_asks_with_hasattr_the_fake_answers_as_its_release_does(api: str) -> None:
    trt, truth = fake_tensorrt(api, FakeCuda()), real(GENERATIONS[api].bindings)
    calls = [node for tree in sources() for node in ast.walk(tree) if isinstance(node, ast.Call)]
    asked = {
        call.args[1].value
        for call in calls
        if isinstance(call.func, ast.Name)
        and call.func.id == "hasattr"
        and isinstance(call.args[1], ast.Constant)
    }
    assert {
        "FP16",
        "STRONGLY_TYPED",
        "num_io_tensors",
        "set_memory_pool_limit",
        "progress_monitor",
    } <= asked
    for attribute in asked:
        for name in truth.keys() & set(FAKED):
            assert (attribute in public(getattr(trt, name))) == (attribute in truth[name]), (
                attribute,
                name,
            )
        if attribute in FAKED:
            assert hasattr(trt, attribute) == (attribute in truth)


@pytest.mark.parametrize("release", RELEASES)
def test_whatever_the_code_touches_is_in_the_releases_that_it_is_used_for(release: str) -> None:
    api_names = {
        member for each in RELEASES for members in real(each).values() for member in members
    }
    used = {
        node.attr
        for tree in sources()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
    } & api_names
    assert UP_TO_8_6 | UP_TO_9 | {"progress_monitor"} <= used
    here = {member for members in real(release).values() for member in members}
    version = number(release)
    not_used_here = [
        names
        for names, elsewhere in (
            (UP_TO_9, version >= (10, 0)),
            (FROM_8_5, version < (8, 5)),
            (UP_TO_8_6, version >= (10, 0)),
            (UP_TO_10, version >= (11, 0)),
            (FROM_10, version < (10, 0)),
        )
        if elsewhere
    ]
    assert used - here <= set().union(*not_used_here)


def test_there_is_a_list_for_every_jetpack() -> None:
    assert {number(release) for release in RELEASES} >= {
        (8, 2),
        (8, 5),
        (8, 6),
        (10, 3),
        (10, 13),
        (11, 4),
    }
