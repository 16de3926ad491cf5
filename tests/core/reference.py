"""Independent references for the engine: a network in float64 NumPy, and the same network as a Keras model.

Both are built from a RunSpec and a list of weights as `initial_weights` gives it. The NumPy network only goes forward:
its gradients are central differences.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from core.activations import ACTIVATIONS
from core.losses import LOSSES
from core.spec import RunSpec

Weights = list[tuple[np.ndarray, ...]]


@dataclass
class Passed:
    """What a forward pass gives, a list entry a layer: z, what the activation is applied to (u), and f(u)."""

    z: list[np.ndarray]
    u: list[np.ndarray]
    f: list[np.ndarray]


def per_layer(value, depth: int) -> tuple:
    return tuple(value) if isinstance(value, tuple) else (value,) * depth


def forward(spec: RunSpec, weights: Weights, x, nudges=None, moving=None) -> Passed:
    """Forward pass in float64 without dropout; `nudges` are added to z, `moving` is a list of (mean, variance)."""
    depth = len(weights) - 1
    names = [*per_layer(spec.activation, depth), spec.output_activation]
    normalised = [*per_layer(spec.batch_norm, depth), False]
    passed = Passed([], [], [])
    statistics = iter(moving or ())
    a = np.asarray(x, np.float64)
    for layer, (kernel, bias, *rest) in enumerate(weights):
        z = a @ np.asarray(kernel, np.float64) + np.asarray(bias, np.float64)
        z = z if nudges is None else z + nudges[layer]
        u = z
        if normalised[layer]:
            mean, variance = (z.mean(0), z.var(0)) if moving is None else next(statistics)
            scale, shift = (np.asarray(part, np.float64) for part in rest) if rest else (1.0, 0.0)
            u = scale * (z - mean) / np.sqrt(variance + 1e-3) + shift
        f = ACTIVATIONS[names[layer]].fn(u, spec.alpha if layer < depth else None)
        passed.z.append(z)
        passed.u.append(u)
        passed.f.append(f)
        a = f + a if layer < depth and spec.skip and f.shape == a.shape else f
    return passed


def loss(spec: RunSpec, weights: Weights, x, y, nudges=None, moving=None) -> float:
    """The loss of the batch in float64."""
    return LOSSES[spec.loss_name].fn(np.asarray(y, np.float64), forward(spec, weights, x, nudges, moving).f[-1])


def accuracy(spec: RunSpec, weights: Weights, x, y, moving=None) -> float:
    """Share of the examples whose class is the likeliest; a hinge output is on the right side of 0."""
    predicted = forward(spec, weights, x, moving=moving).f[-1]
    if spec.task == "binary":
        border = 0.0 if spec.output_activation == "tanh" else 0.5
        return float(np.mean((predicted > border) == (np.asarray(y) > 0.5)))
    return float(np.mean(predicted.argmax(1) == np.asarray(y).argmax(1)))


def central_differences(function: Callable[[np.ndarray], float], at: np.ndarray, h: float = 1e-6) -> np.ndarray:
    """(f(x + h e_i) - f(x - h e_i)) / 2h for every entry of x, in the shape of x."""
    slopes = np.empty_like(at)
    for i in np.ndindex(at.shape):
        step = np.zeros_like(at)
        step[i] = h
        slopes[i] = (function(at + step) - function(at - step)) / (2 * h)
    return slopes


def keras_model(spec: RunSpec, weights: Weights):
    """A functional Keras model with these weights; Dropout is left out."""
    import keras

    depth = len(weights) - 1
    names, normalised = per_layer(spec.activation, depth), per_layer(spec.batch_norm, depth)
    a = inputs = keras.Input((weights[0][0].shape[0],))
    for layer in range(depth):
        units = weights[layer][0].shape[1]
        u = keras.layers.Dense(units, name=f"dense_{layer}")(a)
        if normalised[layer]:
            u = keras.layers.BatchNormalization(name=f"norm_{layer}")(u)
        f = keras.layers.Activation(ACTIVATIONS[names[layer]].keras_fn(spec.alpha))(u)
        a = keras.layers.Add()([f, a]) if spec.skip and a.shape[-1] == units else f
    outputs = keras.layers.Dense(weights[-1][0].shape[1], spec.output_activation, name=f"dense_{depth}")(a)
    model = keras.Model(inputs, outputs)
    for layer, (kernel, bias, *rest) in enumerate(weights):
        model.get_layer(f"dense_{layer}").set_weights([kernel, bias])
        if rest:
            mean, variance = np.zeros_like(bias), np.ones_like(bias)
            model.get_layer(f"norm_{layer}").set_weights([*rest, mean, variance])
    return model
