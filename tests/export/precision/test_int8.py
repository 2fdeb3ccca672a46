"""INT8 graphs: their form for the CPU and for TensorRT, and that what they answer is near the float
graph's."""

import collections

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, numpy_helper

from catseye.export.bisection.layer_errors import last_float_tensor, sqnr_db
from catseye.export.precision.activations import float_tensors
from catseye.export.precision.int8 import WEIGHTED, quantisable_layers, quantised
from catseye.export.precision.onnx_graph import demand_loads, opset_of, producers, weights
from catseye.export.precision.range_choice import signal_to_error_db
from catseye.export.precision.ranges import histograms, ranges_by
from catseye.runtime.errors import CatseyeError


@pytest.fixture(scope="module")
def seen(float_graph_13, frames):
    return histograms(float_graph_13, frames, list(float_tensors(float_graph_13)))


@pytest.fixture(scope="module", params=["any", "jp5"])
def lowered(request, seen, float_graph_13):
    """(target, INT8 graph)."""
    return request.param, quantised(
        float_graph_13, ranges_by("mse", seen, request.param != "any"), request.param
    )


def quantisers(model: onnx.ModelProto) -> list[onnx.NodeProto]:
    return [
        node for node in model.graph.node if node.op_type in ("QuantizeLinear", "DequantizeLinear")
    ]


def test_it_opens_and_keeps_its_border(lowered, float_graph_13):
    _, model = lowered
    demand_loads(model)
    assert opset_of(model) == 13 and model.ir_version <= 8
    for side in ("input", "output"):
        assert getattr(model.graph, side) == getattr(float_graph_13.graph, side)
    assert model.graph.input[0].type.tensor_type.elem_type == TensorProto.UINT8


def test_types_are_the_targets(lowered):
    target, model = lowered
    known = weights(model)
    activations = {
        known[node.input[2]].data_type
        for node in model.graph.node
        if node.op_type == "QuantizeLinear"
    }
    assert activations == ({TensorProto.UINT8} if target == "any" else {TensorProto.INT8})
    if target != "any":
        assert all(
            not numpy_helper.to_array(known[node.input[2]]).any() for node in quantisers(model)
        )
        biases = [node.input[2] for node in model.graph.node if node.op_type == "Conv"]
        # TensorRT wants initialisers
        assert all(known[name].data_type == TensorProto.FLOAT for name in biases)


def test_weights_have_a_scale_per_output_channel(lowered):
    _, model = lowered
    known, written = weights(model), producers(model)
    scales = [
        known[written[node.input[1]].input[1]]
        for node in model.graph.node
        if node.op_type == "Conv" and node.input[1] in written
    ]
    assert scales and all(len(scale.dims) == 1 and scale.dims[0] > 1 for scale in scales)


def test_the_first_and_the_last_layer_stay_float(lowered, float_graph_13):
    _, model = lowered
    weighted = [node for node in model.graph.node if node.op_type in WEIGHTED]
    known = weights(model)
    is_float = [node.input[1] in known for node in weighted]
    assert is_float[0] and is_float[-1] and not any(is_float[1:-1])


def test_it_answers_nearly_as_the_float_graph(lowered, float_graph_13, frames):
    _, model = lowered
    answer = last_float_tensor(float_graph_13)
    assert sqnr_db(model, float_graph_13, [answer], frames)[answer] > 20


def test_on_the_cpu_no_convolution_between_first_and_last_computes_in_float(
    lowered, float_graph_13, tmp_path
):
    """The fused graph: every inner convolution and sum is an integer kernel, and nothing else chops
    the region."""
    target, model = lowered
    if target != "any":
        pytest.skip("s8s8 is not meant for the CPU")
    options = onnxruntime.SessionOptions()
    options.optimized_model_filepath = str(tmp_path / "fused.onnx")
    options.log_severity_level = 3
    onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    counts = collections.Counter(
        node.op_type for node in onnx.load(str(tmp_path / "fused.onnx")).graph.node
    )
    convolutions = sum(node.op_type == "Conv" for node in model.graph.node)
    layers = quantisable_layers(float_graph_13, target)
    sums = [node.name in layers for node in model.graph.node if node.op_type == "Add"]
    assert counts["QLinearConv"] == convolutions - 2 and counts["QLinearAdd"] == sum(sums)
    assert counts["Conv"] + counts["FusedConv"] == 2 and counts["Add"] <= len(sums) - sum(sums)
    resizes = 3  # bilinear ones, for which onnxruntime has no integer kernel: each costs a pair
    assert counts["QuantizeLinear"] <= resizes + 2 and counts["DequantizeLinear"] <= resizes + 2


def test_a_network_of_two_layers_has_nothing_for_int8():
    weights_by_name = {name: np.ones((2, 2, 1, 1), np.float32) for name in "ab"}
    nodes = [
        onnx.helper.make_node("Conv", ["x", "a"], ["h"], "one"),
        onnx.helper.make_node("Conv", ["h", "b"], ["y"], "two"),
    ]
    border = [
        onnx.helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 2, 4, 4])
        for name in ("x", "y")
    ]
    graph = onnx.helper.make_graph(
        nodes,
        "g",
        border[:1],
        border[1:],
        [numpy_helper.from_array(value, name) for name, value in weights_by_name.items()],
    )
    model = onnx.helper.make_model(
        graph, opset_imports=[onnx.helper.make_opsetid("", 13)], ir_version=7
    )
    with pytest.raises(CatseyeError, match="between its first and its last"):
        quantised(model, {}, "any")


def test_signal_to_error():
    signal = np.array([3.0, 4.0])
    assert signal_to_error_db(signal, signal * 1.1) == pytest.approx(20)
    assert signal_to_error_db(signal, signal) == 200
    assert signal_to_error_db(signal, signal * np.nan) == -200
