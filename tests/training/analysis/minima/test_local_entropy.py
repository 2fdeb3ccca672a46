"""What the lecture says of the scope gamma, on one wide and one sharp valley."""

import numpy as np
import pytest
from scipy.integrate import quad

from catseye.training.analysis.minima.local_entropy import (
    BOX,
    SHARP,
    WIDE,
    crossing,
    curves,
    draw,
    gibbs_mean,
    modified_gibbs_density,
    negative_local_entropy,
    report,
    two_valleys,
)

X = np.linspace(-4, 4, 201)


@pytest.mark.parametrize("x", [-2.1, 0.4, 1.9])
@pytest.mark.parametrize("gamma", [0.5, 40.0])
def test_the_quadrature_is_the_integral_of_the_definition(x, gamma):
    def integrand(x_prime):
        return np.exp(-two_valleys(x_prime) - gamma / 2 * (x - x_prime) ** 2)

    z, _ = quad(integrand, -20, 20, points=[WIDE, SHARP, x], limit=500)
    truth = np.log(2 * np.pi / gamma) / 2 - np.log(z)
    assert negative_local_entropy(two_valleys, np.array([x]), gamma)[0] == pytest.approx(truth)


def test_on_a_parabola_it_is_the_one_in_closed_form():
    """f = a/2 (x - c)^2: -F is gamma a / (gamma + a) (x - c)^2 / 2 + 1/2 log((gamma + a) /
    gamma)."""
    a, c, gamma = 3.0, 0.7, 2.0
    truth = gamma * a / (gamma + a) * (X - c) ** 2 / 2 + np.log((gamma + a) / gamma) / 2
    assert negative_local_entropy(lambda x: a / 2 * (x - c) ** 2, X, gamma) == pytest.approx(truth)


@pytest.mark.parametrize("gamma", [0.5, 40.0, 1e4])
def test_its_gradient_is_gamma_times_x_less_the_mean(gamma):
    h = 1e-4
    ahead, behind = (negative_local_entropy(two_valleys, X + side, gamma) for side in (h, -h))
    assert (ahead - behind) / (2 * h) == pytest.approx(
        gamma * (X - gibbs_mean(two_valleys, X, gamma)), abs=1e-4
    )


def test_it_is_f_as_gamma_grows():
    errors = [
        np.abs(negative_local_entropy(two_valleys, X, gamma) - two_valleys(X)).max()
        for gamma in (1e4, 1e5, 1e6)
    ]
    assert errors[0] > 9 * errors[1] > 81 * errors[2] and errors[2] < 1e-3


def test_it_is_nearly_uniform_as_gamma_vanishes():
    ranges = [np.ptp(negative_local_entropy(two_valleys, X, gamma)) for gamma in (1e-1, 1e-2, 1e-3)]
    assert ranges[0] > 8 * ranges[1] > 64 * ranges[2] and ranges[2] < 0.01 < 4.9 < np.ptp(
        two_valleys(X)
    )


def test_the_global_minimum_moves_from_the_sharp_valley_to_the_wide_one():
    where = {
        gamma: X[negative_local_entropy(two_valleys, X, gamma).argmin()]
        for gamma in (1e5, 1e3, 30.0, 1.0)
    }
    assert X[two_valleys(X).argmin()] == pytest.approx(SHARP)
    assert where[1e5] == pytest.approx(SHARP) and where[1e3] == pytest.approx(SHARP)
    assert where[30.0] == pytest.approx(WIDE, abs=0.05) and where[1.0] == pytest.approx(
        WIDE, abs=0.3
    )
    heights = negative_local_entropy(two_valleys, np.array([WIDE, SHARP]), crossing())
    assert 30 < crossing() < 1e3 and heights[0] == pytest.approx(heights[1])


def test_the_gibbs_distribution_gathers_at_the_global_minimum():
    shares = list(report(curves()).at_minimum.values())
    assert shares == sorted(shares) and shares[0] < 0.5 and shares[-1] > 0.99


def test_the_modified_one_is_at_x_for_a_large_gamma_and_like_the_gibbs_one_for_a_small_one():
    answer = report(curves())
    assert answer.at_x["100"] > 0.99 and answer.from_gibbs["0.01"] < 0.03
    at = np.searchsorted(BOX, [-1.5, 0.5])
    ratio = np.divide(*modified_gibbs_density(2.0, x=0.2)[at])
    f, pull = two_valleys(BOX[at]), (0.2 - BOX[at]) ** 2
    assert ratio == pytest.approx(np.exp(f[1] - f[0] + pull[1] - pull[0]))


def test_the_report_says_that_low_gamma_is_smoother(tmp_path):
    drawn = curves()
    answer = report(drawn)
    curvatures = [of_gamma.curvature for of_gamma in answer.gammas]
    assert curvatures == sorted(curvatures, reverse=True)
    assert answer.curvature_of_f > 10 * curvatures[2]
    draw(tmp_path / "picture.png", drawn)
    assert (tmp_path / "picture.png").stat().st_size > 10_000
