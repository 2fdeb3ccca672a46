import cv2
import numpy as np
import pytest

from catseye.runtime.health.frame_quality import (
    BORDERS,
    KINDS,
    OK,
    OUT_OF_DISTRIBUTION,
    FrameQualityCheck,
    brightest,
    flat_share,
    is_noisy,
    score_of,
    sharpness,
    small_copy,
    strip_noise,
    strips_of,
)
from catseye.runtime.health.noise import noise_of
from catseye.runtime.street import Street


@pytest.fixture(scope="module")
def street():
    return Street(3, (640, 360)).render(2.0)[0]


def verdict(*images):
    monitor = FrameQualityCheck()
    return [monitor.check(image).verdict for image in images][-1]


def test_a_street_is_fit_to_be_looked_at(street):
    health = FrameQualityCheck().check(street)
    assert health.verdict == OK and 0 <= health.score < 0.5
    assert set(health.scores) == set(KINDS) and all(
        0 <= score <= 1 for score in health.scores.values()
    )
    assert health.as_json() == {"verdict": "ok", "score": round(health.score, 3)}


@pytest.mark.parametrize(
    "size_wh", ((320, 240), (641, 363), (1280, 720), (16, 16), (6, 4), (1, 1), (4000, 3))
)
def test_any_size(street, size_wh):
    health = FrameQualityCheck().check(cv2.resize(street, size_wh))
    assert health.verdict in (OK,) + KINDS and all(
        0 <= score <= 1 for score in health.scores.values()
    )


@pytest.mark.parametrize(
    "kind, spoil",
    (
        ("dark", lambda image: image // 6),
        ("over_exposed", lambda image: cv2.add(image, np.full_like(image, 190))),
        ("blurred", lambda image: cv2.GaussianBlur(image, (0, 0), 4)),
        ("covered", lambda image: np.concatenate((image[:120], np.full_like(image[120:], 90)))),
        ("colour_cast", lambda image: (image * (1.0, 1.0, 0.2)).astype(np.uint8)),
        (
            "noisy",
            lambda image: cv2.add(
                image, np.random.RandomState(0).normal(0, 20, image.shape), dtype=cv2.CV_8U
            ),
        ),
    ),
)
def test_trouble_has_its_name(street, kind, spoil):
    assert verdict(spoil(street)) == kind


def test_noisy_is_a_trouble_beside_others(street):
    dark = cv2.add(
        street // 6, np.random.RandomState(0).normal(0, 20, street.shape), dtype=cv2.CV_8U
    )
    assert is_noisy(dark) and not is_noisy(street)


def test_a_black_picture_is_dark():
    assert verdict(np.zeros((360, 640, 3), np.uint8)) == "dark"


def test_the_same_picture_again_is_no_news_of_a_source_that_repeats_itself(street):
    check = FrameQualityCheck(repeats_itself=True)
    assert [check.check(street).verdict for _ in range(3)] == ["ok"] * 3


def test_the_same_picture_again_is_frozen_and_a_grain_of_noise_is_not(street):
    noise = np.random.RandomState(0).randint(0, 3, street.shape).astype(np.uint8)
    assert verdict(street, street) == "frozen"
    assert verdict(street, cv2.add(street, noise)) == OK
    assert verdict(street, street, cv2.add(street, noise)) == OK  # and it recovers


def test_scores_turn_at_their_borders():
    for kind, (middle, width) in BORDERS.items():
        assert score_of(kind, middle) == 0.5
        assert (
            score_of(kind, middle + 5 * width) > 0.99 and score_of(kind, middle - 5 * width) < 0.01
        )


def test_a_monitors_word_counts_where_the_statistics_find_nothing(street):
    health = FrameQualityCheck().check(street)
    assert health.with_out_of_distribution(0.2).verdict == OK and health.with_out_of_distribution(
        0.2
    ).score == max(0.2, health.score)
    bad = health.with_out_of_distribution(0.9)
    assert (bad.verdict, bad.score) == (OUT_OF_DISTRIBUTION, 0.9) and set(bad.scores) == set(
        KINDS
    ) | {OUT_OF_DISTRIBUTION}
    assert bad.as_json() == {"verdict": "unfamiliar", "score": 0.9, "unfamiliar": 0.9}


def test_a_trouble_with_a_name_keeps_it(street):
    dark = FrameQualityCheck().check(street // 8)
    both = dark.with_out_of_distribution(0.999)
    assert (both.verdict, both.score) == ("dark", dark.score) and both.as_json()[
        "unfamiliar"
    ] == 0.999


@pytest.mark.parametrize("size_wh", ((640, 360), (481, 321)))
def test_the_statistics_are_what_they_say(street, size_wh):
    """The slow, obvious way."""
    image = cv2.resize(street, size_wh)
    step = size_wh[0] // 160
    small = image[::step, ::step]
    np.testing.assert_array_equal(small_copy(image), small)
    grey = cv2.cvtColor(np.ascontiguousarray(small), cv2.COLOR_BGR2GRAY)
    assert brightest(grey) == np.searchsorted(
        np.bincount(grey.ravel(), minlength=256).cumsum(), 0.95 * grey.size
    )
    rows, columns = (side // 10 for side in grey.shape)
    blocks = grey[: rows * 10, : columns * 10].reshape(rows, 10, columns, 10).astype(float)
    assert flat_share(grey) == (blocks.std(axis=(1, 3)) < 3).mean()
    strips = strips_of(image).astype(float)
    near, far = (
        sum(
            np.abs(s[lag:] - s[:-lag]).mean() + np.abs(s[:, lag:] - s[:, :-lag]).mean()
            for s in strips
        )
        for lag in (1, 4)
    )
    assert sharpness(strips_of(image)) == pytest.approx(near / far, abs=1e-3)
    assert strip_noise(strips_of(image)) == min(noise_of(strip) for strip in strips_of(image))
