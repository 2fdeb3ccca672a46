"""TensorRT's Python package as of 8.2, 8.6, 10 and 11: a module for each, with that release's attributes and no more.

The members were read off NVIDIA's documentation (8.2, 8.6) and the binding wheels of 8.6.1, 10.3, 10.13 and 11.4. Slots
stand for pybind11's refusal of unknown attributes. The "network" answers, for each pixel of three planes, which is
brightest; it computes on the device memory that it was given, when its stream is synchronised.
"""
import json
from enum import Enum, IntEnum
from types import ModuleType, SimpleNamespace
from typing import Any, NamedTuple

import numpy as np
import onnx
from fake_cuda import FakeCuda
from onnx import helper

NUMPY = {"FLOAT": np.float32, "HALF": np.float16, "INT8": np.int8, "INT32": np.int32, "BOOL": np.bool_,
         "UINT8": np.uint8, "INT64": np.int64}
Tensor = dict[str, Any]  # name, shape, dtype (by member name), mode


def plan_bytes(version: str, tensors: list[Tensor]) -> bytes:
    """What the fake builder of `version` writes and only the fake runtime of `version` reads."""
    return json.dumps({"version": version, "tensors": tensors}).encode()


def brightest(frame: np.ndarray) -> np.ndarray:
    """The network: (1, H, W, 3) -> (1, H, W)."""
    return frame.argmax(axis=-1)


class ILogger:
    Severity = Enum("Severity", ["INTERNAL_ERROR", "ERROR", "WARNING", "INFO", "VERBOSE"], start=0)

    def __init__(self) -> None:
        self.initialised = True


class Context:
    def __init__(self, engine: Any) -> None:
        self._engine = engine
        self._addresses: dict[str, int] = {}

    def _enqueue(self, stream: int) -> bool:
        assert type(stream) is int
        if self._engine.trt.fake_refusal:
            return False
        self._engine.trt.fake_cuda.enqueue(stream, self._work)
        return True

    def _work(self) -> None:
        arrays: dict[str, list[np.ndarray]] = {"INPUT": [], "OUTPUT": []}
        for tensor in self._engine.tensors:
            dtype, shape = np.dtype(NUMPY[tensor["dtype"]]), tensor["shape"]
            memory = self._engine.trt.fake_cuda.device_bytes(
                self._addresses[tensor["name"]], int(np.prod(shape)) * dtype.itemsize)
            arrays[tensor["mode"]].append(memory.view(dtype).reshape(shape))
        np.copyto(arrays["OUTPUT"][0], brightest(arrays["INPUT"][0]), casting="unsafe")


class ContextOfBindings(Context):
    def execute_async_v2(self, bindings: list[int], stream_handle: int) -> bool:
        assert all(type(address) is int for address in bindings)
        self._addresses = {tensor["name"]: address for tensor, address in zip(self._engine.tensors, bindings)}
        return self._enqueue(stream_handle)


class ContextOfNames(Context):
    def set_tensor_address(self, name: str, memory: int) -> bool:
        self._addresses[name] = memory
        return name in [tensor["name"] for tensor in self._engine.tensors]

    def execute_async_v3(self, stream_handle: int) -> bool:
        return self._enqueue(stream_handle)


class ContextOfBoth(ContextOfNames, ContextOfBindings):
    pass


class Engine:
    context = Context

    def __init__(self, trt: Any, tensors: list[Tensor]) -> None:
        self.trt, self.tensors = trt, tensors

    def create_execution_context(self) -> Any:
        return None if self.trt.fake_shortage else self.context(self)

    def _named(self, name: str) -> Tensor:
        return next(tensor for tensor in self.tensors if tensor["name"] == name)


class EngineOfBindings(Engine):
    context = ContextOfBindings
    num_bindings = property(lambda self: len(self.tensors))

    def get_binding_name(self, index: int) -> str:
        return str(self.tensors[index]["name"])

    def get_binding_shape(self, index: int) -> tuple[int, ...]:
        return tuple(self.tensors[index]["shape"])

    def get_binding_dtype(self, index: int) -> Any:
        return self.trt.DataType[self.tensors[index]["dtype"]]

    def binding_is_input(self, index: int) -> bool:
        return bool(self.tensors[index]["mode"] == "INPUT")


class EngineOfNames(Engine):
    context = ContextOfNames
    num_io_tensors = property(lambda self: len(self.tensors))

    def get_tensor_name(self, index: int) -> str:
        return str(self.tensors[index]["name"])

    def get_tensor_shape(self, name: str) -> tuple[int, ...]:
        return tuple(self._named(name)["shape"])

    def get_tensor_dtype(self, name: str) -> Any:
        return self.trt.DataType[self._named(name)["dtype"]]

    def get_tensor_mode(self, name: str) -> Any:
        return self.trt.TensorIOMode[self._named(name)["mode"]]


class EngineOfBoth(EngineOfNames, EngineOfBindings):
    context = ContextOfBoth


def start(trt: Any, logger: Any) -> None:
    """What a GPU that TensorRT cannot use looks like from Python."""
    if trt.fake_death:
        logger.log(ILogger.Severity.INTERNAL_ERROR, "CUDA initialization failure with error: 999")
        raise TypeError("pybind11::init(): factory function returned nullptr")


class Runtime:
    trt: Any = None

    def __init__(self, logger: Any) -> None:
        assert logger.initialised  # pybind11 raises TypeError where the base's __init__ was not called
        start(self.trt, logger)
        self._logger = logger
        self.trt.fake_runtimes += 1

    def deserialize_cuda_engine(self, plan: bytes) -> Any:
        content = json.loads(plan) if plan.startswith(b"{") else {"version": None}
        if content["version"] != self.trt.__version__:
            self._logger.log(ILogger.Severity.ERROR, "The engine plan file is not compatible with\nthis version.")
            return None
        return self.trt.fake_engine(self.trt, content["tensors"])


