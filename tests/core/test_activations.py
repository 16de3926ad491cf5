"""Every activation against Keras, GradientTape, central differences and published numbers."""

import runpy
import subprocess
import sys
from math import inf

import numpy as np
import pytest
from scipy.integrate import quad

from core.activations import ACTIVATIONS, SELU_ALPHA, SELU_SCALE, softmax_jacobian
from core.charts.theme import alternatives

KINKED = {"relu", "leaky_relu", "elu", "selu"}

every = pytest.mark.parametrize("activation", ACTIVATIONS.values(), ids=lambda activation: activation.name)
elementwise = pytest.mark.parametrize(
    "activation", [a for a in ACTIVATIONS.values() if a.elementwise], ids=lambda activation: activation.name
)


def alphas(activation) -> list[float | None]:
    """The default, and where there is a parameter values other than it."""
    return [None] if activation.alpha is None else [None, activation.alpha, 0.01, 0.5, 2.0]


def inputs(dtype: str) -> np.ndarray:
    """(rows, 5): moderate values, the kink, its neighbours, large ones."""
    near = np.array([-1e-3, -1e-6, 0.0, 1e-6, 1e-3])
    far = np.array([-1e4, -500.0, 0.5, 90.0, 1e4])
    return np.vstack([np.random.default_rng(0).normal(0, 3, (40, 5)), near, far]).astype(dtype)


def tolerance(dtype: str) -> dict[str, float]:
    """TensorFlow keeps leaky_relu's α and GELU's 1/√2 as float32, also for float64 tensors."""
    return {"rtol": 1e-5, "atol": 1e-6} if dtype == "float32" else {"rtol": 5e-8, "atol": 1e-8}


