"""What is wrong with somebody's network: a table of rules, each with its reason and its source.

A mismatch of output, loss and targets shows in the program, so it is certain whatever the numbers are. What is only
unusual (a scale, a rate, an activation) is named where the numbers say that it hurts: where the verdict
(`core.diagnosis`) is that it does not learn, or where much is left of what a guess has to lose. Causes come before
symptoms. Thresholds that are not the verdict's were set on one half of `tests/core/finding_programs.py`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from core.activations import ACTIVATIONS
from core.blueprint import Values
from core.cases import CLASSES_AT_MOST, CONSTANT, NORMALISING, OF_CLASSES, Case, Kernel, case_of
from core.causes import LARGE_STEP, MANY, SMALL_WAY
from core.words import count, say

POOR = 0.4  # of what a guess has to lose: with more left, what is unusual is named though the network learns
LARGE_INPUT = 20.0  # RMS of inputs: ten and more times what initial kernels are made for
LARGE_TARGET = 20.0  # RMS of targets: an output that begins near 0 has that far to go
UNEVEN_COLUMNS = 100.0  # spread of one input column over that of another
OUTSIDE = 0.02  # of the targets' range: so much beyond the output's ends is rounding or noise
USUAL = {True: 1e-3, False: 1e-2}  # Keras's default rates, of optimizers that divide by the gradient's size or not
TOO_LARGE = {True: 0.05, False: 1.0}  # rates that few networks bear
TOO_SMALL = {True: 1e-5, False: 1e-4}  # rates at which hundreds of steps change next to nothing
FEW_STEPS = 300  # in so few steps hardly any network gets there from a rate that is not tuned
RARE = 0.2  # share of all classes but the commonest: accuracy hides that they are never found
GREAT_DROPOUT = 0.75
APART = 0.5  # of what a guess has to lose: so far the validation loss is above the training loss when it overfits
RISEN = 0.25  # of what a guess has to lose: so far it has come up from its best
DEEP = 4  # hidden layers of an activation with slopes under 1/4, from which on little of the signal is left


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong.

    kind: a key of KINDS. certain: whether the program or the numbers prove it. layer: the layer's name, None for the
    whole network. sentence: what it does, then the figures. fix: code as one would write it, empty where there is none.
    evidence: the numbers it follows from, by name.
    """

    kind: str
    certain: bool
    layer: str | None
    sentence: str
    fix: str
    evidence: Mapping[str, float] = field(default_factory=dict)


# Every kind of finding, in words for the screen.
KINDS = {
    "output_units": "Number of outputs", "output_activation": "Output activation", "loss": "Loss", "labels": "Labels",
    "input_scale": "Scale of the inputs", "target_scale": "Scale of the targets", "learning_rate": "Learning rate",
    "batch_size": "Batch size", "batch_norm": "Batch norm", "initialization": "Initial kernels",
    "activation": "Activation", "symmetric": "Equal units", "vanishing": "Vanishing signal",
    "exploding": "Exploding signal", "dead": "Dead units", "saturated": "Saturated units", "overflow": "Overflow",
    "not_learning": "Not learning", "slow": "Slow", "overfit": "Overfitting", "capacity": "Capacity",
    "nothing": "Nothing found",
}


Find = Callable[[Case], Finding | None]


@dataclass(frozen=True)
class Rule:
    """How something is found.

    rule: what holds when it is. reason: why that is wrong. source: where it is written.
    find: what it finds in a case, if anything.
    """

    kind: str
    rule: str
    reason: str
    source: str
    find: Find


def findings(what: Any) -> list[Finding]:
    """What is wrong with a network, most important first; one finding of kind `nothing` where nothing is.

    Args:
        what: a `core.records.Record`; anything with a `network`, such as what was read of code; anything with a `spec`
            and a `history`, such as a run of this app; or a pair of these two.

    Raises:
        TypeError: it is none of these.
    """
    case = case_of(what)
    with np.errstate(all="ignore"):  # what overflows is what is asked about
        program = _first_of_each(PROGRAM, case)
        training = _first_of_each(TRAINING, case)
        if any(one.certain for one in program):  # then it may follow from that
            training = [replace(one, certain=False) for one in training]
        kinds = {one.kind for one in program}
        found = program + [one for one in training if one.kind not in kinds]
        found.sort(key=lambda one: not one.certain)
        symptoms = [one for rule in SYMPTOMS if (one := rule.find(case))]
    return found + symptoms or [_nothing(case)]


def _of_kind(kind: str, one: Finding | None) -> Finding | None:
    return one if one and one.kind == kind else None


def _first_of_each(rules: tuple[Rule, ...], case: Case) -> list[Finding]:
    """What rules find, of each kind the first."""
    found: dict[str, Finding] = {}
    for rule in rules:
        one = rule.find(case)
        if one and one.kind not in found:
            found[one.kind] = one
    return list(found.values())


# --- what several rules ask -----------------------------------------------------------------------------------------


def _hurts(case: Case, left: float = POOR) -> bool:
    """Whether it was trained and does not learn, or has more than that left of what a guess has to lose."""
    return case.ill or case.left > left


def _suspect(case: Case) -> bool:
    """The same, or nothing was measured: then what is unusual is all there is to go by."""
    return case.measured is None or _hurts(case)


def _dense(units: int | None, activation: str) -> str:
    written = f', activation="{activation}"' if activation not in ("linear", "custom") else ""
    return f"Dense({'units' if units is None else units}{written})"


def _optimizer(case: Case, rate: float | None = None) -> str:
    """Its own optimizer with another rate, or Adam with its usual one."""
    if rate is None or not case.network.optimizer:
        return "optimizer=Adam(1e-3)"
    return f"optimizer={case.network.optimizer}({rate:g})"


def _loss_for(case: Case, activation: str) -> str:
    """The loss that goes with an output activation and the targets."""
    if activation == "linear":
        return 'loss="mse"'
    if activation == "sigmoid":
        return 'loss="binary_crossentropy"'
    y = case.network.y
    sparse = case.loss.startswith("sparse") if y is None or y.minimum is None else not y.one_hot
    return f'loss="{"sparse_" if sparse else ""}categorical_crossentropy"'


def _targets(case: Case) -> tuple[Values, float, float] | None:
    """What is known of the targets, with their ends."""
    y = case.network.y
    return (y, y.minimum, y.maximum) if y and y.minimum is not None and y.maximum is not None else None


def _rms(values: Values | None) -> float:
    """√(mean² + spread²); 0 where they are not known."""
    return math.hypot(values.mean or 0.0, values.spread or 0.0) if values else 0.0


def _ends(values: Values) -> str:
    return f"{say(values.minimum or 0.0)} to {say(values.maximum or 0.0)}"


# --- output, loss and targets ---------------------------------------------------------------------------------------


def _missing(case: Case) -> Finding | None:
    for name, values in (("x", case.network.x), ("y", case.network.y)):
        if values and values.missing:
            return Finding("input_scale", True, None,
                           f"One missing number spoils everything: the first step on it makes every weight NaN. {name} "
                           f"has {count(values.missing, 'entry').replace('entrys', 'entries')} that are NaN or "
                           "infinite.",
                           f"rows = np.isfinite({name}).all(axis=1); x, y = x[rows], y[rows]" if name == "x" else
                           "rows = np.isfinite(y); x, y = x[rows], y[rows]", {"missing": values.missing})
    return None


