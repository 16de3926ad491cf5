"""Training against loops written here and against Keras: batches, validation, determinism, failures, shared traces."""

import hashlib
import itertools
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest

from core import training
from core.activations import ACTIVATIONS
from core.architecture import Architecture
from core.network import backpropagate, initial_weights, unflatten
from core.probes import Layers
from core.spec import RunSpec
from core.training import TRACES, Snapshot, TraceKey, Trainer, recorded_steps, train
from tests.core import reference

ROOT = Path(__file__).parents[2]
SMALL = RunSpec(widths=(8, 6), activation="tanh", steps=12)  # most tests share its trace


def own_batches(spec: RunSpec) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """The batches by the rule that the design states."""
    x, y = spec.data().x_train, spec.data().y_train
    for epoch in itertools.count():
        order = np.random.default_rng([spec.seed, epoch]).permutation(len(x))
        for start in range(0, len(x), spec.batch_size or len(x)):
            rows = order[start:start + spec.batch_size] if spec.batch_size else slice(None)
            yield x[rows], y[rows]


def same(one: Snapshot, other: Snapshot) -> bool:
    """Bit for bit."""
    return digest([one]) == digest([other])


def digest(snapshots: list[Snapshot]) -> str:
    """Every bit of every snapshot."""
    bits = hashlib.sha256()
    for snapshot in snapshots:
        layers = [getattr(snapshot.layers, field.name).tobytes().hex() for field in fields(Layers)]
        numbers = [None if value is None else value.hex() for value in (
            snapshot.loss, snapshot.accuracy, snapshot.validation_loss, snapshot.validation_accuracy)]
        bits.update(repr((snapshot.step, numbers, layers, snapshot.finite, snapshot.failure)).encode())
    return bits.hexdigest()


# --- which steps ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("steps", [1, 5, 20, 21, 100, 219, 220, 221, 300, 777, 2000, 20000])
def test_recorded_are_the_first_then_evenly_spaced_ones_and_the_last(steps):
    recorded = recorded_steps(steps)
    assert recorded[:21] == tuple(range(min(steps, 20) + 1))
    assert recorded[-1] == steps
    later = recorded[21:]
    assert len(later) == min(200, max(0, steps - 20))
    gaps = np.diff(recorded[20:])
    assert len(gaps) == 0 or (gaps.min() >= 1 and gaps.max() - gaps.min() <= 1)


def test_train_yields_exactly_the_recorded_steps():
    spec = replace(SMALL, steps=500)
    assert tuple(snapshot.step for snapshot in train(spec)) == recorded_steps(500)


def test_step_0_waits_for_no_trace():
    spec = RunSpec(widths=(3, 3, 3), activation="mish")
    first = next(train(spec))
    assert first.step == 0
    assert TRACES.ready(TraceKey.of(spec)) is None


def test_calls_that_end_between_recorded_steps_change_nothing(monkeypatch):
    spec = replace(SMALL, steps=300)
    whole = list(train(spec))
    monkeypatch.setattr(training, "CALL_COST", 1)  # a call a step
    pieces = list(train(spec))
    assert [snapshot.step for snapshot in pieces] == [snapshot.step for snapshot in whole]
    for one, other in zip(whole, pieces, strict=True):
        assert other.loss == pytest.approx(one.loss, rel=1e-3)
        np.testing.assert_allclose(other.layers.kernel_gradient_norm, one.layers.kernel_gradient_norm, rtol=1e-2)


# --- which examples -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("batch_size", [None, 50, 1, 203])
def test_updates_follow_the_batches_in_their_order_with_a_short_last_one(batch_size):
    """Gradient descent by hand, three epochs of 204 = 4 · 50 + 4 examples."""
    spec = replace(SMALL, batch_size=batch_size, steps=16, learning_rate=0.5)
    weights = initial_weights(spec)
    trainer = Trainer(spec)
    for step, (x, y) in zip(range(17), own_batches(spec), strict=False):
        back = backpropagate(spec, weights, x, y)
        assert trainer.snapshot.step == step
        assert trainer.snapshot.loss == pytest.approx(back.loss, rel=1e-4)
        weights = [(kernel - spec.learning_rate * dk, bias - spec.learning_rate * db) for (kernel, bias), dk, db in
                   zip(weights, back.kernel_gradients, back.bias_gradients, strict=True)]
        if step < 16:
            trainer.advance()


