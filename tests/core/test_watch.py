"""What the recorder writes of a Keras training, against the engine, GradientTape and NumPy; it disturbs none."""

import ast
import gc
import json
import math
import os
import subprocess
import sys
import weakref
from dataclasses import fields
from pathlib import Path

import keras
import numpy as np
import pandas
import pytest
import tensorflow as tf

from core import watch
from core.blueprint import Values
from core.export import CLIP_ARGUMENTS
from core.findings import findings
from core.network import initial_weights
from core.optimizers import OPTIMIZERS
from core.probes import LAYER_FIELDS, Layers
from core.records import Record, read
from core.spec import RunSpec
from core.training import recorded_steps, train
from core.watch import Watch
from tests.core import reference
from tests.tiers import only_nightly

of = keras.layers


def keras_optimizer(spec: RunSpec):
    entry = OPTIMIZERS[spec.optimizer]
    arguments = {name: ast.literal_eval(text.format(momentum=spec.momentum))
                 for name, text in entry.keras_arguments.items()}
    clipping = {CLIP_ARGUMENTS[spec.clip]: spec.clip_threshold} if spec.clip != "none" else {}
    return getattr(keras.optimizers, entry.keras_class)(spec.learning_rate, **arguments, **clipping)


def watched(path: Path, model, x, y, records: int = 200, **fit) -> Record:
    """The record of a training, which must have gone well to its end."""
    model.fit(x, y, verbose=0, callbacks=[Watch(path, x, y, records)], **fit)
    record = read(path.read_text())
    assert record.stopped == ""
    return record


def data(examples: int = 60, features: int = 5) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(3)
    x = rng.normal(size=(examples, features)).astype(np.float32)
    return x, (x[:, :1] > 0).astype(np.float32)


def small(*layers, features: int = 5, loss="binary_crossentropy", **compiled):
    model = keras.Sequential([keras.Input((features,)), *(layers or (of.Dense(4, "tanh"), of.Dense(1, "sigmoid")))])
    model.compile(keras.optimizers.SGD(0.1), loss, **compiled)
    return model


# --- the same numbers as the engine ---------------------------------------------------------------------------------

BASE = {"test_fraction": 0, "samples": 64, "steps": 24}
SPECS = {
    "tanh": RunSpec(**BASE, widths=(8, 6), activation="tanh", learning_rate=0.5),
    "relu": RunSpec(**BASE, widths=(16,) * 3, activation="relu", optimizer="adam", learning_rate=0.02, dataset="moons"),
    "batch norm": RunSpec(**BASE, widths=(8,) * 3, activation="relu", batch_norm=True, optimizer="momentum",
                          learning_rate=0.05, dataset="spirals"),
    "mixed": RunSpec(**BASE, widths=(8, 6, 6, 5), activation=("leaky_relu", "elu", "softplus", "sigmoid"), alpha=0.35,
                     batch_norm=(True, False, True, False), skip=True, dataset="blobs", bias_std=0.2),
    "regression": RunSpec(**BASE, widths=(8,), activation="selu", dataset="sine", optimizer="rmsprop",
                          learning_rate=0.01),
    "huber": RunSpec(**BASE, widths=(8, 4), activation="silu", dataset="sine", loss="huber", optimizer="nesterov",
                     learning_rate=0.05),
    "squared error of classes": RunSpec(**BASE, widths=(6,), activation="gelu", loss="mse", dataset="blobs",
                                        learning_rate=0.5),
    "hinge, dead units": RunSpec(**BASE, widths=(16, 16), activation="relu", loss="hinge", bias_std=1.5,
                                 learning_rate=0.05),
    "saturated": RunSpec(**BASE, widths=(16,) * 3, activation="tanh", gain=6, bias_std=2, optimizer="adamw",
                         learning_rate=0.01),
    "clipped": RunSpec(**BASE, widths=(8, 8), activation="mish", clip="global_norm", clip_threshold=0.05,
                       dataset="blobs", loss="kl_divergence", learning_rate=0.5),
    "vanishing": RunSpec(**BASE | {"steps": 3}, widths=(4,) * 16, activation="sigmoid", gain=4,
                         initializer="random_normal"),
}


@pytest.mark.parametrize("name", only_nightly(SPECS, but=("tanh", "mixed", "hinge, dead units", "vanishing")))
def test_the_numbers_are_those_of_the_engine(name, tmp_path):
    """Both train from the same weights; every loss and every field of every layer agrees."""
    spec = SPECS[name]
    split = spec.data()
    model = reference.keras_model(spec, initial_weights(spec))
    model.compile(keras_optimizer(spec), getattr(keras.losses, spec.loss_entry.keras_class)())
    record = watched(tmp_path / "file", model, split.x_train, split.y_train, batch_size=64, epochs=spec.steps)
    expected = list(train(spec))
    assert [moment.step for moment in record.moments] == [snapshot.step for snapshot in expected]
    assert set(record.signals) == {"pre-activation"}
    for moment, snapshot in zip(record.moments, expected, strict=True):
        assert moment.loss == pytest.approx(snapshot.loss, rel=1e-4)
        for field in LAYER_FIELDS:
            np.testing.assert_allclose(
                getattr(moment.layers, field), getattr(snapshot.layers, field), rtol=1e-4,
                atol=1e-7 if field == "bias_gradient_norm" and any(spec.batch_norms) else 1e-30 if "norm" in field
                or "rms" in field else 1e-6, err_msg=f"{field} at step {moment.step}")


