"""Which factor makes the signal shrink or grow on its way back: the slope of the activation, or the kernel.

The signal of layer l is that of layer l + 1 times a factor for each of the two. Factors are of its size (RMS), the
square roots of those of theory: √E[f'(z)²] and √(n · Var(W)). Where theory has none, a layer's factor is measured, and
is not shared out.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from core.activations import ACTIVATIONS
from core.diagnosis import EXPLODING, VANISHING
from core.spec import RunSpec
from core.theory import layer_factors, predict
from core.training import Snapshot
from core.words import count, say_ratio, say_share

ACTIVATION, KERNEL, MEASURED = "activation", "kernel", "whole layer, measured"
GUILTY = {ACTIVATION: "The activation", KERNEL: "The kernels"}


@dataclass(frozen=True, eq=False)
class Chain:
    """What multiplies the signal at step 0 on its way back, from the last hidden layer to the first.

    factors: by name, `(depth − 1,)`, layer 1 first: what each makes of the signal from the next layer to this one.
    measured: the signal of every hidden layer, `(depth,)`, in units of the last one's.
    reason: why theory has no factors, one sentence; empty where it has.
    """

    factors: Mapping[str, np.ndarray]
    measured: np.ndarray
    reason: str

    @property
    def product(self) -> np.ndarray:
        """The signal that the factors lead to in every hidden layer, `(depth,)`, in units of the last one's."""
        each = np.prod([*self.factors.values()], axis=0)
        return np.append(np.cumprod(each[::-1])[::-1], 1.0)


def chain(spec: RunSpec, history: Sequence[Snapshot]) -> Chain:
    """The factors of a network with two hidden layers or more, from its history, of which step 0 counts.

    Before that is known nothing is measured: NaN.
    """
    signal = history[0].layers.signal_rms[:-1] if history else np.full(spec.depth, np.nan)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        measured, ratio = signal / signal[-1], signal[:-1] / signal[1:]
    found = layer_factors(spec)
    if found is None:
        return Chain({MEASURED: ratio}, measured, _reason(spec))
    return Chain({KERNEL: np.sqrt(found.scale), ACTIVATION: np.sqrt(found.slope)}, measured, "")


def _reason(spec: RunSpec) -> str:
    if any(spec.batch_norms):
        return "Batch norm has a factor of its own, which depends on the batch."
    if any(spec.skips):
        return "With skip connections it is not the kernel's factor times the activation's."
    return predict(spec).reason or "No signal is expected in some layer."


def culprit(spec: RunSpec, history: Sequence[Snapshot]) -> str:
    """Who killed the gradient, with the factor's number, and what all layers together leave of the signal."""
    found = chain(spec, history)
    return _by_theory(spec, found) if not found.reason else _by_layer(spec, found)


def _by_theory(spec: RunSpec, found: Chain) -> str:
    logs = {name: float(np.log(one).sum()) for name, one in found.factors.items()}
    typical = {name: say_ratio(math.exp(one / (spec.depth - 1))) for name, one in logs.items()}
    total, steps = float(found.product[0]), spec.depth - 1
    gets = f"gets {say_share(total)} what layer {spec.depth} gets"
    if VANISHING < total < EXPLODING:
        who = f"**Nobody: layer 1 still {gets}.**"
    else:
        guilty = (min if total < 1 else max)(logs, key=logs.__getitem__)
        did = "killed it" if total < 1 else "blew it up"
        who = f"**{GUILTY[guilty]} {did}: {typical[guilty]} in each layer.**"
    names = {ACTIVATIONS[name].label for name in spec.activations[:-1]}
    slope = f"the slope of {names.pop()}" if len(names) == 1 else "the slopes of the activations"
    return (f"{who} On its way back through a layer the signal is multiplied by {typical[KERNEL].lstrip('×')} at the "
            f"kernel and by {typical[ACTIVATION].lstrip('×')} at {slope}{' and dropout' if spec.dropout else ''} "
            f"(theory at step 0{', geometric means' if steps > 1 else ''}). After "
            f"{count(steps, 'such step')} layer 1 {gets}; measured: {say_ratio(float(found.measured[0]))}.")


def _by_layer(spec: RunSpec, found: Chain) -> str:
    ratio = found.factors[MEASURED]
    said = f"Theory cannot split a layer's factor: {found.reason[0].lower()}{found.reason[1:]} So each bar is measured."
    if np.isnan(found.measured).all() or not np.isfinite(ratio[np.isfinite(ratio)]).any():
        return f"{said} At step 0 no signal arrives that could be compared."
    if not np.isfinite(found.measured).all() or not found.measured.all():
        return f"{said} In some layers the signal is 0 or not finite, and has no bar."
    total = float(found.measured[0])
    worst = int(ratio.argmin() if total < 1 else ratio.argmax())
    return (f"{said} The {'smallest' if total < 1 else 'largest'} factor is layer {worst + 1}'s, "
            f"**{say_ratio(float(ratio[worst]))}**; after all of them layer 1 gets {say_share(total)} what "
            f"layer {spec.depth} gets.")
