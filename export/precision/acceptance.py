"""The acceptance check of the workstation: what is published answers as its source, what does not
is kept aside with a report.

Outputs are compared on the golden frames. Beyond them, the task's metric decides on data with
labels that calibration never saw; where the calibration frames have none, the outputs on those held
out are compared too.
"""

import json
import os
from collections.abc import Sequence
from typing import NamedTuple

from catseye.export.precision.calibration import Calibration
from catseye.runtime.engines import Engine
from catseye.runtime.evaluation import headline
from catseye.runtime.evaluation.parity import (
    Verdict,
    cases_of,
    in_half_range,
    metric_check,
    verdict_on,
)
from catseye.runtime.model_file.card import Card
from catseye.runtime.model_file.golden import Difference, GoldenCase
from catseye.runtime.model_file.load import ModelFile
from catseye.runtime.model_file.tensors import Arrays
from catseye.runtime.system.files import write_bytes
from catseye.runtime.system.json_document import JsonObject


class AcceptanceCheck(NamedTuple):
    """What a lowered model is held against: the answers that its source gives, and the metric that
    it reaches.

    golden, held_out: inputs with those answers.  frames: all inputs that are at hand.  metric: on
    `split` of `data`; None where there is no data.
    """

    golden: Sequence[GoldenCase]
    held_out: Sequence[GoldenCase]
    frames: Sequence[Arrays]
    data: str
    split: str
    metric: float | None

    def on_answers(self, engine: Engine, card: Card) -> Verdict:
        """The verdict on the outputs alone. engine: runs the model of `card`, which names its
        precision."""
        verdict = verdict_on(engine, card, self.golden)
        return verdict._replace(outputs=[*verdict.outputs, *self._on_held_out(engine, card)])

    def with_metric(self, verdict: Verdict, engine: Engine, card: Card) -> Verdict:
        """The same with the metric, which takes a hundred times as long."""
        if self.metric is None:
            return verdict
        return verdict._replace(
            metric=metric_check(card, self.metric, headline(engine, card, self.data, self.split))
        )

    def in_range(self, verdict: Verdict, model: ModelFile) -> Verdict:
        """The same with the nodes that overflow in half on any of the frames."""
        return in_half_range(verdict, model, self.frames)

    def _on_held_out(self, engine: Engine, card: Card) -> list[Difference]:
        rows = verdict_on(engine, card, self.held_out).outputs
        return [row._replace(name=f"{row.name} (held-out frames)") for row in rows]


def acceptance_check(
    source: Engine,
    card: Card,
    golden: Sequence[GoldenCase],
    calibration: Calibration | None,
    data: str,
    split: str = "val",
) -> AcceptanceCheck:
    """The check for the models made from `source`, the float file in onnxruntime. data: of the
    metric; "": none."""
    inputs = calibration.held_out if calibration and not calibration.data else []
    metric = headline(source, card, data, split) if data else None
    frames = [case.inputs for case in golden]
    if calibration:
        frames += calibration.frames + calibration.held_out
    return AcceptanceCheck(golden, cases_of(source, inputs), frames, data, split, metric)


def rejected_path(path: str) -> str:
    """Where a file that was not published lies: road.onnx -> road.rejected.onnx."""
    return os.path.splitext(path)[0] + ".rejected.onnx"


def publish(path: str, data: bytes, verdict: Verdict, report: JsonObject) -> str:
    """Write the file under its name where the verdict is good, else aside with the report; returns
    what was written."""
    if verdict.ok:
        write_bytes(path, data)
        return path
    aside = rejected_path(path)
    write_bytes(aside, data)
    text = json.dumps({**report, "verdict": verdict.as_json()}, indent=2) + "\n"
    write_bytes(os.path.splitext(aside)[0] + ".json", text.encode())
    return aside