def test_the_recorded_steps_are_those_of_the_engine():
    for steps in (1, 5, 20, 21, 100, 221, 5000):
        assert watch.recorded_steps(steps) == list(recorded_steps(steps))
    assert watch.recorded_steps(1000, 3) == [*range(21), 347, 673, 1000]


# --- other layers, against a plain GradientTape ---------------------------------------------------------------------


def attention():
    inputs = keras.Input((6, 4))
    attended = of.MultiHeadAttention(2, 3, name="mha")(inputs, inputs)
    a = of.LayerNormalization()(of.Add()([inputs, attended]))
    return keras.Model(inputs, of.Dense(1, "sigmoid", name="out")(of.GlobalAveragePooling1D()(a)))


def nested():
    inner = keras.Sequential([keras.Input((5,)), of.Dense(6, "relu", name="in_a"), of.Dense(3, name="in_b")], name="in")
    return keras.Sequential([keras.Input((5,)), of.Dense(5, "elu", name="first"), inner, of.LeakyReLU(),
                             of.Dense(1, "sigmoid", name="out")])


def sequential(shape, *layers):
    return lambda: keras.Sequential([keras.Input(shape), *(make() for make in layers),
                                     of.Dense(1, "sigmoid", name="out")])


MODELS = {
    "conv 1d": ((9, 2), sequential((9, 2), lambda: of.Conv1D(3, 3, activation="relu", name="conv"), of.Flatten)),
    "conv 2d": ((8, 8, 2), sequential((8, 8, 2), lambda: of.Conv2D(3, 3, use_bias=False, name="conv"),
                                      of.BatchNormalization, of.ReLU, of.MaxPooling2D, of.Flatten)),
    "depthwise": ((8, 8, 2), sequential((8, 8, 2), lambda: of.DepthwiseConv2D(3, activation="tanh", name="deep"),
                                        lambda: of.SeparableConv2D(3, 2, activation="relu", name="split"),
                                        of.GlobalAveragePooling2D)),
    "simple rnn": ((6, 3), sequential((6, 3), lambda: of.SimpleRNN(4, name="rnn"))),
    "lstm": ((6, 3), sequential((6, 3), lambda: of.LSTM(4, return_sequences=True, name="a"),
                                lambda: of.LSTM(3, name="b"))),
    "gru": ((6, 3), sequential((6, 3), lambda: of.Bidirectional(of.GRU(4, name="gru"), name="two"))),
    "embedding": ((7,), sequential((7,), lambda: of.Embedding(11, 4, name="words"), of.GlobalAveragePooling1D)),
    "attention": ((6, 4), attention),
    "nested": ((5,), nested),
    "each step": ((6, 3), sequential((6, 3), lambda: of.TimeDistributed(of.Dense(2, "tanh", name="in"), name="each"),
                                     of.Flatten)),
}
ROWS = {
    "conv 1d": {"conv": "pre-activation"}, "conv 2d": {"conv": "pre-activation"},
    "depthwise": {"deep": "pre-activation", "split": "pre-activation", "split · pointwise": "pre-activation"},
    "simple rnn": {"rnn": "output", "rnn · recurrent": "output"},
    "lstm": {"a": "output", "a · recurrent": "output", "b": "output", "b · recurrent": "output"},
    "gru": {"two · forward_gru": "output", "two · forward_gru · recurrent": "output", "two · backward_gru": "output",
            "two · backward_gru · recurrent": "output"},
    "embedding": {"words": "output"},
    "attention": {f"mha · {part}": "pre-activation" for part in ("query", "value", "key", "attention_output")},
    "nested": {"first": "pre-activation", "in_a": "pre-activation", "in_b": "pre-activation"},
    "each step": {"each · in": "pre-activation"},
}


def inputs_of(name: str, shape: tuple[int, ...]) -> np.ndarray:
    rng = np.random.default_rng(5)
    size = (40, *shape)
    return rng.integers(0, 11, size) if name == "embedding" else rng.normal(size=size).astype(np.float32)


