"""Initial weights and back-propagation against Keras, GradientTape and central differences in float64."""

import dataclasses
import itertools

import numpy as np
import pytest

from core.losses import LOSSES
from core.network import backpropagate, initial_weights
from core.spec import FIELDS, RunSpec
from tests.core import reference

DATA = {"regression": "sine", "binary": "circles", "multiclass": "blobs"}
OUTPUTS = {"regression": 1, "binary": 1, "multiclass": 4}
PAIRS = [(loss.name, task) for loss in LOSSES.values() for task in loss.outputs]


def random_weights(spec: RunSpec, sizes: tuple[int, ...], seed: int = 0) -> reference.Weights:
    """Weights with nothing left at a default, of shapes that are not those of the spec's data set."""
    rng = np.random.default_rng(seed)
    normalised = [*reference.per_layer(spec.batch_norm, len(sizes) - 2), False]
    return [
        (rng.normal(0, 0.8, (fan_in, fan_out)), rng.normal(0, 0.3, fan_out),
         *((rng.normal(1, 0.2, fan_out), rng.normal(0, 0.3, fan_out)) if normalised[layer] else ()))
        for layer, (fan_in, fan_out) in enumerate(itertools.pairwise(sizes))
    ]


def random_batch(task: str, features: int, seed: int = 1, examples: int = 6) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    x = rng.normal(0, 1, (examples, features))
    if task == "regression":
        return x, rng.normal(0, 1, (examples, 1))
    labels = np.arange(examples) % max(2, OUTPUTS[task])
    return x, labels[:, None].astype(float) if task == "binary" else np.eye(OUTPUTS[task])[labels]


def close(computed: np.ndarray, expected: np.ndarray) -> None:
    """Equal up to what float32 can hold of the largest entry."""
    assert computed.shape == expected.shape
    np.testing.assert_allclose(computed, expected, rtol=1e-3, atol=2e-5 * np.abs(expected).max() + 1e-6)


def check_against_central_differences(spec: RunSpec, sizes: tuple[int, ...]) -> None:
    weights = random_weights(spec, sizes)
    x, y = random_batch(spec.task, sizes[0])
    result = backpropagate(spec, weights, x, y)
    passed = reference.forward(spec, weights, x)
    assert result.loss == pytest.approx(reference.loss(spec, weights, x, y), rel=1e-5)
    zeros = [np.zeros_like(z) for z in passed.z]
    for layer in range(len(weights)):
        def with_part(array, layer=layer, part=0):
            changed = [list(one) for one in weights]
            changed[layer][part] = array
            return reference.loss(spec, changed, x, y)

        def with_nudge(array, layer=layer):
            return reference.loss(spec, weights, x, y, [*zeros[:layer], array, *zeros[layer + 1:]])

        close(result.pre_activations[layer], passed.z[layer])
        close(result.activations[layer], passed.f[layer])
        close(result.signals[layer], reference.central_differences(with_nudge, zeros[layer]))
        close(result.kernel_gradients[layer], reference.central_differences(with_part, weights[layer][0]))
        close(result.bias_gradients[layer], reference.central_differences(
            lambda array, put=with_part: put(array, part=1), weights[layer][1]))


@pytest.mark.parametrize(("batch_norm", "skip"), [(False, False), (True, False), (False, True), ((True, False), True)])
@pytest.mark.parametrize("activation", FIELDS["activation"].choices)
def test_gradients_are_central_differences_for_every_activation(activation, batch_norm, skip):
    spec = RunSpec(widths=(3, 3), activation=activation, batch_norm=batch_norm, skip=skip)
    check_against_central_differences(spec, (3, 3, 3, 1))  # three features, so the first layer too can have a skip


@pytest.mark.parametrize(("loss", "task"), PAIRS)
def test_gradients_are_central_differences_for_every_loss(loss, task):
    spec = RunSpec(dataset=DATA[task], widths=(4, 3), activation="tanh", loss=loss)
    check_against_central_differences(spec, (2, 4, 3, OUTPUTS[task]))


@pytest.mark.parametrize("alpha", [0.0, 0.01, 1.7])
def test_the_activations_parameter_counts(alpha):
    for name in ("leaky_relu", "elu"):
        check_against_central_differences(RunSpec(widths=(4,), activation=name, alpha=alpha), (3, 4, 1))


def test_layers_may_differ():
    spec = RunSpec(widths=(3, 4, 4, 2), activation=("gelu", "elu", "leaky_relu", "sigmoid"), alpha=0.6, skip=True,
                   batch_norm=(True, False, True, True))
    check_against_central_differences(spec, (3, 3, 4, 4, 2, 1))


