"""A network of somebody else's -> model file: border, card and golden frames, held against the
original before it gets its name.

The original answers the golden frames itself, prepared by the rule in NumPy; what onnxruntime makes
of the written file must agree with that. Knows the order of the steps; each has a module.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import NamedTuple

import numpy as np
import onnx

from catseye.export.adoption.answer import Form, MaskAnswer, chosen_output, mask_answer
from catseye.export.adoption.border import FRAME, MASK, bordered_mask, bordered_outputs
from catseye.export.adoption.class_tables import (
    class_table,
    table_named,
    with_road,
)
from catseye.export.adoption.original import Original, read_original
from catseye.export.adoption.preparation import Preparation, named_classes, preparation_of
from catseye.export.adoption.probabilities import ClassAnswer, bordered_classes, class_answer
from catseye.export.adoption.wishes import TASKS, Wishes
from catseye.export.drafting import GOLDEN_LIMIT, Draft, file_from_draft
from catseye.export.graphs.base import GOLDEN_CASES, golden_streets, plain_frame
from catseye.export.precision.acceptance import publish
from catseye.export.precision.onnx_graph import demand_loads, opset_of, slimmed
from catseye.export.sampling import evenly_spread
from catseye.runtime.classes import VOID, ClassTable
from catseye.runtime.engines import open_engine
from catseye.runtime.errors import CatseyeError
from catseye.runtime.evaluation.parity import Verdict, verdict_on
from catseye.runtime.model_file.border import read_border
from catseye.runtime.model_file.card import (
    MOST_CLASSES,
    MOST_LABELS,
    Card,
    NoSettings,
    Provenance,
    Settings,
)
from catseye.runtime.model_file.golden import GoldenCase, bytes_from_golden
from catseye.runtime.model_file.load import ModelFile
from catseye.runtime.model_file.onnx_file import read_onnx_file
from catseye.runtime.model_file.tensors import Arrays, described
from catseye.runtime.sources import open_source
from catseye.runtime.system.json_document import JsonObject
from catseye.runtime.tasks.letterbox import letterbox
from catseye.runtime.tasks.road import RoadSettings
from catseye.runtime.version import VERSION

SEGMENTATION, CLASSIFICATION, TENSORS = TASKS
# what the tools of others call them
ULTRALYTICS = {"semantic": SEGMENTATION, "classify": CLASSIFICATION}
TENSORS_LIMIT = 8 * GOLDEN_LIMIT  # the answers of `tensors` are numbers, which hardly compress


class Adopted(NamedTuple):
    """model: what was written to `path`, under its name or beside it.  found: what was learned of
    the network, a line each."""

    model: ModelFile
    path: str
    verdict: Verdict
    found: tuple[str, ...]


class _Trial:
    """A network on its golden frames, which are made when they are first asked for."""

    def __init__(self, original: Original, preparation: Preparation, frames: str) -> None:
        """frames: a source of them, "" for drawn streets."""
        self.original, self.preparation, self._source = original, preparation, frames

    @cached_property
    def frames(self) -> Sequence[np.ndarray]:
        """(1, H, W, 3) uint8 BGR each."""
        size_wh = self.preparation.size_wh
        return _frames_of(self._source, size_wh) if self._source else golden_streets(size_wh)

    def answers(self) -> Iterator[Arrays]:
        """What the original says to each; many score planes are large, so none is kept. Raises
        CatseyeError for NaN, which no file could be compared with."""
        for frame in self.frames:
            answers = self.original.infer(self.preparation.applied(frame))
            for name, values in answers.items():
                if values.dtype.kind == "f" and np.isnan(values).any():
                    raise CatseyeError(
                        f"{self.original.name} answers NaN in {name} to a golden frame",
                        "numbers",
                        "check --scale, --mean and --std, or the network in its own tool",
                    )
            yield answers


class _Plan(NamedTuple):
    """How a network becomes a model file of a task. answer: what the original's outputs mean on
    the border of the file."""

    task: str
    model: onnx.ModelProto
    answer: Callable[[Arrays], Arrays]
    table: ClassTable | None
    words: str
    limit: int = GOLDEN_LIMIT

    @property
    def settings(self) -> Settings:
        if self.table is None or self.table.road == VOID:
            return NoSettings()
        return RoadSettings(self.table.names[self.table.road])


def adopt(path: str, output: str, name: str, wishes: Wishes) -> Adopted:
    """Write the model file `output` of the network in the file `path`, or keep it aside where it
    does not answer as the original. Raises CatseyeError for what cannot be adopted, and for what
    neither the file nor `wishes` say."""
    original = read_original(path, wishes.size_wh)
    preparation = preparation_of(original, wishes)
    trial = _Trial(original, preparation, wishes.frames)
    plan = PLANS[_task(original, wishes)](trial, wishes)
    model = slimmed(plan.model)
    demand_loads(model)
    golden = _golden(trial, plan)
    card = _card(original, preparation, plan, model, name, wishes)
    file = file_from_draft(Draft(model, card, golden, plan.limit))
    with open_engine(file, "onnxruntime", "cpu") as engine:
        verdict = verdict_on(engine, file.card, file.golden)
    found = (f"frames: {preparation.words()}", f"answer: {plan.words}")
    return Adopted(file, publish(output, file.data, verdict, _report(file)), verdict, found)


def _report(file: ModelFile) -> JsonObject:
    return {"card": file.card.as_json()}


def _task(original: Original, wishes: Wishes) -> str:
    """What the person says, else what the file says, else what only one task could be."""
    said = wishes.task or ULTRALYTICS.get(original.metadata.get("task", ""), "")
    if said:
        return said
    ranks = {sum(side > 1 for side in spec.shape) for spec in original.outputs}
    if ranks <= {2, 3} and all(len(spec.shape) in (3, 4) for spec in original.outputs):
        return SEGMENTATION
    if ranks == {1} and len(original.outputs) == 1:
        return CLASSIFICATION
    words = ", ".join(map(described, original.outputs))
    raise CatseyeError(
        f"{original.name} answers {words}", "a task", "name it: --task " + "|".join(TASKS)
    )


def _segmentation(trial: _Trial, wishes: Wishes) -> _Plan:
    original, preparation = trial.original, trial.preparation
    size_wh = preparation.size_wh
    answer: MaskAnswer = mask_answer(original, wishes.answer, size_wh, trial.answers)
    model = bordered_mask(original.model, preparation, answer)
    words = f"{described(answer.output)}, {answer.form.value}"
    lone = answer.form in (Form.LOGIT, Form.PROBABILITY)
    table = _classes(original, answer.classes, wishes, lone=lone)
    return _Plan("road", model, lambda out: {MASK: answer.mask(out, size_wh)}, table, words)


def _classification(trial: _Trial, wishes: Wishes) -> _Plan:
    original = trial.original
    answer: ClassAnswer = class_answer(original, wishes.answer, trial.answers)
    model = bordered_classes(original.model, trial.preparation, answer)
    table = _classes(original, answer.classes, wishes, MOST_LABELS)
    words = f"{described(answer.output)}, {answer.words}"
    return _Plan(CLASSIFICATION, model, answer.probabilities, table._replace(road=VOID), words)


def _tensors(trial: _Trial, wishes: Wishes) -> _Plan:
    original = trial.original
    outputs = original.outputs
    if wishes.answer:
        outputs = (chosen_output(original, wishes.answer, lambda spec: True),)
    names = [spec.name for spec in outputs]
    if {FRAME, MASK} & set(names):
        raise CatseyeError(f"an output called {FRAME} or {MASK}", "another name")
    model = bordered_outputs(original.model, trial.preparation, names)
    words = ", ".join(map(described, outputs))
    return _Plan(TENSORS, model, lambda out: {n: out[n] for n in names}, None, words, TENSORS_LIMIT)


PLANS: dict[str, Callable[[_Trial, Wishes], _Plan]] = {
    SEGMENTATION: _segmentation,
    CLASSIFICATION: _classification,
    TENSORS: _tensors,
}


def _classes(
    original: Original,
    number: int | None,
    wishes: Wishes,
    most: int = MOST_CLASSES,
    lone: bool = False,
) -> ClassTable:
    """The class table, of as many classes as the answer tells apart, `most` at most. lone: it is
    one class's own, and what is beside that class has no name."""
    published = named_classes(original.metadata)
    if lone and len(published) == 1:
        published = ("Background", *published)
    counted = wishes.classes == "1"
    if counted and not lone and number is not None:
        raise _other_number(1, number)
    if wishes.classes and not (counted and (wishes.road or published)):
        table = with_road(table_named(wishes.classes, most), wishes.road, most)
    elif published:
        table = class_table(published, wishes.road, most)
    elif wishes.road and number == 2:
        table = class_table(("Background", wishes.road), wishes.road)
    elif lone:
        raise CatseyeError(
            f"{original.name} does not name its one class",
            "--road NAME, or a --classes FILE of two, the background first",
        )
    else:
        raise CatseyeError(
            f"{original.name} does not name its {number or ''} classes".replace("  ", " "),
            "--classes FILE|NAME|N",
            f"--classes {number or 'N'} numbers them",
        )
    if number is not None and len(table.names) != number:
        raise _other_number(len(table.names), number)
    return table


