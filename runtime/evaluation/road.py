"""Road segmentation on annotated frames: IoU per class at the annotation's size."""

import os
from typing import Any, Dict, Optional

from catseye.runtime.classes import NAMES
from catseye.runtime.datasets.camvid import road_samples
from catseye.runtime.engines import Engine
from catseye.runtime.frame import Frame, now_ns
from catseye.runtime.metrics import ConfusionMatrix
from catseye.runtime.pictures import save_png
from catseye.runtime.tasks.road import RoadTask


def evaluate_road_data(
    engine: Engine, card: Dict[str, Any], data: str, split: str, pictures: Optional[str] = None
) -> Dict[str, Any]:
    """{miou, iou: {class: value or None}, frames}: one confusion matrix over the split, void ignored, rates 0-1."""
    task, matrix = RoadTask(card), ConfusionMatrix(len(NAMES))
    samples = road_samples(data, split)
    for index, sample in enumerate(samples):
        image, truth = sample.read()
        frame = Frame(image, index, now_ns(), sample.name)
        result = task.parse(engine.infer(task.prepare(frame)), frame)
        matrix.add(truth, result.mask)
        if pictures:
            save_png(os.path.join(pictures, sample.name + ".png"), result.drawn_on(image))
    return {"miou": matrix.miou(), "iou": matrix.report(NAMES), "frames": len(samples)}
