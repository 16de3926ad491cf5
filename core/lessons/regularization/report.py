"""Dropout and batch norm: a run with and without over several seeds, and what each does to a layer on one pass."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from core.layer_table import Layer, fixed, rows, total
from core.network import BATCH_NORM_EPSILON, backpropagate, dropout_mask, initial_weights
from core.spec import RunSpec
from core.training import Snapshot, Trainer, batch_rows, recorded_steps
from core.words import count, say

# 56 of 569 examples to train on, so that they can be learned by heart; the other 513 say how much of it is true.
DROPOUT = RunSpec(dataset="breast_cancer", test_fraction=0.9, widths=(64, 32), activation="relu", dropout=0.5,
                  optimizer="adam", learning_rate=0.001, batch_size=16, steps=200)
DROPOUT_HELPS = replace(DROPOUT, dataset="diabetes", samples=442, test_fraction=0.5, learning_rate=0.003,
                        batch_size=32, steps=350)
BATCH_NORM = replace(DROPOUT, dropout=0.0, widths=(64, 64, 32, 32), batch_norm=(True, False, True, False))
BATCH_NORM_HELPS = replace(BATCH_NORM, learning_rate=0.01, batch_size=None)
SEEDS = 5
MOST_SEEDS = 10
STEPS = (0, 1, 10, 50, 100, 200)  # at which the pre-activations of a layer can be looked at


def with_and_without(part: str, spec: RunSpec) -> dict[str, RunSpec]:
    """The run without and with dropout or batch norm, by label; one that has neither gets the course's."""
    if part == "dropout":
        rate = spec.dropout or DROPOUT.dropout
        return {"without": replace(spec, dropout=0.0), f"dropout {rate:g}": replace(spec, dropout=rate)}
    norm = spec.batch_norm if any(spec.batch_norms) else True
    return {"without": replace(spec, batch_norm=False), "batch norm": replace(spec, batch_norm=norm)}


def over_seeds(specs: Mapping[str, RunSpec], seeds: int) -> list[RunSpec]:
    """Each of the runs with its own seed and the ones after it: all of the first label, then all of the second."""
    return [seeded for spec in specs.values() for seeded in spec.with_seeds(seeds)]


OPENING = [spec for part, base in (("dropout", DROPOUT), ("dropout", DROPOUT_HELPS), ("batch_norm", BATCH_NORM),
                                   ("batch_norm", BATCH_NORM_HELPS))
           for spec in over_seeds(with_and_without(part, base), SEEDS)]


# --- with and without, in words --------------------------------------------------------------------------------------


def ends_sentences(groups: Mapping[str, Sequence[Sequence[Snapshot]]]) -> str:
    """Validation and training loss at the end, median and range over the seeds, and in how many of them one is lower.

    Runs are compared seed by seed: the same examples held back, the same initial kernels.
    """
    if not all(history for histories in groups.values() for history in histories):
        return ""
    (_, without), (label, used) = groups.items()
    step = max(history[-1].step for history in [*without, *used])
    ends = {name: np.array([_validation(history[-1]) for history in histories]) for name, histories in groups.items()}
    if np.isnan(np.concatenate([*ends.values()])).all():
        return "No examples are held back, so nothing says how the network does on new ones."
    lower, higher = int((ends[label] < ends["without"]).sum()), int((ends[label] > ends["without"]).sum())
    said = "; ".join(f"{name} **{_spread(values)}**" for name, values in ends.items())
    trained = "; ".join(f"{name} {_spread([history[-1].training_loss for history in histories])}"
                        for name, histories in groups.items())
    if step == 0:
        return f"Press Play to compare them. Before the first step the validation loss, median (range), is: {said}."
    return (f"**Lower with {label} in {lower} of {count(len(used), 'seed')}.** {_judgement(lower, higher, len(used))} "
            f"Validation loss after {count(step, 'step')}, median (range): {said}.  \nTraining loss: {trained}.")


def _judgement(lower: int, higher: int, seeds: int) -> str:
    """The rule is the page's: all seeds or none say the same, or it is luck."""
    if lower == seeds:
        return "All seeds agree: here it helps."
    if higher == seeds:
        return "All seeds agree: here it does harm."
    if lower == higher == 0:
        return "All seeds agree: here it makes no difference."
    return "The seeds do not agree: with another one it may look otherwise."


def _validation(state: Snapshot) -> float:
    return np.nan if state.validation_loss is None else state.validation_loss


def _spread(values: Sequence[float] | np.ndarray) -> str:
    low, middle, high = (say(float(of(values))) for of in (np.min, np.median, np.max))
    return f"{middle} ({low} to {high})"


# --- where they sit in a layer ---------------------------------------------------------------------------------------


@lru_cache(maxsize=16)
def kept_units(spec: RunSpec) -> np.ndarray:
    """Which units of layer 1 the run keeps for the first example of its batch, at each recorded step: bool
    `(moments, units)`. Imports TensorFlow.
    """
    return np.array([dropout_mask(spec, step, 0, len(batch_rows(spec, step + 1)))[0]
                     for step in recorded_steps(spec.steps)])


def dropped_sentences(spec: RunSpec) -> list[str]:
    """How many units of layer 1 the run itself drops at each recorded step, for one example."""
    return [f"Step {step}: **{int((~kept).sum())} of {count(len(kept), 'unit')}** of layer 1 are dropped for the first "
            "example of the batch. Each step, and each example, loses others."
            for step, kept in zip(recorded_steps(spec.steps), kept_units(spec), strict=True)]


