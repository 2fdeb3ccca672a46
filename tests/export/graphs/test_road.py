"""The road graph against the network it holds, for both ways of doubling, in the backends that are
here."""

import numpy as np
import pytest
import torch
from cards import bare_model

from catseye.export.drafting import slim_onnx_from_graph
from catseye.export.graphs.base import golden_streets
from catseye.export.graphs.road import RoadFrame
from catseye.models.road import MEAN_RGB, STD_RGB, LiteRoadConfig, LiteRoadNet, RoadConfig, RoadNet
from catseye.runtime.engines import open_engine
from catseye.runtime.errors import ModelFileError
from catseye.runtime.tasks.road import RoadSettings
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
    made.classify.weight.data *= 50  # what is not trained is sure of nothing
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
        expected, confidence = (out.numpy() for out in graph(torch.from_numpy(frame)))
    data = slim_onnx_from_graph(graph).SerializeToString()
    with open_engine(bare_model(data), backend) as engine:
        answer = engine.infer({"frame": frame})
    assert answer["mask"].shape == (1, 50, 70) and len(np.unique(expected)) > 1
    assert (answer["mask"] == expected).mean() > 0.999
    gap = np.abs(answer["confidence"].astype(int) - confidence)
    assert np.ptp(confidence) > 5 and gap.max() <= 1 and gap.mean() < 0.01


def test_nearest_doubling_before_and_after_the_choice_is_the_same(frame):
    net = network("nearest")
    with torch.no_grad():
        ids = RoadFrame(net, (64, 48))(torch.from_numpy(frame[:, :48, :64]))[0].numpy()[0]
        expected = predict_mask(net, np.ascontiguousarray(frame[0, :48, :64]), torch.device("cpu"))
    assert (ids == expected).mean() > 0.999
    assert (ids[::2, ::2] == ids[1::2, 1::2]).all()


@pytest.mark.parametrize("size_wh", [(64, 96), (70, 50), (63, 50), (65, 97)])
def test_a_halved_frame_of_any_size(size_wh):
    width, height = size_wh
    frame = np.random.default_rng(1).integers(0, 256, (1, height, width, 3), dtype=np.uint8)
    net = lite(halved=True, doubling="nearest")
    with torch.no_grad():
        ids = RoadFrame(net, size_wh)(torch.from_numpy(frame))[0].numpy()[0]
    expected = predict_mask(net, frame[0], torch.device("cpu"))
    assert ids.shape == (height, width)
    assert (ids == expected).mean() > 0.95  # the border's padding is halved or not


@pytest.mark.parametrize("temperature", [0.5, 1.0, 3.0])
@pytest.mark.parametrize("kind", NETWORKS)
def test_the_confidence_is_that_of_the_softmax(kind, temperature, frame):
    """Of the coarse logits over the temperature, a value for each of their steps."""
    net, frame = NETWORKS[kind](), torch.from_numpy(frame[:, :32, :64])
    with torch.no_grad():
        mask, confidence = RoadFrame(net, (64, 32), temperature)(frame)
        rgb = frame.flip(3).permute(0, 3, 1, 2) / 255
        mean, std = (torch.tensor(of).reshape(1, 3, 1, 1) for of in (MEAN_RGB, STD_RGB))
        logits = net.logits((rgb - mean) / std)[0]
    largest = (logits / temperature).softmax(1).amax(1)
    coarse = confidence[:, :: net.step, :: net.step]
    assert (coarse.float() - 255 * largest).abs().max() < 0.51
    assert torch.equal(
        coarse.repeat_interleave(net.step, 1).repeat_interleave(net.step, 2), confidence
    )
    assert torch.equal(mask, RoadFrame(net, (64, 32))(frame)[0])


@pytest.mark.parametrize("classes", [1, 2, 3, 5])
def test_opencv_sums_few_classes_as_many(classes, frame):
    """It takes log(a + exp(b)) for log(1 + exp(b)), and where there are few that is near."""
    graph = RoadFrame(lite(classes=classes), (70, 50))
    with torch.no_grad():
        expected = graph(torch.from_numpy(frame))[1].numpy()
    data = slim_onnx_from_graph(graph).SerializeToString()
    with open_engine(bare_model(data), "opencv") as engine:
        found = engine.infer({"frame": frame})["confidence"]
    assert np.abs(found.astype(int) - expected).max() <= 1


@pytest.mark.parametrize("temperature", ["warm", 0, 1e9, float("nan")])
def test_a_temperature_that_cannot_be_is_refused(temperature):
    with pytest.raises(ModelFileError, match="meta.metrics.temperature"):
        RoadFrame.of(network("nearest"), None, {"temperature": temperature})


def test_the_card_says_the_temperature():
    graph = RoadFrame.of(network("nearest"), (64, 48), {"temperature": 1.25})
    assert graph.card_part({}).settings == RoadSettings(None, 1.25)


def test_golden_streets_of_a_network_that_takes_stamps():
    assert [frame.shape for frame in golden_streets((10, 6))] == [(1, 6, 10, 3)] * 3