KERAS_SPECS = {
    "deep sigmoid": RunSpec(widths=(8,) * 20, activation="sigmoid"),
    "relu, batch norm": RunSpec(dataset="spirals", widths=(16,) * 5, activation="relu", initializer="he_normal",
                                batch_norm=True),
    "skip": RunSpec(dataset="digits", samples=300, widths=(32, 32, 10, 10), activation="gelu", skip=True,
                    initializer="orthogonal", bias_std=0.2),
    "mixed": RunSpec(dataset="diabetes", widths=(10, 6, 6, 6), activation=("selu", "mish", "silu", "softplus"),
                     batch_norm=(False, True, False, True), skip=True, loss="huber"),
    "hinge": RunSpec(dataset="breast_cancer", widths=(12, 12), activation="tanh", loss="hinge", skip=True),
    "sure of itself": RunSpec(widths=(32,) * 3, activation="linear", gain=3, initializer="he_normal"),
}


@pytest.mark.parametrize("name", KERAS_SPECS)
def test_gradients_are_those_of_gradient_tape_through_a_keras_model(name):
    import keras
    import tensorflow as tf

    spec = KERAS_SPECS[name]
    weights, data = initial_weights(spec), spec.data()
    model = reference.keras_model(spec, weights)
    keras_loss = getattr(keras.losses, LOSSES[spec.loss_name].keras_class)()
    with tf.GradientTape() as tape:
        expected = keras_loss(data.y_train, model(data.x_train, training=True))
    layers = [model.get_layer(f"dense_{layer}") for layer in range(spec.depth + 1)]
    kernels, biases = tape.gradient(expected, [[one.kernel for one in layers], [one.bias for one in layers]])
    result = backpropagate(spec, weights, data.x_train, data.y_train)
    assert result.loss == pytest.approx(float(expected), rel=1e-5)
    for computed, gradient in zip(result.kernel_gradients, kernels, strict=True):
        np.testing.assert_allclose(computed, gradient, rtol=2e-3, atol=1e-4 * np.abs(gradient).max())
    for layer, (computed, gradient) in enumerate(zip(result.bias_gradients, biases, strict=True)):
        # before batch norm a bias changes nothing: its gradient is what rounding leaves
        nothing = layer < spec.depth and spec.batch_norms[layer]
        atol = 1e-6 if nothing else 1e-4 * np.abs(gradient).max()
        np.testing.assert_allclose(computed, gradient, rtol=2e-3, atol=atol)


def test_forward_by_hand_is_that_of_the_course():
    """x = (0.5, 0.2, 0.1) through 3 → 4 → 1 with sigmoid twice, worked out here with nothing but exp."""
    rng = np.random.default_rng(6)
    weights = [(rng.random((3, 4)), rng.random(4)), (rng.random((4, 1)), rng.random(1))]
    x, y = np.array([[0.5, 0.2, 0.1]]), np.array([[1.0]])
    hidden = 1 / (1 + np.exp(-(x @ weights[0][0] + weights[0][1])))
    output = 1 / (1 + np.exp(-(hidden @ weights[1][0] + weights[1][1])))
    result = backpropagate(RunSpec(widths=(4,), activation="sigmoid"), weights, x, y)
    np.testing.assert_allclose(result.activations[0], hidden, rtol=1e-6)
    np.testing.assert_allclose(result.activations[1], output, rtol=1e-6)
    np.testing.assert_allclose(result.signals[1], output - y, rtol=1e-5)  # cross-entropy on a sigmoid
    np.testing.assert_allclose(result.kernel_gradients[1], hidden.T @ (output - y), rtol=1e-5)


ODD = {
    "softmax on one unit": RunSpec(output="softmax"),
    "categorical on sigmoids": RunSpec(dataset="blobs", output="sigmoid"),
    "labels as numbers": RunSpec(dataset="blobs", output="gelu", output_units=1, loss="huber"),
    "binary on numbers": RunSpec(dataset="sine", output="tanh", loss="binary_crossentropy", output_units=2),
}


@pytest.mark.filterwarnings("ignore:You are using a softmax over axis")
@pytest.mark.parametrize("name", ODD)
def test_under_an_output_of_ones_own_too(name):
    import keras
    import tensorflow as tf

    spec = dataclasses.replace(ODD[name], widths=(8, 5), activation="tanh")
    weights, data = initial_weights(spec), spec.data()
    model = reference.keras_model(spec, weights)
    with tf.GradientTape() as tape:
        expected = getattr(keras.losses, spec.loss_entry.keras_class)()(data.y_train, model(data.x_train))
    gradients = tape.gradient(expected, model.trainable_variables)
    result = backpropagate(spec, weights, data.x_train, data.y_train)
    assert result.loss == pytest.approx(float(expected), rel=1e-5)
    computed = [one for pair in zip(result.kernel_gradients, result.bias_gradients, strict=True) for one in pair]
    for mine, gradient in zip(computed, gradients, strict=True):
        np.testing.assert_allclose(mine, gradient, rtol=2e-3, atol=1e-5 * np.abs(gradient).max() + 1e-9)