class Config:
    __slots__ = ("flags",)

    def __init__(self) -> None:
        self.flags: list[str] = []

    def set_flag(self, flag: Any) -> None:
        self.flags.append(flag.name)


class ConfigOfOne(Config):
    __slots__ = ("max_workspace_size",)


class ConfigOfPools(Config):
    __slots__ = ("pools",)

    def set_memory_pool_limit(self, pool: Any, pool_size: int) -> None:
        self.pools = {pool.name: pool_size}


class ConfigOfBoth(ConfigOfPools):
    __slots__ = ("max_workspace_size",)


class Builder:
    trt: Any = None

    def __init__(self, logger: Any) -> None:
        start(self.trt, logger)
        self._logger = logger

    def create_builder_config(self) -> Any:
        self.trt.fake_config = self.trt.fake_config_type()
        return self.trt.fake_config

    def create_network(self, flags: int = 0) -> Any:
        return SimpleNamespace(tensors=[], flags=flags)

    def build_serialized_network(self, network: Any, config: Any) -> Any:
        assert config is self.trt.fake_config
        if self.trt.fake_shortage:
            self._logger.log(ILogger.Severity.ERROR, "Requested amount of GPU memory\ncould not be allocated.")
            return None
        return memoryview(plan_bytes(self.trt.__version__, network.tensors))


class OnnxParser:
    trt: Any = None
    num_errors = property(lambda self: len(self._errors))

    def __init__(self, network: Any, logger: Any) -> None:
        self._network = network
        self._errors: list[str] = []

    def parse(self, model: bytes) -> bool:
        if self.trt.fake_batch_flag and not self._network.flags & 1:
            self._errors.append("Network must have the explicit batch flag")
        graph = onnx.load_from_string(model).graph
        for mode, values in (("INPUT", graph.input), ("OUTPUT", graph.output[:1])):
            self._network.tensors += [self._tensor(value, mode) for value in values]
        return not self._errors

    def _tensor(self, value: Any, mode: str) -> Tensor:
        kind = helper.tensor_dtype_to_np_dtype(value.type.tensor_type.elem_type)
        member = next(name for name, dtype in NUMPY.items() if np.dtype(dtype) == kind)
        if not hasattr(self.trt.DataType, member):
            self._errors.append(f"Unsupported ONNX data type:\n{member}")
        shape = [dimension.dim_value for dimension in value.type.tensor_type.shape.dim]
        return {"name": value.name, "shape": shape, "dtype": member, "mode": mode}

    def get_error(self, index: int) -> Any:
        return SimpleNamespace(desc=lambda: self._errors[index])


class Generation(NamedTuple):
    """What sets one release apart."""

    version: str
    data_types: str
    builder_flags: str
    network_flags: str
    pools: bool
    engine: Any
    config: Any


BASIC_TYPES = "FLOAT HALF INT8 INT32 BOOL"
GENERATIONS = {
    "8.2": Generation("8.2.1.8", BASIC_TYPES, "FP16 INT8 TF32", "EXPLICIT_BATCH EXPLICIT_PRECISION", False,
                      EngineOfBindings, ConfigOfOne),
    "8.6": Generation("8.6.1", BASIC_TYPES + " UINT8 FP8", "FP16 INT8 TF32 FP8", "EXPLICIT_BATCH EXPLICIT_PRECISION",
                      True, EngineOfBoth, ConfigOfBoth),
    "10": Generation("10.3.0", BASIC_TYPES + " UINT8 FP8 BF16 INT64 INT4", "FP16 INT8 TF32 FP8 BF16 INT4",
                     "EXPLICIT_BATCH STRONGLY_TYPED", True, EngineOfNames, ConfigOfPools),
    "11": Generation("11.4.0.106", BASIC_TYPES + " UINT8 FP8 BF16 INT64 INT4 FP4 E8M0", "TF32 REFIT",
                     "STRONGLY_TYPED PREFER_AOT_PYTHON_PLUGINS", True, EngineOfNames, ConfigOfPools),
}


def fake_tensorrt(api: str, cuda: FakeCuda) -> Any:
    """The package `tensorrt` of one of GENERATIONS, on that CUDA; names with `fake_` are the test's, not NVIDIA's.

    fake_shortage: no memory for contexts and builds.  fake_refusal: inference is refused.  fake_death: no start.
    """
    generation = GENERATIONS[api]
    trt: Any = ModuleType("tensorrt")
    trt.__version__ = generation.version
    trt.DataType = Enum("DataType", generation.data_types, start=0)
    trt.BuilderFlag = Enum("BuilderFlag", generation.builder_flags, start=0)
    trt.NetworkDefinitionCreationFlag = IntEnum("NetworkDefinitionCreationFlag", generation.network_flags, start=0)
    trt.TensorIOMode = Enum("TensorIOMode", "NONE INPUT OUTPUT", start=0)
    if generation.pools:
        trt.MemoryPoolType = Enum("MemoryPoolType", "WORKSPACE DLA_MANAGED_SRAM", start=0)
    trt.ILogger = ILogger
    for base in (Runtime, Builder, OnnxParser):
        setattr(trt, base.__name__, type(base.__name__, (base,), {"trt": trt}))
    trt.fake_cuda, trt.fake_engine, trt.fake_config_type = cuda, generation.engine, generation.config
    trt.fake_batch_flag = issubclass(generation.engine, EngineOfBindings)
    trt.fake_runtimes = 0
    trt.fake_shortage = trt.fake_refusal = trt.fake_death = False
    return trt
