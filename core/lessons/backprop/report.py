"""The small net's page in words: the stages of one update, each with its numbers, and the three gradients compared."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.activations import ACTIVATIONS
from core.lessons.backprop.small_net import (
    HIDDEN,
    INPUTS,
    NAMES,
    OUTPUT,
    SUBSCRIPTS,
    Net,
    by_differences,
    by_tape,
    passed,
    updated,
)
from core.losses import LOSSES
from core.words import say

Rows = list[dict[str, str]]

STAGES = (
    "the net before", "forward, hidden layer", "forward, output", "loss", "backward, output",
    "backward, gradients of v and c", "backward, hidden layer", "backward, gradients of w and b", "update",
)
SHORT = ("start", "forward: z, a", "forward: ŷ", "loss", "back: δ", "back: ∂v, ∂c", "back: δ₁…δ₄", "back: ∂w, ∂b",
         "update")
FORWARD1, FORWARD2, LOSS, BACK2, GRADIENT2, BACK1, GRADIENT1, UPDATE = range(1, len(STAGES))


_LOSS_FORMULAS = {"mse": "(ŷ − y)²", "binary_crossentropy": "−y ln ŷ − (1 − y) ln(1 − ŷ)"}


def stage_of(index: int) -> int:
    """The stage of a state of the replay: the first update goes through all of them, each later one is one state."""
    return min(index, UPDATE)


def update_of(index: int) -> int:
    """How many updates have been made before what is shown."""
    return max(index - UPDATE, 0)


def length(nets: Sequence[Net]) -> int:
    """States of the replay of these nets: the stages of the first update, then one for each later update."""
    return UPDATE + len(nets) - 1 if len(nets) > 1 else UPDATE


def label(index: int) -> str:
    """A state in the player's bar."""
    return f"update {update_of(index) + 1}" if index > UPDATE else f"1 · {SHORT[index]}"


def four(number: float) -> str:
    """Four significant digits, enough to follow a product by hand."""
    return say(float(number), 4)


def stage_sentence(net: Net, stage: int, rate: float) -> str:
    """The formula of a stage, with the numbers of the output where it is one."""
    p = passed(net)
    f, g = ACTIVATIONS[net.activation].label, ACTIVATIONS[OUTPUT].label
    guess, loss, back, slope = map(_factor, (p.a2, p.loss, p.back2, p.slope2))
    return (
        "**Before.** Three inputs, four hidden units, one output, one example to learn. Press **Play**, or **Step** to "
        "go on at your own pace.",
        "**Forward, hidden layer.** Each unit adds up its weighted inputs and its bias, "
        f"zⱼ = Σᵢ wᵢⱼ xᵢ + bⱼ, and passes on aⱼ = f(zⱼ), with f = {f}.",
        f"**Forward, output.** The same once more: z = Σⱼ vⱼ aⱼ + c = {four(p.z2)}, and ŷ = σ(z) = {guess} ({g}).",
        f"**Loss.** How wrong is {guess} when {four(net.y)} is wanted? {LOSSES[net.loss].label}: "
        f"L = {_LOSS_FORMULAS[net.loss]} = {loss}.",
        f"**Backward, output.** δ = ∂L/∂ŷ · σ′(z) = {back} · {slope} = {four(p.delta2)}: how the loss changes with z.",
        f"**Backward, gradients of v and c.** ∂L/∂vⱼ = δ aⱼ and ∂L/∂c = δ = {four(p.delta2)}.",
        "**Backward, hidden layer.** Each unit gets δ through the weight that carried its aⱼ forward, times its own "
        "slope: δⱼ = vⱼ δ · f′(zⱼ).",
        "**Backward, gradients of w and b.** ∂L/∂wᵢⱼ = δⱼ xᵢ and ∂L/∂bⱼ = δⱼ.",
        f"**Update.** Every weight takes a step against its gradient, w ← w − η ∂L/∂w with η = {rate:g}. "
        f"Loss before {four(p.loss)}, after **{four(passed(updated(net, rate)).loss)}**.",
    )[stage]


