"""Accuracy of a classification engine on pictures in a folder for each class.

Knows labels and probabilities; nothing of the network behind the engine.
"""

import os
from typing import Optional

from catseye.runtime.datasets.labelled_folders import labelled_pictures
from catseye.runtime.engines import Engine
from catseye.runtime.evaluation.base import Evaluation, Watch, never, unwatched
from catseye.runtime.frame import Frame, now_ns
from catseye.runtime.model_file.card import Card
from catseye.runtime.picture_files.reading import image_from_file
from catseye.runtime.pictures import save_png
from catseye.runtime.system.json_document import JsonObject
from catseye.runtime.tasks.classification import TOP, ClassificationTask


def evaluate_classification(
    engine: Engine,
    card: Card,
    data: str,
    split: str,
    pictures: Optional[str] = None,
    watch: Watch = unwatched,
) -> JsonObject:
    """{accuracy, top5_accuracy, n}: shares of the pictures whose label came first, and among the
    first five. Raises CatseyeError where there are none, and for a folder that is no class."""
    task, first, among = ClassificationTask(card), 0, 0
    found = labelled_pictures(data, split, card.classes)
    for index, (path, label) in enumerate(watch(found)):
        frame = Frame(image_from_file(path), index, now_ns())
        inputs, kept = task.prepare(frame)
        result = task.parse(engine.infer(inputs), kept)
        first += result.label == label
        among += label in (each for each, _ in result.top())
        if pictures:
            save_png(os.path.join(pictures, "%06d.png" % index), result.drawn_on(frame.image))
    return {
        "accuracy": first / len(found),
        "top%d_accuracy" % TOP: among / len(found),
        "n": len(found),
    }


CLASSIFICATION = Evaluation(
    evaluate_classification,
    headline="accuracy",
    allowed_loss=0.001,
    int8_loss=0.01,
    demo_fits=never,
)