def _units(case: Case) -> Finding | None:
    """One output for more than two classes, or outputs too few for them."""
    out = case.output
    if out is None or out.part.units is None:
        return None
    units, classes, y = out.part.units, case.classes, case.network.y
    if units == 1 and classes > 2:
        return Finding("output_units", True, out.part.name,
                       f"One output cannot choose among {classes} classes: it says a single number.",
                       f"{_dense(classes, 'softmax')}; {_loss_for(case, 'softmax')}",
                       {"units": 1, "classes": classes})
    if units == 1 and case.loss == "sparse_categorical_crossentropy":
        return Finding("output_units", True, out.part.name,
                       "The loss expects one output for each class, and there is one output in all.",
                       f"{_dense(classes or None, 'softmax')}" if classes != 2 else
                       f'{_dense(1, "sigmoid")}; loss="binary_crossentropy"', {"units": 1, "classes": classes})
    largest = y.maximum if y and y.maximum is not None else -1.0
    if case.loss == "sparse_categorical_crossentropy" and largest >= units and classes > units:
        return Finding("output_units", True, out.part.name,
                       f"Some classes have no output: there are {units} outputs and labels up to {say(largest)}.",
                       _dense(int(largest) + 1, out.activation), {"units": units, "largest_label": largest})
    if units > 1 and case.columns == 1 and case.of_numbers and case.numbers:
        return Finding("output_units", True, out.part.name,
                       f"Every one of {units} outputs is trained on the same target, one number an example.",
                       _dense(1, out.activation), {"units": units, "columns": 1})
    return None


def _softmax_of_one(case: Case) -> Finding | None:
    out = case.output
    if out is None or out.part.units != 1 or out.activation != "softmax":
        return None
    better = "linear" if case.numbers else "sigmoid"
    return Finding("output_activation", True, out.part.name,
                   "It always answers 1, whatever the input: softmax makes its outputs add up to 1, and here is one.",
                   f"{_dense(1, better)}; {_loss_for(case, better)}", {"units": 1})


def _loss_of_one(case: Case) -> Finding | None:
    out = case.output
    if out is None or out.part.units != 1 or case.loss not in ("categorical_crossentropy", "kl_divergence"):
        return None
    better = "linear" if case.numbers else "sigmoid"
    return Finding("loss", True, None,
                   "The loss is next to 0 whatever is answered: it compares the outputs of several classes, and here "
                   "is one output.", f"{_dense(1, better)}; {_loss_for(case, better)}", {"units": 1})


def _twice(case: Case) -> Finding | None:
    out = case.output
    if out is None or out.activation not in ("softmax", "sigmoid") or out.twice not in ("softmax", "sigmoid"):
        return None
    return Finding("output_activation", True, out.part.name,
                   f"The answers stay close to each other: {out.twice} is applied to what {out.activation} has already "
                   "squeezed between 0 and 1.", _dense(out.part.units, out.activation), {})


def _logits(case: Case) -> Finding | None:
    out = case.output
    if out is None or not case.network.from_logits or out.activation not in ("softmax", "sigmoid"):
        return None
    return Finding("loss", True, None,
                   f"The loss applies {out.activation} to answers that have been through it: from_logits=True is for "
                   "an output without activation.", _loss_for(case, out.activation), {})


def _not_a_probability(case: Case) -> Finding | None:
    """A cross-entropy of an output that is no probability."""
    out = case.output
    crossed = {"binary_crossentropy": ("sigmoid",), "binary_focal_crossentropy": ("sigmoid",),
               "categorical_crossentropy": ("softmax",), "sparse_categorical_crossentropy": ("softmax",),
               "kl_divergence": ("softmax", "sigmoid")}
    if out is None or case.loss not in crossed or case.network.from_logits or out.activation == "custom":
        return None
    if case.numbers and not case.copies_input and _far_from_classes(case):
        return None  # the loss is what does not fit
    fitting, units = crossed[case.loss], out.part.units
    if out.activation in fitting or (case.loss.startswith("binary") and out.activation == "softmax"):
        return None
    if units == 1 and not case.loss.startswith("binary"):
        return None  # said by the number of outputs
    if out.activation == "sigmoid":
        return Finding("output_activation", True, out.part.name,
                       f"The outputs do not compete: sigmoid answers each class apart, and the loss asks which one of "
                       f"{units or 'them'} it is.", _dense(units, "softmax"), {"units": units or math.nan})
    return Finding("output_activation", True, out.part.name,
                   f"The loss takes logarithms of the answers, which must be probabilities; "
                   f"{'without an activation' if out.activation == 'linear' else out.activation} they can be "
                   "0, negative or above 1, and there nothing is learned.", _dense(units, fitting[0]),
                   _answers(case))


def _answers(case: Case) -> dict[str, float]:
    """The ends of what the model answers at the last moment."""
    last = case.moments[-1].outputs if case.moments else {}
    return {f"{name}_answer": number for name, number in last.items() if name in ("minimum", "maximum")}


def _binary_of_many(case: Case) -> Finding | None:
    out = case.output
    if (out is None or case.loss != "binary_crossentropy" or out.activation != "softmax"
            or (out.part.units or 0) <= 2):
        return None
    return Finding("loss", True, None,
                   f"Accuracy looks better than it is, and the classes are learned one by one: binary cross-entropy "
                   f"asks {out.part.units} questions of yes or no, where softmax answers one of which.",
                   _loss_for(case, "softmax"), {"units": out.part.units or math.nan})


def _yes_or_no_of_one_of_many(case: Case) -> Finding | None:
    """Binary cross-entropy of one-hot labels, where it hurts."""
    out, y = case.output, case.network.y
    if (out is None or case.loss != "binary_crossentropy" or not (y and y.one_hot) or not _hurts(case)
            or out.activation not in ("sigmoid", "softmax")):
        return None
    if out.activation == "softmax":
        return Finding("loss", False, None,
                       "The classes are learned one by one: binary cross-entropy asks of each yes or no, where softmax "
                       "answers which.", _loss_for(case, "softmax"), {"units": out.part.units or math.nan})
    return Finding("output_activation", False, out.part.name,
                   "The outputs do not compete, though each example has one class: sigmoid answers each apart.",
                   f"{_dense(out.part.units, 'softmax')}; {_loss_for(case, 'softmax')}",
                   {"units": out.part.units or math.nan})


def _direction_of_one(case: Case) -> Finding | None:
    out = case.output
    if out is None or out.part.units != 1 or case.loss != "cosine_similarity":
        return None
    return Finding("loss", True, None,
                   "Only the sign of the answer counts: cosine similarity compares directions, and one number has two.",
                   'loss="mse"', {"units": 1})