def test_what_comes_back_has_the_shapes_that_are_promised():
    spec = RunSpec(dataset="blobs", widths=(5, 3), activation="tanh")
    result = backpropagate(spec, random_weights(spec, (7, 5, 3, 4)), *random_batch("multiclass", 7, examples=9))
    assert [z.shape for z in result.pre_activations] == [(9, 5), (9, 3), (9, 4)]
    assert [a.shape for a in result.activations] == [(9, 5), (9, 3), (9, 4)]
    assert [d.shape for d in result.signals] == [(9, 5), (9, 3), (9, 4)]
    assert [g.shape for g in result.kernel_gradients] == [(7, 5), (5, 3), (3, 4)]
    assert [g.shape for g in result.bias_gradients] == [(5,), (3,), (4,)]
    assert all(isinstance(array, np.ndarray) for array in result.signals)


def test_a_pair_under_batch_norm_means_scale_one_and_shift_zero():
    spec = RunSpec(widths=(3, 3), activation="tanh", batch_norm=True)
    full = [(kernel, bias, *((np.ones(3), np.zeros(3)) if layer < 2 else ()))
            for layer, (kernel, bias, *_) in enumerate(random_weights(spec, (2, 3, 3, 1)))]
    x, y = random_batch("binary", 2)
    pairs = backpropagate(spec, [layer[:2] for layer in full], x, y)
    whole = backpropagate(spec, full, x, y)
    assert pairs.loss == whole.loss
    for one, other in zip(pairs.kernel_gradients, whole.kernel_gradients, strict=True):
        np.testing.assert_array_equal(one, other)


def test_dropout_keeps_the_share_it_says_and_the_mean():
    spec = RunSpec(widths=(400, 400), activation="linear", dropout=0.3)
    kernels = [(np.zeros((2, 400)), np.ones(400)), (np.eye(400), np.zeros(400)), (np.ones((400, 1)), np.zeros(1))]
    x, y = random_batch("binary", 2, examples=50)
    result = backpropagate(spec, kernels, x, y)
    assert (result.activations[0] == 1).all()  # f(·), before dropout
    dropped = result.pre_activations[1]
    assert np.unique(dropped).tolist() == [0, np.float32(1 / 0.7)]
    assert (dropped == 0).mean() == pytest.approx(0.3, abs=0.02)
    again = backpropagate(spec, kernels, x, y).pre_activations
    np.testing.assert_array_equal(dropped, again[1])
    assert len(np.unique(again[2])) > 1  # each layer and example has a mask of its own


# --- initial weights ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("batch_norm", [False, True, (True, False, False)])
def test_initial_weights_have_a_tuple_a_layer(batch_norm):
    spec = RunSpec(dataset="digits", widths=(8, 8, 4), batch_norm=batch_norm)
    weights = initial_weights(spec)
    normalised = [*reference.per_layer(batch_norm, 3), False]
    assert [layer[0].shape for layer in weights] == [(64, 8), (8, 8), (8, 4), (4, 10)]
    for layer, on in zip(weights, normalised, strict=True):
        fan_out = layer[0].shape[1]
        assert len(layer) == (4 if on else 2)
        assert all(part.dtype == np.float32 for part in layer)
        assert all(part.shape == (fan_out,) for part in layer[1:])
        assert not layer[1].any()
        if on:
            assert (layer[2] == 1).all()
            assert not layer[3].any()


def test_every_layer_starts_with_weights_of_its_own():
    for initializer in ("glorot_uniform", "he_normal", "orthogonal"):
        kernels = [layer[0] for layer in initial_weights(RunSpec(widths=(8,) * 6, initializer=initializer))][1:-1]
        assert len({kernel.tobytes() for kernel in kernels}) == len(kernels)


def test_the_seed_and_the_shape_alone_decide_the_kernels():
    spec = RunSpec(widths=(6, 6), bias_std=0.5)
    first = initial_weights(spec)
    for other in (RunSpec(widths=(6, 6), bias_std=0.5),
                  RunSpec(dataset="moons", widths=(6, 6), bias_std=0.5, activation="relu", optimizer="adam", steps=20),
                  RunSpec(widths=(6, 6, 6), bias_std=0.5, batch_norm=True)):
        for layer, again in zip(first[:2], initial_weights(other)[:2], strict=True):
            np.testing.assert_array_equal(layer[0], again[0])
            np.testing.assert_array_equal(layer[1], again[1])
    assert not np.array_equal(first[0][0], initial_weights(RunSpec(widths=(6, 6), seed=1))[0][0])


def test_gain_multiplies_the_kernels_and_nothing_else():
    plain, larger = (initial_weights(RunSpec(widths=(6, 6), bias_std=0.5, gain=gain)) for gain in (1.0, 2.5))
    for one, other in zip(plain, larger, strict=True):
        np.testing.assert_array_equal(other[0], one[0] * np.float32(2.5))
        np.testing.assert_array_equal(other[1], one[1])


def test_biases_have_the_standard_deviation_asked_for():
    biases = np.concatenate([layer[1] for layer in initial_weights(RunSpec(widths=(128,) * 20, bias_std=0.3))])
    assert biases.std() == pytest.approx(0.3, rel=0.05)
    assert biases.mean() == pytest.approx(0, abs=0.02)
    assert len(np.unique(biases)) == len(biases)
