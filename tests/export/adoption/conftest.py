"""Networks as other tools write them, small enough to be made in a moment."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

SIZE_WH = (64, 48)
Made = Callable[..., str]


def network(
    classes: int = 4,
    layout: str = "NCHW",
    dtype: int = TensorProto.FLOAT,
    last: tuple[str, ...] = (),
    opset: int = 17,
    open_axes: bool = False,
    names: tuple[str, str] = ("x", "y"),
    metadata: dict[str, str] | None = None,
    batch: int | str = 1,
) -> onnx.ModelProto:
    """A convolution of stride 4 to `classes` planes; last: operators after it."""
    rng = np.random.default_rng(3)
    weight = rng.normal(size=(classes, 3, 4, 4)).astype(np.float32)
    nodes, tensor = [], names[0]
    for place, (operator, more) in enumerate(_first(layout, dtype)):
        nodes.append(helper.make_node(operator, [tensor], [f"in{place}"], **more))
        tensor = f"in{place}"
    nodes.append(helper.make_node("Conv", [tensor, "w"], ["scores"], strides=[4, 4], name="head"))
    tensor = "scores"
    for place, operator in enumerate(last):
        more = {"ArgMax": {"axis": 1, "keepdims": 0}, "Cast": {"to": TensorProto.UINT8}}
        nodes.append(
            helper.make_node(operator, [tensor], [f"out{place}"], **more.get(operator, {}))
        )
        tensor = f"out{place}"
    nodes.append(helper.make_node("Identity", [tensor], [names[1]]))
    sides: list[object] = [batch, 3, 48, 64] if layout == "NCHW" else [batch, 48, 64, 3]
    if open_axes:
        sides = ["n", 3, "h", "w"]
    kind = {"ArgMax": TensorProto.INT64, "Cast": TensorProto.UINT8}.get(
        last[-1] if last else "", TensorProto.FLOAT
    )
    graph = helper.make_graph(
        nodes,
        "net",
        [helper.make_tensor_value_info(names[0], dtype, sides)],
        [helper.make_tensor_value_info(names[1], kind, [None] * (3 if "ArgMax" in last else 4))],
        [numpy_helper.from_array(weight, "w")],
    )
    opsets = [helper.make_opsetid("", opset)]
    model = helper.make_model(
        graph, opset_imports=opsets, ir_version=8 if opset < 19 else 10, producer_name="test"
    )
    helper.set_model_props(model, metadata or {})
    return model


def _first(layout: str, dtype: int) -> list[tuple[str, dict[str, object]]]:
    steps: list[tuple[str, dict[str, object]]] = []
    if dtype == TensorProto.UINT8:
        steps.append(("Cast", {"to": TensorProto.FLOAT}))
    if layout == "NHWC":
        steps.append(("Transpose", {"perm": [0, 3, 1, 2]}))
    return steps


@pytest.fixture
def made(tmp_path: Path) -> Made:
    """Writes a network as a file and gives its path."""

    def write(name: str = "net.onnx", **how: object) -> str:
        path = str(tmp_path / name)
        onnx.save(network(**how), path)  # type: ignore[arg-type]
        return path

    return write
