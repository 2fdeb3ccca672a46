"""How good a road network is: the scores of each set that judges, and a few frames to look at.

Knows the sets' frames and labels; the network by its interface only.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import torch
from torch import nn

from catseye.runtime.classes import VOID, ClassTable
from catseye.runtime.datasets.partial import PartialLabel
from catseye.runtime.datasets.road_frames import RoadSample
from catseye.runtime.errors import CatseyeError
from catseye.runtime.system.json_document import JsonObject
from catseye.runtime.tasks.road_mask import RoadMask
from catseye.training.frames import Frames
from catseye.training.progress import counted
from catseye.training.road.prediction import predict_mask, scores_of

MEAN_MIOU = "mean_miou"  # over several sets
SHOWN = 4  # frames that TensorBoard shows


class Judges:
    """The frames of each set that a network is judged by, by the set's name."""

    def __init__(
        self,
        sets: Mapping[str, Sequence[RoadSample]],
        classes: ClassTable,
        partials: Sequence[PartialLabel],
        frames: Callable[[Sequence[RoadSample]], Frames],
    ) -> None:
        """partials: of the sets' masks.  frames: reads samples as the network is to see them.

        Reads every frame once, so that what is wrong with one is told before the first epoch:
        raises CatseyeError as `RoadSample.read` does, and where no pixel is labelled.
        """
        self.sets, self.classes, self.partials, self.frames = sets, classes, partials, frames
        judged = [sample for samples in sets.values() for sample in samples]
        labelled = [
            bool((sample.read()[1] < len(classes.names)).any())
            for sample in counted(judged, "reading the validation frames")
        ]
        if not any(labelled):
            raise CatseyeError(
                f"no pixel of a class in the {len(judged)} validation frames ({', '.join(sets)})",
                "one at least that is not void",
                "see `void` and the ids of classes.json",
            )

    @property
    def first(self) -> Sequence[RoadSample]:
        return next(iter(self.sets.values()))

    def measure(self, network: nn.Module, device: torch.device) -> JsonObject:
        """The scores of the first set; with several, also those of each and MEAN_MIOU, over those
        that decide a class."""
        found = {name: self._scores(network, each, device) for name, each in self.sets.items()}
        first = next(iter(found.values()))
        if len(found) == 1:
            return first
        decided = [miou for each in found.values() if isinstance(miou := each["miou"], float)]
        sets: JsonObject = {name: dict(each) for name, each in found.items()}
        return {**first, MEAN_MIOU: float(np.mean(decided or [np.nan])), "sets": sets}

    def _scores(
        self, network: nn.Module, samples: Sequence[RoadSample], device: torch.device
    ) -> JsonObject:
        names, frames = self.classes.names, counted(self.frames(samples), "judging")
        scores = scores_of(network, frames, names, device, self.partials)
        iou = scores.report(names)
        road = {} if self.classes.road == VOID else {"road_iou": iou[names[self.classes.road]]}
        alarms = {"false_alarms": scores.false_alarms()} if self.partials else {}
        miou: JsonObject = {"miou": scores.miou() if scores.counts.any() else None}
        return {**miou, **road, **alarms, "iou": dict(iou), "frames": len(samples)}

    def pictures(self, network: nn.Module, device: torch.device) -> dict[str, np.ndarray]:
        """A few frames of the first set, each with its annotation on the left and the network's
        answer on the right."""
        shown = self.first[:: max(1, len(self.first) // SHOWN)][:SHOWN]
        return {
            sample.name: self._answer_beside_truth(network, *frame, device)
            for sample, frame in zip(shown, self.frames(shown))
        }

    def _answer_beside_truth(
        self, network: nn.Module, image: np.ndarray, truth: np.ndarray, device: torch.device
    ) -> np.ndarray:
        masks = truth, predict_mask(network, image, device)
        return np.hstack([RoadMask(mask, self.classes).drawn_on(image) for mask in masks])