@pytest.mark.parametrize("name", only_nightly(MODELS, but=("conv 2d", "lstm", "embedding", "attention", "nested")))
def test_gradients_of_other_layers_are_those_of_a_plain_tape(name, tmp_path):
    shape, make = MODELS[name]
    x, y = inputs_of(name, shape), np.arange(40)[:, None] % 2
    keras.utils.set_random_seed(2)
    model = make()
    for place, variable in enumerate(model.trainable_variables):  # no two of one size, to tell them apart
        variable.assign(variable * (1 + 0.07 * place))
    model.compile(keras.optimizers.SGD(0.1), "binary_crossentropy")
    with tf.GradientTape() as tape:
        loss = keras.ops.mean(keras.losses.binary_crossentropy(y, model(x, training=True)))
    gradients = tape.gradient(loss, [variable.value for variable in model.trainable_variables])
    start = [variable.numpy() for variable in model.trainable_variables]
    record = watched(tmp_path / "file", model, x, y, batch_size=40, epochs=2)
    assert dict(zip(record.rows, record.signals, strict=True)) == ROWS[name] | {"out": "pre-activation"}
    kernels = [place for place, variable in enumerate(model.trainable_variables)
               if variable.name.endswith(("kernel", "embeddings"))]
    first = record.moments[0].layers
    by_norm = dict(zip(first.kernel_norm, first.kernel_gradient_norm, strict=True))
    assert first.kernel_gradient_norm.shape == (len(kernels),)
    for place in kernels:
        expected = np.linalg.norm(tf.convert_to_tensor(gradients[place]).numpy())
        nearest = min(by_norm, key=lambda norm, place=place: abs(norm - np.linalg.norm(start[place])))
        assert by_norm[nearest] == pytest.approx(expected, rel=1e-4)
    assert np.isfinite(first.signal_rms).all()
    assert np.isfinite(record.moments[1].layers.update_ratio).all()
    # a plain gradient step: its size is 0.1 of the gradient's
    np.testing.assert_allclose(record.moments[1].layers.update_ratio * record.moments[1].layers.kernel_norm,
                               0.1 * first.kernel_gradient_norm, rtol=5e-3)


def test_a_signal_of_an_output_is_the_gradient_to_it(tmp_path):
    x, y = inputs_of("lstm", (6, 3)), np.arange(40)[:, None] % 2
    model = sequential((6, 3), lambda: of.LSTM(4, name="a"))()
    model.compile("sgd", "mse")
    hidden = model.layers[0](x)
    with tf.GradientTape() as tape:
        tape.watch(hidden)
        loss = tf.reduce_mean(tf.square(model.layers[1](hidden) - y.astype(np.float32)))
    expected = 40 * np.sqrt(np.mean(np.square(tape.gradient(loss, hidden).numpy())))
    layers = watched(tmp_path / "file", model, x, y, batch_size=40, epochs=1).moments[0].layers
    assert layers.signal_rms[0] == pytest.approx(expected, rel=1e-4)
    assert layers.activation_mean[0] == pytest.approx(hidden.numpy().mean(), rel=1e-3)
    assert np.isnan(layers.dead_fraction[0])


def test_a_kernel_of_one_s_own_several_outputs_and_what_is_frozen(tmp_path):
    class Scaled(of.Layer):
        def build(self, shape):
            self.table = self.add_weight(shape=(shape[-1], 3), name="table")

        def call(self, inputs):
            return keras.ops.matmul(inputs, self.table)

    x, y = data()
    inputs = keras.Input((5,))
    a = of.Dense(4, "relu", trainable=False, name="still")(inputs)
    a = Scaled(name="own")(a)
    model = keras.Model(inputs, [of.Dense(1, "sigmoid", name="p")(a), of.Dense(1, name="q")(a)])
    model.compile("sgd", ["binary_crossentropy", "mse"])
    record = watched(tmp_path / "file", model, x, [y, y], epochs=2)
    assert record.rows[:2] == ("still", "own · table")
    assert {*record.rows[2:]} == {"p", "q"}
    assert not record.network.sequential
    assert np.isnan(record.moments[0].layers.kernel_gradient_norm).tolist() == [True, False, False, False]
    assert record.moments[1].layers.update_ratio[0] == 0
    assert any("still is not trained" in note for note in record.notes)
    assert any("2 losses" in note for note in record.notes)


# --- the facts ------------------------------------------------------------------------------------------------------


def test_the_network_and_how_it_is_trained(tmp_path):
    x, y = data(50)
    model = small(of.Dense(8, kernel_initializer="he_normal", kernel_regularizer=keras.regularizers.L2(0.01), name="a"),
                  of.LeakyReLU(negative_slope=0.1, name="b"), of.Dropout(0.25, name="c"),
                  of.Dense(1, lambda z: z, use_bias=False, name="d"),
                  loss=keras.losses.BinaryCrossentropy(from_logits=True), metrics=["accuracy"])
    model.optimizer.momentum = 0.9
    model.compile(keras.optimizers.Adam(0.003, clipnorm=0.5), model.loss, metrics=["accuracy"])
    network = watched(tmp_path / "file", model, x, y, batch_size=16, epochs=3, validation_data=(x, y)).network
    a, b, c, d = network.layers
    assert (a.name, a.type, a.units, a.activation, a.initializer, a.parameters, a.bias, a.regularizer) == (
        "a", "Dense", 8, "linear", "he_normal", 48, True, "L2(l2=0.01)")
    assert (b.type, b.rate, c.type, c.rate) == ("LeakyReLU", 0.1, "Dropout", 0.25)
    assert (d.activation, d.bias, d.parameters) == ("custom", False, 8)
    assert (network.loss, network.from_logits, network.sequential) == ("binary_crossentropy", True, True)
    assert (network.optimizer, network.clip, network.clip_threshold) == ("Adam", "norm", 0.5)
    assert network.numbers["learning_rate"] == 0.003
    assert network.numbers["beta_2"] == 0.999
    assert (network.batch_size, network.epochs, network.steps, network.validated) == (16, 3, 12, True)
    assert (network.input_shape, network.metrics, network.keras) == ((5,), ("accuracy",), keras.__version__)


