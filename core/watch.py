"""Records what happens inside a Keras model while it trains, in one JSON file. This file works on its own.

    from watch import Watch
    model.fit(x, y, callbacks=[Watch("run.watch.json", x, y)])

Needs Keras 3. Everything is recorded on the TensorFlow backend with x and y as arrays; otherwise only what `fit`
reports and how the kernels move, and `notes` in the file says so.

`fit` never shows a callback its own batch, so losses, gradients and activations are of one fixed sample of x and y,
chosen once at random: up to 2,000 examples, fewer where one pass over them would cost much more than four batches of
training, and all of x where it is the batch. The sample passes through the model in training mode (dropout drops,
batch normalisation uses the sample's statistics); generators of random numbers, moving statistics and whatever else
the pass changed are put back, so that training is the same with and without the recorder. (With `run_eagerly` that
holds for Keras's own layers; what draws from `tf.random` without a seed cannot be put back.) Sample and class weights
are not applied. With `validation_split`, give the recorder the training part alone.

Recorded are the steps 0 to 20, then `records` evenly spaced ones over what `fit` announces, and the last; a step is an
update of the weights, and step n is the state after n of them. Where `fit` announces no length, steps are recorded
ever more sparsely. A second `fit` with the same recorder and model counts on. The file is written every few seconds and
when training or Python ends. A failure in here never stops the training: it is written to the file.

The file, version 1. Every number is rounded to 6 significant digits; null stands for NaN or for what is not known,
"inf" and "-inf" for the infinities. At most 1 MB; no example and no weight is in it.

    format, version   "watch", 1
    network           layers: a list, first to last, of {name, type, units, activation, initializer, parameters, rate,
                      bias, regularizer, line}: name, Keras class, size of the output's last axis, Keras's names in
                      snake case (`custom` for a function of one's own; an activation only where the layer has one),
                      parameters it trains, share of Dropout or slope of LeakyReLU, whether it has a bias, regularizer
                      of the kernel, null
                      input_shape (of one example), sequential (each layer feeds the next alone), loss, from_logits,
                      optimizer, numbers (the optimizer's), clip (none, value, norm, global_norm), clip_threshold,
                      metrics, batch_size, epochs, steps (updates that `fit` announced), validated, keras (its version)
                      x, y: {shape, dtype, missing, minimum, maximum, mean, spread, integers, distinct, classes,
                      one_hot, constant_columns, equal_columns, column_spreads, variance, deviation, entropy}; see
                      `values_of`
    rows              names of what has a kernel, in the order of the forward pass (`lstm`, `lstm · recurrent`)
    parts             for each row the place of its layer in network.layers, from 0
    signals           for each row `pre-activation` or `output`: what its signal is the gradient of
    moments           a list, first to last, of
                      step, epoch (from 0, as `fit` counts, of the update that led here)
                      loss (of the sample, penalties included), accuracy (null for a regression)
                      logs: what `fit` reported (running means of the epoch; val_… of the last epoch that ended)
                      outputs: minimum, maximum, mean, spread of the model's answers
                      layers: of each field a list, a number a row
                          kernel_gradient_norm, bias_gradient_norm   Frobenius norm of dL/dW, dL/db, before clipping
                          signal_rms             RMS of m · dL/dz over the sample, m its examples: per example
                          activation_mean, activation_std
                          saturated_fraction     share of entries whose slope is under 1 % of the activation's largest
                          dead_fraction          share of units whose slope is 0 for the whole sample
                          update_ratio           RMS of the last single update / RMS of the kernel
                          kernel_norm            Frobenius norm of W
    stopped           why recording ended before `fit` did, else empty
    notes             what could not be recorded, a sentence each

A layer without an activation that feeds an activation layer, with or without a normalisation between, is described by
that one's activations and slopes. Rows of one layer share its signal and activations. Saturated and dead are null for
recurrent and embedding layers, whose slopes do not show from outside.
"""

from __future__ import annotations

import atexit
import contextlib
import hashlib
import inspect
import json
import math
import os
import random
import re
import time
import warnings
import weakref
from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np

ON_TENSORFLOW = keras.backend.backend() == "tensorflow"
if ON_TENSORFLOW:
    import tensorflow as tf

FORMAT, VERSION = "watch", 1
MOST_BYTES = 1_000_000
MOST_ROWS = 1000  # with more, one moment alone would fill a tenth of the file
MOST_NOTES = 20
EVERY_STEP_UNTIL = 20
SAMPLE = 2000
BATCHES = 4  # a pass over the sample may cost as much as so many batches of training
ALWAYS = 4e6  # multiply-adds of a forward pass that are always affordable, whatever the batch
SATURATED = 0.01
COUNTED = 5_000_000  # entries of an array up to which its columns are looked at in full
SECONDS = 2.0  # between two writes, at least

FIELDS = ("kernel_gradient_norm", "bias_gradient_norm", "signal_rms", "activation_mean", "activation_std",
          "saturated_fraction", "dead_fraction", "update_ratio", "kernel_norm")
OUTPUTS = ("minimum", "maximum", "mean", "spread")
UNKNOWN: dict[str, Any] = {  # of a network, until it is looked at
    "input_shape": None, "loss": None, "from_logits": False, "optimizer": None, "numbers": {}, "clip": "none",
    "clip_threshold": None, "x": None, "y": None}
STILL_TRAINING = "This was written while `fit` was training, and `fit` has not said since that it ended."


def recorded_steps(steps: int, records: int = 200) -> list[int]:
    """0 to 20, then `records` evenly spaced ones, and the last."""
    later = np.linspace(EVERY_STEP_UNTIL, max(steps, EVERY_STEP_UNTIL), records + 1).round()
    return sorted({*range(min(EVERY_STEP_UNTIL, steps) + 1), *(int(step) for step in later if step <= steps)})


# --- the callback ---------------------------------------------------------------------------------------------------