def _broadcast(case: Case) -> Finding | None:
    """Class numbers against several outputs, which a loss of numbers compares one by one."""
    out = case.output
    if (out is None or (out.part.units or 0) < 2 or case.columns != 1 or case.loss in ("", "custom")
            or not case.classes or case.loss.startswith("sparse")):
        return None
    return Finding("labels", True, None,
                   f"Each of {out.part.units} outputs is compared with the number of the class, where it should be "
                   "told 0 or 1: the labels are not one-hot.", 'loss="sparse_categorical_crossentropy"',
                   {"units": out.part.units or math.nan, "classes": case.classes})


def _one_hot_against_sparse(case: Case) -> Finding | None:
    y = case.network.y
    if not (case.loss == "sparse_categorical_crossentropy" and y and y.one_hot):
        return None
    return Finding("labels", True, None,
                   "The loss expects the number of the class and gets a row of zeros with a 1: the labels are one-hot.",
                   'loss="categorical_crossentropy"', {"columns": case.columns or math.nan})


def _far_from_classes(case: Case) -> bool:
    """Whether targets outside 0 to 1 are amounts rather than labels."""
    targets = _targets(case)
    return bool(targets and (targets[1] < 0 or targets[2] > 1) and (
        not targets[0].integers or (case.columns or 1) > 1 or (targets[0].distinct or math.inf) > CLASSES_AT_MOST))


def _amounts_as_classes(case: Case) -> Finding | None:
    """A loss of classes on targets that are numbers."""
    out = case.output
    if case.loss not in OF_CLASSES or not case.numbers or case.copies_input or not _far_from_classes(case):
        return None
    y = case.network.y
    return Finding("loss", True, None,
                   f"The loss is for classes, and the targets are numbers, {_ends(y) if y else ''}: what it asks for "
                   "cannot be answered.",
                   f'{_dense(out.part.units if out else 1, "linear")}; loss="mse"',
                   {"minimum": y.minimum or 0.0, "maximum": y.maximum or 0.0} if y else {})


def _label_range(case: Case) -> Finding | None:
    targets = _targets(case)
    if targets is None or _far_from_classes(case):
        return None
    y, least, most = targets
    numbers = {"minimum": least, "maximum": most}
    if case.loss.startswith("binary") and (least < 0 or most > 1):
        if case.classes == 2:
            fix = "y = (y + 1) / 2" if least == -1 else f"y = (y == {say(most)}).astype(float)"
            return Finding("labels", True, None,
                           "The loss can fall without end and the answers cannot be right: it is made for labels 0 "
                           f"and 1, and these are {say(least)} and {say(most)}.", fix, numbers)
        return Finding("labels", True, None,
                       f"The loss is made for labels 0 and 1, and these are {_ends(y)}.",
                       f"{_dense(case.classes or y.distinct, 'softmax')}; "
                       'loss="sparse_categorical_crossentropy"', numbers)
    units = case.output.part.units if case.output else None
    sparse = case.loss == "sparse_categorical_crossentropy" and y.integers and units
    if sparse and units and (least < 0 or (most >= units and not _units(case))):
        return Finding("labels", True, None,
                       f"Some labels name no output: {units} outputs are numbered from 0, and the labels are "
                       f"{_ends(y)}.", f"y = y - ({least:g})", numbers)
    hinge = "hinge" in case.loss and case.loss != "categorical_hinge"
    if hinge and case.classes == 2 and (least, most) not in ((-1, 1), (0, 1)):
        return Finding("labels", True, None, f"The loss is made for labels −1 and 1, and these are {_ends(y)}.",
                       f"y = np.where(y == {say(most)}, 1, -1)", numbers)
    return None


def _one_label(case: Case) -> Finding | None:
    y = case.network.y
    if not (y and (y.distinct == 1 or (y.one_hot and sum(one > 0 for one in y.classes.values()) == 1))):
        return None
    return Finding("labels", True, None,
                   "There is nothing to tell apart: all examples have the same target.", "np.unique(y, axis=0)",
                   {"distinct": 1})


def _several_labels(case: Case) -> Finding | None:
    """Rows with several ones under a softmax."""
    y, out = case.network.y, case.output
    if not (y and out and out.activation == "softmax" and (case.columns or 0) > 1 and y.mean is not None and y.integers
            and y.minimum == 0 and y.maximum == 1 and y.mean * (case.columns or 0) > 1.2):
        return None
    return Finding("output_activation", True, out.part.name,
                   f"It can name one class an example, and an example has {say(y.mean * (case.columns or 0))} on "
                   "average: softmax shares out a single 1.",
                   f'{_dense(out.part.units, "sigmoid")}; loss="binary_crossentropy"',
                   {"ones_an_example": y.mean * (case.columns or 0)})


def _out_of_reach(case: Case) -> Finding | None:
    """Targets beyond the ends of the output's activation."""
    out, targets = case.output, _targets(case)
    entry = ACTIVATIONS.get(out.activation) if out else None
    if out is None or targets is None or entry is None or case.loss in ("", "custom"):
        return None
    y, least, most = targets
    low, high = entry.output_range
    pixels = case.copies_input and case.loss == "binary_crossentropy"
    if not (case.of_numbers or "hinge" in case.loss or pixels) or (case.classes > 2 and out.part.units == 1):
        return None
    if "hinge" in case.loss:
        if out.activation not in ("sigmoid", "softmax", "relu") or case.loss == "categorical_hinge":
            return None
        return Finding("output_activation", True, out.part.name,
                       f"It can never say no: the loss wants −1 for one class, and {out.activation} ends at 0.",
                       _dense(out.part.units, "tanh"), {"lowest": low})
    beyond = max(low - least, most - high)
    if not beyond > OUTSIDE * max(most - least, 1e-12):
        return None
    numbers = {"minimum": least, "maximum": most, "lowest": low, "highest": high}
    sentence = (f"Some targets cannot be reached: they are {_ends(y)}, and {out.activation} answers "
                + (f"{say(low)} to {say(high)}." if math.isfinite(high) else f"nothing below {say(low)}."))
    if case.copies_input:
        return Finding("target_scale", True, out.part.name, sentence,
                       "x = (x - x.min()) / (x.max() - x.min())", numbers)
    return Finding("output_activation", True, out.part.name, sentence, _dense(out.part.units, "linear"), numbers)


def _silent_output(case: Case) -> Finding | None:
    """A ReLU output whose answers are all 0."""
    out = case.output
    if out is None or out.activation != "relu" or not case.moments:
        return None
    fix = _dense(out.part.units, "sigmoid" if case.classes == 2 else "linear")
    last, silent = case.moments[-1].outputs, float(case.moments[-1].layers.saturated_fraction[-1:].sum())
    if last.get("maximum") == 0 == last.get("minimum") and _hurts(case):
        return Finding("output_activation", True, out.part.name,
                       "It answers 0 to everything, and no gradient can change that: ReLU's slope is 0 there.", fix,
                       _answers(case))
    if silent >= MANY and case.ill:
        return Finding("output_activation", False, out.part.name,
                       f"It answers 0 to {silent:.0%} of the examples, and learns nothing from them: ReLU's slope is 0 "
                       "there.", fix, {"silent": silent})
    return None


