"""What the page on activations says: sentences, and tables of numbers as a person would say them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from core.activations import ACTIVATIONS, softmax_jacobian
from core.diagnosis import KINDS, kinds, signal_ratio
from core.initializers import INITIALIZERS
from core.lessons.activations.linear_stack import (
    INPUTS,
    OUTPUTS,
    AffineLayer,
    Stack,
    along,
    closest_layer,
    collapsed,
    inputs,
    largest_difference,
)
from core.lessons.activations.slopes import AtZ, factor_per_layer
from core.spec import RunSpec
from core.theory import predict
from core.training import Snapshot
from core.words import count, say, say_ratio, say_share

Rows = list[dict[str, str]]  # a row an entry, a column a key; the first column names the entry

# --- curves and slopes ----------------------------------------------------------------------------------------------


def point_sentence(z: float, points: Sequence[AtZ]) -> str:
    """Who lets most and who least of a signal back at z, in one layer and in ten."""
    def passes(point: AtZ, most: str) -> str:
        if point.slope == 0:
            return f"**{point.label}** lets {most} back: nothing, its slope is 0"
        return (f"**{point.label}** lets {most} back: {say_ratio(abs(point.slope))} in one layer, "
                f"{say_ratio(point.after(10))} in ten such layers")

    least, most = (choose(points, key=lambda point: abs(point.slope)) for choose in (min, max))
    if least.label == most.label or len(points) == 1:
        return f"At z = {_signed(z)}, {passes(most, 'this much of a signal')}."
    return f"At z = {_signed(z)}, {passes(least, 'the least signal')}; {passes(most, 'the most')}."


def at_z_table(z: float, points: Sequence[AtZ]) -> Rows:
    """Each activation at z, and what ten layers that all stand there leave of a signal."""
    return [{f"At z = {_signed(z)}": point.label, "f(z)": say(point.value), "f′(z)": say(point.slope),
             "10 layers": say_ratio(point.after(10))} for point in points]


def at_most_table(points: Sequence[AtZ]) -> Rows:
    """What the largest slope of each activation, wherever it is, leaves of a signal."""
    return [{"At most": point.label, "f′": say(point.largest_slope), "10 layers": say_ratio(point.at_most(10)),
             "20 layers": say_ratio(point.at_most(20))} for point in points]


# --- in a deep network ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Deep:
    """One activation in a deep network: by what a layer multiplies the signal, the geometric mean of all of them.

    theory, start, now: that factor in theory, at step 0 and at the step that is shown; None where there is none.
    ratio: signal of layer 1 over that of the last hidden layer, now. verdict: a key of `diagnosis.KINDS`, found when
    it is asked for: a sentence on each moment has no need of it.
    """

    label: str
    theory: float | None
    start: float | None
    now: float | None
    ratio: float | None
    spec: RunSpec
    history: Sequence[Snapshot]

    @property
    def verdict(self) -> str:
        return kinds(self.spec, self.history)[-1]


def deep(label: str, spec: RunSpec, history: Sequence[Snapshot]) -> Deep:
    """From a history that starts at step 0; theory is for step 0."""
    predicted = predict(spec).signal
    start, now = history[0].layers, history[-1].layers
    return Deep(label, theory=None if predicted is None else factor_per_layer(predicted),
                start=factor_per_layer(start.signal_rms[:-1]), now=factor_per_layer(now.signal_rms[:-1]),
                ratio=signal_ratio(now), spec=spec, history=history)


def results(specs: Mapping[str, RunSpec], histories: Mapping[str, Sequence[Snapshot]]) -> list[Deep]:
    """One of each run, by label, as far as there is a history of it."""
    return [deep(label, spec, histories[label]) for label, spec in specs.items() if histories[label]]


def deep_words(specs: Mapping[str, RunSpec], histories: Mapping[str, Sequence[Snapshot]]) -> str:
    """`deep_sentence` of runs at the last state of their histories."""
    return deep_sentence(results(specs, histories), next(iter(specs.values())).depth)


def deep_sentence(results: Sequence[Deep], depth: int) -> str:
    """Which activations keep least and most of the signal, in one layer and in all; "" before step 0."""
    if not results:
        return ""
    known = [one for one in results if one.now is not None and one.ratio is not None]
    if not known:
        return "There is no factor from one layer to another: one hidden layer, or no finite signal in the last one."

    def keeps(one: Deep) -> str:
        theory = f", theory {_factor(one.theory)}" if one.theory is not None else ""
        start = f" ({_factor(one.start)} at step 0{theory})" if one.start is not None else ""
        return f"layer 1 gets {say_share(one.ratio or 0)} what layer {depth} gets, {_factor(one.now)} a layer{start}"

    least, most = (choose(known, key=lambda one: one.now or 0) for choose in (min, max))
    if least is most:
        return f"With **{most.label}** {keeps(most)}."
    return (f"Least of the signal gets back with **{least.label}**: {keeps(least)}. "
            f"Most with **{most.label}**: {keeps(most)}.")


def deep_table(results: Sequence[Deep]) -> Rows:
    """Factor of a layer in theory, at step 0 and now, and how the run fares."""
    return [{"One layer keeps": one.label, "Theory": _factor(one.theory), "Step 0": _factor(one.start),
             "Now": _factor(one.now),
             "Signal over all layers, now": f"{_ratio(one.ratio)}, {KINDS[one.verdict].word.lower()}"}
            for one in results]


def initializers_sentence(specs: Mapping[str, RunSpec]) -> str:
    """Which run has which initializer, those with the same one together."""
    used = dict.fromkeys(spec.initializer for spec in specs.values())
    return "; ".join(f"{', '.join(label for label, spec in specs.items() if spec.initializer == name)}: "
                     f"{INITIALIZERS[name].label}" for name in used) + "."


# --- one for each layer ---------------------------------------------------------------------------------------------


def seeds_sentence(spec: RunSpec, histories: Mapping[str, Sequence[Snapshot]]) -> str:
    """Whether the first run, and how many of all, have every training example right; "" before step 0."""
    if not histories:
        return ""
    (label, first), *_ = histories.items()
    now = first[-1]
    epochs = round(now.step * spec.batch / spec.train_samples)
    after = f"After {count(now.step, 'step')} ({count(epochs, 'epoch')})" if now.step else "Before the first step"
    if now.accuracy is None:
        return f"{after}, {label} has a loss of {say(now.loss, 3)}."
    examples = count(spec.train_samples, "training example")
    right, solved = round(now.accuracy * spec.train_samples), sum(h[-1].accuracy == 1 for h in histories.values())
    verdict = "Learned" if now.accuracy == 1 else "Not learned"
    return (f"**{verdict}.** {after}, {label} has {right} of {examples} right. Of {count(len(histories), 'seed')}, "
            f"{solved or 'none'} {'have' if solved > 1 else 'has'} all of them right.")


def seeds_table(spec: RunSpec, histories: Mapping[str, Sequence[Snapshot]]) -> Rows:
    """Each run: how many examples it has right, at the start and now, and the loss of the batch of this step."""
    def right(snapshot: Snapshot) -> str:
        return "" if snapshot.accuracy is None else (
            f"{round(snapshot.accuracy * spec.train_samples)} of {spec.train_samples}")

    return [{"Run": label, "Right at step 0": right(history[0]), "Right now": right(history[-1]),
             "Loss of this step's batch": say(history[-1].loss, 3)} for label, history in histories.items()]


# --- softmax --------------------------------------------------------------------------------------------------------


def softmax_sentence(logits: Sequence[float], shift: float) -> str:
    """What the slopes of p_1 say, and what adding a number to all logits changes."""
    p, slopes = _probabilities(logits), softmax_jacobian(np.array(logits, np.float64))[0]
    moved = float(np.abs(_probabilities(np.add(logits, shift)) - p).max())
    lowers = " and ".join(f"p{_index(i)} by {say(-slopes[i])}" for i in range(1, len(p)))
    return (f"Raise z₁ a little: p₁ rises by {say(slopes[0])} times as much, while {lowers} times as much fall. "
            + ("Add a number c to every logit: no probability changes." if shift == 0 else
               f"Adding c = {_signed(shift)} to every logit moves no probability by more than {say(moved)}."))


def softmax_table(logits: Sequence[float], shift: float) -> Rows:
    """Logit, its power of e, and the probability, by the formula as it stands and as it is computed."""
    z = np.add(logits, shift)
    with np.errstate(over="ignore", invalid="ignore"):
        powers = np.exp(z)
        literal = powers / powers.sum()
    p = _probabilities(z)
    return [{"i": str(i + 1), "zᵢ + c": _signed(float(z[i])), "e to that power": say(float(powers[i])),
             "formula as it stands": say(float(literal[i]), 3), "pᵢ": say(float(p[i]), 3)} for i in range(len(z))]


def softmax_matrix(logits: Sequence[float]) -> str:
    """LaTeX of the slopes ∂p_i/∂z_j, with their numbers."""
    return r"\frac{\partial p_i}{\partial z_j} = " + _matrix(softmax_jacobian(np.array(logits, np.float64)))


def _probabilities(logits: Sequence[float] | np.ndarray) -> np.ndarray:
    return ACTIVATIONS["softmax"].fn(np.asarray(logits, np.float64))


# --- no activation at all -------------------------------------------------------------------------------------------


def stack_sentence(linear: Stack, seed: int) -> str:
    """How many parameters the linear stack has, how many its one matrix, and how far apart their outputs are."""
    one = collapsed(linear.layers)
    away = largest_difference(linear, one, x := inputs(seed))
    layers = count(len(linear.layers), "layer")
    return (f"{layers} without activations {'does' if len(linear.layers) == 1 else 'do'} no more than one "
            f"{OUTPUTS} × {INPUTS} matrix and {OUTPUTS} biases: {Stack((one,)).parameters} numbers give the same "
            f"outputs as {linear.parameters}. Largest difference over {say(len(x), 4)} random inputs: {say(away)}, "
            f"{'exactly nothing' if away == 0 else 'the rounding of the last digit'}.")


def stack_table(stacks: Mapping[str, Stack], seed: int) -> Rows:
    """How far the closest single matrix is from each stack, and how much its outputs vary at all."""
    x, t = inputs(seed), np.linspace(-1, 1, 201) * np.abs(inputs(seed)).max()
    return [{"Activation": label, "Away from the closest matrix, at most":
             say(largest_difference(stack, closest_layer(stack, x), x)),
             "Outputs vary by": say(float(np.ptp(stack(along(t)), axis=0).max()))} for label, stack in stacks.items()]


def stack_matrices(one: AffineLayer) -> tuple[str, str]:
    """LaTeX of the one matrix and of the one bias."""
    return "W = " + _matrix(one.kernel), "b = " + _matrix(one.bias[:, None])


# --- what they share ------------------------------------------------------------------------------------------------


def _matrix(values: np.ndarray) -> str:
    rows = r" \\ ".join(" & ".join(f"{round(value, 3) + 0.0:.3f}" for value in row) for row in values)
    return rf"\begin{{bmatrix}} {rows} \end{{bmatrix}}"


def _ratio(value: float | None) -> str:
    return "none" if value is None else say_ratio(value)


def _factor(value: float | None) -> str:
    """To one digit more: depth raises it to a power."""
    return "none" if value is None else say_ratio(value, digits=3)


def _signed(number: float) -> str:
    return f"{number:g}".replace("-", "−")


def _index(i: int) -> str:
    return "₁₂₃₄₅₆₇₈₉"[i]