def test_penalties_count_in_the_loss(tmp_path):
    x, y = data()
    model = small(of.Dense(1, "sigmoid", kernel_regularizer=keras.regularizers.L2(3.0)))
    expected = model.evaluate(x, y, verbose=0)
    assert watched(tmp_path / "file", model, x, y, epochs=1).moments[0].loss == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize(("loss", "last", "targets"), [
    ("sparse_categorical_crossentropy", of.Dense(3, "softmax"), "labels"),
    (keras.losses.SparseCategoricalCrossentropy(from_logits=True), of.Dense(3), "labels"),
    ("categorical_crossentropy", of.Dense(3, "softmax"), "one-hot"),
    ("mse", of.Dense(3), "one-hot"),
    ("hinge", of.Dense(1, "tanh"), "signs"),
    (lambda y, p: keras.ops.mean(keras.ops.square(y - p), axis=-1), of.Dense(1, "sigmoid"), "bits"),
])
def test_loss_and_accuracy_of_the_sample(loss, last, targets, tmp_path):
    x, _ = data(90)
    labels = np.arange(90) % 3
    y = {"labels": labels, "one-hot": np.eye(3)[labels], "signs": 2 * (labels > 0) - 1, "bits": labels > 0}[targets]
    model = small(of.Dense(4, "tanh"), type(last).from_config(last.get_config()), loss=loss)
    p = model(x).numpy()
    value = model.evaluate(x, y, verbose=0, batch_size=90)
    record = watched(tmp_path / "file", model, x, y, batch_size=90, epochs=1)
    moment = record.moments[0]
    border = 0 if targets == "signs" else 0.5
    right = p.argmax(1) == labels if p.shape[1] == 3 else (p[:, 0] > border) == (labels > 0)
    assert moment.accuracy == pytest.approx(right.mean(), abs=1e-5)
    assert moment.loss == pytest.approx(value, rel=1e-4)
    assert moment.outputs["maximum"] == pytest.approx(p.max(), rel=1e-4)
    assert (record.network.loss == "custom") == callable(loss) or isinstance(loss, keras.losses.Loss)


def test_a_regression_has_no_accuracy(tmp_path):
    x, _ = data()
    model = small(of.Dense(1), loss="mae")
    assert watched(tmp_path / "file", model, x, x[:, :1], epochs=1).moments[0].accuracy is None


def test_what_is_said_of_an_array():
    rng = np.random.default_rng(0)
    table = rng.uniform(0, 1, (200, 6)).astype(np.float32)
    table[:, 1], table[:, 4] = 0.5, table[:, 0]
    table[3, 2], table[5, 3] = np.nan, np.inf
    facts = watch.values_of(table)
    known = np.where(np.isfinite(table), table, np.nan).astype(np.float64)
    deviations = np.nanstd(known, axis=0)[[0, 2, 3, 4, 5]]
    p = np.nanmean(known, axis=0)
    entropy = np.mean(-p * np.log(p) - (1 - p) * np.log(1 - p))
    assert (facts["shape"], facts["dtype"], facts["missing"], facts["integers"]) == ([200, 6], "float32", 2, False)
    assert (facts["constant_columns"], facts["equal_columns"], facts["one_hot"]) == (1, 1, False)
    assert (facts["distinct"], facts["classes"]) == (799, {})
    for name, value in {
        "minimum": np.nanmin(known), "maximum": np.nanmax(known), "mean": np.nanmean(known),
        "spread": np.nanstd(known), "variance": np.nanvar(known, axis=0).mean(), "entropy": entropy,
        "deviation": np.nanmean(np.abs(known - np.nanmedian(known, axis=0)), axis=0).mean(),
    }.items():
        assert facts[name] == pytest.approx(value, rel=1e-5), name
    assert facts["column_spreads"] == pytest.approx([deviations.min(), deviations.max()], rel=1e-5)


