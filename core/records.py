"""The file that `core.watch` writes of somebody's training, checked and read back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from core.blueprint import Blueprint
from core.probes import Layers


@dataclass(frozen=True)
class Moment:
    """What was recorded at one step; NaN where there is no such number.

    loss, accuracy: of the sample, in training mode (accuracy None for a regression). logs: what `fit` itself reported
    at that time, by its names (loss, val_loss, accuracy, …). layers: one value a row of the record. outputs: of the
    model's answers to the sample, `minimum`, `maximum`, `mean`, `spread`.
    """

    step: int
    epoch: int
    loss: float
    accuracy: float | None
    logs: Mapping[str, float]
    layers: Layers
    outputs: Mapping[str, float]


@dataclass(frozen=True)
class Record:
    """A recorded training.

    rows: what has a kernel, in the order of the forward pass, by name (`lstm`, `lstm · recurrent`); parts: the place of
    each row's layer in `network.layers`; signals: what each row's signal is of, `pre-activation` or `output`.
    moments: recorded steps, first to last. stopped: why recording ended before `fit` did, else empty. notes: what could
    not be recorded, a sentence each.
    """

    network: Blueprint
    rows: tuple[str, ...]
    parts: tuple[int, ...]
    signals: tuple[str, ...]
    moments: tuple[Moment, ...]
    stopped: str
    notes: tuple[str, ...]
