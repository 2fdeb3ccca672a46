"""The gate of the workstation: what is published answers as its source, what does not is kept aside with a report.

Golden frames and held-out calibration frames are compared output by output; where the calibration data has labels, the
task's metric is measured on its validation part, which calibration never saw.
"""

import json
import os
from typing import Any

from catseye.export.model_file import Draft
from catseye.export.precision.calibration import Calibration
from catseye.runtime.engines import Engine
from catseye.runtime.files import write_bytes
from catseye.runtime.parity import MetricCheck, Verdict, answers_of, metric_check, metric_of, verdict_on

SPLIT = "val"


def judged(engine: Engine, source: Engine, draft: Draft, calibration: Calibration | None) -> Verdict:
    """`engine` runs the file made from `draft`, whose card names its precision.

    The truth is torch's on the golden frames, and beyond them that of `source`, the float file in onnxruntime: the two
    have been found to agree, and it is many times faster.
    """
    inputs = [case.inputs for case in draft.golden]
    golden = verdict_on(draft.card, [case.outputs for case in draft.golden], answers_of(engine, inputs))
    if calibration is None:
        return golden
    expected = answers_of(source, calibration.held_out)
    held_out = verdict_on(draft.card, expected, answers_of(engine, calibration.held_out))
    rows = [row._replace(name=f"{row.name} (held-out frames)") for row in held_out.outputs]
    return golden._replace(outputs=golden.outputs + rows, metric=_metric(engine, source, draft.card, calibration.data))


def rejected_path(path: str) -> str:
    """Where a file that was not published lies: road.onnx -> road.rejected.onnx."""
    return os.path.splitext(path)[0] + ".rejected.onnx"


def publish(path: str, data: bytes, verdict: Verdict, report: dict[str, Any]) -> str:
    """Write the file under its name where the verdict is good, else aside with the report; returns what was written."""
    if verdict.ok:
        write_bytes(path, data)
        return path
    aside = rejected_path(path)
    write_bytes(aside, data)
    text = json.dumps({**report, "verdict": verdict.as_json()}, indent=2) + "\n"
    write_bytes(os.path.splitext(aside)[0] + ".json", text.encode())
    return aside


def _metric(engine: Engine, source: Engine, card: dict[str, Any], data: str) -> MetricCheck | None:
    if not data:
        return None
    return metric_check(card, *(metric_of(each, card, data, SPLIT) for each in (source, engine)))
