"""A stack of layers without activations is one layer: its matrix is the product of theirs.

    W_k (… (W_2 (W_1 x + b_1) + b_2) …) + b_k = W x + b,   W = W_k ⋯ W_2 W_1

All in float64 NumPy, so that what is left between the two sides is rounding.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from core.activations import ACTIVATIONS
from core.initializers import INITIALIZERS
from core.lessons.activations.slopes import usual_initializer

INPUTS, WIDTH, OUTPUTS = 3, 16, 2
BIAS_STD = 0.5
REACH = 3.0  # inputs are compared within −REACH to REACH
EXAMPLES = 1000


@dataclass(frozen=True)
class AffineLayer:
    """z = W a + b: kernel `(units out, units in)`, bias `(units out,)`."""

    kernel: np.ndarray
    bias: np.ndarray


@dataclass(frozen=True)
class Stack:
    """Layers one after the other, with an activation after each but the last."""

    layers: tuple[AffineLayer, ...]
    activation: str = "linear"
    alpha: float | None = None

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """Outputs for x: `(examples, inputs) -> (examples, outputs)`."""
        entry = ACTIVATIONS[self.activation]
        a = np.asarray(x, np.float64)
        for layer in self.layers[:-1]:
            a = entry.fn(a @ layer.kernel.T + layer.bias, self.alpha)
        return a @ self.layers[-1].kernel.T + self.layers[-1].bias

    @property
    def parameters(self) -> int:
        return sum(layer.kernel.size + layer.bias.size for layer in self.layers)


def stack(depth: int, seed: int, activation: str = "linear", alpha: float | None = None) -> Stack:
    """INPUTS → WIDTH → … → OUTPUTS, `depth` layers in all; the same draws for every activation.

    Kernels are normal with the variance of the activation's usual initializer, biases with spread BIAS_STD.
    """
    variance = INITIALIZERS[usual_initializer(activation)].variance
    layers = []
    for number, (fan_in, fan_out) in enumerate(pairwise((INPUTS, *(WIDTH,) * (depth - 1), OUTPUTS))):
        rng = np.random.default_rng([seed, number])
        kernel = rng.standard_normal((fan_out, fan_in)) * np.sqrt(variance(fan_in, fan_out))
        layers.append(AffineLayer(kernel, BIAS_STD * rng.standard_normal(fan_out)))
    return Stack(tuple(layers), activation, alpha)


def collapsed(layers: tuple[AffineLayer, ...]) -> AffineLayer:
    """The one layer that does what these do without activations: W = W_k ⋯ W_1, and the bias likewise."""
    kernel, bias = np.eye(layers[0].kernel.shape[1]), np.zeros(layers[0].kernel.shape[1])
    for layer in layers:
        kernel, bias = layer.kernel @ kernel, layer.kernel @ bias + layer.bias
    return AffineLayer(kernel, bias)


def closest_layer(whole: Stack, x: np.ndarray) -> AffineLayer:
    """The one layer without activation that comes closest to the stack at the inputs x, by least squares."""
    inputs = np.column_stack([x, np.ones(len(x))])
    solution = np.linalg.lstsq(inputs, whole(x), rcond=None)[0]  # (inputs + 1, outputs)
    return AffineLayer(solution[:-1].T, solution[-1])


def inputs(seed: int) -> np.ndarray:
    """EXAMPLES random inputs within ±REACH, `(EXAMPLES, INPUTS)`."""
    return np.random.default_rng([seed, 999]).uniform(-REACH, REACH, (EXAMPLES, INPUTS))


def along(t: np.ndarray) -> np.ndarray:
    """The inputs on a straight line through the origin, every feature equal to t: `(n,) -> (n, INPUTS)`."""
    return np.repeat(np.asarray(t, np.float64)[:, None], INPUTS, axis=1)


def largest_difference(whole: Stack, one: AffineLayer, x: np.ndarray) -> float:
    """max |stack(x) − (W x + b)| over all examples and outputs."""
    return float(np.abs(whole(x) - Stack((one,))(x)).max())
