"""The border of an ONNX file, read without the onnx package, against the onnx package."""

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from tiny_model import CLASSES, HEIGHT, WIDTH, tiny_onnx

from catseye.runtime.errors import CatseyeError
from catseye.runtime.model_file.border import Border, read_border
from catseye.runtime.model_file.onnx_file import read_onnx_file
from catseye.runtime.model_file.tensors import TensorSpec


def border_of(data: bytes, name: str) -> Border:
    return read_border(read_onnx_file(data, name), name)


def test_reads_names_shapes_and_types() -> None:
    graph = border_of(tiny_onnx(), "tiny.onnx")
    assert graph.inputs == (TensorSpec("frame", (1, HEIGHT, WIDTH, 3), np.dtype("uint8")),)
    assert graph.outputs == (
        TensorSpec("mask", (1, HEIGHT, WIDTH), np.dtype("uint8")),
        TensorSpec("scores", (1, CLASSES, HEIGHT, WIDTH), np.dtype("float32")),
    )


@pytest.mark.parametrize(
    ("element", "dtype"),
    [
        (TensorProto.FLOAT, "float32"),
        (TensorProto.INT8, "int8"),
        (TensorProto.INT32, "int32"),
        (TensorProto.INT64, "int64"),
        (TensorProto.BOOL, "bool"),
        (TensorProto.FLOAT16, "float16"),
        (TensorProto.DOUBLE, "float64"),
    ],
)
def test_knows_the_types_by_onnx_numbers(element: int, dtype: str) -> None:
    assert border_of(tiny_onnx(element), "tiny.onnx").inputs[0].dtype == np.dtype(dtype)


def test_a_scalar_has_an_empty_shape() -> None:
    value = helper.make_tensor_value_info("x", TensorProto.FLOAT, [])
    graph = helper.make_graph(
        [helper.make_node("Identity", ["x"], ["y"])],
        "g",
        [value],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [])],
    )
    assert border_of(helper.make_model(graph).SerializeToString(), "x.onnx").inputs[0].shape == ()


def test_weights_that_old_files_list_among_the_inputs_are_left_out() -> None:
    model = onnx.load_from_string(tiny_onnx())
    model.graph.input.append(
        helper.make_tensor_value_info("weights", TensorProto.FLOAT, [CLASSES, 3, 3, 3])
    )
    assert [spec.name for spec in border_of(model.SerializeToString(), "old.onnx").inputs] == [
        "frame"
    ]


def test_precision_is_what_the_weights_are_stored_in() -> None:
    model = onnx.load_from_string(tiny_onnx())
    assert border_of(model.SerializeToString(), "tiny.onnx").precision == "fp32"
    model.graph.initializer.append(numpy_helper.from_array(np.zeros(3, np.float16), "half"))
    assert border_of(model.SerializeToString(), "tiny.onnx").precision == "fp16"
    model.graph.node.append(helper.make_node("DequantizeLinear", ["a", "b", "c"], ["d"]))
    assert border_of(model.SerializeToString(), "tiny.onnx").precision == "int8"


def test_a_file_cut_anywhere_is_one_complaint() -> None:
    model = tiny_onnx()
    for size in range(len(model)):
        try:
            graph = border_of(model[:size], "cut.onnx")
        except CatseyeError as error:
            assert "cut.onnx" in str(error)
        else:
            # only what follows the graph was cut off
            assert graph == border_of(model, "cut.onnx")


def test_noise_is_a_complaint_and_never_another_error() -> None:
    model = bytearray(tiny_onnx())
    noise = np.random.RandomState(0)
    for _ in range(300):
        spoiled = bytearray(model)
        for place in noise.randint(0, len(model), 4):
            spoiled[place] = noise.randint(0, 256)
        try:
            border_of(bytes(spoiled), "noise.onnx")
        except CatseyeError as error:
            assert "noise.onnx" in str(error)
