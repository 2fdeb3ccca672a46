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
from catseye.runtime.evaluation.label_scores import LabelScores
from catseye.runtime.system.json_document import JsonObject
from catseye.runtime.tasks.road_mask import RoadMask
from catseye.training.frames import Frames
from catseye.training.progress import counted, told
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
        raises CatseyeError as `RoadSample.read` does, where no pixel is of a class, and for a set
        of which none is labelled. Says which sets measure recall alone.
        """
        self.sets, self.classes, self.partials, self.frames = sets, classes, partials, frames
        judged = [(name, sample) for name, samples in sets.items() for sample in samples]
        self._of_a_class: dict[str, list[RoadSample]] = {name: [] for name in sets}
        self._labels = {name: LabelScores(classes.names, partials) for name in sets}
        for name, sample in counted(judged, "reading the validation frames"):
            mask = sample.read()[1]
            if (mask < len(classes.names)).any():
                self._of_a_class[name].append(sample)
            self._labels[name].add(mask, np.zeros_like(mask))  # whatever is answered
        some = any(self._of_a_class.values())
        mute = [name for name, labels in self._labels.items() if not (some and labels.pixels())]
        if mute:
            raise CatseyeError(
                f"no pixel of a class in the {sum(len(sets[name]) for name in mute)} validation"
                f" frames ({', '.join(mute)})",
                "one at least that is not void",
                "see `void` and the ids of classes.json",
            )
        others = "; the other sets choose the network" if self._choosing() else ""
        for name, labels in self._labels.items():
            for alone in labels.recall_only():
                told(
                    f"{name}: no label to validate on rules out {alone}, so a network that answers"
                    f" with nothing else is perfect there{others}"
                )

    def _choosing(self) -> list[str]:
        """The sets that decide a class, and whose labels show false alarms."""
        return [
            name
            for name, labels in self._labels.items()
            if labels.counts.any() and not labels.recall_only()
        ]

    @property
    def first(self) -> Sequence[RoadSample]:
        return next(iter(self.sets.values()))

    @property
    def of_a_class(self) -> Sequence[RoadSample]:
        """The frames with a pixel of a class, of the set that names the most of them."""
        fewest = min(self.sets, key=lambda name: len(self._labels[name].undecided()))
        return self._of_a_class[fewest]

    def measure(self, network: nn.Module, device: torch.device) -> JsonObject:
        """The scores of the first set; with several, also those of each and MEAN_MIOU.

        That is over the sets that decide a class, without those whose labels show no false alarm:
        a network that answers with nothing but their class is perfect there.
        """
        found = {name: self._scores(network, each, device) for name, each in self.sets.items()}
        first = next(iter(found.values()))
        if len(found) == 1:
            return first
        chosen_by = self._choosing() or list(found)
        decided = [miou for name in chosen_by if isinstance(miou := found[name]["miou"], float)]
        mean = float(np.mean(decided or [np.nan]))
        sets: JsonObject = {name: dict(each) for name, each in found.items()}
        return {**first, MEAN_MIOU: mean, "sets": sets}

    def _scores(
        self, network: nn.Module, samples: Sequence[RoadSample], device: torch.device
    ) -> JsonObject:
        names, frames = self.classes.names, counted(self.frames(samples), "judging")
        scores = scores_of(network, frames, names, device, self.partials)
        iou = scores.report(names)
        road = {} if self.classes.road == VOID else {"road_iou": iou[names[self.classes.road]]}
        alarms = {"false_alarms": scores.false_alarms()} if self.partials else {}
        miou: JsonObject = {"miou": scores.miou() if scores.counts.any() else None}
        recall: JsonObject = {"recall_only": [*alone]} if (alone := scores.recall_only()) else {}
        return {**miou, **road, **alarms, **recall, "iou": dict(iou), "frames": len(samples)}

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
