"""Equal units stay equal, counted after real training, and what breaks the tie."""

from dataclasses import replace

import numpy as np
import pytest

from core.causes import symmetric
from core.lessons.initializers import equal_units
from core.spec import RunSpec
from core.training import train

CONSTANT = ("zeros", "ones")


def counts(spec: RunSpec, steps: int = 20) -> list[int]:
    return [len(set(groups.tolist())) for groups in equal_units.units_after(spec, steps).groups]


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
@pytest.mark.parametrize("activation", ["tanh", "relu", "sigmoid"])
@pytest.mark.parametrize("initializer", CONSTANT)
def test_units_that_start_equal_stay_equal(initializer, activation, optimizer):
    spec = equal_units.small(replace(equal_units.RUN, activation=activation, optimizer=optimizer), initializer)
    assert symmetric(spec)
    assert counts(spec) == [1, 1, 1, 1]


def test_ones_learn_and_stay_equal():
    """They move: it is no matter of standing still."""
    spec = equal_units.small(equal_units.RUN, "ones")
    start, after = (equal_units.units_after(spec, steps).loss for steps in (0, 50))
    assert after < start - 0.01


@pytest.mark.parametrize("spec", [equal_units.small(equal_units.RUN, "glorot_uniform"),
                                  equal_units.small(replace(equal_units.RUN, bias_std=0.1), "ones"),
                                  equal_units.small(replace(equal_units.RUN, bias_std=0.1), "zeros"),
                                  equal_units.small(replace(equal_units.RUN, dropout=0.5), "ones")],
                         ids=["random kernels", "ones, random biases", "zeros, random biases", "dropout"])
def test_what_breaks_the_tie(spec):
    assert not symmetric(spec)
    assert max(counts(spec)) == 6


@pytest.mark.parametrize("initializer", [*CONSTANT, "he_normal"])
def test_wide_layers_are_counted_as_one_unit_too(initializer):
    spec = RunSpec(widths=(33, 20), activation="tanh", initializer=initializer, steps=10)
    assert counts(spec, 10) == ([1, 1] if initializer in CONSTANT else [33, 20])


def test_step_and_loss_are_those_of_the_run():
    spec = equal_units.small(equal_units.RUN, "he_normal")
    states = {snapshot.step: snapshot.loss for snapshot in train(spec)}
    for steps in (0, 7, equal_units.MOST_STEPS):
        found = equal_units.units_after(spec, steps)
        assert found.step == steps
        assert found.loss == states[steps]


def test_a_run_that_overflows_is_counted_where_it_ended():
    spec = equal_units.small(replace(equal_units.RUN, activation="relu", optimizer="sgd", learning_rate=100.0,
                                     gain=10.0, dataset="sine", loss="mse"), "he_normal")
    found = equal_units.units_after(spec, 50)
    assert found.step < 50
    assert not np.isfinite(found.loss) or found.loss > 1e10


def test_the_small_network_keeps_everything_but_its_shape():
    spec = RunSpec(widths=(64, 32), activation=("relu", "tanh"), batch_norm=(True, False), learning_rate=0.3, seed=5)
    small = equal_units.small(spec, "ones")
    assert small.activation == ("relu", "tanh", "relu", "tanh")
    assert small.batch_norm == (True, False, True, False)
    assert (small.widths, small.initializer, small.learning_rate, small.seed) == ((6,) * 4, "ones", 0.3, 5)
    small = equal_units.small(RunSpec(widths=(8,) * 6, activation=("relu",) * 5 + ("tanh",)), "ones")
    assert small.activation == "relu"


def test_beside_the_constant_ones_stands_a_random_one():
    assert equal_units.beside("he_normal") == ("zeros", "ones", "he_normal")
    assert equal_units.beside("ones") == ("zeros", "ones", "glorot_uniform")


def test_the_words_have_the_counts():
    equal, mixed = (np.zeros(6, int),) * 2, (np.zeros(6, int), np.arange(6))
    assert equal_units.groups_sentence(equal_units.Units(equal, 50, 0.693147)) == (
        "**All 6 units of a layer are equal** after 50 steps, loss 0.693.")
    assert "**All 6 units of a layer differ**" in equal_units.groups_sentence(
        equal_units.Units((np.arange(6),) * 2, 1, 0.5))
    assert equal_units.groups_sentence(equal_units.Units(mixed, 1, 0.5)).startswith(
        "**1, 6 different units of 6, 6, layer by layer** after 1 step")
