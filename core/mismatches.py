"""What is wrong with a program whatever comes of it: output, loss and targets that do not go together.

Each function finds one thing in a case; the table that says why it is wrong is in `core.findings`.
"""

from __future__ import annotations

import math

from core.activations import ACTIVATIONS
from core.cases import CLASSES_AT_MOST, OF_CLASSES, Case, whole_values
from core.causes import MANY
from core.finding import MUCH, Finding, asks_accuracy, dense, ends, figure, hurts, loss_for, suspect, targets_of
from core.words import count, say

ROUNDING = 1e-5
LEARNS = 0.9  # of what a guess has to lose: a loss with less left has fallen
OUTSIDE = 0.02  # of the targets' range: so much beyond the output's ends is rounding or noise


def missing_numbers(case: Case) -> Finding | None:
    for name, values in (("x", case.network.x), ("y", case.network.y)):
        if values and values.missing:
            return Finding("input_scale", True, None,
                           f"One missing number spoils everything: the first step on it makes every weight NaN. {name} "
                           f"has {count(values.missing, 'entry').replace('entrys', 'entries')} that are NaN or "
                           "infinite.",
                           f"rows = np.isfinite({name}).all(axis=1); x, y = x[rows], y[rows]" if name == "x" else
                           "rows = np.isfinite(y); x, y = x[rows], y[rows]", {"missing": values.missing})
    return None


def units_for_targets(case: Case) -> Finding | None:
    """One output for more than two classes, or outputs too few for them."""
    out = case.output
    if out is None or out.part.units is None:
        return None
    units, classes, y = out.part.units, case.classes, case.network.y
    if units == 1 and classes > 2:
        return Finding("output_units", True, out.part.name,
                       f"One output cannot choose among {classes} classes: it says a single number.",
                       f"{dense(classes, 'softmax')}; {loss_for(case, 'softmax')}",
                       {"units": 1, "classes": classes})
    if units == 1 and case.loss == "sparse_categorical_crossentropy":
        return Finding("output_units", True, out.part.name,
                       "The loss expects one output for each class, and there is one output in all.",
                       f"{dense(classes or None, 'softmax')}" if classes != 2 else
                       f'{dense(1, "sigmoid")}; loss="binary_crossentropy"', {"units": 1, "classes": classes})
    largest = y.maximum if y and y.maximum is not None else -1.0
    if case.loss == "sparse_categorical_crossentropy" and units <= largest < 1e6 and classes > units:
        return Finding("output_units", True, out.part.name,
                       f"Some classes have no output: there are {units} outputs and labels up to {say(largest)}.",
                       dense(int(largest) + 1, out.activation), {"units": units, "largest_label": largest})
    if units > 1 and case.columns == 1 and case.of_numbers and case.numbers:
        return Finding("output_units", True, out.part.name,
                       f"Every one of {units} outputs is trained on the same target, one number an example.",
                       dense(1, out.activation), {"units": units, "columns": 1})
    return None


def softmax_of_one(case: Case) -> Finding | None:
    out = case.output
    if out is None or out.part.units != 1 or out.activation != "softmax":
        return None
    better = "linear" if case.numbers else "sigmoid"
    falls = " The loss falls all the same: Keras takes it from what goes into softmax." if case.left < LEARNS else ""
    return Finding("output_activation", True, out.part.name,
                   "It always answers 1, whatever the input: softmax makes its outputs add up to 1, and here is one."
                   f"{falls}", f"{dense(1, better)}; {loss_for(case, better)}", {"units": 1})


def loss_of_one(case: Case) -> Finding | None:
    out = case.output
    if out is None or out.part.units != 1 or case.loss not in ("categorical_crossentropy", "kl_divergence"):
        return None
    better = "linear" if case.numbers else "sigmoid"
    return Finding("loss", True, None,
                   "The loss is next to 0 whatever is answered: it compares the outputs of several classes, and here "
                   "is one output.", f"{dense(1, better)}; {loss_for(case, better)}", {"units": 1})


def activated_twice(case: Case) -> Finding | None:
    out = case.output
    if out is None or out.activation not in ("softmax", "sigmoid") or out.twice not in ("softmax", "sigmoid"):
        return None
    return Finding("output_activation", True, out.part.name,
                   f"The answers stay close to each other: {out.twice} is applied to what {out.activation} has already "
                   "squeezed between 0 and 1.", dense(out.part.units, out.activation), {})


