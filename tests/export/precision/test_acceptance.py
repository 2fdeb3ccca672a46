"""The acceptance check with engines whose answers are known: on golden and held-out frames, by the
metric, and what is written where."""

import json

import numpy as np
import pytest
from cards import card_of, tensor

from catseye.export.precision import acceptance
from catseye.export.precision.acceptance import acceptance_check, publish, rejected_path
from catseye.export.precision.calibration import Calibration
from catseye.runtime.classes import CAMVID
from catseye.runtime.evaluation.parity import Verdict
from catseye.runtime.model_file.golden import BOUNDS, GoldenCase
from catseye.runtime.tasks import bounds_of

CARD = card_of(
    "road",
    (tensor("frame", 1, 10, 10, 3),),
    (tensor("mask", 1, 10, 10),),
    classes=CAMVID.names,
    precision="int8",
)
GOLDEN = [{"frame": np.full((1, 10, 10, 3), value, np.uint8)} for value in (10, 20)]
HELD_OUT = [{"frame": np.full((1, 10, 10, 3), value, np.uint8)} for value in (30, 40, 50)]


class Network:
    """Answers every pixel with class 3; so many of them with class 4, where the frame is not
    golden."""

    def __init__(self, wrong=0, wrong_beyond=0):
        self.wrong, self.wrong_beyond, self.asked = wrong, wrong_beyond, []

    def infer(self, arrays):
        value = int(arrays["frame"][0, 0, 0, 0])
        self.asked.append(value)
        mask = np.full((1, 10, 10), 3, np.uint8)
        mask.reshape(-1)[: self.wrong if value <= 20 else self.wrong_beyond] = 4
        return {"mask": mask}


def calibration(data=""):
    return Calibration("some, 6 frames", data, [], HELD_OUT)


def golden(source):
    return [GoldenCase(inputs, source.infer(inputs)) for inputs in GOLDEN]


@pytest.fixture
def metric(monkeypatch):
    """{engine: its headline number}; what was measured stands in the list."""
    values, measured = {}, []

    def headline(engine, card, data, split):
        measured.append((engine, data, split))
        return values[engine]

    monkeypatch.setattr(acceptance, "headline", headline)
    return values, measured


def test_outputs_are_held_against_the_source_on_golden_and_held_out_frames():
    source = Network()
    check = acceptance_check(source, CARD, golden(source), calibration(), data="")
    model = Network()
    verdict = check.on_answers(model, CARD)
    assert verdict.ok and verdict.metric is None
    assert [each.name for each in verdict.outputs] == ["mask", "mask (held-out frames)"]
    assert model.asked == [10, 20, 30, 40, 50]
    assert verdict.bounds == bounds_of(CARD)


@pytest.mark.parametrize("spoiled", [{"wrong": 2}, {"wrong_beyond": 2}])
def test_a_breach_on_either_is_one(spoiled):
    source = Network()
    check = acceptance_check(source, CARD, golden(source), calibration(), data="")
    verdict = check.on_answers(Network(**spoiled), CARD)
    assert [each.ok for each in verdict.outputs] == ["wrong" not in spoiled, "wrong" in spoiled]
    assert not verdict.ok


def test_where_there_are_labels_the_metric_decides_and_no_held_out_frame_is_asked(metric):
    source, model = Network(), Network(wrong_beyond=50)
    values, measured = metric
    values.update({source: 0.70, model: 0.698})
    check = acceptance_check(source, CARD, golden(source), calibration("DATA"), data="DATA")
    verdict = check.on_answers(model, CARD)
    assert verdict.ok and model.asked == [10, 20]
    verdict = check.with_metric(verdict, model, CARD)
    assert verdict.ok and verdict.metric[:3] == ("miou", 0.70, 0.698)
    assert measured == [(source, "DATA", "val"), (model, "DATA", "val")]


def test_a_metric_that_is_lost_is_a_breach(metric):
    source, model = Network(), Network()
    metric[0].update({source: 0.70, model: 0.60})
    check = acceptance_check(source, CARD, golden(source), None, data="DATA", split="test")
    verdict = check.with_metric(check.on_answers(model, CARD), model, CARD)
    assert not verdict.ok and not verdict.metric.ok
    assert metric[1][0] == (source, "DATA", "test")


def test_without_data_there_is_no_metric_to_measure(metric):
    source = Network()
    check = acceptance_check(source, CARD, golden(source), None, data="")
    verdict = check.on_answers(source, CARD)
    assert check.with_metric(verdict, source, CARD) is verdict and metric[1] == []


def test_what_passes_gets_its_name(tmp_path):
    path = tmp_path / "road.onnx"
    verdict = Verdict([], None, BOUNDS["fp32"])
    assert publish(str(path), b"model", verdict, {"card": {}}) == str(path)
    assert [each.name for each in tmp_path.iterdir()] == ["road.onnx"]
    assert path.read_bytes() == b"model"


def test_what_does_not_lies_aside_with_its_report_and_leaves_the_earlier_one(tmp_path):
    path = tmp_path / "road.onnx"
    path.write_bytes(b"earlier")
    source = Network()
    check = acceptance_check(source, CARD, golden(source), None, data="")
    verdict = check.on_answers(Network(wrong=50), CARD)
    aside = publish(str(path), b"model", verdict, {"ranges": {"mse": 1.0}})
    assert aside == rejected_path(str(path)) == str(tmp_path / "road.rejected.onnx")
    assert path.read_bytes() == b"earlier"
    assert (tmp_path / "road.rejected.onnx").read_bytes() == b"model"
    report = json.loads((tmp_path / "road.rejected.json").read_text())
    assert report["ranges"] == {"mse": 1.0} and report["verdict"]["ok"] is False
