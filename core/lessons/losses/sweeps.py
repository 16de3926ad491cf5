"""What a loss is plotted over: one number that moves the prediction, while the target stands still.

A loss takes vectors y and ŷ; a curve needs one number x. A Sweep says what x is (a prediction, a probability, a logit,
an angle, …) and what y, ŷ and dŷ/dx are at x; value and slope of every loss that fits then follow from the loss's own
entry: L(x) = L(y, ŷ(x)), dL/dx = Σ_k ∂L/∂ŷ_k · dŷ_k/dx, with ŷ = f(u(x)) where x is a logit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from core.activations import ACTIVATIONS
from core.losses import LOSSES, Loss
from core.words import say, say_share

# (x (n,), the target's knob) -> y (n, outputs), output layer's pre-activation u (n, outputs), du/dx (n, outputs)
Path = Callable[[np.ndarray, float], tuple[np.ndarray, np.ndarray, np.ndarray]]


@dataclass(frozen=True)
class Knob:
    """A number that a person moves: its name in a link, how it is called, its range, where it starts."""

    name: str
    label: str
    low: float
    high: float
    first: float
    step: float


@dataclass(frozen=True)
class Sweep:
    """One way to move a prediction.

    Attributes:
        x: what moves. x_title, slope_title: what the axes are called.
        target: what else may be moved; None if nothing.
        fits: whether a loss has this kind of prediction.
        first: the losses that are shown unless others are asked for.
        loss_range, slope_range: the part of the y axes in which the curves differ; a curve may leave it.
        path: target and output before its activation, at x; keras_path: the latter as Python source.
        output: the activation between that and the prediction.
        note: one sentence on what is held fixed.
    """

    name: str
    label: str
    x: Knob
    target: Knob | None
    x_title: str
    slope_title: str
    fits: Callable[[Loss], bool]
    first: tuple[str, ...]
    loss_range: tuple[float, float]
    slope_range: tuple[float, float]
    path: Path
    keras_path: str
    note: str
    output: Callable[[Loss], str] = lambda loss: "linear"

    @property
    def losses(self) -> tuple[str, ...]:
        """The names of the losses that fit, in the order of their table."""
        return tuple(name for name, loss in LOSSES.items() if self.fits(loss))

    def shown(self, names: Sequence[str]) -> tuple[str, ...]:
        """Those of the names that fit; what this sweep opens with where none does."""
        return tuple(name for name in self.losses if name in names) or self.first

    def value(self, name: str, x: np.ndarray, target: float = 0) -> np.ndarray:
        """L(x), shape (n,) -> (n,)."""
        loss = LOSSES[name]
        y, u, _ = self.path(np.asarray(x, np.float64), target)
        return loss.per_example(y, ACTIVATIONS[self.output(loss)].fn(u))

    def slope(self, name: str, x: np.ndarray, target: float = 0) -> np.ndarray:
        """dL/dx, shape (n,) -> (n,); an angle counts in radians."""
        loss = LOSSES[name]
        output = ACTIVATIONS[self.output(loss)]
        y, u, along = self.path(np.asarray(x, np.float64), target)
        return (loss.slopes(y, output.fn(u)) * output.derivative(u) * along).sum(axis=-1)

    def slopes_table(self, names: Sequence[str], x: float, target: float = 0) -> list[dict[str, str]]:
        """A row for each loss: its value and slope at x, as a person reads them."""
        at = np.array([x])
        return [{"Loss": LOSSES[name].label, "Value": say(float(self.value(name, at, target)[0]), 3),
                 "Slope": say(float(self.slope(name, at, target)[0]), 3)} for name in names]

    def steepest_sentence(self, names: Sequence[str], x: float, target: float = 0) -> str:
        """Which of the losses has the steepest slope at x, and which the flattest, in one sentence with numbers."""
        slopes = {LOSSES[name].short: float(self.slope(name, np.array([x]), target)[0]) for name in names}
        hard, soft = max(slopes, key=lambda name: abs(slopes[name])), min(slopes, key=lambda name: abs(slopes[name]))
        most, least = slopes[hard], slopes[soft]
        here = f"{self.x.label} = {x:g}:".replace("-", "−")
        if most == 0:
            return f"{here} every slope is 0, nothing pulls."
        if len(names) == 1:
            return f"{here} the slope of {hard} is {say(most)}."
        if least / most > 0.995:
            return f"{here} all slopes are {say(most)}."
        share = abs(least / most)
        of_it = f"{share:.0%} of" if share >= 0.1 else say_share(share)
        rest = f"{soft} has none" if least == 0 else f"{soft}'s slope is {say(least)}, {of_it} the steepest"
        steepest = [name for name, slope in slopes.items() if abs(slope) > 0.995 * abs(most)]
        hard = " and ".join(steepest) + (" are" if steepest[1:] else " is")
        return f"{here} {hard} steepest, slope {say(most)}; {rest}."


# --- the paths ------------------------------------------------------------------------------------------------------


def _number(x: np.ndarray, target: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    u = x[:, None]
    return np.full_like(u, target), u, np.ones_like(u)


def _margin(x: np.ndarray, _: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The true label is 1, so that the margin is the output itself."""
    return _number(x, 1)


