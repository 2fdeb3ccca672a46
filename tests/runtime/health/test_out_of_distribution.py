import json

import numpy as np
import pytest

from catseye.runtime.health.out_of_distribution import (
    INSIDE,
    SHRUNK,
    Reference,
    distance,
    out_of_distribution_score,
    profile_of,
    reference_from_fields,
    reference_from_profiles,
)
from catseye.runtime.system.json_document import Fields


@pytest.fixture
def known():
    day = Reference("day", np.array([0.1, 0.0, 0.0]), np.diag([10.0, 1.0, 0.5]))
    night = Reference("night", np.array([0.9, 5.0, 5.0]), np.diag([10.0, 1.0, 1.0]))
    return [day, night]


@pytest.fixture
def profiles():
    """(300, 4): the third number follows the first, the fourth never changes."""
    rng = np.random.RandomState(0)
    drawn = rng.normal(size=(300, 4)) * (0.1, 2.0, 0.1, 0) + (0.3, 5, 1, 0.5)
    drawn[:, 2] += 2 * drawn[:, 0]
    return drawn


def test_a_profile_is_the_mean_error_and_the_activities():
    profile = profile_of(
        np.array([[0.0, 0.2], [0.4, 0.6]], np.float32), np.array([0.5, 0.25], np.float32)
    )
    assert profile.dtype == np.float64 and profile == pytest.approx([0.3, 0.5, 0.25])


def test_the_distance_is_mahalanobis_with_shrunk_correlations(profiles):
    """Against the definition: the root of z^T C^-1 z, C the shrunk correlation matrix, over its
    border."""
    known = reference_from_profiles("some", profiles)
    spread = profiles.std(0) + 1e-4
    z = (profiles - profiles.mean(0)) / spread
    correlation = (1 - SHRUNK) * sum(np.outer(one, one) for one in z) / len(z) + SHRUNK * np.eye(4)
    expected = np.array([np.sqrt(one @ np.linalg.inv(correlation) @ one) for one in z])
    distances = np.array([distance(one, [known]) for one in profiles])
    assert np.allclose(distances / distances[0], expected / expected[0])
    # many frames, few numbers: fitted is as new
    assert np.mean(distances <= 1) == pytest.approx(INSIDE, abs=0.02)


def test_the_border_is_that_of_frames_it_was_not_fitted_to():
    """As many numbers as frames: fitted frames come near, new ones do not, and the border is for
    the new ones."""
    rng = np.random.RandomState(1)
    known = reference_from_profiles("few", rng.normal(size=(60, 50)))
    new = [distance(one, [known]) for one in rng.normal(size=(400, 50))]
    assert np.mean(np.array(new) <= 1) == pytest.approx(INSIDE, abs=0.05)


def test_a_frame_against_the_correlations_is_farther(profiles):
    known = reference_from_profiles("some", profiles)
    step = np.array([0.2, 0, 0.4, 0])
    assert distance(known.mean + step * (1, 0, -1, 0), [known]) > 1.05 * distance(
        known.mean + step, [known]
    )


def test_distance_is_to_the_nearest_set(known):
    assert distance(known[0].mean, known) == distance(known[1].mean, known) == 0
    assert distance(np.array([0.9, 5.0, 8.0]), known) == pytest.approx(3)


def test_the_score_turns_at_the_border(known):
    assert out_of_distribution_score(np.array([0.2, 0.0, 0.0]), known) == pytest.approx(0.5)
    assert out_of_distribution_score(known[1].mean, known) < 0.01
    assert out_of_distribution_score(np.array([1e9, 0, 0]), known) > 0.99


def test_a_card_keeps_what_is_known(profiles):
    known = reference_from_profiles("some", profiles)
    document = json.loads(json.dumps(known.as_json()))
    fields = Fields(document, path="known", of="a card", fix="")
    again = reference_from_fields(fields, len(known.mean))
    assert (
        again.name == "some"
        and np.allclose(again.mean, known.mean)
        and np.allclose(again.whiten, known.whiten)
    )
