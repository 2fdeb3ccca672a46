"""The run's numbers as Prometheus reads them (text format 0.0.4). Knows names and units; not where
they come from."""

from typing import Dict, Iterator, List, Mapping, NamedTuple, Sequence, Tuple

from catseye.runtime.account import Facts
from catseye.runtime.control.state import STATES
from catseye.runtime.power import PowerReading
from catseye.runtime.sinks.http.recorder import RecorderStatus
from catseye.runtime.sinks.http.view import Numbers

TYPE = "text/plain; version=0.0.4; charset=utf-8"
Labels = Tuple[Tuple[str, str], ...]
Sample = Tuple[str, Labels, float]  # what follows the metric's name, `_sum` or nothing; the value


class Metric(NamedTuple):
    """One metric, of one camera or of all."""

    name: str
    kind: str
    meaning: str
    samples: List[Sample]


def metrics_text(of_cameras: Sequence[Numbers], viewers: int, recording: RecorderStatus) -> str:
    """Seconds and counts since the start; named cameras are told apart by a label `camera`."""
    metrics: Dict[str, Metric] = {}
    for numbers in of_cameras:
        label = (("camera", numbers.camera),) if numbers.camera else ()
        for metric in _of_camera(numbers):
            samples = [(end, label + labels, value) for end, labels, value in metric.samples]
            known = metrics.setdefault(metric.name, metric._replace(samples=[]))
            known.samples.extend(samples)
    for metric in _of_run(of_cameras, viewers, recording):
        metrics[metric.name] = metric
    lines: List[str] = []
    for name, kind, meaning, samples in metrics.values():
        lines += ["# HELP catseye_%s %s" % (name, meaning), "# TYPE catseye_%s %s" % (name, kind)]
        lines += [
            "catseye_%s%s%s %s" % (name, end, _in_braces(labels), _number(value))
            for end, labels, value in samples
        ]
    return "\n".join(lines) + "\n"


def _of_camera(numbers: Numbers) -> Iterator[Metric]:
    newest = numbers.newest
    skipped = newest.facts.skipped_in_all if newest else 0
    yield _one("results_total", "counter", "results so far", numbers.frames)
    yield _one("skipped_frames_total", "counter", "frames that passed by", skipped)
    yield _one("stale_results_total", "counter", "results older than the budget", numbers.stale)
    yield _one("results_per_second", "gauge", "over the last ten seconds", numbers.fps)
    yield _one("quiet_seconds", "gauge", "time since the newest result", numbers.quiet_s)
    yield _one("camera_lost", "gauge", "1 while there is no camera", int(bool(numbers.notice)))
    quantiles: List[Sample] = [
        ("", (("quantile", "%g" % (int(name[1:]) / 100)),), value / 1e3)
        for name, value in numbers.latency_ms.items()
    ]
    ages: List[Sample] = [("_sum", (), numbers.age_sum_ms / 1e3), ("_count", (), numbers.aged)]
    meaning = "age of results, quantiles over the last ten seconds"
    yield Metric("age_seconds", "summary", meaning, [*quantiles, *ages])
    meaning = "what went wrong with the camera, by kind"
    yield _labelled("camera_faults_total", "counter", meaning, "fault", numbers.faults)
    states = {word: int(word == numbers.state.word) for word in STATES}
    yield _labelled("state", "gauge", "1 for the state of the camera now", "state", states)
    if newest is not None:
        yield from _of_newest(newest.facts)
        yield from _of_alarms(newest.facts)


def _of_newest(facts: Facts) -> Iterator[Metric]:
    """How the newest result came about."""
    stages_s = {name: value / 1e3 for name, value in facts.stages_ms.items()}
    meaning = "time of each stage for the newest result"
    yield _labelled("stage_seconds", "gauge", meaning, "stage", stages_s)
    health = facts.health
    scores = {health.verdict: health.score} if health else {}
    meaning = "trouble with the newest frame, 0-1, bad above 0.5"
    yield _labelled("health_score", "gauge", meaning, "verdict", scores)


def _of_alarms(facts: Facts) -> Iterator[Metric]:
    """Those of --when."""
    raised = {name: int(name in facts.alarms) for name in facts.alarm_counts}
    yield _labelled("alarm", "gauge", "1 while an alarm of --when is raised", "alarm", raised)
    meaning = "how often each alarm of --when was raised"
    yield _labelled("alarms_total", "counter", meaning, "alarm", facts.alarm_counts)


def _of_run(
    of_cameras: Sequence[Numbers], viewers: int, recording: RecorderStatus
) -> Iterator[Metric]:
    """What cameras do not have for themselves."""
    took = recording.took
    written = took.written if took else 0
    yield _one("viewers", "gauge", "connections that watch", viewers)
    yield _one("recording", "gauge", "1 while a recording runs", int(took is not None))
    yield _one("recorded_frames", "gauge", "frames in the running recording", written)
    newest = [numbers.newest for numbers in of_cameras if numbers.newest is not None]
    if newest:
        facts = max(newest, key=lambda shown: shown.at_s).facts
        yield from _of_power(facts.power)
        failing = dict.fromkeys(facts.failing, 1)
        yield _labelled("sink_failing", "gauge", "1 for each that fails now", "sink", failing)
    model = tuple((name, str(value)) for name, value in sorted(of_cameras[0].model.items()))
    yield Metric("model_info", "gauge", "what computes", [("", model, 1)] if model else [])


def _of_power(power: PowerReading) -> Iterator[Metric]:
    """What the machine tells of itself; a row that it does not tell is left out."""
    for name, meaning, value in (
        ("power_watts", "of the module", power.watts),
        ("temperature_celsius", "of the hottest zone", power.celsius),
    ):
        if value is not None:
            yield _one(name, "gauge", meaning, value)
    meaning = "1 for each cooling device that costs speed now"
    yield _labelled("slowed_down", "gauge", meaning, "by", dict.fromkeys(power.slowed_by, 1))
    modes = {power.mode: 1} if power.mode else {}
    yield _labelled("power_mode_info", "gauge", "the power mode", "mode", modes)


def _one(name: str, kind: str, meaning: str, value: float) -> Metric:
    return Metric(name, kind, meaning, [("", (), value)])


def _labelled(
    name: str, kind: str, meaning: str, label: str, values: Mapping[str, float]
) -> Metric:
    """A sample for each value of a label."""
    samples: List[Sample] = [("", ((label, each),), value) for each, value in values.items()]
    return Metric(name, kind, meaning, samples)


def _in_braces(labels: Labels) -> str:
    words = ",".join('%s="%s"' % (name, _escaped(value)) for name, value in labels)
    return "{%s}" % words if words else ""


def _number(value: float) -> str:
    return "%d" % value if isinstance(value, int) else "%.10g" % value


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
