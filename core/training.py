"""Compiled training steps, and `train(spec)`: the snapshots of a run, from step 0 to its end.

A training call is one pure function of tensors: it makes k updates in a `tf.while_loop`, and hands out what every layer
has in the pass at the weights it arrived at, to be measured. One trace serves every run of an architecture (any seed,
initializer, data, learning rate) and is kept in a bounded cache. Between calls a run carries the gradient it has
measured, which the next update uses, so measuring costs no second pass.
"""

from __future__ import annotations

import ctypes
import gc
import math
import sys
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np

from core.activations import ACTIVATIONS
from core.architecture import Architecture
from core.network import flatten, forward, initial_weights, loss_and_gradient, unflatten
from core.optimizers import OPTIMIZERS
from core.probes import Layers, measure, saturation_limit
from core.spec import RunSpec
from core.tensors import tensorflow

MOVING_MOMENTUM = 0.99  # batch norm, Keras's default
EVERY_STEP_UNTIL = 20
EVENLY_SPACED = 200
CALL_COST = 2.5e8  # multiply-adds of one training call, about 40 ms: so long may a viewer's tick take
KEPT_SIZE = 120  # of all traces that are kept, in layers; one takes about 0.7 MB
KEPT_PARAMETERS = 5000  # a network of no more keeps its parameters in every snapshot: 221 times 20 kB a run at most

Failure = tuple[str, int, int]


@dataclass(frozen=True)
class Snapshot:
    """The state of a run after `step` updates.

    loss and layers come from a training-mode pass on the batch of update step + 1; accuracy (training examples, None
    for regression), training_loss, dead_for_all and saturated_for_all (of all of them) and the validation figures (None
    without validation examples) from inference mode. dead_for_all `(layers,)` is the share of units whose slope is 0
    for every training example, saturated_for_all that of (example, unit) whose slope is under 1 % of the largest:
    what `layers` has of the batch alone. `finite` is False when the loss or a gradient is not. `failure` is None or
    (kind, layer, step): `overflow` in the first layer, counted from 1 at the input, whose numbers are not finite;
    `dead`, a hidden layer whose units are all dead for all; `stuck`, an update that changed no weight. Its step is the
    first recorded one at which that holds, for an overflow the very first. `theta` is θ, float32 `(parameters,)`, and
    `moving` batch norm's moving means and variances, for `core.boundary`; both None where there are more than
    KEPT_PARAMETERS of them.
    """

    step: int
    loss: float
    accuracy: float | None
    validation_loss: float | None
    validation_accuracy: float | None
    layers: Layers
    finite: bool
    failure: Failure | None
    theta: np.ndarray | None = None
    moving: np.ndarray | None = None
    training_loss: float = math.nan
    dead_for_all: np.ndarray = field(default_factory=lambda: np.zeros(0))
    saturated_for_all: np.ndarray = field(default_factory=lambda: np.zeros(0))


@lru_cache(maxsize=1024)
def kept_parameters(spec: RunSpec) -> int:
    """How many numbers `theta` and `moving` of each snapshot have together; 0 where they are too many to be kept."""
    architecture = Architecture.of(spec)
    numbers = architecture.parameters + 2 * sum(architecture.normalised_widths)
    return numbers if numbers <= KEPT_PARAMETERS else 0


@lru_cache(maxsize=64)
def recorded_steps(steps: int) -> tuple[int, ...]:
    """0 to 20, then at most 200 evenly spaced ones, and the last."""
    first = range(min(EVERY_STEP_UNTIL, steps) + 1)
    later = np.linspace(EVERY_STEP_UNTIL, max(steps, EVERY_STEP_UNTIL), EVENLY_SPACED + 1).round()
    return tuple(sorted({*first, *(int(step) for step in later if step <= steps)}))


def call_ends(spec: RunSpec, recorded: Sequence[int] = ()) -> tuple[int, ...]:
    """The steps at which a training call ends: the recorded ones, and others between them where steps are slow.

    They follow from the spec alone, never from the clock, so that the same calls are made however busy the machine is.
    """
    longest = max(1, int(CALL_COST / (spec.kernel_entries * spec.batch)))
    recorded = recorded or recorded_steps(spec.steps)
    return tuple(end for start, stop in pairwise(recorded)
                 for end in [*range(start + longest, stop, longest), stop])


