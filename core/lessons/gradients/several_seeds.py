"""One network with many seeds: how far signal and kernel gradient scatter, and which verdict how many of them get."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from core.diagnosis import HEALTHY, KINDS, kinds
from core.runs import SLOTS, Run
from core.spec import RunSpec
from core.spread import SHARES, predict
from core.words import count, say, say_ratio

LEAST, USUAL, MOST = 5, 50, 200  # seeds
QUANTITIES = {"signal": "signal_rms", "kernel gradient": "kernel_gradient_norm"}
PASSES = 4  # at step 0 that are wanted of each worker at a time
DRAWN = (5, 10, 20, 50, 100, 150, MOST)  # at so many seeds the picture is drawn anew while they come


class Reading(NamedTuple):
    """What is kept of one seed at one step: its verdict, each quantity (layers,), and whether the batch, or all
    training examples, switch off every unit of a hidden layer.
    """

    seed: int
    kind: str
    sizes: dict[str, np.ndarray]
    dead_batch: bool
    dead_for_all: bool


@dataclass
class Seeds:
    """The seeds of one network read so far, at step 0 or at the last step. Which of them are trained is up to a queue.

    Step 0 takes one pass a seed, the last step the whole run.
    """

    spec: RunSpec
    to_the_end: bool
    _found: dict[RunSpec, Reading] = field(default_factory=dict)

    @property
    def moments(self) -> int | None:
        """How many snapshots of a run are needed; None for all."""
        return None if self.to_the_end else 1

    def wanted(self, seeds: int) -> list[RunSpec]:
        """What is to be computed next towards so many seeds: few, since the workers serve others too.

        One whole run a worker, or some passes, of which each takes a worker as long as a chunk of another run.
        """
        most = SLOTS if self.to_the_end else PASSES * SLOTS
        return [spec for spec in self.spec.with_seeds(seeds) if spec not in self._found][:most]

    def take(self, runs: Iterable[Run]) -> None:
        """Reads those of the runs that have come far enough."""
        for run in runs:
            if run.finished if self.to_the_end else run.history:
                history = run.history if self.to_the_end else run.history[:1]
                self._found[run.spec] = _reading(run.spec, history)

    def readings(self, seeds: int) -> list[Reading]:
        """Those that are there of so many seeds, in their order."""
        return [self._found[spec] for spec in self.spec.with_seeds(seeds) if spec in self._found]


def _reading(spec: RunSpec, history: Sequence) -> Reading:
    last = history[-1]
    sizes = {name: np.asarray(getattr(last.layers, field), np.float64) for name, field in QUANTITIES.items()}
    dead = [bool((shares[:-1] == 1).any()) for shares in (last.layers.dead_fraction, last.dead_for_all)]
    return Reading(spec.seed, kinds(spec, history)[-1], sizes, *dead)


def drawn(seeds: int) -> int:
    """How many of so many seeds are drawn by now."""
    return max((number for number in DRAWN if number <= seeds), default=0)


def ratios(readings: Sequence[Reading], quantity: str) -> np.ndarray:
    """The quantity in every layer in units of the last hidden one's, (seeds, layers); NaN where that has none."""
    sizes = np.array([reading.sizes[quantity] for reading in readings])
    last = sizes[:, -2:-1]
    with np.errstate(all="ignore"):
        return np.where(np.isfinite(last) & (last > 0), sizes / last, np.nan)


def band(found: np.ndarray) -> np.ndarray:
    """The shares SHARES of seeds that stay below, layer by layer, (3, layers); of those that are numbers."""
    known = np.where(np.isnan(found), np.inf, found)[~np.isnan(found).all(axis=1)]
    return np.quantile(known, SHARES, axis=0, method="inverted_cdf") if len(known) else np.full(
        (len(SHARES), found.shape[1]), np.nan)


def sentences(spec: RunSpec, readings: Sequence[Reading], to_the_end: bool) -> str:
    """In how many of them the verdict is what, how far the signal scatters, what theory says of both; Markdown."""
    said = [_verdicts(readings, to_the_end)] if readings else []
    return " ".join([*said, *_scatter(spec, readings, to_the_end), *_dead(spec, readings, to_the_end)])


def _verdicts(readings: Sequence[Reading], to_the_end: bool) -> str:
    counted = Counter("without a sign of trouble" if reading.kind in HEALTHY and not to_the_end
                      else KINDS[reading.kind].word.lower() for reading in readings)
    when = "At the end" if to_the_end else "At step 0"
    return (f"**{when}, of {count(len(readings), 'seed')}: "
            f"{', '.join(f'{number} {word}' for word, number in counted.most_common())}.**")


def _scatter(spec: RunSpec, readings: Sequence[Reading], to_the_end: bool) -> list[str]:
    if spec.depth == 1:
        return []
    said = []
    if readings:
        low, middle, high = band(ratios(readings, "signal"))[:, 0]
        if np.isfinite(middle):
            said.append(f"In the middle 80 % of them layer 1 gets {say_ratio(low)} to {say_ratio(high)} the signal of "
                        f"layer {spec.depth}; the median is {say_ratio(middle)}.")
    if to_the_end:
        return said
    spread = predict(spec)
    if spread.signal is None:
        return [*said, spread.reason]
    low, middle, high = spread.signal[:, 0]
    said.append(f"For one example theory expects {say_ratio(low)} to {say_ratio(high)}, with a median of "
                f"{say_ratio(middle)}.")
    if spec.batch > 1:
        said.append(f"A batch of {spec.batch} is an average, so its band is narrower; with batch size 1 the two can be "
                    "compared.")
    return said


def _dead(spec: RunSpec, readings: Sequence[Reading], to_the_end: bool) -> list[str]:
    """Of ReLU networks: how many have a layer that is off."""
    if set(spec.activations) != {"relu"} or not readings:
        return []
    dead, batch = sum(one.dead_for_all for one in readings), sum(one.dead_batch for one in readings)
    chance = predict(spec).born_dead
    said = [f"A hidden layer is off for every training example in {dead} of {len(readings)}"
            + (f", for the batch in {batch}." if batch != dead else ".")]
    if not to_the_end and np.isfinite(chance):
        said.append(f"A single example finds a layer off about {say(chance * len(readings))} times in {len(readings)}, "
                    f"by the chance 1 − Π(1 − 2⁻ⁿ) = {say(chance)}; all examples together find one less often.")
    return said
