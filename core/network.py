"""Initial weights, forward pass and back-propagation of a run, in TensorFlow functions without a Keras model.

All parameters live in one vector θ, layer after layer: kernel, bias and, with batch norm, scale and shift. One vector
makes an update, a clip or a norm one operation instead of one a variable, so a graph of 50 layers is traced in under a
second, and nothing is built that Keras would keep for good.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from core.activations import ACTIVATIONS, Activation
from core.architecture import Architecture
from core.initializers import INITIALIZERS, layer_seed
from core.spec import RunSpec
from core.tensors import tensorflow

BATCH_NORM_EPSILON = 1e-3  # Keras's default


# --- weights --------------------------------------------------------------------------------------------------------


def initial_weights(spec: RunSpec) -> list[tuple[np.ndarray, ...]]:
    """The parameters before step 0: `(kernel, bias)` a layer, or `(kernel, bias, scale, shift)` with batch norm.

    Kernel `(fan_in, fan_out)` float32 = gain · the initializer's sample, with a seed of its own for each layer; bias
    normal with `bias_std` (0: zeros); scale ones, shift zeros.
    """
    tensorflow()
    initializer = INITIALIZERS[spec.initializer]
    layers: list[tuple[np.ndarray, ...]] = []
    for layer, (fan_in, fan_out) in enumerate(pairwise(spec.sizes)):
        kernel = initializer.sample((fan_in, fan_out), layer_seed(spec.seed, layer)) * np.float32(spec.gain)
        noise = np.random.default_rng(layer_seed(spec.seed, layer, 1)).standard_normal(fan_out)
        bias = (spec.bias_std * noise).astype(np.float32)
        normalised = layer < spec.depth and spec.batch_norms[layer]
        extra = (np.ones(fan_out, np.float32), np.zeros(fan_out, np.float32)) if normalised else ()
        layers.append((kernel.astype(np.float32), bias, *extra))
    return layers


def flatten(weights: Sequence[Sequence[np.ndarray]]) -> np.ndarray:
    """All parameters of all layers in one float32 vector θ."""
    return np.concatenate([np.ravel(part) for layer in weights for part in layer]).astype(np.float32)


def unflatten(architecture: Architecture, theta: np.ndarray) -> list[tuple[np.ndarray, ...]]:
    """The inverse of `flatten`: a tuple of arrays a layer."""
    shapes = architecture.all_shapes
    ends = np.cumsum([np.prod(shape) for shape in shapes])[:-1]
    parts = iter([part.reshape(shape) for part, shape in zip(np.split(theta, ends), shapes, strict=True)])
    return [tuple(next(parts) for _ in architecture.shapes(layer)) for layer in range(architecture.depth + 1)]


# --- forward --------------------------------------------------------------------------------------------------------


@dataclass
class Forward:
    """What a forward pass leaves behind: a list entry a layer, hidden layers first to last, then the output.

    pre_activations: z = W a + b `(batch, units)`; activations: f(u), before dropout and skip, with u = z, or z
    normalised; slopes: f'(u) where asked for; statistics: mean and variance of z for each normalised layer.
    """

    pre_activations: list[Any]
    activations: list[Any]
    slopes: list[Any]
    statistics: list[Any]


def forward(architecture: Architecture, theta: Any, x: Any, mask_seed: Any = None, moving: Any = None,
            with_slopes: bool = False) -> Forward:
    """Forward pass of `x (batch, features)` through the parameters θ.

    In training mode (`moving` None) batch norm uses the batch's own statistics, and dropout draws masks from
    `mask_seed`, two integers; in inference mode batch norm uses `moving`, the moving means and variances in one
    vector, and nothing is dropped.
    """
    tf = tensorflow()
    shapes = architecture.all_shapes
    parts = tf.split(theta, [int(np.prod(shape)) for shape in shapes])
    parameters = iter([tf.reshape(part, shape) for part, shape in zip(parts, shapes, strict=True)])
    widths = [width for width in architecture.normalised_widths for _ in ("mean", "variance")]
    stored = iter(tf.split(moving, widths) if widths and moving is not None else ())
    result = Forward([], [], [], [])
    a = x
    for layer in range(architecture.depth + 1):
        z = tf.nn.bias_add(tf.matmul(a, next(parameters)), next(parameters))  # (batch, units); + costs 5 operations
        u = z
        if architecture.normalised(layer):
            if moving is None:
                mean, variance = tf.nn.moments(z, axes=[0])
                result.statistics += [mean, variance]
            else:
                mean, variance = next(stored), next(stored)
            scale, shift = next(parameters), next(parameters)
            u = (z - mean) * (tf.math.rsqrt(variance + BATCH_NORM_EPSILON) * scale) + shift
        name, alpha = architecture.activation(layer)
        f, slope = _activated(ACTIVATIONS[name], alpha, u, with_slopes)
        result.pre_activations.append(z)
        result.activations.append(f)
        result.slopes.append(slope)
        if layer == architecture.depth:
            break
        if architecture.dropout and moving is None:
            f = _dropped(f, architecture.dropout, mask_seed, layer)
        a = f + a if architecture.skips[layer] else f
    return result


def _activated(activation: Activation, alpha: float | None, u: Any, with_slope: bool) -> tuple[Any, Any]:
    """f(u) and, where asked for, f'(u) by automatic differentiation; for softmax the diagonal p (1 - p)."""
    function = activation.keras_fn(alpha)
    if not with_slope:
        return function(u), None
    if not activation.elementwise:
        p = function(u)
        return p, p * (1 - p)
    with tensorflow().GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(u)
        f = function(u)
    return f, tape.gradient(f, u)


