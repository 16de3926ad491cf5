"""What slopes do to a signal: against GradientTape, published factors, and measured runs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.activations import ACTIVATIONS
from core.initializers import INITIALIZERS
from core.lessons.activations import slopes
from core.network import initial_weights
from core.spec import HIDDEN_ACTIVATIONS, RunSpec
from core.theory import predict
from core.training import Trainer, train


@pytest.mark.parametrize("name", HIDDEN_ACTIVATIONS)
@pytest.mark.parametrize("z", [-2.5, -0.3, 0.7, 3.0])
def test_a_point_is_what_keras_computes(name, z):
    import tensorflow as tf

    x = tf.constant(z, tf.float64)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = ACTIVATIONS[name].keras_fn()(x)
    point = slopes.at(name, z)
    # abs: float32 in Keras's GELU constants
    assert point.value == pytest.approx(float(y), abs=1e-6)
    assert point.slope == pytest.approx(float(tape.gradient(y, x)), abs=1e-6)
    assert abs(point.slope) <= point.largest_slope


def test_ten_sigmoids_leave_at_most_a_millionth():
    point = slopes.at("sigmoid", 0.0)
    assert (point.after(10), point.at_most(10)) == (pytest.approx(4.0**-10), pytest.approx(4.0**-10))
    assert slopes.at("sigmoid", 2.0).after(10) < point.at_most(10)
    assert slopes.at("relu", -1.0).after(20) == 0


def test_alpha_reaches_the_slope():
    assert slopes.at("leaky_relu", -1.0, 0.05).slope == 0.05
    assert slopes.at("leaky_relu", -1.0).slope == 0.2


@pytest.mark.parametrize("name", HIDDEN_ACTIVATIONS)
def test_the_usual_initializer_is_one_made_for_the_activation_if_there_is_one(name):
    usual = slopes.usual_initializer(name)
    made_for = [entry.name for entry in INITIALIZERS.values() if name in entry.suits]
    assert not made_for or usual in made_for


def test_usual_initializers_of_those_without_one_made_for_them():
    assert {name: slopes.usual_initializer(name) for name in ("sigmoid", "gelu", "elu", "softplus")} == {
        "sigmoid": "glorot_normal", "gelu": "he_normal", "elu": "he_normal", "softplus": "he_normal"}


def test_alternatives_differ_in_nothing_but_the_activation_and_what_goes_with_it():
    base = RunSpec(widths=(16,) * 3, seed=7)
    runs = slopes.alternatives(base, ("tanh", "relu", "elu"), slopes.USUAL, {"elu": 0.5})
    assert list(runs) == ["Tanh", "ReLU", "ELU"]
    assert runs["Tanh"] == replace(base, activation="tanh", initializer="glorot_normal")
    assert runs["ELU"] == replace(base, activation="elu", alpha=0.5, initializer="he_normal")
    same = slopes.alternatives(base, ("tanh", "relu"), "orthogonal")
    assert {spec.initializer for spec in same.values()} == {"orthogonal"}


def test_with_one_initializer_all_alternatives_start_from_the_same_kernels():
    runs = slopes.alternatives(RunSpec(widths=(8,) * 3), ("tanh", "relu"), "he_normal")
    for one, other in zip(*(initial_weights(spec) for spec in runs.values()), strict=True):
        np.testing.assert_array_equal(one[0], other[0])


@pytest.mark.parametrize(("signal", "factor"), [
    ([1.0, 2.0, 4.0], 0.5), ([9.0, 1.0, 1.0], 3.0), ([0.0, 1.0], 0.0), ([1.0], None), ([1.0, 0.0], None),
    ([np.nan, 1.0], None), ([np.inf, 1.0], None)])
def test_factor_per_layer(signal, factor):
    assert slopes.factor_per_layer(signal) == (None if factor is None else pytest.approx(factor))


def test_measured_factors_of_wide_networks_are_those_of_theory():
    base = RunSpec(widths=(256,) * 10)
    for spec in slopes.alternatives(base, (*slopes.SHOWN, "selu", "leaky_relu"), slopes.USUAL).values():
        theory = slopes.factor_per_layer(predict(spec).signal)
        measured = [slopes.factor_per_layer(next(train(replace(spec, seed=seed))).layers.signal_rms[:-1])
                    for seed in range(5)]
        assert np.median(measured) == pytest.approx(theory, rel=0.05), spec.activation


def test_published_factors():
    """He et al. 2015: ReLU keeps the signal; with Glorot's kernels it loses √½ a layer."""
    he, glorot = (slopes.alternatives(RunSpec(widths=(256,) * 10), ("relu",), name)["ReLU"]
                  for name in ("he_normal", "glorot_normal"))
    assert slopes.factor_per_layer(predict(he).signal) == pytest.approx(1.0, rel=1e-6)
    assert slopes.factor_per_layer(predict(glorot).signal) == pytest.approx(np.sqrt(0.5), rel=0.02)


def trained(spec: RunSpec) -> Trainer:
    trainer = Trainer(spec)
    while not trainer.finished:
        trainer.advance()
    return trainer


def off(spec: RunSpec, weights) -> int:
    """ReLU units of layer 1 that are off for all four points."""
    kernel, bias = weights[0][:2]
    return int(((spec.data().x_train @ kernel + bias) <= 0).all(axis=0).sum())


def test_what_the_page_says_of_xor_is_so():
    """The course's net does not learn it; steps are too small; seeds 3 and 7 lose three and four of their ReLU."""
    ends = {spec.seed: trained(spec) for spec in slopes.seeds(slopes.XOR).values()}
    assert ends[0].snapshot.accuracy < 1
    assert sum(end.snapshot.accuracy == 1 for end in ends.values()) <= 2
    moved = max(np.abs(before - after).max() for end in ends.values() for layers in zip(
        initial_weights(end.spec), end.weights, strict=True) for before, after in zip(*layers, strict=True))
    assert moved < 0.3
    assert [off(ends[seed].spec, ends[seed].weights) for seed in (3, 7)] == [3, 4]
    assert ends[7].snapshot.loss == pytest.approx(np.log(2), abs=0.01)


def test_a_larger_rate_and_more_units_learn_xor_more_often():
    def solved(**changes) -> int:
        return sum(trained(spec).snapshot.accuracy == 1
                   for spec in slopes.seeds(replace(slopes.XOR, **changes)).values())

    assert solved() < solved(learning_rate=0.02) < solved(learning_rate=0.02, widths=(8, 4))
