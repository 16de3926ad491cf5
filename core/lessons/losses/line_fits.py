"""A straight line fitted to points under any regression loss of the table, and what one outlier does to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations

import numpy as np

from core.losses import LOSSES
from core.words import say, say_share

POINTS = 20
TRUE_SLOPE, TRUE_INTERCEPT, NOISE = 1.0, 0.0, 0.5  # the line the points come from, and their spread about it
LOW, HIGH = 0.0, 10.0  # where the points stand
FARTHEST_PLACE = 12.0  # the outlier may stand beyond them
FARTHEST = 15.0  # the outlier's distance from the line, at most
DISTANCES = np.linspace(-FARTHEST, FARTHEST, 61)
FITTED = tuple(name for name, loss in LOSSES.items() if loss.outputs.get("regression") == "linear")
_ROUNDS = 500
_SMALLEST = 1e-9  # errors count as at least this where a slope is divided by one


@dataclass(frozen=True)
class StraightLine:
    """ŷ = slope · x + intercept."""

    slope: float
    intercept: float

    def at(self, x):
        return self.slope * x + self.intercept


TRUE_LINE = StraightLine(TRUE_SLOPE, TRUE_INTERCEPT)


def distance_at(place: float, y: float) -> float:
    """How far a point at that place is above the line the points come from, to the nearest half, at most FARTHEST."""
    return float(np.clip(round(2 * (y - TRUE_LINE.at(place))) / 2, -FARTHEST, FARTHEST))


def fit(name: str, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Slope and intercept that make the loss of ŷ = slope · x + intercept least.

    From the best line through two of the points (for the absolute error that is the optimum itself: Bloomfield &
    Steiger 1983) by reweighted least squares, w = L'(e)/e, which never makes a loss larger whose L'(e)/e falls with
    |e| (Huber 1981, section 7.8). Several sets of points are fitted at once.

    Shapes: x (n,), y (..., n) -> (...), (...). At least two different x.
    """
    x, y = np.asarray(x, np.float64), np.asarray(y, np.float64)
    slope, intercept = _best_through_two(name, x, y)
    best = mean_loss(name, x, y, slope, intercept)
    for _ in range(_ROUNDS):
        new_slope, new_intercept = _weighted(x, y, _weights(name, _errors(x, y, slope, intercept)))
        loss = mean_loss(name, x, y, new_slope, new_intercept)
        better = loss < best
        if not better.any():
            break
        slope, intercept = np.where(better, new_slope, slope), np.where(better, new_intercept, intercept)
        best = np.where(better, loss, best)
    return slope, intercept


def mean_loss(name: str, x: np.ndarray, y: np.ndarray, slope: np.ndarray, intercept: np.ndarray) -> np.ndarray:
    """The loss of the line over all points. Shapes: (n,), (..., n), (...), (...) -> (...)."""
    errors = _errors(x, y, slope, intercept)
    return LOSSES[name].per_example(np.zeros((errors.size, 1)), errors.reshape(-1, 1)).reshape(errors.shape).mean(-1)


def _errors(x: np.ndarray, y: np.ndarray, slope: np.ndarray, intercept: np.ndarray) -> np.ndarray:
    """ŷ − y, shape (..., n)."""
    return np.multiply.outer(slope, x) + np.asarray(intercept)[..., None] - y


