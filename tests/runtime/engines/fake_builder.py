"""The building half of the fake TensorRT: parser, network, configuration and builder, strict about
order and types.

It refuses what NVIDIA's refuses: precision flags on a strongly typed network, Q/DQ or half weights
without their flag, a DLA in float, bytes before 8.5, a network without the explicit batch flag
before 10, timings of another release.
"""

import json
from typing import Any

import numpy as np
import onnx
from onnx import helper, shape_inference

KINDS = {
    "Cast": "CAST",
    "QuantizeLinear": "QUANTIZE",
    "DequantizeLinear": "DEQUANTIZE",
    "Relu": "ACTIVATION",
    "Mul": "ELEMENTWISE",
    "ArgMax": "TOPK",
}
MEMBERS = {
    "float32": "FLOAT",
    "float16": "HALF",
    "int8": "INT8",
    "int32": "INT32",
    "bool": "BOOL",
    "uint8": "UINT8",
    "int64": "INT64",
}
ON_DLA = ("ACTIVATION", "ELEMENTWISE")


class ITensor:
    __slots__ = ("name", "dtype", "shape")

    def __init__(self, name: str, dtype: Any, shape: tuple[int, ...]) -> None:
        self.name, self.dtype, self.shape = name, dtype, shape


class ITensorOfRanges(ITensor):
    """Up to TensorRT 10 a tensor may have an INT8 range."""

    __slots__ = ("_range",)

    def set_dynamic_range(self, min: float, max: float) -> bool:
        assert type(min) is float and min == -max  # NVIDIA's takes symmetric ranges only
        self._range = (min, max)
        return True


class Layer:
    """As TensorRT 11 has it."""

    __slots__ = ("name", "type", "_inputs", "_outputs")

    def __init__(self, name: str, kind: Any, inputs: list[Any], outputs: list[Any]) -> None:
        self.name, self.type, self._inputs, self._outputs = name, kind, inputs, outputs

    num_inputs = property(lambda self: len(self._inputs))
    num_outputs = property(lambda self: len(self._outputs))

    def get_input(self, index: int) -> Any:
        return self._inputs[index]

    def get_output(self, index: int) -> Any:
        return self._outputs[index]


class LayerOfTypes(Layer):
    """Up to TensorRT 10 a layer may be asked for a precision."""

    __slots__ = ("precision",)


class Network:
    _trt: Any = None
    __slots__ = ("_flags", "_layers", "_inputs", "_tensors", "_builder", "_half_weights")

    def __init__(self, builder: Any, flags: int) -> None:
        self._flags, self._builder = flags, builder
        self._layers: list[Any] = []
        self._inputs: list[Any] = []
        self._tensors: list[dict[str, Any]] = []
        self._half_weights = False

    num_layers = property(lambda self: len(self._layers))
    num_inputs = property(lambda self: len(self._inputs))

    def get_input(self, index: int) -> Any:
        return self._inputs[index]

    def get_layer(self, index: int) -> Any:
        return self._layers[index]

    def _has(self, flag: str) -> bool:
        member = getattr(self._trt.NetworkDefinitionCreationFlag, flag, None)
        return member is not None and bool(self._flags & 1 << int(member))

    def _kinds(self) -> list[str]:
        return [layer.type.name for layer in self._layers]


class ITimingCache:
    __slots__ = ("_release", "_content")

    def __init__(self, release: str, content: bytes) -> None:
        self._release, self._content = release, content

    def serialize(self) -> Any:
        return memoryview(self._release.encode() + b"|" + self._content)


class IProgressMonitor:
    def __init__(self) -> None:
        self._initialised = True

    def phase_start(self, phase_name: str, parent_phase: Any, num_steps: int) -> None:
        raise NotImplementedError

    def step_complete(self, phase_name: str, step: int) -> bool:
        raise NotImplementedError

    def phase_finish(self, phase_name: str) -> None:
        raise NotImplementedError