@pytest.mark.parametrize(("array", "expected"), [
    (np.array([0, 1, 1, 2]), {"classes": {"0": 1, "1": 2, "2": 1}, "distinct": 3, "integers": True, "one_hot": False}),
    (np.array([[-1.0], [1.0]]), {"classes": {"-1": 1, "1": 1}, "distinct": 2, "entropy": None}),
    (np.eye(3)[[0, 0, 2]], {"classes": {"0": 2, "1": 0, "2": 1}, "one_hot": True, "constant_columns": 1}),
    (np.arange(1500), {"classes": {}, "distinct": None, "integers": True}),
    (np.array([0.5, 1.5]), {"classes": {}, "integers": False}),
    (np.array([True, False]), {"classes": {"0": 1, "1": 1}, "dtype": "bool"}),
    (np.array(["a", "b"]), {"minimum": None, "classes": {}, "shape": [2]}),
    (np.full((2, 2), np.nan), {"missing": 4, "mean": None, "variance": None}),
    (np.zeros((3, 4, 4), np.uint8), {"constant_columns": 16, "column_spreads": None, "entropy": 0.0}),
])
def test_what_is_said_of_targets(array, expected):
    facts = watch.values_of(array)
    assert {name: facts[name] for name in expected} == expected


@pytest.mark.parametrize("array", [
    np.random.default_rng(1).normal(3, 2, (60, 4)), np.eye(4)[[0, 1, 1, 3]], np.arange(30) % 3, np.zeros((5, 2)),
    np.random.default_rng(2).uniform(0, 1, (40, 3, 3)), np.repeat([[1.0, 2.0], [4.0, 8.0]], 2, axis=1)])
def test_the_app_says_the_same_of_an_array(array):
    ours, theirs = Values.of(array), watch.values_of(array)
    assert {name: getattr(ours, name) for name in ("missing", "integers", "distinct", "classes", "one_hot",
                                                   "constant_columns", "equal_columns")} == {
        name: theirs[name] for name in ("missing", "integers", "distinct", "classes", "one_hot", "constant_columns",
                                        "equal_columns")}
    for name in ("minimum", "maximum", "mean", "spread", "variance", "deviation", "entropy", "column_spreads"):
        wanted = None if theirs[name] is None else pytest.approx(theirs[name], rel=1e-5, abs=1e-12)
        assert getattr(ours, name) == wanted, name


def test_of_a_large_array_everything_but_the_columns_is_exact(monkeypatch):
    monkeypatch.setattr(watch, "COUNTED", 1000)
    array = np.arange(5000.0).reshape(-1, 5)
    array[777, 2] = np.nan
    facts = watch.values_of(array)
    assert (facts["missing"], facts["minimum"], facts["maximum"]) == (1, 0, 4999)
    assert facts["distinct"] <= 1000


# --- steps, epochs, ends --------------------------------------------------------------------------------------------


def test_validation_and_running_means_are_what_fit_reported(tmp_path):
    x, y = data(64)
    model = small(metrics=["accuracy"])
    recorder = Watch(tmp_path / "file", x, y)
    history = model.fit(x, y, batch_size=16, epochs=3, verbose=0, validation_data=(x, y), callbacks=[recorder]).history
    moments = read((tmp_path / "file").read_text()).moments
    assert [(moment.step, moment.epoch) for moment in moments[:6]] == [(0, 0), (1, 0), (2, 0), (3, 0), (4, 0), (5, 1)]
    for epoch in range(3):
        for name, values in history.items():
            assert moments[4 * epoch + 4].logs[name] == pytest.approx(values[epoch], rel=1e-5)
    assert moments[0].logs == {}
    assert moments[6].logs["val_loss"] == moments[4].logs["val_loss"]


def test_long_trainings_are_recorded_evenly_and_later_epochs_too(tmp_path):
    x, y = data(32)
    record = watched(tmp_path / "file", small(), x, y, records=4, batch_size=4, epochs=20, initial_epoch=10)
    assert [moment.step for moment in record.moments] == [*range(21), 35, 50, 65, 80]
    assert (record.moments[0].epoch, record.moments[-1].epoch) == (10, 19)
    assert np.isfinite([moment.layers.update_ratio for moment in record.moments[1:]]).all()


