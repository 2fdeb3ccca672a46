"""The sparse graph against the same patches cut out, coded and averaged one after the other; and in
the backends."""

import json
from dataclasses import replace

import cv2
import numpy as np
import pytest
import torch
from cards import bare_model

from catseye.export.drafting import slim_onnx_from_graph
from catseye.export.graphs.sparse import GREY_FROM_BGR, SparseFrame
from catseye.models.lista import SparseCoder, SparseConfig
from catseye.runtime.datasets.bsds import (
    demo_photographs,
    patches_from_image,
    read_photographs,
    sample_patches,
)
from catseye.runtime.engines import open_engine
from catseye.runtime.errors import CatseyeError
from catseye.runtime.evaluation.sparse import noisy_picture
from catseye.runtime.health.noise import noise_of
from catseye.runtime.system.json_document import Fields, json_from_text
from catseye.runtime.tasks.sparse import SparseTask
from catseye.training.recipes.denoise import rebuilt_pictures

# every operator here is in TensorRT 8.2's ONNX list and in OpenCV 4.5.4's importer
OPERATORS = {
    "Cast",
    "Transpose",
    "Conv",
    "ConvTranspose",
    "Sub",
    "Add",
    "Mul",
    "Div",
    "Relu",
    "Neg",
    "Sqrt",
    "Pad",
    "Slice",
    "Gather",
    "Squeeze",
    "Reshape",
    "GlobalAveragePool",
    "Resize",
}


@pytest.fixture(scope="module")
def network() -> SparseCoder:
    dictionary = torch.from_numpy(sample_patches(read_photographs("demo", "train"), 80, 10, 1)).T
    config = SparseConfig(atoms=80, iterations=3, stride=3, thresholds="each")
    network = SparseCoder(config, dictionary)
    with torch.no_grad():  # as if trained: no symmetry, thresholds of their own
        for parameter in network.parameters():
            parameter *= 1 + 0.1 * torch.rand(
                parameter.shape, generator=torch.Generator().manual_seed(0)
            )
    return network.eval()


@pytest.fixture(scope="module")
def frame() -> np.ndarray:
    """(1, 60, 82, 3): the sides leave a rest for stride 3; part of the sky is flat."""
    image = cv2.resize(demo_photographs()[0], (82, 60), interpolation=cv2.INTER_AREA)
    image[:20, :30] = 200
    return image[None]


def slow_answer(
    network: SparseCoder, frame: np.ndarray, floor: float
) -> tuple[np.ndarray, np.ndarray]:
    """Patch by patch in NumPy: (P, m) codes and the (H, W) picture before rounding; padded with
    mid-grey."""
    stride, grey = network.config.stride, frame[0] @ np.array(GREY_FROM_BGR)
    height, width = grey.shape
    pads = [(10 - side) % stride for side in grey.shape]
    grey = np.pad(grey / 255, [(0, pads[0]), (0, pads[1])], constant_values=0.5).astype(np.float32)
    patches = patches_from_image(grey, 10, stride)
    mean = patches.mean(1, keepdims=True)
    norm = np.maximum(np.linalg.norm(patches - mean, axis=1, keepdims=True), floor)
    with torch.no_grad():
        code = network(torch.from_numpy((patches - mean) / norm))
        rebuilt = network.rebuild(code).numpy() * norm + mean
    total, count = np.zeros_like(grey), np.zeros_like(grey)
    corners = [
        (y, x)
        for y in range(0, grey.shape[0] - 9, stride)
        for x in range(0, grey.shape[1] - 9, stride)
    ]
    for (y, x), patch in zip(corners, rebuilt):
        total[y : y + 10, x : x + 10] += patch.reshape(10, 10)
        count[y : y + 10, x : x + 10] += 1
    return code.numpy(), np.clip(255 * total / count, 0, 255)[:height, :width]


def test_the_graph_is_the_slow_way(network, frame):
    graph = SparseFrame(network, (82, 60))
    with torch.no_grad():
        code, rebuilt = (part.numpy() for part in graph(torch.from_numpy(frame)))
    slow_code, slow_rebuilt = slow_answer(network, frame, graph.floor)
    assert rebuilt.shape == (1, 60, 82) and rebuilt.dtype == np.uint8
    assert abs(code.reshape(80, -1).T - slow_code).max() < 2e-4
    assert abs(rebuilt[0] - slow_rebuilt).max() <= 0.51


def test_an_inhibition_of_low_rank_is_two_thin_products(network, frame):
    config = replace(network.config, inhibition="low-rank", rank=9)
    thin = SparseCoder(config, network.dictionary).eval()
    graph = SparseFrame(thin, (82, 60))
    with torch.no_grad():
        code, rebuilt = (part.numpy() for part in graph(torch.from_numpy(frame)))
    assert abs(code.reshape(80, -1).T - slow_answer(thin, frame, graph.floor)[0]).max() < 2e-4
    model = slim_onnx_from_graph(graph)
    assert not any(list(weight.dims) == [80, 80, 1, 1] for weight in model.graph.initializer)
    with open_engine(bare_model(model.SerializeToString()), "onnxruntime") as engine:
        answer = engine.infer({"frame": frame})
    assert abs(answer["code"] - code).max() < 1e-3


