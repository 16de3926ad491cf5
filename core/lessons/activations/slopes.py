"""What an activation's slope does to the signal on its way back: in one layer, in many, and in a whole network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import inf

import numpy as np

from core.activations import ACTIVATIONS
from core.initializers import INITIALIZERS
from core.spec import RunSpec

USUAL = "usual"  # in place of an initializer's name: the one that is usual for each activation

# What the page on activations opens with.
DEEP = RunSpec(widths=(64,) * 10, learning_rate=0.01)  # so small a rate that theory, which is for step 0, stays true
SHOWN = ("sigmoid", "tanh", "relu", "gelu")

# The course's network with an activation of its own for each layer; four points, 100 epochs of single examples.
XOR = RunSpec(dataset="xor", samples=4, noise=0.0, test_fraction=0.0, widths=(4, 3), activation=("relu", "tanh"),
              optimizer="adam", learning_rate=0.001, batch_size=1, steps=400)
SEEDS = 8


@dataclass(frozen=True)
class AtZ:
    """One activation at one z: f(z), f'(z), and the largest |f'| there is anywhere."""

    label: str
    value: float
    slope: float
    largest_slope: float

    def after(self, layers: int) -> float:
        """|f'(z)| to the power of `layers`: what that many layers, all at this z, leave of a signal (kernels apart)."""
        return abs(self.slope) ** layers

    def at_most(self, layers: int) -> float:
        """The largest |f'| to the power of `layers`: no z leaves more."""
        return self.largest_slope**layers


def at(name: str, z: float, alpha: float | None = None) -> AtZ:
    """The activation of that name at z; `alpha=None` is Keras's default."""
    entry = ACTIVATIONS[name]
    x = np.array([z], np.float64)
    return AtZ(entry.label, float(entry.fn(x, alpha)[0]), float(entry.derivative(x, alpha)[0]),
               entry.largest_slope(alpha))


def usual_initializer(activation: str) -> str:
    """The normal initializer made for the activation; else He's for what grows as ReLU does, Glorot's for the rest."""
    made_for = [name for name, entry in INITIALIZERS.items() if name.endswith("_normal") and activation in entry.suits]
    if made_for:
        return made_for[0]
    return "he_normal" if ACTIVATIONS[activation].output_range[1] == inf else "glorot_normal"


def alternatives(base: RunSpec, names: Sequence[str], initializer: str,
                 alphas: Mapping[str, float] | None = None) -> dict[str, RunSpec]:
    """By label, the base run with each of these activations in all layers; same data and seed, so the same draws.

    Args:
        initializer: a name, or USUAL for the one that is usual for each activation.
        alphas: the parameter of those activations that have one, by name.
    """
    return {ACTIVATIONS[name].label: replace(
        base, activation=name, alpha=(alphas or {}).get(name),
        initializer=usual_initializer(name) if initializer == USUAL else initializer) for name in names}


def seeds(base: RunSpec, count: int = SEEDS) -> dict[str, RunSpec]:
    """By label, the base run with its own seed and the ones after it."""
    return {f"seed\N{NO-BREAK SPACE}{spec.seed}": spec for spec in base.with_seeds(count)}


def factor_per_layer(signal: Sequence[float] | np.ndarray) -> float | None:
    """What one layer multiplies a signal by on its way back, the geometric mean over the layers given, first to last.

    0 where nothing arrives, None where there is nothing to compare: fewer than two layers, no signal in the last, or
    a signal that is not finite.
    """
    values = np.asarray(signal, np.float64)
    if len(values) < 2 or not np.isfinite(values).all() or values[-1] == 0:
        return None
    return float((values[0] / values[-1]) ** (1 / (len(values) - 1)))