def logits_twice(case: Case) -> Finding | None:
    out = case.output
    if out is None or not case.network.from_logits or out.activation not in ("softmax", "sigmoid"):
        return None
    return Finding("loss", True, None,
                   f"The loss is told that its answers have no activation yet (from_logits=True), and they have "
                   f"{out.activation}: it is applied twice, except where Keras notices, as on TensorFlow.",
                   loss_for(case, out.activation), {})


def not_a_probability(case: Case) -> Finding | None:
    """A cross-entropy of an output that is no probability."""
    out = case.output
    crossed = {"binary_crossentropy": ("sigmoid",), "binary_focal_crossentropy": ("sigmoid",),
               "categorical_crossentropy": ("softmax",), "sparse_categorical_crossentropy": ("softmax",),
               "kl_divergence": ("softmax", "sigmoid")}
    if out is None or case.loss not in crossed or case.network.from_logits or out.activation not in ACTIVATIONS:
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
                       f"{units or 'them'} it is.", dense(units, "softmax"), {"units": units or math.nan})
    return Finding("output_activation", True, out.part.name,
                   f"The loss takes logarithms of the answers, which must be probabilities; "
                   f"with{'out an activation' if out.activation == 'linear' else f' {out.activation}'} they can be "
                   "0, negative or above 1, and there nothing is learned.", dense(units, fitting[0]),
                   answers(case))


def answers(case: Case) -> dict[str, float]:
    """The ends of what the model answers at the last moment."""
    last = case.moments[-1].outputs if case.moments else {}
    return {f"{name}_answer": number for name, number in last.items() if name in ("minimum", "maximum")}


def binary_of_many(case: Case) -> Finding | None:
    out = case.output
    if (out is None or case.loss != "binary_crossentropy" or out.activation != "softmax"
            or (out.part.units or 0) <= 2):
        return None
    return Finding("loss", True, None,
                   f"Accuracy looks better than it is, and the classes are learned one by one: binary cross-entropy "
                   f"asks {out.part.units} questions of yes or no, where softmax answers one of which.",
                   loss_for(case, "softmax"), {"units": out.part.units or math.nan})


def yes_or_no_of_one_of_many(case: Case) -> Finding | None:
    """Binary cross-entropy of one-hot labels, where it hurts."""
    out, y = case.output, case.network.y
    if (out is None or case.loss != "binary_crossentropy" or not (y and y.one_hot) or not hurts(case, MUCH)
            or out.activation not in ("sigmoid", "softmax")):
        return None
    if out.activation == "softmax":
        return Finding("loss", False, None,
                       "The classes are learned one by one: binary cross-entropy asks of each yes or no, where softmax "
                       "answers which.", loss_for(case, "softmax"), {"units": out.part.units or math.nan})
    return Finding("output_activation", False, out.part.name,
                   "The outputs do not compete, though each example has one class: sigmoid answers each apart.",
                   f"{dense(out.part.units, 'softmax')}; {loss_for(case, 'softmax')}",
                   {"units": out.part.units or math.nan})


def direction_of_one(case: Case) -> Finding | None:
    out = case.output
    if out is None or out.part.units != 1 or case.loss != "cosine_similarity":
        return None
    return Finding("loss", True, None,
                   "Only the sign of the answer counts: cosine similarity compares directions, and one number has two.",
                   'loss="mse"', {"units": 1})


def broadcast(case: Case) -> Finding | None:
    """Class numbers against several outputs, which a loss of numbers compares one by one."""
    out = case.output
    if (out is None or (out.part.units or 0) < 2 or case.columns != 1 or case.loss in ("", "custom")
            or not case.classes or case.loss.startswith("sparse")):
        return None
    return Finding("labels", True, None,
                   f"Each of {out.part.units} outputs is compared with the number of the class, where it should be "
                   "told 0 or 1: the labels are not one-hot.", 'loss="sparse_categorical_crossentropy"',
                   {"units": out.part.units or math.nan, "classes": case.classes})


