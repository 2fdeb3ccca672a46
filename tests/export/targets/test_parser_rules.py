"""Each rule on a graph of a node or two: what it is refused for, and that the same node is taken
where nothing is wrong with it."""

import numpy as np
import pytest
from graph_of import FLOAT, INT32, INT64, UINT8, graph_of
from onnx import TensorProto, helper, numpy_helper

from catseye.export.targets.parser_rules import (
    LETTERS,
    REDUCTIONS,
    RULES,
    node_objections,
    read_graph,
    text_attribute,
    wide_integers,
)

node = helper.make_node


def reasons(model, release="8.2"):
    """What the rules say of all nodes."""
    graph = read_graph(model, release)
    return [reason for each in model.graph.node for reason in node_objections(each, graph)]


def constant(name, value):
    return node("Constant", [], [name], value=numpy_helper.from_array(value, "v"))


def quantised(scale, zero, opset=13):
    nodes = [
        node("QuantizeLinear", ["x", "s", "z"], ["q"]),
        node("DequantizeLinear", ["q", "s", "z"], ["y"]),
    ]
    return graph_of(nodes, {"s": np.asarray(scale), "z": np.asarray(zero)}, opset)


KERNEL = np.ones((4, 4, 1, 1), np.float32)
PAIR = {"s": np.float32(0.1), "z": np.int8(0)}


def test_an_operator_that_the_release_lacks():
    grid = graph_of(
        [node("GridSample", ["x", "g"], ["y"])], {"g": np.zeros((1, 3, 3, 2), np.float32)}, 16
    )
    assert reasons(grid) == ["TensorRT 8.2 has no such operator"]
    assert reasons(grid, "8.5") == []


def test_an_operator_of_another_domain_is_not_the_one_of_its_name():
    own = graph_of([node("Relu", ["x"], ["y"], domain="com.example")])
    own.opset_import.append(helper.make_opsetid("com.example", 1))
    assert reasons(own, "10.15") == ["TensorRT 10.15 has no such operator"]


def test_a_type_that_the_operator_does_not_take():
    best = graph_of([node("ArgMax", ["x"], ["y"], axis=1)], kind=INT32, out=INT64)
    assert reasons(best) == ["TensorRT 8.2 does not take INT32"]
    assert reasons(best, "8.6") == []


def test_int64_is_read_as_int32_up_to_8():
    total = graph_of([node("Add", ["x", "x"], ["y"])], kind=INT64, out=INT64)
    assert reasons(total) == reasons(total, "10.15") == []


def test_bytes_may_be_cast_at_the_border_and_not_computed_with():
    cast = graph_of([node("Cast", ["x"], ["y"], to=FLOAT)], kind=UINT8, out=FLOAT)
    assert reasons(cast) == []  # whether there may be bytes at all is asked of the border
    added = graph_of([node("Add", ["x", "x"], ["y"])], kind=UINT8, out=UINT8)
    assert reasons(added, "10.15") == ["TensorRT 10.15 does not take UINT8"]


@pytest.mark.parametrize("kind", ["Conv", "ConvTranspose"])
def test_a_convolution_wants_constant_weights(kind):
    assert reasons(graph_of([node(kind, ["x", "w"], ["y"])], {"w": KERNEL})) == []
    square = [node("Mul", ["w", "w"], ["ww"]), node(kind, ["x", "ww"], ["y"])]
    assert reasons(graph_of(square, {"w": KERNEL})) == ["its weight must be a constant"]


def test_a_convolution_takes_quantised_weights():
    nodes = [
        node("DequantizeLinear", ["wq", "s", "z"], ["w"]),
        node("Conv", ["x", "w"], ["y"]),
    ]
    assert reasons(graph_of(nodes, {"wq": KERNEL.astype(np.int8), **PAIR})) == []


def test_a_convolution_of_one_dimension_is_refused():
    line = graph_of(
        [node("Conv", ["x", "w"], ["y"])], {"w": np.ones((4, 4, 1), np.float32)}, shape=(1, 4, 6)
    )
    assert reasons(line) == ["only 2D and 3D"]


def test_a_bias_that_is_computed_is_refused():
    nodes = [node("Neg", ["b"], ["bias"]), node("Conv", ["x", "w", "bias"], ["y"])]
    weights = {"w": KERNEL, "b": np.ones(4, np.float32)}
    assert reasons(graph_of(nodes, weights)) == ["its bias must be an initializer"]
    assert reasons(graph_of([node("Conv", ["x", "w", "b"], ["y"])], weights)) == []