def batch_rows(spec: RunSpec, update: int) -> np.ndarray:
    """The rows of the training part in the batch of an update (1, 2, …): `default_rng([seed, epoch])` shuffles them.

    A full batch is the training part as it stands.
    """
    samples, batch = spec.train_samples, spec.batch
    epoch, within = divmod(update - 1, spec.epoch_steps)
    if spec.batch_size is None:
        return np.arange(samples)
    order = np.random.default_rng([spec.seed, epoch]).permutation(samples)
    return order[within * batch:(within + 1) * batch]


# --- the traced call ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class TraceKey:
    """What one trace is for; everything else in a run is an argument of the call."""

    architecture: Architecture
    optimizer: str
    clip: str
    full_batch: bool
    validated: bool

    @classmethod
    def of(cls, spec: RunSpec) -> TraceKey:
        return cls(Architecture.of(spec), spec.optimizer, spec.clip, spec.batch_size is None, spec.test_fraction > 0)

    @property
    def plain(self) -> bool:
        """Whether a training pass is the inference pass of all training examples: no batches, dropout or batch norm."""
        return self.full_batch and not self.architecture.dropout and not any(self.architecture.batch_norms)


def clipped(key: TraceKey, gradient: Any, threshold: Any) -> Any:
    """dL/dθ after Keras's clipvalue (`value`), clipnorm of each variable (`norm`) or global_clipnorm."""
    tf = tensorflow()
    if key.clip == "value":
        return tf.clip_by_value(gradient, -threshold, threshold)
    if key.clip == "global_norm":
        return tf.clip_by_global_norm([gradient], threshold)[0][0]
    if key.clip == "norm":
        sizes = [int(np.prod(shape)) for shape in key.architecture.all_shapes]
        return tf.concat([tf.clip_by_norm(part, threshold) for part in tf.split(gradient, sizes)], axis=0)
    return gradient


def _evaluate(architecture: Architecture, z: Any, y: Any) -> tuple[Any, Any]:
    """Loss and accuracy of the output's pre-activations z; accuracy is NaN for regression."""
    tf = tensorflow()
    loss = architecture.loss_entry.tensor_fn(architecture.task, architecture.output)(y, z)
    if architecture.task == "regression":
        return loss, tf.constant(np.nan, tf.float32)
    return loss, tf.reduce_mean(tf.cast(_right(architecture, z, y), tf.float32))


def _right(architecture: Architecture, z: Any, y: Any) -> Any:
    """Which answers are right: of several units the largest says the class; a single one is nearest to its label.

    The usual output of two classes says the second above z = 0, which is a probability above 1/2 before rounding.
    """
    tf = tensorflow()
    usual = architecture.usual_output
    answers = z if usual else ACTIVATIONS[architecture.output].keras_fn()(z)
    if architecture.sizes[-1] > 1:
        return tf.equal(tf.argmax(answers, axis=1), tf.argmax(y, axis=1))
    if architecture.task == "binary" and (usual or architecture.loss == "hinge"):
        return tf.equal(answers > 0, y > 0.5)
    answers = ACTIVATIONS[architecture.output].keras_fn()(z)
    return tf.equal(tf.clip_by_value(tf.round(answers), 0.0, architecture.classes - 1.0), y)


def _measured_pass(key: TraceKey, theta: Any, moving: Any, x: Any, y: Any, data: tuple,
                   mask_seed: Any) -> tuple[Any, Any, Any, Any, tuple[list[Any], ...]]:
    """The pass at θ: gradient, batch statistics, figures `(6,)`, shares; of each layer signals, slopes, activations.

    The figures are the batch's loss, loss and accuracy of all training examples, the same of the validation examples,
    and whether all of the pass is finite. The shares `(2, layers)` are those of `_shares` for all training examples,
    left out where these are the batch.
    """
    tf = tensorflow()
    architecture = key.architecture
    x_train, y_train, x_validation, y_validation = data
    loss, gradient, signals, passed = loss_and_gradient(architecture, theta, x, y, mask_seed, measured=True)
    everyone = passed if key.plain else forward(architecture, theta, x_train, moving=moving, with_slopes=True)
    trained = _evaluate(architecture, everyone.pre_activations[-1], y_train)
    held = (_evaluate(architecture, forward(architecture, theta, x_validation, moving=moving).pre_activations[-1],
                      y_validation) if key.validated else (tf.constant(np.nan), tf.constant(np.nan)))
    finite = tf.cast(_finite(loss, gradient), tf.float32)
    shares = tf.zeros([0]) if key.plain else _shares(architecture, everyone.slopes)
    return gradient, _joined(passed.statistics), tf.stack([loss, *trained, *held, finite]), shares, (
        signals, passed.slopes, passed.activations)