def _relu_of_classes(case: Case) -> Finding | None:
    out = case.output
    if (out is None or out.activation not in ("relu", "elu", "leaky_relu", "softplus") or not case.of_numbers
            or not case.classes or not _suspect(case)):
        return None
    better = "sigmoid" if out.part.units == 1 else "softmax"
    return Finding("output_activation", False, out.part.name,
                   f"The answers are no probabilities of classes: {out.activation} has no upper end"
                   + (", and below 0 it has no slope to learn by." if out.activation == "relu" else "."),
                   f"{_dense(out.part.units, better)}; {_loss_for(case, better)}", _answers(case))


def _square_of_probability(case: Case) -> Finding | None:
    out = case.output
    if (out is None or not case.of_numbers or not case.classes or out.activation not in ("sigmoid", "softmax")
            or (case.classes > 2 and out.part.units == 1) or not (_hurts(case) or case.measured is None)):
        return None
    return Finding("loss", False, None,
                   f"Where it is sure and wrong it hardly learns: a squared or absolute error on {out.activation} has "
                   "next to no slope there.", _loss_for(case, out.activation), {"left": case.left})


def _accuracy_of_numbers(case: Case) -> Finding | None:
    if not (case.of_numbers and case.numbers and _hurts(case) and _asks_accuracy(case)):
        return None
    return Finding("loss", False, None,
                   "Accuracy says nothing here: it counts answers that hit a number exactly, and hardly any does.",
                   'metrics=["mae"]', _last_logs(case, "accuracy"))


def _asks_accuracy(case: Case) -> bool:
    return any(one in ("accuracy", "acc") or one.endswith("_accuracy") for one in case.network.metrics)


def _last_logs(case: Case, *names: str) -> dict[str, float]:
    logs = case.moments[-1].logs if case.moments else {}
    return {name: logs[name] for name in names if name in logs}


# --- the layers -----------------------------------------------------------------------------------------------------


def _norm_of_one(case: Case) -> Finding | None:
    norm = next((part for part in case.network.layers if part.type == "BatchNormalization"), None)
    dense = all(kernel.part.type == "Dense" for kernel in case.kernels)
    if norm is None or case.network.batch_size != 1 or not dense or not case.kernels:
        return None
    return Finding("batch_norm", True, norm.name,
                   "Nothing of the input passes: over a batch of one example each unit is its own mean, so batch norm "
                   "answers 0.", "model.fit(x, y, batch_size=32)", {"batch_size": 1})


def _norm_at_the_end(case: Case) -> Finding | None:
    out = case.output
    if out is None or not case.network.sequential:
        return None
    behind = [part for part in case.network.layers[out.place + 1:] if part.type == "BatchNormalization"]
    if not behind or not _suspect(case):
        return None
    return Finding("batch_norm", False, behind[0].name,
                   "The answers are pulled to the same mean and spread in every batch, whatever was asked: batch norm "
                   "stands behind the output.", f"{_dense(out.part.units, out.activation)}  # the last layer", {})


def _equal_units(case: Case) -> Finding | None:
    hidden = [kernel for kernel in case.hidden if kernel.part.initializer in CONSTANT]
    proved = case.kind == "symmetric"
    if not hidden or not (proved or (case.measured is None and len(hidden) == len(case.hidden))):
        return None
    part = hidden[0].part
    return Finding("symmetric", True, part.name,
                   f"All units of a layer stay equal, so {part.units or 'many'} do the work of one: their kernels "
                   f"start as one number ({part.initializer}), and equal units get equal gradients.",
                   _initialised(hidden[0]), {"units": part.units or math.nan})


def _constant_kernel(case: Case) -> Finding | None:
    """A constant kernel that does not make all layers symmetric, or has none beside it."""
    found = next((kernel for kernel in case.kernels if kernel.part.initializer in CONSTANT), None)
    if found is None or case.kind == "symmetric" or not _suspect(case) or len(case.kernels) < 2:
        return None
    return Finding("initialization", False, found.part.name,
                   f"Its units start equal and tell nothing apart: the kernel is filled with one number "
                   f"({found.part.initializer}).", _initialised(found), {})


def _initialised(kernel: Kernel) -> str:
    suited = "he_normal" if kernel.activation in ("relu", "leaky_relu", "elu", "gelu", "silu") else "glorot_uniform"
    inner = _dense(kernel.part.units, kernel.activation)
    return f'{inner[:-1]}, kernel_initializer="{suited}")'


def _only_linear(case: Case) -> Finding | None:
    """Hidden layers without activation."""
    hidden = [kernel for kernel in case.hidden if kernel.part.type == "Dense"]
    if not hidden or len(hidden) != len(case.hidden) or any(kernel.activation != "linear" for kernel in hidden):
        return None
    out, stand_still = case.output, case.kind in ("not_learning", "slow")
    if case.copies_input or not (case.measured is None or _hurts(case)) or case.kind in ("overflow", "symmetric"):
        return None
    return Finding("activation", bool(stand_still or (out and case.left > POOR)), hidden[0].part.name,
                   f"However many layers, it can only draw a straight line or plane: "
                   f"{'the hidden layer has' if len(hidden) == 1 else f'all {len(hidden)} hidden layers have'} no "
                   "activation.", _dense(hidden[0].part.units, "relu"), {"left": case.left})


def _hidden_softmax(case: Case) -> Finding | None:
    found = next((kernel for kernel in case.hidden
                  if kernel.activation == "softmax" and kernel.part.type == "Dense"), None)
    if found is None or not case.network.sequential:
        return None
    return Finding("activation", _hurts(case), found.part.name,
                   "Its units share out a single 1, so little of the input and of the gradient gets through: softmax "
                   "stands in a hidden layer.", _dense(found.part.units, "relu"), {"units": found.part.units or 0})


def _squeezing(case: Case) -> Finding | None:
    """Sigmoid or tanh layers through which the signal is lost."""
    squeezing = [kernel for kernel in case.hidden if kernel.activation in ("sigmoid", "tanh", "softmax")]
    if not squeezing or len(squeezing) < len(case.hidden) / 2:
        return None
    sigmoids = sum(kernel.activation != "tanh" for kernel in squeezing)
    vanished = case.kind == "vanishing" and case.cause in ("activation", "scale_small", "saturated")
    unread = case.measured is None and sigmoids >= DEEP
    still = case.kind in ("not_learning", "slow") and case.cause in ("plateau", "saturated", "rate_small", "few_steps")
    if not (vanished or unread or (still and sigmoids)):
        return None
    name = squeezing[0].activation
    largest = ACTIVATIONS[name].largest_slope()
    return Finding("activation", vanished, squeezing[0].part.name,
                   f"Little of the error gets back to the first layers: each {name} layer multiplies it by its slope, "
                   f"at most {say(largest)}, and there {'is 1' if len(squeezing) == 1 else f'are {len(squeezing)}'}.",
                   f'{_dense(squeezing[0].part.units, "relu")[:-1]}, kernel_initializer="he_normal")',
                   {"largest_slope": largest, "layers": len(squeezing), "signal_ratio": case.number("signal_ratio")})


