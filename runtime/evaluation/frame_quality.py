"""How well camera health tells good frames from spoilt ones: CamVid frames against faults laid over
them.

Knows the faults and the curve; the statistics are in runtime/health/frame_quality.py. Borders were
set on the training split.
"""

from typing import Callable, Dict, List, NamedTuple

import cv2
import numpy as np

from catseye.runtime.draw import draw_text
from catseye.runtime.evaluation.metrics import roc_auc, true_rate_at
from catseye.runtime.health.frame_quality import KINDS, OK, FrameQualityCheck, Health
from catseye.runtime.system.json_document import JsonObject

STRENGTHS = ("slight", "mild", "strong")  # slight: what a person may miss
FALSE_ALARMS = 0.01  # share of good frames that may be called bad where the detection rate is read
SEED = 5

Fault = Callable[[np.ndarray, int, np.random.RandomState], np.ndarray]


def darkened(image: np.ndarray, strength: int, rng: np.random.RandomState) -> np.ndarray:
    """A shutter too short: half, a fifth or a tenth of the light, with the noise that then
    shows."""
    gain = (0.45, 0.22, 0.1)[strength] * rng.uniform(0.8, 1.2)
    return np.clip(image * gain + rng.randint(-3, 4, image.shape), 0, 255).astype(np.uint8)


def burnt(image: np.ndarray, strength: int, rng: np.random.RandomState) -> np.ndarray:
    """A shutter too long."""
    gain = (1.7, 3.0, 5.0)[strength] * rng.uniform(0.9, 1.1)
    return np.clip(image * gain, 0, 255).astype(np.uint8)


def defocused(image: np.ndarray, strength: int, rng: np.random.RandomState) -> np.ndarray:
    """A lens out of focus or a drop on it."""
    return cv2.GaussianBlur(image, (0, 0), (0.9, 1.8, 3.5)[strength] * rng.uniform(0.9, 1.1))


def covered(image: np.ndarray, strength: int, rng: np.random.RandomState) -> np.ndarray:
    """Something near and out of focus before a fifth, a half or most of the picture, of one dull
    colour."""
    height, width = image.shape[:2]
    mask = np.zeros((height, width), np.float32)
    reach = (0.33, 0.62, 0.95)[strength]
    centre = (int(width * rng.uniform(0.3, 0.7)), int(height * rng.uniform(0.6, 0.8)))
    axes, turn = (int(width * reach), int(height * reach * 0.8)), rng.uniform(0, 20)
    cv2.ellipse(mask, centre, axes, turn, 0, 360, 1, -1)
    share = cv2.GaussianBlur(mask, (0, 0), width / 40.0)[..., None]
    cover = rng.uniform(15, 90, 3) + rng.randint(-3, 4, image.shape)
    return (image * (1 - share) + share * cover).astype(np.uint8)


def tinted(image: np.ndarray, strength: int, rng: np.random.RandomState) -> np.ndarray:
    """White balance gone wrong, or a cable with a lost colour."""
    gains = np.ones(3)
    gains[rng.randint(3)] = (0.75, 0.45, 0.1)[strength]
    return (image * gains).astype(np.uint8)


def noisy(image: np.ndarray, strength: int, rng: np.random.RandomState) -> np.ndarray:
    """A gain too high: noise of 4, 8 or 16 grey levels on each colour."""
    noise = rng.normal(0, (4, 8, 16)[strength], image.shape)
    return np.clip(np.rint(image + noise), 0, 255).astype(np.uint8)


FAULTS: Dict[str, Fault] = {
    "dark": darkened,
    "over_exposed": burnt,
    "blurred": defocused,
    "covered": covered,
    "colour_cast": tinted,
    "noisy": noisy,
}


class Detection(NamedTuple):
    """How well one fault is told, 0-1.

    auc: area under the ROC curve of that kind's score.  detected: share of spoilt frames above the
    score that 1 % of the good ones exceed.  named: share whose verdict is that kind.
    """

    auc: float
    detected: float
    named: float


class Report(NamedTuple):
    """frames: how many good ones.  false_alarms: share of them that is called bad, 0-1.  kinds: by
    fault, then by one of STRENGTHS."""

    frames: int
    false_alarms: float
    kinds: Dict[str, Dict[str, Detection]]

    def as_json(self) -> JsonObject:
        """{frames, false_alarms, kinds: {kind: {strength: {auc, detected, named}}}}."""
        kinds = {
            kind: {name: dict(one._asdict()) for name, one in strengths.items()}
            for kind, strengths in self.kinds.items()
        }
        return dict(self._asdict(), kinds=kinds)


def report_on(frames: List[np.ndarray]) -> Report:
    """frames: (H, W, 3) uint8 BGR each, good ones, no two alike."""
    check = FrameQualityCheck()
    good = [check.check(frame) for frame in frames]
    kinds = {
        kind: {
            name: _detection(kind, [health.scores[kind] for health in good], frames, strength)
            for strength, name in enumerate(STRENGTHS)
        }
        for kind in KINDS
    }
    return Report(len(frames), float(np.mean([health.verdict != OK for health in good])), kinds)


def sheet_of(frame: np.ndarray) -> np.ndarray:
    """The frame, then every fault, stronger to the right, each with its verdict: one picture."""
    rng = np.random.RandomState(SEED)
    rows = [[_labelled(frame, "as it is")] * len(STRENGTHS)]
    for kind, spoil in FAULTS.items():
        rows.append(
            [
                _labelled(spoil(frame, strength, rng), "%s %s" % (name, kind))
                for strength, name in enumerate(STRENGTHS)
            ]
        )
    return np.vstack([np.hstack(row) for row in rows])


def _labelled(image: np.ndarray, what: str) -> np.ndarray:
    health = FrameQualityCheck().check(image)
    picture = image.copy()
    draw_text(picture, "%s: %s %.2f" % (what, health.verdict, health.score), (0, 0))
    return picture


def _detection(kind: str, clean: List[float], frames: List[np.ndarray], strength: int) -> Detection:
    rng = np.random.RandomState(SEED + strength)
    healths = [_spoilt_health(kind, frame, strength, rng) for frame in frames]
    spoilt = [health.scores[kind] for health in healths]
    return Detection(
        roc_auc(clean, spoilt),
        true_rate_at(FALSE_ALARMS, clean, spoilt),
        float(np.mean([health.verdict == kind for health in healths])),
    )


def _spoilt_health(
    kind: str, frame: np.ndarray, strength: int, rng: np.random.RandomState
) -> Health:
    """Health of the frame with that fault; frozen: seen again, the less so with grains of noise."""
    check = FrameQualityCheck()
    if kind != "frozen":
        return check.check(FAULTS[kind](frame, strength, rng))
    check.check(frame)
    grains = rng.uniform(size=frame.shape) < (0.1, 0.01, 0.0)[strength]
    return check.check(cv2.add(frame, grains.astype(np.uint8)))
