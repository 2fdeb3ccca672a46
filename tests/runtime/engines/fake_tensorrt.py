"""TensorRT's Python package as of 8.2, 8.5, 8.6, 10 and 11: a module for each, with its attributes
and no more.

test_fakes.py holds every class and enum here to the lists in bindings/. Slots stand for pybind11's
refusal of unknown attributes. The "network" answers, for each pixel of three channels, which is
brightest; it computes on the device memory that it was given, when its stream is waited for. The
building half is fake_builder.py.
"""

import json
from enum import Enum, IntEnum
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np
from brightest_model import brightest
from fake_builder import (
    Builder,
    ConfigOfBoth,
    ConfigOfMonitors,
    ConfigOfOne,
    ConfigOfPools,
    IProgressMonitor,
    ITensor,
    ITensorOfRanges,
    ITimingCache,
    Layer,
    LayerOfTypes,
    Network,
    OnnxParser,
    ParserError,
)
from fake_cuda import FakeCuda

NUMPY = {
    "FLOAT": np.float32,
    "HALF": np.float16,
    "INT8": np.int8,
    "INT32": np.int32,
    "BOOL": np.bool_,
    "UINT8": np.uint8,
    "INT64": np.int64,
}
Tensor = dict[str, Any]  # name, shape, dtype (by member name), mode


def plan_bytes(version: str, tensors: list[Tensor], **more: Any) -> bytes:
    """What the fake builder of `version` writes and only the fake runtime of `version` reads."""
    return json.dumps(
        {"version": version, "tensors": tensors, "dla": None, "spoiled": False, **more}
    ).encode()


class ILogger:
    Severity = Enum("Severity", ["INTERNAL_ERROR", "ERROR", "WARNING", "INFO", "VERBOSE"], start=0)

    def __init__(self) -> None:
        self._initialised = True

    def log(self, severity: Any, msg: str) -> None:
        raise NotImplementedError


class Context:
    def __init__(self, engine: Any) -> None:
        self._engine = engine
        self._addresses: dict[str, int] = {}
        self._settled = False

    def _enqueue(self, stream: int) -> bool:
        assert type(stream) is int
        trt = self._engine._trt
        if trt.fake_refusal:
            return False
        if trt.fake_cuda.is_capturing(stream) and (
            not self._settled or self._engine._plan["dla"] is not None
        ):
            self._engine._logger.log(
                ILogger.Severity.ERROR, "operation not permitted when stream is capturing"
            )
            return False
        self._settled = True
        trt.fake_cuda.enqueue(stream, self._work)
        return True

    def _work(self) -> None:
        arrays: dict[str, list[np.ndarray]] = {"INPUT": [], "OUTPUT": []}
        for tensor in self._engine._tensors:
            dtype, shape = np.dtype(NUMPY[tensor["dtype"]]), tensor["shape"]
            memory = self._engine._trt.fake_cuda.device_bytes(
                self._addresses[tensor["name"]], int(np.prod(shape)) * dtype.itemsize
            )
            arrays[tensor["mode"]].append(memory.view(dtype).reshape(shape))
        answer = brightest(arrays["INPUT"][0])
        answer = (answer + 1) % 3 if self._engine._plan["spoiled"] else answer
        np.copyto(arrays["OUTPUT"][0], answer, casting="unsafe")


class ContextOfBindings(Context):
    def execute_async_v2(self, bindings: list[int], stream_handle: int) -> bool:
        assert all(type(address) is int for address in bindings)
        self._addresses = {
            tensor["name"]: address for tensor, address in zip(self._engine._tensors, bindings)
        }
        return self._enqueue(stream_handle)


class ContextOfNames(Context):
    def set_tensor_address(self, name: str, memory: int) -> bool:
        self._addresses[name] = memory
        return name in [tensor["name"] for tensor in self._engine._tensors]

    def execute_async_v3(self, stream_handle: int) -> bool:
        # NVIDIA's says which tensor has no address, and refuses
        if len(self._addresses) < len(self._engine._tensors):
            self._engine._logger.log(
                ILogger.Severity.ERROR, "Address is not set for an output tensor"
            )
            return False
        return self._enqueue(stream_handle)


