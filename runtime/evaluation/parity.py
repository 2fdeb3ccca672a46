"""The parity check: does a model still answer as the network it came from, within what its
precision allows?

Two tests: every output on a few frames (the golden ones; no data needed, so a board can do it), and
the task's metric on labelled data. Knows engines and cards, not files: `verify`, `export` and a
board's build ask it alike.
"""

from typing import Any, Dict, List, NamedTuple, Optional, Sequence

from catseye.runtime.engines import Engine
from catseye.runtime.evaluation import HEADLINES, allowed_loss, evaluate
from catseye.runtime.model_file.golden import Arrays, Bounds, Difference, bounds_from_card, compare


class MetricCheck(NamedTuple):
    """The task's metric of the source and of the model, and whether the model keeps it."""

    name: str
    source: float
    model: float
    ok: bool


class Verdict(NamedTuple):
    """What the check says: every output, within `bounds`, and the metric where it was measured."""

    outputs: List[Difference]
    metric: Optional[MetricCheck]
    bounds: Bounds

    @property
    def ok(self) -> bool:
        return all(output.ok for output in self.outputs) and (self.metric is None or self.metric.ok)

    def as_json(self) -> Dict[str, Any]:
        """{ok, outputs, metric}, in plain JSON types."""
        outputs = [output.as_json() for output in self.outputs]
        return {
            "ok": self.ok,
            "outputs": outputs,
            "metric": self.metric and dict(self.metric._asdict()),
        }


def answers_of(engine: Engine, inputs: Sequence[Arrays]) -> List[Arrays]:
    """The engine's outputs for each of the inputs."""
    return [engine.infer(each) for each in inputs]


def verdict_on(
    card: Dict[str, Any],
    expected: Sequence[Arrays],
    actual: Sequence[Arrays],
    metric: Optional[MetricCheck] = None,
) -> Verdict:
    """The verdict on answers of the model of `card` against its source's, in the same order."""
    bounds = bounds_from_card(card)
    return Verdict(compare(expected, actual, bounds) if expected else [], metric, bounds)


def metric_of(engine: Engine, card: Dict[str, Any], data: str, split: str) -> float:
    """The task's headline number on a split of a data set."""
    return float(evaluate(engine, card, data, split)[HEADLINES[card["task"]][0]])


def metric_check(card: Dict[str, Any], source: float, model: float) -> MetricCheck:
    """Whether `model`, the headline number of the model of `card`, keeps its source's."""
    return MetricCheck(
        HEADLINES[card["task"]][0], source, model, model >= source - allowed_loss(card)
    )
