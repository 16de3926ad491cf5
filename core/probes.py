"""What is measured in a layer: the fields of `Layers`, from the arrays of one training pass.

Gradients are measured before clipping, kernels and biases apart. A float32 norm squares its entries and reads 0 below
about 1e-23; where a sum of squares comes near that, or near overflow, it is taken in float64, which holds the square of
every float32, so zero means: every entry is zero.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from core.activations import ACTIVATIONS
from core.architecture import Architecture

SAFE = (1e-20, 1e30)  # a sum of float32 squares between these has lost nothing that shows to under- or overflow
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


def norm(x: np.ndarray) -> float:
    """√Σ x² over all entries, exact to float32 down to the smallest float32 and up to the largest."""
    entries = x.ravel()
    with np.errstate(over="ignore", invalid="ignore"):
        squares = float(entries @ entries)
    if not SAFE[0] < squares < SAFE[1]:  # NaN, too
        entries = entries.astype(np.float64)
        squares = float(entries @ entries)
    return math.sqrt(squares)


def saturation_limit(architecture: Architecture, layer: int) -> float:
    """The slope, without its sign, under which a layer's unit counts as saturated."""
    name, alpha = architecture.activation(layer)
    return SATURATED * ACTIVATIONS[name].largest_slope(alpha)


def measure(architecture: Architecture, theta: np.ndarray, delta: np.ndarray, gradient: np.ndarray,
            signals: Sequence[np.ndarray], slopes: Sequence[np.ndarray], activations: Sequence[np.ndarray]) -> Layers:
    """What one pass at θ says of every layer; all arrays float32.

    `delta` is the step that led to θ (NaN at step 0) and `gradient` dL/dθ, vectors like θ; `signals` (dL/dz), `slopes`
    f'(·) and `activations` f(·) are an array `(batch, units)` a layer. Results are rounded to float32.
    """
    rows, start = [], 0
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):  # a run may overflow, and says so
        for layer in range(architecture.depth + 1):
            sizes = [math.prod(shape) for shape in architecture.shapes(layer)]
            kernel, bias = slice(start, start + sizes[0]), slice(start + sizes[0], start + sizes[0] + sizes[1])
            start += sum(sizes)
            kernel_norm = norm(theta[kernel])
            rows.append((
                norm(gradient[kernel]), norm(gradient[bias]), _signal_rms(signals[layer]),
                *_mean_and_std(activations[layer]),
                *_saturated_and_dead(slopes[layer], saturation_limit(architecture, layer)),
                norm(delta[kernel]) / kernel_norm if kernel_norm else math.nan, kernel_norm))
        return Layers.of(np.array(rows).T.astype(np.float32))


def _signal_rms(signal: np.ndarray) -> float:
    batch, units = signal.shape
    return norm(signal) * math.sqrt(batch / units)  # m · √(Σ δ² / (m · units))


def _mean_and_std(activation: np.ndarray) -> tuple[float, float]:
    a = activation.ravel().astype(np.float64)  # in which a sum of equal float32 numbers is exact, so is their spread 0
    mean = a.sum() / a.size
    a -= mean
    return mean, math.sqrt(a @ a / a.size)


def _saturated_and_dead(slopes: np.ndarray, limit: float) -> tuple[float, float]:
    """Shares of (example, unit) with a slope under `limit`, and of units whose slope is 0 for the whole batch."""
    batch, units = slopes.shape
    saturated = np.count_nonzero(np.abs(slopes) < limit)
    dead = units - np.count_nonzero(slopes.any(axis=0)) if saturated >= batch else 0  # a dead unit has a whole batch
    return saturated / slopes.size, dead / units