def _other_number(found: int, number: int) -> CatseyeError:
    return CatseyeError(f"{found} classes for an answer of {number}", "as many as it distinguishes")


def _golden(trial: _Trial, plan: _Plan) -> list[GoldenCase]:
    """Frames with the original's own answers, as many of GOLDEN_CASES as there is room for."""
    cases: list[GoldenCase] = []
    for frame, answers in zip(trial.frames, trial.answers()):
        case = GoldenCase({FRAME: frame}, plan.answer(answers))
        if cases and len(bytes_from_golden([*cases, case])) > plan.limit:
            break
        cases.append(case)
    return cases


def _frames_of(text: str, size_wh: tuple[int, int]) -> list[np.ndarray]:
    """GOLDEN_CASES frames spread over a source, (1, H, W, 3), fitted as the runtime fits them."""
    with open_source(text) as source:
        if source.live:
            raise CatseyeError(f"live source {text} for --frames", "a video or pictures")
        chosen = evenly_spread((frame.image for frame in source), GOLDEN_CASES)
    if not chosen:
        raise CatseyeError(f"no frames in {text}", "a video or pictures")
    return [plain_frame(letterbox(image, size_wh)[0]) for image in chosen]


def _card(
    original: Original,
    preparation: Preparation,
    plan: _Plan,
    model: onnx.ModelProto,
    name: str,
    wishes: Wishes,
) -> Card:
    border = read_border(read_onnx_file(model.SerializeToString(), name), name)
    table = plan.table
    told = {
        "license": wishes.license or original.metadata.get("license", ""),
        "origin": wishes.origin or original.metadata.get("docs", ""),
        "exporter": original.metadata.get("producer", ""),
    }
    adopted: JsonObject = {
        "file_sha256": original.sha256,
        "frames": preparation.words(),
        "answer": plan.words,
        **{key: value[:200] for key, value in told.items() if value},
    }
    return Card(
        version=VERSION,
        name=name,
        task=plan.task,
        classes=table.names if table else (),
        colours_rgb=table.colours_rgb if table else (),
        inputs=border.inputs,
        outputs=border.outputs,
        precision=border.precision,
        target="any",
        opset=opset_of(model),
        metrics={},
        provenance=Provenance(
            data={}, seed=0, epoch=0, epochs=0, optimizer="", commit="", config={"adopted": adopted}
        ),
        settings=plan.settings,
    )
