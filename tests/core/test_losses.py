"""Every loss against Keras, GradientTape, central differences, a compiled Keras model and published numbers."""

import runpy

import numpy as np
import pytest

from core.activations import ACTIVATIONS, softmax_jacobian
from core.losses import EPSILON, LOSSES, TASKS, default_loss

NAMES = "mse mae huber log_cosh binary_crossentropy categorical_crossentropy kl_divergence cosine_similarity hinge"
PAIRS = [(loss, task) for loss in LOSSES.values() for task in loss.tasks]
PAIR_IDS = [f"{loss.name}-{task}" for loss, task in PAIRS]
CLASSES = {"regression": 2, "binary": 1, "multiclass": 4}  # output units

every = pytest.mark.parametrize("loss", LOSSES.values(), ids=lambda loss: loss.name)
every_pair = pytest.mark.parametrize(("loss", "task"), PAIRS, ids=PAIR_IDS)


def targets(task: str, batch: int, dtype: str, seed: int = 0) -> np.ndarray:
    """(batch, outputs): numbers, one column of 0 and 1, or one-hot rows."""
    random = np.random.default_rng([seed, 1])
    if task == "regression":
        return random.normal(0, 1.5, (batch, CLASSES[task])).astype(dtype)
    labels = random.integers(0, max(CLASSES[task], 2), batch)
    return (labels[:, None] if task == "binary" else np.eye(CLASSES[task])[labels]).astype(dtype)


def logits(task: str, batch: int, dtype: str, seed: int = 0) -> np.ndarray:
    return np.random.default_rng([seed, 2]).normal(0, 2, (batch, CLASSES[task])).astype(dtype)


def example(loss, task: str, dtype: str) -> tuple[np.ndarray, np.ndarray]:
    """Targets, and predictions as the output layer of that task gives them."""
    return targets(task, 9, dtype), ACTIVATIONS[loss.outputs[task]].fn(logits(task, 9, dtype))


def keras_loss(loss):
    import keras

    return getattr(keras.losses, loss.keras_class)()


def taped(function, at: np.ndarray) -> tuple[float, np.ndarray]:
    import tensorflow as tf

    tensor = tf.constant(at)
    with tf.GradientTape() as tape:
        tape.watch(tensor)
        value = function(tensor)
    return float(value), tape.gradient(value, tensor).numpy()


def relative_tolerance(dtype: str) -> float:
    return 2e-5 if dtype == "float32" else 1e-9


def test_the_names_that_links_rely_on():
    assert {*LOSSES} >= {*NAMES.split()}


@every
def test_an_entry_is_complete(loss):
    for text in (loss.label, loss.short, loss.formula, loss.summary, loss.source):
        assert text
        assert "$" not in text
    assert loss.summary.endswith((".", ")."))
    assert len(loss.short) <= 14
    assert set(loss.tasks) <= set(TASKS)
    assert all(output in ACTIVATIONS for output in loss.outputs.values())
    hash(loss)
    with pytest.raises(TypeError):
        loss.outputs["regression"] = "relu"


def test_each_task_has_its_output_activation():
    assert dict(LOSSES["huber"].outputs) == {"regression": "linear", "binary": "sigmoid", "multiclass": "softmax"}
    assert dict(LOSSES["binary_crossentropy"].outputs) == {"binary": "sigmoid"}
    assert dict(LOSSES["kl_divergence"].outputs) == {"multiclass": "softmax"}
    assert dict(LOSSES["hinge"].outputs) == {"binary": "tanh"}
    assert dict(LOSSES["cosine_similarity"].outputs) == {"multiclass": "linear"}


def test_default_loss():
    assert [default_loss(task) for task in TASKS] == ["mse", "binary_crossentropy", "categorical_crossentropy"]
    assert all(task in LOSSES[default_loss(task)].tasks for task in TASKS)
    with pytest.raises(ValueError, match=r"task must be one of regression, binary, multiclass\. Received: 'both'"):
        default_loss("both")