def _kernel_scale(case: Case) -> Finding | None:
    """Kernels out of scale: by the signal at step 0, or by their size beside what suits them."""
    if not case.measured or not _hurts(case) or case.kind == "symmetric":
        return None
    large = case.cause == "scale_large" and not _big_inputs(case)
    small = case.cause == "scale_small"
    widest, kernel = _kernel_size(case)
    if kernel is None or not (large or small or widest > 3):
        return None
    if _big_inputs(case) and widest <= 3 and not small:
        return None
    much = "large" if large or widest > 3 else "small"
    return Finding("initialization", (large or small) and (widest > 2 or widest < 0.6), kernel.part.name,
                   f"The numbers {'grow' if much == 'large' else 'shrink'} from layer to layer: the initial kernels "
                   f"are too {much}, {say(widest)} times what keeps a signal's size.", _initialised(kernel),
                   {"kernel_size": widest, "start_signal_ratio": case.number("start_signal_ratio")})


def _kernel_size(case: Case) -> tuple[float, Kernel | None]:
    """Initial RMS of the hidden Dense kernel farthest from what keeps a signal's size, over that; Glorot's or He's."""
    measured = case.measured
    sizes = []
    for kernel in case.kernels:
        units, parameters = kernel.part.units, kernel.part.parameters
        if kernel.part.type != "Dense" or not units or not parameters or not case.moments:
            continue
        fan_in = (parameters - (units if kernel.part.bias else 0)) / units
        row = sum(other.place < kernel.place for other in case.kernels)
        norms = case.moments[0].layers.kernel_norm
        if measured is None or row >= len(norms) or fan_in <= 0:
            continue
        usual = math.sqrt((2 if kernel.activation in ("relu", "leaky_relu", "elu") else 1) / max(fan_in, 1))
        sizes.append((float(norms[row]) / math.sqrt(fan_in * units) / usual, kernel))
    first = case.hidden[0] if case.hidden else None
    return max((one for one in sizes if one[0] > 0), key=lambda one: abs(math.log(one[0])), default=(math.nan, first))


# --- scales ---------------------------------------------------------------------------------------------------------


def _big_inputs(case: Case) -> bool:
    """Whether the inputs are far larger than initial kernels are made for, and nothing puts that right."""
    first = next((part for part in case.network.layers if part.type not in ("InputLayer", "Flatten", "Reshape")), None)
    if first is None or first.type in (*NORMALISING, "Embedding") or case.network.x is None:
        return False
    return _rms(case.network.x) >= LARGE_INPUT


def _input_scale(case: Case) -> Finding | None:
    x = case.network.x
    if x is None or not _big_inputs(case) or not _suspect(case):
        return None
    thrown = case.ill or case.number("start_left") >= 3 or case.number("start_saturated_share") >= MANY
    pixels = (x.minimum or 0) >= 0 and 100 < (x.maximum or 0) <= 255 and x.integers
    return Finding("input_scale", bool(case.measured and thrown), None,
                   f"The first steps throw the weights about: the inputs are large, {_ends(x)}, and a step grows with "
                   "its input.", "x = x / 255" if pixels else "x = (x - x.mean(0)) / x.std(0)",
                   {"rms": _rms(x), "minimum": x.minimum or 0.0, "maximum": x.maximum or 0.0})


def _uneven_inputs(case: Case) -> Finding | None:
    x = case.network.x
    if x is None or x.column_spreads is None or not case.measured or not _hurts(case) or _first_normalises(case):
        return None
    least, most = x.column_spreads
    if not least > 0 or most / least < UNEVEN_COLUMNS or most < 1 or len(x.shape) != 2:
        return None
    return Finding("input_scale", False, None,
                   f"Some inputs hardly count beside others: one column spreads over {say(most)}, another over "
                   f"{say(least)}.", "x = (x - x.mean(0)) / x.std(0)", {"least": least, "most": most})


def _tiny_inputs(case: Case) -> Finding | None:
    x = case.network.x
    if x is None or not 0 < _rms(x) < 0.01 or not case.measured or not _hurts(case) or _first_normalises(case):
        return None
    return Finding("input_scale", False, None,
                   f"The network hardly sees its inputs: they are small, {_ends(x)}.",
                   "x = (x - x.mean(0)) / x.std(0)", {"rms": _rms(x)})


def _first_normalises(case: Case) -> bool:
    first = next((part for part in case.network.layers if part.type != "InputLayer"), None)
    return first is not None and first.type in (*NORMALISING, "Embedding")


def _useless_columns(case: Case) -> Finding | None:
    x = case.network.x
    if x is None or len(x.shape) != 2 or not x.shape[1] or not _hurts(case):
        return None
    if x.constant_columns == x.shape[1] or (x.constant_columns + x.equal_columns) / x.shape[1] >= 0.5:
        return Finding("input_scale", x.constant_columns == x.shape[1], None,
                       f"Most inputs say nothing: of {x.shape[1]} columns {x.constant_columns} never change and "
                       f"{x.equal_columns} repeat another.", "x = np.unique(x[:, x.std(0) > 0], axis=1)",
                       {"constant": x.constant_columns, "equal": x.equal_columns})
    return None


def _target_scale(case: Case) -> Finding | None:
    y = case.network.y
    if y is None or not case.numbers or not case.of_numbers or _rms(y) < LARGE_TARGET or not _suspect(case):
        return None
    if case.output is not None and case.output.activation != "linear" and _out_of_reach(case):
        return None
    return Finding("target_scale", bool(case.ill and _rms(y) > 5 * LARGE_TARGET), None,
                   f"The answers begin near 0 and have far to go: the targets are {_ends(y)}.",
                   "y = (y - y.mean()) / y.std()", {"rms": _rms(y), "spread": y.spread or 0.0, "left": case.left})


# --- training -------------------------------------------------------------------------------------------------------


def _rate(case: Case) -> Finding | None:
    rate, usual = case.rate, USUAL[case.adaptive]
    momentum = case.network.numbers.get("momentum") or 0.0
    effective = rate / max(1 - momentum, 1e-3) if case.network.optimizer == "SGD" else rate
    numbers = {"learning_rate": rate, "largest_step": case.number("largest_step"), "way": case.number("way")}
    if rate == 0:
        return Finding("learning_rate", True, None, "No step changes anything: the learning rate is 0.",
                       _optimizer(case, usual), numbers)
    large, small = effective >= TOO_LARGE[case.adaptive], rate <= TOO_SMALL[case.adaptive]
    if case.measured is None:
        if large and (case.adaptive or effective > 2 * TOO_LARGE[False]):
            return _too_large(case, rate, usual, numbers, certain=False)
        return _too_small(case, rate, usual, numbers, certain=False) if small else None
    if not _hurts(case) or case.kind == "symmetric":
        return None
    blamed = case.cause == "rate_large" and (effective >= usual or not math.isfinite(rate))
    bears = not case.hidden and not _overshoots_a_plane(case)
    if not bears and (blamed or (large and case.cause != "rate_small")):
        return _too_large(case, rate, usual, numbers,
                          certain=(large and case.ill) or (blamed and case.ill and not _other_scale(case)))
    if case.cause == "clip" and case.network.clip_threshold:
        return Finding("learning_rate", True, None,
                       f"Next to nothing is left of every step: gradients are clipped at "
                       f"{say(case.network.clip_threshold)}.", _optimizer(case, rate if rate > 0 else usual),
                       {"clip_threshold": case.network.clip_threshold})
    moves = case.number("kernel_gradient") > 0
    creeps = moves and case.number("way") <= SMALL_WAY and case.kind in (
        "slow", "not_learning", "stuck", "vanishing", "learning")
    if creeps or case.cause == "rate_small" or (small and case.kind in ("slow", "not_learning", "learning")):
        return _too_small(case, rate, usual, numbers, certain=small or (creeps and case.ill))
    plain = not case.adaptive and effective <= usual
    if plain and case.kind in ("not_learning", "slow") and case.cause in ("plateau", "few_steps", "saturated"):
        return _too_small(case, rate, 10 * effective, numbers, certain=False)
    return None


