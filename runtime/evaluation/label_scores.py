"""How well masks agree with labels that may leave a choice or say nothing: only what they decide is
scored. NumPy only; knows codes and numbers, never files or networks."""

from typing import Dict, List, Optional, Sequence

import numpy as np

from catseye.runtime.datasets.partial import PartialLabel
from catseye.runtime.evaluation.metrics import ConfusionMatrix
from catseye.runtime.system.json_document import JsonObject


class LabelScores(ConfusionMatrix):
    """The confusion with true labels over a whole split.

    A class that no pixel is labelled as is not decided: it has no IoU and is not in the mean. A
    pixel with a partial label is a false positive of a class that it cannot be, and says nothing
    more. partial_counts: (P, C) int64, partial label by prediction.
    """

    def __init__(self, names: Sequence[str], partials: Sequence[PartialLabel] = ()) -> None:
        """names: of the classes.  partials: those of the truth's codes after the class ids."""
        super().__init__(len(names))
        self.names, self.partials = tuple(names), tuple(partials)
        self.partial_counts = np.zeros((len(partials), len(names)), np.int64)

    def add(self, truth: np.ndarray, prediction: np.ndarray) -> None:
        """Both (H, W) integers of one size, codes and class ids; a pixel where either is none is
        void."""
        super().add(truth, prediction)
        rows, classes = self.partial_counts.shape
        known = (truth >= classes) & (truth < classes + rows) & (prediction < classes)
        pairs = (truth[known].astype(np.int64) - classes) * classes + prediction[known]
        self.partial_counts += np.bincount(pairs, minlength=rows * classes).reshape(rows, classes)

    def pixels(self) -> int:
        """How many are labelled, with a class or a choice."""
        return int(self.counts.sum() + self.partial_counts.sum())

    def iou(self) -> np.ndarray:
        """(classes,) float64 in 0..1; NaN for a class that no pixel is labelled as."""
        hit, truth = np.diag(self.counts), self.counts.sum(1)
        union = self.counts.sum(0) + truth - hit + self._wrong().sum(0)
        return np.where(truth > 0, hit / np.maximum(union, 1), np.nan)

    def recall(self) -> np.ndarray:
        """(classes,) float64, the share of a class's pixels that are called so; NaN where there are
        none."""
        truth = self.counts.sum(1)
        return np.where(truth > 0, np.diag(self.counts) / np.maximum(truth, 1), np.nan)

    def miou(self) -> float:
        """Mean IoU over the classes that are decided, 0..1; NaN where none is."""
        return super().miou() if self.counts.any() else float("nan")

    def undecided(self) -> List[str]:
        """The classes that no pixel is labelled as."""
        return [name for name, held in zip(self.names, self.counts.sum(1)) if not held]

    def recall_only(self) -> List[str]:
        """The decided classes that no labelled pixel rules out: their IoU is their recall, which an
        answer of nothing else makes perfect."""
        truth = self.counts.sum(1)
        there = self._ruled_out() & (self.partial_counts.sum(1) > 0)[:, None]
        contradicted = (truth < truth.sum()) | there.any(0)
        return [n for n, held, known in zip(self.names, truth, contradicted) if held and not known]

    def false_alarms(self) -> Optional[float]:
        """Share of the "none of" pixels that are called one of those classes; None without such
        pixels."""
        return self._wrong_share(excluded=True)

    def one_of_right(self) -> Optional[float]:
        """Share of the "one of" pixels that are called one of those classes; None without such
        pixels."""
        wrong = self._wrong_share(excluded=False)
        return None if wrong is None else 1 - wrong

    def as_json(self) -> JsonObject:
        """{miou, iou, recall, undecided, recall_only, partial}: rates 0-1, None for what is not
        decided; with partial labels also {false_alarms, one_of_right}."""
        miou = self.miou()
        answer: JsonObject = {
            "miou": None if np.isnan(miou) else miou,
            "iou": dict(self.report(self.names)),
            "recall": dict(_by_name(self.names, self.recall())),
            "undecided": list(self.undecided()),
            "recall_only": list(self.recall_only()),
        }
        if self.partials:
            answer["false_alarms"] = self.false_alarms()
            answer["one_of_right"] = self.one_of_right()
            answer["partial"] = self._by_label()
        return answer

    def _by_label(self) -> JsonObject:
        """The number of pixels and the share of wrong answers of each partial label, by its
        text."""
        rows = zip(self.partials, self.partial_counts.sum(1), self._wrong().sum(1))
        return {
            partial.text(self.names): {
                "pixels": int(pixels),
                "wrong": float(wrong / pixels) if pixels else None,
            }
            for partial, pixels, wrong in rows
        }

    def _wrong_share(self, excluded: bool) -> Optional[float]:
        rows = [row for row, each in enumerate(self.partials) if each.excluded == excluded]
        pixels = int(self.partial_counts[rows].sum())
        return float(self._wrong()[rows].sum() / pixels) if pixels else None

    def _wrong(self) -> np.ndarray:
        """(P, C): `partial_counts` of the answers that the labels rule out."""
        return self.partial_counts * self._ruled_out()

    def _ruled_out(self) -> np.ndarray:
        """(P, C) bool: the classes that a pixel of each partial label is none of."""
        ruled_out = [~partial.allowed(len(self.names)) for partial in self.partials]
        return np.array(ruled_out, bool).reshape(-1, len(self.names))


def _by_name(names: Sequence[str], values: np.ndarray) -> Dict[str, Optional[float]]:
    return {name: None if np.isnan(v) else float(v) for name, v in zip(names, values)}
