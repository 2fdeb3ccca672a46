"""The evaluation of autoencoders with engines whose answers are known."""

import os

import numpy as np
import pytest
from cards import card_of, tensor

from catseye.runtime.evaluation.autoencoder import AUTOENCODER, evaluate_autoencoder_data
from catseye.runtime.health.out_of_distribution import Reference
from catseye.runtime.tasks.autoencoder import AutoencoderSettings

HEIGHT, WIDTH, PATCH = 60, 90, 10
ROWS, COLUMNS = HEIGHT // PATCH, WIDTH // PATCH
KNOWN = Reference("known", np.array([0.1, 0.05, 0.05]), np.diag([5.0, 1.0, 1.0]))
CARD = card_of(
    "autoencoder",
    (tensor("frame", 1, HEIGHT, WIDTH, 3),),
    (
        tensor("error", 1, ROWS, COLUMNS, dtype="float32"),
        tensor("activity", 1, 2, dtype="float32"),
    ),
    settings=AutoencoderSettings(patch=PATCH, stride=PATCH, units=2, known=(KNOWN,)),
)


class Rebuilder:
    """Rebuilds every patch with this error; flat patches, which count for nothing, with 100."""

    def __init__(self, error):
        self.error, self.lively = error, 0

    def infer(self, arrays):
        grey = arrays["frame"][0].astype(np.float64) @ (0.114, 0.587, 0.299)  # BGR
        patches = grey.reshape(ROWS, PATCH, COLUMNS, PATCH).swapaxes(1, 2)
        error = np.where(patches.std(axis=(2, 3)) > 2.0, self.error, 100.0)
        return {
            "error": error.astype(np.float32)[None],
            "activity": np.full((1, 2), 0.05, np.float32),
        }


@pytest.mark.parametrize("error", (0.0, 0.25))
def test_what_is_explained_is_what_is_not_lost(error, monkeypatch):
    # near-constant patches, by the rule of the engine above
    monkeypatch.setattr(
        "catseye.runtime.evaluation.autoencoder.unit_patches",
        lambda patches: (None, patches.std(axis=1) > 2.0),
    )
    answer = evaluate_autoencoder_data(Rebuilder(error), CARD, "demo", "val")
    assert answer["explained"] == pytest.approx(1 - error)
    assert answer["n"] >= 1


def test_photographs_far_from_all_that_is_known_are_counted():
    near, far = Rebuilder(0.1), Rebuilder(5.0)
    near.infer = lambda arrays: {
        "error": np.full((1, ROWS, COLUMNS), 0.1, np.float32),
        "activity": np.full((1, 2), 0.05, np.float32),
    }
    assert evaluate_autoencoder_data(near, CARD, "demo", "val")["unfamiliar"] == 0.0
    assert evaluate_autoencoder_data(far, CARD, "demo", "val")["unfamiliar"] == 1.0


def test_a_picture_of_each(tmp_path):
    answer = evaluate_autoencoder_data(Rebuilder(0.1), CARD, "demo", "val", str(tmp_path))
    assert len(os.listdir(str(tmp_path))) == answer["n"]


def test_its_row_names_what_it_measures():
    assert AUTOENCODER.headline in evaluate_autoencoder_data(Rebuilder(0.0), CARD, "demo", "val")
