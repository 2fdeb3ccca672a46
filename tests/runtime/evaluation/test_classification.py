"""Accuracy of an engine that always says the same."""

import cv2
import numpy as np

from catseye.runtime.engines import Engine
from catseye.runtime.evaluation import evaluate
from catseye.runtime.model_file.card import Card, NoSettings, Provenance
from catseye.runtime.model_file.tensors import TensorSpec

FRAME = TensorSpec("frame", (1, 8, 8, 3), np.dtype(np.uint8))
ANSWER = TensorSpec("probabilities", (1, 2), np.dtype(np.float32))


class AlwaysDog(Engine):
    inputs, outputs = (FRAME,), (ANSWER,)

    def _run(self, arrays):
        return {"probabilities": np.array([[0.2, 0.8]], np.float32)}


def card(task, outputs):
    origin = Provenance({}, 0, 0, 0, "", "", {})
    names, colours = ("cat", "dog"), ((0, 0, 0), (1, 1, 1))
    parts = ("1", "net", task, names, colours, (FRAME,), outputs, "fp32", "any", 11, {}, origin)
    return Card(*parts, settings=NoSettings())


def test_accuracy_is_the_share_that_came_first(tmp_path):
    for name, number in (("dog", 3), ("cat", 1)):
        (tmp_path / "val" / name).mkdir(parents=True)
        for index in range(number):
            path = str(tmp_path / "val" / name / f"{index}.png")
            cv2.imwrite(path, np.zeros((6, 9, 3), np.uint8))
    pictures = str(tmp_path / "seen")
    found = evaluate(AlwaysDog(), card("classification", (ANSWER,)), str(tmp_path), "val", pictures)
    assert found == {"accuracy": 0.75, "top5_accuracy": 1.0, "n": 4}
    assert len(list((tmp_path / "seen").iterdir())) == 4
