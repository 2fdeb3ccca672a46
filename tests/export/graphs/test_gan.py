"""The generator's graph: bytes of noise in, the network's pictures out, the same from torch,
onnxruntime and OpenCV."""

import numpy as np
import pytest
import torch
from cards import bare_model

from catseye.export.drafting import slim_onnx_from_graph
from catseye.export.graphs.gan import GanPictures
from catseye.models.gan import Gan, GanConfig
from catseye.runtime.engines import open_engine


@pytest.fixture(scope="module")
def gan() -> Gan:
    torch.manual_seed(0)
    gan = Gan(GanConfig(latent=8, generator=(24, 16)))
    gan.train()
    for _ in range(20):  # so that batch normalisation has something to fold
        gan(torch.randn(32, 8) * 3 + 1)
    return gan.eval()


@pytest.fixture(scope="module")
def noise() -> np.ndarray:
    return np.random.RandomState(0).randint(0, 256, (5, 8)).astype(np.uint8)


def test_it_is_the_network_on_what_the_bytes_stand_for(gan, noise):
    z = torch.from_numpy((noise + 0.5) / 128 - 1).float()
    assert -1 < z.min() and z.max() < 1
    with torch.no_grad():
        expected, found = gan(z) * 255, GanPictures(gan, 5)(torch.from_numpy(noise))
    assert found.dtype == torch.uint8 and len(found.unique()) > 20
    assert (found.float() - expected).abs().max() <= 0.51


@pytest.mark.parametrize("backend", ["onnxruntime", "opencv"])
def test_engines_answer_as_torch_does(gan, noise, backend):
    graph = GanPictures(gan, 5).eval()
    model = slim_onnx_from_graph(graph)
    assert {node.op_type for node in model.graph.node} <= {
        "Cast",
        "Mul",
        "Div",
        "Sub",
        "Add",
        "Gemm",
        "Relu",
        "Sigmoid",
        "Reshape",
    }
    with torch.no_grad():
        expected = graph(torch.from_numpy(noise)).numpy()
    with open_engine(bare_model(model.SerializeToString()), backend) as engine:
        assert engine.inputs[0].shape == (5, 8) and engine.inputs[0].dtype == np.uint8
        found = engine.infer({"noise": noise})["pictures"]
    assert found.shape == (5, 32, 32)
    assert (found.astype(int) != expected).mean() < 1e-3 and abs(
        found.astype(int) - expected
    ).max() <= 1