def one_hot_against_sparse(case: Case) -> Finding | None:
    y = case.network.y
    if not (case.loss == "sparse_categorical_crossentropy" and y and y.one_hot):
        return None
    return Finding("labels", True, None,
                   "The loss expects the number of the class and gets a row of zeros with a 1: the labels are one-hot.",
                   'loss="categorical_crossentropy"', {"columns": case.columns or math.nan})


def _far_from_classes(case: Case) -> bool:
    """Whether targets outside 0 to 1 are amounts rather than labels."""
    targets = targets_of(case)
    if targets is None:
        return False
    y, least, most = targets
    if case.loss == "sparse_categorical_crossentropy" and y.integers and case.columns != 1:
        return False  # a class for every step or place of an example
    different = y.distinct or whole_values(y) or math.inf
    return (least < 0 or most > 1) and (not y.integers or (case.columns or 1) > 1 or different > CLASSES_AT_MOST)


def amounts_as_classes(case: Case) -> Finding | None:
    """A loss of classes on targets that are numbers."""
    out = case.output
    if case.loss not in OF_CLASSES or not case.numbers or case.copies_input or not _far_from_classes(case):
        return None
    y = case.network.y
    return Finding("loss", True, None,
                   f"The loss is for classes, and the targets are numbers, {ends(y) if y else ''}: what it asks for "
                   "cannot be answered.",
                   f'{dense(out.part.units if out else 1, "linear")}; loss="mse"',
                   {"minimum": y.minimum or 0.0, "maximum": y.maximum or 0.0} if y else {})


def label_range(case: Case) -> Finding | None:
    targets = targets_of(case)
    if targets is None or _far_from_classes(case):
        return None
    y, least, most = targets
    numbers = {"minimum": least, "maximum": most}
    if case.loss.startswith("binary") and (least < -ROUNDING or most > 1 + ROUNDING):
        if case.classes == 2:
            fix = "y = (y + 1) / 2" if least == -1 else f"y = (y == {most:g}).astype(float)"
            return Finding("labels", True, None,
                           "The loss can fall without end and the answers cannot be right: it is made for labels 0 "
                           f"and 1, and these are {figure(least)} and {figure(most)}.", fix, numbers)
        return Finding("labels", True, None,
                       f"The loss is made for labels 0 and 1, and these are {ends(y)}.",
                       f"{dense(case.classes or y.distinct, 'softmax')}; "
                       'loss="sparse_categorical_crossentropy"', numbers)
    units = case.output.part.units if case.output else None
    sparse = case.loss == "sparse_categorical_crossentropy" and y.integers and units
    if sparse and units and (least < 0 or (most >= units and not units_for_targets(case))):
        return Finding("labels", True, None,
                       f"Some labels name no output: {units} outputs are numbered from 0, and the labels are "
                       f"{ends(y)}.", f"y = y - ({least:g})", numbers)
    hinge = "hinge" in case.loss and case.loss != "categorical_hinge"
    if hinge and case.classes == 2 and (least, most) not in ((-1, 1), (0, 1)):
        return Finding("labels", True, None, f"The loss is made for labels −1 and 1, and these are {ends(y)}.",
                       f"y = np.where(y == {most:g}, 1, -1)", numbers)
    return None


def one_label(case: Case) -> Finding | None:
    y = case.network.y
    if not (y and (y.distinct == 1 or (y.one_hot and sum(one > 0 for one in y.classes.values()) == 1))):
        return None
    return Finding("labels", True, None,
                   "There is nothing to tell apart: all examples have the same target.", "np.unique(y, axis=0)",
                   {"distinct": 1})


def several_labels(case: Case) -> Finding | None:
    """Rows with several ones under a softmax; in a series every step has a row."""
    y, out = case.network.y, case.output
    row = (y.shape[-1] or 0) if y and len(y.shape) > 1 else 0
    if not (y and out and out.activation == "softmax" and row == out.part.units and row > 1 and y.mean is not None
            and y.integers and y.minimum == 0 and y.maximum == 1 and y.mean * row > 1.2):
        return None
    return Finding("output_activation", True, out.part.name,
                   f"It can name one class an example, and an example has {say(y.mean * row)} on "
                   "average: softmax shares out a single 1.",
                   f'{dense(out.part.units, "sigmoid")}; loss="binary_crossentropy"',
                   {"ones_an_example": y.mean * row})