def _one_of_three(x: np.ndarray, target: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The first class has x, the two others share the rest equally; the target likewise."""
    def shared(first: np.ndarray) -> np.ndarray:
        return np.stack([first, (1 - first) / 2, (1 - first) / 2], axis=-1)

    return shared(np.full_like(x, target)), shared(x), np.tile([1, -0.5, -0.5], (len(x), 1))


def _angle(x: np.ndarray, target: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """y is a unit vector, ŷ has the length `target` and is turned away from it by x degrees."""
    turn = np.radians(x)
    across, along = np.sin(turn), np.cos(turn)
    y = np.tile([1.0, 0.0], (len(x), 1))
    return y, target * np.stack([along, across], axis=-1), target * np.stack([-across, along], axis=-1)


# --- the table ------------------------------------------------------------------------------------------------------

_LABEL = Knob("label", "True label", 0, 1, 1, 1)
_ONE = "tf.reshape(x, (1, 1))"
_PROBABILITY = Knob("p", "Probability", 0.01, 0.99, 0.1, 0.01)  # at 0 and 1 cross-entropy would be infinite

SWEEPS: dict[str, Sweep] = {sweep.name: sweep for sweep in (
    Sweep(
        "number", "A number", Knob("prediction", "Prediction ŷ", -4, 4, 2, 0.1), Knob("y", "Target y", -3, 3, 0, 0.1),
        "prediction ŷ", "Slope dL/dŷ", lambda loss: loss.outputs.get("regression") == "linear",
        ("mse", "mae", "huber", "log_cosh"), (0, 8), (-6, 6), _number, _ONE,
        "One number is predicted; the error is ŷ − y."),
    Sweep(
        "probability", "A probability", _PROBABILITY, _LABEL, "predicted probability p of label 1", "Slope dL/dp",
        lambda loss: loss.outputs.get("binary") == "sigmoid", ("mse", "mae", "binary_crossentropy"), (0, 5), (-10, 10),
        _number, _ONE, "Two classes: p is what a sigmoid output says."),
    Sweep(
        "logit", "A logit", Knob("logit", "Logit z", -10, 10, -6, 0.1), _LABEL, "logit z, before the sigmoid",
        "Slope dL/dz: the signal at the output", lambda loss: "binary" in loss.outputs,
        ("mse", "binary_crossentropy", "hinge"), (0, 8), (-2, 2), _number, _ONE,
        "Two classes: p = 1/(1 + e⁻ᶻ); for the hinge ŷ = tanh z, labels −1 and +1.",
        output=lambda loss: loss.outputs["binary"]),
    Sweep(
        "margin", "A margin", Knob("margin", "Margin", -3, 3, 2, 0.1), None, "margin: label (−1 or +1) × prediction",
        "Slope dL/dmargin", lambda loss: loss.name in ("hinge", "mse", "binary_crossentropy"),
        ("mse", "binary_crossentropy", "hinge"), (0, 6), (-6, 6), _margin, _ONE,
        "Right side of the boundary: positive. MSE takes the label as a number; cross-entropy takes the margin as a "
        "logit.", output=lambda loss: "sigmoid" if loss.on_logits else "linear"),
    Sweep(
        "class", "One of three", _PROBABILITY, Knob("t", "True share of class 1", 0.4, 1, 1, 0.05),
        "predicted probability of class 1", "Slope dL/dp, along the curve",
        lambda loss: loss.outputs.get("multiclass") == "softmax",
        ("mse", "categorical_crossentropy", "kl_divergence"), (0, 5), (-10, 10), _one_of_three,
        "tf.stack([x, (1 - x) / 2, (1 - x) / 2])[None]",
        "Three classes: the other two share what is left, in the prediction and in the target."),
    Sweep(
        "angle", "A direction", Knob("angle", "Angle", 0, 180, 60, 5), Knob("length", "Length of ŷ", 0.2, 3, 1, 0.1),
        "angle between y and ŷ, degrees", "Slope dL/dangle, per radian",
        lambda loss: "linear" in loss.outputs.values(), ("mse", "cosine_similarity"), (-1.2, 3), (-2, 2), _angle,
        "{target} * tf.stack([tf.cos(x), tf.sin(x)])[None]",
        "Two outputs: y has length 1, ŷ is turned away from it."),
)}