def _best_through_two(name: str, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    i, j = np.array([(i, j) for i, j in combinations(range(len(x)), 2) if x[i] != x[j]]).T
    slopes = (y[..., j] - y[..., i]) / (x[j] - x[i])  # (..., pairs)
    intercepts = y[..., i] - slopes * x[i]
    losses = mean_loss(name, x, y[..., None, :], slopes, intercepts)
    least = losses.argmin(axis=-1)[..., None]
    return np.take_along_axis(slopes, least, -1)[..., 0], np.take_along_axis(intercepts, least, -1)[..., 0]


def _weights(name: str, errors: np.ndarray) -> np.ndarray:
    e = np.where(np.abs(errors) < _SMALLEST, _SMALLEST, errors)
    return (LOSSES[name].slopes(np.zeros((e.size, 1)), e.reshape(-1, 1)) / e.reshape(-1, 1)).reshape(e.shape)


def _weighted(x: np.ndarray, y: np.ndarray, w: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Weighted least squares, about the weighted mean."""
    w = w / w.sum(-1, keepdims=True)
    x_mean, y_mean = (w * x).sum(-1), (w * y).sum(-1)
    dx, dy = x - x_mean[..., None], y - y_mean[..., None]
    slope = (w * dx * dy).sum(-1) / (w * dx * dx).sum(-1)
    return slope, y_mean - slope * x_mean


# --- one outlier ----------------------------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def points() -> tuple[np.ndarray, np.ndarray]:
    """The same POINTS points in every session, without the outlier: x and y, (n,) each."""
    x = np.linspace(LOW, HIGH, POINTS)
    return x, TRUE_LINE.at(x) + NOISE * np.random.default_rng(0).standard_normal(POINTS)


def with_outlier(place: float, distance: float) -> tuple[np.ndarray, np.ndarray]:
    """The points and, last, the outlier: at x = place, `distance` above the true line. Shapes (n + 1,)."""
    x, y = points()
    return np.append(x, place), np.append(y, TRUE_LINE.at(place) + distance)


@lru_cache(maxsize=64)
def undisturbed(name: str) -> StraightLine:
    """The line fitted without the outlier."""
    slope, intercept = fit(name, *points())
    return StraightLine(float(slope), float(intercept))


@lru_cache(maxsize=1024)
def disturbed(name: str, place: float, distance: float) -> StraightLine:
    """The line fitted with the outlier."""
    slope, intercept = fit(name, *with_outlier(place, distance))
    return StraightLine(float(slope), float(intercept))


def pull(name: str, place: float, distance: float) -> float:
    """How far the fitted line moves, at the outlier's place, because of the outlier."""
    return disturbed(name, place, distance).at(place) - undisturbed(name).at(place)


@lru_cache(maxsize=256)
def _pulls(name: str, place: float) -> np.ndarray:
    """`pull` at each of DISTANCES."""
    x, y = with_outlier(place, 0.0)
    several = np.tile(y, (len(DISTANCES), 1))
    several[:, -1] += DISTANCES
    slope, intercept = fit(name, x, several)
    return slope * place + intercept - undisturbed(name).at(place)


def pulls(name: str, place: float, distances: np.ndarray) -> np.ndarray:
    """`pull` at any distances (n,) from -FARTHEST to FARTHEST: fitted at DISTANCES, straight lines between them."""
    return np.interp(distances, DISTANCES, _pulls(name, place))


def moves_table(names: Sequence[str], place: float, distance: float) -> list[dict[str, str]]:
    """A row for each loss: its line without and with the outlier, and how far it moved there."""
    return [{"Loss": LOSSES[name].short, "Slope": f"{say(before.slope, 3)} → {say(after.slope, 3)}",
             "Intercept": f"{say(before.intercept)} → {say(after.intercept)}",
             "Moved": say(pull(name, place, distance))}
            for name in names
            for before, after in [(undisturbed(name), disturbed(name, place, distance))]]


def moves_sentence(names: Sequence[str], place: float, distance: float) -> str:
    """Which fit moved most, which least, in words with numbers."""
    moved = {name: pull(name, place, distance) for name in names}
    most, least = max(moved, key=lambda name: abs(moved[name])), min(moved, key=lambda name: abs(moved[name]))
    before, after = undisturbed(most), disturbed(most, place, distance)
    first = (f"{LOSSES[most].short} moves most: by {say(moved[most])} at the outlier, its slope from "
             f"{say(before.slope, 3)} to {say(after.slope, 3)}.")
    if len(names) == 1 or moved[most] == 0:
        return first
    if moved[least] == 0:
        return f"{first} {LOSSES[least].short} does not move."
    return f"{first} {LOSSES[least].short} moves least: by {say(moved[least])}, " \
           f"{say_share(abs(moved[least] / moved[most]))} that."
