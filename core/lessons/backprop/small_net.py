"""A net small enough to write every number of it on the screen: 3 inputs, 4 hidden units, 1 output, in NumPy.

Forward, loss, backward with every local derivative, update; and the same gradient by two other ways, to compare.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from core.activations import ACTIVATIONS
from core.losses import LOSSES
from core.tensors import tensorflow

INPUTS, HIDDEN = 3, 4
SHAPES = ((INPUTS, HIDDEN), (HIDDEN,), (HIDDEN, 1), (1,))  # W₁, b₁, W₂, b₂
SUBSCRIPTS = "₁₂₃₄"
NAMES = (*(f"w{SUBSCRIPTS[i]}→{SUBSCRIPTS[j]}" for i in range(INPUTS) for j in range(HIDDEN)),
         *(f"b{SUBSCRIPTS[j]}" for j in range(HIDDEN)), *(f"v{SUBSCRIPTS[j]}" for j in range(HIDDEN)), "c")
X = (0.5, 0.2, 0.1)  # the course's input
# The course draws from a normal distribution without a seed, so its weights are not known: NumPy's seed 0, rounded.
WEIGHTS = (1.76, 0.4, 0.98, 2.24, 1.87, -0.98, 0.95, -0.15, -0.1, 0.41, 0.14, 1.45,
           0.76, 0.12, 0.44, 0.33, 1.49, -0.21, 0.31, -0.85, -2.55)
OUTPUT = "sigmoid"
FITTING = ("mse", "binary_crossentropy")  # losses of one number between 0 and 1
STEP = 1e-5  # of the central differences


@dataclass(frozen=True)
class Net:
    """The net and the one example it learns.

    weights: W₁ row by row, b₁, W₂, b₂, 21 numbers in the order of NAMES. activation: of the hidden layer.
    """

    x: tuple[float, ...] = X
    y: float = 1.0
    weights: tuple[float, ...] = WEIGHTS
    activation: str = "sigmoid"
    loss: str = "mse"


@dataclass(frozen=True, eq=False)
class Pass:
    """Every number of one forward and backward pass.

    Shapes: (4,) for the hidden layer, () for the output. `slope` is f'(z), `back` what arrives from the layer after
    (∂L/∂a), `delta` their product ∂L/∂z; `gradient` (21,) in the order of NAMES.
    """

    z1: np.ndarray
    a1: np.ndarray
    z2: float
    a2: float
    loss: float
    back2: float
    slope2: float
    delta2: float
    back1: np.ndarray
    slope1: np.ndarray
    delta1: np.ndarray
    gradient: np.ndarray


def unpacked(weights: np.ndarray | tuple[float, ...]) -> list[np.ndarray]:
    """W₁ (3, 4), b₁ (4,), W₂ (4, 1), b₂ (1,)."""
    flat, sizes = np.asarray(weights, np.float64), np.cumsum([int(np.prod(shape)) for shape in SHAPES])
    return [part.reshape(shape) for part, shape in zip(np.split(flat, sizes[:-1]), SHAPES, strict=True)]


def passed(net: Net) -> Pass:
    """The forward pass, the loss, and the chain rule backward, one factor at a time."""
    f, g, loss = ACTIVATIONS[net.activation], ACTIVATIONS[OUTPUT], LOSSES[net.loss]
    x, y = np.array(net.x), np.array([[net.y]])
    w1, b1, w2, b2 = unpacked(net.weights)
    z1 = x @ w1 + b1  # (4,)
    a1 = f.fn(z1)
    z2 = a1 @ w2 + b2  # (1,)
    a2 = g.fn(z2)
    back2 = loss.derivative(y, a2[None])[0]  # ∂L/∂ŷ, (1,)
    slope2 = g.derivative(z2)
    delta2 = back2 * slope2
    back1 = w2 @ delta2  # (4,)
    slope1 = f.derivative(z1)
    delta1 = back1 * slope1
    gradient = np.concatenate([np.outer(x, delta1).ravel(), delta1, a1 * delta2, delta2])
    return Pass(z1, a1, float(z2[0]), float(a2[0]), loss.fn(y, a2[None]), float(back2[0]), float(slope2[0]),
                float(delta2[0]), back1, slope1, delta1, gradient)


def updated(net: Net, rate: float) -> Net:
    """The net after one step of gradient descent, w ← w − η·∂L/∂w."""
    weights = np.array(net.weights) - rate * passed(net).gradient
    return replace(net, weights=tuple(map(float, weights)))


@lru_cache(maxsize=64)
def learn(net: Net, rate: float, updates: int) -> tuple[Net, ...]:
    """The net before the first update and after each; it stops where a number is no longer finite."""
    nets = [net]
    with np.errstate(over="ignore", invalid="ignore"):
        while len(nets) <= updates:
            after = updated(nets[-1], rate)
            if not np.isfinite([*after.weights, passed(after).loss]).all():
                break
            nets.append(after)
    return tuple(nets)


def loss_at(net: Net, weights: np.ndarray) -> float:
    """The loss with other weights: a forward pass."""
    return passed(replace(net, weights=tuple(map(float, weights)))).loss


@lru_cache(maxsize=256)
def by_differences(net: Net) -> np.ndarray:
    """(L(w + h) − L(w − h)) / 2h for each weight, (21,): from forward passes alone; its error falls with h²."""
    moves = STEP * np.eye(len(NAMES))
    weights = np.array(net.weights)
    return np.array([(loss_at(net, weights + move) - loss_at(net, weights - move)) / (2 * STEP) for move in moves])


@lru_cache(maxsize=256)
def by_tape(net: Net) -> np.ndarray:
    """The gradient by TensorFlow's automatic differentiation of Keras's functions in float64, (21,)."""
    tf = tensorflow()
    import keras

    variables = [tf.constant(part, tf.float64) for part in unpacked(net.weights)]
    x, y = tf.constant([net.x], tf.float64), tf.constant([[net.y]], tf.float64)
    with tf.GradientTape() as tape:
        tape.watch(variables)
        w1, b1, w2, b2 = variables
        a1 = ACTIVATIONS[net.activation].keras_fn()(x @ w1 + b1)
        a2 = keras.activations.get(OUTPUT)(a1 @ w2 + b2)
        loss = tf.reduce_mean(keras.losses.get(net.loss)(y, a2))
    return np.concatenate([part.numpy().ravel() for part in tape.gradient(loss, variables)])
