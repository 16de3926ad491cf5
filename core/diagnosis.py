"""From the numbers of a run to a verdict in plain words: who decides that it vanished, and by what rule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from core.initializers import INITIALIZERS
from core.probes import Layers
from core.spec import RunSpec
from core.theory import predict
from core.words import count, say, say_ratio, say_share

# The signal of the first hidden layer over that of the last. One learning rate serves all layers: at 1/100 the first
# one learns in a hundred steps what the last learns in one, at 100 a step that suits the last throws the first about.
# Networks that were learning (ReLU He, tanh Glorot, 10 to 50 layers) stayed between 1/10 and 50.
VANISHING, EXPLODING = 0.01, 100.0
LEARNED = 0.1  # the loss has lost nine tenths of what it could lose: whatever the gradient looks like, it worked
LOSS_GREW = 10.0  # times the loss at step 0: steps that make things worse, on any task
UNCHANGED = 1e-3  # relative; the third digit of the loss stays as it is


class State(Protocol):
    """What a verdict looks at; a `core.training.Snapshot` is one."""

    @property
    def step(self) -> int: ...
    @property
    def loss(self) -> float: ...
    @property
    def layers(self) -> Layers: ...
    @property
    def finite(self) -> bool: ...
    @property
    def failure(self) -> tuple[str, int, int] | None: ...


@dataclass(frozen=True)
class Kind:
    """One verdict: its word, its Material icon, and the rule by which it is given, one sentence."""

    word: str
    icon: str
    rule: str


# In the order in which they are asked; the first whose rule holds is the verdict.
KINDS = {
    "overflow": Kind("Overflow", ":material/error:", "A loss or a gradient is infinite or not a number."),
    "symmetric": Kind("Symmetric", ":material/balance:", "All units of every hidden layer start equal, and every "
                      "step changes them equally (constant kernels, no random biases, no dropout)."),
    "dead": Kind("Dead", ":material/block:",
                 "In some hidden layer the slope of every unit is 0 for every example of the batch."),
    "stuck": Kind("Stuck", ":material/pause_circle:", "The last step changed no weight, and the loss is not low."),
    "exploding": Kind("Exploding", ":material/trending_up:",
                      f"The signal of layer 1 is at least {say(EXPLODING)} times that of the last hidden layer, or the "
                      f"loss is {say(LOSS_GREW)} times what it was at step 0; and the loss is not low."),
    "vanishing": Kind("Vanishing", ":material/trending_down:", "The signal of layer 1 is at most "
                      f"{say_ratio(VANISHING)} of that of the last hidden layer, and the loss is not low."),
    "healthy": Kind("Healthy", ":material/check_circle:",
                    f"None of these, or the loss is low: {say(1 - LEARNED)} of what it could lose is gone."),
}


@dataclass(frozen=True)
class Verdict:
    """What the numbers say: one of KINDS, and four sentences: what happened to the signal, what theory says of it,
    the kernel gradients, the loss."""

    kind: str
    sentences: tuple[str, str, str, str]

    @property
    def word(self) -> str:
        return KINDS[self.kind].word

    @property
    def icon(self) -> str:
        return KINDS[self.kind].icon

    @property
    def rule(self) -> str:
        return KINDS[self.kind].rule


def diagnose(spec: RunSpec, history: Sequence[State]) -> Verdict:
    """The verdict on the last of the snapshots, the first of which is that of step 0."""
    kind = _kind(spec, history)
    now = history[-1]
    return Verdict(
        kind, (_what_happened(kind, spec, now), _theory(spec), _kernel_gradients(now.layers), _loss(history)))


def signal_ratio(layers: Layers) -> float | None:
    """Signal of the first hidden layer over that of the last: 0 where nothing arrives, None with one hidden layer."""
    return _ratio(layers.signal_rms[:-1])


def _ratio(hidden: np.ndarray) -> float | None:
    """First over last."""
    if len(hidden) == 1:
        return None
    first, last = float(hidden[0]), float(hidden[-1])
    return 0.0 if first == 0 else first / last if last else np.inf


# --- which kind -----------------------------------------------------------------------------------------------------


def _kind(spec: RunSpec, history: Sequence[State]) -> str:
    start, now = history[0], history[-1]
    failure = now.failure[0] if now.failure else None
    if not now.finite:
        return "overflow"
    if symmetric(spec):
        return "symmetric"
    if failure == "dead":
        return "dead"
    if _learned(spec, start, now):
        return "healthy"
    if failure == "stuck":
        return "stuck"
    ratio = signal_ratio(now.layers)
    if (ratio is not None and ratio >= EXPLODING) or now.loss >= LOSS_GREW * start.loss > 0:
        return "exploding"
    if ratio is not None and ratio <= VANISHING:
        return "vanishing"
    return "healthy"


def symmetric(spec: RunSpec) -> bool:
    """Whether all units of every hidden layer are, and stay, equal.

    Equal kernels and biases give equal units, equal units equal gradients, and every optimizer changes equal weights
    equally. What tells units apart: random kernels, random biases, the masks of dropout, and a skip connection from
    the input, which adds another feature to each.
    """
    constant = not INITIALIZERS[spec.initializer].random or spec.gain == 0
    return (constant and spec.bias_std == 0 and spec.dropout == 0 and not spec.skips[0] and max(spec.widths) > 1)


def _learned(spec: RunSpec, start: State, now: State) -> bool:
    """Whether at most LEARNED is left of the way from the first loss to the best there is."""
    least = spec.loss_entry.least
    return now.step > 0 and now.loss - least <= LEARNED * (start.loss - least)


# --- in words -------------------------------------------------------------------------------------------------------


def _what_happened(kind: str, spec: RunSpec, now: State) -> str:
    if kind == "symmetric":
        return "All units of a layer are equal and stay equal: however wide, it does the work of one unit."
    if kind in ("overflow", "dead") and now.failure:
        _, layer, step = now.failure
        where = "The output layer" if layer > spec.depth else f"Layer {layer}"
        if kind == "overflow":
            sentence = f"{where} was the first with numbers that are not finite, at step {step}."
            predictions = now.layers.activation_mean[-1] + now.layers.activation_std[-1]
            if np.isfinite(predictions) and not np.isfinite(now.loss):
                sentence = f"Every prediction is finite, but the loss of them is {say(now.loss)}, at step {step}."
            return sentence
        return f"{where}: since step {step} the slope of every unit is 0 for every example."
    if kind == "stuck":
        gradients = np.concatenate([now.layers.kernel_gradient_norm, now.layers.bias_gradient_norm])
        why = ("the learning rate is 0" if spec.learning_rate == 0 else "every gradient is 0" if not gradients.any()
               else "it was smaller than the last digit of each")
        return f"Step {now.step} changed no weight: {why}."
    ratio = signal_ratio(now.layers)
    if ratio is None:
        return "One hidden layer: there is no other to compare its signal with."
    return f"Signal: layer 1 gets {say_share(ratio)} what layer {spec.depth} gets."


def _theory(spec: RunSpec) -> str:
    prediction = predict(spec)
    if prediction.signal is None:
        return prediction.reason
    ratio = _ratio(np.asarray(prediction.signal))
    if ratio is None:
        return "Theory compares hidden layers, and here is only one."
    return f"Theory says {say_ratio(ratio)} for the initial weights."


def _kernel_gradients(layers: Layers) -> str:
    norms = layers.kernel_gradient_norm[:-1]
    hidden = count(len(norms), "hidden layer")
    if not np.isfinite(norms).all():
        return f"Kernel gradients: not finite in {np.count_nonzero(~np.isfinite(norms))} of {hidden}."
    if not norms.all():
        return f"Kernel gradients: exactly 0 in {np.count_nonzero(norms == 0)} of {hidden}."
    if len(norms) == 1:
        return f"Kernel gradient: {say(norms[0])}."
    return f"Kernel gradient: {say(norms[0])} in layer 1, {say(norms[-1])} in layer {len(norms)}."


def _loss(history: Sequence[State]) -> str:
    start, now = history[0], history[-1]
    loss = say(now.loss, 3)
    if now.step == 0:
        return f"Loss {loss} before the first step."
    since = now.step
    for snapshot in reversed(history):
        if not abs(snapshot.loss - now.loss) <= UNCHANGED * abs(now.loss):
            break
        since = snapshot.step
    still = now.step - since
    if still and still >= now.step / 2:
        return f"Loss {loss}, unchanged in {'the last ' if since else ''}{count(still, 'step')}."
    at_start = say(start.loss, 3)
    if loss == at_start:
        return f"Loss {loss} after {count(now.step, 'step')}, as at step 0."
    direction = "down from" if now.loss < start.loss else "up from" if now.loss > start.loss else "at step 0 it was"
    return f"Loss {loss} after {count(now.step, 'step')}, {direction} {at_start}."
