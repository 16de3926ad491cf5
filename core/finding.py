"""What a finding is, how it is found, and what several of the rules ask.

The rules are in `core.mismatches` (what a program shows) and `core.troubles` (what its training shows), their table in
`core.findings`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from core.blueprint import Part, Values
from core.cases import Case
from core.words import say

POOR = 0.4  # of what a guess has to lose: with more left, what is unusual is named though the network learns
MUCH = 0.7  # the same, where it is unusual in sound networks too, or the targets may be mostly noise


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong.

    kind: a key of KINDS. certain: whether the program or the numbers prove it. layer: the layer's name, None for the
    whole network. sentence: what it does, then the figures. fix: code as one would write it, empty where there is none.
    evidence: the numbers it follows from, by name.
    """

    kind: str
    certain: bool
    layer: str | None
    sentence: str
    fix: str
    evidence: Mapping[str, float] = field(default_factory=dict)


# Every kind of finding, in words for the screen.
KINDS = {
    "output_units": "Number of outputs", "output_activation": "Output activation", "loss": "Loss", "labels": "Labels",
    "input_scale": "Scale of the inputs", "target_scale": "Scale of the targets", "learning_rate": "Learning rate",
    "batch_size": "Batch size", "batch_norm": "Batch norm", "initialization": "Initial kernels",
    "activation": "Activation", "symmetric": "Equal units", "vanishing": "Vanishing signal",
    "exploding": "Exploding signal", "dead": "Dead units", "saturated": "Saturated units", "overflow": "Overflow",
    "not_learning": "Not learning", "slow": "Slow", "overfit": "Overfitting", "capacity": "Capacity",
    "nothing": "Nothing found",
}


Find = Callable[[Case], Finding | None]


@dataclass(frozen=True)
class Rule:
    """How something is found.

    rule: what holds when it is. reason: why that is wrong. source: where it is written.
    find: what it finds in a case, if anything.
    """

    kind: str
    rule: str
    reason: str
    source: str
    find: Find


# --- what several rules ask -------------------------------------------------------------------------------------------


def hurts(case: Case, left: float = POOR) -> bool:
    """Whether it was trained and does not learn, or has more than that left of what a guess has to lose."""
    return case.ill or case.left > left


def suspect(case: Case, left: float = POOR) -> bool:
    """The same, or nothing was measured: then what is unusual is all there is to go by."""
    return case.measured is None or hurts(case, left)


def dense(units: int | None, activation: str) -> str:
    written = f', activation="{activation}"' if activation not in ("linear", "custom") else ""
    return f"Dense({'units' if units is None else units}{written})"


def written(part: Part, activation: str, initializer: str = "") -> str:
    """A layer as it is written, of its own class and with its own units; what else it is given is left out."""
    first = ("units" if part.type == "Dense" else "filters") if part.units is None else part.units
    more = "" if part.type == "Dense" else ", ..."
    words = [f', activation="{activation}"' if activation not in ("linear", "custom") else "",
             f', kernel_initializer="{initializer}"' if initializer else ""]
    return f"{part.type}({first}{more}{''.join(words)})"


def optimizer(case: Case, rate: float | None = None) -> str:
    """Its own optimizer with another rate, or Adam with its usual one; nothing where it has that already."""
    if rate is None and case.network.optimizer == "Adam" and case.rate == 1e-3:
        return ""
    if rate is None or not case.network.optimizer:
        return "optimizer=Adam(1e-3)"
    return f"optimizer={case.network.optimizer}({rate:g})"


def loss_for(case: Case, activation: str) -> str:
    """The loss that goes with an output activation and the targets."""
    if activation == "linear":
        return 'loss="mse"'
    if activation == "sigmoid":
        return 'loss="binary_crossentropy"'
    y = case.network.y
    sparse = case.loss.startswith("sparse") if y is None or y.minimum is None else not y.one_hot
    return f'loss="{"sparse_" if sparse else ""}categorical_crossentropy"'


def targets_of(case: Case) -> tuple[Values, float, float] | None:
    """What is known of the targets, with their ends."""
    y = case.network.y
    return (y, y.minimum, y.maximum) if y and y.minimum is not None and y.maximum is not None else None


def rms(values: Values | None) -> float:
    """√(mean² + spread²); 0 where they are not known."""
    return math.hypot(values.mean or 0.0, values.spread or 0.0) if values else 0.0


def ends(values: Values) -> str:
    return f"{figure(values.minimum or 0.0)} to {figure(values.maximum or 0.0)}"


def figure(value: float) -> str:
    """Whole numbers up to 9999 in full, others to three digits."""
    whole = abs(value) < 1e4 and value == round(value)
    return f"{value:.0f}".replace("-", "−") if whole else say(value, 3)


def standardised(x: Values) -> str:
    """Code that brings inputs to mean 0 and spread 1, also where a column has none; pixels to between 0 and 1."""
    columns = math.prod(size or 1 for size in x.shape[1:])
    if x.minimum == 0 and 200 < (x.maximum or 0) <= 255 and columns >= 16:
        return "x = x / 255"
    return f"x = (x - x.mean(0)) / {'(x.std(0) + 1e-7)' if x.constant_columns else 'x.std(0)'}"


def asks_accuracy(case: Case) -> bool:
    return any(one in ("accuracy", "acc") or one.endswith("_accuracy") for one in case.network.metrics)
