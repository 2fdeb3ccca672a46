"""An ONNX file's outermost message, against the onnx package."""

import hashlib

import onnx
import pytest
from onnx import helper
from tiny_model import tiny_onnx

from catseye.runtime.errors import ModelFileError
from catseye.runtime.model_file.onnx_file import digest_of_graph, read_onnx_file


def with_metadata(**entries):
    model = onnx.load_from_string(tiny_onnx())
    helper.set_model_props(model, entries)
    return model.SerializeToString()


def test_metadata_and_graph():
    file = read_onnx_file(with_metadata(a="1", b="", c="\u00fc" * 200), "some")
    assert file.metadata == {"a": b"1", "b": b"", "c": b"\xc3\xbc" * 200}
    (graph,) = file.graphs
    assert onnx.GraphProto.FromString(bytes(graph)) == onnx.load_from_string(tiny_onnx()).graph


def test_the_digest_is_of_all_but_the_metadata():
    bare = tiny_onnx()
    assert digest_of_graph(bare) == hashlib.sha256(bare).hexdigest()
    assert digest_of_graph(with_metadata(a="1")) == digest_of_graph(bare)
    model = onnx.load_from_string(bare)
    model.producer_name += "x"
    assert digest_of_graph(model.SerializeToString()) != digest_of_graph(bare)


def test_functions_are_found():
    model = onnx.load_from_string(tiny_onnx())
    node = helper.make_node("Relu", ["x"], ["y"])
    function = helper.make_function("house", "Own", ["x"], ["y"], [node], [])
    model.functions.append(function)
    (found,) = read_onnx_file(model.SerializeToString(), "some").functions
    assert onnx.FunctionProto.FromString(bytes(found)) == function


def test_two_entries_of_one_key_are_refused():
    model = onnx.load_from_string(with_metadata(a="1"))
    model.metadata_props.add(key="a", value="1")
    with pytest.raises(ModelFileError, match="some is no ONNX file .two entries 'a'"):
        read_onnx_file(model.SerializeToString(), "some")


@pytest.mark.parametrize(
    "entry",
    [
        b"\x70\x01",  # a number in place of the entry
        b"\x72\x02\x08\x01",  # in place of its key
        b"\x72\x03\x0a\x01\xff",  # a key that is no UTF-8
        b"\x72\x05\x0a\x01a",  # cut short
        b"\x38\x01",  # a number in place of the graph
    ],
)
def test_entries_that_are_none(entry):
    with pytest.raises(ModelFileError, match="some is no ONNX file"):
        read_onnx_file(tiny_onnx() + entry, "some")
