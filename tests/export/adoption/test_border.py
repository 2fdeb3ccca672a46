"""The ends that a graph gets: nothing that is not read, nothing under a name of ours."""

import numpy as np
import onnx
from onnx import TensorProto

from catseye.export.adoption.answer import mask_answer
from catseye.export.adoption.border import bordered_mask, bordered_outputs
from catseye.export.adoption.original import read_original
from catseye.export.adoption.preparation import preparation_of
from catseye.export.adoption.wishes import Wishes


def test_a_network_of_bytes_casts_once(made):
    path = made(layout="NHWC", dtype=TensorProto.UINT8)
    original = read_original(path, None)
    preparation = preparation_of(original, Wishes(order="rgb"))
    answer = mask_answer(original, "", preparation.size_wh, lambda: ())
    graph = bordered_mask(original.model, preparation, answer).graph
    casts = [node for node in graph.node if node.op_type == "Cast"]
    kinds = [onnx.helper.get_attribute_value(node.attribute[0]) for node in casts]
    assert TensorProto.UINT8 not in kinds[:-1]  # TensorRT casts to bytes at the end only


def test_what_is_not_asked_for_goes(made):
    original = read_original(made(last=("Softmax",)), None)
    preparation = preparation_of(original, Wishes(order="bgr", scale=1.0))
    original.model.graph.output.append(
        onnx.helper.make_tensor_value_info("scores", TensorProto.FLOAT, (1, 4, 12, 16))
    )
    graph = bordered_outputs(original.model, preparation, ["scores"]).graph
    assert [value.name for value in graph.output] == ["scores"]
    assert "Softmax" not in {node.op_type for node in graph.node}


def test_the_preparation_of_numpy_is_that_of_the_graph(made):
    original = read_original(made(), None)
    wishes = Wishes(order="rgb", mean=(0.1, 0.2, 0.3), std=(0.5, 0.6, 0.7))
    frame = np.arange(48 * 64 * 3, dtype=np.uint8).reshape(1, 48, 64, 3)
    given = preparation_of(original, wishes).applied(frame)
    red = (frame[0, 5, 7, 2] / 255 - 0.1) / 0.5
    assert given.shape == (1, 3, 48, 64) and abs(given[0, 0, 5, 7] - red) < 1e-6
