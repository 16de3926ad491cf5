"""Surfaces with their published minima, gradients against central differences, races against Keras and theory."""

import runpy

import numpy as np
import pytest

from core.lessons.optimizers.race import (
    FAR,
    LABELS,
    RATES,
    Race,
    arrival,
    measured_limit,
    outside,
    path,
    race_script,
    stable_limit,
    standing,
    standing_table,
    sweep_sentence,
    swept,
)
from core.lessons.optimizers.surfaces import SURFACES
from core.optimizers import OPTIMIZERS
from core.words import say

every = pytest.mark.parametrize("surface", SURFACES.values(), ids=list(SURFACES))


def anywhere(surface, n: int = 200) -> np.ndarray:
    """(n, 2) points of the part that is drawn."""
    return np.random.default_rng(0).uniform(surface.low, surface.high, (n, 2))


def hessian(surface, point) -> np.ndarray:
    h = 1e-5
    return np.array([(surface.gradient(point + h * e) - surface.gradient(point - h * e)) / (2 * h) for e in np.eye(2)])


@every
def test_the_gradient_is_that_of_central_differences(surface):
    points, h = anywhere(surface), 1e-6
    expected = np.stack([(surface.value(points + h * e) - surface.value(points - h * e)) / (2 * h) for e in np.eye(2)],
                        axis=-1)
    np.testing.assert_allclose(surface.gradient(points), expected, rtol=1e-5, atol=1e-5)


@every
def test_its_minima_are_the_least_there_is(surface):
    for minimum in np.array(surface.minima):
        assert surface.value(minimum) == pytest.approx(surface.least, abs=1e-12)
        np.testing.assert_allclose(surface.gradient(minimum), 0, atol=1e-12)
        assert np.linalg.eigvalsh(hessian(surface, minimum)).min() > 0
        assert not outside(surface, minimum[None])[0]
    assert surface.value(anywhere(surface, 20_000)).min() >= surface.least
    assert not outside(surface, np.array([surface.start]))[0]


def test_published_values():
    """Moré, Garbow & Hillstrom 1981: the usual starts and what the functions are there."""
    assert SURFACES["rosenbrock"].value(np.array([-1.2, 1.0])) == pytest.approx(24.2)
    assert SURFACES["beale"].value(np.array([1.0, 1.0])) == pytest.approx(14.203125)
    assert SURFACES["rosenbrock"].minima == ((1.0, 1.0),)
    assert SURFACES["beale"].minima == ((3.0, 0.5),)
    assert np.linalg.eigvalsh(hessian(SURFACES["saddle"], np.zeros(2))) == pytest.approx([-1, 1])  # a saddle


@every
def test_curvatures_are_those_of_the_hessian_everywhere(surface):
    found = np.array([np.linalg.eigvalsh(hessian(surface, point)) for point in anywhere(surface, 20)])
    if surface.curvatures:
        np.testing.assert_allclose(found, np.tile(surface.curvatures, (20, 1)), rtol=1e-6)
        assert surface.largest_rate == 2 / surface.curvatures[-1]
    else:
        assert found.std() > 0.1
        assert surface.largest_rate is None


# --- races ----------------------------------------------------------------------------------------------------------


@every
def test_the_script_ends_where_the_race_ends(surface, tmp_path, capsys):
    race = Race(surface.name, tuple(OPTIMIZERS), surface.start, steps=30)
    script = tmp_path / "race.py"
    script.write_text(race_script(race))
    runpy.run_path(str(script))
    printed = dict(line.split(": ") for line in capsys.readouterr().out.splitlines())
    assert list(printed) == list(LABELS.values())
    for name, points in race.paths().items():
        x, y = map(float, printed[LABELS[name]].partition("), ")[0].strip("(").split(", "))
        np.testing.assert_allclose([x, y], points[-1], atol=2e-3, err_msg=name)


def test_gradient_descent_on_a_quadratic_is_its_closed_form():
    points = path("ravine", "sgd", (-4.0, 1.5), 0.03, 0.9, 50)
    shrink = 1 - 0.03 * np.array(SURFACES["ravine"].curvatures)
    expected = np.array([-4.0, 1.5]) * shrink ** np.arange(51)[:, None]
    np.testing.assert_allclose(points, expected, rtol=1e-10)