def test_the_seed_decides_order_data_and_weights():
    losses = [[snapshot.loss for snapshot in train(replace(SMALL, batch_size=50, seed=seed, steps=3))]
              for seed in (0, 0, 1)]
    assert losses[0] == losses[1]
    assert losses[0] != losses[2]


@pytest.mark.parametrize(
    "spec",
    [
        replace(SMALL, steps=5),
        RunSpec(dataset="blobs", widths=(6,), activation="relu", steps=5, batch_size=40, loss="mse", skip=True),
        RunSpec(dataset="breast_cancer", widths=(6,), activation="tanh", loss="hinge", steps=3),
        RunSpec(widths=(8, 8), activation="tanh", steps=5, dropout=0.5),
        RunSpec(widths=(8, 8), activation="gelu", steps=5, batch_norm=(True, False), learning_rate=1.0),
    ],
    ids=["plain", "classes", "hinge", "dropout", "batch norm"],
)
def test_accuracy_and_validation_are_those_of_inference_mode(spec):
    """No dropout, moving statistics (0.99 of the old, 0.01 of the batch's), every example of its part."""
    data, trainer = spec.data(), Trainer(spec)
    moving = [(np.zeros(width), np.ones(width)) for width, on in zip(spec.widths, spec.batch_norms, strict=True) if on]
    for x, _ in own_batches(spec):
        snapshot, weights = trainer.snapshot, trainer.weights
        expected = reference.loss(spec, weights, data.x_validation, data.y_validation, moving=moving)
        assert snapshot.validation_loss == pytest.approx(expected, rel=1e-4)
        assert snapshot.validation_accuracy == pytest.approx(
            reference.accuracy(spec, weights, data.x_validation, data.y_validation, moving))
        assert snapshot.accuracy == pytest.approx(
            reference.accuracy(spec, weights, data.x_train, data.y_train, moving))
        if trainer.finished:
            break
        z = reference.forward(spec, weights, x).z
        normalised = [z[layer] for layer, on in enumerate(spec.batch_norms) if on]
        moving = [(0.99 * mean + 0.01 * now.mean(0), 0.99 * variance + 0.01 * now.var(0))
                  for (mean, variance), now in zip(moving, normalised, strict=True)]
        trainer.advance()
    assert trainer.step == spec.steps


def test_moving_statistics_are_those_of_keras_after_training():
    import keras
    import tensorflow as tf

    spec = RunSpec(dataset="spirals", widths=(8, 8), activation="tanh", batch_norm=True, steps=60, batch_size=41,
                   learning_rate=0.2)
    data, weights = spec.data(), initial_weights(spec)
    model, loss = reference.keras_model(spec, weights), keras.losses.BinaryCrossentropy()
    optimizer = keras.optimizers.SGD(spec.learning_rate)

    @tf.function(reduce_retracing=True)
    def update(x, y):
        with tf.GradientTape() as tape:
            value = loss(y, model(x, training=True))
        optimizer.apply(tape.gradient(value, model.trainable_variables), model.trainable_variables)

    optimizer.build(model.trainable_variables)
    for x, y in itertools.islice(own_batches(spec), spec.steps):
        update(tf.constant(x), tf.constant(y))
    *_, last = train(spec)
    predicted = model(data.x_validation, training=False)
    assert last.validation_loss == pytest.approx(float(loss(data.y_validation, predicted)), rel=1e-3)
    right = (predicted.numpy() > 0.5) == (data.y_validation > 0.5)
    assert last.validation_accuracy == pytest.approx(right.mean(), abs=1e-6)


def test_what_does_not_exist_is_none():
    assert next(train(RunSpec(dataset="sine", widths=(4,)))).accuracy is None
    regression = next(train(RunSpec(dataset="sine", widths=(4,))))
    assert regression.validation_loss is not None
    assert regression.validation_accuracy is None
    whole = next(train(RunSpec(test_fraction=0, widths=(4,))))
    assert (whole.validation_loss, whole.validation_accuracy) == (None, None)
    assert 0 <= whole.accuracy <= 1