def stage_table(net: Net, stage: int, rate: float) -> Rows:
    """The numbers of a stage, a row for each unit or weight it is about."""
    p = passed(net)
    units = range(HIDDEN)
    if stage == FORWARD1:
        return [{"unit": str(j + 1), "Σ w·x": four(p.z1[j] - _bias(net, j)), "plus b": four(_bias(net, j)),
                 "= z": four(p.z1[j]), "a = f(z)": four(p.a1[j])} for j in units]
    if stage == FORWARD2:
        return [{"unit": str(j + 1), "a": four(p.a1[j]), "· v": four(_v(net, j)),
                 "= a·v": four(p.a1[j] * _v(net, j))} for j in units]
    if stage in (LOSS, BACK2):
        return [{"ŷ": four(p.a2), "y": four(net.y), "L": four(p.loss), "∂L/∂ŷ": four(p.back2)} | (
            {"σ′(z)": four(p.slope2), "δ": four(p.delta2)} if stage == BACK2 else {})]
    if stage == GRADIENT2:
        return [{"weight": f"v{SUBSCRIPTS[j]}", "δ": four(p.delta2), "· a": four(p.a1[j]),
                 "= ∂L/∂v": four(p.delta2 * p.a1[j])} for j in units]
    if stage == BACK1:
        return [{"unit": str(j + 1), "δ": four(p.delta2), "· v": four(_v(net, j)), "· f′(z)": four(p.slope1[j]),
                 "= δ of the unit": four(p.delta1[j])} for j in units]
    if stage == GRADIENT1:
        gradients = p.gradient[:INPUTS * HIDDEN].reshape(INPUTS, HIDDEN)
        return [{"unit": str(j + 1), "δ": four(p.delta1[j])} | {
            f"· x{SUBSCRIPTS[i]}": four(gradients[i, j]) for i in range(INPUTS)} for j in units]
    if stage == UPDATE:
        after = updated(net, rate)
        return [{"weight": NAMES[i], "before": four(net.weights[i]), "− η · gradient": four(-rate * p.gradient[i]),
                 "after": four(after.weights[i])} for i in range(len(NAMES) - HIDDEN - 1, len(NAMES))]
    return []


def checks_table(net: Net, tape: bool) -> Rows:
    """The gradient of every weight by hand, by TensorFlow (where it is there) and by central differences."""
    p = passed(net)
    columns = {"by hand": p.gradient} | ({"TensorFlow": by_tape(net)} if tape else {}) | {
        "central differences": by_differences(net)}
    return [{"weight": name} | {what: f"{round(values[i], 9) + 0.0:.9f}".replace("-", "−")  # −0.0 + 0.0 is 0.0
                                for what, values in columns.items()} for i, name in enumerate(NAMES)]


def agreement_sentence(net: Net, tape: bool) -> str:
    """The largest disagreement with each of the other two, as a sentence."""
    gradient = passed(net).gradient
    differences = float(np.abs(gradient - by_differences(net)).max())
    sentence = f"central differences, from forward passes alone, differ by at most **{say(differences)}**"
    if not tape:
        return f"By hand against two others, over all {len(NAMES)} weights: {sentence}."
    automatic = float(np.abs(gradient - by_tape(net)).max())
    return (f"By hand against two others, over all {len(NAMES)} weights: TensorFlow's automatic differentiation "
            f"differs by at most **{say(automatic)}**, {sentence}.")


def _v(net: Net, j: int) -> float:
    return net.weights[INPUTS * HIDDEN + HIDDEN + j]


def _bias(net: Net, j: int) -> float:
    return net.weights[INPUTS * HIDDEN + j]


def _factor(number: float) -> str:
    """A number inside a product, in parentheses where it is negative."""
    return f"({four(number)})" if number < 0 else four(number)