@pytest.mark.parametrize("surface", ["bowl", "ravine"])
@pytest.mark.parametrize("name", ["sgd", "momentum"])
def test_just_below_the_stable_limit_it_converges_and_just_above_it_does_not(surface, name):
    limit = stable_limit(SURFACES[surface], name, 0.9)
    below, above = (path(surface, name, (1.0, 1.0), limit * factor, 0.9, 3000) for factor in (0.98, 1.02))
    assert np.abs(below[-1]).max() < 1e-3
    assert len(below) == 3001
    assert np.abs(above[-1]).max() == FAR
    assert len(above) < 3001


def test_what_is_measured_of_the_sweep_is_near_theory():
    race = Race("ravine", ("sgd", "momentum", "adam"), (-4.0, 1.5), steps=300)
    start = float(race.entry.value(np.array(race.begins)))
    found = swept(race)
    for name in ("sgd", "momentum"):
        limit = stable_limit(race.entry, name, 0.9)
        assert measured_limit(found[name], start) == pytest.approx(limit, rel=0.13)  # rates are 12 % apart
    assert stable_limit(race.entry, "adam", 0.9) is None
    for name in race.names:
        for i in (0, 30, 50):
            points = path("ravine", name, race.begins, RATES[i], 0.9, 300)
            height = race.entry.value(points[-1]) if len(points) > 300 else np.inf
            assert found[name][i] == pytest.approx(height, rel=1e-6)
    said = sweep_sentence(race)
    assert "each ends lower than it began: Plain GD up to 0.10 (theory: 0.100); Momentum up to" in said
    assert "(theory: 0.190)" in said


def test_a_start_outside_the_chart_is_moved_to_its_edge():
    assert Race("rosenbrock", ("sgd",), (-4.5, 4.5)).begins == (-2.0, 3.0)


def test_on_the_ridge_nothing_moves_off_it_and_beside_it_everything_does():
    on, beside = (Race("saddle", tuple(OPTIMIZERS), (-2.0, y), steps=150) for y in (0.0, 0.01))
    assert all((points[:, 1] == 0).all() for points in on.paths().values())
    assert all(arrival(on, name) is None for name in on.names)
    assert None not in [arrival(beside, name) for name in beside.names]
    left = {name: int(np.argmax(np.abs(points[:, 1]) > 0.5)) for name, points in beside.paths().items()}
    assert max(left[name] for name in ("rmsprop", "adam", "adamw")) < left["sgd"]


def test_a_path_that_leaves_the_chart_or_diverges_is_said_so():
    race = Race("ravine", ("sgd", "adam"), (-4.0, 1.5), rate=0.2, steps=100)
    assert "All start at (−4, 1.5), 30.5 above the minimum." in standing(race, 0)
    early, late = standing(race, 3), standing(race, 100)
    assert "Plain GD has left the chart." in early
    assert f"Plain GD diverged: x or y beyond {say(FAR)} at step {len(race.paths()['sgd']) - 1}." in late
    assert "**Adam** is lowest" in late
    rows = {row["Optimizer"]: row for row in standing_table(race)}
    assert rows["Plain GD"]["Arrived to stay"] == "diverged"
    assert rows["Adam"]["Arrived to stay"] == f"step {arrival(race, 'adam')}"
    assert rows["Plain GD"]["Learning rate"] == "0.2"


def test_it_has_arrived_when_it_stays():
    """RMSprop comes close, is thrown out again, and counts from its last return."""
    race = Race("bowl", ("rmsprop",), (-4.0, 2.5), steps=300)
    heights, at = race.heights()["rmsprop"], arrival(race, "rmsprop")
    assert (heights[at:] <= 1e-3 * heights[0]).all()
    assert heights[at - 1] > 1e-3 * heights[0]


@every
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_no_rate_raises(surface, name):
    for rate in (1e-4, 1.0, 5.0):
        points = path(surface.name, name, surface.start, rate, 0.99, 60)
        assert np.isfinite(points).all()
        assert np.abs(points).max() <= FAR