def test_a_training_that_is_stopped_early_has_its_last_step(tmp_path):
    class Enough(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            self.model.stop_training = epoch == 1

    x, y = data(40)
    for place, callbacks in enumerate(([Enough()], [])):
        model, path = small(), tmp_path / str(place)
        recorder = Watch(path, x, y, records=3)
        model.fit(x, y, batch_size=1, epochs=30, verbose=0, callbacks=[*callbacks, recorder, Enough()])
        last = read(path.read_text()).moments[-1]
        assert last.step == 80
        assert np.isfinite(last.layers.update_ratio).all()


def test_fit_called_twice_counts_on(tmp_path):
    x, y = data(32)
    model, recorder = small(), Watch(tmp_path / "file", x, y)
    for _ in range(2):
        model.fit(x, y, batch_size=8, epochs=2, verbose=0, callbacks=[recorder])
    record = read((tmp_path / "file").read_text())
    assert [moment.step for moment in record.moments] == [*range(17)]
    assert (record.network.steps, record.stopped) == (16, "")
    assert any("called 2 times" in note for note in record.notes)
    small_one = small()
    small_one.fit(x, y, batch_size=8, epochs=1, verbose=0, callbacks=[recorder])
    assert [moment.step for moment in read((tmp_path / "file").read_text()).moments] == [*range(5)]


def test_a_fit_after_one_that_broke_counts_on(tmp_path):
    class Breaks(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            raise RuntimeError("broken")

    x, y = data(32)
    model, recorder = small(), Watch(tmp_path / "file", x, y)
    with pytest.raises(RuntimeError, match="broken"):
        model.fit(x, y, batch_size=8, verbose=0, callbacks=[recorder, Breaks()])
    assert read((tmp_path / "file").read_text()).stopped.startswith("This was written while `fit` was training")
    model.fit(x, y, batch_size=8, epochs=2, verbose=0, callbacks=[recorder])
    record = read((tmp_path / "file").read_text())
    assert [moment.step for moment in record.moments] == [*range(10)]
    assert record.stopped == ""


def test_a_generator_or_a_data_pipeline_is_recorded_without_gradients(tmp_path):
    x, y = data(32)
    pipeline = tf.data.Dataset.from_tensor_slices((x, y)).batch(8)

    def batches():
        while True:
            yield x[:8], y[:8]

    for data_given, arguments in ((pipeline, {}), (batches(), {"steps_per_epoch": 4})):
        model = small()
        recorder = Watch(tmp_path / "file", data_given, None)
        model.fit(data_given, epochs=2, verbose=0, shuffle=False, callbacks=[recorder], **arguments)
        record = read((tmp_path / "file").read_text())
        assert [moment.step for moment in record.moments] == [*range(9)]
        assert record.notes[0].startswith("Recorded are only what `fit` reports, kernel norms and update ratios")
        assert np.isnan(record.moments[3].layers.kernel_gradient_norm).all()
        assert np.isfinite(record.moments[3].layers.update_ratio).all()
        assert record.moments[3].logs["loss"] > 0


@pytest.mark.filterwarnings("ignore:Your input ran out of data")
def test_without_an_announced_length_steps_grow_sparse(tmp_path):
    def batches():
        for place in range(300):
            yield x[place % 8:place % 8 + 8], y[place % 8:place % 8 + 8]

    x, y = data(32)
    model = small()
    model.fit(batches(), verbose=0, shuffle=False, callbacks=[Watch(tmp_path / "file", x, y, records=10)])
    steps = [moment.step for moment in read((tmp_path / "file").read_text()).moments]
    assert steps[:21] == [*range(21)]
    assert steps[-1] == model.optimizer.iterations.value.numpy() >= 300
    assert 10 <= len(steps) - 21 <= 22
    assert max(np.diff(steps[21:])) <= 2 * max(1, min(np.diff(steps[21:-1])))


def test_what_it_cannot_use_is_said(tmp_path):
    x, y = data(32)
    for given, why in (((x, None), "not given both x and y"), ((x, y[:5]), "equally many examples"),
                       ((iter([x]), y), "must be arrays")):
        model = small()
        model.fit(x, y, verbose=0, callbacks=[Watch(tmp_path / "file", *given)])
        assert why in read((tmp_path / "file").read_text()).notes[0]
    with pytest.raises(ValueError, match="folder that exists"):
        Watch(tmp_path / "nowhere" / "file", x, y)
    with pytest.raises(ValueError, match=r"from 1 to 2000\. Received: 0"):
        Watch(tmp_path / "file", x, y, records=0)


def subclassed():
    class Model(keras.Model):
        def __init__(self):
            super().__init__()
            self.hidden, self.out = of.Dense(4, "relu"), of.Dense(1, "sigmoid")

        def call(self, inputs):
            return self.out(self.hidden(inputs))

    return Model()


def of_two_inputs():
    inputs = {name: keras.Input((5,), name=name) for name in ("a", "b")}
    return keras.Model(inputs, of.Dense(1, "sigmoid")(of.Dense(4, "relu")(of.Concatenate()([*inputs.values()]))))


def of_type(dtype: str):
    return lambda: keras.Sequential([keras.Input((5,)), of.Dense(4, "relu", dtype=dtype),
                                     of.Dense(1, "sigmoid", dtype="float32")])


PLAIN = lambda: keras.Sequential([keras.Input((5,)), of.Dense(4, "relu"), of.Dense(1, "sigmoid")])  # noqa: E731
SAME = lambda data: data  # noqa: E731
# the model, what is done to x and to y, and what fit and compile are given
TAKEN = {
    "pandas": (PLAIN, pandas.DataFrame, lambda y: pandas.Series(y.ravel()), {}, {}),
    "whole numbers": (PLAIN, SAME, lambda y: y.astype(int), {}, {}),
    "truths": (PLAIN, SAME, lambda y: y.astype(bool), {}, {}),
    "double precision": (PLAIN, lambda x: x.astype(np.float64), SAME, {}, {}),
    "two inputs by name": (of_two_inputs, lambda x: {"a": x, "b": -x}, SAME, {}, {}),
    "mixed precision": (of_type("mixed_bfloat16"), SAME, SAME, {}, {}),
    "a class of one's own": (subclassed, SAME, SAME, {}, {}),
    "class weights": (PLAIN, SAME, SAME, {"class_weight": {0: 1.0, 1: 5.0}}, {}),
    "a batch larger than the data": (PLAIN, SAME, SAME, {"batch_size": 1000}, {}),
    "a single step": (PLAIN, SAME, SAME, {"batch_size": 60, "epochs": 1}, {}),
    "steps in an epoch": (PLAIN, SAME, SAME, {"steps_per_epoch": 2}, {}),
    "validation": (PLAIN, SAME, SAME, {"validation_data": data()}, {}),
    "no metrics": (PLAIN, SAME, SAME, {}, {"metrics": None}),
    "step by step": (PLAIN, SAME, SAME, {}, {"run_eagerly": True}),
}


@pytest.mark.parametrize("name", only_nightly(TAKEN, but=("pandas", "two inputs by name", "mixed precision")))
def test_whatever_fit_takes_is_recorded(name, tmp_path):
    make, as_x, as_y, fit, compiled = TAKEN[name]
    x, y = data()
    model = make()
    model.compile("adam", "binary_crossentropy", **{"metrics": ["accuracy"], "jit_compile": False} | compiled)
    record = watched(tmp_path / "file", model, as_x(x), as_y(y), **{"epochs": 2} | fit)
    assert len(record.rows) == 2
    last = record.moments[-1]
    assert math.isfinite(last.loss)
    assert 0 <= last.accuracy <= 1
    assert np.isfinite(last.layers.kernel_gradient_norm).all()
    assert (last.layers.update_ratio > 0).all()
    assert findings(record)


def test_missing_numbers_are_recorded_and_found(tmp_path):
    x, y = data()
    x[3, 2] = np.nan
    record = watched(tmp_path / "file", small(of.Dense(4, "relu"), of.Dense(1, "sigmoid")), x, y, epochs=2)
    assert findings(record)[0].kind == "input_scale"


# --- nothing is disturbed -------------------------------------------------------------------------------------------


class Noise(of.Layer):
    """Draws from Keras's generator of all, as a layer that names no seed does."""

    def call(self, inputs, training=False):
        return inputs + 0.1 * keras.random.normal(keras.ops.shape(inputs)) if training else inputs


def trained(tmp_path, recorded: bool, recurrent: bool, **compiled):
    """The weights, optimizer state and seeds after two trainings in a row, and what was reported."""
    keras.utils.set_random_seed(11)
    x, y = data(48, 6)
    first = ([of.Reshape((3, 2)), of.LSTM(4, dropout=0.2, recurrent_dropout=0.2)] if recurrent
             else [of.Dense(8), of.BatchNormalization(), of.Activation("relu"), of.GaussianNoise(0.1), Noise()])
    inputs = [] if recurrent else [keras.Input((6,))]  # without them `fit` makes the weights
    model = keras.Sequential([*inputs, *first, of.Dropout(0.3), of.Dense(1, "sigmoid")])
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"], **compiled)
    callbacks = [Watch(tmp_path / "file", x, y)] if recorded else []
    reports = [model.fit(x, y, batch_size=10, epochs=3, verbose=0, validation_split=0.2, callbacks=callbacks).history
               for _ in range(2)]
    if recorded:
        record = read((tmp_path / "file").read_text())
        assert (record.stopped, len(record.rows)) == ("", 3 if recurrent else 2)
        assert np.isfinite(record.moments[0].layers.kernel_gradient_norm).all()
    return [variable.numpy() for variable in (*model.variables, *model.optimizer.variables)], reports


WAYS = [(False, {"jit_compile": False}), (False, {"jit_compile": True}), (False, {"run_eagerly": True}),
        (False, {"steps_per_execution": 2}), (True, {"jit_compile": False})]


@pytest.mark.parametrize(("recurrent", "compiled"), only_nightly(WAYS, but=WAYS[:1]), ids=str)
def test_what_is_trained_is_the_same_bit_for_bit(recurrent, compiled, tmp_path):
    without, reported = trained(tmp_path, False, recurrent, **compiled)
    with_it, the_same = trained(tmp_path, True, recurrent, **compiled)
    for one, other in zip(without, with_it, strict=True):
        np.testing.assert_array_equal(one, other)
    assert reported == the_same


def test_a_failure_in_it_stops_the_recording_and_not_the_training(tmp_path, monkeypatch):
    x, y = data(32)
    measure = watch._Sample.measure

    def breaks(self, before):
        if len(record_steps) == 3:
            raise RuntimeError("out of\nmemory")
        record_steps.append(1)
        return measure(self, before)

    record_steps: list[int] = []
    monkeypatch.setattr(watch._Sample, "measure", breaks)
    model = small()
    history = model.fit(x, y, batch_size=8, epochs=3, verbose=0, callbacks=[Watch(tmp_path / "file", x, y)])
    record = read((tmp_path / "file").read_text())
    assert len(history.history["loss"]) == 3
    assert [moment.step for moment in record.moments] == [0, 1, 2]
    assert record.stopped == "Recording stopped after 3 steps: RuntimeError: out of"
    assert record.rows == ("dense", "dense_1") or len(record.rows) == 2


def test_a_model_that_cannot_be_followed_is_recorded_without_gradients(tmp_path, monkeypatch):
    def cannot(self, before):
        raise TypeError("no such model")

    monkeypatch.setattr(watch._Sample, "_pass", cannot)
    x, y = data(32)
    record = watched(tmp_path / "file", small(), x, y, epochs=2)
    assert "could not be followed through a pass (TypeError" in " ".join(record.notes)
    assert np.isfinite(record.moments[1].layers.update_ratio).all()


def test_a_file_that_cannot_be_written_is_a_warning(tmp_path):
    x, y = data(32)
    folder = tmp_path / "folder"
    folder.mkdir()
    recorder = Watch(folder / "file", x, y)
    folder.rmdir()
    model = small()
    with pytest.warns(UserWarning, match="could not write"):
        history = model.fit(x, y, epochs=2, verbose=0, callbacks=[recorder])
    assert len(history.history["loss"]) == 2


def test_a_training_that_ends_in_an_exception_leaves_its_record(tmp_path):
    path = tmp_path / "file"
    script = f"""
import sys, keras, numpy as np
from core.watch import Watch
class Breaks(keras.callbacks.Callback):
    def on_train_batch_end(self, batch, logs=None):
        if batch == 6:
            raise RuntimeError("broken")
x = np.random.default_rng(0).normal(size=(40, 2)).astype("float32")
model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
model.compile("sgd", "mse")
model.fit(x, x[:, :1], batch_size=4, verbose=0, callbacks=[Watch({str(path)!r}, x, x[:, :1]), Breaks()])
"""
    run = subprocess.run([sys.executable, "-c", script], cwd=Path(__file__).parents[2], capture_output=True, text=True,
                         check=False, env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"})
    assert "broken" in run.stderr
    record = read(path.read_text())
    assert [moment.step for moment in record.moments] == [*range(7)]
    assert record.stopped.startswith("`fit` did not reach its end")


def test_the_layers_are_as_they_were_and_nothing_is_kept(tmp_path):
    x, y = data(32)
    model = small()
    before = [sorted(vars(layer)) for layer in model.layers]
    functions = [layer.activation for layer in model.layers]
    recorder = Watch(tmp_path / "file", x, y)
    samples = []
    start = recorder._start_fit
    recorder._start_fit = lambda epoch: (start(epoch), samples.append(weakref.ref(recorder._gauge)))
    model.fit(x, y, epochs=2, verbose=0, callbacks=[recorder])
    assert [sorted(vars(layer)) for layer in model.layers] == before
    assert [layer.activation for layer in model.layers] == functions
    gc.collect()
    assert [one() for one in samples] == [None]
    assert list(tmp_path.iterdir()) == [tmp_path / "file"]


# --- the file -------------------------------------------------------------------------------------------------------


def test_a_large_network_s_file_is_no_larger_than_it_may_be(tmp_path, monkeypatch):
    monkeypatch.setattr(watch, "MOST_BYTES", 20_000)
    x, y = data(32)
    model = small(*(of.Dense(3, "tanh") for _ in range(6)), of.Dense(1, "sigmoid"))
    record = watched(tmp_path / "file", model, x, y, batch_size=8, epochs=30)
    assert (tmp_path / "file").stat().st_size <= 20_000
    steps = [moment.step for moment in record.moments]
    assert (steps[0], steps[-1]) == (0, 120)
    assert 5 <= len(steps) < 40
    assert any("fit into the file" in note for note in record.notes)


def test_an_overflow_is_written_and_read(tmp_path):
    x, y = data(32)
    model = small(of.Dense(4, "relu"), of.Dense(1), loss="mse")
    model.optimizer.learning_rate = 1e25
    record = watched(tmp_path / "file", model, x, y, batch_size=32, epochs=6)
    assert not np.isfinite(record.moments[-1].loss)
    assert not np.isfinite(record.moments[-1].layers.kernel_norm).all()


def test_the_file_has_what_the_docstring_says_and_no_example(tmp_path):
    x, y = data(32)
    x[5, 2] = 0.123456789
    watched(tmp_path / "file", small(), x, y, epochs=1)
    text = (tmp_path / "file").read_text()
    assert "0.1234567" not in text
    named = set(json.loads(text)) | set(json.loads(text)["network"]) | set(json.loads(text)["moments"][0])
    assert [name for name in named if name not in watch.__doc__] == []
    assert tuple(field.name for field in fields(Layers)) == watch.FIELDS


def test_the_sample_is_whole_where_it_can_be_and_never_larger_than_it_may_be():
    assert watch._sample_size(100, 32, 1e3) == 100
    assert watch._sample_size(60_000, 32, 1e3) == 2000
    assert watch._sample_size(60_000, 32, 1e7) == 4 * 32
    assert watch._sample_size(1500, 1500, 1e9) == 1500
    assert watch._sample_size(60_000, 1, float("inf")) == 4