@every_pair
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_fn_and_derivative_equal_keras_and_gradient_tape(loss, task, dtype):
    import keras

    y, predicted = example(loss, task, dtype)

    reference = keras_loss(loss)  # the class computes in float32 whatever it is given, the function does not
    function = keras.losses.get(loss.name)
    np.testing.assert_allclose(loss.per_example(y, predicted), function(y, predicted), relative_tolerance(dtype), 1e-7)
    assert loss.fn(y, predicted) == pytest.approx(float(reference(y, predicted)), rel=2e-5, abs=1e-7)
    _, slope = taped(lambda p: keras.ops.mean(function(y, p)), predicted)
    computed = loss.derivative(y, predicted)
    assert computed.shape == predicted.shape
    assert computed.dtype == dtype
    np.testing.assert_allclose(computed, slope, relative_tolerance(dtype), atol=1e-7)


@every_pair
def test_derivative_equals_central_differences(loss, task):
    y, predicted = example(loss, task, "float64")
    slope, h = np.empty_like(predicted), 1e-6
    for index in np.ndindex(predicted.shape):
        step = np.zeros_like(predicted)
        step[index] = h
        slope[index] = (loss.fn(y, predicted + step) - loss.fn(y, predicted - step)) / (2 * h)
    np.testing.assert_allclose(loss.derivative(y, predicted), slope, rtol=1e-5, atol=1e-8)


@pytest.mark.parametrize(
    ("name", "y", "predicted"),
    [
        ("mae", [[1.0, 2.0]], [[1.0, 3.0]]),  # no error
        ("huber", [[0.0, 0.0, 0.0]], [[1.0, -1.0, 0.0]]),  # |e| = δ
        ("hinge", [[1.0], [0.0]], [[1.0], [-1.0]]),  # the margin exactly reached
        ("hinge", [[1.0], [-1.0]], [[-1.0], [0.5]]),
        ("binary_crossentropy", [[1.0], [0.0], [1.0], [0.0]], [[0.0], [1.0], [1.0], [0.0]]),  # clipped
        ("categorical_crossentropy", [[1.0, 0.0], [0.0, 1.0]], [[0.0, 1.0], [0.0, 1.0]]),
        ("categorical_crossentropy", [[1.0, 0.0]], [[0.6, 1.4]]),  # no distribution: normalised first
        ("kl_divergence", [[1.0, 0.0], [0.0, 1.0]], [[0.0, 1.0], [0.0, 1.0]]),
        ("cosine_similarity", [[1.0, 0.0], [3.0, 4.0]], [[0.0, 0.0], [3e-8, 1e-8]]),  # no direction
        ("log_cosh", [[0.0, 0.0, 0.0]], [[300.0, -300.0, 0.0]]),
    ],
)
def test_where_it_bends_or_clips_it_does_as_keras_does(name, y, predicted):
    import keras

    y, predicted = np.array(y, "float32"), np.array(predicted, "float32")
    value, slope = taped(lambda p: keras.ops.mean(keras.losses.get(name)(y, p)), predicted)
    assert LOSSES[name].fn(y, predicted) == pytest.approx(value, rel=1e-5, abs=1e-6)
    np.testing.assert_allclose(LOSSES[name].derivative(y, predicted), slope, rtol=1e-5, atol=1e-6)


@every_pair
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_tensor_fn_equals_the_table_and_its_chain_rule(loss, task, dtype):
    y, z = targets(task, 9, dtype), logits(task, 9, dtype)
    output = ACTIVATIONS[loss.outputs[task]]
    predicted = output.fn(z)
    by_prediction = loss.derivative(y, predicted)
    if output.elementwise:
        expected = by_prediction * output.derivative(z)
    else:
        expected = np.einsum("bi,bij->bj", by_prediction, softmax_jacobian(z))
    value, slope = taped(lambda logit: loss.tensor_fn(task)(y, logit), z)
    assert value == pytest.approx(loss.fn(y, predicted), rel=relative_tolerance(dtype), abs=1e-7)
    np.testing.assert_allclose(slope, expected, relative_tolerance(dtype), atol=1e-7)


