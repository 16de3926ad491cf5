"""A linear stack is one matrix: against Keras layers, and against what has to differ."""

from __future__ import annotations

import numpy as np
import pytest

from core.lessons.activations import linear_stack as ls
from core.spec import HIDDEN_ACTIVATIONS

DEPTHS = (1, 2, 5, 20)


@pytest.mark.parametrize("depth", DEPTHS)
@pytest.mark.parametrize("seed", [0, 1, 12345])
def test_without_activations_one_layer_gives_the_same_outputs(depth, seed):
    whole, x = ls.stack(depth, seed), ls.inputs(seed)
    one = ls.collapsed(whole.layers)
    assert one.kernel.shape == (ls.OUTPUTS, ls.INPUTS)
    assert ls.largest_difference(whole, one, x) < 1e-12
    assert np.ptp(whole(x), axis=0).min() > 0.01  # and they are not just all the same


@pytest.mark.parametrize("name", ["linear", "relu", "tanh"])
def test_a_stack_is_what_keras_computes(name):
    import keras

    whole, x = ls.stack(4, 3, name), ls.inputs(3)[:50]
    model = keras.Sequential([keras.Input((ls.INPUTS,))])
    for layer in whole.layers:
        last = layer is whole.layers[-1]
        model.add(keras.layers.Dense(len(layer.bias), activation=None if last else name))
    model.set_weights([part for layer in whole.layers for part in (layer.kernel.T, layer.bias)])
    np.testing.assert_allclose(whole(x), model(x.astype(np.float32)).numpy(), atol=1e-4)
    assert model.count_params() == whole.parameters


@pytest.mark.parametrize("name", [name for name in HIDDEN_ACTIVATIONS if name != "linear"])
def test_with_an_activation_no_single_layer_does(name):
    whole, x = ls.stack(5, 0, name), ls.inputs(0)
    closest = ls.largest_difference(whole, ls.closest_layer(whole, x), x)
    assert closest > 1e-3
    assert closest < ls.largest_difference(whole, ls.collapsed(whole.layers), x)


def test_the_closest_layer_of_a_linear_stack_is_the_product():
    whole, x = ls.stack(5, 0), ls.inputs(0)
    closest, one = ls.closest_layer(whole, x), ls.collapsed(whole.layers)
    np.testing.assert_allclose(closest.kernel, one.kernel, atol=1e-12)
    np.testing.assert_allclose(closest.bias, one.bias, atol=1e-12)


def test_the_product_is_that_of_the_matrices_from_right_to_left():
    first, second, third = ls.stack(3, 0).layers
    one = ls.collapsed((first, second, third))
    np.testing.assert_allclose(one.kernel, third.kernel @ second.kernel @ first.kernel)
    np.testing.assert_allclose(one.bias, third.kernel @ (second.kernel @ first.bias + second.bias) + third.bias)


def test_activations_share_their_draws():
    tanh, relu = ls.stack(3, 0, "tanh").layers[1].kernel, ls.stack(3, 0, "relu").layers[1].kernel
    np.testing.assert_allclose(relu / tanh, np.full_like(tanh, np.sqrt(2)))  # He's variance is twice Glorot's


def test_a_straight_line_of_inputs_gives_a_straight_line_of_outputs_without_activations_alone():
    def bend(name: str) -> float:
        return float(np.abs(np.diff(ls.stack(5, 0, name)(ls.along(np.linspace(-3, 3, 61))), n=2, axis=0)).max())

    assert bend("linear") < 1e-12
    assert bend("relu") > 1e-2
