"""What the Losses page says of a formula that somebody typed: its value and slope at a point, and a run with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from core.custom_loss import CUSTOM, CustomLoss
from core.diagnosis import diagnose
from core.lessons.losses.sweeps import SWEEPS, Sweep
from core.losses import LOSSES, default_loss
from core.spec import RunSpec
from core.training import Snapshot
from core.words import count, say

LABEL = "Yours"
# What the part of the page opens with: a regression, where any formula may stand.
RUN = RunSpec(dataset="sine", widths=(32,) * 4, activation="tanh", optimizer="adam", learning_rate=0.01, steps=200)
NUDGE = 1e-5  # of the prediction, for central differences
POINTS = 241
NEAR = 0.05  # share of the axis within which the least loss counts as on the target


def pair(spec: RunSpec, text: str) -> dict[str, RunSpec]:
    """By label the run with the formula as its loss, and the same with the usual loss of its task."""
    return {LABEL: replace(spec, loss=CUSTOM, formula=text), usual(spec): replace(spec, loss=None)}


def usual(spec: RunSpec) -> str:
    """What the usual loss of the run's task is called on a chart."""
    return LOSSES[default_loss(spec.task)].short


def sweep_of(spec: RunSpec) -> Sweep:
    """What a single prediction of the run is: any number, or the probability of a label."""
    return SWEEPS["number" if spec.task == "regression" else "probability"]


def value(loss: CustomLoss, x: np.ndarray, target: float) -> np.ndarray:
    """L(x) of one prediction, shape (n,) -> (n,)."""
    p = np.asarray(x, np.float64)[:, None, None]
    return loss.typed.value(np.full_like(p, target), p)


def slope(loss: CustomLoss, x: np.ndarray, target: float) -> np.ndarray:
    """dL/dx of one prediction, shape (n,) -> (n,)."""
    p = np.asarray(x, np.float64)[:, None, None]
    return loss.typed.slope(np.full_like(p, target), p)[:, 0, 0]


def difference(loss: CustomLoss, x: float, target: float) -> float:
    """(L(x + h) − L(x − h)) / 2h: the slope without knowing any derivative."""
    above, below = value(loss, np.array([x + NUDGE, x - NUDGE]), target)
    with np.errstate(invalid="ignore"):
        return float((above - below) / (2 * NUDGE))


def reading(loss: CustomLoss, sweep: Sweep, x: float, target: float) -> str:
    """What the formula does at the point and along the axis, in words."""
    at = np.array([x])
    here, pulls = float(value(loss, at, target)[0]), float(slope(loss, at, target)[0])
    y, p = np.full((1, 1), target), np.full((1, 1), float(x))
    where = f"{sweep.x.label} = {x:g}".replace("-", "−")
    if np.isfinite([here, pulls]).all():
        first = (f"{where}: the slope is {say(pulls, 3)}; central differences, which know nothing of derivatives, "
                 f"give {say(difference(loss, x, target), 3)}.")
    elif not np.isfinite(here):
        first = f"{where}: the loss is {say(here)}, because `{loss.typed.breaks_at(y, p)}` has no finite value there."
    else:
        first = (f"{where}: the loss is {say(here, 3)}, but its slope is {say(pulls)}: somewhere in it is a vertical "
                 "tangent, or an infinity times 0.")
    return f"{first} {_along(loss, sweep, target)}"


def _along(loss: CustomLoss, sweep: Sweep, target: float) -> str:
    x = np.linspace(sweep.x.low, sweep.x.high, POINTS)
    losses, slopes = value(loss, x, target), slope(loss, x, target)
    finite = np.isfinite(losses) & np.isfinite(slopes)
    if not finite.any():
        return "It has no finite value anywhere on this axis, so nothing can be learned."
    lost = int((~finite).sum())
    where = "At one point" if lost == 1 else f"On {lost / len(x):.0%}"
    part = f"{where} of the axis value or slope is not a finite number. " if lost else ""
    if not slopes[finite].any():
        return f"{part}Its slope is 0 all along the axis: the loss is constant here, and no weight would change."
    lowest = np.flatnonzero(finite)[np.argmin(losses[finite])]
    least = x[lowest]
    beside = [i for i in (lowest - 1, lowest + 1) if 0 <= i < len(x) and not np.isfinite(losses[i])]
    if beside:
        return f"{part}It falls without limit toward {say(float(x[beside[0]]))}: training would never end."
    if least in (sweep.x.low, sweep.x.high) and abs(least - target) > NEAR:
        return f"{part}It falls up to the end of the axis, {say(float(least))}: away from the target {target:g}."
    length = sweep.x.high - sweep.x.low
    if not loss.typed.reads("y_true"):
        return f"{part}It does not depend on y_true: whatever the target, {say(float(least))} would be learned."
    if abs(least - target) <= NEAR * length:
        good = ", as a loss should be" if finite.all() else ""
        return f"{part}It is least where the prediction is the target{good}."
    return f"{part}It is least at {say(float(least))}, not at the target {target:g}: that is what would be learned."


def numbers(loss: CustomLoss, spec: RunSpec, x: float, target: float) -> list[dict[str, str]]:
    """Value, slope and central differences at the point, of the formula and of the usual loss."""
    sweep, other, at = sweep_of(spec), default_loss("regression" if spec.task == "regression" else "binary"), np.array(
        [x])
    nudged = sweep.value(other, np.array([x + NUDGE, x - NUDGE]), target)
    rows = {LABEL: (value(loss, at, target)[0], slope(loss, at, target)[0], difference(loss, x, target)),
            LOSSES[other].short: (sweep.value(other, at, target)[0], sweep.slope(other, at, target)[0],
                                  (nudged[0] - nudged[1]) / (2 * NUDGE))}
    return [{"Loss": label, "Value": say(float(v), 4), "Slope": say(float(s), 4),
             "By central differences": say(float(d), 4)} for label, (v, s, d) in rows.items()]


def progress(specs: Sequence[RunSpec], histories: Sequence[Sequence[Snapshot]]) -> str:
    """How far the run with the formula has come, and beside it the usual loss; empty before step 0."""
    if not all(histories):
        return ""
    (start, now), (_, beside) = ((history[0], history[-1]) for history in histories)
    found = diagnose(specs[0], histories[0])
    if not now.finite or found.kind in ("stuck", "dead"):
        return f"**{found.word}.** {found.sentences[0]}"
    if now.step == 0:
        return f"Loss {say(now.loss, 3)} before the first step."
    said = f"After {count(now.step, 'step')} the loss is {say(now.loss, 3)}; it began at {say(start.loss, 3)}."
    if now.accuracy is not None and beside.accuracy is not None:
        said += (f" Right: {now.accuracy:.0%} of the training examples, with {usual(specs[0])} {beside.accuracy:.0%}.")
    return said