def _dropped(a: Any, rate: float, mask_seed: Any, layer: int) -> Any:
    """Inverted dropout: a share `rate` of the entries is 0, the others are divided by 1 - rate."""
    tf = tensorflow()
    return tf.where(_kept(tf.shape(a), rate, mask_seed, layer), a / (1 - rate), 0.0)


def _kept(shape: Any, rate: float, mask_seed: Any, layer: int) -> Any:
    tf = tensorflow()
    seed = tf.stack([mask_seed[0], mask_seed[1] * 64 + layer])  # 64: more than there can be layers
    return tf.random.stateless_uniform(shape, seed) >= rate


def dropout_mask(spec: RunSpec, step: int, layer: int, examples: int) -> np.ndarray:
    """Which units of a hidden layer (0 the first) a run keeps in the pass of a step: bool `(examples, units)`.

    examples: how many the batch of that pass has. It is the mask of the run itself, which follows from seed and step.
    """
    return _kept([examples, spec.widths[layer]], spec.dropout, tensorflow().constant([spec.seed, step]), layer).numpy()


# --- backward -------------------------------------------------------------------------------------------------------


def loss_and_gradient(architecture: Architecture, theta: Any, x: Any, y: Any, mask_seed: Any,
                      measured: bool) -> tuple[Any, Any, list[Any], Forward]:
    """One training-mode pass: loss, dL/dθ, the signals dL/dz and the forward pass with its slopes.

    Signals and slopes are left out unless the pass is `measured`.

    Eager back-propagation and the traced training step both run this body.
    """
    tf = tensorflow()
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(theta)
        passed = forward(architecture, theta, x, mask_seed, with_slopes=measured)
        loss = architecture.loss_entry.tensor_fn(architecture.task, architecture.output)(y, passed.pre_activations[-1])
    sources = [theta, *passed.pre_activations] if measured else [theta]
    gradient, *signals = tape.gradient(loss, sources)
    return loss, gradient, signals, passed


@dataclass(frozen=True)
class Backward:
    """What back-propagation gives: the loss, and NumPy arrays in lists over hidden layers and output."""

    loss: float
    pre_activations: list[np.ndarray]
    activations: list[np.ndarray]
    signals: list[np.ndarray]
    kernel_gradients: list[np.ndarray]
    bias_gradients: list[np.ndarray]


def backpropagate(spec: RunSpec, weights: Sequence[Sequence[np.ndarray]], x: np.ndarray, y: np.ndarray) -> Backward:
    """Loss and gradients of one batch, in training mode, at the given weights.

    Shapes come from the weights and x `(batch, features)`, not from the spec's data set; y is `(batch, outputs)`:
    `(batch, 1)` for two classes and for a number, one-hot `(batch, classes)` for more classes. A 2-tuple under batch
    norm means scale 1, shift 0.
    `signals` are dL/dz, with z = W a + b and L the mean over the batch. Dropout uses the masks of step 0.
    """
    tf = tensorflow()
    kernels = [np.shape(layer[0]) for layer in weights]
    architecture = Architecture.of(spec, (*(shape[0] for shape in kernels), kernels[-1][1]))
    complete = [layer if len(layer) == len(architecture.shapes(i)) else
                (*layer, np.ones(kernels[i][1]), np.zeros(kernels[i][1])) for i, layer in enumerate(weights)]
    loss, gradient, signals, passed = loss_and_gradient(
        architecture, tf.constant(flatten(complete)), tf.constant(x, tf.float32), tf.constant(y, tf.float32),
        tf.constant([spec.seed, 0]), measured=True)
    gradients = unflatten(architecture, gradient.numpy())
    z, a, delta = ([tensor.numpy() for tensor in tensors]
                   for tensors in (passed.pre_activations, passed.activations, signals))
    return Backward(float(loss), z, a, delta, [layer[0] for layer in gradients], [layer[1] for layer in gradients])
