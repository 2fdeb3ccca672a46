"""What a classifier's answer means: one score or probability for each class, and the border that
makes probabilities of it."""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from catseye.export.adoption.answer import (
    ROUNDING,
    Seen,
    all_probable,
    chosen_output,
    maker,
)
from catseye.export.adoption.border import PREFIX, bordered_outputs
from catseye.export.adoption.original import Original
from catseye.export.adoption.preparation import Preparation
from catseye.runtime.model_file.tensors import Arrays, TensorSpec
from catseye.runtime.tasks.classification import PROBABILITIES

ROW = "(1, C) floats, one for each of two classes or more"


class ClassAnswer(NamedTuple):
    """probable: whether the network gives probabilities, and not logits."""

    output: TensorSpec
    probable: bool

    @property
    def classes(self) -> int:
        return self.output.elements

    @property
    def words(self) -> str:
        return "a probability for each class" if self.probable else "a logit for each class"

    def probabilities(self, answers: Arrays) -> Arrays:
        """The border's answer, (1, C) float32."""
        scores = answers[self.output.name].reshape(1, -1).astype(np.float64)
        if not self.probable:
            scores = np.exp(scores - scores.max())
            scores /= scores.sum()
        return {PROBABILITIES: scores.astype(np.float32)}


def class_answer(original: Original, wanted: str, seen: Seen) -> ClassAnswer:
    """The output that is a score for each class, `wanted` by name or the only one. seen: what it
    answers to frames. Raises CatseyeError where there is none."""
    output = chosen_output(original, wanted, _is_row, ROW)
    probable = maker(original.model, output.name) in ("Softmax", "Sigmoid")
    return ClassAnswer(output, probable or _add_up(output, seen()))


def _add_up(output: TensorSpec, seen: Iterable[Arrays]) -> bool:
    """Whether all that it says are probabilities that add up to one, whatever operator they come
    from."""
    rows = [{output.name: answers[output.name].astype(np.float64)} for answers in seen]
    sums = [float(row[output.name].sum()) for row in rows]
    return all_probable(output, rows) and all(abs(each - 1) <= ROUNDING for each in sums)


def bordered_classes(
    model: onnx.ModelProto, preparation: Preparation, answer: ClassAnswer
) -> onnx.ModelProto:
    """A copy from camera bytes to PROBABILITIES, (1, C) float32."""
    graph = (bordered := bordered_outputs(model, preparation, [answer.output.name])).graph
    shape = np.array((1, answer.classes), np.int64)
    graph.initializer.append(numpy_helper.from_array(shape, PREFIX + "row_shape"))
    row, last = PREFIX + "row", PROBABILITIES
    read = answer.output.name
    if answer.output.dtype != np.float32:
        graph.node.append(
            helper.make_node("Cast", [read], [PREFIX + "float"], to=TensorProto.FLOAT)
        )
        read = PREFIX + "float"
    written = last if answer.probable else row
    graph.node.append(helper.make_node("Reshape", [read, PREFIX + "row_shape"], [written]))
    if not answer.probable:
        graph.node.append(helper.make_node("Softmax", [row], [last], axis=1))
    del graph.output[:]
    value = helper.make_tensor_value_info(last, TensorProto.FLOAT, (1, answer.classes))
    graph.output.append(value)
    return bordered


def _is_row(spec: TensorSpec) -> bool:
    """One number for each of two classes or more."""
    sides = [side for side in spec.shape if side > 1]
    return len(sides) == 1 and spec.shape[0] == 1 and spec.dtype.kind == "f"
