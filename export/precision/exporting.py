"""Checkpoint or float file -> model file in a precision, for a target: drafted as float,
transformed, checked, published or rejected.

The order of the steps, and what the card says of them; each step has a module of its own.
"""

from typing import NamedTuple

import onnx

from catseye.export.drafting import (
    Draft,
    agreeing_file,
    draft_from_checkpoint,
    draft_from_model,
    file_from_draft,
)
from catseye.export.precision.acceptance import acceptance_check, publish
from catseye.export.precision.calibration import Calibration, calibration_from
from catseye.export.precision.equalisation import combined, equalised
from catseye.export.precision.fp16 import halved, overflowing_layers
from catseye.export.precision.int8 import OPSET, quantised
from catseye.export.precision.onnx_graph import at_opset, demand_loads, inner_graphs, opset_of
from catseye.export.precision.range_choice import Choice, choose_ranges
from catseye.export.targets.boards import ANY, BOARDS, objections, with_wide_border
from catseye.export.targets.lowering import lowered
from catseye.models.checkpoint import Checkpoint
from catseye.runtime.datasets import DEMO
from catseye.runtime.engines import open_engine
from catseye.runtime.errors import CatseyeError
from catseye.runtime.evaluation.parity import Verdict
from catseye.runtime.model_file.card import PRECISIONS, TARGETS, CalibratedRanges, Card
from catseye.runtime.model_file.load import ModelFile
from catseye.runtime.system.json_document import JsonObject


class Form(NamedTuple):
    """What file is wanted: one of PRECISIONS, one of TARGETS, and the source of calibration
    frames ("": none)."""

    precision: str = "fp32"
    target: str = ANY
    calibrate: str = ""


class Outcome(NamedTuple):
    """model: what was written to `path`.  choice: how ranges were chosen, where they were."""

    model: ModelFile
    path: str
    verdict: Verdict
    choice: Choice | None


def export_form(
    source_of: Checkpoint | ModelFile,
    path: str,
    name: str,
    form: Form,
    size_wh: tuple[int, int] | None = None,
) -> Outcome:
    """Write the file, or keep it aside where the acceptance check refuses it.

    source_of: a checkpoint, or a float file. size_wh: of a checkpoint's graph. Raises CatseyeError
    where the target could not read it, and for a size of what is a file already.
    """
    check_form(form)
    draft = _draft(source_of, name, size_wh)
    if form.precision != "fp32":
        _demand_flat(draft.model, form.precision)
    calibration = calibration_from(form.calibrate, draft.card) if form.calibrate else None
    source = agreeing_file(draft)
    draft = draft._replace(model=_at_opset_of(draft.model, form))
    choice = _choice(draft, calibration, form)
    model = source if form == Form() else _file_of_form(draft, calibration, choice, form)
    verdict = _verdict(source, model, calibration)
    report: JsonObject = {"card": model.card.as_json(), "ranges": choice.scores if choice else {}}
    return Outcome(model, publish(path, model.data, verdict, report), verdict, choice)


def _draft(source_of: Checkpoint | ModelFile, name: str, size_wh: tuple[int, int] | None) -> Draft:
    if isinstance(source_of, Checkpoint):
        return draft_from_checkpoint(source_of, name, size_wh)
    if size_wh is not None:
        raise CatseyeError(
            f"--size for the file {source_of.name}", "a checkpoint", "leave --size out"
        )
    return draft_from_model(source_of, name)


def check_form(form: Form) -> None:
    """Raise CatseyeError for a form that nobody can make."""
    if form.precision not in PRECISIONS:
        raise CatseyeError(f"precision {form.precision!r}", " or ".join(PRECISIONS))
    if form.target not in TARGETS:
        raise CatseyeError(f"target {form.target!r}", " or ".join(TARGETS))
    if form.precision == "int8" and not form.calibrate:
        raise CatseyeError(
            "--precision int8 without --calibrate",
            "frames as the camera will see them",
            f"name a folder of pictures, a recording or a data set ({DEMO} for synthetic ones)",
        )


