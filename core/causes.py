"""Why a network does not learn, where its numbers show it: each cause with its sentence and the cures that follow.

The order of a cause's cures follows from trying them on runs of `tests/core/verdict_runs.py`: what comes first helped
in nine of ten. Where several did, the one that removes the cause comes first, though another may end lower. Causes that
few of these runs have (dropout, narrow, loss, saturated) rest on one to three runs each.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from core.activations import ACTIVATIONS
from core.cures import Cure, cure
from core.custom_loss import CUSTOM
from core.spec import RunSpec
from core.theory import predict
from core.words import say, say_ratio

Evidence = Mapping[str, float]

UNEVEN = 100.0  # signal of the last hidden layer over that of the first, or the other way round
GREW = 100.0  # times what a guess has to lose, at step 0: the answers themselves were out of scale
LARGE_STEP = 0.1  # RMS of a step over that of its kernel: ten such steps replace it
SMALL_WAY = 0.02  # the same, of all steps so far together: hardly anything of the kernel has changed
MANY = 0.5  # of the units dead, or of the slopes saturated, in some layer
AT_LIMIT = 0.05  # of what a guess has to lose: so near the best plane, a linear network has come as far as it can


@dataclass(frozen=True)
class Cause:
    """Why: a sentence about the run, and names of `core.cures.CURES`, best first."""

    sentence: Callable[[RunSpec, Evidence], str]
    cures: tuple[str, ...]


def _few_slopes(spec: RunSpec, e: Evidence) -> str:
    entry = ACTIVATIONS[spec.activations[0]]
    return (f"The activation is to blame: a layer's slopes multiply the square of the signal by "
            f"{say_ratio(e['slope_factor'])} ({entry.label}), and the kernels that suit it do not make up for that.")


def _scale(spec: RunSpec, e: Evidence) -> str:
    return (f"The initial kernels are to blame: a layer multiplies the signal's square by {say(e['scale_factor'])} for "
            f"its kernel and by {say(e['slope_factor'])} for its slope, {say(e['scale_factor'] * e['slope_factor'])} "
            "together, where 1 would keep it.")


@lru_cache(maxsize=64)
def linear_limit(spec: RunSpec) -> tuple[float, float]:
    """What a linear network can reach on the training examples: how much of a guess's loss is left, and share right.

    By logistic regression, or least squares; the share is 0 for a regression.
    """
    from sklearn.linear_model import LinearRegression, LogisticRegression

    data = spec.data()
    if spec.task == "regression":
        return 1 - float(LinearRegression().fit(data.x_train, data.y_train).score(data.x_train, data.y_train)), 0.0
    labels = data.y_train.argmax(1) if data.y_train.shape[1] > 1 else data.y_train[:, 0]
    if len(np.unique(labels)) < 2:
        return 0.0, 1.0
    fitted = LogisticRegression(C=1e4, max_iter=500).fit(data.x_train, labels)
    probabilities = fitted.predict_proba(data.x_train)
    places = np.searchsorted(fitted.classes_, labels)
    loss = -np.log(np.maximum(probabilities[np.arange(len(labels)), places], 1e-12)).mean()
    shares = np.bincount(places) / len(labels)
    return float(loss / -(shares * np.log(shares)).sum()), float(fitted.score(data.x_train, labels))


CAUSES: dict[str, Cause] = {
    "equal_units": Cause(
        lambda spec, e: "All units of a layer are equal and get equal gradients: however wide, it does the work of one "
                        "unit.", ("initializer", "relu")),
    "only_output_bias": Cause(
        lambda spec, e: "All kernels are zero and so are their gradients: only the output's bias can learn.",
        ("initializer", "relu")),
    "activation": Cause(_few_slopes, ("relu", "leaky_relu", "tanh", "skip", "batch_norm", "adam")),
    "scale_small": Cause(_scale, ("initializer", "leaky_relu", "relu", "skip", "batch_norm", "adam")),
    "scale_large": Cause(_scale, ("initializer", "relu", "leaky_relu", "tanh", "batch_norm", "clip", "usual_rate")),
    "rate_large": Cause(
        lambda spec, e: "The steps are too large" + (
            f": the largest changed a kernel by {say(100 * e['largest_step'])} % of its size." if e["largest_step"]
            else "."),
        ("usual_rate", "adam", "rate/30", "rate/10", "rate/3", "clip")),
    "rate_small": Cause(
        lambda spec, e: f"The steps are too small: all {e['step']:.0f} together changed no kernel by more than "
                        f"{say(100 * e['way'])} % of its size.",
        ("usual_rate", "adam", "rate*10", "rate*3", "steps")),
    "rate_zero": Cause(lambda spec, e: "The learning rate is 0.", ("usual_rate", "adam")),
    "clip": Cause(
        lambda spec, e: f"Clipping at {say(spec.clip_threshold)} leaves next to nothing of every gradient.",
        ("no_clip", "adam")),
    "batch_norm_one": Cause(
        lambda spec, e: "Batch norm over a batch of one example: each unit is its own mean, so what it passes on is 0 "
                        "whatever the input.", ("batch_size", "no_batch_norm")),
    "linear": Cause(
        lambda spec, e: "All activations are linear, so all layers together are one straight line or plane. " + (
            f"The best is right on {right:.0%}, and this one is about as good." if (right := linear_limit(spec)[1])
            else f"The best leaves {linear_limit(spec)[0]:.0%} of the variance, and this one about as much."),
        ("relu", "tanh", "leaky_relu")),
    "born_dead": Cause(
        lambda spec, e: "It was dead before the first step: the fewer units a layer has, the likelier all are off.",
        ("width", "tanh", "skip", "leaky_relu", "batch_norm")),
    "dropout": Cause(
        lambda spec, e: f"Dropout switches off {spec.dropout:.0%} of the units in every step: what is left is too "
                        "little to learn with.", ("no_dropout",)),
    "saturated": Cause(
        lambda spec, e: f"{e['saturated_share']:.0%} of the slopes of some layer are next to 0: its units sit at their "
                        "ends, and hardly anything passes back.",
        ("relu", "initializer", "batch_norm", "adam", "tanh")),
    "loss": Cause(
        lambda spec, e: f"{spec.loss_entry.label} is a loss of numbers: with classes its slope is next to nothing "
                        "where the output is sure and wrong.",
        ("loss", "adam", "relu")),
    "narrow": Cause(
        lambda spec, e: "A layer of one unit lets a single number through.", ("width", "adam", "tanh")),
    "plateau": Cause(
        lambda spec, e: "It stands on a plateau: the kernels have found nothing yet that tells the examples apart.",
        ("relu", "adam", "leaky_relu", "rate*10", "steps")),
    "few_steps": Cause(
        lambda spec, e: f"It is still on its way: at the pace of late it takes {say(e['steps_needed'])} steps more.",
        ("adam", "rate*3", "steps", "rate*10", "width")),
    "": Cause(lambda spec, e: "", ("adam", "rate*3", "rate/3", "width", "steps", "batch_size")),
}


def cures_of(cause: str, spec: RunSpec) -> list[Cure]:
    """Single changes that may help against a cause, best first; what this run cannot have is left out.

    Two things change the order: an initializer alone is no cure where the activation, by theory, lets the signal vanish
    even so; and of numbers to predict, in many layers, ReLU's steps overshoot at rates that tanh can bear.
    """
    names = list(CAUSES[cause].cures)
    if names[0] == "initializer" and "relu" in names and _even_with_suited(spec) is False:
        names.sort(key=lambda name: name != "relu")
    if names[0] == "relu" and "tanh" in names and spec.task == "regression":
        names.sort(key=lambda name: name != "tanh")
    found = [one for name in names if (one := cure(spec, name))]
    runs = [one.of(spec) for one in found]
    return [one for place, one in enumerate(found) if runs[place] not in runs[:place]]  # Adam is the usual rate of Adam


def cause_of(kind: str, spec: RunSpec, e: Evidence) -> str:
    """The name of the cause, a key of CAUSES, of a verdict and its numbers."""
    start_even = 1 / UNEVEN < e["start_signal_ratio"] < UNEVEN or math.isnan(e["start_signal_ratio"])
    if kind == "symmetric":
        return "only_output_bias" if e["kernel_gradient"] == 0 else "equal_units"
    if kind == "learned":
        return ""
    if batch_norm_of_one(spec):
        return "batch_norm_one"
    if kind == "stuck":
        return "rate_zero" if spec.learning_rate == 0 else "rate_small" if e["kernel_gradient"] else ""
    if kind in ("overflow", "exploding"):
        # Batch norm makes a signal grow whatever the kernels are (Yang et al. 2019), and networks with it learn.
        uneven = (not start_even or e["start_left"] >= GREW) and not any(spec.batch_norms)
        return "scale_large" if uneven else "rate_large"
    if kind == "dead":
        if e["start_dead_share"] == 1:
            return "born_dead"
        return "rate_large" if start_even else "scale_large" if e["start_signal_ratio"] > 1 else "scale_small"
    if kind == "vanishing":
        if start_even:
            return "rate_large" if e["update_ratio"] >= LARGE_STEP else "saturated"
        if e["start_signal_ratio"] >= UNEVEN:
            return "scale_large"
        return "activation" if _even_with_suited(spec) is False else "scale_small"
    if set(spec.activations) == {"linear"} and e["left"] <= linear_limit(spec)[0] + AT_LIMIT:
        return "linear"
    if spec.dropout >= 0.8:
        return "dropout"
    if kind in ("slow", "not_learning") and e["way"] <= SMALL_WAY:
        return "clip" if spec.clip != "none" and e["kernel_gradient"] > 10 * spec.clip_threshold else "rate_small"
    large = e["update_ratio"] >= LARGE_STEP or e["dead_share"] >= MANY > e["start_dead_share"]
    ends = [np.isfinite(ACTIVATIONS[name].output_range).all() for name in spec.activations]
    saturated = e["saturated_share"] >= MANY and all(ends)  # half of ReLU's slopes are 0 when all is well
    large = large or (saturated and e["start_saturated_share"] < MANY)
    if kind == "not_learning":
        if large or e["left"] > 1.5 * max(1, e["start_left"]):
            return "rate_large"
        if saturated:
            return "saturated"
        if min(spec.widths) == 1:
            return "narrow"
        if spec.task != "regression" and spec.loss != CUSTOM and "regression" in spec.loss_entry.outputs:
            return "loss"
        return "plateau"
    if large and kind == "learning":
        return "rate_large"
    if min(spec.widths) == 1:
        return "narrow"
    if saturated:
        return "saturated"
    return "few_steps" if np.isfinite(e["steps_needed"]) else ""


def batch_norm_of_one(spec: RunSpec) -> bool:
    """Whether batch norm sees one example at a time, and so passes on nothing of it."""
    return any(spec.batch_norms) and spec.batch == 1


def _even_with_suited(spec: RunSpec) -> bool | None:
    """Whether theory expects an even signal of the run with the initializer that suits it; None without a theory."""
    change = cure(spec, "initializer")
    signal = predict(change.of(spec) if change else spec).signal
    if signal is None:
        return None
    return bool(1 / UNEVEN < signal[0] / signal[-1] < UNEVEN)