def test_four_points_of_xor_can_be_learned_by_heart():
    spec = RunSpec(dataset="xor", samples=4, noise=0, test_fraction=0, widths=(8,), activation="tanh",
                   optimizer="adam", learning_rate=0.1, steps=200, initializer="glorot_normal")
    *_, last = train(spec)
    assert last.accuracy == 1
    assert last.loss < 0.05


def test_dropout_draws_a_new_mask_every_step_and_the_same_ones_again():
    spec = RunSpec(widths=(64,), activation="tanh", dropout=0.5, learning_rate=0, steps=5)
    losses = [snapshot.loss for snapshot in train(spec)]
    assert len(set(losses)) == len(losses)
    assert losses == [snapshot.loss for snapshot in train(spec)]
    assert losses != [snapshot.loss for snapshot in train(replace(spec, seed=1))]


# --- bit for bit ----------------------------------------------------------------------------------------------------

REPEATED = RunSpec(widths=(32,) * 6, activation="tanh", batch_norm=True, dropout=0.2, batch_size=100, skip=True,
                   optimizer="adam", learning_rate=0.01, clip="norm", clip_threshold=0.5, steps=40)
ANYWHERE = """
import threading
from dataclasses import replace
from core.training import train
from tests.core.test_training import REPEATED, digest

results = {}
others = [threading.Thread(target=lambda seed=seed: list(train(replace(REPEATED, seed=seed)))) for seed in range(1, 8)]
def work(name):
    results[name] = digest(list(train(REPEATED)))
for other in others:
    other.start()
work("while seven others run")
for other in others:
    other.join()
thread = threading.Thread(target=work, args=["in a thread"])
thread.start()
thread.join()
work("alone")
print(*results.values())
"""


def test_the_same_run_gives_the_same_bits_anywhere():
    """Twice here, in another process, in a thread there, and there while seven other runs go on."""
    elsewhere = subprocess.Popen([sys.executable, "-c", ANYWHERE], cwd=ROOT, stdout=subprocess.PIPE,
                                 stderr=subprocess.PIPE, text=True)
    here = digest(list(train(REPEATED)))
    assert here == digest(list(train(REPEATED)))
    out, errors = elsewhere.communicate()
    assert elsewhere.returncode == 0, errors
    assert out.split() == [here] * 3


