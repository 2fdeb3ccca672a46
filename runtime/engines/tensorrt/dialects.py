"""The two ways in which TensorRT's Python API speaks of an engine's tensors.

Knows that up to 8.4 a tensor is a binding with an index, that from 8.5 it has a name, and that 10
dropped the index. Which one to speak is asked with hasattr, never read off a version string. Knows
nothing of memory: addresses are given.
"""

from typing import Iterable, List, Tuple, Union

import numpy as np

from catseye.runtime.engines.tensorrt.api import Context, CudaEngine
from catseye.runtime.errors import BackendError
from catseye.runtime.model_file.tensors import TensorSpec

# By the name of the trt.DataType member, so that one a release lacks is never asked for. trt.nptype
# asks for np.bool in JetPack's releases before 8.6, and NumPy 1.24 has none.
DTYPES = {
    "FLOAT": "float32",
    "HALF": "float16",
    "INT8": "int8",
    "INT32": "int32",
    "BOOL": "bool",
    "UINT8": "uint8",
    "INT64": "int64",
}

Specs = Tuple[TensorSpec, ...]


class NamedTensors:
    """TensorRT 8.5 and later: tensors have names, the context remembers their addresses."""

    def __init__(self, engine: CudaEngine, context: Context) -> None:
        """Raises BackendError for a tensor of a type that NumPy has not."""
        self._context = context
        self.inputs: Specs = ()
        self.outputs: Specs = ()
        for index in range(engine.num_io_tensors):
            name = engine.get_tensor_name(index)
            spec = spec_from_tensorrt(
                name, engine.get_tensor_shape(name), engine.get_tensor_dtype(name).name
            )
            if engine.get_tensor_mode(name).name == "INPUT":
                self.inputs += (spec,)
            else:
                self.outputs += (spec,)

    def bind(self, name: str, address: int) -> bool:
        """Tell where on the device the tensor `name` lies; False where TensorRT objects."""
        return bool(self._context.set_tensor_address(name, address))

    def enqueue(self, stream: int) -> bool:
        """Queue one inference; False where TensorRT objects."""
        return bool(self._context.execute_async_v3(stream))


class IndexedBindings:
    """TensorRT before 8.5: tensors are numbered, the list of their addresses goes with every
    call."""

    def __init__(self, engine: CudaEngine, context: Context) -> None:
        """Raises BackendError for a tensor of a type that NumPy has not."""
        self._context = context
        self._names = [engine.get_binding_name(index) for index in range(engine.num_bindings)]
        self._addresses: List[int] = [0] * len(self._names)
        self.inputs: Specs = ()
        self.outputs: Specs = ()
        for index, name in enumerate(self._names):
            spec = spec_from_tensorrt(
                name, engine.get_binding_shape(index), engine.get_binding_dtype(index).name
            )
            if engine.binding_is_input(index):
                self.inputs += (spec,)
            else:
                self.outputs += (spec,)

    def bind(self, name: str, address: int) -> bool:
        """Tell where on the device the tensor `name` lies."""
        self._addresses[self._names.index(name)] = address
        return True

    def enqueue(self, stream: int) -> bool:
        """Queue one inference; False where TensorRT objects."""
        return bool(self._context.execute_async_v2(self._addresses, stream))


Dialect = Union[NamedTensors, IndexedBindings]


def speak(engine: CudaEngine, context: Context) -> Dialect:
    """The dialect of this engine: NamedTensors where it can, else IndexedBindings. Raises
    BackendError where a tensor has no NumPy twin."""
    if hasattr(engine, "num_io_tensors"):
        return NamedTensors(engine, context)
    return IndexedBindings(engine, context)


def spec_from_tensorrt(name: str, shape: Iterable[int], dtype: str) -> TensorSpec:
    """TensorSpec of a tensor with a trt.Dims shape. dtype: the name of its trt.DataType. Raises
    BackendError where it has no NumPy twin."""
    sizes = tuple(int(size) for size in shape)
    if dtype not in DTYPES or min(sizes + (0,)) < 0:
        raise BackendError(
            "tensor %s is %s %s" % (name, dtype, sizes),
            "a fixed shape of %s" % ", ".join(sorted(DTYPES)),
            "export the model again with catseye export",
        )
    return TensorSpec(name, sizes, np.dtype(DTYPES[dtype]))
