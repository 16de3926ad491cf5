"""The race of two losses from a confident mistake: what the page says of it, measured."""

from dataclasses import replace

import numpy as np
import pytest

from core.lessons.losses import confident_mistake
from core.network import backpropagate, initial_weights
from core.spec import FIELDS, RunSpec
from core.training import train

SPECS, _ = confident_mistake.pair(confident_mistake.CONFIDENT)


@pytest.fixture(scope="module")
def histories():
    """To step 300: two thirds further than the page opens with, the same run up to there."""
    return [list(train(replace(spec, steps=300))) for spec in SPECS]


def test_the_two_runs_differ_in_their_loss_alone():
    squared, cross = SPECS
    assert (squared.loss_name, cross.loss_name) == confident_mistake.NAMES
    assert {name for name in FIELDS if getattr(squared, name) != getattr(cross, name)} == {"loss"}


@pytest.mark.parametrize("spec", [RunSpec(dataset="sine"), RunSpec(dataset="blobs", samples=60, loss="kl_divergence"),
                                  RunSpec(dataset="digits", test_fraction=0.0), RunSpec(loss="hinge")],
                         ids=lambda spec: spec.dataset)
def test_any_run_of_a_link_becomes_a_pair(spec):
    pair, note = confident_mistake.pair(spec)
    assert [one.loss_name for one in pair] == list(confident_mistake.NAMES)
    assert all(one.widths == spec.widths and one.task == "binary" for one in pair)
    assert bool(note) == (spec.task != "binary")
    assert spec.task in note or not note


def test_at_the_start_it_is_sure_of_everything_and_wrong_half_the_time():
    data = confident_mistake.CONFIDENT.data()
    found = [backpropagate(spec, initial_weights(spec), data.x_train, data.y_train) for spec in SPECS]
    z = found[0].pre_activations[-1].astype(np.float64)
    p, y, m = 1 / (1 + np.exp(-z)), data.y_train, len(z)
    assert p.min() > 0.999
    assert np.mean((p > 0.5) == (y > 0.5)) == pytest.approx(0.5, abs=0.02)
    np.testing.assert_allclose(found[0].signals[-1] * m, 2 * (p - y) * p * (1 - p), rtol=1e-3, atol=1e-9)
    np.testing.assert_allclose(found[1].signals[-1] * m, p - y, rtol=1e-3, atol=1e-6)


def test_what_is_lost_at_the_output_is_missing_in_every_layer(histories):
    squared, cross = (history[0].layers.signal_rms for history in histories)
    ratio = squared / cross
    assert (ratio < 1 / 1000).all()
    assert ratio.max() < 2 * ratio.min()


def test_cross_entropy_learns_at_once_the_squared_error_much_later(histories):
    at = [{snapshot.step: snapshot for snapshot in history} for history in histories]
    steps = sorted(at[0])
    hundred = min(steps, key=lambda step: abs(step - 100))
    assert at[1][20].accuracy > 0.8
    assert at[1][hundred].accuracy > 0.95
    assert at[0][hundred].accuracy == pytest.approx(0.5, abs=0.02)
    assert at[0][300].accuracy > 0.95


def test_with_adam_the_two_are_alike():
    runs = [list(train(replace(spec, optimizer="adam", learning_rate=0.001))) for spec in SPECS]
    assert all(run[-1].accuracy > 0.9 for run in runs)


def test_the_sentence_has_the_numbers(histories):
    squared, cross = histories
    assert confident_mistake.signals_sentences([], []) == ""
    start = confident_mistake.signals_sentences(squared[:1], cross[:1])
    ratio = cross[0].layers.signal_rms[-1] / squared[0].layers.signal_rms[-1]
    assert 1000 < ratio < 3000
    assert f"1/{round(ratio, -2):,.0f}".replace(",", "\N{NARROW NO-BREAK SPACE}") in start
    assert "After" not in start
    later = confident_mistake.signals_sentences(squared, cross)
    assert later.endswith(start.replace("At step 0", "; at step 0").replace(" is ", " was "))
    assert later.startswith("After 300 steps MSE has 100 % of the training examples right, Binary CE 100 %. By now ")


def test_a_signal_that_is_lost_altogether_is_said_so(histories):
    squared, cross = (history[0] for history in histories)
    nothing = replace(squared.layers, signal_rms=np.zeros(7))
    silent = replace(squared, layers=nothing)
    assert "is nothing of Binary CE's" in confident_mistake.signals_sentences([silent], [cross])
    assert "an unknown part of" in confident_mistake.signals_sentences([squared], [replace(cross, layers=nothing)])


@pytest.mark.parametrize(("z", "label", "said"), [
    (-6, 1, "0.0025: sure and wrong"), (6, 1, "1.0: sure and right"), (0, 0, "0.50: unsure"),
    (6, 0, "0.0025: sure and wrong"), (-800, 0, "1.0: sure and right"), (-800, 1, "0: sure and wrong")])
def test_how_sure_an_output_is(z, label, said):
    assert said in confident_mistake.probability(z, label)
