"""What an engine is tied to: the model, the machine, and how it was built. Another of any of these
is another engine.

Knows where each number comes from. Does not know where engines are kept.
"""

from typing import List, NamedTuple, Tuple, Union

from catseye.runtime.engines.cpu import cpu_name
from catseye.runtime.engines.cuda import cudart
from catseye.runtime.engines.cuda.device_buffer import is_integrated
from catseye.runtime.engines.cuda.driver import gpu_name
from catseye.runtime.engines.tensorrt.api import TensorRT
from catseye.runtime.engines.tensorrt.recipe import Recipe
from catseye.runtime.model_file.load import ModelFile
from catseye.runtime.model_file.tensors import described
from catseye.runtime.system.files import sha256_hex
from catseye.runtime.system.json_document import Fields, JsonObject

# counted up by a change of builder.py after which engines must be built again
BUILD_REVISION = 1
# what must be equal for a plan to be loaded at all; the rest says whether it is the one that was
# asked for
MACHINE_FIELDS = ("tensorrt", "cuda", "compute_capability", "board")
MOST_FLAGS = 1 << 24  # characters; a DLA engine names the range of every tensor


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

    def as_json(self) -> JsonObject:
        return dict(self._asdict())


def machine_here(trt: TensorRT) -> Machine:
    """The machine that this program runs on, whose TensorRT is `trt`. Raises BackendError without
    CUDA."""
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


def engine_key(model: ModelFile, machine: Machine, recipe: Recipe) -> EngineKey:
    """The key of the engine that `recipe` makes of `model` on `machine`."""
    shapes = ", ".join(described(spec) for spec in model.border.inputs + model.border.outputs)
    dla_core = -1 if recipe.dla_core is None else recipe.dla_core
    return EngineKey(
        model.sha256,
        *machine,
        precision=recipe.precision,
        dla_core=dla_core,
        flags=recipe.as_text(),
        shapes=shapes,
        revision=BUILD_REVISION,
    )


def key_from_fields(fields: Fields) -> EngineKey:
    """The inverse of `as_json`. Raises ModelFileError for anything else."""
    return EngineKey(
        model_sha256=fields.text("model_sha256"),
        tensorrt=fields.text("tensorrt"),
        cuda=fields.text("cuda"),
        compute_capability=fields.text("compute_capability"),
        board=fields.text("board"),
        precision=fields.text("precision"),
        dla_core=fields.integer("dla_core", -1, 1 << 8),
        flags=fields.text("flags", most=MOST_FLAGS),
        shapes=fields.text("shapes", most=MOST_FLAGS),
        revision=fields.integer("revision", 0, 1 << 16),
    )


def key_differences(found: EngineKey, wanted: EngineKey) -> List[str]:
    """`tensorrt 8.2.1.8, here 8.5.2.2`: what keeps `found` from standing for `wanted`."""
    return _differences(found, wanted, EngineKey._fields)


def machine_differences(found: EngineKey, machine: Machine) -> List[str]:
    """The same, for the machine only."""
    return _differences(found, machine, MACHINE_FIELDS)


def _differences(
    found: EngineKey, wanted: Union[EngineKey, Machine], fields: Tuple[str, ...]
) -> List[str]:
    pairs = [(name, getattr(found, name), getattr(wanted, name)) for name in fields]
    return ["%s %s, here %s" % pair for pair in pairs if pair[1] != pair[2]]