def _overshoots_a_plane(case: Case) -> bool:
    """Whether a network without hidden layers is worse than a guess; its loss has one valley, and what overshoots there
    climbs its sides.
    """
    return not case.hidden and not case.left <= 1.1


def _other_scale(case: Case) -> bool:
    """Whether inputs or targets out of scale may be why steps are too large."""
    return _big_inputs(case) or bool(_target_scale(case))


def _too_large(case: Case, rate: float, usual: float, numbers: dict[str, float], certain: bool) -> Finding:
    step = numbers["largest_step"]
    moved = f" One step changed a kernel by {say(100 * step)} % of its size." if step > LARGE_STEP else ""
    better = min(usual, rate / 10) if rate > 0 else usual
    return Finding("learning_rate", certain, None,
                   f"The steps are so large that each undoes the one before: the learning rate is {say(rate)}.{moved}",
                   _optimizer(case, better), numbers)


def _too_small(case: Case, rate: float, usual: float, numbers: dict[str, float], certain: bool) -> Finding:
    way = numbers["way"]
    moved = f" All steps together changed no kernel by more than {say(100 * way)} % of its size." if way < 1 else ""
    return Finding("learning_rate", certain, None,
                   f"The steps are too small to get anywhere: the learning rate is {say(rate)}.{moved}",
                   _optimizer(case, max(usual, 10 * rate)), numbers)


def _batch(case: Case) -> Finding | None:
    size, examples, steps = case.network.batch_size, case.examples, case.network.steps
    if not size or not examples or not case.measured or not _hurts(case, 0.7):
        return None
    if size >= examples > 64 and steps and steps <= FEW_STEPS and case.kind in ("slow", "not_learning", "learning"):
        return Finding("batch_size", False, None,
                       f"There are few steps to learn in: a batch of {size} is all {examples} examples, so an epoch is "
                       f"one step, {steps} together.", "model.fit(x, y, batch_size=32)",
                       {"batch_size": size, "examples": examples, "steps": steps})
    if size == 1 and case.cause == "rate_large" and examples > 8:
        return Finding("batch_size", False, None,
                       "Each step follows a single example and undoes what another has taught: the batch size is 1.",
                       "model.fit(x, y, batch_size=32)", {"batch_size": 1})
    return None


def _dropped(case: Case) -> Finding | None:
    part = next((part for part in case.network.layers if part.type == "Dropout"
                 and (part.rate or 0) >= GREAT_DROPOUT), None)
    if part is None or not _suspect(case):
        return None
    return Finding("capacity", bool(case.measured), part.name,
                   f"Too little is left to learn with: {part.rate:.0%} of the units are switched off in every step.",
                   "Dropout(0.2)", {"rate": part.rate or 0.0})


def _narrow(case: Case) -> Finding | None:
    """No hidden layer, or one of one or two units, where it stands still."""
    if not case.measured or not case.kernels or case.output is None or not _hurts(case):
        return None
    if case.number("way") <= SMALL_WAY or case.kind in ("overflow", "exploding", "symmetric", "stuck"):
        return None
    features = (case.network.input_shape or (None,))[-1] or 0
    narrow = next((kernel for kernel in case.hidden if kernel.part.type == "Dense"
                   and (kernel.part.units or 99) <= 2 < max(features + 1, case.columns or 0, 3)), None)
    still = case.kind == "not_learning" or (case.kind == "learning" and case.measured.fall(-1 % len(
        case.measured.history))[0] * case.number("step") < 0.5)
    if not case.hidden and case.kind == "not_learning" and not case.copies_input and not _overshoots_a_plane(case):
        return Finding("capacity", False, case.output.part.name,
                       "Without a hidden layer it draws one straight line or plane, and that does not part these "
                       "examples.", f'model.add(Dense(16, activation="relu"))  # before {case.output.part.name}',
                       {"hidden_layers": 0, "left": case.left})
    if narrow and still and narrow.activation != "linear":
        units = narrow.part.units or 1
        return Finding("capacity", units == 1, narrow.part.name,
                       f"Little fits through {count(units, 'unit')}, and it stands still with {case.left:.0%} of a "
                       "guess's loss left.", _dense(16, narrow.activation), {"units": units, "left": case.left})
    return None


def _shrunk(case: Case) -> Finding | None:
    """A penalty on the weights that is all that is trained."""
    written = next((part for part in case.network.layers if part.regularizer), None)
    if written is None or not case.measured or not case.moments or not _hurts(case, 0.8):
        return None
    first, last = (float(np.nan_to_num(moment.layers.kernel_norm).max(initial=0.0))
                   for moment in (case.moments[0], case.moments[-1]))
    shrunk = last / first if first else math.nan
    if not shrunk < 0.2:
        return None
    return Finding("capacity", True, written.name,
                   f"The penalty has shrunk the kernels to {shrunk:.0%} of what they were, and the answers with them.",
                   "kernel_regularizer=keras.regularizers.L2(1e-4)", {"shrunk": shrunk})


def _imbalance(case: Case) -> Finding | None:
    commonest, right = case.number("commonest"), case.number("accuracy")
    if not (1 - commonest <= RARE and right <= commonest + 0.01 and case.number("step") > 20 and _hurts(case)):
        return None
    return Finding("labels", case.kind == "not_learning", None,
                   f"Accuracy hides that the rare classes are never found: always answering the commonest is right in "
                   f"{commonest:.0%}, and so is this network.",
                   'model.fit(x, y, class_weight={0: 1, 1: 10})', {"commonest": commonest, "accuracy": right})


# --- what is seen of it ---------------------------------------------------------------------------------------------


def _symptom(kind: str, sentence: Callable[[Case], str], fix: Callable[[Case], str]) -> Find:
    """The finding that the verdict is of that kind."""
    def find(case: Case) -> Finding | None:
        if case.kind != kind:
            return None
        names = ("step", "loss", "guess", "left", "signal_ratio", "dead_share", "saturated_share")
        return Finding(kind, True, None, sentence(case), fix(case), {name: case.number(name) for name in names})
    return find


def _against_guess(case: Case) -> str:
    loss, guess = case.number("loss"), case.number("guess")
    return f"The loss is {say(loss)}" + ("." if math.isnan(guess) else f", that of a guess {say(guess)}.")


