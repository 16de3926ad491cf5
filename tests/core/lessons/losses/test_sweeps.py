"""Value and slope of losses over one number, against differences, textbook formulas and Keras's automatic slopes."""

import runpy

import numpy as np
import pytest

from core.custom_loss import custom_loss
from core.lessons.losses import line_fits, typed_report
from core.lessons.losses.scripts import curve_script, fit_script
from core.lessons.losses.sweeps import SWEEPS
from core.losses import LOSSES

PAIRS = [(sweep, name) for sweep in SWEEPS.values() for name in sweep.losses]
every_pair = pytest.mark.parametrize(("sweep", "name"), PAIRS, ids=[f"{s.name}-{name}" for s, name in PAIRS])
every = pytest.mark.parametrize("sweep", SWEEPS.values(), ids=list(SWEEPS))


def target(sweep) -> float:
    return sweep.target.first if sweep.target else 0.0


@pytest.fixture
def printed(tmp_path, capsys):
    """What a script prints."""
    def run(script: str) -> str:
        path = tmp_path / "script.py"
        path.write_text(script, encoding="utf-8")
        capsys.readouterr()
        runpy.run_path(str(path))
        return capsys.readouterr().out

    return run


def test_every_loss_can_be_seen_somewhere():
    assert {name for sweep in SWEEPS.values() for name in sweep.losses} == set(LOSSES)


@every
def test_a_sweep_is_complete(sweep):
    assert set(sweep.first) <= set(sweep.losses)
    for knob in filter(None, (sweep.x, sweep.target)):
        assert knob.low <= knob.first <= knob.high
        steps = (knob.first - knob.low) / knob.step
        assert steps == pytest.approx(round(steps))
    assert sweep.shown(()) == sweep.first
    assert sweep.shown(sweep.losses[::-1]) == sweep.losses
    assert sweep.shown(["no loss"]) == sweep.first


@every_pair
def test_the_slope_is_that_of_the_curve(sweep, name):
    x = np.linspace(sweep.x.low, sweep.x.high, 38)[1:-1]  # misses the kinks at 0 and at a margin of 1
    h = 1e-6
    unit = np.degrees(1) if sweep.name == "angle" else 1
    for where in {target(sweep), sweep.target.high if sweep.target else 0.0}:
        ahead, behind = (sweep.value(name, x + step * unit, where) for step in (h, -h))
        np.testing.assert_allclose(sweep.slope(name, x, where), (ahead - behind) / (2 * h), rtol=1e-5, atol=1e-7)


@every
def test_keras_prints_the_same_value_and_slope(sweep, printed):
    for x in (sweep.x.first, 0.8 * sweep.x.high):
        lines = printed(curve_script(sweep, sweep.losses, x, target(sweep))).splitlines()
        assert len(lines) == len(sweep.losses)
        for name, line in zip(sweep.losses, lines, strict=True):
            label, _, numbers = line.partition(": loss ")
            value, slope = (float(number) for number in numbers.split(", slope "))
            assert label == LOSSES[name].short
            assert value == pytest.approx(float(sweep.value(name, np.array([x]), target(sweep))[0]), rel=1e-3, abs=1e-5)
            assert slope == pytest.approx(float(sweep.slope(name, np.array([x]), target(sweep))[0]), rel=1e-3, abs=1e-5)


def test_keras_fits_the_same_lines(printed):
    for name, line in zip(line_fits.FITTED, printed(fit_script(line_fits.FITTED, 11, 12)).splitlines(), strict=True):
        slope, intercept = (float(part.split()[1]) for part in line.split(": ")[1].split(", "))
        best = line_fits.disturbed(name, 11, 12)
        assert (slope, intercept) == pytest.approx((best.slope, best.intercept), abs=0.03)


@pytest.mark.parametrize("y", [0, 1])
def test_the_gradient_at_a_sigmoid_output(y):
    """2 (p − y) p (1 − p) for the squared error, p − y for cross-entropy (Bishop 2006)."""
    z = np.linspace(-10, 10, 41)
    p = 1 / (1 + np.exp(-z))
    logit = SWEEPS["logit"]
    np.testing.assert_allclose(logit.slope("mse", z, y), 2 * (p - y) * p * (1 - p), rtol=1e-9)
    np.testing.assert_allclose(logit.slope("binary_crossentropy", z, y), p - y, rtol=1e-7, atol=1e-9)


