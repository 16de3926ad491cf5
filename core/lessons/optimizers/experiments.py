"""Networks that the Optimizers page trains: with each optimizer, at many rates, with batches of many sizes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

import numpy as np

from core.lessons.optimizers.race import LABELS, SHOWN
from core.network import backpropagate, initial_weights
from core.optimizers import OPTIMIZERS
from core.spec import RunSpec
from core.training import Snapshot
from core.words import count, say, say_ratio, say_share

# A deep sigmoid network: every layer passes on less than a quarter of the signal.
DEEP = RunSpec(dataset="moons", widths=(32,) * 5, learning_rate=0.5, steps=200)
ADAPTIVE_RATE = 0.01  # of those that divide a gradient by its size
RATED = RunSpec(dataset="moons", widths=(32,) * 3, activation="tanh", steps=100)
RATES = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)
BATCHED = RunSpec(dataset="moons", widths=(24,) * 2, activation="tanh", learning_rate=0.1, steps=200)
SIZES = (1, 8, 32, None)
DRAWS = 300  # batches of each size, for the noise of the gradient


def opening() -> list[RunSpec]:
    """The runs that the parts of the page open with."""
    return [*under_each(DEEP, SHOWN, ADAPTIVE_RATE).values(), *at_each_rate(RATED).values(),
            *with_each_batch(BATCHED).values()]


def under_each(spec: RunSpec, names: Sequence[str], adaptive_rate: float) -> dict[str, RunSpec]:
    """By label the run with each of these optimizers; those that divide by the gradient's size have their own rate."""
    return {LABELS[name]: replace(spec, optimizer=name, learning_rate=adaptive_rate if OPTIMIZERS[name].adaptive
                                  else spec.learning_rate) for name in names}


def at_each_rate(spec: RunSpec) -> dict[str, RunSpec]:
    """By label the run at each of RATES."""
    return {f"{rate:g}": replace(spec, learning_rate=rate) for rate in RATES}


def with_each_batch(spec: RunSpec) -> dict[str, RunSpec]:
    """By label the run with batches of each of SIZES; a size that the data does not fill is left out."""
    sizes = [size for size in SIZES if size is None or size < spec.train_samples]
    return {batch_label(size, spec): replace(spec, batch_size=size) for size in sizes}


def batch_label(size: int | None, spec: RunSpec) -> str:
    """A batch size on a chart: single, 32, all 204."""
    return f"all {spec.train_samples}" if size is None else "single" if size == 1 else str(size)


# --- in words -------------------------------------------------------------------------------------------------------


def race_sentence(histories: Mapping[str, Sequence[Snapshot]]) -> str:
    """How far each optimizer has come, and what the first layer moves beside the last; empty before step 0."""
    if not histories or not all(histories.values()):
        return ""
    now = {label: history[-1] for label, history in histories.items()}
    step = max(one.step for one in now.values())
    if step == 0:
        return "At step 0 all are the same network. What differs is what each makes of the same gradient."
    lost = ", ".join(f"{label} {say(one.loss)}" for label, one in now.items())
    lowest = min(now, key=lambda label: last_loss(histories[label]))
    parts = ", ".join(f"{label} {say_ratio(usual_move(history))}" for label, history in histories.items())
    return (f"After {count(step, 'step')} **{lowest}** has the lowest loss: {lost}. A usual step changes the kernel of "
            f"layer 1 by this share of its size (median so far): {parts}.")


def usual_move(history: Sequence[Snapshot]) -> float:
    """Update ratio of layer 1, the median over the recorded steps."""
    return float(np.median([one.layers.update_ratio[0] for one in history[1:]]))


def last_loss(history: Sequence[Snapshot]) -> float:
    """The loss at the last step, infinite where the run has overflowed."""
    return history[-1].loss if history[-1].finite else float("inf")


def learns(history: Sequence[Snapshot]) -> bool:
    """Whether a run ends lower than it began."""
    return last_loss(history) < history[0].loss