class ContextOfBoth(ContextOfNames, ContextOfBindings):
    pass


class Engine:
    _context: Any = Context

    def __init__(self, trt: Any, plan: dict[str, Any], logger: Any) -> None:
        self._trt, self._plan, self._tensors, self._logger = trt, plan, plan["tensors"], logger

    def create_execution_context(self) -> Any:
        return None if self._trt.fake_shortage else self._context(self)

    def _named(self, name: str) -> Tensor:
        return next(tensor for tensor in self._tensors if tensor["name"] == name)


class EngineOfBindings(Engine):
    _context = ContextOfBindings
    num_bindings = property(lambda self: len(self._tensors))

    def get_binding_name(self, index: int) -> str:
        return str(self._tensors[index]["name"])

    def get_binding_shape(self, index: int) -> tuple[int, ...]:
        return tuple(self._tensors[index]["shape"])

    def get_binding_dtype(self, index: int) -> Any:
        return self._trt.DataType[self._tensors[index]["dtype"]]

    def binding_is_input(self, index: int) -> bool:
        return bool(self._tensors[index]["mode"] == "INPUT")


class EngineOfNames(Engine):
    _context = ContextOfNames
    num_io_tensors = property(lambda self: len(self._tensors))

    def get_tensor_name(self, index: int) -> str:
        return str(self._tensors[index]["name"])

    def get_tensor_shape(self, name: str) -> tuple[int, ...]:
        return tuple(self._named(name)["shape"])

    def get_tensor_dtype(self, name: str) -> Any:
        return self._trt.DataType[self._named(name)["dtype"]]

    def get_tensor_mode(self, name: str) -> Any:
        return self._trt.TensorIOMode[self._named(name)["mode"]]


class EngineOfBoth(EngineOfNames, EngineOfBindings):
    _context = ContextOfBoth


class Runtime:
    _trt: Any = None
    __slots__ = ("DLA_core", "_logger")

    def __init__(self, logger: Any) -> None:
        self._trt.fake_start(logger)
        self.DLA_core = -1
        self._logger = logger
        self._trt.fake_runtimes += 1

    def deserialize_cuda_engine(self, serialized_engine: bytes) -> Any:
        plan = (
            json.loads(serialized_engine)
            if serialized_engine.startswith(b"{")
            else {"version": None}
        )
        self._trt.fake_loads.append(serialized_engine)
        if plan["version"] != self._trt.__version__ or self._trt.fake_foreign:
            self._logger.log(
                ILogger.Severity.ERROR, "The engine plan file is not compatible with\nthis version."
            )
            return None
        if plan["dla"] is not None and self.DLA_core != plan["dla"]:
            self._logger.log(
                ILogger.Severity.ERROR, f"DLA core {self.DLA_core} for a plan of core {plan['dla']}"
            )
            return None
        return self._trt.fake_engine(self._trt, plan, self._logger)


class Generation(NamedTuple):
    """What sets one release apart. bindings: the list of attributes that it is held to."""

    version: str
    bindings: str
    data_types: str
    builder_flags: str
    network_flags: str
    engine: Any
    config: Any
    layer: Any


BASIC_TYPES = "FLOAT HALF INT8 INT32 BOOL"
FLAGS = "FP16 INT8 GPU_FALLBACK TF32 PREFER_PRECISION_CONSTRAINTS OBEY_PRECISION_CONSTRAINTS"
GENERATIONS = {
    "8.2": Generation(
        "8.2.1.8",
        "8.2.1",
        BASIC_TYPES,
        FLAGS,
        "EXPLICIT_BATCH EXPLICIT_PRECISION",
        EngineOfBindings,
        ConfigOfOne,
        LayerOfTypes,
    ),
    "8.5": Generation(
        "8.5.2.2",
        "8.5.2",
        BASIC_TYPES + " UINT8",
        FLAGS,
        "EXPLICIT_BATCH EXPLICIT_PRECISION",
        EngineOfBoth,
        ConfigOfBoth,
        LayerOfTypes,
    ),
    "8.6": Generation(
        "8.6.1",
        "8.6.1",
        BASIC_TYPES + " UINT8 FP8",
        FLAGS + " FP8",
        "EXPLICIT_BATCH EXPLICIT_PRECISION",
        EngineOfBoth,
        ConfigOfBoth,
        LayerOfTypes,
    ),
    "10": Generation(
        "10.3.0",
        "10.3.0",
        BASIC_TYPES + " UINT8 FP8 BF16 INT64 INT4",
        FLAGS + " FP8 BF16 INT4",
        "EXPLICIT_BATCH STRONGLY_TYPED",
        EngineOfNames,
        ConfigOfMonitors,
        LayerOfTypes,
    ),
    "11": Generation(
        "11.4.0.106",
        "11.4.0.106",
        BASIC_TYPES + " UINT8 FP8 BF16 INT64 INT4 FP4 E8M0",
        "TF32 REFIT GPU_FALLBACK",
        "STRONGLY_TYPED PREFER_AOT_PYTHON_PLUGINS",
        EngineOfNames,
        ConfigOfMonitors,
        Layer,
    ),
}


