"""Optimizers racing on a surface: the path of each, by the same update rules that train the networks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from core.lessons.optimizers.surfaces import SURFACES, Surface
from core.optimizers import OPTIMIZERS
from core.words import count, say

FAR = 1e6  # from the origin: a path that gets there has diverged
ARRIVED = 1e-3  # above the least value, as a share of what there was to lose at the start
LABELS = {name: "Plain GD" if name == "sgd" else entry.label for name, entry in OPTIMIZERS.items()}  # short, on charts
SHOWN = ("sgd", "momentum", "rmsprop", "adam")


@dataclass(frozen=True)
class Race:
    """What is raced: a surface by name, the optimizers, their start and rates.

    rate, adaptive_rate: None for the surface's own.
    """

    surface: str
    names: tuple[str, ...]
    start: tuple[float, float]
    rate: float | None = None
    adaptive_rate: float | None = None
    momentum: float = 0.9
    steps: int = 200

    @property
    def entry(self) -> Surface:
        return SURFACES[self.surface]

    @property
    def begins(self) -> tuple[float, float]:
        """The start, moved to the edge of the chart where it would be outside."""
        x, y = np.clip(self.start, self.entry.low, self.entry.high)
        return float(x), float(y)

    def rate_of(self, name: str) -> float:
        """The learning rate of one of the optimizers."""
        if OPTIMIZERS[name].adaptive:
            return self.entry.adaptive_rate if self.adaptive_rate is None else self.adaptive_rate
        return self.entry.rate if self.rate is None else self.rate

    def paths(self) -> dict[str, np.ndarray]:
        """By name the point after every step, shape (steps + 1, 2); shorter where a path has gone FAR."""
        return {name: path(self.surface, name, self.begins, self.rate_of(name), self.momentum, self.steps)
                for name in self.names}

    def heights(self) -> dict[str, np.ndarray]:
        """By name how far above the least value of the surface each point of its path is."""
        with np.errstate(over="ignore"):
            return {name: np.maximum(self.entry.value(points) - self.entry.least, 0)
                    for name, points in self.paths().items()}


@lru_cache(maxsize=512)
def path(surface: str, name: str, start: tuple[float, float], rate: float, momentum: float, steps: int) -> np.ndarray:
    """The points that an optimizer visits, the start first. Shape (steps + 1, 2), or up to the first that is FAR."""
    entry, optimizer = SURFACES[surface], OPTIMIZERS[name]
    point = np.array(start, np.float64)
    state = (np.zeros(2),) * optimizer.slots
    points = [point]
    with np.errstate(over="ignore", invalid="ignore"):
        for step in range(1, steps + 1):
            hyper = {"learning_rate": rate, "momentum": momentum, "step": step}
            change, state = optimizer.update(point, entry.gradient(point), state, hyper)
            point = point + change
            if not np.abs(point).max() < FAR:
                points.append(np.clip(np.nan_to_num(point, nan=FAR), -FAR, FAR))
                break
            points.append(point)
    found = np.array(points)
    found.setflags(write=False)
    return found


def outside(surface: Surface, points: np.ndarray) -> np.ndarray:
    """Which points are not on the chart, shape (n,)."""
    return np.any((points < surface.low) | (points > surface.high), axis=-1)


def arrival(race: Race, name: str) -> int | None:
    """The step from which on a path stays where at most ARRIVED of the first height is left; None: never."""
    heights = race.heights()[name]
    above = np.flatnonzero(~(heights <= ARRIVED * heights[0]))
    if not len(above):
        return 0
    return int(above[-1]) + 1 if above[-1] + 1 < len(heights) else None


def standing(race: Race, step: int) -> str:
    """Who has arrived, who leads, who has left the chart at that step: a few sentences with numbers."""
    paths, heights = race.paths(), race.heights()
    now = {name: heights[name][min(step, len(heights[name]) - 1)] for name in race.names}
    if step == 0:
        x, y = race.begins
        return (f"All start at ({x:g}, {y:g}), {say(heights[race.names[0]][0], 3)} above the minimum.".replace("-", "−")
                if race.names else "No optimizer is chosen.")
    said = []
    gone = [name for name in race.names if len(paths[name]) <= step and len(paths[name]) <= race.steps]
    away = [name for name in race.names if name not in gone and outside(race.entry, paths[name][step:step + 1])[0]]
    here = [name for name in race.names if name not in gone]
    if here:
        best = min(here, key=now.__getitem__)
        said.append(f"After {count(step, 'step')} **{LABELS[best]}** is lowest, {say(now[best])} above the minimum.")
    arrived = {name: at for name in here if (at := arrival(race, name)) is not None and at <= step}
    if arrived:
        said.append("Arrived to stay (at most 1/1000 of the height is left): " + ", ".join(
            f"{LABELS[name]} at step {at}" for name, at in sorted(arrived.items(), key=lambda pair: pair[1])) + ".")
    if away:
        said.append(f"{_listed(away)} {'has' if len(away) == 1 else 'have'} left the chart.")
    if gone:
        said.append(f"{_listed(gone)} diverged: " + ", ".join(
            f"x or y beyond {say(FAR)} at step {len(paths[name]) - 1}" for name in gone) + ".")
    return " ".join(said)


def _listed(names: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(LABELS[name] for name in names[:-1]), LABELS[names[-1]]]))


def standing_table(race: Race) -> list[dict[str, str]]:
    """A row for each optimizer: its rate, when it arrived to stay, where it ended."""
    rows = []
    for name, points in race.paths().items():
        at, height = arrival(race, name), race.heights()[name][-1]
        diverged = len(points) <= race.steps
        rows.append({"Optimizer": LABELS[name], "Learning rate": f"{race.rate_of(name):g}",
                     "Arrived to stay": f"step {at}" if at is not None else "diverged" if diverged else "not yet",
                     "Height at the end": "beyond the chart" if diverged else say(float(height))})
    return rows


# --- learning rates -------------------------------------------------------------------------------------------------

RATES = tuple(float(f"{rate:.3g}") for rate in np.geomspace(1e-3, 10, 81))


def swept(race: Race) -> dict[str, np.ndarray]:
    """By name the height at the end for each of RATES, infinite where the path has diverged. Shapes (rates,)."""
    return {name: _ends(race.surface, name, race.begins, race.momentum, race.steps) for name in race.names}


@lru_cache(maxsize=64)
def _ends(surface: str, name: str, start: tuple[float, float], momentum: float, steps: int) -> np.ndarray:
    """All rates at once: every rule acts entry by entry, and a rate is one of its arrays here."""
    entry, optimizer = SURFACES[surface], OPTIMIZERS[name]
    points = np.tile(np.array(start, np.float64), (len(RATES), 1))
    state, gone = (np.zeros_like(points),) * optimizer.slots, np.zeros(len(RATES), bool)
    with np.errstate(over="ignore", invalid="ignore"):
        for step in range(1, steps + 1):
            hyper = {"learning_rate": np.array(RATES)[:, None], "momentum": momentum, "step": step}
            change, state = optimizer.update(points, entry.gradient(points), state, hyper)
            points = points + change
            gone |= ~(np.abs(points).max(axis=1) < FAR)
        return np.where(gone, np.inf, np.maximum(entry.value(points) - entry.least, 0))


def stable_limit(surface: Surface, name: str, momentum: float) -> float | None:
    """The rate at which an optimizer stops converging on a quadratic surface; None where theory has no such number.

    Gradient descent: 2/λ_max. Momentum: 2(1 + β)/λ_max (Polyak 1964).
    """
    if surface.largest_rate is None or name not in ("sgd", "momentum"):
        return None
    return surface.largest_rate * (1 + momentum if name == "momentum" else 1)


def measured_limit(heights: np.ndarray, start: float) -> float | None:
    """The largest of RATES up to which every run ends lower than it began; None if none does."""
    worse = np.flatnonzero(~(heights < start))
    if not len(worse):
        return RATES[-1]
    return RATES[worse[0] - 1] if worse[0] else None


def sweep_sentence(race: Race) -> str:
    """Up to which rate each optimizer ends lower than it began, beside theory."""
    start = float(race.entry.value(np.array(race.begins)) - race.entry.least)
    said = []
    for name, heights in swept(race).items():
        limit, theory = measured_limit(heights, start), stable_limit(race.entry, name, race.momentum)
        known = ([f"theory: {say(theory, 3)}"] if theory else []) + ["the largest here"] * (limit == RATES[-1])
        beside = f" ({', '.join(known)})" if known else ""
        said.append(f"{LABELS[name]} " + (f"up to {say(limit)}{beside}" if limit else "at none of them"))
    return f"Rates at which each ends lower than it began: {'; '.join(said)}."


def race_script(race: Race) -> str:
    """The race with Keras's optimizers as a script that prints where each one ends."""
    optimizers = "\n".join(
        f'    "{LABELS[name]}": ' + OPTIMIZERS[name].keras_code(race.momentum).replace(
            "LEARNING_RATE", f"{race.rate_of(name)!r}") + "," for name in race.names)
    return f'''import keras
import tensorflow as tf


def f(x, y):
    return {race.entry.keras_code}


optimizers = {{
{optimizers}
}}
for name, optimizer in optimizers.items():
    x, y = keras.Variable({race.begins[0]!r}), keras.Variable({race.begins[1]!r})
    for step in range({race.steps}):
        with tf.GradientTape() as tape:
            loss = f(x.value, y.value)
        optimizer.apply(tape.gradient(loss, [x.value, y.value]), [x, y])
    print(f"{{name}}: ({{float(x):.4f}}, {{float(y):.4f}}), f = {{float(f(x.value, y.value)):.4g}}")
'''
