"""Every update rule against Keras's optimizer of that name, in NumPy and in TensorFlow, and against the textbook."""

import runpy

import numpy as np
import pytest

from core.optimizers import EPSILON, OPTIMIZERS, RHO, WEIGHT_DECAY

LEARNING_RATE, MOMENTUM = 0.03, 0.8
every = pytest.mark.parametrize("optimizer", OPTIMIZERS.values(), ids=lambda optimizer: optimizer.name)


def start() -> np.ndarray:
    return np.random.default_rng(0).normal(0, 1, (3, 2)).astype(np.float32)


def gradients(steps: int = 5) -> list[np.ndarray]:
    """(3, 2) each: ordinary ones, and one entry of zeros, one tiny, one huge, one that changes its sign."""
    rng = np.random.default_rng(1)
    result = [rng.normal(0, 1, (3, 2)).astype(np.float32) for _ in range(steps)]
    for step, gradient in enumerate(result):
        gradient[0] = 0.0, 1e-9
        gradient[1] = 1e6, (-1) ** step
    return result


def run(optimizer, parameter, slopes, tensors: bool = False, **changed) -> np.ndarray:
    """The parameter after each step. Shape (steps, 3, 2)."""
    import tensorflow as tf

    wrap = tf.constant if tensors else (lambda array: array)
    parameter = wrap(parameter)
    state, path = (wrap(np.zeros(parameter.shape, np.float32)),) * optimizer.slots, []
    for step, slope in enumerate(slopes, 1):
        hyper = {"learning_rate": LEARNING_RATE, "momentum": MOMENTUM, **changed,
                 "step": tf.constant(step, tf.float32) if tensors else step}
        delta, state = optimizer.update(parameter, wrap(slope), state, hyper)
        assert len(state) == optimizer.slots
        parameter = parameter + delta
        path.append(np.array(parameter))
    return np.stack(path)


def keras_path(optimizer, slopes, tmp_path, **clipping) -> np.ndarray:
    """The same by the optimizer that `keras_code` writes."""
    import keras

    script = tmp_path / "optimizer.py"
    script.write_text(f"import keras\nLEARNING_RATE = {LEARNING_RATE!r}\n"
                      f"optimizer = {optimizer.keras_code(MOMENTUM, **clipping)}\n")
    built = runpy.run_path(str(script))["optimizer"]
    variable, path = keras.Variable(start()), []
    for slope in slopes:
        built.apply([slope], [variable])
        path.append(variable.numpy())
    return np.stack(path)


def test_the_names_that_links_rely_on():
    assert {*OPTIMIZERS} >= {"sgd", "momentum", "nesterov", "rmsprop", "adam", "adamw"}


@every
def test_an_entry_is_complete(optimizer):
    for text in (optimizer.label, optimizer.formula, optimizer.summary):
        assert text
        assert "$" not in text
    assert optimizer.summary.endswith(".")
    assert any(year in optimizer.source for year in map(str, range(1800, 2027)))
    assert bool(optimizer.keras_formula) == bool(optimizer.difference)
    assert set(optimizer.hyperparameters) <= {"momentum"}
    hash(optimizer)


@every
@pytest.mark.parametrize("tensors", [False, True], ids=["numpy", "tensorflow"])
def test_five_steps_are_those_of_keras(optimizer, tensors, tmp_path):
    expected = keras_path(optimizer, gradients(), tmp_path)
    computed = run(optimizer, start(), gradients(), tensors)
    assert computed.dtype == np.float32
    np.testing.assert_allclose(computed, expected, rtol=2e-6, atol=1e-7)
    assert not np.array_equal(computed[0], computed[-1])


@every
def test_sixty_steps_are_those_of_keras(optimizer, tmp_path):
    slopes = [np.float32(0.1) * np.sin(np.arange(6, dtype=np.float32).reshape(3, 2) + step) for step in range(60)]
    expected = keras_path(optimizer, slopes, tmp_path)
    np.testing.assert_allclose(run(optimizer, start(), slopes), expected, rtol=1e-4, atol=2e-5)


@every
def test_only_listed_hyperparameters_count(optimizer):
    same = np.array_equal(run(optimizer, start(), gradients()), run(optimizer, start(), gradients(), momentum=0.1))
    assert same is ("momentum" not in optimizer.hyperparameters)


