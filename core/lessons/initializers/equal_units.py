"""Equal units stay equal: which units of a small network differ after some steps of training."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from core.initializers import INITIALIZERS
from core.lessons.initializers.kernels import equal_units
from core.spec import FIELDS, RunSpec
from core.training import Trainer
from core.words import count, say

WIDTHS = (6,) * 4  # few enough to draw every unit
SHAPE = (len(WIDTHS), WIDTHS[0])
MOST_STEPS = 100
RUN = RunSpec(widths=WIDTHS, activation="tanh", optimizer="adam", learning_rate=0.05, steps=MOST_STEPS)


class Units(NamedTuple):
    """The group number of every unit `(units,)` of each hidden layer (see `equal_units`), at which step and loss."""

    groups: tuple[np.ndarray, ...]
    step: int
    loss: float


def small(spec: RunSpec, initializer: str) -> RunSpec:
    """The run in a network that is small enough to draw, with that initializer; layers beyond its depth are dropped."""
    kept: dict[str, Any] = {
        name: tuple(value[i % len(value)] for i in range(len(WIDTHS))) for name in ("activation", "batch_norm")
            if isinstance(value := getattr(spec, name), tuple)}
    return replace(spec, widths=WIDTHS, initializer=initializer, steps=MOST_STEPS, **kept)


def beside(initializer: str) -> tuple[str, ...]:
    """Zeros and ones, and a random initializer to compare them with: this one, else Keras's default."""
    return ("zeros", "ones", initializer if INITIALIZERS[initializer].random else FIELDS["initializer"].default)


@lru_cache(maxsize=256)
def units_after(spec: RunSpec, steps: int) -> Units:
    """The units after so many steps of the run, or where it overflows. Trains on the spot: for small networks."""
    trainer = Trainer(spec)
    while trainer.step < steps and not trainer.finished:
        trainer.advance()
    return Units(tuple(equal_units(trainer.weights)), trainer.step, trainer.snapshot.loss)


def groups_sentence(units: Units) -> str:
    """How many units of a layer differ, and the loss: one sentence."""
    counts = [len(set(groups.tolist())) for groups in units.groups]
    widths = [len(groups) for groups in units.groups]
    if set(counts) == {1}:
        different = f"All {widths[0]} units of a layer are equal"
    elif counts == widths:
        different = f"All {widths[0]} units of a layer differ"
    elif len({*zip(counts, widths, strict=True)}) == 1:
        different = f"{count(counts[0], 'different unit')} of {widths[0]} in every layer"
    else:
        different = f"{', '.join(map(str, counts))} different units of {', '.join(map(str, widths))}, layer by layer"
    return f"**{different}** after {count(units.step, 'step')}, loss {say(units.loss, 3)}."
