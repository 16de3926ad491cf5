"""Why a network does not learn, where its numbers show it: each cause with its sentence and the cures that follow.

The order of a cause's cures follows from trying them on runs of `tests/core/verdict_runs.py`: what comes first helped
in nine of ten. Where several did, the one that removes the cause comes first, though another may end lower. Causes that
few of these runs have (dropout, narrow, loss, saturated) rest on one to three runs each.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from core.activations import ACTIVATIONS
from core.cures import Cure, cure
from core.custom_loss import CUSTOM
from core.initializers import INITIALIZERS
from core.spec import RunSpec
from core.theory import predict
from core.words import count, say, say_ratio
from core.yardstick import Yardstick, yardstick

Evidence = Mapping[str, float]

UNEVEN = 100.0  # signal of the last hidden layer over that of the first, or the other way round
GREW = 100.0  # times what a guess has to lose, at step 0: the answers themselves were out of scale
LARGE_STEP = 0.1  # RMS of a step over that of its kernel: ten such steps replace it
SMALL_WAY = 0.02  # the same, of all steps so far together: hardly anything of the kernel has changed
MANY = 0.5  # of the units dead, or of the slopes saturated, in some layer
AT_LIMIT = 0.05  # of what a guess has to lose: so near the best plane, a linear network has come as far as it can


@dataclass(frozen=True)
class Setting:
    """What the rules of a verdict and its cause look at besides recorded numbers; `setting_of` has that of a run here.

    widths, activations, skips: of the hidden layers. epoch_steps: steps in an epoch, None where every batch is all
    examples. batch_norm_of_one: whether batch norm sees one example at a time. symmetric: whether all units of a hidden
    layer are, and stay, equal. clip_threshold: infinite without clipping. number_loss_of_classes: a loss of numbers
    though the targets are classes. even_with_suited: whether theory expects an even signal with the initializer that
    suits the activation, None without a theory. linear_limit: how much of what a guess has to lose the best linear
    network leaves; only asked of one. unusual_output: an output that is not the one that belongs to the loss.
    loss_says: whether a loss that falls shows that something is learned, where there is no yardstick. right_counts:
    whether more than by a guess must be right, too.
    """

    yard: Yardstick
    steps: int
    widths: tuple[int, ...]
    activations: tuple[str, ...]
    skips: tuple[bool, ...]
    learning_rate: float
    epoch_steps: int | None
    batch_norm: bool
    batch_norm_of_one: bool
    symmetric: bool
    dropout: float
    clip_threshold: float
    number_loss_of_classes: bool
    even_with_suited: Callable[[], bool | None]
    linear_limit: Callable[[], float]
    unusual_output: bool = False
    loss_says: bool = True
    right_counts: bool = False


def setting_of(spec: RunSpec) -> Setting:
    """The setting of a run of this app."""
    return Setting(
        yardstick(spec), spec.steps, spec.widths, spec.activations, spec.skips, spec.learning_rate,
        None if spec.batch_size is None else spec.epoch_steps, any(spec.batch_norms),
        any(spec.batch_norms) and spec.batch == 1, symmetric(spec), spec.dropout,
        math.inf if spec.clip == "none" else spec.clip_threshold,
        spec.task != "regression" and spec.loss != CUSTOM and "regression" in spec.loss_entry.outputs,
        lambda: _even_with_suited(spec), lambda: linear_limit(spec)[0],
        not spec.usual_output and (spec.loss != CUSTOM or spec.output_units is not None),
        spec.usual_output or spec.loss == CUSTOM, not spec.usual_output and spec.task != "regression")


def symmetric(spec: RunSpec) -> bool:
    """Whether all units of every hidden layer are, and stay, equal.

    Equal kernels and biases give equal units, equal units equal gradients, and every optimizer changes equal weights
    equally. What tells units apart: random kernels, random biases, the masks of dropout, and a skip connection from
    the input, which adds another feature to each.
    """
    constant = not INITIALIZERS[spec.initializer].random or spec.gain == 0
    return (constant and spec.bias_std == 0 and spec.dropout == 0 and not spec.skips[0] and max(spec.widths) > 1)


@dataclass(frozen=True)
class Cause:
    """Why: a sentence about the run, and names of `core.cures.CURES`, best first."""

    sentence: Callable[[RunSpec, Evidence], str]
    cures: tuple[str, ...]


def _few_slopes(spec: RunSpec, e: Evidence) -> str:
    entry = ACTIVATIONS[spec.activations[0]]
    return (f"The activation is to blame: in every layer the slopes of {entry.label} multiply the signal's square by "
            f"{say_ratio(e['slope_factor'])}, and even the kernels that suit it do not make up for that.")


def _scale(spec: RunSpec, e: Evidence) -> str:
    return (f"The initial kernels are to blame: every layer multiplies the signal's square by "
            f"{say(e['scale_factor'] * e['slope_factor'])}, where 1 would keep it. The kernel's part of that is "
            f"{say(e['scale_factor'])}, the slopes' part {say(e['slope_factor'])}.")


def _fitting(spec: RunSpec) -> RunSpec:
    """The same run with the loss and the output that fit its targets."""
    return replace(spec, loss=None, output=None, output_units=None)


def _output(spec: RunSpec) -> str:
    return f"{count(spec.outputs, 'unit')} of {ACTIVATIONS[spec.output_activation].label}"


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
        lambda spec, e: "All units of a layer are equal and get equal gradients: however wide the layer is, it does "
                        "the work of one unit.", ("initializer", "relu")),
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
        lambda spec, e: "Batch norm sees one example at a time: each unit is its own mean, so it passes on 0 whatever "
                        "the input is.", ("batch_size", "no_batch_norm")),
    "linear": Cause(
        lambda spec, e: "All activations are linear, so all layers together are one straight line or plane. " + (
            f"The best one is right on {right:.0%}, and this network is about as good."
            if (right := linear_limit(spec)[1])
            else f"The best one leaves {linear_limit(spec)[0]:.0%} of the variance, and this network about as much."),
        ("relu", "tanh", "leaky_relu")),
    "born_dead": Cause(
        lambda spec, e: "It was dead before the first step: the fewer units a layer has, the likelier it is that all "
                        "of them are off.",
        ("width", "tanh", "skip", "leaky_relu", "batch_norm")),
    "dropout": Cause(
        lambda spec, e: f"Dropout switches off {spec.dropout:.0%} of the units in every step: what is left is too "
                        "little to learn with.", ("no_dropout",)),
    "saturated": Cause(
        lambda spec, e: f"In some layer {e['saturated_share']:.0%} of the slopes are next to 0: its units sit at the "
                        "flat ends of their activation, so hardly any signal passes back.",
        ("relu", "initializer", "batch_norm", "adam", "tanh")),
    "loss": Cause(
        lambda spec, e: f"{spec.loss_entry.label} is a loss for numbers: with classes its slope is next to nothing "
                        "where the output is sure and wrong.",
        ("loss", "adam", "relu")),
    "output": Cause(
        lambda spec, e: f"The output is not the usual one. It has {_output(spec)} with {spec.loss_entry.label}; usual "
                        f"would be {_output(_fitting(spec))} with {_fitting(spec).loss_entry.label}.",
        ("output", "loss", "adam")),
    "narrow": Cause(
        lambda spec, e: "A layer of one unit lets a single number through.", ("width", "adam", "tanh")),
    "plateau": Cause(
        lambda spec, e: "It stands on a plateau: the kernels have found nothing yet that tells the examples apart.",
        ("relu", "adam", "leaky_relu", "rate*10", "steps")),
    "few_steps": Cause(
        lambda spec, e: f"It is still on its way: at its latest pace it needs {say(e['steps_needed'])} more steps.",
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


def cause_of(kind: str, setting: Setting, e: Evidence) -> str:
    """The name of the cause, a key of CAUSES, of a verdict and its numbers."""
    start_even = 1 / UNEVEN < e["start_signal_ratio"] < UNEVEN or math.isnan(e["start_signal_ratio"])
    if kind == "symmetric":
        return "only_output_bias" if e["kernel_gradient"] == 0 else "equal_units"
    if kind == "learned":
        return ""
    if setting.batch_norm_of_one:
        return "batch_norm_one"
    if setting.unusual_output and kind != "learning":
        return "output"
    if kind == "stuck":
        return "rate_zero" if setting.learning_rate == 0 else "rate_small" if e["kernel_gradient"] else ""
    if kind in ("overflow", "exploding"):
        # Batch norm makes a signal grow whatever the kernels are (Yang et al. 2019), and networks with it learn.
        uneven = (not start_even or e["start_left"] >= GREW) and not setting.batch_norm
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
        return "activation" if setting.even_with_suited() is False else "scale_small"
    if set(setting.activations) == {"linear"} and e["left"] <= setting.linear_limit() + AT_LIMIT:
        return "linear"
    if setting.dropout >= 0.8:
        return "dropout"
    if kind in ("slow", "not_learning") and e["way"] <= SMALL_WAY:
        return "clip" if e["kernel_gradient"] > 10 * setting.clip_threshold else "rate_small"
    large = e["update_ratio"] >= LARGE_STEP or e["dead_share"] >= MANY > e["start_dead_share"]
    ends = [np.isfinite(ACTIVATIONS[name].output_range).all() for name in setting.activations]
    saturated = e["saturated_share"] >= MANY and all(ends)  # half of ReLU's slopes are 0 when all is well
    large = large or (saturated and e["start_saturated_share"] < MANY)
    if kind == "not_learning":
        if large or e["left"] > 1.5 * max(1, e["start_left"]):
            return "rate_large"
        if saturated:
            return "saturated"
        if min(setting.widths, default=0) == 1:
            return "narrow"
        return "loss" if setting.number_loss_of_classes else "plateau"
    if large and kind == "learning":
        return "rate_large"
    if min(setting.widths, default=0) == 1:
        return "narrow"
    if saturated:
        return "saturated"
    return "few_steps" if np.isfinite(e["steps_needed"]) else ""


def _even_with_suited(spec: RunSpec) -> bool | None:
    """Whether theory expects an even signal of the run with the initializer that suits it; None without a theory."""
    change = cure(spec, "initializer")
    signal = predict(change.of(spec) if change else spec).signal
    if signal is None:
        return None
    return bool(1 / UNEVEN < signal[0] / signal[-1] < UNEVEN)
