"""Which nodes of an FP16 graph write what half cannot hold.

onnxruntime's CPU computes most of an FP16 graph in float and rounds where a tensor leaves the
graph, so a value beyond 65504 passes through it unseen, and is infinite on a board that computes in
half. Here every half tensor leaves the graph. Knows tensors; nothing of what they mean.
"""

from typing import List, Sequence

import numpy as np

from catseye.runtime.engines.cpu import usable_cores
from catseye.runtime.engines.onnxruntime import Session, open_session
from catseye.runtime.model_file.inner_tensors import Node, read_nodes, with_outputs
from catseye.runtime.model_file.load import ModelFile
from catseye.runtime.model_file.tensors import Arrays

HALF = "tensor(float16)"


def overflowing_nodes(model: ModelFile, frames: Sequence[Arrays]) -> List[Node]:
    """The nodes of a graph whose half answers are infinite or no numbers on any of the frames (the
    graph's inputs by name), in the order of the graph.

    Costs more memory than a run: all tensors of a frame stand at once. Raises BackendError without
    onnxruntime.
    """
    nodes = read_nodes(model.data)
    outputs = {spec.name for spec in model.border.outputs}
    inside = [name for node in nodes for name in node.outputs if name not in outputs]
    session = _session(with_outputs(model.data, inside), model.name)
    halves = [output.name for output in session.get_outputs() if output.type == HALF]
    spoiled = set()
    for frame in frames if halves else ():
        inputs = {spec.name: frame[spec.name].astype(spec.dtype) for spec in model.border.inputs}
        for name, value in zip(halves, session.run(halves, inputs)):
            if not np.isfinite(value).all():
                spoiled.add(name)
    return [node for node in nodes if spoiled & set(node.outputs)]


def _session(graph: bytes, name: str) -> Session:
    return open_session(graph, name, "cpu", threads=usable_cores()).session