@every
def test_the_rule_is_pure(optimizer):
    parameter, slope = start(), gradients()[0]
    state = tuple(np.ones((3, 2), np.float32) for _ in range(optimizer.slots))
    before = [array.copy() for array in (parameter, slope, *state)]
    optimizer.update(parameter, slope, state, {"learning_rate": 0.1, "momentum": 0.9, "step": 3})
    for array, copy in zip((parameter, slope, *state), before, strict=True):
        np.testing.assert_array_equal(array, copy)


@every
def test_it_acts_entry_by_entry(optimizer):
    """One vector of all parameters may be updated at once."""
    flat = run(optimizer, start().ravel(), [slope.ravel() for slope in gradients()])
    np.testing.assert_array_equal(flat.reshape(5, 3, 2), run(optimizer, start(), gradients()))


def test_keras_code_takes_clipping():
    assert OPTIMIZERS["sgd"].keras_code() == "keras.optimizers.SGD(LEARNING_RATE)"
    assert (OPTIMIZERS["nesterov"].keras_code(0.5, clipnorm=2.0)
            == "keras.optimizers.SGD(LEARNING_RATE, momentum=0.5, nesterov=True, clipnorm=2.0)")


# --- the textbook, and the sentences on where Keras differs -----------------------------------------------------------


def test_momentum_is_the_textbooks_at_a_rate_divided_by_one_minus_beta():
    velocity, parameter, path = np.zeros((3, 2)), start().astype(np.float64), []
    for slope in gradients():
        velocity = MOMENTUM * velocity + (1 - MOMENTUM) * slope
        parameter = parameter - LEARNING_RATE / (1 - MOMENTUM) * velocity
        path.append(parameter)
    np.testing.assert_allclose(run(OPTIMIZERS["momentum"], start(), gradients()), path, rtol=1e-5, atol=1e-6)


def test_nesterov_stores_the_looked_ahead_weights():
    """W + βv of the textbook's path on L = |W|² / 2 is the path of the rule."""
    w, v, path = start().astype(np.float64), np.zeros((3, 2)), []
    for _ in range(5):
        v = MOMENTUM * v - LEARNING_RATE * (w + MOMENTUM * v)
        w = w + v
        path.append(w + MOMENTUM * v)
    stored, state = start().astype(np.float64), (np.zeros((3, 2)),)
    for expected in path:
        hyper = {"learning_rate": LEARNING_RATE, "momentum": MOMENTUM, "step": 1}
        delta, state = OPTIMIZERS["nesterov"].update(stored, stored, state, hyper)
        stored = stored + delta
        np.testing.assert_allclose(stored, expected, rtol=1e-12)


def test_rmsprop_and_adam_are_the_textbooks_but_for_epsilon():
    slopes = [slope.astype(np.float64) + 1 for slope in gradients()]  # none so small that ε counts
    square, w, mean, second, v = 0.0, start().astype(np.float64), 0.0, 0.0, start().astype(np.float64)
    for step, slope in enumerate(slopes, 1):
        square = RHO * square + (1 - RHO) * slope**2
        w = w - LEARNING_RATE * slope / (np.sqrt(square) + EPSILON)
        mean, second = 0.9 * mean + 0.1 * slope, 0.999 * second + 0.001 * slope**2
        v = v - LEARNING_RATE * (mean / (1 - 0.9**step)) / (np.sqrt(second / (1 - 0.999**step)) + EPSILON)
    np.testing.assert_allclose(run(OPTIMIZERS["rmsprop"], start(), slopes)[-1], w, rtol=1e-5)
    np.testing.assert_allclose(run(OPTIMIZERS["adam"], start(), slopes)[-1], v, rtol=1e-4)


def test_adamw_shrinks_every_weight_where_there_is_no_gradient():
    nothing = [np.zeros((3, 2), np.float32)] * 4
    expected = start() * (1 - LEARNING_RATE * WEIGHT_DECAY) ** 4
    np.testing.assert_allclose(run(OPTIMIZERS["adamw"], start(), nothing)[-1], expected, rtol=1e-6)
    np.testing.assert_array_equal(run(OPTIMIZERS["adam"], start(), nothing)[-1], start())
