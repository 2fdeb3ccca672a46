"""The cost of graphs: exact where the lecture gives numbers, in agreement with torch where it gives
none."""

from pathlib import Path

import pytest
import torch
from torch import nn

from catseye.export.cost import Layer, laws, layers_of, roofline_ms
from catseye.export.drafting import export_checkpoint, slim_onnx_from_graph
from catseye.export.graphs.road import RoadFrame
from catseye.models.checkpoint import load_checkpoint
from catseye.models.road import RoadConfig, RoadNet
from catseye.runtime.model_file.load import ZOO


@pytest.fixture(scope="module")
def lenet(tmp_path_factory):
    path = tmp_path_factory.mktemp("cost") / "digits.onnx"
    export_checkpoint(load_checkpoint(Path(ZOO) / "digits"), str(path), "digits")
    return layers_of(path.read_bytes())


def test_lenet_costs_what_the_lecture_says(lenet):
    assert [layer.multiplies for layer in lenet if layer.multiplies] == [
        78_400,
        60_000,
        19_200,
        1_280,
    ]
    assert sum(layer.parameters for layer in lenet) == 21_328


def test_receptive_fields_of_lenet(lenet):
    seen = [layer.receptive_wh for layer in lenet if layer.kind in ("Conv", "MaxPool", "Gemm")]
    assert seen == [(5, 5), (6, 6), (14, 14), (16, 16), None, None]


def test_a_road_graph_agrees_with_what_torch_does():
    network = RoadNet(
        RoadConfig(
            widths=(4, 8, 8, 8), at_quarter=(1,), at_eighth=(1,), at_sixteenth=(2,), decoder=4
        )
    )
    counted, sizes = [], []

    def count(module, inputs, output):
        counted.append(output[0].numel() * module.weight[0].numel())
        sizes.append(module.weight.numel())

    for module in network.modules():
        if isinstance(module, nn.Conv2d) and module is not network.classify_deep:
            module.register_forward_hook(count)
    with torch.no_grad():
        network.eval()(torch.zeros(1, 3, 64, 96))
    multiplies, weights = sorted(counted), sum(sizes)  # the hooks count the export too
    network.classify_deep = nn.Identity()
    layers = layers_of(slim_onnx_from_graph(RoadFrame(network, (96, 64))).SerializeToString())
    convolutions = [layer for layer in layers if layer.kind == "Conv"]
    assert sorted(layer.multiplies for layer in convolutions) == multiplies
    biases = sum(layer.shape[0] for layer in convolutions)
    assert sum(layer.parameters for layer in convolutions) == weights + biases


def test_the_reach_of_a_pixel_is_what_changes_it(lenet):
    """A pixel outside of the receptive field of the second convolution's corner does not change it,
    one inside does."""
    network = load_checkpoint(Path(ZOO) / "digits").network.double()
    base = torch.rand(1, 1, 32, 32, dtype=torch.double)
    features = nn.Sequential(*list(network.features)[:4])
    reach = next(layer for layer in lenet if layer.shape == (6, 10, 10)).receptive_wh[0]
    gradient = torch.autograd.functional.jacobian(lambda x: features(x)[0, :, 0, 0].sum(), base)[
        0, 0
    ]
    assert (
        not gradient[reach:].any()
        and not gradient[:, reach:].any()
        and gradient[:reach, :reach].any()
    )


def layer(activations, multiplies=0, parameters=0):
    return Layer(
        "", "Conv", (activations,), multiplies, parameters, activations, (1, 1), activations
    )


def test_laws_say_what_was_found():
    held = laws([layer(100, parameters=5), layer(120, parameters=5)], samples=10)
    broken = laws([layer(1000, parameters=50), layer(100, parameters=50)], samples=10)
    assert [law.ok for law in held] == [True, True, True]
    assert [law.ok for law in broken] == [False, False, False]


def test_a_network_that_learned_nothing_has_laws_too():
    assert [law.ok for law in laws([], samples=0)] == [True, True, True]


def test_the_roofline_is_the_slower_of_computing_and_moving():
    computing = layer(1000, multiplies=10**9)
    moving = layer(10**6)
    assert roofline_ms([computing], tflops=1, bandwidth_gbs=1000) == pytest.approx(2.0)
    assert roofline_ms([moving], tflops=1000, bandwidth_gbs=4) == pytest.approx(1.0)  # 4 MB in FP16
    assert roofline_ms([computing, moving], 1, 4) == pytest.approx(3.0, rel=0.01)
