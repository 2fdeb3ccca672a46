"""The network that is adopted, read from its file: an ONNX graph of static shapes, and the original
that it is held against.

`.onnx` of any exporter, with or without weights in files beside it; `.pt2` of torch.export;
TorchScript. A pickle is refused: to open one is to run what it says. Knows files and graphs; not
what goes into a network nor what its answer means.
"""

import io
import os
import shlex
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import onnx
import torch
from onnx import TensorProto, inliner

from catseye.export.precision.onnx_graph import at_opset, opset_of, slimmed
from catseye.runtime.engines.cpu import usable_cores
from catseye.runtime.engines.onnxruntime import open_session
from catseye.runtime.errors import CatseyeError, ModelFileError
from catseye.runtime.model_file.load import CARD_KEY, checkpoint_at
from catseye.runtime.model_file.tensors import DTYPES, LARGEST_SIDE, Arrays, TensorSpec
from catseye.runtime.system.files import read_bytes, sha256_hex

MOST_BYTES = (1 << 31) - 1  # of a protobuf message
OLDEST_OPSET, LOWEST_OPSET, NEWEST_OPSET = 7, 11, 24
TORCH_OPSET = 17  # of the graphs that are traced here
EXPECTED = "a .onnx, a .pt2 of torch.export, or TorchScript"
PICTURE_AXES = 4


class Original(NamedTuple):
    """model: its graph, of static shapes and one picture a time.  input, outputs: as the original
    takes and gives them.  infer: the original itself, on one input.  metadata: what stands beside
    the graph.  sha256: of the file."""

    name: str
    model: onnx.ModelProto
    input: TensorSpec
    outputs: tuple[TensorSpec, ...]
    infer: Callable[[np.ndarray], Arrays]
    metadata: dict[str, str]
    sha256: str


def read_original(path: str, size_wh: tuple[int, int] | None) -> Original:
    """Read the network in the file `path`; `size_wh`: of its pictures, where the file leaves it
    open. Raises CatseyeError for what is no such file, and for a network of anything but one
    picture."""
    folder = checkpoint_at(path)
    if folder:
        fix = f"it is ours already: catseye export {shlex.quote(folder)}"
        raise CatseyeError(f"{path} is a checkpoint", EXPECTED, fix)
    if not os.path.isfile(path):
        raise CatseyeError(f"no file {path}", EXPECTED, "check the path")
    if os.path.getsize(path) > MOST_BYTES:
        raise CatseyeError(f"{path} has {os.path.getsize(path)} bytes", f"at most {MOST_BYTES}")
    if path.endswith(".onnx"):
        return _from_onnx(path, size_wh)
    return _from_torch(path, size_wh)


def _from_onnx(path: str, size_wh: tuple[int, int] | None) -> Original:
    digest = sha256_hex(read_bytes(path, ModelFileError))
    try:
        model = onnx.load(path)
        onnx.checker.check_model(model)
    except Exception as error:  # onnx raises what protobuf, its checker and the disk raise
        raise CatseyeError(f"{path} is no sound ONNX file ({_first_line(error)})", EXPECTED)
    metadata = {entry.key: entry.value for entry in model.metadata_props}
    if CARD_KEY in metadata:
        raise CatseyeError(f"{path} is a model file of ours", EXPECTED, "use it as it is")
    metadata |= {"producer": f"{model.producer_name} {model.producer_version}".strip()}
    del model.metadata_props[:]
    model = inliner.inline_local_functions(model)
    given = _picture_input(model, path)
    _set_shape(given, _static_shape(given, size_wh, path))
    as_given = model.SerializeToString()  # what is rewritten below is held to its answers
    static = _slimmed(model, path)
    _demand_numbers(static, path)
    return _original(path, static, _onnx_inference(as_given), metadata, digest)


def _from_torch(path: str, size_wh: tuple[int, int] | None) -> Original:
    digest = sha256_hex(read_bytes(path, ModelFileError))
    network, example = _torch_network(path, size_wh)
    stream = io.BytesIO()
    try:
        with torch.no_grad(), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the tracer's advice
            names = [f"output{i}" for i in range(len(_answers(network(example))))]
            torch.onnx.export(
                network,
                (example,),
                stream,  # type: ignore[arg-type]  # a stream is taken
                dynamo=False,
                opset_version=TORCH_OPSET,
                input_names=["picture"],
                output_names=names,
            )
    except Exception as error:  # a network may raise anything on a size it was not made for
        raise CatseyeError(
            f"{path} cannot be run on {tuple(example.shape)} ({_first_line(error)})",
            "a network of one picture, (1, 3, height, width) float32",
            "name its --size, or export it to ONNX",
        )

    def infer(picture: np.ndarray) -> Arrays:
        with torch.no_grad():
            answers = _answers(network(torch.from_numpy(picture)))
        return {name: answer.numpy() for name, answer in zip(names, answers)}

    model = _slimmed(onnx.load_from_string(stream.getvalue()), path)
    _demand_numbers(model, path)
    producer = {"producer": f"torch {torch.__version__}"}
    return _original(path, model, infer, producer, digest)