class Config:
    _trt: Any = None
    __slots__ = ("default_device_type", "DLA_core", "_flags", "_cache", "_devices", "_logger")

    def __init__(self, logger: Any) -> None:
        self.default_device_type, self.DLA_core = self._trt.DeviceType.GPU, -1
        self._flags = {"TF32"}
        self._cache: Any = None
        self._devices: dict[str, str] = {}
        self._logger = logger

    def set_flag(self, flag: Any) -> None:
        assert isinstance(flag, self._trt.BuilderFlag)
        self._flags.add(flag.name)

    def clear_flag(self, flag: Any) -> None:
        assert isinstance(flag, self._trt.BuilderFlag)
        self._flags.discard(flag.name)

    def create_timing_cache(self, serialized_timing_cache: bytes) -> Any:
        release, _, content = bytes(serialized_timing_cache).partition(b"|")
        if serialized_timing_cache and not content:
            self._logger.log(self._logger.Severity.ERROR, "timing cache cannot be read")
            return None
        return ITimingCache(release.decode() or self._trt.__version__, content)

    def set_timing_cache(self, cache: Any, ignore_mismatch: bool) -> bool:
        assert isinstance(cache, ITimingCache) and type(ignore_mismatch) is bool
        if cache._release != self._trt.__version__:
            self._logger.log(self._logger.Severity.ERROR, "timing cache of another release")
            return False
        self._cache = cache
        return True

    def get_timing_cache(self) -> Any:
        return self._cache

    def can_run_on_DLA(self, layer: Any) -> bool:
        good = layer.type.name in ON_DLA
        if not good:
            text = f"{layer.name}: DLA has no\nlayer of type {layer.type.name}"
            self._logger.log(self._logger.Severity.WARNING, text)
        return good

    def set_device_type(self, layer: Any, device_type: Any) -> None:
        assert isinstance(device_type, self._trt.DeviceType)
        self._devices[layer.name] = device_type.name


class ConfigOfOne(Config):
    __slots__ = ("max_workspace_size",)


class ConfigOfPools(Config):
    __slots__ = ("_pools",)

    def set_memory_pool_limit(self, pool: Any, pool_size: int) -> None:
        assert isinstance(pool, self._trt.MemoryPoolType) and type(pool_size) is int
        self._pools = {pool.name: pool_size}


class ConfigOfBoth(ConfigOfPools):
    __slots__ = ("max_workspace_size",)


class ConfigOfMonitors(ConfigOfPools):
    __slots__ = ("progress_monitor",)

    def __init__(self, logger: Any) -> None:
        super().__init__(logger)
        self.progress_monitor: Any = None


class Builder:
    _trt: Any = None
    __slots__ = ("_logger", "_config")

    num_DLA_cores = property(lambda self: self._trt.fake_dla_cores)

    def __init__(self, logger: Any) -> None:
        self._trt.fake_start(logger)
        self._logger = logger

    def create_builder_config(self) -> Any:
        self._config = self._trt.fake_config = self._trt.IBuilderConfig(self._logger)
        return self._config

    def create_network(self, flags: int = 0) -> Any:
        assert type(flags) is int
        return self._trt.INetworkDefinition(self, flags)

    def build_serialized_network(self, network: Any, config: Any) -> Any:
        assert config is self._config and network._builder is self
        complaint = (
            "Requested amount of GPU memory\ncould not be allocated."
            if self._trt.fake_shortage
            else (self._complaint(network, config))
        )
        if complaint:
            self._logger.log(self._logger.Severity.ERROR, complaint)
            return None
        if self._trt.fake_on_build:
            self._trt.fake_on_build()
        self._trt.fake_builds += 1
        report_progress(getattr(config, "progress_monitor", None))
        config._cache._content += b"timed;"
        on_dla = config.default_device_type is self._trt.DeviceType.DLA
        return memoryview(
            json.dumps(
                {
                    "version": self._trt.__version__,
                    "tensors": network._tensors,
                    "spoiled": self._trt.fake_spoiled,
                    "dla": config.DLA_core if on_dla else None,
                }
            ).encode()
        )

    def _complaint(self, network: Any, config: Any) -> str:
        """What TensorRT says to a network and a configuration that do not fit each other; "" where
        they do."""
        by_flags = hasattr(self._trt.BuilderFlag, "FP16")
        precision = config._flags & {"FP16", "INT8"}
        typed = network._has("STRONGLY_TYPED")
        if typed and precision:
            return "Strongly typed network does not allow precision flags"
        if not typed and not by_flags:
            return "Networks are strongly typed"
        if not typed and "QUANTIZE" in network._kinds() and "INT8" not in precision:
            return "Q/DQ in the network, but INT8 is not set"
        if not typed and network._half_weights and "FP16" not in precision:
            return "half weights in the network, but FP16 is not set"
        if config.default_device_type is self._trt.DeviceType.DLA:
            return self._dla_complaint(network, config, precision, by_flags)
        return ""

    def _dla_complaint(self, network: Any, config: Any, precision: set[str], by_flags: bool) -> str:
        lost = [
            layer.name
            for layer in network._layers
            if layer.type.name not in ON_DLA and config._devices.get(layer.name) != "GPU"
        ]
        if not 0 <= config.DLA_core < self._trt.fake_dla_cores:
            return f"invalid DLA core {config.DLA_core}"
        if by_flags and not precision:
            return "DLA needs FP16 or INT8"
        return (
            f"{lost[0]} cannot run on the DLA"
            if lost and "GPU_FALLBACK" not in config._flags
            else ""
        )