@pytest.mark.parametrize(
    ("modes", "refused"),
    [
        ({}, False),
        ({"mode": "linear", "coordinate_transformation_mode": "half_pixel"}, False),
        ({"mode": "cubic"}, True),
        ({"coordinate_transformation_mode": "tf_crop_and_resize"}, True),
        ({"nearest_mode": "to_the_left"}, True),
    ],
)
def test_modes_of_resize(modes, refused):
    up = graph_of([node("Resize", ["x", "", "f"], ["y"], **modes)], {"f": np.float32([1, 1, 2, 2])})
    name, mode = list(modes.items())[-1] if modes else ("", "")
    found = reasons(up)
    assert len(found) == refused
    assert all(reason.startswith(f"{name} {mode} is none of ") for reason in found)


def test_symmetric_quantisation_in_int8():
    assert reasons(quantised(np.float32(0.1), np.int8(0))) == []


@pytest.mark.parametrize(
    ("scale", "zero", "said"),
    [
        (np.float32(0.1), np.int8(3), "the zero point must be 0"),
        (np.float32(0.1), np.uint8(0), "only INT8, and this is UINT8"),
        (np.float32(0), np.int8(0), "every scale must be above 0"),
        (np.float32(-0.1), np.int8(0), "every scale must be above 0"),
    ],
)
def test_other_quantisation(scale, zero, said):
    assert reasons(quantised(scale, zero), "8.6")[0] == said


def test_a_scale_per_channel_came_with_opset_13():
    four = np.full(4, 0.1, np.float32), np.zeros(4, np.int8)
    assert reasons(quantised(*four)) == []
    said = "a scale per channel needs opset 13, this is 12"
    assert reasons(quantised(*four, opset=12)) == [said, said]
    assert reasons(quantised(np.full(1, 0.1, np.float32), np.zeros(1, np.int8), opset=12)) == []


def test_scales_that_are_computed_or_left_out():
    computed = [constant("s", np.float32(0.1)), node("QuantizeLinear", ["x", "s", "z"], ["y"])]
    said = "it needs scale and zero point as initializers"
    assert reasons(graph_of(computed, {"z": np.int8(0)}, out=TensorProto.INT8), "8.6")[-1] == said
    without_zero = [node("QuantizeLinear", ["x", "s"], ["y"])]
    assert reasons(graph_of(without_zero, {"s": np.float32(0.1)}, out=UINT8)) == [said]


@pytest.mark.parametrize(
    ("equation", "refused"),
    [("...ij->...ji", True), ("nchh->nch", True), ("nchw->nwhc", False), ("n c h w -> n c", False)],
)
def test_einsum_up_to_8(equation, refused):
    model = graph_of([node("Einsum", ["x"], ["y"], equation=equation)])
    said = [f"{equation}: ellipsis and diagonals are not supported"]
    assert reasons(model) == (said if refused else [])
    assert reasons(model, "10.15") == []


def test_max_pooling_gives_no_indices():
    one = graph_of([node("MaxPool", ["x"], ["y"], kernel_shape=[2, 2])])
    two = graph_of([node("MaxPool", ["x"], ["y", "at"], kernel_shape=[2, 2])])
    assert reasons(one) == [] and reasons(two) == ["its output of indices is not supported"]


@pytest.mark.parametrize(
    ("kind", "index", "inputs"),
    [
        ("Slice", 3, ["x", "b", "e", "a"]),
        ("Squeeze", 1, ["x", "a"]),
        ("Unsqueeze", 1, ["x", "a"]),
        ("TopK", 1, ["x", "a"]),
        ("CumSum", 1, ["x", "a"]),
        *((f"Reduce{name}", 1, ["x", "a"]) for name in REDUCTIONS),
    ],
)
def test_inputs_that_must_be_initializers(kind, index, inputs):
    outputs = ["y", "at"] if kind == "TopK" else ["y"]
    weights = {"b": np.int64([0]), "e": np.int64([3]), "a": np.int64([0])}
    call = node(kind, inputs, outputs)
    assert reasons(graph_of([call], weights), "8.5") == []
    del weights["a"]
    computed = graph_of([constant("a", np.int64([0])), call], weights)
    assert reasons(computed, "8.5") == [f"input {index}, a, must be an initializer"]


def test_a_computed_number_of_best_came_with_8_6():
    best = graph_of([constant("k", np.int64([2])), node("TopK", ["x", "k"], ["y", "at"])])
    assert reasons(best, "8.5") != [] and reasons(best, "8.6") == []
    unsorted = node("TopK", ["x", "k"], ["y", "at"], sorted=0)
    assert reasons(graph_of([unsorted], {"k": np.int64([2])}), "10.15") == ["sorted 0"]