@every_pair
def test_tensor_fn_is_the_same_eager_and_traced(loss, task):
    import tensorflow as tf

    y, z = targets(task, 9, "float32"), logits(task, 9, "float32") * 3
    function = loss.tensor_fn(task)

    @tf.function
    def traced(y, z):
        with tf.GradientTape() as tape:
            tape.watch(z)
            value = function(y, z)
        return value, tape.gradient(value, z)

    value, slope = taped(lambda logit: function(tf.constant(y), logit), z)
    traced_value, traced_slope = traced(tf.constant(y), tf.constant(z))
    assert float(traced_value) == pytest.approx(value, rel=1e-6)
    np.testing.assert_allclose(traced_slope, slope, rtol=1e-5, atol=1e-8)


@every_pair
def test_tensor_fn_equals_a_compiled_keras_model(loss, task):
    """One step of plain gradient descent at rate 1, inside Keras's own compiled training: new = old − gradient."""
    import keras
    import tensorflow as tf

    x = np.random.default_rng(5).normal(0, 1, (9, 3)).astype("float32")
    y = targets(task, 9, "float32")
    kernel = np.random.default_rng(6).normal(0, 40 if loss.on_logits else 1, (3, CLASSES[task])).astype("float32")
    if loss.on_logits:  # a confident mistake, whose probability would be clipped: the first label is the least likely
        z = x[:1] @ kernel
        y[:1] = z < 0 if task == "binary" else z == z.min()
    bias = np.linspace(-0.2, 0.3, CLASSES[task]).astype("float32")

    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(CLASSES[task], loss.outputs[task])])
    model.compile(loss=keras_loss(loss), optimizer=keras.optimizers.SGD(1.0))
    model.set_weights([kernel, bias])
    compiled_value = float(np.ravel(model.train_on_batch(x, y))[0])
    stepped = model.get_weights()

    parameters = [tf.constant(kernel), tf.constant(bias)]
    with tf.GradientTape() as tape:
        tape.watch(parameters)
        value = loss.tensor_fn(task)(tf.constant(y), tf.constant(x) @ parameters[0] + parameters[1])
    gradients = tape.gradient(value, parameters)
    assert np.abs(gradients[0]).max() > 1e-3
    assert float(value) == pytest.approx(compiled_value, rel=1e-5)
    for before, gradient, after in zip((kernel, bias), gradients, stepped, strict=True):
        np.testing.assert_allclose(before - after, gradient, rtol=1e-3, atol=2e-5)


@pytest.mark.parametrize("name", ["binary_crossentropy", "categorical_crossentropy"])
def test_cross_entropy_on_logits_keeps_the_gradient_of_a_confident_mistake(name):
    (task,) = LOSSES[name].tasks
    z = np.array([[-1000.0]] if task == "binary" else [[-1000.0, 0.0]], "float32")
    y = np.array([[1.0]] if task == "binary" else [[1.0, 0.0]], "float32")
    value, slope = taped(lambda logit: LOSSES[name].tensor_fn(task)(y, logit), z)
    assert value == pytest.approx(1000)
    assert slope[0, 0] == pytest.approx(-1)
    # on the probability, which rounds to 0, the loss is clipped and its slope is gone
    probability = ACTIVATIONS[LOSSES[name].outputs[task]].fn(z)
    assert LOSSES[name].fn(y, probability) == pytest.approx(-np.log(EPSILON), rel=1e-6)
    assert LOSSES[name].derivative(y, probability)[0, 0] == 0


@every
def test_keras_code_constructs_the_loss(loss, tmp_path):
    script = tmp_path / "loss_code.py"
    script.write_text(f"import keras\nloss = {loss.keras_code()}\n")
    y, predicted = example(loss, loss.tasks[-1], "float32")
    constructed = runpy.run_path(str(script))["loss"]
    assert float(constructed(y, predicted)) == pytest.approx(loss.fn(y, predicted), rel=2e-5)


