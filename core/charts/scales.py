"""Fixed axes, and what becomes of a number that does not fit on one.

A chart is updated in place only while its axes stay, so an axis follows from the run's settings or its step 0, never
from the frame that is drawn. A value beyond the axis, an exact zero on a logarithmic axis, an infinity and NaN are
drawn as marks at the axis's ends: Vega would leave them out without a word.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from core.words import power

VALUE_KINDS = ("value", "below", "above", "zero", "infinite", "nan")

PAD = 0.04  # of an axis, beyond its ends: room for the marks that stand there

GRADIENT_LOW, GRADIENT_HIGH = -8, 2  # decades: what a network that trains keeps its gradients within
BLOCK = 5  # an axis grows by so many decades at a time, so that two settings rarely differ in it


@dataclass(frozen=True)
class Scale:
    """An axis from `low` to `high`, logarithmic or linear, with `pad` of its length beyond its ends.

    Without a pad it ends where it says: for curves of which all is known.
    """

    low: float
    high: float
    log: bool = False
    pad: float = PAD

    def place(self, values: Iterable[float]) -> tuple[np.ndarray, np.ndarray]:
        """Where each value is drawn, always finite, and its kind (one of VALUE_KINDS). Shapes: (n,) -> (n,), (n,)."""
        v = np.asarray(values, np.float64)
        kind = np.select(
            [np.isnan(v), np.isposinf(v), np.isneginf(v), (v == 0) & self.log, v < self.low, v > self.high],
            ["nan", "infinite", "below", "zero", "below", "above"], "value")
        return np.select([np.isin(kind, ("below", "zero")), kind == "value"], [self.low, v], self.high), kind

    @property
    def domain(self) -> list[float]:
        """The whole axis, its pads included; a linear one has none below."""
        return [self._at(-self.pad if self.log else 0), self._at(1 + self.pad)]

    @property
    def ticks(self) -> dict[float, str]:
        """Position and label of each line of the grid: every decade, or steps of 1, 2 or 5; not all have a label."""
        if not self.log:
            step = round_up((self.high - self.low) / 5, (1, 2, 2.5, 5, 10))
            first, last = round(np.ceil(self.low / step - 1e-9)), round(np.floor(self.high / step + 1e-9))
            return {n * step: f"{n * step:.6g}".replace("-", "−") for n in range(first, last + 1)}
        low, high = self._decades
        labelled = next(step for step in (1, 2, 3, 5, 10, 20, 50, 100) if (high - low) / step <= 7)
        drawn = 1 if high - low <= 20 else labelled
        return {10.0**n: power(n) if n % labelled == 0 else "" for n in range(low, high + 1) if n % drawn == 0}

    @property
    def words(self) -> str:
        """The axis for somebody who does not see it."""
        if not self.log:
            return f"axis from {self.low:g} to {self.high:g}"
        low, high = self._decades
        return f"logarithmic axis from {power(low)} to {power(high)}"

    @property
    def length(self) -> float:
        """Decades, or units, from one end of the whole axis to the other."""
        bottom, top = self._even(np.array(self.domain))
        return float(top - bottom)

    def apart(self, positions: np.ndarray, share: float) -> np.ndarray:
        """The positions, moved as little as needed to lie a share of the axis's length apart, all within the axis."""
        gap, (bottom, top) = share * self.length, self._even(np.array(self.domain))
        order = np.argsort(positions, kind="stable")
        wanted = self._even(np.asarray(positions, np.float64))[order]
        placed: list[tuple[float, int]] = []  # (centre, members) of groups of labels that touch each other
        for position in wanted:
            group = (float(position), 1)
            while placed and group[0] - placed[-1][0] < gap * (group[1] + placed[-1][1]) / 2:
                centre, members = placed.pop()
                group = ((group[0] * group[1] + centre * members) / (group[1] + members), group[1] + members)
            placed.append(group)
        # A group at an end of the axis is pushed back inside; what it then touches moves with it.
        spread = np.array([centre + gap * (i - (n - 1) / 2) for centre, n in placed for i in range(n)])
        for i in range(len(spread)):
            spread[i] = max(spread[i], bottom + gap * (i + 0.5))
        for i in reversed(range(len(spread))):
            spread[i] = min(spread[i], top - gap * (len(spread) - i - 0.5))
        result = np.empty(len(spread))
        result[order] = spread
        return self._back(result)

    def _even(self, positions: np.ndarray) -> np.ndarray:
        """Positions in units that are equally long on the screen: decades on a logarithmic axis."""
        return np.log10(positions) if self.log else positions

    def _back(self, even: np.ndarray) -> np.ndarray:
        return 10**even if self.log else even

    @property
    def _decades(self) -> tuple[int, int]:
        return round(np.log10(self.low)), round(np.log10(self.high))

    def _at(self, share: float) -> float:
        if not self.log:
            return self.low + share * (self.high - self.low)
        low, high = self._decades
        return float(10 ** (low + share * (high - low)))


def gradient_scale(*arrays: Iterable[float]) -> Scale:
    """The logarithmic axis for gradients of these sizes (those of step 0): 10⁻⁸ to 100, and more where they need it."""
    sizes = np.array([size for array in arrays for size in array], np.float64)
    sizes = sizes[np.isfinite(sizes) & (sizes > 0)]
    low, high = GRADIENT_LOW, GRADIENT_HIGH
    if len(sizes):
        low -= BLOCK * max(0, int(np.ceil((low - np.log10(sizes.min())) / BLOCK)))
        high += BLOCK * max(0, int(np.ceil((np.log10(sizes.max()) - high) / BLOCK)))
    return Scale(10.0**low, 10.0**high, log=True)


def linear_scale(*arrays: Iterable[float | None], low: float = 0.0) -> Scale:
    """A linear axis from `low` to a round number, a quarter above the largest of these values that is finite.

    Without one above 0 it ends at 0, or at 1 where it begins there.
    """
    values = np.array([value for array in arrays for value in array if value is not None], np.float64)
    largest = values[np.isfinite(values)].max(initial=-np.inf)
    high = round_up(1.25 * float(largest)) if largest > 0 else 1.0 if low >= 0 else 0.0
    return Scale(low, high)


def spread_scale(mean: np.ndarray, std: np.ndarray) -> Scale:
    """A linear axis that holds 0 and mean ± std of every layer (of step 0), with a quarter to spare on both sides."""
    finite = np.isfinite(mean) & np.isfinite(std)
    mean, std = mean[finite], std[finite]
    reach = np.concatenate([mean + std, mean - std, [0.1]])
    low = -round_up(-1.25 * float(reach.min())) if reach.min() < 0 else 0.0
    return Scale(low, round_up(1.25 * float(reach.max())))


def round_up(number: float, steps: tuple[float, ...] = (1, 1.2, 1.5, 2, 3, 4, 5, 6, 8, 10)) -> float:
    """The smallest of the steps, times a power of ten, that is not under the number; 1 if that is not above 0, or not
    finite, so that an axis made from nothing but zeros has a length.
    """
    if not 0 < number < np.inf:
        return 1.0
    size = 10 ** np.floor(np.log10(number))
    return float(next(step * size for step in steps if step * size >= number * (1 - 1e-9)))