def _relu(case: Case) -> str:
    hidden = case.hidden[0] if case.hidden else None
    return f'{_dense(hidden.part.units if hidden else None, "relu")[:-1]}, kernel_initializer="he_normal")'


def _dead(case: Case) -> Finding | None:
    """A layer of which no unit has a slope, of a network that does not learn."""
    if case.measured is None or not _hurts(case):
        return None
    shares = np.nan_to_num(case.measured.history[-1].dead_for_all[:-1])
    if case.kind != "dead" and not (case.ill and (shares >= 0.9).any()):
        return None
    layer = int(shares.argmax()) if len(shares) else 0
    kernel = case.hidden[layer] if layer < len(case.hidden) else None
    share = float(shares.max(initial=0.0))
    return Finding("dead", True, kernel.part.name if kernel else None,
                   f"Nothing passes back through it: {share:.0%} of its units have slope 0 for every example.",
                   _dense(kernel.part.units, "leaky_relu") if kernel else "", {"dead_share": share})


def _saturated(case: Case) -> Finding | None:
    if case.measured is None or not case.ill or case.kind == "overflow":
        return None
    shares = np.nan_to_num(case.measured.history[-1].saturated_for_all[:-1])
    ends = [kernel.activation in ("sigmoid", "tanh", "softmax") for kernel in case.hidden]
    shares = shares * np.array([*ends, *[False] * len(shares)][:len(shares)], float)
    if shares.max(initial=0.0) < MANY:
        return None
    layer = int(shares.argmax())
    part = case.hidden[layer].part
    return Finding("saturated", True, part.name,
                   f"Its units sit at their ends, where hardly anything passes back: {shares[layer]:.0%} of their "
                   "slopes are next to 0.", _relu(case), {"saturated_share": float(shares[layer])})


def _overfit(case: Case) -> Finding | None:
    """The validation loss has come up far from its best, and stands far above the training loss."""
    if not case.moments or not case.measured or not math.isfinite(case.number("guess")):
        return None
    losses = [value for moment in case.moments if (value := moment.logs.get("val_loss")) is not None]
    if len(losses) < 3 or not np.isfinite(losses).all() or case.left > 0.5:
        return None
    guess, best, last = case.number("guess"), min(losses), losses[-1]
    if (last - case.number("loss")) / guess < APART or (last - best) / guess < RISEN:
        return None
    return Finding("overfit", True, None,
                   f"It knows its examples by heart and gets worse on others: the validation loss was {say(best)} at "
                   f"its best and is {say(last)}, the training loss {say(case.number('loss'))}.",
                   'callbacks=[keras.callbacks.EarlyStopping(patience=10, restore_best_weights=True)]',
                   {"best_val_loss": best, "val_loss": last, "loss": case.number("loss"), "guess": guess})


def _slow(case: Case) -> Finding | None:
    """It falls, but is far from there: by the verdict, or by how much is left at the end of few steps."""
    still_falls = case.kind == "learning" and case.left > 1 - POOR / 2 and case.number("steps_needed") > 2 * (
        case.number("step"))
    if case.kind != "slow" and not (still_falls and case.number("step") > 0):
        return None
    needed = case.number("steps_needed")
    more = f" At the pace of late it takes {say(needed)} steps more." if math.isfinite(needed) else ""
    epochs = case.network.epochs
    return Finding("slow", case.kind == "slow", None,
                   f"The loss falls, but the training ends long before it gets there.{more}",
                   f"model.fit(x, y, epochs={10 * epochs})" if epochs else _optimizer(case),
                   {"steps_needed": needed, "left": case.left, "step": case.number("step")})


def _not_learning(case: Case) -> Finding | None:
    if case.kind not in ("not_learning", "stuck"):
        return None
    return Finding("not_learning", True, None,
                   f"It answers no better than a guess that ignores the input. {_against_guess(case)}",
                   _optimizer(case), {name: case.number(name) for name in ("loss", "guess", "left", "step")})


def _nothing(case: Case) -> Finding:
    trained = case.measured is not None
    hit = (" Accuracy says nothing of numbers: look at the loss." if case.numbers and case.of_numbers
           and _asks_accuracy(case) else "")
    sentence = ("It learns, and nothing in its numbers is out of order." if trained else
                "Nothing in the program is out of order; how it trains is not known.")
    return Finding("nothing", trained, None, sentence + hit, "",
                   {name: case.number(name) for name in ("loss", "guess", "left") if trained})


# --- the tables -----------------------------------------------------------------------------------------------------

GOODFELLOW = "Goodfellow, Bengio & Courville 2016, Deep Learning"
ISLAM = "Islam et al. 2019, A comprehensive study on deep learning bug characteristics"
UMLAUT = "Schoop, Huang & Hartmann 2021, UMLAUT"
KERAS = "Keras documentation, losses and metrics"

# What the program and its data show, however it was trained.
PROGRAM = (
    Rule("input_scale", "An input or a target is NaN or infinite.", "NaN in one example is NaN in every sum with it.",
         UMLAUT, _missing),
    Rule("output_units", "One output for more than two classes, an output too few for the labels, or several for one "
         "number.", "A class needs an output of its own.", f"{GOODFELLOW}, section 6.2.2; {ISLAM}", _units),
    Rule("output_activation", "Softmax on one output.", "e^z / e^z is 1 whatever z is.", f"{UMLAUT}; {ISLAM}",
         _softmax_of_one),
    Rule("loss", "A loss of several classes with one output.", "The share of one output among one is always 1.", KERAS,
         _loss_of_one),
    Rule("output_activation", "Two of sigmoid and softmax, one on the other.",
         "The second sees numbers between 0 and 1 only, and cannot answer clearly.", UMLAUT, _twice),
    Rule("loss", "`from_logits=True` on sigmoid or softmax.", "The loss applies the activation itself.", KERAS,
         _logits),
    Rule("output_activation", "A cross-entropy of what is no probability, or of sigmoids that do not compete.",
         "A logarithm of 0 or less is cut off, and its slope is 0 there.", f"{GOODFELLOW}, section 6.2.2; {UMLAUT}",
         _not_a_probability),
    Rule("loss", "Cosine similarity with one output.", "The cosine of two numbers is the product of their signs.",
         KERAS, _direction_of_one),
    Rule("loss", "Binary cross-entropy of a softmax of more than two.", "It asks of every class yes or no.", ISLAM,
         _binary_of_many),
    Rule("loss", "A loss of classes, and targets that are numbers outside 0 to 1.",
         "The likelihood of a class says nothing of amounts.", f"{GOODFELLOW}, section 6.2.2", _amounts_as_classes),
    Rule("labels", "Class numbers in one column, and several outputs.", "Broadcasting compares each with the number.",
         KERAS, _broadcast),
    Rule("labels", "One-hot rows, and a sparse loss.", "It takes the number of the class.", KERAS,
         _one_hot_against_sparse),
    Rule("labels", "Labels outside what the loss is made for.", "The loss has no least value there.", KERAS,
         _label_range),
    Rule("labels", "All targets are equal.", "A constant answers them all.", UMLAUT, _one_label),
    Rule("output_activation", "Several ones in a target row, and softmax.", "Softmax shares out a single 1.",
         f"{GOODFELLOW}, section 6.2.2", _several_labels),
    Rule("output_activation", "Targets beyond the ends of the output's activation.",
         "What cannot be said is not learned.", f"{GOODFELLOW}, section 6.2.2; {ISLAM}",
         lambda case: _of_kind("output_activation", _out_of_reach(case))),
    Rule("output_activation", "A ReLU output that answers 0 only.", "ReLU's slope is 0 there.", "Lu et al. 2019",
         _silent_output),
    Rule("target_scale", "An autoencoder whose targets are beyond its output.", "What cannot be said is not learned.",
         f"{GOODFELLOW}, chapter 14", lambda case: _of_kind("target_scale", _out_of_reach(case))),
    Rule("batch_norm", "Batch norm of Dense units with a batch of one.", "The spread over one example is 0.",
         "Ioffe & Szegedy 2015", _norm_of_one),
    Rule("symmetric", "All hidden kernels start as one number.", "Equal units get equal gradients.",
         f"{GOODFELLOW}, section 8.4", _equal_units),
)

