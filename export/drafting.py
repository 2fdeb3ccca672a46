"""Checkpoint -> model file: one `.onnx` with card and golden frames, checked before it gets its
name.

The graph is traced at opset 11, slimmed and given IR version 7, so that onnxruntime from 1.10,
OpenCV from 4.5.4 and TensorRT from 8.2 load it. Knows ONNX and torch; what a task's graph is stands
in `graphs`.
"""

import base64
import io
import json
import warnings
from typing import NamedTuple

import onnx
import onnxslim
import torch

from catseye.export.card import OPSET, card_from_checkpoint
from catseye.export.graphs import graph_from_checkpoint
from catseye.export.graphs.base import Graph
from catseye.export.torch_engine import TorchEngine
from catseye.models.checkpoint import Checkpoint
from catseye.runtime.engines import open_engine
from catseye.runtime.errors import CatseyeError
from catseye.runtime.evaluation.parity import cases_of, verdict_on
from catseye.runtime.model_file.card import Card
from catseye.runtime.model_file.golden import GoldenCase, bytes_from_golden
from catseye.runtime.model_file.load import CARD_KEY, GOLDEN_KEY, ModelFile, model_from_bytes
from catseye.runtime.model_file.onnx_file import digest_of_graph
from catseye.runtime.system.files import sha256_hex, write_bytes

IR_VERSION = 7
GOLDEN_LIMIT = 1_000_000  # bytes of golden frames in a file


class Draft(NamedTuple):
    """A model before it is a file: its graph, its card, and its golden frames, which may have
    `limit` bytes."""

    model: onnx.ModelProto
    card: Card
    golden: list[GoldenCase]
    limit: int = GOLDEN_LIMIT


def export_checkpoint(
    checkpoint: Checkpoint, path: str, name: str, size_wh: tuple[int, int] | None = None
) -> None:
    """Write the float model file of a checkpoint; nothing is written unless onnxruntime agrees with
    torch."""
    write_bytes(path, agreeing_file(draft_from_checkpoint(checkpoint, name, size_wh)).data)


class ParityError(Exception):
    """An exported graph that answers differently from the network it came from: it is never
    published."""


def draft_from_checkpoint(
    checkpoint: Checkpoint, name: str, size_wh: tuple[int, int] | None = None
) -> Draft:
    """The float graph of a checkpoint with all that its file will say of it. Raises CatseyeError
    for a frame that the network cannot take."""
    graph = graph_from_checkpoint(checkpoint, size_wh)
    source = TorchEngine(graph)
    inputs = [{source.inputs[0].name: frame} for frame in graph.golden_inputs()]
    card = card_from_checkpoint(checkpoint, graph, source, name)
    return Draft(slim_onnx_from_graph(graph), card, cases_of(source, inputs))


def draft_from_model(file: ModelFile, name: str) -> Draft:
    """The draft of a float file that was adopted or exported before. Raises CatseyeError for a file
    of another precision or for a board."""
    card = file.card
    if card.precision != "fp32" or card.target != "any":
        raise CatseyeError(
            f"{file.name} is {card.precision} for {card.target}",
            "an fp32 file for any",
            "export the network in float32, and adopt that"
            if "adopted" in card.provenance.config and card.target == "any"
            else "start from it",
        )
    model = onnx.load_from_string(file.data)
    del model.metadata_props[:]
    golden = list(file.golden)
    limit = max(GOLDEN_LIMIT, len(bytes_from_golden(golden)))
    return Draft(model, card._replace(name=name), golden, limit)


def agreeing_file(draft: Draft) -> ModelFile:
    """The float file of a draft.

    Raises ParityError where onnxruntime does not answer as the source on its golden frames.
    """
    model = file_from_draft(draft)
    with open_engine(model, backend="onnxruntime", provider="cpu") as engine:
        verdict = verdict_on(engine, model.card, model.golden)
    if not verdict.ok:
        raise ParityError(
            f"onnxruntime does not agree with the source of {model.name}: {verdict.outputs}"
        )
    return model


def file_from_draft(draft: Draft) -> ModelFile:
    """The model file, read back from its bytes: the graph with its card and golden frames inside.

    Raises CatseyeError where the golden frames are larger than the draft's limit, ModelFileError
    for a draft whose parts do not fit.
    """
    packed = bytes_from_golden(draft.golden)
    if len(packed) > draft.limit:
        raise CatseyeError(
            f"golden frames of {len(packed)} bytes",
            f"at most {draft.limit}",
            "export at a smaller --size",
        )
    digest = digest_of_graph(draft.model.SerializeToString())
    card = draft.card._replace(golden_sha256=sha256_hex(packed), graph_sha256=digest)
    metadata = {
        CARD_KEY: json.dumps(card.as_json()),
        GOLDEN_KEY: base64.b64encode(packed).decode(),
    }
    onnx.helper.set_model_props(draft.model, metadata)
    return model_from_bytes(draft.model.SerializeToString(), draft.card.name)


def slim_onnx_from_graph(graph: Graph) -> onnx.ModelProto:
    """Trace, slim, and hold to the opset and IR version that every board reads."""
    stream = io.BytesIO()
    # the tracer's advice to use the dynamo exporter, which cannot write opset 11
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            graph,
            graph.example_inputs(),
            stream,  # type: ignore[arg-type]  # a stream is taken
            dynamo=False,
            opset_version=OPSET,
            input_names=list(graph.input_names),
            output_names=list(graph.output_names),
        )
    model = onnxslim.slim(onnx.load_from_string(stream.getvalue()))
    model.ir_version = IR_VERSION
    opsets = {entry.domain: entry.version for entry in model.opset_import}
    if opsets != {"": OPSET}:
        raise ParityError(f"the exporter wrote opsets {opsets} instead of {OPSET}")
    onnx.checker.check_model(model, full_check=True)
    return model
