"""What clipping did to the gradient at each recorded step, as far as the recorded norms tell.

Recorded are the norms of every kernel's and every bias's gradient before clipping, not their entries. So clipnorm and
global_clipnorm can be worked out exactly, but for the scale and shift of batch norm, whose gradients are not recorded.
For clipvalue it is certain only that a norm up to the limit has no entry above it, and that one above √n times it has.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from core.architecture import Architecture
from core.spec import RunSpec
from core.training import Snapshot
from core.words import count, say


class Clipped(NamedTuple):
    """The gradient of the update after a recorded step: a norm before and after clipping, and whether it was clipped.

    before: of the variable with the largest norm (clipnorm, clipvalue), or of all together (global_clipnorm).
    after: None where the recorded norms do not tell (clipvalue).
    bites: None likewise.
    """

    step: int
    before: float
    after: float | None
    bites: bool | None


def at(spec: RunSpec, snapshot: Snapshot) -> Clipped:
    """What clipping does to the gradient measured at this step."""
    norms = _norms(snapshot)
    limit = spec.clip_threshold
    if spec.clip == "global_norm":
        whole = float(np.sqrt(np.sum(norms**2)))
        return Clipped(snapshot.step, whole, min(whole, limit), whole > limit)
    largest = float(norms.max())
    if spec.clip == "norm":
        return Clipped(snapshot.step, largest, min(largest, limit), largest > limit)
    certain = bool((norms > limit * np.sqrt(_sizes(spec))).any())
    bites = True if certain else False if largest <= limit else None
    return Clipped(snapshot.step, largest, largest if bites is False else None, bites)


def history(spec: RunSpec, snapshots: Sequence[Snapshot]) -> list[Clipped]:
    """The same for every recorded step after which an update was made; empty without clipping."""
    if spec.clip == "none":
        return []
    return [at(spec, snapshot) for snapshot in snapshots if snapshot.finite and snapshot.step < spec.steps]


def clipping_sentences(spec: RunSpec, snapshots: Sequence[Snapshot]) -> str:
    """In how many recorded steps clipping bit, and the largest norm: two sentences; empty without clipping."""
    found = history(spec, snapshots)
    if not found:
        return ""
    bit, unknown = (sum(one.bites is kind for one in found) for kind in (True, None))
    largest = max(found, key=lambda one: one.before)
    what = "of all gradients together" if spec.clip == "global_norm" else "of a single gradient"
    text = (f"**Clipping bit in {bit} of {count(len(found), 'recorded step')}** ({bit / len(found):.0%}). "
            f"Largest norm {what} before it: {say(largest.before, 3)}, at step {largest.step}; the limit is "
            f"{say(spec.clip_threshold, 3)}{' for each entry' if spec.clip == 'value' else ''}.")
    if unknown:
        text += f" In {count(unknown, 'step')} the recorded norms do not tell whether it bit."
    if any(spec.batch_norms):
        text += " The gradients of batch norm's scale and shift are not recorded and not counted."
    return text


def _norms(snapshot: Snapshot) -> np.ndarray:
    """Of every kernel's gradient, then of every bias's."""
    return np.concatenate([snapshot.layers.kernel_gradient_norm, snapshot.layers.bias_gradient_norm])


def _sizes(spec: RunSpec) -> np.ndarray:
    """Entries of every kernel, then of every bias."""
    shapes = [Architecture.of(spec).shapes(layer) for layer in range(spec.depth + 1)]
    return np.array([math.prod(layer[part]) for part in (0, 1) for layer in shapes], np.float64)