def test_an_input_that_is_left_out_is_no_constant_to_miss():
    model = graph_of(
        [node("Slice", ["x", "b", "e"], ["y"])], {"b": np.int64([0]), "e": np.int64([3])}
    )
    assert reasons(model) == []


def test_no_rule_is_left_out_here():
    """A rule that comes is tested above, in a test of its own or a row of a table."""
    assert set(RULES) == {
        *("Conv", "ConvTranspose", "Resize", "Einsum", "MaxPool"),
        *("QuantizeLinear", "DequantizeLinear"),
        *("Slice", "Squeeze", "Unsqueeze", "TopK", "CumSum"),
        *("AveragePool", "Pad", "GridSample", "ScatterND", "ScatterElements", "ArgMax", "ArgMin"),
        *("LayerNormalization", "InstanceNormalization"),
        *(f"Reduce{name}" for name in REDUCTIONS),
    }


def test_weights_beyond_32_bits():
    def added(value, release="8.6"):
        nodes = [node("Cast", ["x"], ["i"], to=INT64), node("Add", ["i", "big"], ["y"])]
        model = graph_of(nodes, {"big": np.int64([value])}, out=INT64)
        return list(wide_integers(read_graph(model, release)))

    said = "weight big: INT64 beyond INT32, which TensorRT 8.6 would cut"
    assert added(2**31) == added(-(2**31) - 1) == [said]
    assert added(2**31 - 1) == added(-(2**31)) == added(2**40, "10.15") == []


def test_the_end_of_a_slice_may_be_beyond_all():
    ends = {"b": np.int64([0]), "e": np.int64([2**62]), "a": np.int64([2])}
    cut = node("Slice", ["x", "b", "e", "a"], ["y"])
    assert list(wide_integers(read_graph(graph_of([cut], ends), "8.2"))) == []


def test_attributes_by_name():
    grown = node("Resize", ["x"], ["y"], mode="cubic")
    assert text_attribute(grown, "mode") == "cubic" and text_attribute(grown, "axis") == ""


def test_types_of_tensors_are_inferred():
    model = graph_of([node("Cast", ["x"], ["i"], to=INT32), node("Cast", ["i"], ["y"], to=FLOAT)])
    graph = read_graph(model, "8.2")
    assert [LETTERS[graph.types[name]] for name in "xiy"] == ["f", "i", "f"]


SCALES = {"s": np.array((1, 1, 2, 2), np.float32)}
SOME = {"s": np.array((2, 2), np.float32)}
PADS = {"p": np.zeros(8, np.int64)}
GRID = {"g": np.zeros((1, 6, 6, 2), np.float32)}
SCATTER = {"i": np.zeros((1, 1), np.int64), "u": np.zeros((1, 4, 6, 6), np.float32)}
CHANNELS = {"w": np.ones(4, np.float32)}


@pytest.mark.parametrize(
    "words, release, made, weights, opset",
    [
        ("antialias", "10.15", node("Resize", ["x", "", "s"], ["y"], antialias=1), SCALES, 18),
        ("some axes", "10.15", node("Resize", ["x", "", "s"], ["y"], axes=[2, 3]), SOME, 18),
        (
            "stretched",
            "10.15",
            node("Resize", ["x", "", "s"], ["y"], keep_aspect_ratio_policy="not_larger"),
            SCALES,
            18,
        ),
        ("mode wrap", "8.6", node("Pad", ["x", "p"], ["y"], mode="wrap"), PADS, 17),
        ("mode linear", "10.15", node("GridSample", ["x", "g"], ["y"], mode="linear"), GRID, 20),
        (
            "reduction add",
            "8.6",
            node("ScatterND", ["x", "i", "u"], ["y"], reduction="add"),
            SCATTER,
            16,
        ),
        ("select_last_index", "8.6", node("ArgMax", ["x"], ["y"], select_last_index=1), {}, 13),
        (
            "dilations",
            "10.15",
            node("AveragePool", ["x"], ["y"], kernel_shape=[2, 2], dilations=[2, 2]),
            {},
            19,
        ),
        ("first output", "8.6", node("LayerNormalization", ["x", "x"], ["y", "mean"]), {}, 17),
        ("initializer", "8.5", node("InstanceNormalization", ["x", "a", "w"], ["y"]), CHANNELS, 13),
    ],
)
def test_an_option_that_the_release_would_pass_over(words, release, made, weights, opset):
    model = graph_of([made], weights, opset)
    assert any(words in reason for reason in reasons(model, release))
    for name in ("antialias", "keep_aspect_ratio_policy", "select_last_index", "dilations"):
        for each in [each for each in made.attribute if each.name == name]:
            made.attribute.remove(each)  # the same node without the option is taken
            assert reasons(graph_of([made], weights, opset), release) == []