def demand_readable(model: onnx.ModelProto, target: str) -> None:
    """Raise CatseyeError with the first objection of the target's parser."""
    found = objections(model, target) if target != ANY else []
    if found:
        more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
        raise CatseyeError(
            f"{found[0]}{more}", f"what {BOARDS[target].name} reads", "choose another --target"
        )


def _file_of_form(
    draft: Draft, calibration: Calibration | None, choice: Choice | None, form: Form
) -> ModelFile:
    """The model file that is wanted, as its target can read it."""
    model, float_layers = _transformed(draft, calibration, choice, form)
    demand_readable(model, form.target)
    demand_loads(model)
    ranges = None
    if choice and calibration:
        ranges = CalibratedRanges(
            calibration.description, choice.method, choice.amax(), _channels(draft.card, choice)
        )
    card = draft.card._replace(
        precision=form.precision,
        target=form.target,
        opset=opset_of(model),
        float_layers=tuple(float_layers),
        calibration=ranges,
    )
    return file_from_draft(draft._replace(model=model, card=card))


def _demand_flat(model: onnx.ModelProto, precision: str) -> None:
    """Raise CatseyeError, with its name, for a node with a graph within: precision is a matter of
    tensors that are always there."""
    for node in model.graph.node:
        if inner_graphs(node):
            raise CatseyeError(
                f"{node.op_type} {node.name or node.output[0]} for {precision}",
                "a network without branches and loops",
                "leave --precision out, or export it without them",
            )


def _channels(card: Card, choice: Choice) -> dict[str, tuple[int, ...]]:
    """What the file's channels were multiplied by in all, where it is made from a file that had it
    done already."""
    before = card.calibration.channels if card.calibration else {}
    return combined(choice.exponents, before)


def _at_opset_of(model: onnx.ModelProto, form: Form) -> onnx.ModelProto:
    """The graph as the target's parser reads it: at the newest opset that it reads, where its own
    is newer, and of operators that it has, where ONNX defines others by these."""
    if form.target == ANY:
        return model
    board = BOARDS[form.target]
    return lowered(model, board.opset, board.operators)


def _verdict(source: ModelFile, model: ModelFile, calibration: Calibration | None) -> Verdict:
    """The acceptance check of `model`, made from the float file `source`."""
    data = calibration.data if calibration else ""
    with (
        open_engine(source, "onnxruntime", "cpu") as before,
        open_engine(model, "onnxruntime", "cpu") as engine,
    ):
        check = acceptance_check(before, model.card, source.golden, calibration, data)
        verdict = check.in_range(check.on_answers(engine, model.card), model)
        return check.with_metric(verdict, engine, model.card)


def _choice(draft: Draft, calibration: Calibration | None, form: Form) -> Choice | None:
    """Ranges, for INT8 and for the card of any other file that was calibrated: a DLA builds INT8
    from those."""
    if calibration is None or form.precision == "fp16":
        return None
    return choose_ranges(at_opset(draft.model, OPSET), calibration, form.target, draft.card)


def _transformed(
    draft: Draft, calibration: Calibration | None, choice: Choice | None, form: Form
) -> tuple[onnx.ModelProto, list[str]]:
    """The graph in its precision and with the target's border; the layers that stayed float."""
    model, float_layers = draft.model, []
    if choice is not None:
        model = equalised(model, choice.exponents)
    if form.precision == "fp16":
        frames = calibration.frames if calibration else [case.inputs for case in draft.golden]
        float_layers = overflowing_layers(model, frames)
        model = halved(model, float_layers)
    elif form.precision == "int8" and choice is not None:
        model = quantised(at_opset(model, OPSET), choice.ranges, form.target, choice.means)
    border_is_wide = form.target != ANY and not BOARDS[form.target].takes_bytes
    return (with_wide_border(model) if border_is_wide else model), float_layers
