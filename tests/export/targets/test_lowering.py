"""Graphs of newer opsets at older ones: the same answers, or the node's name."""

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from catseye.export.precision.onnx_graph import answers, demand_loads, opset_of
from catseye.export.targets.lowering import lowered
from catseye.export.targets.parser_table import types_by_operator
from catseye.runtime.errors import CatseyeError

SHAPE = (1, 4, 6, 8)


def graph(nodes, opset, outputs=("y",), **weights):
    values = [numpy_helper.from_array(np.array(v), name) for name, v in weights.items()]
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in outputs]
    start = [helper.make_tensor_value_info("x", TensorProto.FLOAT, SHAPE)]
    body = helper.make_graph(nodes, "g", start, ends, values)
    model = helper.make_model(body, opset_imports=[helper.make_opsetid("", opset)], ir_version=10)
    return onnx.shape_inference.infer_shapes(model, strict_mode=True)


def node(operator, inputs, outputs=("y",), **attributes):
    return helper.make_node(operator, inputs, list(outputs), name="it", **attributes)


def whole(*values):
    return np.array(values, np.int64)


CASES = {
    "reduce": graph([node("ReduceMean", ["x", "axes"])], 18, axes=whole(2, 3)),
    "reduce all": graph([node("ReduceMax", ["x"], keepdims=1)], 20),
    "reduce nothing": graph([node("ReduceSum", ["x"], noop_with_empty_axes=1)], 13),
    "squeeze": graph([node("Squeeze", ["x", "axes"])], 21, axes=whole(0)),
    "unsqueeze": graph([node("Unsqueeze", ["x", "axes"])], 13, axes=whole(0, 3)),
    "split": graph([node("Split", ["x", "s"], ("y", "z"), axis=1)], 13, ("y", "z"), s=whole(1, 3)),
    "split evenly": graph(
        [node("Split", ["x"], ("y", "z"), axis=3, num_outputs=2)], 18, ("y", "z")
    ),
    "pad": graph(
        [node("Pad", ["x", "pads", "", "axes"])], 18, pads=whole(1, 2, 3, 4), axes=whole(2, 3)
    ),
    "resize": graph(
        [node("Resize", ["x", "", "scales"], mode="linear", antialias=0)],
        19,
        scales=np.array((1, 1, 2, 2), np.float32),
    ),
    "resize to a size": graph(
        [node("Resize", ["x", "", "", "sizes"], mode="nearest", nearest_mode="floor")],
        18,
        sizes=whole(1, 4, 12, 16),
    ),
    "softmax": graph([node("Softmax", ["x"], axis=1)], 13),
    "log softmax at the end": graph([node("LogSoftmax", ["x"], axis=-1)], 21),
    "hard swish": graph([node("HardSwish", ["x"])], 14),
    "mish": graph([node("Mish", ["x"])], 18),
    "gelu": graph([node("Gelu", ["x"])], 20),
    "layer normalisation": graph(
        [node("LayerNormalization", ["x", "w"], axis=-1)], 17, w=np.ones(8, np.float32)
    ),
    "layer normalisation of later": graph(
        [node("LayerNormalization", ["x", "w"], axis=-1)], 20, w=np.ones(8, np.float32)
    ),
    "group normalisation, a scale for each channel": graph(
        [node("GroupNormalization", ["x", "w", "b"], num_groups=2)],
        21,
        w=np.arange(4, dtype=np.float32),
        b=np.ones(4, np.float32),
    ),
    "reduce along a constant node": graph(
        [node("Constant", [], ("axes",), value_ints=[2, 3]), node("ReduceMean", ["x", "axes"])], 18
    ),
    "reshape": graph([node("Reshape", ["x", "s"], allowzero=0)], 19, s=whole(1, 4, 48)),
    "reshape where no side is none": graph(
        [node("Reshape", ["x", "s"], allowzero=1)], 18, s=whole(1, 4, -1)
    ),
    "clip": graph([node("Clip", ["x", "low"])], 13, low=np.float32(0)),
    "mean": graph([node("GlobalAveragePool", ["x"])], 22),
}


def test_an_inlined_function_reckons_with_no_shapes():
    """Which TensorRT 8.2 would refuse: ConstantOfShape of integers."""
    for name in ("layer normalisation", "layer normalisation of later"):
        operators = {each.op_type for each in lowered(CASES[name], 13).graph.node}
        assert "ReduceMean" in operators and not operators & {"Shape", "Size", "ConstantOfShape"}


@pytest.mark.parametrize("opset", (11, 13, 17, 20))
@pytest.mark.parametrize("name", CASES)
def test_the_same_answers_at_an_older_opset(name, opset):
    model = CASES[name]
    before = onnx.ModelProto()
    before.CopyFrom(model)
    older = lowered(model, opset)
    assert opset_of(older) <= opset and model == before
    demand_loads(older)
    frame = {"x": np.random.default_rng(0).normal(size=SHAPE).astype(np.float32)}
    for one, other in zip(answers(model, [frame]), answers(older, [frame])):
        for key in one:
            np.testing.assert_allclose(other[key], one[key], atol=1e-5)


def test_what_the_reader_lacks_is_said_in_older_words_at_the_same_opset():
    model = CASES["layer normalisation"]
    assert lowered(model, 17) is lowered(model, 17, types_by_operator("8.6")) is model
    older = lowered(model, 17, known := types_by_operator("8.5"))
    assert opset_of(older) == 17 and {each.op_type for each in older.graph.node} <= set(known)
    frame = {"x": np.random.default_rng(0).normal(size=SHAPE).astype(np.float32)}
    expected, found = (answers(each, [frame])[0]["y"] for each in (model, older))
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_a_grid_sample_gets_the_name_of_its_mode_back():
    grid = np.random.default_rng(1).uniform(-1, 1, (1, 6, 8, 2)).astype(np.float32)
    for more in ({}, {"mode": "linear"}, {"mode": "cubic"}):
        model = graph([node("GridSample", ["x", "grid"], **more)], 20, grid=grid)
        older = lowered(model, 17)
        frame = {"x": np.random.default_rng(0).normal(size=SHAPE).astype(np.float32)}
        expected, found = (answers(each, [frame])[0]["y"] for each in (model, older))
        np.testing.assert_allclose(found, expected, atol=1e-5)


REFUSED = {
    "GridSample it: it is newer": graph(
        [node("GridSample", ["x", "grid"])], 16, grid=np.zeros((1, 6, 8, 2), np.float32)
    ),
    "Reshape it: its allowzero": graph(
        [node("Reshape", ["x", "s"], allowzero=1)], 18, s=whole(0, 9)
    ),
    "Resize it: its antialias": graph(
        [node("Resize", ["x", "", "scales"], mode="linear", antialias=1)],
        18,
        scales=np.array((1, 1, 0.5, 0.5), np.float32),
    ),
}


@pytest.mark.parametrize("words", REFUSED)
def test_what_cannot_be_said_is_refused_by_name(words):
    with pytest.raises(CatseyeError, match=words):
        lowered(REFUSED[words], 11)
