"""Lines fitted under each loss, against normal equations, a linear program, scikit-learn and a general minimiser."""

import numpy as np
import pytest
from scipy.optimize import linprog, minimize
from sklearn.linear_model import QuantileRegressor

from core.lessons.losses import line_fits
from core.losses import LOSSES

OUTLIERS = [(11.0, 12.0), (5.0, -15.0), (0.0, 3.0), (12.0, 0.0)]  # (place, distance)
outliers = pytest.mark.parametrize(("place", "distance"), OUTLIERS)
every = pytest.mark.parametrize("name", line_fits.FITTED)


def design(x: np.ndarray) -> np.ndarray:
    """(n, 2): the place and 1."""
    return np.stack([x, np.ones_like(x)], axis=-1)


def test_every_loss_of_a_number_is_fitted():
    assert line_fits.FITTED == ("mse", "mae", "huber", "log_cosh")


@outliers
def test_least_squares_solves_the_normal_equations(place, distance):
    x, y = line_fits.with_outlier(place, distance)
    a = design(x)
    np.testing.assert_allclose(line_fits.fit("mse", x, y), np.linalg.solve(a.T @ a, a.T @ y), rtol=1e-9)


@outliers
def test_least_absolute_error_is_the_optimum_of_a_linear_program_and_of_scikit_learn(place, distance):
    x, y = line_fits.with_outlier(place, distance)
    n, a = len(x), design(x)
    # minimise Σ (u + v) over line, u, v ≥ 0 with a · line + u − v = y
    program = linprog(np.r_[0, 0, np.ones(2 * n)], A_eq=np.c_[a, np.eye(n), -np.eye(n)], b_eq=y,
                      bounds=[(None, None)] * 2 + [(0, None)] * 2 * n)
    median = QuantileRegressor(quantile=0.5, alpha=0, solver="highs").fit(x[:, None], y)
    slope, intercept = line_fits.fit("mae", x, y)
    ours = np.abs(slope * x + intercept - y).sum()
    assert ours == pytest.approx(program.fun, rel=1e-9)
    assert ours == pytest.approx(np.abs(median.predict(x[:, None]) - y).sum(), rel=1e-9)


@outliers
@pytest.mark.parametrize("name", ["huber", "log_cosh"])
def test_the_smooth_ones_agree_with_a_general_minimiser(name, place, distance):
    x, y = line_fits.with_outlier(place, distance)

    def loss(line):
        return LOSSES[name].fn(y[:, None], (line[0] * x + line[1])[:, None])

    found = minimize(loss, [1, 0], method="Nelder-Mead", options={"xatol": 1e-10, "fatol": 1e-14, "maxiter": 2000})
    np.testing.assert_allclose(line_fits.fit(name, x, y), found.x, atol=1e-5)


@outliers
@pytest.mark.parametrize("name", ["mse", "huber", "log_cosh"])
def test_at_the_optimum_all_pulls_balance(name, place, distance):
    x, y = line_fits.with_outlier(place, distance)
    slope, intercept = line_fits.fit(name, x, y)
    pulls = LOSSES[name].derivative(y[:, None], (slope * x + intercept)[:, None])[:, 0]
    assert pulls.sum() == pytest.approx(0, abs=1e-6)
    assert (pulls * x).sum() == pytest.approx(0, abs=1e-5)


@every
@outliers
def test_no_other_line_is_better(name, place, distance):
    x, y = line_fits.with_outlier(place, distance)
    slope, intercept = line_fits.fit(name, x, y)
    best = line_fits.mean_loss(name, x, y, slope, intercept)
    assert best == pytest.approx(LOSSES[name].fn(y[:, None], (slope * x + intercept)[:, None]))
    random = np.random.default_rng(0)
    for size in (1.0, 0.1, 1e-3):
        others = size * random.standard_normal((200, 2))
        assert (line_fits.mean_loss(name, x, y, slope + others[:, 0], intercept + others[:, 1]) >= best).all()


def test_the_least_squares_line_moves_as_leverage_says():
    """Adding (x₀, y₀) moves the line at x₀ by h/(1 + h) of the residual, h = 1/n + (x₀ − x̄)²/Sxx (Cook 1977)."""
    x, _ = line_fits.points()
    for place, distance in OUTLIERS:
        h = 1 / len(x) + (place - x.mean()) ** 2 / ((x - x.mean()) ** 2).sum()
        residual = line_fits.with_outlier(place, distance)[1][-1] - line_fits.undisturbed("mse").at(place)
        assert line_fits.pull("mse", place, distance) == pytest.approx(h / (1 + h) * residual, rel=1e-6)


@pytest.mark.parametrize("name", ["mae", "huber", "log_cosh"])
def test_beyond_some_distance_the_others_do_not_move_any_more(name):
    assert line_fits.pull(name, 11, 15) == pytest.approx(line_fits.pull(name, 11, 10), abs=1e-4)
    assert abs(line_fits.pull(name, 11, 15)) < 0.15 * abs(line_fits.pull("mse", 11, 15))


@every
def test_many_outliers_at_once_are_the_same_as_one_by_one(name):
    some = line_fits.DISTANCES[::10]
    one_by_one = [line_fits.pull(name, 11.0, float(distance)) for distance in some]
    np.testing.assert_allclose(line_fits.pulls(name, 11.0, some), one_by_one, atol=1e-7)


def test_the_sentence_has_the_numbers():
    said = line_fits.moves_sentence(line_fits.FITTED, 11, 12)
    slopes = [line_fits.undisturbed("mse").slope, line_fits.disturbed("mse", 11, 12).slope]
    assert said.startswith(f"MSE moves most: by {line_fits.pull('mse', 11, 12):.1f} at the outlier, its slope from "
                           f"{slopes[0]:.3f} to {slopes[1]:.2f}. MAE moves least:")
    assert line_fits.pull("mae", 3, -8) == 0
    assert line_fits.moves_sentence(line_fits.FITTED, 3, -8).endswith(" MAE does not move.")
    assert line_fits.moves_sentence(["huber"], 11, 12).startswith("Huber moves most")
    assert "least" not in line_fits.moves_sentence(["huber"], 11, 12)


def test_the_summary_has_a_row_for_each_loss():
    rows = line_fits.moves_table(line_fits.FITTED, 11, 12)
    assert [row["Loss"] for row in rows] == ["MSE", "MAE", "Huber", "Log-cosh"]
    assert rows[0]["Slope"] == "0.974 → 1.29"
    assert rows[0]["Moved"] == f"{line_fits.pull('mse', 11, 12):.1f}"


def test_the_points_are_the_same_for_everybody():
    x, y = line_fits.points()
    assert len(x) == line_fits.POINTS
    assert np.std(y - line_fits.TRUE_LINE.at(x)) == pytest.approx(line_fits.NOISE, rel=0.5)
