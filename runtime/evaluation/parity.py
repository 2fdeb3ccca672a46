"""The parity check: does a model still answer as the network it came from, within what its
precision allows?

Two tests: every output on a few frames (the golden ones; no data needed, so a board can do it), and
the task's metric on labelled data. Knows engines and cards, not files: `verify`, `export` and a
board's build ask it alike.
"""

from typing import List, NamedTuple, Optional, Sequence

from catseye.runtime.engines import Engine
from catseye.runtime.engines.overflow import overflowing_nodes
from catseye.runtime.evaluation import EVALUATIONS, allowed_loss
from catseye.runtime.model_file.card import Card
from catseye.runtime.model_file.golden import Bounds, Difference, GoldenCase, check_golden
from catseye.runtime.model_file.inner_tensors import Node
from catseye.runtime.model_file.load import ModelFile
from catseye.runtime.model_file.tensors import Arrays
from catseye.runtime.system.json_document import JsonObject
from catseye.runtime.tasks import bounds_of


class MetricCheck(NamedTuple):
    """The task's metric of the source and of the model, and whether the model keeps it: `least` at
    least."""

    name: str
    source: float
    model: float
    ok: bool
    least: float


class Verdict(NamedTuple):
    """What the check says: every output, within `bounds`, and the metric where it was measured.

    overflowing: nodes of an FP16 graph that write what half cannot hold, though the outputs agree.
    """

    outputs: List[Difference]
    metric: Optional[MetricCheck]
    bounds: Bounds
    overflowing: Sequence[Node] = ()

    @property
    def ok(self) -> bool:
        outputs_ok = all(output.ok for output in self.outputs) and not self.overflowing
        return outputs_ok and (self.metric is None or self.metric.ok)

    def as_json(self) -> JsonObject:
        """{ok, outputs, metric, overflowing}, in plain JSON types."""
        outputs = [output.as_json() for output in self.outputs]
        return {
            "ok": self.ok,
            "outputs": outputs,
            "metric": self.metric and dict(self.metric._asdict()),
            "overflowing": [str(node) for node in self.overflowing],
        }


def cases_of(source: Engine, inputs: Sequence[Arrays]) -> List[GoldenCase]:
    """The inputs with what `source` answers to them."""
    return [GoldenCase(each, source.infer(each)) for each in inputs]


def verdict_on(
    engine: Engine, card: Card, cases: Sequence[GoldenCase], metric: Optional[MetricCheck] = None
) -> Verdict:
    """The verdict on `engine`, opened from the model of `card`, by its source's answers in
    `cases`."""
    bounds = bounds_of(card)
    return Verdict(check_golden(engine.infer, cases, bounds) if cases else [], metric, bounds)


def in_half_range(verdict: Verdict, model: ModelFile, frames: Sequence[Arrays]) -> Verdict:
    """The verdict with the nodes of an FP16 model that overflow on the frames, its inputs by name:
    where a CPU computes half in float, the outputs do not tell. Another model's as it is."""
    if model.card.precision != "fp16":
        return verdict
    return verdict._replace(overflowing=overflowing_nodes(model, frames))


def metric_check(card: Card, source: float, model: float) -> MetricCheck:
    """Whether `model`, the headline number of the model of `card`, keeps its source's."""
    name = EVALUATIONS[card.task].headline
    least = source - allowed_loss(card)
    return MetricCheck(name, source, model, model >= least, least)