def test_runs_in_threads_do_not_disturb_each_other():
    specs = [replace(SMALL, seed=seed, steps=30, batch_size=30 + seed) for seed in range(8)]
    alone = [digest(list(train(spec))) for spec in specs]
    together: dict[int, str] = {}
    barrier = threading.Barrier(len(specs))

    def work(i: int) -> None:
        barrier.wait()
        together[i] = digest(list(train(specs[i])))

    threads = [threading.Thread(target=work, args=[i]) for i in range(len(specs))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [together[i] for i in range(len(specs))] == alone


def test_runs_taken_in_turns_do_not_disturb_each_other():
    one, other = replace(SMALL, seed=1), replace(SMALL, seed=2, learning_rate=1.0)
    pairs = list(zip(train(one), train(other), strict=True))
    assert digest([first for first, _ in pairs]) == digest(list(train(one)))
    assert digest([second for _, second in pairs]) == digest(list(train(other)))


# --- failures -------------------------------------------------------------------------------------------------------


def test_overflow_at_once_names_the_first_layer_whose_numbers_are_too_large():
    spec = RunSpec(widths=(128,) * 40, activation="relu", initializer="he_normal", gain=18, steps=5)
    passed = reference.forward(spec, initial_weights(spec), spec.data().x_train)
    largest = np.finfo(np.float32).max
    first = next(layer for layer, f in enumerate(passed.f, 1) if np.abs(f).max() > largest)
    assert 1 < first < 40
    snapshots = list(train(spec))
    assert [snapshot.step for snapshot in snapshots] == [0]
    assert not snapshots[0].finite
    kind, layer, step = snapshots[0].failure
    assert (kind, step) == ("overflow", 0)
    assert abs(layer - first) <= 1  # float32 sums may be too large a layer before the number is


def test_a_gradient_that_overflows_on_the_way_back_is_named_where_it_does():
    """Forward every number is finite; dL/dz grows toward the input until it is not."""
    spec = RunSpec(dataset="sine", widths=(64,) * 30, activation="linear", initializer="he_normal", gain=5, steps=5)
    (snapshot,) = train(spec)
    assert np.isfinite(snapshot.layers.activation_mean).all()
    kind, layer, step = snapshot.failure
    gradient = np.isfinite(snapshot.layers.kernel_gradient_norm + snapshot.layers.bias_gradient_norm)
    assert (kind, step) == ("overflow", 0)
    assert gradient[layer:].all()
    assert not gradient[layer - 1]


def first_bad_step(spec: RunSpec) -> int:
    """The first step whose loss or gradient is not finite, by gradient descent with `backpropagate`."""
    weights = initial_weights(spec)
    for step, (x, y) in zip(range(spec.steps + 1), own_batches(spec), strict=False):
        back = backpropagate(spec, weights, x, y)
        gradients = [*back.kernel_gradients, *back.bias_gradients]
        if not np.isfinite(back.loss) or not all(np.isfinite(gradient).all() for gradient in gradients):
            return step
        weights = [(kernel - np.float32(spec.learning_rate) * dk, bias - np.float32(spec.learning_rate) * db)
                   for (kernel, bias), dk, db in zip(weights, back.kernel_gradients, back.bias_gradients, strict=True)]
    return -1


@pytest.mark.parametrize("batch_size", [None, 100])
@pytest.mark.parametrize("a_call_a_step", [False, True])
def test_an_overflow_between_recorded_steps_ends_the_run_at_the_step_it_happened(
        monkeypatch, batch_size, a_call_a_step):
    """Huber's gradient grows slowly, so it happens after step 20, where one step in 10 is recorded."""
    if a_call_a_step:
        monkeypatch.setattr(training, "CALL_COST", 1)
    ends = []
    for rate in (1.5, 2.0, 2.5, 3.0):
        spec = RunSpec(dataset="diabetes", widths=(4,), activation="linear", learning_rate=rate, steps=2000,
                       batch_size=batch_size, test_fraction=0.5, loss="huber")
        *_, last = train(spec)
        ends.append(first_bad_step(spec))
        assert not last.finite
        assert last.failure[::2] == ("overflow", ends[-1])
        assert last.step == ends[-1]
    assert len(set(ends) - set(recorded_steps(2000))) >= 2


def test_a_loss_that_overflows_before_any_gradient_ends_the_run_too():
    """With kernels of zeros only the last bias moves, by a factor of −2 a step: its square is too large first."""
    spec = RunSpec(dataset="sine", widths=(1,), activation="linear", initializer="zeros", learning_rate=1.5,
                   steps=2000, bias_std=0)
    *_, last = train(spec)
    assert np.isfinite(last.layers.bias_gradient_norm).all()
    assert not np.isfinite(last.loss)
    assert last.failure == ("overflow", 2, first_bad_step(spec))
    assert last.step not in recorded_steps(2000)


def test_a_dead_layer_is_named_with_the_step_it_died_at():
    (first, *_) = train(RunSpec(widths=(4, 4), activation="relu", initializer="zeros", steps=2))
    assert first.failure == ("dead", 1, 0)
    spec = RunSpec(dataset="moons", widths=(4,) * 3, activation="relu", initializer="he_normal", learning_rate=20,
                   steps=60)
    snapshots = list(train(spec))
    assert snapshots[0].failure is None
    kind, layer, step = snapshots[-1].failure
    assert (kind, snapshots[-1].finite) == ("dead", True)
    for snapshot in snapshots:
        dead = snapshot.layers.dead_fraction[:-1] == 1
        if snapshot.step < step:
            assert snapshot.failure is None
            assert not dead.any()
        if snapshot.step == step:
            assert int(np.argmax(dead)) + 1 == layer
    assert step > 0


def test_a_run_that_no_longer_moves_says_since_when():
    assert [snapshot.failure for snapshot in train(replace(SMALL, learning_rate=0, steps=3))] == [
        None, ("stuck", 1, 1), ("stuck", 1, 1), ("stuck", 1, 1)]
    assert [snapshot.failure for snapshot in train(replace(SMALL, learning_rate=1e-12, steps=1, bias_std=1))] == [
        None, ("stuck", 1, 1)]
    assert all(snapshot.failure is None for snapshot in train(SMALL))


# --- clipping -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("clip", ["value", "norm", "global_norm"])
@pytest.mark.parametrize("size", [1e-3, 1.0, 1e25])
def test_clipping_is_keras_s_also_where_squares_overflow(clip, size):
    import keras

    spec = RunSpec(widths=(3, 2), clip=clip, clip_threshold=0.5, batch_norm=(True, False), activation="tanh")
    key = TraceKey.of(spec)
    shapes = key.architecture.all_shapes
    rng = np.random.default_rng(0)
    parts = [(size * rng.normal(0, 1, shape)).astype(np.float32) for shape in shapes]
    argument = {"value": "clipvalue", "norm": "clipnorm", "global_norm": "global_clipnorm"}[clip]
    variables = [keras.Variable(np.zeros(shape, np.float32)) for shape in shapes]
    keras.optimizers.SGD(1.0, **{argument: 0.5}).apply(parts, variables)
    expected = np.concatenate([-variable.numpy().ravel() for variable in variables])
    flat = np.concatenate([part.ravel() for part in parts])
    np.testing.assert_allclose(training.clipped(key, flat, np.float32(0.5)), expected, rtol=1e-6)


# --- traces ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "changed",
    [{"seed": 5}, {"initializer": "he_normal"}, {"learning_rate": 0.7}, {"gain": 2.0}, {"bias_std": 0.5},
     {"noise": 0.3}, {"samples": 77}, {"test_fraction": 0.4}, {"dataset": "moons"}, {"steps": 7}],
    ids=lambda changed: next(iter(changed)),
)  # fmt: skip
def test_runs_of_one_architecture_share_a_trace(changed):
    list(train(SMALL))
    trace = TRACES.ready(TraceKey.of(SMALL))
    assert trace is not None
    other = replace(SMALL, **changed)
    *_, last = train(other)
    assert last.step == other.steps
    assert TRACES.ready(TraceKey.of(other)) is trace


