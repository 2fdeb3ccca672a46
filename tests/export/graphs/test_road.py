"""The road graph against the network it holds, for both ways of doubling, in the backends that are
here."""

import numpy as np
import pytest
import torch
from cards import bare_model

from catseye.export.drafting import slim_onnx_from_graph
from catseye.export.graphs.road import RoadFrame
from catseye.models.road import LiteRoadConfig, LiteRoadNet, RoadConfig, RoadNet
from catseye.runtime.engines import open_engine
from catseye.training.road.prediction import predict_mask

SMALL = {
    "widths": (4, 8, 8, 8),
    "at_quarter": (1,),
    "at_eighth": (1,),
    "at_sixteenth": (2,),
    "decoder": 4,
}


def network(doubling: str) -> RoadNet:
    torch.manual_seed(5)
    made = RoadNet(RoadConfig(**SMALL, doubling=doubling))
    torch.nn.init.zeros_(made.classify.bias)  # no class wins everywhere by its bias
    return made.eval()


@pytest.fixture
def frame():
    """(1, 50, 70, 3): no multiple of the stride."""
    return np.random.default_rng(0).integers(0, 256, (1, 50, 70, 3), dtype=np.uint8)


def lite(**config) -> LiteRoadNet:
    torch.manual_seed(5)
    made = LiteRoadNet(LiteRoadConfig(decoder=(8, 8, 8), dilations=(1,), **config))
    torch.nn.init.zeros_(made.classify.bias)
    return made.eval()


NETWORKS = {
    "bilinear": lambda: network("bilinear"),
    "nearest": lambda: network("nearest"),
    "lite": lite,
    "lite, halved": lambda: lite(halved=True, doubling="nearest"),
}


@pytest.mark.parametrize("kind", NETWORKS)
@pytest.mark.parametrize("backend", ["onnxruntime", "opencv"])
def test_the_graph_answers_as_the_network_does(kind, backend, frame):
    net = NETWORKS[kind]()
    graph = RoadFrame(net, (70, 50))
    with torch.no_grad():
        expected = graph(torch.from_numpy(frame)).numpy()
    data = slim_onnx_from_graph(graph).SerializeToString()
    with open_engine(bare_model(data), backend) as engine:
        mask = engine.infer({"frame": frame})["mask"]
    assert mask.shape == (1, 50, 70) and len(np.unique(expected)) > 1
    assert (mask == expected).mean() > 0.999


def test_nearest_doubling_before_and_after_the_choice_is_the_same(frame):
    net = network("nearest")
    with torch.no_grad():
        ids = RoadFrame(net, (64, 48))(torch.from_numpy(frame[:, :48, :64])).numpy()[0]
        expected = predict_mask(net, np.ascontiguousarray(frame[0, :48, :64]), torch.device("cpu"))
    assert (ids == expected).mean() > 0.999
    assert (ids[::2, ::2] == ids[1::2, 1::2]).all()


@pytest.mark.parametrize("size_wh", [(64, 96), (70, 50), (63, 50), (65, 97)])
def test_a_halved_frame_of_any_size(size_wh):
    width, height = size_wh
    frame = np.random.default_rng(1).integers(0, 256, (1, height, width, 3), dtype=np.uint8)
    net = lite(halved=True, doubling="nearest")
    with torch.no_grad():
        ids = RoadFrame(net, size_wh)(torch.from_numpy(frame)).numpy()[0]
    expected = predict_mask(net, frame[0], torch.device("cpu"))
    assert ids.shape == (height, width)
    assert (ids == expected).mean() > 0.95  # the border's padding is halved or not