def _shares(architecture: Architecture, slopes: list[Any]) -> Any:
    """Of each layer's slopes `(examples, units)` the share of units with none but 0, and of those that are saturated.

    Shape (2, layers). The same as in `core.probes`, where the slopes are: those of all examples are not handed out.
    """
    tf = tensorflow()
    dead = [tf.reduce_all(tf.equal(slope, 0.0), axis=0) for slope in slopes]
    saturated = [tf.abs(slope) < saturation_limit(architecture, layer) for layer, slope in enumerate(slopes)]
    return tf.stack([tf.stack([tf.reduce_mean(tf.cast(layer, tf.float32)) for layer in layers])
                     for layers in (dead, saturated)])


def _finite(loss: Any, gradient: Any) -> Any:
    tf = tensorflow()
    return tf.logical_and(tf.math.is_finite(loss), tf.reduce_all(tf.math.is_finite(gradient)))


def _joined(statistics: list[Any]) -> Any:
    tf = tensorflow()
    return tf.concat(statistics, axis=0) if statistics else tf.zeros([0])


def _call(key: TraceKey) -> Callable[..., Any]:
    """The function that one trace is made of: (θ, optimizer state, …) -> the same, k updates later, with measurements.

    An update after a pass that is not finite is not made, so an overflow leaves the run at the step it happened.
    """
    tf = tensorflow()
    architecture = key.architecture
    optimizer = OPTIMIZERS[key.optimizer]

    def batch(data, rows, bounds, i):
        if key.full_batch:
            return data[0], data[1]
        chosen = rows[bounds[i]:bounds[i + 1]]
        return tf.gather(data[0], chosen), tf.gather(data[1], chosen)

    def update(theta, state, moving, gradient, statistics, step, hyper):
        values = {"learning_rate": hyper[0], "momentum": hyper[1], "step": tf.cast(step, tf.float32)}
        change, state = optimizer.update(theta, clipped(key, gradient, hyper[2]), state, values)
        return theta + change, state, MOVING_MOMENTUM * moving + (1 - MOVING_MOMENTUM) * statistics

    def call(theta, state, moving, gradient, statistics, step, count, hyper, seed, rows, bounds, data):
        def more(i, loss, theta, state, moving, gradient, statistics):
            return tf.logical_and(i < count - 1, _finite(loss, gradient))

        def one(i, loss, theta, state, moving, gradient, statistics):
            theta, state, moving = update(theta, state, moving, gradient, statistics, step + i + 1, hyper)
            x, y = batch(data, rows, bounds, i)
            loss, gradient, _, passed = loss_and_gradient(
                architecture, theta, x, y, tf.stack([seed, step + i + 1]), measured=False)
            return i + 1, loss, theta, state, moving, gradient, _joined(passed.statistics)

        # The pass that a call begins with was finite, or the run would be over.
        i, loss, theta, state, moving, gradient, statistics = tf.while_loop(
            more, one, (tf.constant(0), tf.constant(0.0), theta, state, moving, gradient, statistics))
        finite = _finite(loss, gradient)
        after = update(theta, state, moving, gradient, statistics, step + i + 1, hyper)
        new_theta, state, moving = tf.nest.map_structure(
            lambda new, old: tf.where(finite, new, old), after, (theta, state, moving))
        # Without an update the pass at this step is made again, measured this time.
        i = i - 1 + tf.cast(finite, tf.int32)
        step = step + i + 1
        x, y = batch(data, rows, bounds, i)
        gradient, statistics, figures, shares, layers = _measured_pass(
            key, new_theta, moving, x, y, data, tf.stack([seed, step]))
        return new_theta, state, moving, gradient, statistics, step, new_theta - theta, figures, shares, layers

    return call


