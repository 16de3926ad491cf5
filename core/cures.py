"""What may help a network that does not train: one table of single changes, and which of them a run can have."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from core.activations import ACTIVATIONS
from core.initializers import INITIALIZERS
from core.optimizers import OPTIMIZERS
from core.spec import MAX_STEPS, MAX_WIDTH, RunSpec
from core.words import count

USUAL_BATCH = 32
FAR_BELOW = 30  # a rate that is too large by any amount is too large by less than that
MORE_STEPS = 10
LEAST_WIDTH = 16


@dataclass(frozen=True)
class Cure:
    """One change of a run: its name in CURES, what a person calls it, and the fields it sets.

    Apply it with `cure.of(spec)`, which is `dataclasses.replace(spec, **cure.values)`.
    """

    name: str
    label: str
    values: Mapping[str, Any] = field(hash=False)

    def of(self, spec: RunSpec) -> RunSpec:
        """The run with this one change. Raises ValueError where the change costs more than a run may."""
        return replace(spec, **self.values)


Change = Callable[[RunSpec], tuple[str, dict[str, Any]]]  # what it is called in that run, and the fields it sets


def suited(activation: str) -> str:
    """The initializer that was derived for an activation, the first of the table; He's for those without one."""
    return next((name for name, one in INITIALIZERS.items() if activation in one.suits), "he_normal")


def _activation(name: str) -> Change:
    """Another activation, with its initializer; where it is there already, that is the cure `initializer`."""
    values = {"activation": name, "alpha": None, "initializer": suited(name), "gain": 1.0}
    return lambda spec: (f"{ACTIVATIONS[name].label} with {_family(suited(name))}",
                         values if set(spec.activations) != {name} else {})


def _initializer(spec: RunSpec) -> tuple[str, dict[str, Any]]:
    name = suited(spec.activations[0])
    return INITIALIZERS[name].label.partition(" (")[0], {"initializer": name, "gain": 1.0}


def _family(initializer: str) -> str:
    """Whose it is: He, Glorot, LeCun."""
    return INITIALIZERS[initializer].label.split()[0]


def _rate(factor: float) -> Change:
    sign = f"×{factor:g}" if factor > 1 else f"÷{1 / factor:.0f}"
    return lambda spec: (f"Rate {sign}", {"learning_rate": float(f"{spec.learning_rate * factor:.3g}")})


def _usual_rate(spec: RunSpec) -> tuple[str, dict[str, Any]]:
    """What is usual for the optimizer, of numbers a tenth; from above it, FAR_BELOW times less if that is smaller."""
    optimizer = OPTIMIZERS[spec.optimizer]
    rate = optimizer.usual_rate
    if spec.task == "regression" and not optimizer.adaptive:
        rate /= 10  # slopes of squared errors grow with the errors, those of cross-entropies do not
    if spec.learning_rate > rate:
        rate = float(f"{min(rate, spec.learning_rate / FAR_BELOW):.2g}")
    return f"Rate {rate:g}", {"learning_rate": rate}


def _adam(spec: RunSpec) -> tuple[str, dict[str, Any]]:
    return "Adam", {"optimizer": "adam", "learning_rate": OPTIMIZERS["adam"].usual_rate}


def _more_steps(spec: RunSpec) -> tuple[str, dict[str, Any]]:
    steps = min(MORE_STEPS * spec.steps, spec.affordable_steps, MAX_STEPS)
    return count(steps, "step"), {"steps": steps}


def _wider(spec: RunSpec) -> tuple[str, dict[str, Any]]:
    widths = tuple(min(max(4 * width, LEAST_WIDTH), MAX_WIDTH) for width in spec.widths)
    return "Wider", {"widths": widths}


# Name -> what it changes. The order is that of the menu where nothing else decides.
CURES: dict[str, Change] = {
    "relu": _activation("relu"),
    "leaky_relu": _activation("leaky_relu"),
    "tanh": _activation("tanh"),
    "initializer": _initializer,
    "batch_norm": lambda spec: ("Batch norm", {"batch_norm": True}),
    "no_batch_norm": lambda spec: ("No batch norm", {"batch_norm": False}),
    "skip": lambda spec: ("Skip connections", {"skip": True}),
    "clip": lambda spec: ("Clipping", {"clip": "global_norm", "clip_threshold": 1.0}),
    "no_clip": lambda spec: ("No clipping", {"clip": "none"}),
    "rate/30": _rate(1 / 30),
    "rate/10": _rate(1 / 10),
    "rate/3": _rate(1 / 3),
    "rate*3": _rate(3),
    "rate*10": _rate(10),
    "usual_rate": _usual_rate,
    "adam": _adam,
    "batch_size": lambda spec: (f"Batches of {USUAL_BATCH}", {"batch_size": USUAL_BATCH}),
    "loss": lambda spec: (replace(spec, loss=None).loss_entry.label, {"loss": None}),
    "output": lambda spec: ("What fits", {"loss": None, "output": None, "output_units": None}),
    "no_dropout": lambda spec: ("No dropout", {"dropout": 0.0}),
    "width": _wider,
    "steps": _more_steps,
}



def cure(spec: RunSpec, name: str) -> Cure | None:
    """The change of that name to a run; None where it changes nothing, or makes a run that may not be."""
    label, values = CURES[name](spec)
    found = Cure(name, label, values)
    try:
        return None if found.of(spec) == spec else found
    except ValueError:
        return None
