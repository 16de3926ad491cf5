"""The perceptron's learning rule with every step kept, and whether a line between two classes exists at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

import numpy as np

from core.datasets import Points
from core.spec import RunSpec

MOST_EPOCHS = 100  # as many as the course's own run has
RATE = 0.1
CORNERS = ((0.0, 0.0), (0.0, 1.0), (1.0, 0.0), (1.0, 1.0))
AND, OR, XOR = (tuple((*corner, label) for corner, label in zip(CORNERS, labels, strict=True))
                for labels in ((0, 0, 0, 1), (0, 1, 1, 1), (0, 1, 1, 0)))
# The same points with one hidden layer, enough for all three.
NETWORK = RunSpec(dataset="points", points=XOR, widths=(4,), activation="tanh", optimizer="adam", learning_rate=0.05,
                  steps=200)
OPENING = replace(NETWORK, points=AND)  # a line there is, and the rule finds it


def placed(spec: RunSpec) -> tuple[RunSpec, str]:
    """The run on points placed by hand, XOR's where there are none, and a sentence if it asked for other data."""
    if spec.points:
        return spec, ""
    note = "" if spec.dataset == "points" else (
        f"A perceptron's line is drawn through points of the plane; {spec.data_set.label} is not shown here. "
        "Shown with XOR.")
    return replace(spec, dataset="points", points=XOR, loss=None), note


@dataclass(frozen=True)
class PerceptronState:
    """The perceptron after it has looked at one more example (`example` −1: before it has looked at any).

    weights, bias: after the step, `prediction` and `error` = target − prediction before it. epoch counts from 1.
    """

    epoch: int
    example: int
    prediction: int
    error: int
    weights: tuple[float, float]
    bias: float

    def predict(self, x1: float, x2: float) -> int:
        """1 where w·x + b ≥ 0, else 0."""
        return int(x1 * self.weights[0] + x2 * self.weights[1] + self.bias >= 0)


@dataclass(frozen=True)
class Cycle:
    """From epoch `first` on the same `epochs` epochs come again and again, none of them without an error."""

    first: int
    epochs: int


@dataclass(frozen=True)
class Learning:
    """A whole run of the rule: the state before it and after every example; errors of each epoch.

    It ends with the first epoch without an error, after which nothing would change any more.
    """

    points: Points
    states: tuple[PerceptronState, ...]
    errors: tuple[int, ...]

    @property
    def converged(self) -> int | None:
        """The first epoch without an error."""
        return len(self.errors) if self.errors and self.errors[-1] == 0 else None

    @cached_property
    def cycle(self) -> Cycle | None:
        """The loop it is caught in: the state after an epoch decides all that follows, so one that returns is one."""
        seen: dict[tuple[float, ...], int] = {}
        for epoch in range(0 if self.converged is None else len(self.errors), len(self.errors) + 1):
            state = self.after(epoch)
            key = (*state.weights, state.bias)  # exactly, or what follows could differ where a point is on the line
            if key in seen:
                return Cycle(seen[key] + 1, epoch - seen[key])
            seen[key] = epoch
        return None

    @cached_property
    def overlap(self) -> Overlap | None:
        """Why no line separates its points; None where one does.

        Whoever converged has found a line. In a cycle the corrections ± (x, 1) add up to nothing: those of class 1 and
        those of class 0, each counted as often as it was made, are two mixes of the same point. Else two linear
        programs decide.
        """
        if self.converged is not None:
            return None
        if self.cycle is None:
            found = separation(self.points)
            return found if isinstance(found, Overlap) else None
        end = (self.cycle.first - 1 + self.cycle.epochs) * len(self.points)
        start = (self.cycle.first - 1) * len(self.points)
        wrong = [state.example for state in self.states[start + 1:end + 1] if state.error]
        return _overlap(self.points, [wrong.count(example) for example in range(len(self.points))])

    def after(self, epoch: int) -> PerceptronState:
        """The state at the end of an epoch; 0 is before the first."""
        return self.states[epoch * len(self.points)]


