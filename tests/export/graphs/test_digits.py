"""The digits graph: same answers from torch, onnxruntime and OpenCV, at opset 11 and with a static
shape."""

import numpy as np
import pytest
import torch
from cards import bare_model

from catseye.export.drafting import slim_onnx_from_graph
from catseye.export.graphs.digits import DigitsFrame
from catseye.models.lenet import LeNet
from catseye.runtime.datasets.mnist import read_digits
from catseye.runtime.engines import open_engine


@pytest.fixture(scope="module")
def network() -> LeNet:
    torch.manual_seed(0)
    return LeNet().to(memory_format=torch.channels_last).eval()  # as it comes out of training


def test_it_is_the_network_and_a_softmax(network: LeNet):
    slots = torch.from_numpy(read_digits("demo", "val").images[:16])
    expected = network(slots[:, None].float() / 255).softmax(1)
    assert torch.allclose(DigitsFrame(network)(slots), expected, atol=1e-6)


@pytest.mark.parametrize("slots", [16, 1, 5])
@pytest.mark.parametrize("backend", ["onnxruntime", "opencv"])
def test_engines_answer_as_torch_does(network: LeNet, backend: str, slots: int):
    graph = DigitsFrame(network, slots).eval()
    model = slim_onnx_from_graph(graph)
    digits = np.random.RandomState(slots).randint(0, 256, (slots, 32, 32)).astype(np.uint8)
    with torch.no_grad():
        expected = graph(torch.from_numpy(digits)).numpy()
    with open_engine(bare_model(model.SerializeToString()), backend) as engine:
        assert engine.inputs[0].shape == (slots, 32, 32) and engine.inputs[0].dtype == np.uint8
        found = engine.infer({"slots": digits})["probabilities"]
    assert found.shape == (slots, 10) and found.dtype == np.float32
    assert np.abs(found - expected).max() < 1e-5


def test_its_settings_and_layers_are_the_boards(network: LeNet):
    graph = DigitsFrame(network).eval()
    model = slim_onnx_from_graph(graph)
    part = graph.card_part({})
    assert part.settings.as_json() == {"slots": 16} and part.classes == tuple("0123456789")
    layers = {node.op_type for node in model.graph.node}
    assert layers <= {
        "Cast",
        "Reshape",
        "Div",
        "Mul",
        "Conv",
        "Relu",
        "MaxPool",
        "Flatten",
        "Gemm",
        "Softmax",
    }
