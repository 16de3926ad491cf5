"""From the numbers of a run to a verdict in plain words: is it learning, and if not, why not?

Learning is judged on all training examples, by a yardstick that ignores the input (`core.yardstick`); never on one
mini-batch. Only of a network that is no better than a guess is it asked why.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from core.causes import CAUSES, MANY, SMALL_WAY, Setting, cause_of, cures_of, setting_of
from core.cures import Cure
from core.probes import Layers
from core.spec import RunSpec
from core.theory import factors, predict
from core.words import count, say, say_ratio, say_share

# The signal of the first hidden layer over that of the last. One learning rate serves all layers: at 1/100 the first
# one learns in a hundred steps what the last learns in one, at 100 a step that suits the last throws the first about.
# Of 80 networks that learned, five were below for more than a tenth of their run, and three above.
VANISHING, EXPLODING = 0.01, 100.0
LEARNED, FORGOTTEN = 0.1, 0.3  # of what a guess has to lose, at most so much is left; more than so much again
BETTER, MOVED = 0.02, 0.005  # of what a guess has to lose: less than that is as good as a guess; as it began
# Of what the commonest class leaves wrong, so much is right: though the loss is that of a guess (it hardly dares to say
# so), or above it (it is too sure of what it gets wrong).
RIGHT, RIGHT_AND_SURE = 0.9, 0.5
ALIKE = 1e-6  # two shares of examples that differ by less are the same in float32
WORSE = 10.0  # times what the first answers had left to lose
RECENT = 0.1  # of the steps so far: what is said changes when all that time says so; after n changes, n + 1 times that
SPIKE = 3  # recorded steps: a loss that is back after fewer was thrown off for a moment
AT_LEAST = 10  # steps, of RECENT
LATELY = 0.5  # of the steps so far: over these it is asked whether the loss falls
YOUNG = 20  # steps; until then a run is given what step 0 says
STEADY = -0.8  # correlation of loss and step: it falls
FALLS = 5e-3  # of what is left to lose, in that share of the run: less than that is a plateau
FAR = 10.0  # times the steps of the run, at the pace of LATELY


class State(Protocol):
    """What a verdict looks at; a `core.training.Snapshot` is one."""

    @property
    def step(self) -> int: ...
    @property
    def loss(self) -> float: ...
    @property
    def training_loss(self) -> float: ...
    @property
    def accuracy(self) -> float | None: ...
    @property
    def layers(self) -> Layers: ...
    @property
    def dead_for_all(self) -> np.ndarray: ...
    @property
    def saturated_for_all(self) -> np.ndarray: ...
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
    "learned": Kind("Learned", ":material/check_circle:",
                    f"The loss has come {1 - LEARNED:.0%} of the way from that of a guess to that of perfect answers, "
                    "on all training examples. A guess is the best answer that ignores the input. With an unusual "
                    "output, more answers than a guess's must be right, too."),
    "stuck": Kind("Stuck", ":material/pause_circle:", "The last step changed no weight; with mini-batches, no step of "
                  "a whole epoch did."),
    "dead": Kind("Dead", ":material/block:", "No better than a guess, and in some hidden layer the slope of every unit "
                 "is 0 for every training example, with no skip connection around it."),
    "exploding": Kind("Exploding", ":material/trending_up:",
                      f"No better than a guess, and the signal of layer 1 is at least {say(EXPLODING)} times that of "
                      f"the last hidden layer, or the loss is {say(WORSE)} times as far from its least value as it "
                      "was at step 0."),
    "vanishing": Kind("Vanishing", ":material/trending_down:", "No better than a guess, and the signal of layer 1 is "
                      f"at most {say_ratio(VANISHING)} of that of the last hidden layer."),
    "slow": Kind("Slow", ":material/hourglass_bottom:", "No better than a guess; the loss falls steadily, but at that "
                 f"pace learning would take more than {say(FAR)} times the steps of the run."),
    "not_learning": Kind("Not learning", ":material/do_not_disturb_on:", f"No better than a guess (within {BETTER:.0%} "
                         "of what it has to lose), and over the last half of the steps it did not get better."),
    "learning": Kind("Learning", ":material/school:", "None of these: it is better than a guess, or on its way."),
}
AT_ONCE = ("overflow", "stuck")  # said as soon as they are seen
HEALTHY = ("learned", "learning")
SIGNS = ("dead", "exploding", "vanishing")  # what step 0 can tell


@dataclass(frozen=True)
class Verdict:
    """What the numbers say: one of KINDS, sentences about it, the numbers they follow from, and what may help.

    sentences: what happened, the loss beside that of a guess, then the cause where the numbers show it, what is
    remarkable although it learns, the signal, what theory says of it, the kernel gradients.
    evidence: name -> number; NaN where there is no such number. cause: a key of `core.causes.CAUSES`.
    """

    kind: str
    sentences: tuple[str, ...]
    evidence: Mapping[str, float]
    cause: str
    spec: RunSpec

    @property
    def cures(self) -> tuple[Cure, ...]:
        """Single changes that may help, best first; none for what has learned, or has only begun to learn."""
        begun = self.evidence["step"] >= min(YOUNG, self.spec.steps)
        return tuple(cures_of(self.cause, self.spec)) if self.kind not in HEALTHY or (
            self.kind == "learning" and begun) else ()

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
    run = Measured(setting_of(spec), history)
    return _verdict(run, spec, len(history) - 1, run.kinds()[-1])


def verdicts(spec: RunSpec, history: Sequence[State]) -> list[Verdict]:
    """The verdict on each of the snapshots: what `diagnose` says of the history up to it."""
    run = Measured(setting_of(spec), history)
    return [_verdict(run, spec, moment, kind) for moment, kind in enumerate(run.kinds())]


def signal_ratio(layers: Layers) -> float | None:
    """Signal of the first hidden layer over that of the last: 0 where nothing arrives, None with fewer than two."""
    return _ratio(layers.signal_rms[:-1])


def _ratio(hidden: np.ndarray) -> float | None:
    """First over last."""
    if len(hidden) < 2:
        return None
    first, last = float(hidden[0]), float(hidden[-1])
    return 0.0 if first == 0 else first / last if last else np.inf


# --- which kind -----------------------------------------------------------------------------------------------------


class Measured:
    """A history as arrays, one entry a moment; not empty."""

    def __init__(self, setting: Setting, history: Sequence[State]) -> None:
        self.setting, self.history, self.yard = setting, history, setting.yard
        self.steps = [state.step for state in history]
        self.loss = np.array([state.training_loss for state in history])
        start = self.loss[0]
        # Without a yardstick: how far the loss is below that of step 0, in units of its size there; with an output of
        # one's own such a loss falls, or not, whatever is learned.
        self.left = (self.yard.left(self.loss) if math.isfinite(self.yard.left(start))
                     else 1 + (self.loss - start) / (abs(start) or 1.0) if setting.loss_says
                     else np.ones(len(history)))
        right = np.array([np.nan if state.accuracy is None else state.accuracy for state in history])
        if setting.right_counts:  # a loss that falls while nothing more comes out right
            self.left = np.where(right > self.yard.right + ALIKE, self.left, np.maximum(self.left, 1))
        with np.errstate(invalid="ignore"):
            wanted = np.where(self.left > 1 + BETTER, RIGHT_AND_SURE, RIGHT)
            well = (right >= self.yard.right + wanted * (1 - self.yard.right)) & (right > right[0])
        # Some networks begin below a guess by luck: what has not changed since has learned nothing.
        self.better = ((self.left < 1 - BETTER) & (self.left < self.left[0] - MOVED)) | well
        found = [signal_ratio(state.layers) for state in history]
        self.ratio = np.array([np.nan if one is None else one for one in found])
        updates = np.nan_to_num([state.layers.update_ratio for state in history])  # (moments, layers)
        self.sizes = updates.max(1)  # of the last step, in the layer where it was largest
        # RMS of all steps so far, one after the other, over that of the kernel: of the layer that went farthest
        with np.errstate(over="ignore", invalid="ignore"):
            self.way = (np.diff(self.steps, prepend=0)[:, None] * updates).cumsum(0).max(1)
        self.dead = np.array([any(share == 1 and not skip for share, skip in zip(
            state.dead_for_all, setting.skips, strict=False)) for state in history])

    def since(self, moment: int, share: float, least: int = 1) -> slice:
        """The moments in that last share of the steps up to a moment, or in so many steps at least; itself included."""
        now = self.steps[moment]
        return slice(min(moment, bisect_left(self.steps, now - max(share * now, least - 1))), moment + 1)

    def fall(self, moment: int) -> tuple[float, float]:
        """Which share of what is left to lose goes in a step, over LATELY, and how steadily: the correlation."""
        lately = self.since(moment, LATELY)
        steps, left = np.array(self.steps[lately], float), self.left[lately]
        if len(steps) < 3 or not (np.isfinite(left) & (left > 0)).all() or np.ptp(left) == 0:
            return 0.0, 0.0
        left = np.log(left)
        steps, left = steps - steps.mean(), left - left.mean()
        slope = (steps @ left) / (steps @ steps)
        return float(-slope), float(slope * math.sqrt((steps @ steps) / (left @ left)))

    def kinds(self) -> list[str]:
        """The kind of verdict at each moment."""
        return _kinds(self)

    def evidence(self, moment: int = -1) -> dict[str, float]:
        """The numbers that a verdict at that moment is about, by name."""
        return _evidence(self, range(len(self.history))[moment])


def kinds(spec: RunSpec, history: Sequence[State]) -> list[str]:
    """The kind of verdict at each moment of a history."""
    return Measured(setting_of(spec), history).kinds() if history else []


def _kinds(run: Measured) -> list[str]:
    """What is said at each moment: what it looks like, where all of late looks like that, else what was said before.

    The oftener it has changed, the longer it must look otherwise; only good news need not wait for that.
    """
    seen = [_kind(run, moment) for moment in range(len(run.history))]
    said, changes = seen[:1], 0
    for moment, kind in enumerate(seen[1:], 1):
        before = said[-1]
        late = RECENT if kind in HEALTHY else RECENT * (1 + changes)
        recent = seen[run.since(moment, late, AT_LEAST)]
        if before == "dead" and kind == "vanishing":
            said.append(before)  # a unit comes back now and then, and nothing passes through it
        elif kind in AT_ONCE or all(one == kind for one in recent):
            said.append(kind)
        elif before == "learned":
            forgotten = (run.left[moment + 1 - SPIKE:moment + 1] > FORGOTTEN).all()
            said.append("learning" if forgotten else "learned")
        elif kind == "learned" and (kind not in said or before not in HEALTHY):
            said.append("learned")
        elif before not in HEALTHY and all(one in HEALTHY for one in recent):
            said.append(kind)
        else:
            said.append(before)
        changes += said[-1] != before
    return said


def _kind(run: Measured, moment: int) -> str:
    """What a moment looks like for itself."""
    setting, state = run.setting, run.history[moment]
    if not (state.finite and math.isfinite(state.training_loss)):
        return "overflow"
    if setting.symmetric:
        return "symmetric"
    if moment > 0 and run.left[moment] <= LEARNED:
        return "learned"
    if _stuck(run, moment):
        return "stuck"
    if moment > 0 and run.better[moment]:
        return "learning"
    sign = _sign(run, moment)
    if sign or run.steps[moment] < min(YOUNG, setting.steps):
        return sign or "learning"
    if setting.batch_norm_of_one:
        return "not_learning"
    pace, steadily = run.fall(moment)
    if steadily > STEADY or (pace * LATELY * setting.steps < FALLS and run.way[moment] > SMALL_WAY):
        return "not_learning"
    return "slow" if steps_needed(run.left[moment], pace) > FAR * setting.steps else "learning"


def steps_needed(left: float, pace: float) -> float:
    """Further steps until it has learned, where such a share of what is left goes in each; infinite where none does."""
    return math.log(left / LEARNED) / pace if pace > 0 and left > 0 else math.inf


def _sign(run: Measured, moment: int) -> str:
    """Which of SIGNS a moment has, an empty string for none."""
    if run.setting.batch_norm_of_one:  # no signal by how batch norm works, and answers of other numbers than trained
        return ""
    if run.dead[moment]:
        return "dead"
    if run.ratio[moment] >= EXPLODING or run.left[moment] >= WORSE * max(run.left[0], 1.0):
        return "exploding"
    return "vanishing" if run.ratio[moment] <= VANISHING else ""


def _stuck(run: Measured, moment: int) -> bool:
    """Whether no weight changed in the last step, nor, of mini-batches, in the steps of a whole epoch."""
    failure = run.history[moment].failure
    if not failure or failure[0] != "stuck":
        return False
    if run.setting.learning_rate == 0 or run.setting.epoch_steps is None:
        return True
    same = np.flatnonzero(run.loss[:moment + 1] != run.loss[moment])
    since = run.steps[same[-1] + 1] if len(same) else 0
    return run.steps[moment] - since >= run.setting.epoch_steps


# --- the numbers ----------------------------------------------------------------------------------------------------


def _evidence(run: Measured, moment: int) -> dict[str, float]:
    """The numbers that a verdict is about, by name."""
    state, start, yard = run.history[moment], run.history[0], run.yard
    hidden = slice(0, len(run.setting.widths))
    pace, _ = run.fall(moment)
    return {
        "step": state.step, "loss": state.training_loss, "start_loss": start.training_loss, "guess": yard.guess,
        "least": yard.least, "left": float(run.left[moment]), "start_left": float(run.left[0]),
        "accuracy": math.nan if state.accuracy is None else state.accuracy, "commonest": yard.right,
        "signal_ratio": float(run.ratio[moment]), "start_signal_ratio": float(run.ratio[0]),
        "kernel_gradient": float(state.layers.kernel_gradient_norm.max()),
        "dead_share": float(state.dead_for_all[hidden].max(initial=0.0)),
        "start_dead_share": float(start.dead_for_all[hidden].max(initial=0.0)),
        "start_saturated_share": float(start.saturated_for_all[hidden].max(initial=0.0)),
        "saturated_share": float(state.saturated_for_all[hidden].max(initial=0.0)),
        "update_ratio": float(np.median(run.sizes[run.since(moment, RECENT)])),
        "largest_step": float(run.sizes[:moment + 1].max()), "way": float(run.way[moment]),
        "pace": pace, "steps_needed": steps_needed(float(run.left[moment]), pace),
    }


def _expected(spec: RunSpec) -> dict[str, float]:
    """What theory adds to them."""
    signal, (slope, scale) = predict(spec).signal, factors(spec)
    return {"expected_signal_ratio": math.nan if signal is None else float(signal[0] / signal[-1]),
            "slope_factor": slope, "scale_factor": scale}


def _verdict(run: Measured, spec: RunSpec, moment: int, kind: str) -> Verdict:
    evidence = _evidence(run, moment) | _expected(spec)
    cause = cause_of(kind, run.setting, evidence)
    state = run.history[moment]
    sentences = (_last_seen(run, spec, moment, kind, evidence), _loss(spec, evidence),
                 CAUSES[cause].sentence(spec, evidence), _remark(kind, spec, state, evidence),
                 "" if kind in SIGNS else _signal(spec, evidence), _theory(spec),
                 _kernel_gradients(state.layers))
    return Verdict(kind, tuple(filter(None, sentences)), evidence, cause, spec)


# --- in words -------------------------------------------------------------------------------------------------------


def _last_seen(run: Measured, spec: RunSpec, moment: int, kind: str, evidence: Mapping[str, float]) -> str:
    """What happened; of a sign that is away for a moment, when it was last there."""
    if kind not in SIGNS or _kind(run, moment) == kind:
        return _what_happened(kind, spec, run.history[moment], evidence)
    seen = next(earlier for earlier in reversed(range(moment)) if _kind(run, earlier) == kind)
    then = _what_happened(kind, spec, run.history[seen], _evidence(run, seen))
    return f"At step {run.steps[seen]}: {then[0].lower()}{then[1:]}"


def _what_happened(kind: str, spec: RunSpec, now: State, e: Mapping[str, float]) -> str:
    gone = f"{max(0.0, 1 - e['left']):.0%}"
    match kind:
        case "overflow":
            return _overflow(spec, now)
        case "symmetric":
            return "All units of a layer are equal and stay equal."
        case "learned":
            if e["left"] > LEARNED:
                return f"It had learned, but is thrown back: now {gone} of the way from a guess to perfect answers."
            return f"It has learned: {gone} of the way from a guess to perfect answers."
        case "stuck":
            return f"Step {now.step} changed no weight: {_why_stuck(spec, now.layers)}."
        case "dead":
            layer = int(np.flatnonzero(now.dead_for_all[:-1] == 1)[0]) + 1
            return (f"Layer {layer} is dead: every unit has slope 0 for every training example, so nothing passes "
                    "back through it.")
        case "exploding":
            if e["signal_ratio"] >= EXPLODING:
                return (f"Layer 1 gets far too much learning signal, {say(e['signal_ratio'])} times that of layer "
                        f"{spec.depth}.")
            return f"The answers get worse: {say(e['left'], 2)} times as far off as a guess."
        case "vanishing":
            if e["signal_ratio"] == 0:
                return "Layer 1 gets no learning signal at all."
            return (f"Layer 1 gets almost no learning signal, {say(1 / e['signal_ratio'])} times less than layer "
                    f"{spec.depth}.")
        case "slow":
            return "The loss falls, but so slowly that the run will not get there."
        case "not_learning":
            return "It does not learn: it answers no better than a guess that ignores the input."
    if now.step == 0:
        reaches = VANISHING < e["signal_ratio"] < EXPLODING
        return f"Before the first step nothing has been learned{'; the signal reaches every layer' if reaches else ''}."
    if e["left"] < 1 - BETTER:
        return f"It is learning: {gone} of the way from a guess to perfect answers."
    if now.step < YOUNG:
        return "It has only begun."
    if e["accuracy"] > e["commonest"] + RIGHT_AND_SURE * (1 - e["commonest"]):
        return "It is learning, but it is too sure of what it gets wrong." if e["left"] > 1 else (
            "It is learning, but it is hardly sure of anything yet.")
    if e["pace"] <= 0:
        return "It was on its way, and is thrown back: no better than a guess just now."
    return "It is on its way: the loss falls, but is still no better than that of a guess."


def _overflow(spec: RunSpec, now: State) -> str:
    if now.finite:
        return (f"At step {now.step} the loss of the network's answers to all training examples is "
                f"{say(now.training_loss)}.")
    _, layer, step = now.failure or ("", 1, now.step)
    where = "The output layer" if layer > spec.depth else f"Layer {layer}"
    predictions = now.layers.activation_mean[-1] + now.layers.activation_std[-1]
    if np.isfinite(predictions) and layer > spec.depth:
        return f"At step {step} every prediction is finite, but their loss is {say(now.loss)}."
    return f"{where} was the first where numbers were no longer finite, at step {step}."


def _why_stuck(spec: RunSpec, layers: Layers) -> str:
    gradients = np.concatenate([layers.kernel_gradient_norm, layers.bias_gradient_norm])
    return ("the learning rate is 0" if spec.learning_rate == 0 else "every gradient is 0" if not gradients.any()
            else "it was smaller than the last digit of every weight")


def _remark(kind: str, spec: RunSpec, now: State, e: Mapping[str, float]) -> str:
    """What is seen in a network that learns and would be a verdict in one that does not."""
    if kind not in HEALTHY or now.step == 0:
        return ""
    if e["dead_share"] >= MANY:
        layer = int(now.dead_for_all[:-1].argmax()) + 1
        return f"Yet {e['dead_share']:.0%} of the units of layer {layer} are dead for every training example."
    if e["signal_ratio"] <= VANISHING or e["signal_ratio"] >= EXPLODING:
        return f"Yet layer 1 gets {say_share(e['signal_ratio'])} the signal that layer {spec.depth} gets."
    return ""


def _signal(spec: RunSpec, e: Mapping[str, float]) -> str:
    if spec.depth == 1:
        return "There is only one hidden layer, so its signal can be compared with no other."
    if math.isnan(e["signal_ratio"]):
        return ""
    return f"Signal: layer 1 gets {say_share(e['signal_ratio'])} what layer {spec.depth} gets."


def _theory(spec: RunSpec) -> str:
    prediction = predict(spec)
    if prediction.signal is None:
        return prediction.reason
    ratio = _ratio(np.asarray(prediction.signal))
    if ratio is None:
        return "Theory compares hidden layers, and here there is only one."
    return f"For the initial weights theory expects layer 1 to get {say_share(ratio)} what layer {spec.depth} gets."


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


def _loss(spec: RunSpec, e: Mapping[str, float]) -> str:
    """The loss of all training examples and the share that is right, beside those of a guess.

    Of all: that is said where charts of the loss have another, of a mini-batch, or as it is while training.
    """
    classes = not math.isnan(e["accuracy"])
    drawn = spec.batch_size is None and not spec.dropout and not any(spec.batch_norms)
    mine = (f"Loss {say(e['loss'], 3)}" + ("" if drawn else " over all training examples")
            + (f" and {e['accuracy']:.0%} right" if classes else ""))
    if math.isnan(e["guess"]) and not setting_of(spec).loss_says:
        return f"{mine}, at step 0 it was {say(e['start_loss'], 3)}; here it does not say how good the answers are."
    if math.isnan(e["guess"]):
        return f"{mine}, at step 0 it was {say(e['start_loss'], 3)}."
    return f"{mine}; a guess has {say(e['guess'], 3)}" + (f" and {e['commonest']:.0%}." if classes else ".")
