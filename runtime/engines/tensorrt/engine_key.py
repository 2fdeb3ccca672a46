"""What an engine is tied to: the model, the machine, and how it was built. Another of any of these
is another engine.

Knows where each number comes from. Does not know where engines are kept.
"""

from typing import Any, Dict, List, NamedTuple, Tuple

from catseye.runtime.engines.base import described
from catseye.runtime.engines.cpu import cpu_name
from catseye.runtime.engines.cuda import cudart
from catseye.runtime.engines.cuda.device_buffer import is_integrated
from catseye.runtime.engines.cuda.driver import gpu_name
from catseye.runtime.engines.graph_io import GraphIO
from catseye.runtime.engines.tensorrt.recipe import Recipe
from catseye.runtime.system.files import sha256_hex

# counted up by a change of builder.py after which engines must be built again
BUILD_REVISION = 1
# what must be equal for a plan to be loaded at all; the rest says whether it is the one that was
# asked for
MACHINE_FIELDS = ("tensorrt", "cuda", "compute_capability", "board")
NUMBERS = ("dla_core", "revision")


class Machine(NamedTuple):
    """TensorRT's full version, CUDA as in "12.6", the GPU's compute capability as in "8.7", the
    board's or GPU's name."""

    tensorrt: str
    cuda: str
    compute_capability: str
    board: str


class EngineKey(NamedTuple):
    """All that an engine depends on, as text and numbers that JSON keeps. dla_core: -1 for the
    GPU."""

    model_sha256: str
    tensorrt: str
    cuda: str
    compute_capability: str
    board: str
    precision: str
    dla_core: int
    flags: str
    shapes: str
    revision: int

    def digest(self) -> str:
        """64 hexadecimal digits that stand for all of it."""
        return sha256_hex(
            "\n".join("%s=%s" % item for item in self._asdict().items()).encode("utf-8")
        )

    def as_json(self) -> Dict[str, Any]:
        return dict(self._asdict())


def machine_here(trt: Any) -> Machine:
    """The machine that this program runs on, whose TensorRT is `trt`; CatseyeError without CUDA."""
    cuda = cudart.load_cudart()
    version = cuda.version()
    capability = "%d.%d" % (
        cuda.device_attribute(cudart.MAJOR),
        cuda.device_attribute(cudart.MINOR),
    )
    board = cpu_name() if is_integrated(cuda) else gpu_name()
    return Machine(
        str(trt.__version__), "%d.%d" % (version // 1000, version % 1000 // 10), capability, board
    )


def engine_key(model: bytes, graph: GraphIO, machine: Machine, recipe: Recipe) -> EngineKey:
    """The key of the engine that `recipe` makes of `model` on `machine`."""
    shapes = ", ".join(described(spec) for spec in graph.inputs + graph.outputs)
    dla_core = -1 if recipe.dla_core is None else recipe.dla_core
    return EngineKey(
        sha256_hex(model),
        *machine,
        precision=recipe.precision,
        dla_core=dla_core,
        flags=recipe.as_text(),
        shapes=shapes,
        revision=BUILD_REVISION,
    )


def key_from_json(document: Any) -> EngineKey:
    """The inverse of `as_json`; ValueError for anything else."""
    if not isinstance(document, dict) or set(document) != set(EngineKey._fields):
        raise ValueError("its key has other fields than %s" % ", ".join(EngineKey._fields))
    wrong = [
        name
        for name in EngineKey._fields
        if type(document[name]) is not (int if name in NUMBERS else str)
    ]
    if wrong:
        raise ValueError("its key has a wrong %s" % wrong[0])
    return EngineKey(**document)


def key_differences(found: EngineKey, wanted: EngineKey) -> List[str]:
    """`tensorrt 8.2.1.8, here 8.5.2.2`: what keeps `found` from standing for `wanted`."""
    return _differences(found, wanted, EngineKey._fields)


def machine_differences(found: EngineKey, machine: Machine) -> List[str]:
    """The same, for the machine only."""
    return _differences(found, machine, MACHINE_FIELDS)


def _differences(found: Any, wanted: Any, fields: Tuple[str, ...]) -> List[str]:
    pairs = [(name, getattr(found, name), getattr(wanted, name)) for name in fields]
    return ["%s %s, here %s" % pair for pair in pairs if pair[1] != pair[2]]
