"""The source network as an Engine, so that one piece of code measures a checkpoint and the files
made from it."""

import torch

from catseye.export.graphs.base import Graph
from catseye.runtime.engines import Engine
from catseye.runtime.model_file.tensors import Arrays, TensorSpec


class TorchEngine(Engine):
    """An exportable graph run by torch on the CPU: the truth that every other backend is compared
    with."""

    backend = "torch"
    version = str(torch.__version__)
    device = "cpu"
    precision = "fp32"

    def __init__(self, graph: Graph, threads: int = 0) -> None:
        """threads: 0 = torch's choice; a number holds for the whole process, for torch keeps one
        pool."""
        self.graph = graph
        if threads:
            torch.set_num_threads(threads)
        self.threads = torch.get_num_threads()
        examples = {
            name: value.numpy() for name, value in zip(graph.input_names, graph.example_inputs())
        }
        self.inputs = _specs(examples)
        self.outputs = _specs(self._run(examples))

    def _run(self, arrays: Arrays) -> Arrays:
        with torch.no_grad():
            answers = self.graph(
                *(torch.from_numpy(arrays[name]) for name in self.graph.input_names)
            )
        answers = (answers,) if isinstance(answers, torch.Tensor) else answers
        return {name: answer.numpy() for name, answer in zip(self.graph.output_names, answers)}


def _specs(arrays: Arrays) -> tuple[TensorSpec, ...]:
    return tuple(TensorSpec(name, value.shape, value.dtype) for name, value in arrays.items())
