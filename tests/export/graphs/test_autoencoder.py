"""The autoencoder's graph against the same patches cut out and coded one after the other; and in
the backends."""

import json

import numpy as np
import pytest
import torch
from cards import bare_model, card_of, tensor

from catseye.export.drafting import slim_onnx_from_graph
from catseye.export.graphs.autoencoder import AutoencoderFrame
from catseye.models.autoencoder import Autoencoder, AutoencoderConfig
from catseye.runtime.datasets.bsds import demo_photographs
from catseye.runtime.engines import open_engine
from catseye.runtime.errors import CatseyeError
from catseye.runtime.frame import Frame
from catseye.runtime.model_file.card import Card
from catseye.runtime.system.json_document import Fields, json_from_text
from catseye.runtime.tasks import open_task
from catseye.runtime.tasks.autoencoder import AutoencoderTask
from catseye.training.recipes.known_frames import SIZE_WH, frame_answer

# every operator here is in TensorRT 8.2's ONNX list and in OpenCV 4.5.4's importer
OPERATORS = {
    "Cast",
    "Transpose",
    "Conv",
    "Sub",
    "Add",
    "Mul",
    "Div",
    "Relu",
    "Sqrt",
    "Sigmoid",
    "GlobalAveragePool",
    "Slice",
    "Gather",
    "Squeeze",
    "Reshape",
    "Flatten",
}


def network_of(units: int, **config) -> Autoencoder:
    torch.manual_seed(units)
    network = Autoencoder(AutoencoderConfig(units=units, known=("streets",), **config))
    with torch.no_grad():
        network.encode.weight *= 10  # as if trained: units that differ
        network.known_mean += 0.1
        network.known_whiten += torch.eye(1 + units)
    return network.eval()


def card_from(graph: AutoencoderFrame) -> Card:
    width, height = graph.size_wh
    config = graph.config
    rows, columns = ((side - config.patch) // config.stride + 1 for side in (height, width))
    outputs = (
        tensor("error", 1, rows, columns, dtype="float32"),
        tensor("activity", 1, config.units, dtype="float32"),
    )
    frame = tensor("frame", 1, height, width, 3)
    return card_of("autoencoder", (frame,), outputs, settings=graph.card_part({}).settings)


@pytest.fixture(scope="module")
def frame() -> np.ndarray:
    """(427, 640, 3): higher than the box; part of the sky is flat."""
    image = demo_photographs()[0].copy()
    image[:80, :130] = 200
    return image


@pytest.mark.parametrize(
    "config", [{"units": 30}, {"units": 120, "stride": 7}, {"units": 50, "linear": True, "beta": 0}]
)
def test_the_graph_is_the_slow_way(frame, config):
    network = network_of(**config)
    graph = AutoencoderFrame(network, SIZE_WH)
    card = card_from(graph)
    AutoencoderTask.check(card, "graph")
    task = open_task(card)
    inputs, kept = task.prepare(Frame(frame, 0, 0))
    with torch.no_grad():
        outputs = graph(torch.from_numpy(inputs["frame"]))
        error, activity = frame_answer(network, frame)
    answer = task.parse(dict(zip(graph.output_names, (part.numpy() for part in outputs))), kept)
    assert answer.error.shape == error.shape and answer.activity.shape == (network.config.units,)
    assert np.allclose(answer.error, error, rtol=1e-3, atol=2e-4)
    assert np.allclose(answer.activity, activity, rtol=1e-3, atol=2e-5)


def test_a_flat_frame_excites_nothing_and_is_rebuilt():
    network = network_of(20)
    with torch.no_grad():
        # h(0) = 0
        network.decode.bias.copy_(-network.decode.weight @ network.activations(torch.zeros(100)))
        error, activity = AutoencoderFrame(network, (40, 40))(
            torch.full((1, 40, 40, 3), 77, dtype=torch.uint8)
        )
    assert error.max() < 1e-8 and activity.max() < 1e-6


@pytest.mark.parametrize("backend", ["onnxruntime", "opencv"])
def test_backends_agree_with_torch(frame, backend):
    graph = AutoencoderFrame(network_of(30), (82, 60))
    inputs = np.ascontiguousarray(frame[None, 60:120, 100:182])
    with torch.no_grad():
        error, activity = (part.numpy() for part in graph(torch.from_numpy(inputs)))
    assert error.shape == (1, 3, 4) and activity.shape == (1, 30) and error.max() > 0.1
    model = slim_onnx_from_graph(graph)
    assert {node.op_type for node in model.graph.node} <= OPERATORS
    with open_engine(bare_model(model.SerializeToString()), backend) as engine:
        answer = engine.infer({"frame": inputs})
    assert (
        abs(answer["error"] - error).max() < 1e-4
        and abs(answer["activity"] - activity).max() < 1e-5
    )


def test_the_card_carries_what_is_known():
    network = network_of(25)
    written = AutoencoderFrame(network, (82, 60)).card_part({}).settings
    document = json_from_text(json.dumps(written.as_json()))
    settings = AutoencoderTask.read_settings(
        Fields(document, path="card.settings", of="autoencoder", fix="export it again")
    )
    assert settings[:3] == written[:3] == (10, network.config.stride, 25)
    (known,) = settings.known
    assert known.name == "streets" and known.mean.shape == (26,)
    assert np.allclose(known.mean, 0.1) and (known.whiten == np.eye(26)).all()


def test_a_frame_smaller_than_a_patch_is_refused():
    with pytest.raises(CatseyeError, match="one patch"):
        AutoencoderFrame(network_of(25), (640, 9))