def taped(function, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Value of a Keras function of a tensor, and its slope by GradientTape. Both of the shape of x."""
    import tensorflow as tf

    tensor = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(tensor)
        value = function(tensor)
    return value.numpy(), tape.gradient(value, tensor).numpy()


def test_swish_is_another_name_of_silu():
    assert ACTIVATIONS["swish"] is ACTIVATIONS["silu"]


def test_no_two_look_alike_on_a_chart():
    drawn = alternatives(tuple(entry.label for entry in ACTIVATIONS.values()))
    assert len({(one.colour, one.dash) for one in drawn}) == len(ACTIVATIONS)


@every
def test_an_entry_is_complete(activation):
    for text in (activation.label, activation.formula, activation.summary):
        assert text
        assert "$" not in text
    assert activation.summary.endswith(".")
    assert any(year in activation.source for year in map(str, range(1950, 2027)))
    assert (activation.parameter is None) == (activation.alpha is None)
    hash(activation)


@every
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_fn_equals_keras(activation, dtype):
    import keras

    for alpha in alphas(activation):
        options = {} if alpha is None else {activation.parameter: alpha}
        expected = getattr(keras.activations, activation.name)(inputs(dtype), **options)
        computed = activation.fn(inputs(dtype), alpha)
        assert computed.dtype == dtype
        np.testing.assert_allclose(computed, expected, **tolerance(dtype))
        np.testing.assert_array_equal(activation.keras_fn(alpha)(inputs(dtype)), expected)


@elementwise
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_derivative_equals_gradient_tape(activation, dtype):
    for alpha in alphas(activation):
        _, expected = taped(activation.keras_fn(alpha), inputs(dtype))
        computed = activation.derivative(inputs(dtype), alpha)
        assert computed.dtype == dtype
        np.testing.assert_allclose(computed, expected, **tolerance(dtype))


@pytest.mark.parametrize("name", sorted(KINKED))
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_slope_at_the_kink_is_exactly_that_of_gradient_tape(name, dtype):
    activation = ACTIVATIONS[name]
    for zero in (0.0, -0.0):
        for alpha in alphas(activation):
            x = np.array([zero], dtype)
            np.testing.assert_allclose(activation.derivative(x, alpha), taped(activation.keras_fn(alpha), x)[1], 1e-7)
    assert activation.derivative(0.0) == {"relu": 0.0, "leaky_relu": 0.2, "elu": 1.0, "selu": SELU_SCALE}[name]


@elementwise
def test_derivative_equals_central_differences(activation):
    x, h = np.linspace(-8, 8, 400), 1e-6  # 0, the kink, is not among them
    for alpha in alphas(activation):
        difference = (activation.fn(x + h, alpha) - activation.fn(x - h, alpha)) / (2 * h)
        np.testing.assert_allclose(activation.derivative(x, alpha), difference, rtol=1e-6, atol=1e-8)


def test_softmax_jacobian_equals_gradient_tape_and_central_differences():
    import keras
    import tensorflow as tf

    softmax = ACTIVATIONS["softmax"]
    x, h = np.random.default_rng(1).normal(0, 2, (6, 4)), 1e-6
    computed = softmax_jacobian(x)
    assert computed.shape == (6, 4, 4)
    tensor = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(tensor)
        value = keras.activations.softmax(tensor)
    np.testing.assert_allclose(computed, tape.batch_jacobian(value, tensor).numpy(), atol=1e-12)
    for j, unit in enumerate(np.eye(4)):
        difference = (softmax.fn(x + h * unit) - softmax.fn(x - h * unit)) / (2 * h)
        np.testing.assert_allclose(computed[..., j], difference, atol=1e-9)
    np.testing.assert_allclose(softmax.derivative(x), np.diagonal(computed, axis1=-2, axis2=-1), atol=1e-15)
    np.testing.assert_allclose(softmax.fn(x).sum(axis=-1), 1)


@every
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_far_out_it_stays_finite_without_a_warning(activation, dtype):
    x = np.array([[-1e4, -745.0, -104.0, -88.0, -30.0, 0.0], [30.0, 88.0, 104.0, 745.0, 1e4, 1e-30]], dtype)
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        value, slope = activation.fn(x), activation.derivative(x)
    assert value.dtype == slope.dtype == dtype
    assert value.shape == slope.shape == x.shape
    assert np.isfinite(value).all()
    assert np.isfinite(slope).all()
    if not activation.elementwise:
        assert np.isfinite(softmax_jacobian(x)).all()


@pytest.mark.parametrize(("name", "decay"), [("sigmoid", 1), ("tanh", 2)])
def test_a_tiny_slope_is_not_rounded_to_zero(name, decay):
    x = np.array([-40.0, 40.0])  # where 1 − f(x)² and 1 − f(x) are 0 in float64
    np.testing.assert_allclose(ACTIVATIONS[name].derivative(x), decay**2 * np.exp(-decay * 40.0), rtol=1e-12)


@every
def test_whole_numbers_and_lists_become_float64(activation):
    assert activation.fn([[1, 2]]).dtype == activation.derivative([[1, 2]]).dtype == np.float64
    np.testing.assert_array_equal(activation.fn(np.array([[1, -2]])), activation.fn(np.array([[1.0, -2.0]])))


@every
def test_output_range_is_tight(activation):
    low, high = activation.output_range
    far = np.logspace(2, 9, 8)
    x = np.concatenate([-far[::-1], np.linspace(-60, 60, 120_001), far])
    values = activation.fn(np.stack([x, np.zeros_like(x)], axis=-1))
    assert values.min() >= low - 1e-12
    assert values.max() <= high + 1e-12
    for bound, reached in ((low, values.min()), (high, values.max())):
        if np.isfinite(bound):
            assert reached == pytest.approx(bound, abs=2e-7)
        else:
            assert abs(reached) > 10


@pytest.mark.parametrize(
    ("name", "alpha", "largest"),
    [
        ("linear", None, 1),
        ("sigmoid", None, 0.25),
        ("tanh", None, 1),
        ("relu", None, 1),
        ("leaky_relu", None, 1),
        ("leaky_relu", 3.0, 3),
        ("elu", None, 1),
        ("elu", 2.0, 2),
        ("selu", None, SELU_SCALE * SELU_ALPHA),
        ("silu", None, 1.09984),  # Ramachandran et al. 2017 draw it at about 1.1
        ("gelu", None, 0.92135 + 0.20755),  # at √2, where Φ(z) + z φ(z) has slope φ(z)(2 − z²) = 0
        ("softplus", None, 1),
        ("softmax", None, 0.25),
    ],
)
def test_largest_slope(name, alpha, largest):
    assert ACTIVATIONS[name].largest_slope(alpha) == pytest.approx(largest, rel=1e-5)


@every
def test_no_slope_exceeds_the_largest(activation):
    x = np.random.default_rng(2).normal(0, 4, (20_000, 2))
    for alpha in alphas(activation):
        slopes = np.abs(activation.derivative(x, alpha))
        assert slopes.max() <= activation.largest_slope(alpha) * (1 + 1e-6)
        assert slopes.max() >= activation.largest_slope(alpha) * 0.98


@every
def test_keras_code_is_the_same_function_in_a_keras_layer(activation, tmp_path):
    values = alphas(activation)
    codes = ", ".join(activation.keras_code(alpha) for alpha in values)
    script = tmp_path / "activation_codes.py"
    script.write_text(f"import keras\nlayers = [keras.layers.Activation(activation) for activation in [{codes}]]\n")
    for layer, alpha in zip(runpy.run_path(str(script))["layers"], values, strict=True):
        x = inputs("float32")
        np.testing.assert_allclose(layer(x), activation.fn(x, alpha), **tolerance("float32"))


def test_keras_code_is_a_bare_name_where_that_suffices():
    assert ACTIVATIONS["tanh"].keras_code() == '"tanh"'
    assert ACTIVATIONS["tanh"].keras_code(alpha=0.3) == '"tanh"'
    assert ACTIVATIONS["leaky_relu"].keras_code() == ACTIVATIONS["leaky_relu"].keras_code(0.2) == '"leaky_relu"'
    assert ACTIVATIONS["elu"].keras_code(0.5) == "lambda x: keras.activations.elu(x, alpha=0.5)"


def test_alpha_is_ignored_where_there_is_no_parameter():
    x = np.linspace(-3, 3, 7)
    np.testing.assert_array_equal(ACTIVATIONS["silu"].fn(x, alpha=9), ACTIVATIONS["silu"].fn(x))
    assert ACTIVATIONS["silu"].largest_slope(9) == ACTIVATIONS["silu"].largest_slope()


def test_selu_constants_are_those_of_the_paper_and_make_it_self_normalising():
    # Klambauer et al. 2017, equation 14
    assert pytest.approx(1.6732632423543772848, rel=1e-15) == SELU_ALPHA
    assert pytest.approx(1.0507009873554804934, rel=1e-15) == SELU_SCALE
    selu = ACTIVATIONS["selu"].fn

    def expectation(g):
        """E[g(z)] for a standard normal z, the kink at 0 being a limit of integration."""
        def weighted(z):
            return g(z) * np.exp(-z * z / 2) / np.sqrt(2 * np.pi)

        return quad(weighted, -inf, 0)[0] + quad(weighted, 0, inf)[0]

    assert expectation(selu) == pytest.approx(0, abs=1e-9)
    assert expectation(lambda z: selu(z) ** 2) == pytest.approx(1, abs=1e-9)


def test_importing_the_tables_does_not_import_tensorflow():
    code = (
        "import sys, core.activations, core.losses, core.initializers\n"
        "core.activations.ACTIVATIONS['silu'].largest_slope()\n"
        "core.losses.LOSSES['mse'].fn([[0.0]], [[1.0]])\n"
        "core.initializers.INITIALIZERS['he_normal'].density([0.0], 3, 4)\n"
        "sys.exit(bool({'tensorflow', 'keras', 'streamlit', 'altair'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
