"""Road segmentation on annotated frames: IoU per class at the annotation's size, and where the
model is worst."""

import heapq
import os
from typing import List, Optional, Sequence, Tuple

import numpy as np

from catseye.runtime.classes import CAMVID, VOID, ClassTable
from catseye.runtime.datasets.learned import learned_splits
from catseye.runtime.datasets.one_table import under_table
from catseye.runtime.datasets.partial import PartialLabel, allowed_by_code
from catseye.runtime.datasets.road import open_road_data
from catseye.runtime.datasets.road_frames import RoadSample
from catseye.runtime.draw import draw_text
from catseye.runtime.engines import Engine
from catseye.runtime.evaluation.base import Evaluation, Watch, unwatched
from catseye.runtime.evaluation.calibration import Calibration
from catseye.runtime.evaluation.confusion import confusion_picture
from catseye.runtime.evaluation.label_scores import LabelScores
from catseye.runtime.frame import Frame, now_ns
from catseye.runtime.model_file.card import Card, Provenance
from catseye.runtime.pictures import save_png
from catseye.runtime.system.json_document import JsonObject
from catseye.runtime.tasks.road import RoadTask
from catseye.runtime.tasks.road_mask import RoadMask

WORST = 10


def evaluate_road_data(
    engine: Engine,
    card: Card,
    data: str,
    split: str,
    pictures: Optional[str] = None,
    watch: Watch = unwatched,
) -> JsonObject:
    """{miou, iou: {class: value or None}, frames, ...}: one confusion matrix over the split, rates
    0-1, and only what the labels decide (label_scores.py); of a model that tells its confidence
    also {calibration} (calibration.py).

    pictures: a folder for confusion.png and the WORST frames, worst first, annotation beside
    answer. Raises CatseyeError where there are no frames, or of other classes.
    """
    task = RoadTask(card)
    road_data = under_table(open_road_data(data), task.classes, "a model")
    samples = road_data.samples(split)
    names = task.classes.names
    scores = LabelScores(names, road_data.partials)
    worst = WorstFrames(task.classes, road_data.partials)
    calibration = Calibration(names, road_data.partials)
    for index, sample in enumerate(watch(samples)):
        image, truth = sample.read()
        frame = Frame(image, index, now_ns(), sample.name)
        inputs, kept = task.prepare(frame)
        result = task.parse(engine.infer(inputs), kept)
        scores.add(truth, result.mask)
        if result.confidence is not None:
            calibration.add(truth, result.mask, result.confidence)
        worst.add(frame, truth, result)
    if pictures:
        save_png(os.path.join(pictures, "confusion.png"), confusion_picture(scores.counts, names))
        worst.save(pictures)
    answer = {**scores.as_json(), "frames": len(samples)}
    return {**answer, "calibration": calibration.as_json()} if task.is_confident else answer


class WorstFrames:
    """The WORST frames so far by the share of labelled pixels that got a class which their label
    rules out."""

    def __init__(self, classes: ClassTable, partials: Sequence[PartialLabel] = ()) -> None:
        """partials: those of the truth's codes after the class ids."""
        self.classes = classes
        self._allowed = allowed_by_code(len(classes.names), partials)
        # the best of the worst on top
        self._heap: List[Tuple[float, int, Frame, np.ndarray, RoadMask]] = []

    def add(self, frame: Frame, truth: np.ndarray, result: RoadMask) -> None:
        """truth: (H, W) uint8 codes, void ones not judged."""
        known = (truth != VOID) & (result.mask < len(self.classes.names))
        ruled_out = ~self._allowed[truth[known], result.mask[known]]
        wrong = float(np.mean(ruled_out)) if known.any() else 0.0
        heapq.heappush(self._heap, (wrong, -frame.index, frame, truth, result))
        if len(self._heap) > WORST:
            heapq.heappop(self._heap)

    def save(self, folder: str) -> None:
        """worst-01-NAME.png, ...: the annotation on the left, the model's answer on the right."""
        worst_first = sorted(self._heap, key=lambda entry: -entry[0])
        for place, (wrong, _, frame, truth, result) in enumerate(worst_first, 1):
            left = RoadMask(truth, self.classes).drawn_on(frame.image)
            right = result.drawn_on(frame.image)
            draw_text(right, "%.1f %% of the pixels wrong" % (100 * wrong), (110, 6))
            name = "worst-%02d-%s.png" % (place, frame.name)
            save_png(os.path.join(folder, name), np.hstack((left, right)))


def learned_frames(data: str, split: str, provenance: Provenance) -> float:
    """Share, 0-1, of the frames of a split, or of a sequence, that a model was trained on."""
    road_data, held_out = open_road_data(data), provenance.data.get("hold_out")
    learned = {
        _identity(sample)
        for name in learned_splits(provenance.data_name, road_data.name)
        if name in road_data.splits
        for sample in road_data.list_split(name)
        if sample.sequence != held_out
    }
    asked = [_identity(sample) in learned for sample in road_data.samples(split)]
    return sum(asked) / len(asked)


def _identity(sample: RoadSample) -> str:
    return sample.image_path or sample.name


ROAD = Evaluation(
    evaluate_road_data,
    headline="miou",
    allowed_loss=0.001,
    int8_loss=0.003,
    learned=learned_frames,
    demo_fits=lambda card: sorted(card.classes) == sorted(CAMVID.names),
)