class Watch(keras.callbacks.Callback):
    """Writes to `path` what happens inside the model that `fit` trains; see the head of this file.

    x, y: as given to `fit`. records: evenly spaced steps that are recorded, 1 to 2,000.

    Raises:
        ValueError: path is not a file's, or records is out of range. While training it raises nothing.
    """

    def __init__(self, path: str | os.PathLike, x: Any = None, y: Any = None, records: int = 200) -> None:
        super().__init__()
        self.path = os.path.abspath(os.fspath(path))
        if not os.path.isdir(os.path.dirname(self.path)) or os.path.isdir(self.path):
            raise ValueError(f"path must name a file in a folder that exists. Received: {os.fspath(path)!r}.")
        if isinstance(records, bool) or not isinstance(records, int) or not 1 <= records <= 2000:
            raise ValueError(f"records must be a whole number from 1 to 2000. Received: {records!r}.")
        self.x, self.y, self.records = x, y, records
        self._watched: Callable[[], Any] = lambda: None  # the model of the record, without keeping it alive
        self._recording = False
        self._at_exit: Callable[[], None] = lambda: None
        self._moments: list[tuple[int, str]] = []
        self._base = self._epoch_start = self._epoch_end = self._last_epoch = self._updates_before = 0
        self._batch_size: int | None = None
        self._logs: dict[str, float] = {}

    def on_train_begin(self, logs: Any = None) -> None:
        with self._safely():
            if self._recording:  # the `fit` before did not reach its end
                atexit.unregister(self._at_exit)
                self._base = max(self._base + self._updates() - self._updates_before, self._last_step())
            if self._watched() is self.model:
                self._fits += 1
            else:
                self._start_record()
            self._gauge: Any = None
            self._plan: list[int] | None = None
            self._next: float = self._base
            self._before: tuple[int, Any] = (-1, None)
            self._recording = True
            self._written, self._write_time = -math.inf, 0.0
            self._at_exit = _flusher(weakref.ref(self))
            atexit.register(self._at_exit)

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        if self._recording:
            with self._safely():
                self._epoch = epoch
                if self._gauge is None:
                    self._start_fit(epoch)

    # A step is recorded before the next batch: with a callback that has `on_train_batch_end`, Keras would report every
    # batch in turn, where it otherwise does so beside the training.
    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        if not self._recording:
            return
        step = self._epoch_start + batch
        if step + 1 < self._next and step + 1 != self._epoch_end:
            return
        with self._safely():
            if batch and self._batch_size is None:
                self._batch_size = self._examples_in_a_batch(batch)
            if step >= self._next:
                self._record(step, self._epoch if batch else self._last_epoch,
                             self._running_logs() if batch else self._logs)
            if self._next == step + 1 or step + 1 == self._epoch_end:
                self._before = step, self._kernels()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        if not self._recording:
            return
        with self._safely():
            updates = self._updates() - self._updates_before
            if self._batch_size is None and self._base + updates == self._epoch_start + 1:
                self._batch_size = self._examples_in_a_batch(1)
            self._epoch_start, self._last_epoch = self._base + updates, epoch
            self._epoch_end = self._epoch_start + (self.params.get("steps") or 0)
            self._logs = _numbers(logs or {})
            if self.model.stop_training or epoch + 1 >= self.params.get("epochs", 0):
                self._record(self._epoch_start, epoch, self._logs)

    def on_train_end(self, logs: Any = None) -> None:
        if not self._recording:
            return
        with self._safely():
            self._record(self._epoch_start, self._last_epoch, self._logs)
            self._base = self._epoch_start
            self._close("")

    # --- beginning and end ---

    def _start_record(self) -> None:
        self._watched = weakref.ref(self.model)
        self._fits, self._base, self._last_epoch = 1, 0, 0
        self._moments = []
        self._notes: list[str] = []
        self._logs, self._batch_size = {}, None
        self._network: dict[str, Any] = {}
        self._announced: int | None = 0

    def _start_fit(self, epoch: int) -> None:
        """What is known when the first epoch begins: how long it will be, the facts, and what can be measured."""
        steps = self.params.get("steps")
        self._epoch_start, self._epoch_end = self._base, self._base + (steps or 0)
        self._last_epoch = epoch
        self._updates_before = self._updates()
        total = steps * max(0, self.params.get("epochs", 1) - epoch) if steps else None
        self._announced = self._announced + total if total and self._announced is not None else None
        self._plan = [self._base + step for step in recorded_steps(total, self.records)] if total else None
        self._stride = 1
        self._gauge = self._best_gauge(steps)
        if not self._network:
            self._network = network_of(self.model, self._note)
            for key, array in (("x", self.x), ("y", self.y)):
                self._network[key] = self._values(key, array)
            shape = self._network["x"] and self._network["x"]["shape"]
            self._network["input_shape"] = shape[1:] if shape else None

    def _values(self, key: str, array: Any) -> dict[str, Any] | None:
        arrays = _arrays(array)
        if not arrays:
            return None
        if len(arrays) > 1:
            self._note(f"{key} has {len(arrays)} arrays; the facts are of the first.")
        if arrays[0].size > COUNTED:
            self._note(f"The columns and the different values of {key} were looked at in evenly spaced examples, "
                       f"{COUNTED:,} entries of {arrays[0].size:,}.")
        return values_of(arrays[0])

    def _best_gauge(self, steps: int | None) -> Any:
        """What measures the model: a pass over the sample, or where there can be none its kernels alone."""
        why = self._why_no_sample()
        if not why:
            try:
                return _Sample(self.model, self.x, self.y, steps, self._note)
            except Exception as error:
                why = f"the model could not be followed through a pass ({_short(error)})"
        self._note(f"Recorded are only what `fit` reports, kernel norms and update ratios: {why}.")
        gauge = _Kernels(self.model)
        if not gauge.rows:
            self._note("The model had no kernels when training began; with an Input as its first layer it has.")
        return gauge

    def _why_no_sample(self) -> str:
        if not ON_TENSORFLOW:
            return f"gradients are recorded on the TensorFlow backend, and this is {keras.backend.backend()}"
        if self.x is None or self.y is None:
            return "the recorder was not given both x and y"
        x, y = _arrays(self.x), _arrays(self.y)
        if not x or not y:
            return "x and y must be arrays; a generator or a data pipeline cannot be read without disturbing it"
        counts = {len(array) for array in (*x, *y)}
        if len(counts) > 1 or not min(counts):
            return f"x and y must have equally many examples, at least one; they have {sorted(counts)}"
        return ""

    def _close(self, why: str) -> None:
        """Writes the file for the last time and lets go of everything but the record."""
        self._recording = False
        atexit.unregister(self._at_exit)
        try:
            self._write(why)
        finally:
            self._gauge, self._before, self._plan = None, (-1, None), None

    @contextlib.contextmanager
    def _safely(self) -> Iterator[None]:
        """A failure ends the recording, not the training."""
        try:
            yield
        except Exception as error:
            self._recording = False
            try:
                self._close(f"Recording stopped after {len(self._moments)} steps: {_short(error)}")
            except Exception as second:
                with contextlib.suppress(Warning):  # where warnings are errors
                    warnings.warn(f"Watch records no more and could not write {self.path}: {_short(second)}",
                                  stacklevel=2)

    # --- a step ---

    def _record(self, step: int, epoch: int, logs: dict[str, float]) -> None:
        if self._last_step() >= step:
            self._next = self._after(step)
            return
        known = self._before[0] == step - 1 and step > 0
        loss, accuracy, table, outputs = self._gauge.measure(self._before[1] if known else None)
        moment = {"step": step, "epoch": epoch, "loss": _plain(loss), "accuracy": _plain(accuracy),
                  "logs": {name: _plain(value) for name, value in logs.items()},
                  "outputs": {name: _plain(value) for name, value in zip(OUTPUTS, outputs, strict=True)},
                  "layers": {name: [*map(_plain, row)] for name, row in zip(FIELDS, table, strict=True)}}
        self._moments.append((step, _json(moment)))
        if len(self._moments) == 1 and self._plan:
            self._plan = self._what_fits(self._plan, len(self._moments[0][1].encode()))
        if self._plan is None and len(self._moments) > EVERY_STEP_UNTIL + 1 + 2 * self.records:
            self._stride *= 2
            self._thin_out(EVERY_STEP_UNTIL)
        self._next = self._after(step)
        if time.monotonic() - self._written > max(SECONDS, 20 * self._write_time):
            self._write(STILL_TRAINING)

    def _last_step(self) -> int:
        return self._moments[-1][0] if self._moments else -1

    def _kernels(self) -> Any:
        """As they are now; on JAX, asking a callback for its model is what brings the weights up to date."""
        return self._gauge.kernels() if self.model is not None else None

    def _after(self, step: int) -> float:
        """The next step that is to be recorded."""
        if self._plan is None:
            within = step - self._base
            wait = 1 if within < EVERY_STEP_UNTIL else self._stride - (within - EVERY_STEP_UNTIL) % self._stride
            return step + wait
        place = bisect_left(self._plan, step + 1)
        return self._plan[place] if place < len(self._plan) else math.inf

    def _what_fits(self, plan: list[int], size: int) -> list[int]:
        """So many of the steps, evenly, as the file has room for, the first and the last among them."""
        room = max(2, int(0.8 * (MOST_BYTES - len(self._text("").encode())) / size))
        if room >= len(plan):
            return plan
        self._note(f"The network has so many rows that only {room} of {len(plan)} steps fit into the file.")
        return [plan[round(place)] for place in np.linspace(0, len(plan) - 1, room)]

    def _thin_out(self, after: int) -> None:
        """Drops every other moment after a step, but never the last."""
        early = [one for one in self._moments if one[0] <= after]
        late = self._moments[len(early):]
        self._moments = early + late[1::2] + ([late[-1]] if len(late) % 2 else [])

    def _updates(self) -> int:
        return int(_array(self.model.optimizer.iterations))

    def _examples_in_a_batch(self, batches: int) -> int | None:
        """What `fit` does not tell its callbacks: from how many examples the running mean of the loss is of."""
        count = next((getattr(metric, "count", None) for metric in self.model.metrics if metric.name == "loss"), None)
        return None if count is None else int(_array(count)) // batches or None

    def _running_logs(self) -> dict[str, float]:
        held = {name: value for name, value in self._logs.items() if name.startswith("val_")}
        return _numbers(self.model.get_metrics_result()) | held

    # --- the file ---

    def _note(self, sentence: str) -> None:
        if sentence not in self._notes and len(self._notes) < MOST_NOTES:
            self._notes.append(sentence)

    def _write(self, stopped: str) -> None:
        """Puts the whole record in the place of the file at once: whoever reads sees the old one or the new one."""
        began = time.monotonic()
        text = self._text(stopped)
        while len(text.encode()) > MOST_BYTES and len(self._moments) > 1:
            self._note("The record was larger than the file may be, so some steps were left out.")
            self._thin_out(-1)
            text = self._text(stopped)
        if len(text.encode()) > MOST_BYTES:
            raise ValueError(f"one recorded step of this network takes more than the {MOST_BYTES:,} bytes of a file")
        beside = f"{self.path}.{os.getpid()}.part"
        with open(beside, "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(beside, self.path)
        self._written = time.monotonic()
        self._write_time = self._written - began

    def _text(self, stopped: str) -> str:
        gauge = self._gauge
        reported = [name for name in self._logs if name != "loss" and not name.startswith("val_")]
        network = UNKNOWN | self._network | {
            "layers": gauge.layers if gauge else [], "sequential": gauge.sequential if gauge else True,
            "metrics": reported,
            "batch_size": self._batch_size, "epochs": self.params.get("epochs"), "steps": self._announced,
            "validated": any(name.startswith("val_") for name in self._logs) if self._logs else None,
            "keras": keras.__version__}
        again = [f"`fit` was called {self._fits} times with this recorder; the steps count on."] * (self._fits > 1)
        head = {"format": FORMAT, "version": VERSION, "network": network, "rows": gauge.rows if gauge else [],
                "parts": gauge.parts if gauge else [], "signals": gauge.signals if gauge else [],
                "stopped": stopped, "notes": self._notes + again}
        moments = ",\n".join(text for _, text in self._moments)
        return f'{_json(head)[:-1]},"moments":[\n{moments}\n]}}\n'


def _flusher(reference: Callable[[], Watch | None]) -> Callable[[], None]:
    """What writes the record when Python ends in the middle of `fit`: by an exception, say."""
    def flush() -> None:
        watch = reference()
        if watch is not None and watch._recording:
            with watch._safely():
                watch._close("`fit` did not reach its end: an exception or an interruption ended it.")
    return flush


# --- the model ------------------------------------------------------------------------------------------------------


@dataclass
class _Row:
    """A kernel. owners: the layer it belongs to and those around that, innermost first, as far as one can look in."""

    name: str
    part: int
    owners: tuple[Any, ...]
    kernel: Any
    bias: Any


def _parts(model: Any) -> Iterator[Any]:
    """The layers of a model, those of models within it in their place."""
    for layer in model._flatten_layers(include_self=False, recursive=False):
        if isinstance(layer, keras.Model):
            yield from _parts(layer)
        elif not isinstance(layer, (keras.layers.InputLayer, keras.metrics.Metric)):
            yield layer


def _is_stack(model: Any) -> bool:
    """Whether it was written as layers one on the other; those of models within it, too."""
    return isinstance(model, keras.Sequential) and all(
        _is_stack(layer) for layer in model.layers if isinstance(layer, keras.Model))


def _inside(layer: Any, around: tuple[Any, ...] = (), visible: bool = True) -> Iterator[tuple[Any, tuple[Any, ...]]]:
    """A layer and those it is made of, each with its owners. A recurrent layer's cell runs where nobody can look."""
    owners = (layer, *around) if visible else around
    yield layer, owners
    for part in layer._flatten_layers(include_self=False, recursive=False):
        yield from _inside(part, owners, visible and not isinstance(layer, keras.layers.RNN))


def _own_variables(layer: Any) -> list[Any]:
    return [*layer._trainable_variables, *layer._non_trainable_variables]


def _is_kernel(variable: Any) -> bool:
    name = variable.name
    return name.endswith(("kernel", "embeddings")) or (
        variable.trainable and len(variable.shape) > 1 and name not in ("bias", "gamma", "beta", "alpha"))


def _rows_of(parts: list[Any]) -> list[_Row]:
    rows: list[_Row] = []
    for place, part in enumerate(parts):
        for layer, owners in _inside(part):
            variables = _own_variables(layer)
            bias = next((variable for variable in variables if variable.name == "bias"), None)
            within = part.name if layer in (part, getattr(part, "cell", None)) else f"{part.name} · {owners[0].name}"
            for kernel in filter(_is_kernel, variables):
                what = re.sub(r"_?kernel$|^embeddings$|^depthwise_kernel$", "", kernel.name)
                rows.append(_Row(_clean(f"{within} · {what}" if what else within), place, owners, kernel, bias))
                bias = None
    return rows


def _part(layer: Any, units: int | None) -> dict[str, Any]:
    """The facts of one layer, as the file has them."""
    rate = getattr(layer, "negative_slope" if isinstance(layer, keras.layers.LeakyReLU) else "rate", None)
    initializer = next((one for name in ("kernel", "embeddings", "depthwise")
                        if (one := getattr(layer, f"{name}_initializer", None)) is not None), None)
    activation = getattr(layer, "activation", None)
    bias = getattr(layer, "use_bias", None)
    return {"name": _clean(layer.name), "type": _clean(type(layer).__name__), "units": units,
            "activation": None if activation is None else _name(activation, keras.activations),
            "initializer": None if initializer is None else _name(initializer, keras.initializers),
            "parameters": sum(math.prod(variable.shape) for variable in layer.trainable_variables),
            "rate": _plain(rate) if isinstance(rate, (int, float)) else None,
            "bias": bias if isinstance(bias, bool) else None,
            "regularizer": _as_written(getattr(layer, "kernel_regularizer", None)), "line": None}


def _name(thing: Any, module: Any) -> str:
    """Keras's name of one of its functions or objects in snake case; `custom` for one's own."""
    if isinstance(thing, str):
        return thing
    if type(thing).__name__ == "LossFunctionWrapper":
        thing = thing.fn
    if isinstance(thing, keras.layers.Layer):
        module = keras.layers
    kind = thing if inspect.isroutine(thing) else type(thing)
    name = getattr(kind, "__name__", "")
    if getattr(module, name, None) is not kind:
        return "custom"
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


def _as_written(regularizer: Any) -> str | None:
    if regularizer is None:
        return None
    numbers = ", ".join(f"{key}={value:.6g}" for key, value in _numbers(regularizer.get_config()).items())
    return _clean(f"{type(regularizer).__name__}({numbers})")


def network_of(model: Any, note: Callable[[str], None]) -> dict[str, Any]:
    """Loss and optimizer of a compiled model, as the file has them."""
    losses = [keras.losses.get(loss) for loss in keras.tree.flatten(model.loss) if loss is not None]
    if len(losses) > 1:
        note(f"The model has {len(losses)} losses; the loss that is named, accuracy and outputs are of the first.")
    optimizer = getattr(model.optimizer, "inner_optimizer", model.optimizer)
    numbers = _numbers(optimizer.get_config())
    clips = {"value": numbers.pop("clipvalue", None), "norm": numbers.pop("clipnorm", None),
             "global_norm": numbers.pop("global_clipnorm", None)}
    clip = next((name for name, threshold in clips.items() if threshold is not None), "none")
    if isinstance(getattr(optimizer, "_learning_rate", None), keras.optimizers.schedules.LearningRateSchedule):
        note(f"The learning rate follows {type(optimizer._learning_rate).__name__}; given is the one at the start.")
    numbers["learning_rate"] = float(_array(optimizer.learning_rate))
    return {"loss": _name(losses[0], keras.losses) if losses else None,
            "from_logits": bool(getattr(losses[0], "from_logits", False)) if losses else False,
            "optimizer": _clean(type(optimizer).__name__),
            "numbers": {name: _plain(value) for name, value in numbers.items()},
            "clip": clip, "clip_threshold": _plain(clips[clip]) if clip != "none" else None}


def _array(variable: Any) -> np.ndarray:
    tensor = keras.ops.convert_to_tensor(variable)
    return tensor.numpy() if ON_TENSORFLOW else keras.ops.convert_to_numpy(tensor)


# --- arrays ---------------------------------------------------------------------------------------------------------


def _arrays(data: Any) -> list[np.ndarray]:
    """The arrays that `fit` would be given, none where there are none to look at without disturbing anything."""
    if data is None or not all(map(_is_array, keras.tree.flatten(data))):
        return []
    return [_as_array(one) for one in keras.tree.flatten(data)]


def _as_array(one: Any) -> np.ndarray:
    return one.numpy() if ON_TENSORFLOW and tf.is_tensor(one) else np.asarray(one)


def _is_array(one: Any) -> bool:
    return hasattr(one, "__array__") and hasattr(one, "shape") and len(one.shape) > 0


def values_of(array: np.ndarray) -> dict[str, Any]:
    """What is known of an array `(examples, …)`; statistics are of its finite entries.

    spread: standard deviation over all entries. distinct: how many different values, None above 1,000. classes: value,
    or column of one-hot rows, -> how often; empty above 100 and where the array is neither one column of whole numbers
    nor one-hot. A column is one place of an example (a pixel, a feature). equal_columns: those that change and repeat
    an earlier one. column_spreads: smallest and largest standard deviation of a column that changes. variance,
    deviation: of a column about its mean, and absolute from its median; entropy: for values within 0 to 1 the binary
    entropy of its mean, in nats; each the mean over the columns. distinct and what is of columns is of evenly spaced
    examples where the array has more than COUNTED entries.
    """
    facts: dict[str, Any] = dict.fromkeys(
        ("minimum", "maximum", "mean", "spread", "integers", "distinct", "column_spreads", "variance", "deviation",
         "entropy")) | {"shape": [*array.shape], "dtype": str(array.dtype), "missing": 0, "classes": {},
                        "one_hot": False, "constant_columns": 0, "equal_columns": 0}
    if array.dtype.kind not in "biuf" or not array.size:
        return facts
    table = array.reshape(len(array), -1)
    some = table if array.size <= COUNTED else table[
        np.linspace(0, len(table) - 1, max(2, COUNTED // table.shape[1])).astype(int)]
    facts |= _whole(table) | _columns(some)
    facts["one_hot"] = array.ndim == 2 and table.shape[1] > 1 and _one_hot(table)
    facts["distinct"] = _distinct(some)
    if facts["one_hot"] and table.shape[1] <= 100:
        facts["classes"] = {str(column): int(count) for column, count in enumerate(table.sum(axis=0))}
    elif facts["integers"] and table.shape[1] == 1 and (facts["distinct"] or math.inf) <= 100:
        values, counts = np.unique(_finite(table), return_counts=True)
        facts["classes"] = {str(int(value)): int(count) for value, count in zip(values, counts, strict=True)}
    return facts


def _finite(table: np.ndarray) -> np.ndarray:
    return table[np.isfinite(table)] if table.dtype.kind == "f" else table.ravel()


def _chunks(table: np.ndarray, axis: int, entries: int = 1_000_000) -> Iterator[np.ndarray]:
    """The table in float64, in pieces of about so many entries."""
    step = max(1, entries // table.shape[1 - axis])
    for start in range(0, table.shape[axis], step):
        piece = table[start:start + step] if axis == 0 else table[:, start:start + step]
        yield piece.astype(np.float64)


def _whole(table: np.ndarray) -> dict[str, Any]:
    count, total, least, most, whole = 0, 0.0, math.inf, -math.inf, True
    for piece in map(_finite, _chunks(table, 0)):
        if piece.size:
            count, total = count + piece.size, total + float(piece.sum())
            least, most = min(least, float(piece.min())), max(most, float(piece.max()))
            whole = whole and bool((piece == np.rint(piece)).all())
    missing = {"missing": table.size - count}
    if not count:
        return missing
    mean = total / count
    squares = sum(float(np.square(_finite(piece) - mean).sum()) for piece in _chunks(table, 0))
    return missing | {"minimum": _plain(least), "maximum": _plain(most), "mean": _plain(mean),
                      "spread": _plain(math.sqrt(squares / count)), "integers": whole}


def _columns(table: np.ndarray) -> dict[str, Any]:
    variances, deviations, means, ranges, seen, equal = [], [], [], [], set(), 0
    for piece in _chunks(table, 1):
        piece = piece[:, np.isfinite(piece).any(axis=0)]
        if not piece.shape[1]:
            continue
        piece[~np.isfinite(piece)] = np.nan
        gaps = bool(np.isnan(piece).any())
        average, middle = (np.nanmean, np.nanmedian) if gaps else (np.mean, np.median)
        means.append(average(piece, axis=0))
        variances.append(average(np.square(piece - means[-1]), axis=0))
        deviations.append(average(np.abs(piece - middle(piece, axis=0)), axis=0))
        ranges.append(np.stack([np.nanmin(piece, axis=0), np.nanmax(piece, axis=0)]))
        for column in (piece + 0.0).T[ranges[-1][0] < ranges[-1][1]]:
            mark = hashlib.blake2b(np.ascontiguousarray(column).tobytes(), digest_size=16).digest()
            equal += mark in seen
            seen.add(mark)
    if not means:
        return {}
    variance, deviation, mean, (least, most) = (np.concatenate(variances), np.concatenate(deviations),
                                                np.concatenate(means), np.concatenate(ranges, axis=1))
    spreads = np.sqrt(variance[least < most])
    entropy = None
    if least.min() >= 0 and most.max() <= 1:
        shares = np.stack([mean, 1 - mean])
        logarithms = np.log(shares, out=np.zeros_like(shares), where=shares > 0)
        entropy = _plain(float(-(shares * logarithms).sum(axis=0).mean()))
    return {"constant_columns": int((least == most).sum()), "equal_columns": equal,
            "column_spreads": [_plain(float(spreads.min())), _plain(float(spreads.max()))] if spreads.size else None,
            "variance": _plain(float(variance.mean())), "deviation": _plain(float(deviation.mean())),
            "entropy": entropy}


def _one_hot(table: np.ndarray) -> bool:
    return all(bool(((piece == 0) | (piece == 1)).all() and (piece.sum(axis=1) == 1).all())
               for piece in _chunks(table, 0))


def _distinct(table: np.ndarray) -> int | None:
    known = np.zeros(0)
    for piece in _chunks(table, 0, 20_000 if table.dtype.kind == "f" else 1_000_000):
        known = np.unique(np.concatenate([known, np.unique(_finite(piece))]))
        if len(known) > 1000:
            return None
    return len(known)


# --- measuring ------------------------------------------------------------------------------------------------------

NO_NUMBER = math.nan
SEEN = slice(FIELDS.index("signal_rms"), FIELDS.index("update_ratio"))  # fields that a pass has to be watched for
Measured = tuple[float, float, np.ndarray, list[float]]  # loss, accuracy, (fields, rows), of the answers


class _Kernels:
    """Norms and steps of the kernels: what can be measured on every backend and without a sample."""

    def __init__(self, model: Any) -> None:
        parts = list(_parts(model))
        found = _rows_of(parts)[:MOST_ROWS]
        self.sequential = _is_stack(model)
        self.layers = [_part(part, _units(part)) for part in parts]
        self.rows, self.parts = [row.name for row in found], [row.part for row in found]
        self.signals = ["output"] * len(found)
        self._variables = [row.kernel for row in found]

    def kernels(self) -> list[np.ndarray]:
        return _arrays_of(self._variables)

    def measure(self, before: list[np.ndarray] | None) -> Measured:
        return NO_NUMBER, NO_NUMBER, _table(self.kernels(), before), [NO_NUMBER] * len(OUTPUTS)


def _arrays_of(kernels: list[Any]) -> list[np.ndarray]:
    return [_array(kernel).astype(np.float64) for kernel in kernels]


def _table(kernels: list[np.ndarray], before: list[np.ndarray] | None) -> np.ndarray:
    """(fields, rows) with how large the kernels are and how far they moved; all else is not known yet."""
    table = np.full((len(FIELDS), len(kernels)), NO_NUMBER)
    for place, kernel in enumerate(kernels):
        size = float(np.linalg.norm(kernel))
        if before is not None and size:
            table[FIELDS.index("update_ratio"), place] = np.linalg.norm(kernel - before[place]) / size
        table[FIELDS.index("kernel_norm"), place] = size
    return table


def _units(layer: Any) -> int | None:
    try:
        return keras.tree.flatten(layer.output)[0].shape[-1]
    except Exception:  # a layer that was never called, or in more than one place
        return None


@dataclass
class _Use:
    """One call of a layer. z: what its signal is the gradient of; u and f: what its activation was given and gave."""

    order: int
    z: Any
    kind: str
    u: Any
    f: Any
    function: Any  # u -> f, None where it is hidden in the layer
    linear: bool
    units: int  # the axis of the units
    limit: float = 0.0  # the slope under which an entry counts as saturated


class _Sample:
    """A pass over the sample in training mode, traced once: everything that the file has of a step."""

    def __init__(self, model: Any, x: Any, y: Any, steps: int | None, note: Callable[[str], None]) -> None:
        self._model, self._note = model, note
        if not all(part.built for part in _parts(model)):  # `fit` makes the weights with its first batch, in this order
            first = keras.tree.map_structure(lambda one: _tensor(_as_array(one)[:1]), x)
            tf.function(lambda: _answers(model, first), autograph=False).get_concrete_function()
        self._layers = list(_parts(model))
        self._found = _rows_of(self._layers)
        if len(self._found) > MOST_ROWS:
            note(f"Recorded are the first {MOST_ROWS} of {len(self._found)} kernels.")
            del self._found[MOST_ROWS:]
        examples = len(_arrays(x)[0])
        batch = -(-examples // steps) if steps else 32
        size = _sample_size(examples, batch, _work(self._found, _arrays(x)[0].shape))
        chosen = (slice(None) if size == examples
                  else np.sort(np.random.default_rng(0).choice(examples, size, replace=False)))
        self._examples = size
        self._x, self._y = (keras.tree.map_structure(lambda one: _tensor(_as_array(one)[chosen]), data)
                            for data in (x, y))
        self._right = _right(values_of(_arrays(y)[0]), keras.tree.flatten(model.loss))
        note(f"Losses, gradients and activations are of {size} examples out of {examples}, in training mode.")
        self._limits = self._saturation_limits()
        self._kept = [variable.value for variable in (*model.non_trainable_variables,
                                                       *(_shared_seeds() if model.run_eagerly else []))]
        self._run: Any = self._pass
        if model.run_eagerly:
            with self._put_back():
                self._pass()
        else:
            self._run = tf.function(self._pass, autograph=False).get_concrete_function()
            trained = {id(variable.value) for variable in model.trainable_variables}
            self._kept = [variable for variable in self._run.graph.variables if id(variable) not in trained]
        self._describe()

    def kernels(self) -> list[np.ndarray]:
        return _arrays_of([row.kernel for row in self._found])

    def measure(self, before: list[np.ndarray] | None) -> Measured:
        with self._put_back():
            numbers, gradients = self._run()
        loss, accuracy, *answers = numbers[:2 + len(OUTPUTS)].numpy().astype(np.float64)
        table = _table(self.kernels(), before)
        table[SEEN] = numbers[2 + len(OUTPUTS):].numpy().reshape(SEEN.stop - SEEN.start, -1)
        for (field, row), gradient in zip(self._given, gradients, strict=True):
            table[field, row] = np.linalg.norm(gradient.numpy().astype(np.float64))
        return loss, accuracy, table[:, self._order], answers

    @contextlib.contextmanager
    def _put_back(self) -> Iterator[None]:
        """Leaves every variable that a pass changes, and NumPy's and Python's generators, as they were."""
        values = [tf.identity(variable) for variable in self._kept]
        states = random.getstate(), np.random.get_state()
        try:
            yield
        finally:
            for variable, value in zip(self._kept, values, strict=True):
                variable.assign(value)
            random.setstate(states[0])
            np.random.set_state(states[1])

    def _visible(self) -> dict[int, Any]:
        """Every layer that can be looked into, by its id."""
        return {id(layer): layer for part in self._layers for layer, owners in _inside(part) if layer in owners}

    def _saturation_limits(self) -> dict[int, float]:
        """For each layer with an activation the slope under which one of its entries counts as saturated."""
        known: dict[int, float] = {}
        limits: dict[int, float] = {}
        for layer in self._visible().values():
            function = layer.call if isinstance(layer, _activation_layers()) else vars(layer).get("activation")
            function = layer.activation if isinstance(layer, keras.layers.Activation) else function
            if callable(function):
                limits[id(layer)] = known.get(id(function)) or SATURATED * _largest_slope(function)
                known[id(function)] = limits[id(layer)]
        return limits

    # --- the pass ---

    def _pass(self) -> tuple[Any, list[Any]]:
        """One vector: loss, accuracy, four numbers of the answers, then of the SEEN fields each a number a kernel; and
        the gradients of kernels and biases, whose norms cost less outside of the graph.
        """
        model = self._model
        self._uses: dict[int, list[_Use]] = {}
        self._shapes: dict[int, Any] = {}
        self._chained, self._last = True, None
        self._flow: dict[int, tuple[Any, _Use]] = {}  # a tensor -> what its activation, still to come, will belong to
        self._graph = None if tf.executing_eagerly() else tf.compat.v1.get_default_graph()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what there is to say, `fit` has said
            with tf.GradientTape() as self._tape, self._looking_in():
                answers = _answers(model, self._x)
                loss = _loss_of(model, self._x, self._y, answers)
            model._clear_losses()
        chosen = [self._uses_of(row) for row in self._found]
        uses = list({id(use): use for row in chosen for use in row}.values())
        watched = [variable.value for row in self._found for variable in (row.kernel, row.bias)
                   if variable is not None and variable.trainable]
        gradients = self._tape.gradient(loss, [*watched, *(use.z for use in uses)])
        found = {id(one): gradient for one, gradient in zip(
            [*watched, *(use.z for use in uses)], gradients, strict=True)}
        shares = {id(use): _saturated_and_dead(use) for use in uses}
        columns = [[_signal_rms([found[id(use.z)] for use in its_uses], self._examples),
                    *_mean_and_spread([use.f for use in its_uses]),
                    *_over_uses([shares[id(use)] for use in its_uses])] for its_uses in chosen]
        given = {(field, place): _dense(gradient) for place, row in enumerate(self._found)
                 for field, variable in enumerate((row.kernel, row.bias))
                 if variable is not None and (gradient := found.get(id(variable.value))) is not None}
        self._given = [*given]
        answer = tf.cast(keras.tree.flatten(answers)[0], tf.float32)
        figures = [tf.cast(loss, tf.float32), self._right(keras.tree.flatten(self._y)[0], answer),
                   tf.reduce_min(answer), tf.reduce_max(answer), *_mean_and_spread([answer])]
        self._flow, self._last, self._tape = {}, None, None
        self._chosen = [[(use.order, use.kind) for use in its_uses] for its_uses in chosen]
        self._uses = {}
        numbers = tf.concat([tf.stack(figures), *(tf.stack(field) for field in zip(*columns, strict=True))], axis=0)
        return numbers, [*given.values()]

    def _describe(self) -> None:
        """Rows and layers in the order in which the pass came to them, and what each row's signal is of."""
        self._order = sorted(range(len(self._found)), key=lambda row: min(self._chosen[row], default=(math.inf,))[0])
        seen = {key: place for place, key in enumerate(self._shapes)}
        layers = sorted(self._layers, key=lambda layer: seen.get(id(layer), math.inf))
        places = {id(layer): place for place, layer in enumerate(layers)}
        rows = [self._found[row] for row in self._order]
        self.layers = [_part(layer, self._shapes.get(id(layer))) for layer in layers]
        self.rows = [row.name for row in rows]
        self.parts = [places[id(self._layers[row.part])] for row in rows]
        self.signals = [self._chosen[row][0][1] if self._chosen[row] else "output" for row in self._order]
        self.sequential = self._chained or _is_stack(self._model)
        for row in rows:
            if not row.kernel.trainable:
                self._note(f"{row.name} is not trained: it has no gradient.")
        for place in self._order:
            if not self._chosen[place]:
                self._note(f"{self._found[place].name} was not called in the pass where it could be seen: it has no "
                           "signal and no activations.")

    def _uses_of(self, row: _Row) -> list[_Use]:
        """The calls of the innermost of its layers that could be seen."""
        return next((uses for owner in row.owners if (uses := self._uses.get(id(owner)))), [])

    @contextlib.contextmanager
    def _looking_in(self) -> Iterator[None]:
        """While a pass is traced, layers tell what they were given and what they gave."""
        layers = self._visible()
        before = [(layer, dict(vars(layer))) for layer in layers.values()]
        own = {id(layer) for layer in self._layers}
        try:
            for layer in layers.values():
                if callable(vars(layer).get("activation")) and not isinstance(layer, _activation_layers()):
                    vars(layer)["activation"] = self._seen_activation(layer, layer.activation)
                vars(layer)["call"] = self._seen_call(layer, layer.call, id(layer) in own)
            yield
        finally:
            for layer, attributes in before:
                for name in ("activation", "call"):
                    if name in attributes:
                        vars(layer)[name] = attributes[name]
                    else:
                        vars(layer).pop(name, None)

    def _seen_activation(self, layer: Any, function: Any) -> Callable[..., Any]:
        linear = function is keras.activations.linear
        channels = getattr(layer, "data_format", None) == "channels_first"

        def activation(z: Any) -> Any:
            if not self._here(z):
                return function(z)
            self._tape.watch(z)
            f = function(z)
            self._used(layer, z, "pre-activation", z, f, function, linear, 1 if channels else -1,
                       self._limits.get(id(layer), 0.0))
            return f
        return activation

    def _seen_call(self, layer: Any, function: Any, part: bool) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            given = [one for one in keras.tree.flatten((args, kwargs)) if tf.is_tensor(one)]
            before = len(self._uses.get(id(layer), ()))
            outputs = function(*args, **kwargs)
            output = keras.tree.flatten(outputs)[0]
            if not (self._here(output) and output.dtype.is_floating):
                return outputs
            if part:
                self._shapes.setdefault(id(layer), output.shape[-1] if output.shape.rank else None)
                self._chained = self._chained and (self._last is None or [*map(id, given)] == [id(self._last)])
                self._last = output
            awaiting = self._flow[id(given[0])][1] if given and id(given[0]) in self._flow else None
            if awaiting and isinstance(layer, _activation_layers()):
                awaiting.u, awaiting.f, awaiting.function, awaiting.linear = given[0], output, function, False
                awaiting.limit = self._limits[id(layer)]
            elif awaiting and isinstance(layer, _normalisations()):
                self._flow[id(output)] = output, awaiting
            uses = self._uses.get(id(layer), [])
            if len(uses) == before:
                self._tape.watch(output)
                self._used(layer, output, "output", None, output, None, False, -1)
            elif uses[-1].linear:
                self._flow[id(output)] = output, uses[-1]
            return outputs
        return call

    def _used(self, layer: Any, *use: Any) -> None:
        order = sum(map(len, self._uses.values()))
        self._uses.setdefault(id(layer), []).append(_Use(order, *use))

    def _here(self, tensor: Any) -> bool:
        """Whether a tensor is of this pass and not of a loop in it, out of which nothing can be taken."""
        return tf.is_tensor(tensor) and (self._graph is None or tensor.graph is self._graph)


def _shared_seeds() -> list[Any]:
    """The state of the generator that Keras's layers draw from when they are given no seed, made if there is none."""
    try:
        from keras.src.random.seed_generator import global_seed_generator
    except ImportError:  # it has no public name
        return []
    return [global_seed_generator().state]


def _activation_layers() -> tuple[Any, ...]:
    of = keras.layers
    return of.Activation, of.ReLU, of.LeakyReLU, of.ELU, of.PReLU, of.Softmax


def _normalisations() -> tuple[Any, ...]:
    of = keras.layers
    return of.BatchNormalization, of.LayerNormalization, of.GroupNormalization


def _answers(model: Any, x: Any) -> Any:
    """What the model makes of x in training mode."""
    return model(x, training=True) if getattr(model, "_call_has_training_arg", True) else model(x)


def _loss_of(model: Any, x: Any, y: Any, answers: Any) -> Any:
    """What `fit` minimises, penalties included."""
    takes = inspect.signature(model.compute_loss).parameters
    training = {"training": True} if "training" in takes else {}
    return model.compute_loss(x=x, y=y, y_pred=answers, sample_weight=None, **training)


def _tensor(array: np.ndarray) -> Any:
    """As `fit` hands it to the model: float64 in the width that Keras computes in."""
    return tf.convert_to_tensor(array.astype(keras.config.floatx()) if array.dtype.kind == "f" else array)


def _work(rows: list[_Row], shape: tuple[int, ...]) -> float:
    """Multiply-adds of an example's forward pass, about; infinite where the model does not say how large it is."""
    total = 0.0
    for row in rows:
        layer = row.owners[-1]
        try:
            sizes = keras.tree.flatten(layer.output)[0].shape[1:]
        except Exception:  # as in `_units`
            return math.inf
        places = sizes[1:] if getattr(layer, "data_format", None) == "channels_first" else sizes[:-1]
        if isinstance(layer, keras.layers.RNN):
            places = keras.tree.flatten(layer.input)[0].shape[1:2]
        if not isinstance(layer, keras.layers.Embedding):
            total += math.prod(row.kernel.shape) * math.prod(size or max(shape[1:2], default=1) for size in places)
    return total


def _sample_size(examples: int, batch: int, work: float) -> int:
    """How many examples the sample has."""
    affordable = max(BATCHES * batch, int(ALWAYS / max(work, 1)))
    return max(1, min(examples, SAMPLE, affordable))


def _right(targets: dict[str, Any], losses: list[Any]) -> Callable[[Any, Any], Any]:
    """A function (y, answers) -> accuracy, NaN where the targets are no classes."""
    loss = keras.losses.get(losses[0]) if losses and losses[0] is not None else None
    name = _name(loss, keras.losses) if loss is not None else ""
    border = 0.0 if getattr(loss, "from_logits", False) or "hinge" in name else 0.5
    signs = "hinge" in name and targets["minimum"] == -1
    two = targets["distinct"] == 2 and targets["integers"] and (signs or targets["minimum"] == 0) \
        and targets["maximum"] == 1

    def right(y: Any, answers: Any) -> Any:
        classes = answers.shape[-1]
        if name.startswith("sparse"):
            same = tf.argmax(answers, axis=-1) == tf.reshape(tf.cast(y, tf.int64), tf.shape(answers)[:-1])
        elif targets["one_hot"] and y.shape[-1] == classes:
            same = tf.argmax(answers, axis=-1) == tf.argmax(y, axis=-1)
        elif two and y.shape.num_elements() == answers.shape.num_elements():
            same = (answers > border) == tf.reshape(tf.cast(y, tf.float32) > (0.0 if signs else 0.5), answers.shape)
        else:
            return tf.constant(NO_NUMBER)
        return tf.reduce_mean(tf.cast(same, tf.float32))
    return right


# --- numbers of tensors ---------------------------------------------------------------------------------------------


def _norm(tensors: list[Any]) -> Any:
    """√Σ x² over all entries, in units of the largest: no square of a float32 is lost to under- or overflow."""
    if not tensors or any(tensor is None for tensor in tensors):
        return tf.constant(NO_NUMBER)
    flat = [tf.reshape(tf.cast(tensor, tf.float32), [-1]) for tensor in tensors]
    largest = tf.reduce_max(tf.stack([tf.reduce_max(tf.abs(one)) for one in flat]))
    unit = tf.where((largest > 0) & tf.math.is_finite(largest), largest, 1.0)
    return unit * tf.sqrt(tf.add_n([tf.reduce_sum(tf.square(one / unit)) for one in flat]))


def _dense(tensor: Any) -> Any:
    """The gradient of an embedding comes as rows, the same one more than once: those that were used, each once."""
    if not isinstance(tensor, tf.IndexedSlices):
        return tensor
    rows, place = tf.unique(tf.reshape(tensor.indices, [-1]))
    return tf.math.unsorted_segment_sum(tensor.values, place, tf.size(rows))


def _signal_rms(gradients: list[Any], examples: int) -> Any:
    if not gradients or any(gradient is None for gradient in gradients):
        return tf.constant(NO_NUMBER)
    entries = sum(gradient.shape.num_elements() for gradient in gradients)
    return _norm(gradients) * (examples / math.sqrt(entries))


def _mean_and_spread(tensors: list[Any]) -> tuple[Any, Any]:
    """Mean and standard deviation over all entries, from the first entry on: equal ones have a spread of 0."""
    if not tensors:
        return tf.constant(NO_NUMBER), tf.constant(NO_NUMBER)
    flat = tf.concat([tf.reshape(tf.cast(tensor, tf.float32), [-1]) for tensor in tensors], axis=0)
    first = flat[0]
    mean = tf.reduce_mean(flat - first)
    return first + mean, tf.sqrt(tf.reduce_mean(tf.square(flat - first - mean)))


def _saturated_and_dead(use: _Use) -> tuple[Any, Any] | None:
    """Share of entries under 1 % of the largest slope, and a truth a unit: no slope anywhere. None where unknown."""
    if use.linear:
        return tf.constant(0.0), tf.zeros([use.f.shape[use.units]], tf.bool)
    if use.function is None:
        return None
    slope = _slope(use.function, use.u)
    if slope is None:
        return None
    slope = tf.abs(slope)
    units = use.units % len(slope.shape)
    others = [axis for axis in range(len(slope.shape)) if axis != units]
    return tf.reduce_mean(tf.cast(slope < use.limit, tf.float32)), tf.reduce_all(tf.equal(slope, 0), axis=others)


def _over_uses(shares: list[tuple[Any, Any] | None]) -> tuple[Any, Any]:
    if not shares or any(share is None for share in shares):
        return tf.constant(NO_NUMBER), tf.constant(NO_NUMBER)
    known = [share for share in shares if share is not None]
    dead = tf.reduce_all(tf.stack([units for _, units in known]), axis=0)
    return tf.reduce_mean(tf.stack([share for share, _ in known])), tf.reduce_mean(tf.cast(dead, tf.float32))


def _slope(function: Any, u: Any) -> Any:
    """f'(u); of softmax p (1 - p); None for another function whose entries depend on each other."""
    name = _kind(function)
    if name == "softmax":
        p = function(u)
        return p * (1 - p)
    if name in ("log_softmax", "sparsemax", "glu"):
        return None
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(u)
        f = function(u)
    slope = tape.gradient(f, u)
    return tf.zeros_like(u) if slope is None else slope


def _kind(function: Any) -> str:
    """The name of an activation: a function, a layer given as one, or the method of an activation layer."""
    owner = getattr(function, "__self__", function)
    if isinstance(owner, keras.layers.Activation):
        return _kind(owner.activation)
    return (getattr(owner, "__name__", None) or type(owner).__name__).lower()


def _largest_slope(function: Any) -> float:
    """max |f'| over a grid from -60 to 60; 1 where the function takes no such grid (PReLU, a slope a unit)."""
    positive = np.geomspace(1e-12, 60, 30_001)
    points = np.concatenate([-positive[::-1], [0], positive]).astype(keras.config.floatx())
    try:
        # a second input at 0, so that softmax too has something to compare with
        slope = _slope(function, tf.constant(np.stack([points, np.zeros_like(points)], axis=-1)))
        return float(np.abs(slope.numpy()).max())
    except Exception:
        return 1.0


# --- words and numbers ----------------------------------------------------------------------------------------------


def _numbers(named: Any) -> dict[str, float]:
    """The numbers among named values."""
    numbers = {}
    for name, value in named.items():
        if isinstance(value, (bool, int, float, np.number)) or getattr(value, "shape", None) == ():
            numbers[_clean(str(name))] = float(value)
    return numbers


def _plain(value: Any) -> Any:
    """A number as it stands in the file."""
    if value is None or math.isnan(value):
        return None
    if math.isinf(value):
        return "inf" if value > 0 else "-inf"
    return float(f"{value:.6g}")


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def _short(error: BaseException) -> str:
    lines = str(error).strip().splitlines() or [""]
    return _clean(f"{type(error).__name__}: {lines[0]}", 300)


def _clean(text: str, most: int = 200) -> str:
    """A name or sentence as the file may have it."""
    return "".join(sign if sign.isprintable() else "?" for sign in text[:most])
