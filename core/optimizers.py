"""How a gradient becomes a step: one table, each entry a pure function that equals Keras's optimizer of that name.

An update rule is `(parameter, gradient, state, hyperparameters) -> (delta, state)`; the new parameter is
`parameter + delta`. It works on NumPy arrays and on tensors alike, a kernel at a time or all parameters in one vector,
because every rule acts entry by entry. `state` is a tuple of arrays of the parameter's shape, zeros at first;
`hyperparameters` has `learning_rate` and `step` (1 at the first update), and `momentum` where the entry lists it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from core.registry import Item, Registry

Slots = tuple[Any, ...]
Update = Callable[[Any, Any, Slots, Mapping[str, Any]], tuple[Any, Slots]]

RHO = 0.9  # RMSprop: share of the running mean of squared gradients that is kept
BETA_1, BETA_2 = 0.9, 0.999  # Adam: the same for the running means of gradients and of their squares
EPSILON = 1e-7
WEIGHT_DECAY = 0.004  # AdamW


@dataclass(frozen=True)
class Optimizer(Item):
    """An update rule.

    Attributes:
        update: the rule, `(parameter, gradient, state, hyperparameters) -> (delta, state)`.
        slots: how many arrays of state the rule keeps.
        keras_formula: LaTeX of what Keras computes where it is not the textbook's `formula`, else empty.
        difference: one sentence on how the two differ, else empty.
        keras_class: name in `keras.optimizers`.
        keras_arguments: what the Keras constructor takes besides the learning rate, as source.
        hyperparameters: the fields of a run that the rule reads besides the learning rate.
        usual_rate: a learning rate to begin with, for the small networks here and the loss of classes.
        adaptive: whether it divides a gradient by its size, so that the rate is the length of a step.
    """

    update: Update
    slots: int
    keras_class: str
    usual_rate: float
    keras_formula: str = ""
    difference: str = ""
    keras_arguments: Mapping[str, str] = field(default_factory=dict, hash=False)
    hyperparameters: tuple[str, ...] = ()
    adaptive: bool = False

    def keras_code(self, momentum: float = 0.9, **clipping: float) -> str:
        """Source of the Keras optimizer with a learning rate named `LEARNING_RATE`."""
        arguments = {name: text.format(momentum=momentum) for name, text in self.keras_arguments.items()}
        arguments |= {name: repr(value) for name, value in clipping.items()}
        return f"keras.optimizers.{self.keras_class}(" + ", ".join(
            ["LEARNING_RATE", *(f"{name}={text}" for name, text in arguments.items())]) + ")"


def _sqrt(x: Any) -> Any:
    if isinstance(x, (np.ndarray, np.generic, float)):
        return np.sqrt(x)
    import tensorflow as tf

    return tf.sqrt(x)


def _power(base: float, exponent: Any) -> Any:
    """base ** exponent with the exponent a number or a float tensor."""
    if isinstance(exponent, (int, float, np.generic, np.ndarray)):
        return np.float32(base) ** np.float32(exponent)
    import tensorflow as tf

    return tf.pow(tf.constant(base, exponent.dtype), exponent)


def sgd(parameter: Any, gradient: Any, state: Slots, hyper: Mapping[str, Any]) -> tuple[Any, Slots]:
    """delta = -η g."""
    return -hyper["learning_rate"] * gradient, state


def momentum(parameter: Any, gradient: Any, state: Slots, hyper: Mapping[str, Any]) -> tuple[Any, Slots]:
    """v ← β v - η g; delta = v (Polyak 1964, in Keras's velocity form)."""
    (velocity,) = state
    velocity = hyper["momentum"] * velocity - hyper["learning_rate"] * gradient
    return velocity, (velocity,)


def nesterov(parameter: Any, gradient: Any, state: Slots, hyper: Mapping[str, Any]) -> tuple[Any, Slots]:
    """v ← β v - η g; delta = β v - η g: the gradient is taken where the velocity is about to lead."""
    (velocity,) = state
    push = hyper["learning_rate"] * gradient
    velocity = hyper["momentum"] * velocity - push
    return hyper["momentum"] * velocity - push, (velocity,)


def rmsprop(parameter: Any, gradient: Any, state: Slots, hyper: Mapping[str, Any]) -> tuple[Any, Slots]:
    """s ← ρ s + (1 - ρ) g²; delta = -η g / √(s + ε), with ε under the root as in Keras."""
    (square,) = state
    square = RHO * square + (1 - RHO) * gradient * gradient
    return -hyper["learning_rate"] * gradient / _sqrt(square + EPSILON), (square,)


def adam(parameter: Any, gradient: Any, state: Slots, hyper: Mapping[str, Any]) -> tuple[Any, Slots]:
    """m ← β₁ m + (1 - β₁) g; s ← β₂ s + (1 - β₂) g²; delta = -η √(1 - β₂ᵗ) / (1 - β₁ᵗ) · m / (√s + ε)."""
    mean, square = state
    rate = hyper["learning_rate"] * _sqrt(1 - _power(BETA_2, hyper["step"])) / (1 - _power(BETA_1, hyper["step"]))
    mean = mean + (gradient - mean) * (1 - BETA_1)
    square = square + (gradient * gradient - square) * (1 - BETA_2)
    return -rate * mean / (_sqrt(square) + EPSILON), (mean, square)


def adamw(parameter: Any, gradient: Any, state: Slots, hyper: Mapping[str, Any]) -> tuple[Any, Slots]:
    """Adam, after the parameter itself has shrunk by η λ: delta = Adam's - η λ W, biases included as in Keras."""
    delta, state = adam(parameter, gradient, state, hyper)
    return delta - hyper["learning_rate"] * WEIGHT_DECAY * parameter, state


def _lines(*formulas: str) -> str:
    """One below the other, aligned at their arrows: a phone has no room for two on a line."""
    return (r"\begin{aligned} " + r" \\ ".join(one.replace(r"\leftarrow", r"&\leftarrow", 1) for one in formulas)
            + r" \end{aligned}")


def _adam_textbook(decay: str = "") -> str:
    return _lines(r"m \leftarrow \beta_1 m + (1-\beta_1)\,g", r"s \leftarrow \beta_2 s + (1-\beta_2)\,g^2",
                  r"W \leftarrow W - \eta\,\frac{m/(1-\beta_1^t)}{\sqrt{s/(1-\beta_2^t)} + \varepsilon}" + decay)


_ADAM_KERAS = (r"W \leftarrow W - \eta\,\frac{\sqrt{1-\beta_2^t}}{1-\beta_1^t}\,\frac{m}{\sqrt{s} + \varepsilon}")

OPTIMIZERS = Registry("optimizer", [
    Optimizer(
        "sgd", "Gradient descent / SGD", r"W \leftarrow W - \eta\,\frac{\partial L}{\partial W}",
        "A step against the gradient of whatever batch it is given: all examples, a few, or one.",
        "Cauchy (1847); Robbins & Monro (1951)", sgd, 0, "SGD", 0.1),
    Optimizer(
        "momentum", "Momentum", _lines(r"v \leftarrow \beta v + (1-\beta)\,g", r"W \leftarrow W - \eta\,v"),
        "Steps build up where gradients keep pointing the same way and cancel where they alternate.",
        "Polyak (1964)", momentum, 1, "SGD", 0.03, _lines(r"v \leftarrow \beta v - \eta\,g", r"W \leftarrow W + v"),
        "The same path when the textbook's rate is Keras's divided by 1 − β.",
        {"momentum": "{momentum!r}"}, ("momentum",)),
    Optimizer(
        "nesterov", "Nesterov", _lines(r"v \leftarrow \beta v - \eta\,\nabla L(W + \beta v)", r"W \leftarrow W + v"),
        "Momentum that takes the gradient where the velocity is about to lead.",
        "Nesterov (1983); Sutskever et al. (2013)", nesterov, 1, "SGD", 0.03,
        _lines(r"v \leftarrow \beta v - \eta\,g", r"W \leftarrow W + \beta v - \eta\,g"),
        "Keras stores the looked-ahead weights, so the gradient is taken where the weights are.",
        {"momentum": "{momentum!r}", "nesterov": "True"}, ("momentum",)),
    Optimizer(
        "rmsprop", "RMSprop",
        _lines(r"s \leftarrow \rho s + (1-\rho)\,g^2", r"W \leftarrow W - \frac{\eta\,g}{\sqrt{s} + \varepsilon}"),
        "Divides each gradient by its own recent size, so small gradients make steps as large as big ones.",
        "Tieleman & Hinton (2012)", rmsprop, 1, "RMSprop", 0.003,
        r"W \leftarrow W - \frac{\eta\,g}{\sqrt{s + \varepsilon}}", "Keras adds ε under the root.",
        adaptive=True),
    Optimizer(
        "adam", "Adam", _adam_textbook(),
        "Momentum and RMSprop together, both corrected for having started at zero.",
        "Kingma & Ba (2015)", adam, 2, "Adam", 0.01, _ADAM_KERAS,
        "Keras folds the two corrections into the rate; only the place of ε differs.", adaptive=True),
    Optimizer(
        "adamw", "AdamW", _adam_textbook(r" - \eta\lambda W"),
        "Adam with weights that also shrink a little each step, apart from the gradient.",
        "Loshchilov & Hutter (2019)", adamw, 2, "AdamW", 0.01, _ADAM_KERAS + r" - \eta\lambda W",
        "Keras shrinks the weights before the update, with λ = 0.004, biases included.",
        adaptive=True),
])