def _demand_numbers(model: onnx.ModelProto, path: str) -> None:
    """Raise CatseyeError for weights that are not numbers: such a network answers with its first
    class everywhere, and so would the file. Infinite ones may be meant, as a mask of attention."""
    for weight in model.graph.initializer:
        values = onnx.numpy_helper.to_array(weight)
        if values.dtype.kind == "f" and np.isnan(values).any():
            raise CatseyeError(
                f"{path} has weights that are no numbers ({weight.name})",
                "a network that was trained to its end",
                "look at its loss, and export an earlier epoch",
            )


def _torch_network(
    path: str, size_wh: tuple[int, int] | None
) -> tuple[torch.nn.Module, torch.Tensor]:
    """The network in a torch.export or TorchScript file, with a picture that it can be traced
    with."""
    kept = _entries(path)
    if any(name.endswith("archive_format") or "models/" in name for name in kept):
        program = torch.export.load(path)
        shapes = [
            node.meta["val"].shape
            for node in program.graph.nodes
            if node.name in program.graph_signature.user_inputs
        ]
        if len(shapes) != 1 or len(shapes[0]) != PICTURE_AXES:
            raise _no_picture(path, f"inputs of shapes {[tuple(map(str, s)) for s in shapes]}")
        height, width = (None if isinstance(n, torch.SymInt) else n for n in shapes[0][2:])
        wanted = _size(path, size_wh, width, height)
        return _Exported(program.module()), torch.zeros(1, 3, wanted[1], wanted[0])
    if not any(name.endswith("constants.pkl") for name in kept):
        raise CatseyeError(
            f"{path} is no network that can be read without running its code",
            EXPECTED,
            "write it with torch.jit.trace or torch.export, or export it to ONNX",
        )
    script = torch.jit.load(path, map_location="cpu").eval()
    width, height = _size(path, size_wh, None, None)
    return script, torch.zeros(1, 3, height, width)


class _Exported(torch.nn.Module):
    """A network of torch.export, which refuses to be told to train or not, as the tracer does."""

    def __init__(self, network: torch.nn.Module) -> None:
        super().__init__()
        network.requires_grad_(False)
        self._run: Callable[[torch.Tensor], object] = network.forward  # no child: it would be told

    def forward(self, picture: torch.Tensor) -> object:
        return self._run(picture)


def _entries(path: str) -> list[str]:
    """Names in a zip, [] where the file is none."""
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError):
        return []


def _answers(answer: object) -> list[torch.Tensor]:
    """The tensors of what a network gave: one, or those of a tuple, a list or a dictionary."""
    if isinstance(answer, torch.Tensor):
        return [answer]
    parts = answer.values() if isinstance(answer, dict) else answer
    if not isinstance(parts, (tuple, list, type({}.values()))):
        raise CatseyeError(f"an answer of type {type(answer).__name__}", "tensors")
    return [tensor for part in parts for tensor in _answers(part)]


def _picture_input(model: onnx.ModelProto, path: str) -> onnx.ValueInfoProto:
    """The one input that is no weight. Raises CatseyeError for several, and for no picture."""
    weights = {tensor.name for tensor in model.graph.initializer}
    inputs = [value for value in model.graph.input if value.name not in weights]
    found = ", ".join(f"{value.name} {_shape_words(value)}" for value in inputs)
    if len(inputs) != 1 or len(inputs[0].type.tensor_type.shape.dim) != PICTURE_AXES:
        raise _no_picture(path, f"inputs {found or 'none'}")
    return inputs[0]


def _no_picture(path: str, found: str) -> CatseyeError:
    return CatseyeError(f"{path} has {found}", "one picture of four axes, one of them 3 colours")


def _static_shape(
    value: onnx.ValueInfoProto, size_wh: tuple[int, int] | None, path: str
) -> tuple[int, ...]:
    """The input's shape for one picture of `size_wh`."""
    sides = [side.dim_value if side.dim_value > 0 else None for side in _dims(value)]
    channels_last = sides[3] == 3 and sides[1] != 3
    if not channels_last and sides[1] not in (3, None):
        raise _no_picture(path, f"an input {value.name} {_shape_words(value)}")
    if sides[0] not in (1, None):
        raise CatseyeError(
            f"{path} takes {sides[0]} pictures a time", "1, or any number", "export it for one"
        )
    height, width = (sides[1], sides[2]) if channels_last else (sides[2], sides[3])
    width, height = _size(path, size_wh, width, height)
    return (1, height, width, 3) if channels_last else (1, 3, height, width)


