"""How far a frame is from those that are known, told by how an autoencoder rebuilds it.

A frame's profile is the mean rebuild error of its patches and the mean activation of each hidden
unit. It is compared with the profiles of each set of known frames, by Mahalanobis distance; the
nearest set counts. Knows numbers; neither pictures nor networks.
"""

import base64
import math
from typing import NamedTuple, Sequence

import numpy as np

from catseye.runtime.system.json_document import Fields, JsonObject

WIDTH = 0.15  # how far past the border, 1, a distance is past it for sure (score 0.88)
# share of the correlation matrix that is replaced by the identity: there are few frames
SHRUNK = 0.8
LEAST_SPREAD = 1e-4  # of a profile's number; a unit that never fires has none
BLOCKS = 6  # of neighbours, each left out once to find the border
LONGEST_NAME = 200
INSIDE = 0.95  # share of the known frames that are within it


class Reference(NamedTuple):
    """A set of known frames. mean: (d,) of their profiles; whiten: (d, d), float64 both, d = 1 +
    units.

    ||whiten (profile - mean)|| is 1 at the border.
    """

    name: str
    mean: np.ndarray
    whiten: np.ndarray

    def as_json(self) -> JsonObject:
        """What a card keeps of it: the numbers as base64 of little-endian float32."""
        return {"name": self.name, "mean": _text(self.mean), "whiten": _text(self.whiten)}


def reference_from_profiles(name: str, profiles: np.ndarray) -> Reference:
    """(N, d) profiles of a set's frames, neighbours next to each other -> its mean, its covariance
    and its border.

    The border is the distance within which INSIDE of the frames lie, each measured without its own
    block of neighbours: what the frames have been fitted to is nearer than anything new.
    """
    blocks = np.array_split(np.arange(len(profiles)), BLOCKS)
    held_out = [np.delete(profiles, block, 0) for block in blocks]
    distances = [
        np.linalg.norm((profiles[block] - rest.mean(0)).dot(whitening(rest).T), axis=1)
        for block, rest in zip(blocks, held_out)
    ]
    return Reference(
        name, profiles.mean(0), whitening(profiles) / np.quantile(np.concatenate(distances), INSIDE)
    )


def whitening(profiles: np.ndarray) -> np.ndarray:
    """(N, d) -> (d, d): C^(-1/2) diag(1 / spread), C the correlations shrunk towards none.

    C = (1 - SHRUNK) correlation + SHRUNK I (after Ledoit and Wolf, J. Multivariate Analysis 2004,
    with a fixed share).
    """
    spread = profiles.std(0) + LEAST_SPREAD
    z = (profiles - profiles.mean(0)) / spread
    values, vectors = np.linalg.eigh(
        (1 - SHRUNK) * z.T.dot(z) / len(z) + SHRUNK * np.eye(len(spread))
    )
    return (vectors / np.sqrt(values)).dot(vectors.T) / spread


def profile_of(error: np.ndarray, activity: np.ndarray) -> np.ndarray:
    """error (h, w) of the patches, activity (units,) -> (1 + units,) float64."""
    return np.concatenate(([error.mean()], activity)).astype(np.float64)


def distance(profile: np.ndarray, references: Sequence[Reference]) -> float:
    """To the nearest of the sets, 1 at its border."""
    return min(float(np.linalg.norm(one.whiten.dot(profile - one.mean))) for one in references)


def out_of_distribution_score(profile: np.ndarray, references: Sequence[Reference]) -> float:
    """The distance as a score from 0 to 1, 0.5 at the border: the logistic function, as in
    runtime/health/frame_quality.py."""
    return 1 / (
        1 + math.exp(min(50.0, max(-50.0, 2 * (1 - distance(profile, references)) / WIDTH)))
    )


def reference_from_fields(fields: Fields, numbers: int) -> Reference:
    """The inverse of `Reference.as_json`, for profiles of so many numbers. Raises ModelFileError
    for anything else."""
    mean = np.frombuffer(fields.float32("mean", numbers), "<f4").astype(np.float64)
    whiten = np.frombuffer(fields.float32("whiten", numbers * numbers), "<f4").astype(np.float64)
    return Reference(fields.text("name", most=LONGEST_NAME), mean, whiten.reshape(numbers, numbers))


def _text(numbers: np.ndarray) -> str:
    return base64.b64encode(numbers.astype("<f4").tobytes()).decode()
