"""A model file for two frames in one call: its graph with every input and output twice as long in
the first dimension, and golden frames two by two.

Knows where the border of a graph stands in an ONNX file (onnx.proto3) and rewrites nothing else:
whether the nodes between take two frames is for golden frames to show.
"""

from typing import Callable, List, Tuple

import numpy as np

from catseye.runtime.errors import ModelFileError
from catseye.runtime.model_file.border import (
    DIMENSION_VALUE,
    GRAPH_INPUT,
    GRAPH_OUTPUT,
    SHAPE_DIMENSION,
    TENSOR_TYPE_SHAPE,
    TYPE_TENSOR,
    VALUE_TYPE,
    Border,
)
from catseye.runtime.model_file.golden import GoldenCase
from catseye.runtime.model_file.load import ModelFile
from catseye.runtime.model_file.onnx_file import GRAPH, message_from_value
from catseye.runtime.model_file.protobuf import (
    Message,
    field_from_content,
    fields_with_bytes,
    varint_from_int,
)
from catseye.runtime.model_file.tensors import Arrays, TensorSpec
from catseye.runtime.system.files import sha256_hex

FRAMES = 2
GRAPH_VALUE_INFO = 13  # shapes within, which backends find for themselves
SHAPE_OF_VALUE = (VALUE_TYPE, TYPE_TENSOR, TENSOR_TYPE_SHAPE)


def paired(model: ModelFile) -> ModelFile:
    """`model` for two frames. Raises ModelFileError where it has no golden frames to show that its
    nodes take them."""
    if not model.golden:
        raise ModelFileError(
            "%s has no golden frames" % model.name, "them, for batches", "export it again"
        )
    data = _rewritten(model.data, GRAPH, _graph_for_two)
    card, border = model.card, model.border
    return ModelFile(
        name=model.name + "-pair",
        data=data,
        card=card._replace(inputs=_for_two(card.inputs), outputs=_for_two(card.outputs)),
        golden=tuple(_both(*cases) for cases in zip(model.golden, reversed(model.golden))),
        border=Border(_for_two(border.inputs), _for_two(border.outputs), border.precision),
        sha256=sha256_hex(data),
    )


def joined(one: Arrays, other: Arrays) -> Arrays:
    """What goes in for two frames."""
    return {name: np.concatenate([one[name], other[name]]) for name in one}


def parted(both: Arrays) -> Tuple[Arrays, Arrays]:
    """What came out for each of two frames."""
    halves = {name: np.split(array, FRAMES) for name, array in both.items()}
    one, other = ({name: half[at] for name, half in halves.items()} for at in range(FRAMES))
    return one, other


def _both(one: GoldenCase, other: GoldenCase) -> GoldenCase:
    return GoldenCase(joined(one.inputs, other.inputs), joined(one.outputs, other.outputs))


def _for_two(specs: Tuple[TensorSpec, ...]) -> Tuple[TensorSpec, ...]:
    return tuple(spec._replace(shape=(FRAMES * spec.shape[0], *spec.shape[1:])) for spec in specs)


def _graph_for_two(graph: Message) -> bytes:
    parts: List[bytes] = []
    for number, _, value, whole in fields_with_bytes(graph):
        if number in (GRAPH_INPUT, GRAPH_OUTPUT):
            parts.append(field_from_content(number, _value_for_two(message_from_value(value))))
        elif number != GRAPH_VALUE_INFO:
            parts.append(bytes(whole))
    return b"".join(parts)


def _value_for_two(value: Message, path: Tuple[int, ...] = SHAPE_OF_VALUE) -> bytes:
    """A ValueInfoProto whose first dimension is twice as long."""
    if path:
        return _rewritten(value, path[0], lambda inner: _value_for_two(inner, path[1:]))
    parts: List[bytes] = []
    for number, _, dimension, whole in fields_with_bytes(value):
        if number == SHAPE_DIMENSION and not parts:
            ((_, _, size, _),) = fields_with_bytes(message_from_value(dimension))
            assert isinstance(size, int)  # the border was read before
            doubled = varint_from_int(DIMENSION_VALUE << 3) + varint_from_int(FRAMES * size)
            parts.append(field_from_content(SHAPE_DIMENSION, doubled))
        else:
            parts.append(bytes(whole))
    return b"".join(parts)


def _rewritten(message: Message, wanted: int, rewrite: Callable[[Message], bytes]) -> bytes:
    """A message with its fields of this number rewritten."""
    return b"".join(
        field_from_content(number, rewrite(message_from_value(value)))
        if number == wanted
        else bytes(whole)
        for number, _, value, whole in fields_with_bytes(message)
    )
