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


def norm(x: Any, factor: Any = 1.0) -> Any:
    """factor · √Σ x² of each row of x `(rows, n)`, exact down to the smallest float and up to the largest."""
    tf = tensorflow()
    largest = tf.maximum(tf.reduce_max(x, axis=1), -tf.reduce_min(x, axis=1))
    scaled = tf.math.divide_no_nan(x, largest[:, None])  # an infinity becomes NaN here, and stays one
    return largest * (tf.sqrt(tf.linalg.matvec(scaled[:, None, :], scaled)[:, 0]) * factor)


def measure(architecture: Architecture, theta: Any, delta: Any, gradient: Any, signals: list[Any],
            slopes: list[Any], activations: list[Any]) -> Any:
    """All fields of `Layers` as one matrix `(fields, layers)`, block by block of layers that are alike.

    `delta` is the step that led to θ; `gradient` (dL/dθ), `signals` (dL/dz), `slopes` f'(·) and `activations` f(·),
    a tensor `(batch, units)` a layer each, belong to a pass at θ.
    """
    tf = tensorflow()
    vectors = tf.stack([gradient, delta, theta])
    columns, start = [], 0
    for first, count in architecture.blocks():
        shapes = architecture.shapes(first)
        kernel, bias = (int(np.prod(shape)) for shape in shapes[:2])
        size = sum(int(np.prod(shape)) for shape in shapes)
        rows = slice(start, start + count * size)  # a block's parameters stand together in θ
        start = rows.stop
        block = tf.reshape(vectors[:, rows], (3 * count, size))  # a row a layer: of dL/dθ, of the step, of θ
        gradient_norm, step_norm, kernel_norm = tf.split(norm(block[:, :kernel]), 3)
        layers = slice(first, first + count)
        name, alpha = architecture.activation(first)
        limit = SATURATED * ACTIVATIONS[name].largest_slope(alpha)
        columns.append(tf.stack([
            gradient_norm, norm(block[:count, kernel:kernel + bias]), _signal_rms(signals[layers]),
            *_mean_and_std(activations[layers]), *_saturated_and_dead(slopes[layers], limit),
            step_norm / kernel_norm, kernel_norm]))
    return tf.concat(columns, axis=1)


def _rows(layers: list[Any]) -> Any:
    """Tensors `(batch, units)` as the rows of one `(layers, batch · units)`."""
    tf = tensorflow()
    return tf.reshape(tf.stack(layers), (len(layers), -1))


def _signal_rms(signals: list[Any]) -> Any:
    tf = tensorflow()
    batch, units = tf.cast(tf.shape(signals[0])[0], tf.float32), signals[0].shape[1]
    return norm(_rows(signals), tf.sqrt(batch / units))  # m · √(Σ δ² / (m · units))


def _mean_and_std(activations: list[Any]) -> tuple[Any, Any]:
    tf = tensorflow()
    a = _rows(activations)
    first = a[:, :1]
    rest = a - first  # exactly 0 where all entries are equal, and so is their spread
    share = 1 / tf.cast(tf.shape(a)[1], tf.float32)
    mean = tf.linalg.matvec(rest, tf.fill(tf.shape(a)[1:], share))  # a sum could overflow where no entry does
    return first[:, 0] + mean, norm(rest - mean[:, None], tf.sqrt(share))


def _saturated_and_dead(slopes: list[Any], limit: float) -> tuple[Any, Any]:
    """Shares of (example, unit) with a slope under `limit`, and of units whose slope is 0 for the whole batch."""
    tf = tensorflow()
    slope = tf.abs(tf.stack(slopes))  # (layers, batch, units)
    under = tf.reshape(tf.cast(slope < limit, tf.float32), (len(slopes), -1))
    dead = tf.cast(tf.equal(tf.reduce_max(slope, axis=1), 0.0), tf.float32)
    return tf.reduce_mean(under, axis=1), tf.reduce_mean(dead, axis=1)