# What is unusual, where it hurts.
TRAINING = (
    Rule("activation", "No hidden activation, and it does not learn what it should.",
         "A product of matrices is a matrix.", f"{GOODFELLOW}, section 6.1", _only_linear),
    Rule("activation", "Softmax in a hidden layer.", "Its units compete for one unit of output.", ISLAM,
         _hidden_softmax),
    Rule("input_scale", "Inputs of RMS 20 and more, and it hurts.", "The gradient of the first kernel grows with its "
         "input, the curvature with its square.", "LeCun, Bottou, Orr & Müller 1998", _input_scale),
    Rule("target_scale", "Targets of RMS 20 and more, and it hurts.", "The output's bias has all that way to go.",
         "Bishop 1995, Neural Networks for Pattern Recognition, section 8.2", _target_scale),
    Rule("initialization", "Initial kernels that make the signal grow or shrink, and it hurts.",
         "A factor a layer is a power of the depth.", "Glorot & Bengio 2010; He et al. 2015", _kernel_scale),
    Rule("learning_rate", "A rate of 0; steps that are too large or too small by the verdict; a rate that few networks "
         "bear.", "Past 2 over the curvature a step overshoots; far below it nothing moves.",
         "LeCun, Bottou, Orr & Müller 1998; Smith 2017", _rate),
    Rule("activation", "Sigmoid or tanh layers, and the signal vanishes or the loss stands still.",
         "Slopes under 1 multiply.", "Glorot & Bengio 2010", _squeezing),
    Rule("capacity", "Dropout of three quarters and more, and it hurts.", "What is left is too little.",
         "Srivastava et al. 2014", _dropped),
    Rule("capacity", "A penalty that shrinks the kernels to a fifth.", "The penalty outweighs the loss.",
         f"{GOODFELLOW}, section 7.1", _shrunk),
    Rule("capacity", "No hidden layer, or one of one or two units, and it stands still.",
         "One unit lets one number through; without a hidden layer the border is a plane.",
         "Minsky & Papert 1969", _narrow),
    Rule("labels", "Always the commonest class, which is four fifths and more.",
         "Accuracy hardly counts the rare ones.", "He & Garcia 2009", _imbalance),
    Rule("initialization", "A constant kernel, and it hurts.", "Its units start equal.", f"{GOODFELLOW}, section 8.4",
         _constant_kernel),
    Rule("batch_norm", "Batch norm behind the output, and it hurts.", "The answers lose their mean and spread.",
         "Ioffe & Szegedy 2015", _norm_at_the_end),
    Rule("output_activation", "ReLU and the like for classes with a loss of numbers, and it hurts.",
         "It is no probability, and ReLU may die.", ISLAM, _relu_of_classes),
    Rule("loss", "A loss of numbers on a probability, and it hurts.", "The slope is next to 0 where it is sure and "
         "wrong.", f"{GOODFELLOW}, section 6.2.2", _square_of_probability),
    Rule("loss", "Binary cross-entropy of one-hot labels, and it hurts.", "One of several classes is right, not any "
         "number of them.", f"{GOODFELLOW}, section 6.2.2",
         lambda case: _of_kind("loss", _yes_or_no_of_one_of_many(case))),
    Rule("output_activation", "Sigmoids for one-hot labels, and it hurts.", "They do not compete.",
         f"{GOODFELLOW}, section 6.2.2", lambda case: _of_kind("output_activation", _yes_or_no_of_one_of_many(case))),
    Rule("batch_size", "All examples in a batch and few steps, or one example with steps that are too large.",
         "The steps are few, or noisy.", "Bottou, Curtis & Nocedal 2018", _batch),
    Rule("input_scale", "Columns whose spreads differ a hundredfold, and it hurts.", "One rate cannot suit both.",
         "LeCun, Bottou, Orr & Müller 1998", _uneven_inputs),
    Rule("input_scale", "Inputs of RMS under 0.01, and it hurts.", "The gradient of the first kernel is as small.",
         "LeCun, Bottou, Orr & Müller 1998", _tiny_inputs),
    Rule("input_scale", "Half the columns never change or repeat others, and it hurts.", "They say nothing.",
         UMLAUT, _useless_columns),
    Rule("loss", "Accuracy of numbers, and it hurts.", "It counts exact hits.", KERAS, _accuracy_of_numbers),
)

# What is seen of it.
SYMPTOMS = (
    Rule("overflow", "The verdict.", "A number is beyond what float32 holds.", "core.diagnosis",
         _symptom("overflow", lambda case: f"Every answer is NaN from then on: the loss or a gradient was no finite "
                  f"number at step {case.number('step'):.0f}.", _optimizer)),
    Rule("dead", "The verdict, or nine tenths of a layer dead.", "No slope, no gradient.", "Lu et al. 2019", _dead),
    Rule("exploding", "The verdict.", "The first layer is thrown about.", "core.diagnosis",
         _symptom("exploding", lambda case: "The answers get worse, or the first layer gets far too much of the error. "
                  f"{_against_guess(case)}", _optimizer)),
    Rule("vanishing", "The verdict.", "The first layer hardly learns.", "core.diagnosis",
         _symptom("vanishing", lambda case: "The first layer gets almost nothing to learn from: "
                  f"{say(case.number('signal_ratio'))} of the error that the last hidden layer gets.", _relu)),
    Rule("saturated", "It does not learn, and half the slopes of a sigmoid or tanh layer are next to 0.",
         "Little passes back.", "Glorot & Bengio 2010", _saturated),
    Rule("slow", "The verdict, or much left and steps for more than twice the run.", "It would get there in the end.",
         "core.diagnosis", _slow),
    Rule("not_learning", "The verdict is that it does not learn, or is stuck.", "A constant answers as well.",
         "core.diagnosis", _not_learning),
    Rule("overfit", "The validation loss is far above the training loss and its own best.",
         "What is learned are the examples.", f"{GOODFELLOW}, section 5.2", _overfit),
)
assert {rule.kind for rule in (*PROGRAM, *TRAINING, *SYMPTOMS)} | {"nothing"} == set(KINDS)