def report_progress(monitor: Any) -> None:
    """The calls of a build: two phases, one inside the other."""
    if monitor is None:
        return
    assert isinstance(monitor, IProgressMonitor) and monitor._initialised
    monitor.phase_start("Building Engine", None, 2)
    monitor.phase_start("Timing", "Building Engine", 1)
    assert monitor.step_complete("Timing", 0) is True
    monitor.phase_finish("Timing")
    assert monitor.step_complete("Building Engine", 0) is True
    assert monitor.step_complete("Building Engine", 1) is True
    monitor.phase_finish("Building Engine")


class ParserError:
    def __init__(self, text: str) -> None:
        self._text = text

    def desc(self) -> str:
        return self._text


class OnnxParser:
    _trt: Any = None
    num_errors = property(lambda self: len(self._errors))

    def __init__(self, network: Any, logger: Any) -> None:
        self._network = network
        self._errors: list[str] = []

    def parse(self, model: bytes) -> bool:
        if hasattr(self._trt.ICudaEngine, "num_bindings") and not self._network._has(
            "EXPLICIT_BATCH"
        ):
            self._errors.append("Network must have the explicit batch flag")
        proto = shape_inference.infer_shapes(onnx.load_from_string(model))
        graph = proto.graph
        for mode, values in (("INPUT", graph.input), ("OUTPUT", graph.output)):
            self._network._tensors += [self._described(value, mode) for value in values]
        if not self._errors:
            self._add_layers(graph)
        return not self._errors

    def _add_layers(self, graph: Any) -> None:
        values = [*graph.input, *graph.value_info, *graph.output]
        known = {
            value.name: self._tensor(value.name, value.type.tensor_type.elem_type)
            for value in values
        }
        known.update(
            {
                weight.name: self._tensor(weight.name, weight.data_type)
                for weight in graph.initializer
            }
        )
        self._network._inputs = [known[value.name] for value in graph.input]
        self._network._half_weights = any(
            weight.data_type == onnx.TensorProto.FLOAT16 for weight in graph.initializer
        )
        for node in graph.node:
            kind = self._trt.LayerType[KINDS[node.op_type]]
            self._network._layers.append(
                self._trt.ILayer(
                    node.name,
                    kind,
                    [known[name] for name in node.input],
                    [known[name] for name in node.output],
                )
            )

    def _tensor(self, name: str, element: int) -> Any:
        member = MEMBERS[np.dtype(helper.tensor_dtype_to_np_dtype(element)).name]
        return self._trt.ITensor(name, getattr(self._trt.DataType, member, None), ())

    def _described(self, value: Any, mode: str) -> dict[str, Any]:
        member = MEMBERS[
            np.dtype(helper.tensor_dtype_to_np_dtype(value.type.tensor_type.elem_type)).name
        ]
        if not hasattr(self._trt.DataType, member):
            self._errors.append(f"Unsupported ONNX data type:\n{member}")
        shape = [dimension.dim_value for dimension in value.type.tensor_type.shape.dim]
        return {"name": value.name, "shape": shape, "dtype": member, "mode": mode}

    def get_error(self, index: int) -> Any:
        return self._trt.ParserError(self._errors[index])
