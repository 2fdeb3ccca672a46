"""The model file: the promises of its form, and that nothing is published that answers differently
from torch."""

import json

import cv2
import numpy as np
import onnx
import pytest
from cards import tensor

from catseye.export import drafting as model_file
from catseye.export.drafting import ParityError, export_checkpoint
from catseye.export.source import open_source_network
from catseye.models.checkpoint import load_checkpoint
from catseye.models.road import MEAN_RGB, STD_RGB
from catseye.runtime.engines import open_engine
from catseye.runtime.model_file.load import load_model
from catseye.runtime.model_file.onnx_file import digest_of_graph

SIZE_WH = (70, 50)


@pytest.fixture()
def frame():
    return np.random.RandomState(0).randint(0, 256, (1, 50, 70, 3)).astype(np.uint8)


def test_the_form_that_old_boards_read(small_model):
    model = onnx.load(str(small_model))
    assert model.ir_version <= 8
    assert [(entry.domain, entry.version) for entry in model.opset_import] == [("", 11)]
    kinds = {node.op_type for node in model.graph.node}
    assert not kinds & {"Identity", "Shape", "Gather", "Constant", "If", "Loop"}
    assert model.graph.node[0].op_type == "Cast" and model.graph.node[-1].op_type == "Cast"
    dims = [
        d
        for value in (*model.graph.input, *model.graph.output)
        for d in value.type.tensor_type.shape.dim
    ]
    assert all(d.HasField("dim_value") for d in dims)


def test_card_and_golden_frames(small_model):
    model = load_model(str(small_model))
    assert model.card.inputs == (tensor("frame", 1, 50, 70, 3),)
    assert model.card.outputs == (tensor("mask", 1, 50, 70), tensor("confidence", 1, 50, 70))
    assert len(model.golden) >= 2 and len(model.card.classes) == 11
    assert len({int(case.outputs["mask"].sum()) for case in model.golden}) > 1
    json.dumps(model.card.as_json())
    assert model.card.graph_sha256 == digest_of_graph(small_model.read_bytes())


@pytest.mark.parametrize("backend", ["onnxruntime", "opencv"])
def test_backends_answer_as_torch(small_model, small_checkpoint, frame, backend):
    _, source = open_source_network(str(small_checkpoint), SIZE_WH)
    expected = source.infer({"frame": frame})["mask"]
    assert len(np.unique(expected)) > 1
    with open_engine(load_model(str(small_model)), backend) as engine:
        answer = engine.infer({"frame": frame})["mask"]
    assert answer.dtype == np.uint8 and np.mean(answer == expected) > 0.999


def test_the_graph_starts_at_camera_bytes(small_checkpoint, frame):
    """The folded first layer against the plain one: BGR to RGB, / 255, mean and deviation, padding
    with zeros."""
    import torch

    network = load_checkpoint(small_checkpoint).network
    rgb = cv2.cvtColor(frame[0], cv2.COLOR_BGR2RGB).astype(np.float32) / 255
    x = torch.from_numpy((rgb - np.float32(MEAN_RGB)) / np.float32(STD_RGB)).permute(2, 0, 1)[None]
    with torch.no_grad():
        expected = (
            network(torch.nn.functional.pad(x, (0, 10, 0, 14)))[0, :, :50, :70].argmax(0).numpy()
        )
    _, source = open_source_network(str(small_checkpoint), SIZE_WH)
    assert np.mean(source.infer({"frame": frame})["mask"][0] == expected) > 0.999


def test_same_checkpoint_same_bytes(small_model, small_checkpoint, tmp_path):
    path = tmp_path / "small.onnx"
    export_checkpoint(load_checkpoint(small_checkpoint), str(path), "small", SIZE_WH)
    assert path.read_bytes() == small_model.read_bytes()


def test_a_graph_that_differs_is_not_published(small_checkpoint, tmp_path, monkeypatch):
    """A weight spoiled between torch and the file: the name is never given."""
    slim = model_file.slim_onnx_from_graph

    def spoiled(graph):
        model = slim(graph)
        classifier = next(t for t in model.graph.initializer if t.dims[:1] == [11])
        weights = onnx.numpy_helper.to_array(classifier).copy()
        weights[0] += 5
        classifier.CopyFrom(onnx.numpy_helper.from_array(weights, classifier.name))
        return model

    monkeypatch.setattr(model_file, "slim_onnx_from_graph", spoiled)
    path = tmp_path / "spoiled.onnx"
    with pytest.raises(ParityError):
        export_checkpoint(load_checkpoint(small_checkpoint), str(path), "spoiled", SIZE_WH)
    assert list(tmp_path.iterdir()) == []
