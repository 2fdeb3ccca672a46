"""A model file for two frames: against onnx, which rewrites the same border by its own classes."""

import numpy as np
import pytest

from catseye.runtime.errors import ModelFileError
from catseye.runtime.model_file.border import read_border
from catseye.runtime.model_file.load import load_model
from catseye.runtime.model_file.onnx_file import read_onnx_file
from catseye.runtime.model_file.pair import joined, paired, parted


@pytest.mark.parametrize("name", ("road-nano", "digits", "sparse"))
def test_the_border_is_rewritten_and_nothing_else(name):
    onnx = pytest.importorskip("onnx", reason="needs onnx")
    model = load_model(name)
    pair = paired(model)
    wanted = onnx.load_from_string(model.data)
    for value in (*wanted.graph.input, *wanted.graph.output):
        dimensions = value.type.tensor_type.shape.dim
        dimensions[0].dim_value = 2 * dimensions[0].dim_value
    del wanted.graph.value_info[:]
    assert onnx.load_from_string(pair.data) == wanted
    assert read_border(read_onnx_file(pair.data, "pair"), "pair") == pair.border
    assert pair.border.inputs == pair.card.inputs and pair.sha256 != model.sha256
    for case in pair.golden:
        for spec in pair.card.inputs:
            assert case.inputs[spec.name].shape == spec.shape
        for spec in pair.card.outputs:
            assert case.outputs[spec.name].shape == spec.shape


def test_frames_are_joined_and_answers_parted():
    one, other = {"a": np.zeros((1, 2))}, {"a": np.ones((1, 2))}
    both = joined(one, other)
    assert both["a"].shape == (2, 2)
    for found, wanted in zip(parted(both), (one, other)):
        assert np.array_equal(found["a"], wanted["a"])


def test_without_golden_frames_nothing_would_show_what_it_does():
    with pytest.raises(ModelFileError, match="has no golden frames; expected them, for batches"):
        paired(load_model("digits")._replace(golden=()))