def rates_sentence(histories: Mapping[str, Sequence[Snapshot]]) -> str:
    """In which range of rates the network ends lower than it began, and which is best; empty before step 0."""
    if not all(histories.values()):
        return ""
    step = max(history[-1].step for history in histories.values())
    if step == 0:
        return "At step 0 the loss is the same for every rate."
    good = [label for label, history in histories.items() if learns(history)]
    if not good:
        return f"After {count(step, 'step')} none of these rates has made the loss smaller."
    best = min(good, key=lambda label: last_loss(histories[label]))
    worse = [label for label in histories if label not in good]
    return (f"After {count(step, 'step')} the loss is lower than at step 0 for rates from {good[0]} to {good[-1]}"
            + (f", not for {', '.join(worse)}" if worse else "")
            + f". Best is **{best}**: its loss is {say(last_loss(histories[best]))}, "
            f"{say_share(last_loss(histories[best]) / histories[best][0].loss)} what it was at step 0.")


def batch_sentence(histories: Mapping[str, Sequence[Snapshot]], specs: Mapping[str, RunSpec]) -> str:
    """What each batch size has seen and reached, and how far its loss strays from that of all examples."""
    if not all(histories.values()):
        return ""
    step = max(history[-1].step for history in histories.values())
    if step == 0:
        return "At step 0 all are the same network; the losses differ because each is that of another batch."
    now = {label: history[-1] for label, history in histories.items()}
    seen = {label: one.step / specs[label].epoch_steps for label, one in now.items()}
    return (f"After {count(step, 'step')} each, by batch: the loss of all examples is "
            + _by_batch({label: say(one.training_loss) for label, one in now.items()})
            + ". A batch's own loss, which is drawn, strays from it by "
            + _by_batch({label: say(stray(history)) for label, history in histories.items()})
            + ". Epochs seen: " + _by_batch({label: f"{epochs:.3g}" for label, epochs in seen.items()}) + ".")


def _by_batch(numbers: Mapping[str, str]) -> str:
    return ", ".join(f"{number} ({label})" for label, number in numbers.items())


def stray(history: Sequence[Snapshot]) -> float:
    """Root mean square of (loss of the batch − loss of all training examples) over the recorded steps."""
    return float(np.sqrt(np.mean([(one.loss - one.training_loss) ** 2 for one in history])))


# --- how noisy the gradient of a batch is -----------------------------------------------------------------------------


@lru_cache(maxsize=16)
def noise(spec: RunSpec) -> tuple[tuple[int, ...], np.ndarray, np.ndarray]:
    """Batch sizes, and |g_B − g| / |g| of the initial weights: measured over DRAWS batches of each, and in theory.

    g_B is the gradient of a batch, g that of all N training examples. With σ² = the mean of |g_i − g|² over the
    examples, drawing B of N without replacement gives E|g_B − g|² = σ²/B · (N − B)/(N − 1). Imports TensorFlow.
    """
    split, weights = spec.data(), initial_weights(spec)
    found = backpropagate(replace(spec, dropout=0.0, batch_norm=False),
                          [layer[:2] for layer in weights], split.x_train, split.y_train)
    inputs = [split.x_train, *found.activations[:-1]]
    n = len(split.x_train)
    # The signals are those of the mean loss: an example's own gradient is n times its share of them.
    each = np.concatenate([part for a, delta in zip(inputs, found.signals, strict=True) for part in (
        np.einsum("ni,nj->nij", a, n * delta).reshape(n, -1), n * delta)], axis=1).astype(np.float64)
    g = each.mean(axis=0)
    size, variance = np.linalg.norm(g), ((each - g) ** 2).sum(axis=1).mean()
    rng = np.random.default_rng(0)
    sizes = tuple(b for b in (1, 2, 4, 8, 16, 32, 64, 128, 256, 512) if b < n)
    measured = [np.sqrt(np.mean([((each[rng.permutation(n)[:b]].mean(axis=0) - g) ** 2).sum()
                                 for _ in range(DRAWS)])) / size for b in sizes]
    theory = [np.sqrt(variance / b * (n - b) / (n - 1)) / size for b in sizes]
    return sizes, np.array(measured), np.array(theory)


def noise_sentence(spec: RunSpec) -> str:
    """How noisy the smallest and the largest of the batches are, beside theory."""
    sizes, measured, theory = noise(spec)
    parts = [f"that of a batch of {b} by {say(float(found))} times its size (theory: {say(float(expected))})"
             for b, found, expected in zip(sizes, measured, theory, strict=True)]
    return (f"With the initial weights, the gradient of all {spec.train_samples} examples is missed: {parts[0]}, "
            f"{parts[-1]}.")