def _size(
    path: str, size_wh: tuple[int, int] | None, width: int | None, height: int | None
) -> tuple[int, int]:
    """Width and height of the pictures: what the file says, else what the person says."""
    wanted = size_wh or (width, height)
    if wanted[0] is None or wanted[1] is None:
        raise CatseyeError(
            f"{path} leaves the size of its pictures open",
            "--size WIDTHxHEIGHT",
            "name the one it was trained for",
        )
    if (width or wanted[0], height or wanted[1]) != wanted:
        raise CatseyeError(
            f"--size {wanted[0]}x{wanted[1]} for {path}, which takes {width}x{height}",
            "its own size",
            "leave --size out: frames are fitted into it",
        )
    if max(wanted) > LARGEST_SIDE:
        raise CatseyeError(f"pictures of {wanted[0]}x{wanted[1]}", f"sides to {LARGEST_SIDE}")
    return wanted[0], wanted[1]


def _slimmed(model: onnx.ModelProto, path: str) -> onnx.ModelProto:
    """The same graph with what follows from its static shapes worked out, at LOWEST_OPSET or
    later."""
    opset = opset_of(model)
    if not OLDEST_OPSET <= opset <= NEWEST_OPSET:
        raise CatseyeError(
            f"{path} has opset {opset}", f"{OLDEST_OPSET} to {NEWEST_OPSET}", "export it again"
        )
    for value in model.graph.output:
        value.type.tensor_type.ClearField("shape")  # they may name what is static now
    del model.graph.value_info[:]
    try:
        static = at_opset(model, LOWEST_OPSET)
        return slimmed(static)
    except Exception as error:  # whatever a rewriting pass raises on a graph it does not know
        raise CatseyeError(
            f"{path} cannot be made static ({_first_line(error)})", "a graph of standard operators"
        )


def _onnx_inference(model: bytes) -> Callable[[np.ndarray], Arrays]:
    try:
        # its fusions may mean another network (findings/onnxruntime-optimizer.sh)
        session, _ = open_session(
            model, "the network", "cpu", threads=usable_cores(), as_written=True
        )
    except CatseyeError as error:  # whose fix speaks of a model file
        raise CatseyeError(
            error.found, "operators and types that it has", "export it in float32, or update it"
        )
    name = session.get_inputs()[0].name
    names = [output.name for output in session.get_outputs()]
    return lambda picture: dict(zip(names, session.run(names, {name: picture})))


def _original(
    path: str,
    model: onnx.ModelProto,
    infer: Callable[[np.ndarray], Arrays],
    metadata: dict[str, str],
    digest: str,
) -> Original:
    given = _picture_input(model, path)
    shape = tuple(side.dim_value for side in _dims(given))
    dtype = onnx.helper.tensor_dtype_to_np_dtype(given.type.tensor_type.elem_type)
    spec = TensorSpec(given.name, shape, np.dtype(dtype))
    if spec.dtype.name not in ("float32", "float16", "uint8"):
        raise CatseyeError(f"{path} takes {spec.dtype.name}", "float32, float16 or uint8 pictures")
    try:
        answers = infer(np.zeros(spec.shape, spec.dtype))
    except Exception as error:  # onnxruntime's, on a size that the network was not made for
        raise CatseyeError(
            f"{path} cannot be run on {shape} ({_first_line(error)})",
            "a size that the network can take",
            "its sides may have to be multiples of 32",
        )
    lists = [name for name, answer in answers.items() if not isinstance(answer, np.ndarray)]
    if lists:
        raise CatseyeError(f"{path} answers {lists[0]} as a list or a map", "tensors")
    outputs = tuple(TensorSpec(n, a.shape, a.dtype) for n, a in answers.items())
    for value, output in zip(model.graph.output, outputs):
        if output.dtype.name not in DTYPES:
            raise CatseyeError(f"{path} answers {output.name} as {output.dtype}", "numbers")
        _set_shape(value, output.shape)
    name = Path(path).stem
    return Original(name, model, spec, outputs, infer, metadata, digest)


def _set_shape(value: onnx.ValueInfoProto, shape: tuple[int, ...]) -> None:
    tensor = value.type.tensor_type
    fixed = onnx.helper.make_tensor_type_proto(tensor.elem_type or TensorProto.FLOAT, shape)
    value.type.CopyFrom(fixed)


def _dims(value: onnx.ValueInfoProto) -> list[onnx.TensorShapeProto.Dimension]:
    return list(value.type.tensor_type.shape.dim)


def _shape_words(value: onnx.ValueInfoProto) -> str:
    return "(" + ", ".join(d.dim_param or str(d.dim_value) for d in _dims(value)) + ")"


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0][:200]
