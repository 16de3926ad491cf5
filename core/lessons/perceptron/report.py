"""The perceptron's page in words: what a step did, how a run ends, what a network makes of the same points."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.boundary import predict, probabilities
from core.lessons.perceptron.rule import Cycle, Learning
from core.spec import RunSpec
from core.training import Snapshot
from core.words import count, say

ROUNDED = 9  # digits after the point that are said: 0.1 + 0.2 is 0.3
Rows = list[dict[str, str]]


def label(learning: Learning, index: int) -> str:
    """A state in the player's bar."""
    state = learning.states[index]
    if state.example < 0:
        return "start"
    return f"epoch {state.epoch} · {state.example + 1} of {len(learning.points)}"


def moved(learning: Learning, index: int) -> str:
    """What the step that led to this state did, with its numbers."""
    state = learning.states[index]
    if state.example < 0:
        return "Before the first example it predicts 1 everywhere, without a line: all weights are 0, so w·x + b is 0."
    x1, x2, label = learning.points[state.example]
    before = learning.states[index - 1]
    z = x1 * before.weights[0] + x2 * before.weights[1] + before.bias
    looked = (f"Example {state.example + 1} is ({_signed(x1)}, {_signed(x2)}), class {label}. "
              f"w·x + b = {_signed(z)}, so the prediction is **{state.prediction}**")
    if not state.error:
        return f"{looked}: right, and nothing changes.{_epoch_ends(learning, index)}"
    sign = "+" if state.error > 0 else "−"
    return (f"{looked}: wrong, error {label} − {state.prediction} = {sign}1. So w {sign} η·x and b {sign} η give "
            f"**w = ({_signed(state.weights[0])}, {_signed(state.weights[1])}), b = {_signed(state.bias)}**."
            f"{_epoch_ends(learning, index)}")


def _epoch_ends(learning: Learning, index: int) -> str:
    """At the last example of an epoch: how often it corrected, and how many are wrong now."""
    state = learning.states[index]
    if state.example < len(learning.points) - 1:
        return ""
    return (f" {count(learning.errors[state.epoch - 1], 'correction')} in epoch {state.epoch}, "
            f"{_wrong(learning, index)} wrong at its end.")


def _wrong(learning: Learning, index: int) -> int:
    state = learning.states[index]
    return sum(state.predict(x1, x2) != label for x1, x2, label in learning.points)


def outcome(learning: Learning) -> str:
    """How the whole run ends: with a line, in a cycle, or not yet."""
    ran = len(learning.errors)
    if learning.converged is not None:
        return (f":green-badge[:material/check: **A line**] Epoch {learning.converged} is the first without an error: "
                "every point is on its side, and nothing changes any more.")
    overlap = learning.overlap
    if overlap is None:
        return (f":blue-badge[:material/hourglass_top: **Not yet**] After {count(ran, 'epoch')} there are still "
                "errors. But linear programming finds a line, so one exists, and given more epochs the rule finds one "
                "too.")
    proof = (f"No line exists: the point ({_signed(overlap.x[0])}, {_signed(overlap.x[1])}), marked ×, lies between "
             "points of class 0 and also between points of class 1; it would have to be on both sides.")
    cycle = learning.cycle
    if cycle is None:
        return (f":orange-badge[:material/block: **No line**] {proof} The rule never stops; within "
                f"{count(ran, 'epoch')} its weights have not come back to what they were.")
    again = ("every epoch ends with the weights it began with" if cycle.epochs == 1 else
             f"after every {cycle.epochs} epochs the weights are what they were")
    return (f":orange-badge[:material/cycle: **Caught in a cycle**] {proof} From epoch {cycle.first} on {again}, "
            f"{_errors(learning, cycle)} an epoch, for ever.")


def predictions(learning: Learning, index: int) -> Rows:
    """A row for each point: what was said of it before the step that led to this state, and what is after it.

    The point that the step looked at has an arrow.
    """
    after, before = learning.states[index], learning.states[index - 1] if index else None
    rows = []
    for place, (x1, x2, label) in enumerate(learning.points):
        looked = "→ " if place == after.example else ""
        rows.append({"Example": f"{looked}({_signed(x1)}, {_signed(x2)})", "Class": str(label),
                     "Before": _marked(before.predict(x1, x2), label) if before else "",
                     "After": _marked(after.predict(x1, x2), label)})
    return rows


def _marked(found: int, label: int) -> str:
    return f"{found} {RIGHT if found == label else WRONG}"


def network(spec: RunSpec, history: Sequence[Snapshot]) -> str:
    """What the network makes of the points at the last state of a history."""
    snapshot = history[-1]
    if snapshot.theta is None:
        return ""
    right = sum(row[""] == RIGHT for row in network_predictions(spec, snapshot))
    points = count(len(spec.points), "point")
    badge = (":green-badge[:material/check: **Solved**]" if right == len(spec.points) else
             f":orange-badge[:material/close: **{len(spec.points) - right} wrong**]")
    return (f"{badge} At step {snapshot.step}, {right} of {points} are on the right side; loss {say(snapshot.loss)}. "
            f"{_bends(spec)}")


def network_predictions(spec: RunSpec, snapshot: Snapshot | None) -> Rows:
    """A row for each point: how likely class 1 is to the network, and what it says."""
    if snapshot is None or snapshot.theta is None:
        return []
    x = np.array([point[:2] for point in spec.points], np.float32)
    p = probabilities(spec, predict(spec, snapshot.theta, snapshot.moving, x))[:, 0]
    return [_row(*point, int(likely >= 0.5), say(float(likely)))
            for point, likely in zip(spec.points, p, strict=True)]


RIGHT, WRONG = "✓", "✗"


def _row(x1: float, x2: float, label: int, found: int, likely: str = "") -> dict[str, str]:
    probability = {"p(class 1)": likely} if likely else {}
    return {"Example": f"({_signed(x1)}, {_signed(x2)})", "Class": str(label)} | probability | {
        "Predicted": str(found), "": RIGHT if found == label else f"{WRONG} wrong"}


def _bends(spec: RunSpec) -> str:
    units = spec.widths[0]
    if spec.depth == 1:
        return (f"Each of the {count(units, 'hidden unit')} draws a line of its own; the output adds them up."
                if units > 1 else "One hidden unit draws one line, and no more.")
    return f"{count(spec.depth, 'hidden layer')} bend the line as the points need it."


def _errors(learning: Learning, cycle: Cycle) -> str:
    counts = sorted(set(learning.errors[cycle.first - 1:cycle.first - 1 + cycle.epochs]))
    return count(counts[0], "error") if len(counts) == 1 else f"{counts[0]} to {count(counts[-1], 'error')}"


def _signed(number: float) -> str:
    return f"{round(number, ROUNDED) + 0.0:.4g}".replace("-", "−")
