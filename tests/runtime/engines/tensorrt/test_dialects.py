"""The two dialects of an engine's tensors, in every release that has them."""

from typing import Any

import numpy as np
import pytest
from brightest_model import HEIGHT, WIDTH
from fake_machine import Machine

from catseye.runtime.engines.cuda.cudart import CudaRuntime
from catseye.runtime.engines.tensorrt.dialects import (
    DTYPES,
    IndexedBindings,
    NamedTensors,
    speak,
    spec_from_tensorrt,
)
from catseye.runtime.errors import CatseyeError


def engine_and_context(machine: Machine) -> tuple[Any, Any]:
    log = machine.trt.ILogger()
    log.log = lambda severity, message: None
    engine = machine.trt.Runtime(log).deserialize_cuda_engine(machine.plan())
    return engine, engine.create_execution_context()


def test_names_where_the_release_has_them_else_indices(machine: Machine, api: str) -> None:
    dialect = speak(*engine_and_context(machine))
    assert type(dialect) is (IndexedBindings if api == "8.2" else NamedTensors)


def test_both_dialects_tell_the_same_tensors(machine: Machine, api: str) -> None:
    dialect = speak(*engine_and_context(machine))
    types = ("float32", "int32") if api == "8.2" else ("uint8", "uint8")
    assert dialect.inputs == (("frame", (1, HEIGHT, WIDTH, 3), np.dtype(types[0])),)
    assert dialect.outputs == (("mask", (1, HEIGHT, WIDTH), np.dtype(types[1])),)


@pytest.mark.parametrize("api", ["8.5"])
def test_where_both_are_there_the_dialects_agree(machine: Machine) -> None:
    engine, context = engine_and_context(machine)
    named, indexed = NamedTensors(engine, context), IndexedBindings(engine, context)
    assert (named.inputs, named.outputs) == (indexed.inputs, indexed.outputs)


def test_addresses_reach_the_context_by_name(machine: Machine) -> None:
    engine, context = engine_and_context(machine)
    dialect = speak(engine, context)
    assert dialect.bind("mask", 4096) and dialect.bind("frame", 8192)
    cuda = CudaRuntime(machine.cuda)
    stream = cuda.create_stream()
    assert dialect.enqueue(stream)
    assert context._addresses == {"frame": 8192, "mask": 4096}
    cuda.destroy_stream(stream)


def test_a_name_that_tensorrt_does_not_know_is_not_bound(machine: Machine, api: str) -> None:
    dialect = speak(*engine_and_context(machine))
    if api == "8.2":
        with pytest.raises(ValueError):
            dialect.bind("nothing", 4096)
    else:
        assert not dialect.bind("nothing", 4096)


def test_a_refused_inference_is_told(machine: Machine) -> None:
    dialect = speak(*engine_and_context(machine))
    machine.trt.fake_refusal = True
    dialect.bind("frame", 4096)
    dialect.bind("mask", 8192)
    assert dialect.enqueue(0) is False


def test_every_type_has_its_numpy_twin(machine: Machine) -> None:
    for name, dtype in DTYPES.items():
        member = getattr(machine.trt.DataType, name, None)  # some came with a later release
        if member is not None:
            assert spec_from_tensorrt("x", (1, 2), member.name) == ("x", (1, 2), np.dtype(dtype))


@pytest.mark.parametrize("api", ["11"])
@pytest.mark.parametrize(
    ("shape", "dtype", "said"),
    [
        ((1, -1, 3), "FLOAT", r"x is FLOAT \(1, -1, 3\)"),
        ((1, 3), "FP8", r"x is FP8 \(1, 3\)"),
    ],
)
def test_an_open_shape_and_a_type_numpy_lacks_are_refused(
    machine: Machine, shape: tuple[int, ...], dtype: str, said: str
) -> None:
    with pytest.raises(CatseyeError, match=said):
        spec_from_tensorrt("x", shape, dtype)


@pytest.mark.parametrize("api", ["11"])
def test_a_scalar_has_the_empty_shape(machine: Machine) -> None:
    assert spec_from_tensorrt("x", (), "FLOAT").shape == ()
