"""Training curves: how long an epoch is, how well a run fits, and what early stopping would have done."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from core.diagnosis import HEALTHY, kinds
from core.spec import RunSpec
from core.training import EVENLY_SPACED, Snapshot
from core.words import count, say
from core.yardstick import yardstick

# The course's experiment: 50 epochs of 25 steps.
SOURCE = RunSpec(dataset="classification", widths=(64, 32), activation="relu", optimizer="adam", learning_rate=0.001,
                 batch_size=32, steps=1250, seed=42)
TOO_SMALL = replace(SOURCE, widths=(1,), learning_rate=0.02)  # at 0.001 it is still on its way after 50 epochs
TOO_SHORT = replace(SOURCE, learning_rate=1e-4, steps=250)
TOO_FEW = replace(SOURCE, samples=200, learning_rate=0.01, steps=250)  # 160 examples to train on, 5 steps an epoch
SHOWN = (SOURCE, TOO_SMALL, TOO_SHORT, TOO_FEW)

# Shares of what a guess has to lose, as `core.yardstick` measures it.
MUCH = 0.5
OVERFITS = 0.1
MOST_PATIENCE = 50

# How well a run that learns fits what it has not seen: a word, and the rule by which it is given.
FITS = {
    "overfitting": ("Overfitting", "The validation loss is above its smallest by at least "
                    f"{OVERFITS:.0%} of what a guess has to lose."),
    "good": ("Good fit", f"Not so, and more than {MUCH:.0%} of the way from a guess to perfect answers on the training "
             "examples."),
}


class EpochEnd(NamedTuple):
    """The recorded state nearest to the end of an epoch."""

    epoch: int
    state: Snapshot


class Stop(NamedTuple):
    """What early stopping does: the epoch after which it stops, and the one whose weights it keeps."""

    epoch: int
    kept: EpochEnd


def by_epoch(spec: RunSpec, history: Sequence[Snapshot]) -> list[EpochEnd]:
    """The state at the end of every epoch from 1 on, or at the nearest recorded step, at most half a gap away."""
    every, gap = spec.epoch_steps, math.ceil(spec.steps / EVENLY_SPACED)
    nearest: dict[int, Snapshot] = {}
    for state in history:
        epoch = round(state.step / every)
        off = abs(state.step - epoch * every)
        if epoch > 0 and off <= gap / 2 and (epoch not in nearest or off < abs(nearest[epoch].step - epoch * every)):
            nearest[epoch] = state
    return [EpochEnd(epoch, state) for epoch, state in nearest.items()]


def best(points: Sequence[EpochEnd]) -> EpochEnd | None:
    """The first epoch with the smallest validation loss; None where none is known."""
    known = [point for point in points if point.state.validation_loss is not None]
    return min(known, key=lambda point: _or_infinite(point.state.validation_loss), default=None)


def early_stop(points: Sequence[EpochEnd], patience: int) -> Stop | None:
    """As Keras's EarlyStopping on the validation loss: stops after `patience` epochs without a smaller one."""
    kept: EpochEnd | None = None
    for point in points:
        loss = point.state.validation_loss
        if loss is None:
            return None
        if kept is None or loss < _or_infinite(kept.state.validation_loss):
            kept = point
        elif point.epoch - kept.epoch >= patience:
            return Stop(point.epoch, kept)
    return None


def _or_infinite(loss: float | None) -> float:
    return math.inf if loss is None or math.isnan(loss) else loss


def fit(spec: RunSpec, history: Sequence[Snapshot], verdict: str) -> str:
    """Which of FITS the last of the snapshots is; empty where its verdict is not healthy, or nothing is held back."""
    now, yard = history[-1], yardstick(spec)
    smallest = best(by_epoch(spec, history))
    if now.step == 0 or now.validation_loss is None or verdict not in HEALTHY:
        return ""
    if smallest and now.validation_loss - _or_infinite(smallest.state.validation_loss) >= OVERFITS * (
            yard.guess - yard.least):
        return "overfitting"
    return "good" if yard.left(now.training_loss) < MUCH else ""


def fit_sentences(spec: RunSpec, history: Sequence[Snapshot], patience: int) -> tuple[str, ...]:
    """What stands beside the verdict on each state: losses and how well it fits, then what early stopping would do."""
    return tuple(_fit_sentence(spec, history[:moment + 1], patience, verdict)
                 for moment, verdict in enumerate(kinds(spec, history)))


def _fit_sentence(spec: RunSpec, history: Sequence[Snapshot], patience: int, verdict: str) -> str:
    now, found, points = history[-1], fit(spec, history, verdict), by_epoch(spec, history)
    word = f"**{FITS[found][0]}.** " if found else ""
    return (f"{_losses(spec, now)} {word}{_accuracies(now)}  \n"
            f"{_lowest(points, now)} {_stopping(spec, points, patience)}")


def _losses(spec: RunSpec, now: Snapshot) -> str:
    held = "" if now.validation_loss is None else f", validation {say(now.validation_loss, 3)}"
    when = f"After {now.step / spec.epoch_steps:.3g} epochs" if now.step else "At step 0"
    return (f"{when}: training loss {say(now.training_loss, 3)}{held} "
            f"(a guess has {say(yardstick(spec).guess, 3)}).")


def _accuracies(now: Snapshot) -> str:
    if now.accuracy is None:
        return ""
    held = "" if now.validation_accuracy is None else f", {now.validation_accuracy:.1%} of the validation examples"
    return f"Right: {now.accuracy:.1%} of the training examples{held}."


def _lowest(points: Sequence[EpochEnd], now: Snapshot) -> str:
    lowest = best(points)
    if lowest is None or now.validation_loss is None:
        return ""
    loss = lowest.state.validation_loss
    if lowest is points[-1]:
        return f"The validation loss is at its smallest now, {say(_or_infinite(loss), 3)}."
    return f"Its smallest validation loss, {say(_or_infinite(loss), 3)}, was that of epoch {lowest.epoch}."


def _stopping(spec: RunSpec, points: Sequence[EpochEnd], patience: int) -> str:
    if not points:
        return ""
    if points[-1].state.validation_loss is None:
        return "No examples are held back, so early stopping has nothing to watch."
    stop = early_stop(points, patience)
    rule = f"Early stopping with a patience of {count(patience, 'epoch')}"
    if stop is None:
        return f"{rule} has not stopped so far."
    saved = spec.epochs - stop.epoch
    return (f"{rule} stops after epoch {stop.epoch} and keeps epoch {stop.kept.epoch}, validation loss "
            f"{say(_or_infinite(stop.kept.state.validation_loss), 3)}: {saved:.3g} of "
            f"{spec.epochs:.3g} epochs saved.")


def epochs_sentence(spec: RunSpec) -> str:
    """How long an epoch of the run is: one sentence."""
    return (f"An epoch is a full pass over {count(spec.train_samples, 'training example')}: "
            f"{count(spec.epoch_steps, 'step')}. {count(spec.steps, 'step')} are {spec.epochs:.3g} epochs.")