def test_the_momentum_and_the_threshold_share_a_trace_too():
    spec = replace(SMALL, optimizer="momentum", clip="norm")
    assert TraceKey.of(spec) == TraceKey.of(replace(spec, momentum=0.5, clip_threshold=3.0, batch_size=None))
    assert TraceKey.of(replace(spec, batch_size=30)) == TraceKey.of(replace(spec, batch_size=50))


def test_the_cache_of_traces_is_bounded_and_keeps_what_was_used_last(monkeypatch):
    made = []
    monkeypatch.setattr(training, "_trace", lambda key: made.append(key) or f"trace of {key}")
    traces = training._Traces(limit=3)
    for key in "abcab":
        traces.get(key)
    assert made == ["a", "b", "c"]
    traces.get("d")  # c was used least recently
    assert [traces.ready(key) for key in "abcd"] == ["trace of a", "trace of b", None, "trace of d"]
    for key in range(5):
        traces.get(key)
        assert len(traces._kept) == 3


def test_a_ready_trace_does_not_wait_for_one_that_is_being_made(monkeypatch):
    may_finish, begun = threading.Event(), threading.Event()

    def slow(key):
        if key == "slow":
            begun.set()
            assert may_finish.wait(60)
        return key

    monkeypatch.setattr(training, "_trace", slow)
    traces = training._Traces(limit=3)
    traces.get("quick")
    maker = threading.Thread(target=traces.get, args=["slow"])
    maker.start()
    begun.wait(60)
    user = threading.Thread(target=traces.get, args=["quick"])
    user.start()
    user.join(20)
    waited = user.is_alive()
    may_finish.set()
    maker.join()
    user.join()
    assert not waited
    assert traces.ready("slow") == "slow"


def test_one_trace_is_made_however_many_ask_for_it(monkeypatch):
    made = []
    monkeypatch.setattr(training, "_trace", lambda key: made.append(key) or key)
    traces = training._Traces(limit=3)
    threads = [threading.Thread(target=traces.get, args=["one"]) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert made == ["one"]


def test_the_training_loss_is_that_of_all_training_examples_in_inference_mode():
    """With dropout, batch norm and mini-batches it is not the loss of the batch."""
    spec = RunSpec(widths=(6,), activation="tanh", batch_size=64, dropout=0.3, batch_norm=True, steps=3)
    trainer = Trainer(spec)
    while not trainer.finished:
        snapshot = trainer.advance()
    (kernel, bias, scale, shift), (last, last_bias) = trainer.weights
    mean, variance = np.split(np.asarray(trainer._moving), 2)
    x, y = spec.data().x_train, spec.data().y_train
    hidden = np.tanh((x @ kernel + bias - mean) / np.sqrt(variance + 1e-3) * scale + shift)
    p = 1 / (1 + np.exp(-(hidden @ last + last_bias)))
    expected = -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))
    assert snapshot.training_loss == pytest.approx(expected, rel=1e-5)
    assert snapshot.training_loss != pytest.approx(snapshot.loss, rel=1e-3)


