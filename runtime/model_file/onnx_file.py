"""An ONNX file, walked once: its metadata, its graph, and the digest of all but the metadata.

Knows the outermost message of onnx.proto3 (https://github.com/onnx/onnx), ModelProto; not what a
card says, nor what lies inside a graph.
"""

import hashlib
from typing import Dict, List, NamedTuple, Tuple

from catseye.runtime.errors import ModelFileError
from catseye.runtime.model_file.protobuf import Value, fields, fields_with_bytes

# fields of ModelProto, and of the StringStringEntryProto that metadata consist of
GRAPH, METADATA_PROPS, FUNCTIONS = 7, 14, 25
KEY, VALUE = 1, 2


class OnnxFile(NamedTuple):
    """metadata: UTF-8 text by key.  graphs, functions: the messages, where protobuf takes several
    graphs for parts of one.  rest: every field but the metadata, as it stands in the file."""

    metadata: Dict[str, memoryview]
    graphs: Tuple[memoryview, ...]
    functions: Tuple[memoryview, ...]
    rest: Tuple[memoryview, ...]

    def graph_sha256(self) -> str:
        """SHA-256 of the file without its metadata, in hexadecimal digits."""
        digest = hashlib.sha256()
        for whole in self.rest:
            digest.update(whole)
        return digest.hexdigest()


def read_onnx_file(data: bytes, name: str) -> OnnxFile:
    """The parts of the ONNX file `data`; `name` is what errors call it. Nothing is copied.

    Raises ModelFileError where the bytes are no protobuf message, or two entries of the metadata
    have one key: which of them counts would be a matter of who reads it.
    """
    metadata: Dict[str, memoryview] = {}
    messages: Dict[int, List[memoryview]] = {GRAPH: [], FUNCTIONS: []}
    rest = []
    try:
        for number, _, value, whole in fields_with_bytes(data):
            if number == METADATA_PROPS:
                key, text = _entry(value)
                if key in metadata:
                    raise ValueError("two entries %.40r in its metadata" % key)
                metadata[key] = text
            else:
                rest.append(whole)
            if number in messages:
                messages[number].append(message_from_value(value))
    except ValueError as error:
        raise ModelFileError(
            "%s is no ONNX file (%s)" % (name, error),
            "a model file that `catseye export` wrote",
            "copy it again",
        )
    return OnnxFile(metadata, tuple(messages[GRAPH]), tuple(messages[FUNCTIONS]), tuple(rest))


def message_from_value(value: Value) -> memoryview:
    """A field's value, which must be a message. Raises ValueError for a number."""
    if not isinstance(value, memoryview):
        raise ValueError("a number where a message belongs")
    return value


def _entry(value: Value) -> Tuple[str, memoryview]:
    """Key and text of one entry of the metadata, each empty where it is missing."""
    entry = {number: each for number, _, each in fields(message_from_value(value))}
    key, text = (message_from_value(entry.get(number, memoryview(b""))) for number in (KEY, VALUE))
    return str(key, "utf-8"), text


def digest_of_graph(data: bytes) -> str:
    """What `graph_sha256` of the card must be for this ONNX file. Raises ModelFileError where the
    bytes are none."""
    return read_onnx_file(data, "the graph").graph_sha256()
