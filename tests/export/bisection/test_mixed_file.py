"""From a refused model to a mixed file that passes: what is found, what is written, what is
refused. The check is a stand-in that knows which layer is to blame."""

import json

import cv2
import onnx
import pytest

from catseye.export.bisection.mixed_file import bisect, mixed_path, source_file
from catseye.export.drafting import Draft, file_from_draft
from catseye.runtime.errors import CatseyeError
from catseye.runtime.evaluation.parity import Verdict
from catseye.runtime.model_file.golden import BOUNDS, Difference
from catseye.runtime.model_file.load import load_model

SPOILED = "/fuse_half/fuse_half.0/Conv"


@pytest.fixture(scope="module")
def source(small_model):
    return load_model(str(small_model))


@pytest.fixture(scope="module")
def lowered(source, int8_for, spoil):
    """The small model in INT8, the weight of one layer ruined."""
    card = source.card._replace(precision="int8")
    return file_from_draft(Draft(spoil(int8_for("any")), card, list(source.golden)))


class Check:
    """Accepts a file whose card says that these layers stayed float; keeps what it was asked."""

    def __init__(self, *culprits):
        self.culprits, self.asked = set(culprits), []

    def __call__(self, model):
        kept = model.card.float_layers
        self.asked.append(kept)
        ok = self.culprits <= set(kept)
        return Verdict([Difference("mask", 0.0, 0.0, float(ok), ok)], None, BOUNDS["int8"])


@pytest.fixture(scope="module")
def bisected(lowered, source, tmp_path_factory):
    """What was found, the check that was asked, and the folder of the files."""
    folder, check = tmp_path_factory.mktemp("bisected"), Check(SPOILED)
    return bisect(lowered, source, check, str(folder / "small.mixed.onnx")), check, folder


def test_the_layer_to_blame_stays_float_and_the_file_says_so(bisected, lowered):
    found, check, folder = bisected
    path = folder / "small.mixed.onnx"
    assert len(set(check.asked)) == len(check.asked)  # which takes minutes each
    assert (found.float_layers, found.path) == ([SPOILED], str(path))
    assert found.verdict.ok
    assert next(iter(found.alone)) == SPOILED  # the worst by itself
    mixed = load_model(str(path))
    assert mixed.card.float_layers == (SPOILED,) and mixed.card.precision == "int8"
    assert len(mixed.golden) == len(lowered.golden)
    before, after = (
        {each.layer: each.output_db for each in errors} for errors in (found.before, found.after)
    )
    assert after[SPOILED] > before[SPOILED] + 10


def test_report_and_picture_lie_beside_it(bisected):
    found, _, folder = bisected
    assert sorted(each.name for each in folder.iterdir()) == [
        "small.mixed.json",
        "small.mixed.onnx",
        "small.mixed.png",
    ]
    report = json.loads((folder / "small.mixed.json").read_text())
    assert (report["model"], report["float_layers"]) == ("small", [SPOILED])
    assert report["verdict"]["ok"] and len(report["before"]) == len(found.before)
    decibels = list(report["alone_db"].values())
    assert decibels == sorted(decibels)  # the worst first
    assert cv2.imread(str(folder / "small.mixed.png")) is not None


def test_what_stayed_float_before_stays_in_the_card(lowered, source, tmp_path):
    graph = onnx.load_from_string(lowered.data)
    card = lowered.card._replace(float_layers=("an earlier one",))
    earlier = file_from_draft(Draft(graph, card, list(lowered.golden)))
    bisect(earlier, source, Check(SPOILED), str(tmp_path / "small.mixed.onnx"))
    mixed = load_model(str(tmp_path / "small.mixed.onnx"))
    assert mixed.card.float_layers == (SPOILED, "an earlier one")


def test_a_model_that_fails_in_float_too_is_told(lowered, source, tmp_path):
    with pytest.raises(CatseyeError, match="fails with every layer in float"):
        bisect(lowered, source, Check("no such layer"), str(tmp_path / "small.mixed.onnx"))
    assert list(tmp_path.iterdir()) == []


def test_a_float_model_has_nothing_to_restore(source, tmp_path):
    with pytest.raises(CatseyeError, match="which is fp32; expected an int8 or fp16 model"):
        bisect(source, source, Check(), str(tmp_path / "small.mixed.onnx"))


def test_the_source_is_a_checkpoint_or_a_file(small_checkpoint, small_model, source):
    from_checkpoint = source_file(str(small_checkpoint), (70, 50))
    assert from_checkpoint.card.inputs == source.card.inputs
    assert from_checkpoint.card.precision == "fp32"
    assert source_file(str(small_model), None).sha256 == source.sha256


@pytest.mark.parametrize(
    ("path", "mixed"),
    [
        ("road.onnx", "road.mixed.onnx"),
        ("a.b/road8.rejected.onnx", "a.b/road8.mixed.onnx"),
    ],
)
def test_where_the_mixed_file_goes(path, mixed):
    assert mixed_path(path) == mixed
