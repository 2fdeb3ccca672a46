"""From a refused model file to a mixed one that passes: measures, bisects, writes the file, its
report and its picture.

Knows files and the acceptance check; how the set of layers is found stands in search.py, how a
graph is mixed in mixing.py.
"""

import json
import os
from collections.abc import Callable, Collection
from pathlib import Path
from typing import NamedTuple

import onnx

from catseye.export.bisection.layer_errors import (
    LayerError,
    last_float_tensor,
    layer_errors,
    sqnr_db,
)
from catseye.export.bisection.layer_picture import picture_of_errors
from catseye.export.bisection.mixing import Lowered
from catseye.export.bisection.search import ranked, smallest_float_set
from catseye.export.drafting import Draft, agreeing_file, draft_from_checkpoint, file_from_draft
from catseye.export.precision.equalisation import combined, equalised
from catseye.export.precision.exporting import demand_readable
from catseye.export.precision.onnx_graph import demand_loads
from catseye.models.checkpoint import load_checkpoint
from catseye.runtime.errors import CatseyeError
from catseye.runtime.evaluation.parity import Verdict
from catseye.runtime.model_file.load import ModelFile, load_model
from catseye.runtime.pictures import save_png
from catseye.runtime.system.files import write_bytes

Accept = Callable[[ModelFile], Verdict]


class MixedFile(NamedTuple):
    """float_layers: what has to stay float.  alone: {layer: error with it alone lowered}, the worst
    first.

    before, after: the error of each layer, in the order of the graph.  verdict: on the mixed file,
    written to `path`.
    """

    float_layers: list[str]
    alone: dict[str, float]
    before: list[LayerError]
    after: list[LayerError]
    verdict: Verdict
    path: str


def bisect(model: ModelFile, source: ModelFile, accept: Accept, path: str) -> MixedFile:
    """Find the layers of `model` that must be float, and write the mixed file to `path` with its
    .json and .png.

    source: the float file it was made from.  accept: the acceptance check. Raises CatseyeError for
    a float model, and where no set of float layers is accepted.
    """
    lowered = _lowered(model, source)
    frames = [case.inputs for case in model.golden]
    answer = last_float_tensor(lowered.source)
    accepted: dict[frozenset[str], tuple[ModelFile, Verdict]] = {}

    def error_with(layers: Collection[str]) -> float:
        return -sqnr_db(lowered.mixed(layers), lowered.source, [answer], frames)[answer]

    def passes(layers: Collection[str]) -> bool:
        file = _file_of(model, lowered.mixed(layers), layers)
        verdict = accept(file)
        if verdict.ok:
            accepted[frozenset(layers)] = file, verdict
        return verdict.ok

    alone = ranked(lowered.layers, error_with)
    kept = smallest_float_set(list(alone), passes)
    if kept is None:
        raise CatseyeError(
            f"{model.name} fails with every layer in float",
            "a float model of the same weights",
            "name the --against it was made from",
        )
    (file, verdict), mixed = accepted[frozenset(kept)], lowered.mixed(kept)
    demand_readable(mixed, model.card.target)
    demand_loads(mixed)
    before, after = (
        layer_errors(graph, lowered.source, lowered.layers, frames)
        for graph in (lowered.model, mixed)
    )
    found = MixedFile(
        float_layers=kept, alone=alone, before=before, after=after, verdict=verdict, path=path
    )
    _write(found, file.data, model.name)
    return found


def _lowered(model: ModelFile, source: ModelFile) -> Lowered:
    precision = model.card.precision
    if precision not in ("int8", "fp16"):
        raise CatseyeError(
            f"{model.name}, which is {precision}",
            "an int8 or fp16 model for --bisect",
        )
    graph, float_graph = (onnx.load_from_string(each.data) for each in (model, source))
    channels, before = (
        each.card.calibration.channels if each.card.calibration else {} for each in (model, source)
    )
    return Lowered(graph, equalised(float_graph, combined(channels, before, -1)), precision)


def _file_of(model: ModelFile, graph: onnx.ModelProto, layers: Collection[str]) -> ModelFile:
    """The model file of `graph`, which is that of `model` with these layers in float too."""
    float_layers = tuple(sorted({*model.card.float_layers, *layers}))
    card = model.card._replace(float_layers=float_layers)
    return file_from_draft(Draft(graph, card, list(model.golden)))


def source_file(text: str, size_wh: tuple[int, int] | None) -> ModelFile:
    """The float model file of a checkpoint folder, proven on its golden frames, or the one that
    `text` names. Raises CatseyeError for what is neither."""
    if os.path.isdir(text):
        draft = draft_from_checkpoint(load_checkpoint(Path(text)), "source", size_wh)
        return agreeing_file(draft)
    return load_model(text)


def mixed_path(path: str) -> str:
    """Where the mixed file goes: road.rejected.onnx, road.onnx -> road.mixed.onnx."""
    stem = os.path.splitext(path)[0]
    return stem.removesuffix(".rejected") + ".mixed.onnx"


def _write(found: MixedFile, data: bytes, name: str) -> None:
    stem = os.path.splitext(found.path)[0]
    write_bytes(found.path, data)
    report = {
        "model": name,
        "float_layers": found.float_layers,
        "verdict": found.verdict.as_json(),
        "alone_db": {layer: -error for layer, error in found.alone.items()},
        "before": [error.as_json() for error in found.before],
        "after": [error.as_json() for error in found.after],
    }
    write_bytes(stem + ".json", (json.dumps(report, indent=2) + "\n").encode())
    title = f"{name}: signal to error of each layer"
    save_png(stem + ".png", picture_of_errors(title, found.before, found.after, found.float_layers))