def normalised_sentence(spec: RunSpec, step: int, found: Normalised) -> str:
    """Mean and variance of one unit's z over a batch, before batch norm and after it."""
    layer, (before, after, shifted) = spec.batch_norms.index(True) + 1, (values[:, 0] for values in found)
    said = [f"mean {_small(float(values.mean()))}, variance {say(float(values.var()), 3)}"
            for values in (before, after, shifted)]
    return (f"Step {step}, unit 1 of layer {layer}, over the {count(len(before), 'example')} of a batch: z has "
            f"**{said[0]}**; normalised, **{said[1]}**; scaled and shifted, {said[2]}.")


def _small(number: float) -> str:
    """A mean, 0 where it is only rounding."""
    return say(0.0 if abs(number) < 1e-9 else number, 3)


# --- one pass of dropout ---------------------------------------------------------------------------------------------


class Pass(NamedTuple):
    """The units `(units,)` of a layer for one example: before dropout, kept or not, after it, and its mean so far."""

    before: np.ndarray
    kept: np.ndarray
    after: np.ndarray
    mean: np.ndarray


def masks(rate: float, units: int, passes: int, seed: int) -> np.ndarray:
    """Which units are kept in each pass, `(passes, units)`; each is dropped with probability `rate` on its own."""
    return np.random.default_rng(seed).random((passes, units)) >= rate


def one_pass(before: np.ndarray, rate: float, passes: int, seed: int) -> Pass:
    """The last of so many passes of inverted dropout, a / (1 − p) where kept and 0 elsewhere, and the mean of all."""
    kept = masks(rate, len(before), passes, seed)
    after = np.where(kept, before / (1 - rate), 0.0)
    return Pass(before, kept[-1], after[-1], after.mean(axis=0))


@lru_cache(maxsize=64)
def first_layer(spec: RunSpec) -> np.ndarray:
    """Activations `(units,)` of the first hidden layer before step 0, for the first training example."""
    x, y = spec.data().x_train[:1], spec.data().y_train[:1]
    plain = replace(spec, batch_norm=False, dropout=0.0)
    return backpropagate(plain, initial_weights(plain), x, y).activations[0][0].astype(np.float64)


def pass_sentence(found: Pass, rate: float, passes: int) -> str:
    """How many units are left and what becomes of the layer's mean: two sentences."""
    return (f"**{int(found.kept.sum())} of {count(len(found.kept), 'unit')} are kept**, each multiplied by "
            f"1/(1 − p) = {say(1 / (1 - rate), 3)}. Mean of the layer: {say(found.before.mean(), 3)} before, "
            f"{say(found.after.mean(), 3)} in this pass, {say(found.mean.mean(), 3)} over {passes} "
            f"pass{'es' if passes > 1 else ''}. Validation drops nothing.")


# --- what batch norm does to z ---------------------------------------------------------------------------------------


class Normalised(NamedTuple):
    """z `(batch, units)` of the first normalised layer on one batch: as it is, normalised, scaled and shifted."""

    z: np.ndarray
    normalised: np.ndarray
    scaled: np.ndarray


NORMALISED_LABELS = ("before", "normalised", "scaled and shifted")


@lru_cache(maxsize=16)
def normalised_at(spec: RunSpec) -> dict[int, Normalised]:
    """What batch norm does on the first batch, with the weights after each of STEPS. Trains on the spot, once a run.

    The spec must have batch norm in some layer. Steps from which on a number is not finite are left out.
    """
    layer = spec.batch_norms.index(True)
    trainer = Trainer(replace(spec, steps=max(spec.steps, STEPS[-1])))
    rows = batch_rows(spec, 1)
    x, y = spec.data().x_train[rows], spec.data().y_train[rows]
    found = {}
    for step in STEPS:
        while trainer.step < step and not trainer.finished:
            trainer.advance()
        if not trainer.snapshot.finite:
            break
        found[step] = _normalised(spec, trainer.weights, x, y, layer)
    return found


def _normalised(spec: RunSpec, weights: list[tuple[np.ndarray, ...]], x: np.ndarray, y: np.ndarray,
                layer: int) -> Normalised:
    z = backpropagate(spec, weights, x, y).pre_activations[layer].astype(np.float64)
    _, _, scale, shift = weights[layer]
    normalised = (z - z.mean(0)) / np.sqrt(z.var(0) + BATCH_NORM_EPSILON)
    return Normalised(z, normalised, scale * normalised + shift)


def normalised_table(found: Normalised) -> list[dict[str, str]]:
    """Of each stage the range, over the units, of a unit's mean and of its standard deviation over the batch."""
    return [{"z": label, "mean of a unit": _range(values.mean(0)), "its standard deviation": _range(values.std(0))}
            for label, values in zip(NORMALISED_LABELS, found, strict=True)]


def _range(values: np.ndarray) -> str:
    low, high = (say(0.0 if abs(value) < 1e-9 else float(value)) for value in (values.min(), values.max()))
    return low if low == high else f"{low} to {high}"


# --- parameters ------------------------------------------------------------------------------------------------------


def layer_table(layers: Sequence[Layer]) -> list[dict[str, str]]:
    """A row a layer but the input, as `summary()` prints it, with the arithmetic."""
    return [{"Layer": row.layer.class_name, "Output shape": f"(None, {row.shape[-1]})",
             "Arithmetic": row.arithmetic or "nothing to learn", "Parameters": f"{row.parameters:,}",
             "Not trained": f"{row.fixed:,}"}
            for row in rows(layers) if row.layer.class_name != "Input"]


def counted(layers: Sequence[Layer]) -> str:
    """Parameters in all, those that training changes, and those that it does not."""
    everything, still = total(layers), fixed(layers)
    parts = " + ".join(f"{row.parameters:,}" for row in rows(layers) if row.parameters)
    return f"{parts} = **{everything:,} parameters**: {everything - still:,} trained, {still:,} not."
