"""What is measured in a layer: the fields of `Layers`, computed in TensorFlow beside the training step.

Gradients are measured before clipping, kernels and biases apart. A float32 norm squares its entries and reads 0 below
about 1e-23; here everything is divided by its largest magnitude first, so that zero means: every entry is zero.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from core.activations import ACTIVATIONS
from core.architecture import Architecture
from core.tensors import tensorflow

SATURATED = 0.01  # a slope under this share of the activation's largest slope counts as saturated


@dataclass(frozen=True)
class Layers:
    """One float64 array a field, a value a layer: hidden layers first to last, then the output.

    kernel_gradient_norm, bias_gradient_norm: Frobenius norm of dL/dW_l, dL/db_l.
    signal_rms: RMS over batch and units of m · dL/dz_l, with m the batch size, so it is per example.
    activation_mean, activation_std: of a_l = f(·) over batch and units.
    saturated_fraction: share of (example, unit) whose slope is under 1 % of the activation's largest slope.
    dead_fraction: share of units whose slope is zero for the whole batch.
    update_ratio: RMS of the step taken / RMS of the kernel; NaN at step 0 and for a kernel of zeros.
    kernel_norm: Frobenius norm of W_l.
    """

    kernel_gradient_norm: np.ndarray
    bias_gradient_norm: np.ndarray
    signal_rms: np.ndarray
    activation_mean: np.ndarray
    activation_std: np.ndarray
    saturated_fraction: np.ndarray
    dead_fraction: np.ndarray
    update_ratio: np.ndarray
    kernel_norm: np.ndarray

    @classmethod
    def of(cls, packed: np.ndarray) -> Layers:
        """From the matrix `(fields, layers)` that `measure` returns."""
        return cls(*np.asarray(packed, np.float64))


LAYER_FIELDS = tuple(field.name for field in fields(Layers))


def norm(x: Any) -> Any:
    """√Σ x² of each row of x `(rows, n)`, exact down to the smallest float."""
    tf = tensorflow()
    largest = tf.reduce_max(tf.abs(x), axis=1, keepdims=True)
    scaled = tf.math.divide_no_nan(x, largest)
    # divide_no_nan turns x / inf into 0 or NaN; the factor `largest` makes either of them not finite again
    return largest[:, 0] * tf.sqrt(tf.reduce_sum(scaled * scaled, axis=1))


def measure(architecture: Architecture, theta: Any, delta: Any, gradient: Any, signals: list[Any],
            inputs: list[Any], activations: list[Any]) -> Any:
    """All fields of `Layers` as one matrix `(fields, layers)`, block by block of layers that are alike.

    `delta` is the step that led to θ; `gradient` (dL/dθ), `signals` (dL/dz), `inputs` and `activations` (f's inputs and
    outputs), a tensor `(batch, units)` a layer each, belong to a pass at θ.
    """
    tf = tensorflow()
    columns, start = [], 0
    for first, count in architecture.blocks():
        shapes = architecture.shapes(first)
        kernel, bias = (int(np.prod(shape)) for shape in shapes[:2])
        size = sum(int(np.prod(shape)) for shape in shapes)
        rows = slice(start, start + count * size)  # a block's parameters stand together in θ
        start = rows.stop
        w, step, g = (tf.reshape(vector[rows], (count, size)) for vector in (theta, delta, gradient))
        layers = slice(first, first + count)
        kernel_norm = norm(w[:, :kernel])
        ratio = norm(step[:, :kernel]) / kernel_norm
        columns.append(tf.stack([
            norm(g[:, :kernel]), norm(g[:, kernel:kernel + bias]), _signal_rms(signals[layers]),
            *_activation_statistics(architecture, first, inputs[layers], activations[layers]),
            ratio, kernel_norm]))
    return tf.concat(columns, axis=1)


def _signal_rms(signals: list[Any]) -> Any:
    tf = tensorflow()
    d = tf.stack(signals)  # (layers, batch, units)
    batch, units = tf.cast(tf.shape(d)[1], tf.float32), d.shape[2]
    return norm(tf.reshape(d, (len(signals), -1))) * tf.sqrt(batch / units)  # m · √(Σ δ² / (m · units))


def _activation_statistics(architecture: Architecture, first: int, inputs: list[Any],
                           activations: list[Any]) -> tuple[Any, Any, Any, Any]:
    """Mean, standard deviation, saturated fraction and dead fraction of each layer of a block."""
    tf = tensorflow()
    count = len(inputs)
    flat = tf.reshape(tf.stack(activations), (count, -1))
    mean = tf.reduce_mean(flat, axis=1)
    std = norm(flat - mean[:, None]) / tf.sqrt(tf.cast(tf.shape(flat)[1], tf.float32))
    slope = tf.abs(_slopes(architecture, first, tf.stack(inputs)))  # (layers, batch, units)
    name, alpha = architecture.activation(first)
    limit = SATURATED * ACTIVATIONS[name].largest_slope(alpha)
    saturated = tf.reduce_mean(tf.cast(tf.reshape(slope, (count, -1)) < limit, tf.float32), axis=1)
    dead = tf.reduce_mean(tf.cast(tf.reduce_max(slope, axis=1) == 0.0, tf.float32), axis=1)
    return mean, std, saturated, dead


def _slopes(architecture: Architecture, layer: int, u: Any) -> Any:
    """f'(u) by automatic differentiation; for softmax the diagonal p (1 - p) of its Jacobian."""
    tf = tensorflow()
    name, alpha = architecture.activation(layer)
    function = ACTIVATIONS[name].keras_fn(alpha)
    if not ACTIVATIONS[name].elementwise:
        p = function(u)
        return p * (1 - p)
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(u)
        f = function(u)
    return tape.gradient(f, u)