@lru_cache(maxsize=64)
def learn(points: Points, rate: float = RATE, epochs: int = MOST_EPOCHS) -> Learning:
    """The learning rule from zero weights: for each example w ← w + η·e·x, b ← b + η·e with e = y − [w·x + b ≥ 0].

    The order of operations is that of a loop over the rows with NumPy, so that it rounds alike. Rosenblatt 1958.
    """
    w1 = w2 = b = 0.0
    states = [PerceptronState(0, -1, 0, 0, (w1, w2), b)]
    errors: list[int] = []
    while len(errors) < epochs and not (errors and errors[-1] == 0):
        errors.append(0)
        for example, (x1, x2, label) in enumerate(points):
            prediction = states[-1].predict(x1, x2)
            error = label - prediction
            w1, w2, b = w1 + rate * error * x1, w2 + rate * error * x2, b + rate * error
            errors[-1] += abs(error)
            states.append(PerceptronState(len(errors), example, prediction, error, (w1, w2), b))
    return Learning(points, tuple(states), tuple(errors))


@dataclass(frozen=True)
class SeparatingLine:
    """A line w·x + b = 0 with every point of class 1 on its positive and every point of class 0 on its other side."""

    weights: tuple[float, float]
    bias: float


@dataclass(frozen=True)
class Overlap:
    """Why no line separates: a point that is a mix of class 1 and also a mix of class 0.

    mixes: for class 0 and class 1 the share of each of its points (in their order), at least 0, together 1.
    """

    x: tuple[float, float]
    mixes: tuple[tuple[float, ...], tuple[float, ...]]


@lru_cache(maxsize=64)
def separation(points: Points) -> SeparatingLine | Overlap:
    """A line that separates the classes, or the proof that there is none, by two linear programs.

    s·(w·x + b) ≥ 1 for every point, s = ±1 by class, can be met, or else the convex hulls of the two classes share a
    point: exactly one of the two holds (theorem of the separating hyperplane). A single class is separated from none.
    """
    from scipy.optimize import linprog

    table = np.array(points, np.float64)  # (n, 3)
    x, label = table[:, :2], table[:, 2]
    sign = 2 * label - 1
    line = linprog(np.zeros(3), A_ub=-sign[:, None] * np.column_stack([x, np.ones(len(x))]), b_ub=-np.ones(len(x)),
                   bounds=(None, None), method="highs")
    if line.status == 0:
        w1, w2, b = map(float, line.x)
        return SeparatingLine((w1, w2), b)
    groups = [x[label == 0], x[label == 1]]
    shares = linprog(np.zeros(len(x)), bounds=(0, None), b_eq=[0, 0, 1, 1], method="highs", A_eq=np.vstack([
        np.concatenate([groups[0], -groups[1]]).T,  # the two mixes are the same point
        np.repeat([1, 0], [len(groups[0]), len(groups[1])]), np.repeat([0, 1], [len(groups[0]), len(groups[1])])]))
    if shares.status != 0:  # classes that touch to within rounding
        raise ArithmeticError(f"neither a line nor an overlap was found: {line.message} {shares.message}")
    amounts = np.zeros(len(x))
    amounts[label == 0], amounts[label == 1] = np.split(shares.x, [len(groups[0])])
    return _overlap(points, amounts)


def _overlap(points: Points, amounts: Sequence[float] | np.ndarray) -> Overlap:
    """The point that both classes mix, from how much there is of each point."""
    table, amount = np.array(points, np.float64), np.array(amounts, np.float64)
    first, second = (amount[table[:, 2] == label] / amount[table[:, 2] == label].sum() for label in (0, 1))
    x1, x2 = map(float, first @ table[table[:, 2] == 0, :2])
    return Overlap((x1, x2), (tuple(map(float, first)), tuple(map(float, second))))