def _trace(key: TraceKey) -> Any:
    """The call as one graph, run once on zeros so that its first real call does not wait for the graph optimizer."""
    tf = tensorflow()
    features, outputs = key.architecture.sizes[0], key.architecture.sizes[-1]
    vector = tf.TensorSpec([key.architecture.parameters])
    moving = tf.TensorSpec([2 * sum(key.architecture.normalised_widths)])
    whole, integers = tf.TensorSpec([], tf.int32), tf.TensorSpec([None], tf.int32)
    x, y = tf.TensorSpec([None, features]), tf.TensorSpec([None, outputs])
    state = (vector,) * OPTIMIZERS[key.optimizer].slots
    signature = [vector, state, moving, vector, moving, whole, whole, tf.TensorSpec([3]), whole, integers, integers,
                 (x, y, x, y)]
    trace = tf.function(_call(key), autograph=False, input_signature=signature).get_concrete_function()
    zeros = tf.nest.map_structure(
        lambda spec: tf.zeros([2 if size is None else size for size in spec.shape], spec.dtype), signature)
    zeros[6], zeros[10] = tf.constant(2), tf.constant([0, 1, 2])  # two updates, batches of one row
    trace(*zeros)
    return trace


class _Traces:
    """The most recently used traces whose sizes add up to `limit` at most; one is made at a time."""

    def __init__(self, limit: int, size: Callable[[TraceKey], int] = lambda key: 1) -> None:
        self.limit, self.size = limit, size
        self._kept: OrderedDict[TraceKey, Any] = OrderedDict()
        self._lock = threading.Lock()
        self._making = threading.Lock()

    def ready(self, key: TraceKey) -> Any | None:
        """The trace if there is one; never waits for one that is being made."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def get(self, key: TraceKey) -> Any:
        """The trace, made now if there is none (0.3 s for 20 layers of 32, 1 s for 50)."""
        trace = self.ready(key)
        if trace is not None:
            return trace
        with self._making:
            trace = self.ready(key)
            if trace is None:
                trace = _trace(key)
                with self._lock:
                    self._kept[key] = trace
                    while len(self._kept) > 1 and sum(map(self.size, self._kept)) > self.limit:
                        self._kept.popitem(last=False)
                _give_memory_back()
            return trace


def _give_memory_back() -> None:
    """Tracing leaves as much behind as it makes, in cycles and in pages that the allocator would keep."""
    gc.collect()
    if sys.platform == "linux":
        ctypes.CDLL("libc.so.6").malloc_trim(0)


def _layers(key: TraceKey) -> int:
    """About how large a trace is, in layers."""
    return key.architecture.depth + 1


TRACES = _Traces(KEPT_SIZE, _layers)


# --- a run ----------------------------------------------------------------------------------------------------------


class Trainer:
    """A run under way: its tensors, and the last snapshot. Not for two threads at once."""

    def __init__(self, spec: RunSpec, recorded: Sequence[int] = ()) -> None:
        """Computes step 0 by eager back-propagation; needs no trace.

        recorded: the steps to record from 0 on, in place of `recorded_steps`; the numbers are the same.
        """
        tf = tensorflow()
        self.spec = spec
        self.key = TraceKey.of(spec)
        self._ends = iter(call_ends(spec, recorded))
        self._recorded = set(recorded or recorded_steps(spec.steps))
        self._kept = kept_parameters(spec) > 0
        split = spec.data()
        held = (split.x_validation, split.y_validation) if self.key.validated else (split.x_train, split.y_train)
        self._data = tuple(tf.constant(array) for array in (split.x_train, split.y_train, *held))
        self._hyper = tf.constant([spec.learning_rate, spec.momentum, spec.clip_threshold], tf.float32)
        self._theta = tf.constant(flatten(initial_weights(spec)))
        self._state = tuple(tf.zeros_like(self._theta) for _ in range(OPTIMIZERS[spec.optimizer].slots))
        widths = self.key.architecture.normalised_widths
        self._moving = tf.constant([start for width in widths for start in [0] * width + [1] * width], tf.float32)
        rows = batch_rows(spec, 1)
        self._gradient, self._statistics, figures, shares, layers = _measured_pass(
            self.key, self._theta, self._moving, tf.gather(self._data[0], rows), tf.gather(self._data[1], rows),
            self._data, tf.constant([spec.seed, 0]))
        self.step = 0
        self.snapshot = self._snapshot(figures, shares, layers, np.full(self._theta.shape, np.nan, np.float32), None)

    @property
    def finished(self) -> bool:
        return self.step >= self.spec.steps or not self.snapshot.finite

    @property
    def weights(self) -> list[tuple[np.ndarray, ...]]:
        """The parameters as they are now, in the form of `initial_weights`."""
        return unflatten(self.key.architecture, self._theta.numpy())

    def advance(self) -> Snapshot | None:
        """Makes one training call; the new snapshot, or None where the call ended between two recorded steps."""
        tf = tensorflow()
        end = next(self._ends)
        count = end - self.step
        batches = [] if self.spec.batch_size is None else [
            batch_rows(self.spec, update) for update in range(self.step + 2, end + 2)]
        rows = np.concatenate(batches) if batches else np.zeros(0)
        bounds = np.cumsum([0, *map(len, batches)])
        (self._theta, self._state, self._moving, self._gradient, self._statistics, step, delta, figures, shares,
         layers) = TRACES.get(self.key)(
            self._theta, self._state, self._moving, self._gradient, self._statistics, tf.constant(self.step),
            tf.constant(count), self._hyper, tf.constant(self.spec.seed), tf.constant(rows, tf.int32),
            tf.constant(bounds, tf.int32), self._data)
        self.step = int(step)
        snapshot = self._snapshot(figures, shares, layers, delta.numpy(), self.snapshot)
        if snapshot.finite and self.step not in self._recorded:
            return None
        self.snapshot = snapshot
        return snapshot

    def _snapshot(self, figures: Any, shares: Any, layers: tuple[list[Any], ...], delta: np.ndarray,
                  earlier: Snapshot | None) -> Snapshot:
        loss, training_loss, accuracy, validation_loss, validation_accuracy, finite = map(float, figures.numpy())
        theta = self._theta.numpy()
        measured = measure(self.key.architecture, theta, delta, self._gradient.numpy(),
                           *([tensor.numpy() for tensor in field] for field in layers))
        dead, saturated = ((measured.dead_fraction, measured.saturated_fraction) if self.key.plain
                           else shares.numpy().astype(np.float64))
        regression = self.spec.task == "regression"
        validated = self.key.validated
        return Snapshot(
            self.step, loss, None if regression else accuracy, validation_loss if validated else None,
            validation_accuracy if validated and not regression else None, measured, bool(finite),
            self._failure(measured, dead, bool(finite), bool(delta.any()), earlier),
            theta=theta if self._kept else None, moving=self._moving.numpy() if self._kept else None,
            training_loss=training_loss, dead_for_all=dead, saturated_for_all=saturated)

    def _failure(self, layers: Layers, dead_for_all: np.ndarray, finite: bool, moved: bool,
                 earlier: Snapshot | None) -> Failure | None:
        before = earlier.failure if earlier else None
        if not finite:
            return ("overflow", _first_not_finite(layers), self.step)
        dead = np.flatnonzero(dead_for_all[:-1] == 1)
        kind = "dead" if len(dead) else None if moved else "stuck"
        if kind is None:
            return None
        if before and before[0] == kind:
            return before
        return (kind, int(dead[0]) + 1 if len(dead) else 1, self.step)


def _first_not_finite(layers: Layers) -> int:
    """The layer, from 1, at which numbers stop being finite: forward first, else where the gradient comes from."""
    forward_bad = ~np.isfinite(layers.activation_mean + layers.activation_std)
    if forward_bad.any():
        return int(np.argmax(forward_bad)) + 1
    gradient = layers.kernel_gradient_norm + layers.bias_gradient_norm + layers.signal_rms
    bad = np.flatnonzero(~np.isfinite(gradient))
    return int(bad[-1]) + 1 if len(bad) else len(gradient)


def train(spec: RunSpec) -> Iterator[Snapshot]:
    """The state at step 0, before any update, then at every recorded step; an overflow ends it early."""
    trainer = Trainer(spec)
    yield trainer.snapshot
    while not trainer.finished:
        snapshot = trainer.advance()
        if snapshot is not None:
            yield snapshot