def test_kl_is_cross_entropy_minus_the_entropy_of_the_target():
    x, t = np.linspace(0.05, 0.95, 19), 0.7
    one = SWEEPS["class"]
    share = np.array([t, (1 - t) / 2, (1 - t) / 2])
    entropy = -(share * np.log(share)).sum()
    np.testing.assert_allclose(
        one.value("categorical_crossentropy", x, t) - one.value("kl_divergence", x, t), entropy, rtol=1e-6)
    np.testing.assert_allclose(one.slope("categorical_crossentropy", x, t), one.slope("kl_divergence", x, t), rtol=1e-6)
    assert one.value("kl_divergence", np.array([t]), t)[0] == pytest.approx(0, abs=1e-6)


def test_the_cosine_does_not_see_the_length():
    angle, x = SWEEPS["angle"], np.linspace(0, 180, 19)
    np.testing.assert_allclose(angle.value("cosine_similarity", x, 0.3), -np.cos(np.radians(x)), atol=1e-9)
    np.testing.assert_allclose(angle.value("cosine_similarity", x, 3), angle.value("cosine_similarity", x, 1))
    assert not np.allclose(angle.value("mse", x, 3), angle.value("mse", x, 1))


def test_the_margin_of_each_loss():
    m = np.linspace(-3, 3, 13)
    margin = SWEEPS["margin"]
    np.testing.assert_allclose(margin.value("hinge", m), np.maximum(0, 1 - m))
    np.testing.assert_allclose(margin.value("binary_crossentropy", m), np.log1p(np.exp(-m)), rtol=1e-6)
    np.testing.assert_allclose(margin.value("mse", m), (1 - m) ** 2)


def test_the_two_cross_entropies_of_the_page():
    """The numbers that pages/losses.md names under its limits."""
    y, predicted = np.array([[1.0, 0, 0]]), np.array([[0.5, 0.25, 0.25]])
    assert LOSSES["categorical_crossentropy"].fn(y, predicted) == pytest.approx(0.693, abs=5e-4)
    assert 3 * LOSSES["binary_crossentropy"].fn(y, predicted) == pytest.approx(1.269, abs=5e-4)


def test_the_sentence_has_the_numbers():
    number = SWEEPS["number"]
    assert number.steepest_sentence(["mse", "mae"], 3, 0) == (
        "Prediction ŷ = 3: MSE is steepest, slope 6.0; MAE's slope is 1.0, 17% of the steepest.")
    assert SWEEPS["class"].steepest_sentence(["categorical_crossentropy", "kl_divergence", "mse"], 0.1, 0.7).startswith(
        "Probability = 0.1: Categorical CE and KL are steepest, slope −")
    assert SWEEPS["margin"].steepest_sentence(["mse", "hinge"], 2) == (
        "Margin = 2: MSE is steepest, slope 2.0; Hinge has none.")
    assert number.steepest_sentence(["mse"], -1.5, 0) == "Prediction ŷ = −1.5: the slope of MSE is −3.0."
    assert number.steepest_sentence(["mse", "mae"], 1, 1) == "Prediction ŷ = 1: every slope is 0, nothing pulls."
    assert number.steepest_sentence(["mae", "huber"], 3, 0) == "Prediction ŷ = 3: all slopes are 1.0."


@every
def test_the_summary_has_a_row_for_each_loss(sweep):
    rows = sweep.slopes_table(sweep.losses, sweep.x.first, target(sweep))
    assert [row["Loss"] for row in rows] == [LOSSES[name].label for name in sweep.losses]
    assert all(row["Value"] and row["Slope"] for row in rows)


def test_a_formula_without_the_target_is_not_praised():
    sweep = typed_report.sweep_of(typed_report.RUN)
    blind, seeing = (typed_report.reading(custom_loss(text), sweep, 0.5, 0.0) for text in (
        "mean(square(y_pred))", "mean(square(y_true - y_pred))"))
    assert "does not depend on y_true" in blind
    assert "as a loss should be" not in blind
    assert "as a loss should be" in seeing
