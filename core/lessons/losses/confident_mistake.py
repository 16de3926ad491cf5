"""A confident mistake: the same network trained with the squared error and with cross-entropy, everything else equal.

Output p = σ(z), target y. Squared error: dL/dz = 2 (p − y) · p (1 − p), which goes to 0 both where the network is
sure and right and where it is sure and wrong. Cross-entropy: dL/dz = p − y, which goes to 0 where it is right alone
(Bishop 2006, section 5.2; Golik, Doetsch & Ney 2013).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from core.losses import LOSSES
from core.spec import RunSpec
from core.training import Snapshot
from core.words import count, say, say_share

NAMES = ("mse", "binary_crossentropy")
LABELS = tuple(LOSSES[name].short for name in NAMES)
# With these random biases the network starts out sure, p > 0.999, that every example has label 1. Half have not.
CONFIDENT = RunSpec(dataset="moons", widths=(32,) * 6, activation="relu", initializer="he_normal", bias_std=1.0,
                    learning_rate=0.05, steps=100, seed=4)


def pair(spec: RunSpec) -> tuple[list[RunSpec], str]:
    """The run with each of NAMES as its loss, and a sentence if its data set had to be exchanged for one of two
    classes."""
    note = ""
    if spec.task != "binary":
        note = (f"A sigmoid output needs two classes; {spec.data_set.label} is a {spec.task} task. "
                f"Shown with {CONFIDENT.data_set.label}.")
        spec = replace(spec, dataset=CONFIDENT.dataset, samples=CONFIDENT.samples, noise=CONFIDENT.noise,
                       test_fraction=CONFIDENT.test_fraction, loss=None)
    return [replace(spec, loss=name) for name in NAMES], note


def probability(z: float, label: float) -> str:
    """What a logit z says of the true label, in words."""
    p = float(np.exp(-np.logaddexp(0.0, -z if label else z)))  # σ(±z)
    said = "sure and wrong" if p < 0.05 else "sure and right" if p > 0.95 else "unsure"
    return f"At this logit the true label has a probability of {say(p)}: {said}."


def signals_sentences(squared: Sequence[Snapshot], cross: Sequence[Snapshot]) -> str:
    """How far both runs have come, and what each loss sends to the output and to the first layer, now and at step 0.

    Empty while there is no step 0.
    """
    if not squared or not cross:
        return ""
    now = squared[-1], cross[-1]
    at_start = f"{_shares(squared[0], cross[0], 'is')}."
    if now[0].step == 0:
        return f"At step 0 {at_start}"
    right = [f"{100 * float(snapshot.accuracy or 0):.0f} %" for snapshot in now]
    return (f"After {count(now[0].step, 'step')} {LABELS[0]} has {right[0]} of the training examples right, "
            f"{LABELS[1]} {right[1]}. By now {_shares(*now, 'is')}; at step 0 {_shares(squared[0], cross[0], 'was')}.")


def _shares(squared: Snapshot, cross: Snapshot, verb: str) -> str:
    """How the signal of the squared error compares with that of cross-entropy, at the output and in layer 1."""
    output, first = (_share(squared.layers.signal_rms[i], cross.layers.signal_rms[i]) for i in (-1, 0))
    return f"the signal of {LABELS[0]} {verb} {output} {LABELS[1]}'s at the output, and {first} it in layer 1"


def _share(part: float, whole: float) -> str:
    ratio = np.divide(part, whole) if whole else np.nan
    return say_share(float(ratio)) if np.isfinite(ratio) else "an unknown part of"