def fake_tensorrt(api: str, cuda: FakeCuda) -> Any:
    """The package `tensorrt` of one of GENERATIONS, on that CUDA; names with `fake_` are the
    test's, not NVIDIA's.

    fake_shortage: no memory for contexts and builds.  fake_refusal: inference is refused.
    fake_death: no start. fake_foreign: no plan loads.  fake_spoiled: what is built answers wrongly.
    fake_builds: how many were built. fake_loads: plans that somebody tried to load.
    fake_dla_cores: of the board.
    """
    generation = GENERATIONS[api]
    trt: Any = ModuleType("tensorrt")
    trt.__version__ = generation.version
    trt.DataType = Enum("DataType", generation.data_types, start=0)
    trt.BuilderFlag = Enum("BuilderFlag", generation.builder_flags, start=0)
    trt.DeviceType = Enum("DeviceType", "GPU DLA", start=0)
    trt.LayerType = Enum(
        "LayerType", "CAST QUANTIZE DEQUANTIZE ACTIVATION ELEMENTWISE TOPK", start=0
    )
    trt.NetworkDefinitionCreationFlag = IntEnum(
        "NetworkDefinitionCreationFlag", generation.network_flags, start=0
    )
    if issubclass(generation.engine, EngineOfNames):
        trt.TensorIOMode = Enum("TensorIOMode", "NONE INPUT OUTPUT", start=0)
    if issubclass(generation.config, ConfigOfPools):
        trt.MemoryPoolType = Enum("MemoryPoolType", "WORKSPACE DLA_MANAGED_SRAM", start=0)
    if issubclass(generation.config, ConfigOfMonitors):
        trt.IProgressMonitor = IProgressMonitor
    trt.ILogger, trt.ITimingCache = ILogger, ITimingCache
    trt.ITensor = ITensorOfRanges if generation.layer is LayerOfTypes else ITensor
    trt.ILayer, trt.IExecutionContext = generation.layer, generation.engine._context
    for name, base in (
        ("Runtime", Runtime),
        ("Builder", Builder),
        ("OnnxParser", OnnxParser),
        ("INetworkDefinition", Network),
        ("ICudaEngine", generation.engine),
        ("IBuilderConfig", generation.config),
        ("ParserError", ParserError),
    ):
        setattr(trt, name, type(name, (base,), {"_trt": trt, "__slots__": ()}))
    trt.fake_cuda, trt.fake_engine = cuda, trt.ICudaEngine
    trt.fake_runtimes = trt.fake_builds = trt.fake_dla_cores = 0
    trt.fake_loads = []
    trt.fake_config = trt.fake_on_build = None
    trt.fake_shortage = trt.fake_refusal = trt.fake_death = trt.fake_foreign = trt.fake_spoiled = (
        False
    )
    trt.fake_start = lambda logger: start(trt, logger)
    return trt


def start(trt: Any, logger: Any) -> None:
    """pybind11 raises TypeError where the logger's base was not set up; so does a GPU that TensorRT
    cannot use."""
    if not getattr(logger, "_initialised", False):
        raise TypeError("__init__(): incompatible constructor arguments")
    if trt.fake_death:
        logger.log(ILogger.Severity.INTERNAL_ERROR, "CUDA initialization failure with error: 999")
        raise TypeError("pybind11::init(): factory function returned nullptr")