def test_untied_steps_have_matrices_of_their_own(network, frame):
    untied = SparseCoder(replace(network.config, inhibition="untied"), network.dictionary).eval()
    with torch.no_grad():
        for number, weight in enumerate(untied.parameters()):  # as if trained: no two steps alike
            weight *= 1 + 0.05 * number
    graph = SparseFrame(untied, (82, 60))
    with torch.no_grad():
        code, _ = (part.numpy() for part in graph(torch.from_numpy(frame)))
    assert abs(code.reshape(80, -1).T - slow_answer(untied, frame, graph.floor)[0]).max() < 2e-4
    model = slim_onnx_from_graph(graph)
    assert {node.op_type for node in model.graph.node} <= OPERATORS
    with open_engine(bare_model(model.SerializeToString()), "onnxruntime") as engine:
        answer = engine.infer({"frame": frame})
    assert abs(answer["code"] - code).max() < 1e-3


def test_flat_patches_have_no_code(network):
    graph = SparseFrame(network, (40, 40))
    with torch.no_grad():
        code, rebuilt = graph(torch.full((1, 40, 40, 3), 77, dtype=torch.uint8))
    assert not code.any() and (rebuilt == 77).all()


@pytest.fixture(scope="module")
def denoiser(network) -> SparseCoder:
    """The same weights, for patches that are divided by the noise."""
    denoiser = SparseCoder(replace(network.config, alpha=1.5, scale="noise"), network.dictionary)
    denoiser.load_state_dict(network.state_dict())
    with torch.no_grad():
        denoiser.theta *= 15
    return denoiser.eval()


def test_the_noise_of_the_frame_scales_its_patches(denoiser):
    picture = demo_photographs()[1][100:161, 200:282]  # 82 x 61: both fit stride 3
    grey = noisy_picture(picture[..., :1].repeat(3, 2), np.random.RandomState(0), 15)
    noise = noise_of(grey[..., 0])
    graph = SparseFrame(denoiser, (82, 61))
    with torch.no_grad():
        code, rebuilt = (part.numpy() for part in graph(torch.from_numpy(grey[None])))
        slow = rebuilt_pictures(
            denoiser, torch.from_numpy(grey[..., 0])[None].float(), torch.tensor([noise])
        )
        first = torch.from_numpy(grey[:10, :10, 0].reshape(1, 100)).float()
        first = denoiser((first - first.mean()) / noise) * noise / 255
    assert 10 < noise < 20 and 5 < (code != 0).mean() * 80 < 40
    assert abs(rebuilt[0] - np.clip(slow[0].numpy(), 0, 255)).max() <= 0.51
    assert abs(code[0, :, 0, 0] - first[0].numpy()).max() < 1e-4 < abs(first).max()


def test_a_frame_without_any_noise_is_not_divided_by_nothing(denoiser):
    with torch.no_grad():
        code, rebuilt = SparseFrame(denoiser, (40, 40))(
            torch.full((1, 40, 40, 3), 77, dtype=torch.uint8)
        )
    assert not code.any() and (rebuilt == 77).all()


@pytest.mark.parametrize("scale", ["norm", "noise"])
@pytest.mark.parametrize("backend", ["onnxruntime", "opencv"])
def test_backends_agree_with_torch(network, denoiser, frame, backend, scale):
    graph = SparseFrame(network if scale == "norm" else denoiser, (82, 60))
    with torch.no_grad():
        code, rebuilt = (part.numpy() for part in graph(torch.from_numpy(frame)))
    model = slim_onnx_from_graph(graph)
    assert {node.op_type for node in model.graph.node} <= OPERATORS
    with open_engine(bare_model(model.SerializeToString()), backend) as engine:
        answer = engine.infer({"frame": frame})
    assert abs(answer["code"] - code).max() < 1e-3
    difference = abs(answer["rebuilt"].astype(int) - rebuilt)
    assert difference.max() <= 1 and (difference == 0).mean() > 0.999


def test_the_card_carries_the_dictionary(network):
    written = SparseFrame(network, (82, 60)).card_part({}).settings
    document = json_from_text(json.dumps(written.as_json()))
    settings = SparseTask.read_settings(
        Fields(document, path="card.settings", of="sparse", fix="export it again")
    )
    assert settings == written
    assert (settings.dictionary_matrix() == network.dictionary.numpy()).all()
    assert (settings.patch, settings.stride, settings.atoms, settings.alpha) == (10, 3, 80, 0.1)


def test_a_frame_smaller_than_a_patch_is_refused(network):
    with pytest.raises(CatseyeError, match="one patch"):
        SparseFrame(network, (640, 9))