def out_of_reach(case: Case) -> Finding | None:
    """Targets beyond the ends of the output's activation."""
    out, targets = case.output, targets_of(case)
    entry = ACTIVATIONS.get(out.activation) if out else None
    if out is None or targets is None or entry is None or case.loss in ("", "custom"):
        return None
    y, least, most = targets
    low, high = entry.output_range
    pixels = case.copies_input and case.loss == "binary_crossentropy"
    if not (case.of_numbers or "hinge" in case.loss or pixels) or (case.classes > 2 and out.part.units == 1):
        return None
    if broadcast(case):  # the labels are what does not fit
        return None
    if "hinge" in case.loss:
        if out.activation not in ("sigmoid", "softmax", "relu") or case.loss == "categorical_hinge":
            return None
        return Finding("output_activation", True, out.part.name,
                       f"It can never say no: the loss wants −1 for one class, and {out.activation} ends at 0.",
                       dense(out.part.units, "tanh"), {"lowest": low})
    beyond = max(low - least, most - high)
    if not beyond > OUTSIDE * max(most - least, 1e-12):
        return None
    numbers = {"minimum": least, "maximum": most, "lowest": low, "highest": high}
    sentence = (f"Some targets cannot be reached: they are {ends(y)}, and {out.activation} answers "
                + (f"{figure(low)} to {figure(high)}." if math.isfinite(high) else f"nothing below {figure(low)}."))
    if case.copies_input:
        return Finding("target_scale", True, out.part.name, sentence,
                       "x = (x - x.min()) / (x.max() - x.min())", numbers)
    return Finding("output_activation", True, out.part.name, sentence, dense(out.part.units, "linear"), numbers)


def silent_output(case: Case) -> Finding | None:
    """A ReLU output whose answers are all 0."""
    out = case.output
    if out is None or out.activation != "relu" or not case.moments:
        return None
    fix = dense(out.part.units, "sigmoid" if case.classes == 2 else "linear")
    last, silent = case.moments[-1].outputs, float(case.moments[-1].layers.saturated_fraction[-1:].sum())
    if last.get("maximum") == 0 == last.get("minimum") and hurts(case):
        return Finding("output_activation", True, out.part.name,
                       "It answers 0 to everything, and no gradient can change that: ReLU's slope is 0 there.", fix,
                       answers(case))
    if silent >= MANY and case.ill:
        return Finding("output_activation", False, out.part.name,
                       f"It answers 0 to {silent:.0%} of the examples, and learns nothing from them: ReLU's slope is 0 "
                       "there.", fix, {"silent": silent})
    return None


def relu_of_classes(case: Case) -> Finding | None:
    out = case.output
    if (out is None or out.activation not in ("relu", "elu", "leaky_relu", "softplus") or not case.of_numbers
            or not case.classes or not suspect(case, MUCH)):
        return None
    better = "sigmoid" if out.part.units == 1 else "softmax"
    return Finding("output_activation", False, out.part.name,
                   f"The answers are no probabilities of classes: {out.activation} has no upper end"
                   + (", and below 0 it has no slope to learn by." if out.activation == "relu" else "."),
                   f"{dense(out.part.units, better)}; {loss_for(case, better)}", answers(case))


def square_of_probability(case: Case) -> Finding | None:
    out = case.output
    if (out is None or not case.of_numbers or not case.classes or out.activation not in ("sigmoid", "softmax")
            or (case.classes > 2 and out.part.units == 1) or not suspect(case, 0.9)):
        return None
    return Finding("loss", False, None,
                   f"Where it is sure and wrong it hardly learns: a squared or absolute error on {out.activation} has "
                   "next to no slope there.", loss_for(case, out.activation), {"left": case.left})


def accuracy_of_numbers(case: Case) -> Finding | None:
    if not (case.of_numbers and case.numbers and hurts(case, MUCH) and asks_accuracy(case)):
        return None
    return Finding("loss", False, None,
                   "Accuracy says nothing here: it counts answers that hit a number exactly, and hardly any does.",
                   'metrics=["mae"]', _last_logs(case, "accuracy"))


def _last_logs(case: Case, *names: str) -> dict[str, float]:
    logs = case.moments[-1].logs if case.moments else {}
    return {name: logs[name] for name in names if name in logs}