def test_a_full_batch_has_the_training_loss_as_its_loss():
    assert all(state.training_loss == pytest.approx(state.loss, rel=1e-6) for state in train(SMALL))


@pytest.mark.parametrize("change", [{}, {"batch_size": 16}, {"batch_size": 16, "batch_norm": True},
                                    {"dropout": 0.5}, {"batch_size": 1, "activation": "relu"}], ids=str)
def test_dead_and_saturated_units_are_counted_over_all_training_examples_in_inference_mode(change):
    """Recomputed in NumPy from the parameters that the snapshot keeps: of the batch alone they would be others."""
    spec = replace(SMALL, **{"activation": "tanh", "initializer": "he_normal", "gain": 4.0, "steps": 12} | change)
    snapshot = list(train(spec))[-1]
    architecture = Architecture.of(spec)
    layers = unflatten(architecture, snapshot.theta)
    moving = iter(np.split(snapshot.moving, np.cumsum([w for w in architecture.normalised_widths for _ in "mv"])[:-1])
                  if spec.batch_norm else ())
    a, dead, saturated = spec.data().x_train, [], []
    for layer, (kernel, bias, *scaled) in enumerate(layers):
        z = a @ kernel + bias
        if scaled:
            mean, variance = next(moving), next(moving)
            z = (z - mean) / np.sqrt(variance + 1e-3) * scaled[0] + scaled[1]
        name, alpha = architecture.activation(layer)
        entry = ACTIVATIONS[name]
        slope, a = entry.derivative(z, alpha), entry.fn(z, alpha)
        dead.append((slope == 0).all(axis=0).mean())
        saturated.append((np.abs(slope) < 0.01 * entry.largest_slope(alpha)).mean())
    np.testing.assert_allclose(snapshot.dead_for_all, dead, atol=1e-6)
    np.testing.assert_allclose(snapshot.saturated_for_all, saturated, atol=0.02)
    if not change:
        np.testing.assert_array_equal(snapshot.dead_for_all, snapshot.layers.dead_fraction)


# --- outputs of one's own -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("values", "right"), [
    ({"output": "softmax"}, lambda f, y: (f[:, 0] > 0.5) == (y[:, 0] > 0.5)),  # as Keras's metric
    ({"output": "relu", "loss": "mse"}, lambda f, y: (f[:, 0] > 0.5) == (y[:, 0] > 0.5)),
    ({"output": "linear", "loss": "hinge"}, lambda f, y: (f[:, 0] > 0) == (y[:, 0] > 0.5)),
    ({"output": "gelu", "output_units": 2, "loss": "mse"}, lambda f, y: f.argmax(1) == y.argmax(1)),
    ({"dataset": "blobs", "output": "linear", "output_units": 1, "loss": "mse"},
     lambda f, y: np.abs(f[:, 0:1] - np.arange(4)).argmin(1) == y[:, 0]),  # the nearest label
])
def test_accuracy_under_an_output_of_ones_own(values, right):
    spec = RunSpec(**values, widths=(8,), activation="tanh", steps=20, learning_rate=0.05)
    data = spec.data()
    trainer = Trainer(spec)
    while not trainer.finished:
        trainer.advance()
    f = reference.forward(spec, trainer.weights, data.x_train).f[-1]
    assert trainer.snapshot.accuracy == pytest.approx(right(f, data.y_train).mean(), abs=1e-6)


def test_softmax_on_one_unit_trains_in_keras_and_here_and_never_answers_anything_but_1():
    history = list(train(RunSpec(output="softmax", widths=(16,), activation="tanh", optimizer="adam",
                                 learning_rate=0.05, steps=150)))
    assert history[-1].loss < 0.3 * history[0].loss
    assert {round(snapshot.accuracy, 6) for snapshot in history} == {0.5}
    assert history[-1].layers.activation_mean[-1] == pytest.approx(1, abs=1e-6)