def test_a_task_that_does_not_fit_is_refused():
    with pytest.raises(ValueError, match=r"task of hinge must be one of binary\. Received: 'regression'"):
        LOSSES["hinge"].tensor_fn("regression")


@every
@pytest.mark.parametrize("shapes", [((4,), (4, 1)), ((4, 1), (4, 2)), ((4,), (4,)), ((0, 1), (0, 1))])
def test_shapes_that_would_broadcast_are_refused(loss, shapes):
    with pytest.raises(ValueError, match="must have one shape"):
        loss.fn(np.ones(shapes[0]), np.ones(shapes[1]))


@every
def test_fn_is_the_mean_of_per_example_and_takes_whole_numbers(loss):
    y, predicted = example(loss, loss.tasks[-1], "float64")
    assert loss.per_example(y, predicted).shape == (9,)
    assert loss.fn(y, predicted) == pytest.approx(loss.per_example(y, predicted).mean())
    assert isinstance(loss.fn(y, predicted), float)
    if loss.tasks[-1] != "regression":
        np.testing.assert_array_equal(loss.per_example(y.astype(int), predicted), loss.per_example(y, predicted))


def test_values_worked_out_by_hand():
    one = np.array([[1.0]])
    assert LOSSES["mse"].fn([[1.0, 2.0]], [[3.0, 2.0]]) == pytest.approx(2)
    assert LOSSES["mae"].fn([[1.0, 2.0]], [[3.0, 2.0]]) == pytest.approx(1)
    assert LOSSES["huber"].fn([[0.0, 0.0]], [[0.5, 3.0]]) == pytest.approx((0.125 + 2.5) / 2)
    assert LOSSES["log_cosh"].fn([[0.0]], one) == pytest.approx(np.log(np.cosh(1)))
    assert LOSSES["binary_crossentropy"].fn(one, [[0.5]]) == pytest.approx(np.log(2))
    assert LOSSES["categorical_crossentropy"].fn([[0, 1, 0, 0]], [[0.25] * 4]) == pytest.approx(np.log(4))
    assert LOSSES["kl_divergence"].fn([[0.5, 0.5]], [[0.9, 0.1]]) == pytest.approx(0.510826, abs=1e-6)
    assert LOSSES["cosine_similarity"].fn([[1.0, 0.0]], [[1.0, 1.0]]) == pytest.approx(-np.sqrt(0.5))
    assert LOSSES["cosine_similarity"].fn([[1.0, 2.0]], [[10.0, 20.0]]) == pytest.approx(-1)
    assert LOSSES["hinge"].fn([[0.0]], [[0.5]]) == LOSSES["hinge"].fn([[-1.0]], [[0.5]]) == pytest.approx(1.5)


def test_categorical_cross_entropy_counts_the_true_class_alone():
    """Not the binary one summed over the outputs: moving probability among the wrong classes changes nothing."""
    loss = LOSSES["categorical_crossentropy"]
    assert loss.fn([[1, 0, 0]], [[0.5, 0.4, 0.1]]) == pytest.approx(loss.fn([[1, 0, 0]], [[0.5, 0.25, 0.25]]))
    assert loss.fn([[1, 0, 0]], [[0.5, 0.4, 0.1]]) == pytest.approx(-np.log(0.5))


def test_kl_divergence_of_one_hot_targets_is_categorical_cross_entropy():
    y, predicted = example(LOSSES["kl_divergence"], "multiclass", "float64")
    entropy = LOSSES["categorical_crossentropy"].per_example(y, predicted)
    np.testing.assert_allclose(LOSSES["kl_divergence"].per_example(y, predicted), entropy, atol=1e-5)


# --- with any output ------------------------------------------------------------------------------------------------


@pytest.mark.filterwarnings("ignore:You are using a softmax over axis", "ignore:In loss categorical_crossentropy")
@pytest.mark.parametrize("output", ACTIVATIONS)
@every
def test_with_any_output_it_is_what_keras_trains(loss, output):
    """Loss and gradient of a Keras model with that output layer, for labels in one column, one-hot rows and numbers."""
    import keras
    import tensorflow as tf

    x = np.random.default_rng(5).normal(0, 1, (9, 3)).astype("float32")
    for units, y in [(1, targets("binary", 9, "float32")), (4, targets("multiclass", 9, "float32")),
                     (1, np.arange(9, dtype="float32")[:, None] % 4), (2, targets("regression", 9, "float32"))]:
        kernel = np.random.default_rng(6).normal(0, 1, (3, units)).astype("float32")
        bias = np.linspace(0.2, 0.6, units).astype("float32")
        model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(units, output)])
        model.set_weights([kernel, bias])
        with tf.GradientTape() as tape:
            value = keras_loss(loss)(y, model(x, training=True))
        expected = tape.gradient(value, model.trainable_variables)
        parameters = [tf.constant(kernel), tf.constant(bias)]
        with tf.GradientTape() as tape:
            tape.watch(parameters)
            own = loss.tensor_fn("multiclass", output)(tf.constant(y), tf.constant(x) @ parameters[0] + parameters[1])
        np.testing.assert_allclose(own, value, rtol=1e-5, atol=1e-7)
        for mine, theirs in zip(tape.gradient(own, parameters), expected, strict=True):
            np.testing.assert_allclose(mine, theirs, rtol=1e-4, atol=1e-6)


@pytest.mark.filterwarnings("ignore:You are using a softmax over axis", "ignore:In loss categorical_crossentropy")
@pytest.mark.parametrize("output", ["linear", "sigmoid", "softmax", "tanh", "relu"])
@pytest.mark.parametrize("name", ["binary_crossentropy", "categorical_crossentropy", "kl_divergence"])
def test_with_any_output_a_compiled_model_steps_the_same(name, output):
    import keras
    import tensorflow as tf

    x = np.random.default_rng(5).normal(0, 1, (9, 3)).astype("float32")
    for units, y in [(1, targets("binary", 9, "float32")), (4, targets("multiclass", 9, "float32"))]:
        kernel = np.random.default_rng(6).normal(0, 1, (3, units)).astype("float32")
        model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(units, output)])
        model.compile(loss=keras_loss(LOSSES[name]), optimizer=keras.optimizers.SGD(1.0))
        model.set_weights([kernel, np.ones(units)])
        value = float(np.ravel(model.train_on_batch(x, y))[0])
        function = LOSSES[name].tensor_fn("binary", output)
        mine, slope = taped(lambda k, y=y, function=function: function(y, tf.constant(x) @ k + 1.0), kernel)
        np.testing.assert_allclose(mine, value, rtol=1e-5, atol=1e-7)
        np.testing.assert_allclose(kernel - model.get_weights()[0], slope, rtol=1e-4, atol=2e-6)


@pytest.mark.parametrize("output", ACTIVATIONS)
@every
def test_the_table_agrees_with_what_is_trained_under_any_output(loss, output):
    """Value and slope by NumPy, from the output that `trained_output` names; that one's logits are not clipped."""
    y, z = targets("multiclass", 9, "float64"), logits("multiclass", 9, "float64") / 4 + 1
    entry = ACTIVATIONS[loss.trained_output(output)]
    predicted = entry.fn(z)
    by_prediction = loss.derivative(y, predicted)
    expected = (by_prediction * entry.derivative(z) if entry.elementwise
                else np.einsum("bi,bij->bj", by_prediction, softmax_jacobian(z)))
    value, slope = taped(lambda logit: loss.tensor_fn("multiclass", output)(y, logit), z)
    assert value == pytest.approx(loss.fn(y, predicted), rel=1e-7, abs=1e-7)
    np.testing.assert_allclose(slope, expected, rtol=1e-6, atol=1e-7)
