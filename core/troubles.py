"""What is wrong with the layers, the scales and the training of a network, where its numbers say that it hurts.

Each function finds one thing in a case; the table that says why it is wrong is in `core.findings`.
"""

from __future__ import annotations

import math

import numpy as np

from core.activations import ACTIVATIONS
from core.cases import CONSTANT, NORMALISING, PLAIN, Case, Kernel, same_units
from core.causes import LARGE_STEP, MANY, SMALL_WAY
from core.diagnosis import BETTER, FAR, LATELY, LEARNED, STEADY, Measured
from core.finding import (
    MUCH,
    POOR,
    Finding,
    dense,
    ends,
    hurts,
    optimizer,
    rms,
    standardised,
    suspect,
    written,
)
from core.mismatches import out_of_reach
from core.words import count, say, say_share

LARGE_INPUT = 20.0  # RMS of inputs: ten and more times what initial kernels are made for
LARGE_TARGET = 20.0  # RMS of targets: an output that begins near 0 has that far to go
UNEVEN_COLUMNS = 100.0  # spread of one input column over that of another
USUAL = {True: 1e-3, False: 1e-2}  # Keras's default rates, of optimizers that divide by the gradient's size or not
TOO_LARGE = {True: 0.05, False: 1.0}  # rates that few networks bear
BEAR_MORE = {"Adagrad": 1.0, "Adadelta": 10.0}  # the same, of optimizers that shrink every step by all before it
TOO_SMALL = {True: 1e-5, False: 1e-4}  # rates at which hundreds of steps change next to nothing
HARDLY_BEGUN = 50  # in so few steps of a usual rate nothing gets far: more steps are missing, not larger ones
FEW_STEPS = 300  # in so few steps hardly any network gets there from a rate that is not tuned
RARE = 0.2  # share of all classes but the commonest: accuracy hides that they are never found
GREAT_DROPOUT = 0.75
APART = 0.5  # of what a guess has to lose: so far the validation loss is above the training loss when it overfits
RISEN = 0.25  # of what a guess has to lose: so far it has come up from its best
NEARLY_ALL = 0.9  # of a layer's units dead
DEEP = 4  # hidden layers of an activation with slopes under 1/4, from which on little of the signal is left
GUESSES = "It answers no better than a guess that ignores the input."


# --- the layers -------------------------------------------------------------------------------------------------------

def norm_of_one(case: Case) -> Finding | None:
    norm = next((part for part in case.network.layers if part.type == "BatchNormalization"), None)
    dense = all(kernel.part.type == "Dense" for kernel in case.kernels)
    if norm is None or case.network.batch_size != 1 or not dense or not case.kernels:
        return None
    return Finding("batch_norm", True, norm.name,
                   "Nothing of the input passes: over a batch of one example each unit is its own mean, so batch norm "
                   "answers 0.", "model.fit(x, y, batch_size=32)", {"batch_size": 1})


def norm_at_the_end(case: Case) -> Finding | None:
    out = case.output
    if out is None or not case.network.sequential:
        return None
    behind = [part for part in case.network.layers[out.place + 1:] if part.type == "BatchNormalization"]
    if not behind or not suspect(case):
        return None
    return Finding("batch_norm", False, behind[0].name,
                   "The answers are pulled to the same mean and spread in every batch, whatever was asked: batch norm "
                   "stands behind the output.", f"{dense(out.part.units, out.activation)}  # the last layer", {})


def equal_units(case: Case) -> Finding | None:
    hidden = [kernel for kernel in case.hidden if kernel.part.initializer in CONSTANT]
    proved = case.kind == "symmetric"
    if not hidden or not (proved or (case.measured is None and same_units(case))):
        return None
    part = hidden[0].part
    return Finding("symmetric", True, part.name,
                   f"All units of a layer stay equal, so {part.units or 'many'} do the work of one: their kernels "
                   f"start as one number ({part.initializer}), and equal units get equal gradients.",
                   initialised(hidden[0]), {"units": part.units or math.nan})


def constant_kernel(case: Case) -> Finding | None:
    """A constant kernel that does not make all layers symmetric, or has none beside it."""
    found = next((kernel for kernel in case.kernels if kernel.part.initializer in CONSTANT), None)
    if found is None or case.kind == "symmetric" or not suspect(case) or len(case.kernels) < 2:
        return None
    return Finding("initialization", False, found.part.name,
                   f"Its units start equal and tell nothing apart: the kernel is filled with one number "
                   f"({found.part.initializer}).", initialised(found), {})


def initialised(kernel: Kernel) -> str:
    suited = "he_normal" if kernel.activation in ("relu", "leaky_relu", "elu", "gelu", "silu") else "glorot_uniform"
    return written(kernel.part, kernel.activation, suited)


def only_linear(case: Case) -> Finding | None:
    """Hidden layers without activation."""
    hidden = [kernel for kernel in case.hidden if kernel.part.type == "Dense"]
    if not hidden or len(hidden) != len(case.hidden) or any(kernel.activation != "linear" for kernel in hidden):
        return None
    if case.copies_input or not suspect(case, MUCH) or case.kind in ("overflow", "symmetric"):
        return None
    return Finding("activation", case.kind in ("not_learning", "slow"), hidden[0].part.name,
                   f"However many layers, it can only draw a straight line or plane: "
                   f"{'the hidden layer has' if len(hidden) == 1 else f'all {len(hidden)} hidden layers have'} no "
                   "activation.", dense(hidden[0].part.units, "relu"), {"left": case.left})


def hidden_softmax(case: Case) -> Finding | None:
    found = next((kernel for kernel in case.hidden
                  if kernel.activation == "softmax" and kernel.part.type == "Dense"), None)
    if found is None or not case.network.sequential:
        return None
    return Finding("activation", hurts(case), found.part.name,
                   "Its units share out a single 1, so little of the input and of the gradient gets through: softmax "
                   "stands in a hidden layer.", dense(found.part.units, "relu"), {"units": found.part.units or 0})


def squeezing(case: Case) -> Finding | None:
    """Sigmoid or tanh layers through which the signal is lost."""
    squeezing = [kernel for kernel in case.hidden
                 if kernel.activation in ("sigmoid", "tanh", "softmax") and kernel.part.type in PLAIN]
    if not squeezing or len(squeezing) < len(case.hidden) / 2:
        return None
    sigmoids = sum(kernel.activation != "tanh" for kernel in squeezing)
    vanished = case.kind == "vanishing" and case.cause in ("activation", "scale_small", "saturated")
    unread = case.measured is None and sigmoids >= DEEP
    still = case.kind in ("not_learning", "slow") and case.cause in (
        "plateau", "saturated", "rate_small", "few_steps", "loss")
    if not (vanished or unread or (still and sigmoids)):
        return None
    name = squeezing[0].activation
    largest = ACTIVATIONS[name].largest_slope()
    return Finding("activation", vanished, squeezing[0].part.name,
                   f"Little of the error gets back to the first layers: each {name} layer multiplies it by its slope, "
                   f"at most {say(largest)}, and there {'is 1' if len(squeezing) == 1 else f'are {len(squeezing)}'}.",
                   written(squeezing[0].part, "relu", "he_normal"),
                   {"largest_slope": largest, "layers": len(squeezing), "signal_ratio": case.number("signal_ratio")})


def kernel_scale(case: Case) -> Finding | None:
    """Kernels out of scale: by the signal at step 0, or by their size beside what suits them."""
    if not case.measured or not hurts(case) or case.kind == "symmetric":
        return None
    large = case.cause == "scale_large" and not big_inputs(case)
    small = case.cause == "scale_small"
    widest, kernel = _kernel_size(case)
    if kernel is None or kernel.part.type not in PLAIN or not (large or small or widest > 3):
        return None
    if big_inputs(case) and widest <= 3 and not small:
        return None
    much = "large" if large or widest > 3 else "small"
    figure = "" if math.isnan(widest) else f", {say(widest)} times what keeps a signal's size"
    return Finding("initialization", (large or small) and (widest > 2 or widest < 0.6), kernel.part.name,
                   f"The numbers {'grow' if much == 'large' else 'shrink'} from layer to layer: the initial kernels "
                   f"are too {much}{figure}.", initialised(kernel),
                   {"kernel_size": widest, "start_signal_ratio": case.number("start_signal_ratio")})


def _kernel_size(case: Case) -> tuple[float, Kernel | None]:
    """Initial RMS of the kernel farthest from what keeps a signal's size, over that; Glorot's or He's."""
    norms = case.measured.history[0].layers.kernel_norm if case.measured else ()
    sizes = []
    for row, norm in enumerate(norms):
        kernel = case.kernel_of(row)
        if kernel is None or kernel.part.type not in PLAIN or not kernel.part.units or not kernel.part.parameters:
            continue
        units = kernel.part.units
        fan_in = (kernel.part.parameters - (units if kernel.part.bias else 0)) / units
        usual = math.sqrt((2 if kernel.activation in ("relu", "leaky_relu", "elu") else 1) / max(fan_in, 1))
        sizes.append((float(norm) / math.sqrt(max(fan_in, 1) * units) / usual, kernel))
    first = case.hidden[0] if case.hidden else None
    return max((one for one in sizes if one[0] > 0), key=lambda one: abs(math.log(one[0])), default=(math.nan, first))


# --- scales -----------------------------------------------------------------------------------------------------------

def big_inputs(case: Case) -> bool:
    """Whether the inputs are far larger than initial kernels are made for, and nothing puts that right."""
    first = next((part for part in case.network.layers if part.type not in ("InputLayer", "Flatten", "Reshape")), None)
    if first is None or first.type in (*NORMALISING, "Embedding") or case.network.x is None:
        return False
    return rms(case.network.x) >= LARGE_INPUT


def input_scale(case: Case) -> Finding | None:
    x = case.network.x
    thrown = case.ill or case.number("start_left") >= 3 or case.number("start_saturated_share") >= MANY
    if x is None or not big_inputs(case) or not suspect(case, POOR if thrown else MUCH):
        return None
    return Finding("input_scale", bool(case.measured and thrown), None,
                   f"The first steps throw the weights about: the inputs are large, {ends(x)}, and a step grows with "
                   "its input.", standardised(x),
                   {"rms": rms(x), "minimum": x.minimum or 0.0, "maximum": x.maximum or 0.0})


def uneven_inputs(case: Case) -> Finding | None:
    x = case.network.x
    if x is None or x.column_spreads is None or not case.measured or not hurts(case, MUCH) or _first_normalises(case):
        return None
    least, most = x.column_spreads
    if not least > 0 or most / least < UNEVEN_COLUMNS or most < 1 or len(x.shape) != 2:
        return None
    return Finding("input_scale", False, None,
                   f"Some inputs hardly count beside others: one column spreads over {say(most)}, another over "
                   f"{say(least)}.", standardised(x), {"least": least, "most": most})


def tiny_inputs(case: Case) -> Finding | None:
    x = case.network.x
    if x is None or not 0 < rms(x) < 0.01 or not case.measured or not hurts(case) or _first_normalises(case):
        return None
    return Finding("input_scale", False, None,
                   f"The network hardly sees its inputs: they are small, {ends(x)}.",
                   standardised(x), {"rms": rms(x)})


def _first_normalises(case: Case) -> bool:
    first = next((part for part in case.network.layers if part.type != "InputLayer"), None)
    return first is not None and first.type in (*NORMALISING, "Embedding")


def useless_columns(case: Case) -> Finding | None:
    x = case.network.x
    if x is None or len(x.shape) != 2 or not x.shape[1] or not hurts(case):
        return None
    if x.constant_columns == x.shape[1] or (x.constant_columns + x.equal_columns) / x.shape[1] >= 0.5:
        return Finding("input_scale", x.constant_columns == x.shape[1], None,
                       f"Most inputs say nothing: of {x.shape[1]} columns {x.constant_columns} never change and "
                       f"{x.equal_columns} repeat another.", "x = np.unique(x[:, x.std(0) > 0], axis=1)",
                       {"constant": x.constant_columns, "equal": x.equal_columns})
    return None


def target_scale(case: Case) -> Finding | None:
    y = case.network.y
    if y is None or not case.numbers or not case.of_numbers or rms(y) < LARGE_TARGET or (
            not suspect(case, MUCH)):
        return None
    if case.output is not None and case.output.activation != "linear" and out_of_reach(case):
        return None
    return Finding("target_scale", bool(case.ill and rms(y) > 5 * LARGE_TARGET), None,
                   f"The answers begin near 0 and have far to go: the targets are {ends(y)}.",
                   "y = (y - y.mean()) / y.std()", {"rms": rms(y), "spread": y.spread or 0.0, "left": case.left})


# --- training ---------------------------------------------------------------------------------------------------------

def rate(case: Case) -> Finding | None:
    rate, usual = case.rate, USUAL[case.adaptive]
    momentum = case.network.numbers.get("momentum") or 0.0
    effective = rate / max(1 - momentum, 1e-3) if case.network.optimizer == "SGD" else rate
    numbers = {"learning_rate": rate, "largest_step": case.number("largest_step"), "way": case.number("way")}
    if rate == 0:
        return Finding("learning_rate", True, None, "No step changes anything: the learning rate is 0.",
                       optimizer(case, usual), numbers)
    large = effective >= BEAR_MORE.get(case.network.optimizer or "", TOO_LARGE[case.adaptive])
    small = rate <= TOO_SMALL[case.adaptive]
    if case.measured is None:
        if large and (case.adaptive or effective > 2 * TOO_LARGE[False]):
            return _too_large(case, rate, usual, numbers, certain=False)
        return _too_small(case, rate, usual, numbers, certain=False) if small else None
    if not hurts(case) or case.kind == "symmetric":
        return None
    blamed = case.cause == "rate_large" and hurts(case, MUCH) and (
        effective >= usual or not math.isfinite(rate))
    bears = not case.hidden and not _overshoots_a_plane(case)
    if not bears and (blamed or (large and case.cause != "rate_small")):
        proved = large or (blamed and effective > 10 * usual and not _other_scale(case))
        return _too_large(case, rate, usual, numbers, certain=case.ill and proved)
    if case.cause == "clip" and case.network.clip_threshold:
        return Finding("learning_rate", True, None,
                       f"Next to nothing is left of every step: gradients are clipped at "
                       f"{say(case.network.clip_threshold)}.", optimizer(case, rate if rate > 0 else usual),
                       {"clip_threshold": case.network.clip_threshold})
    moves = case.number("kernel_gradient") > 0
    under_way = case.kind in ("slow", "not_learning", "learning")
    moves = moves and (rate < usual or case.number("step") >= HARDLY_BEGUN)
    creeps = moves and case.number("way") <= SMALL_WAY and (under_way or case.kind in ("stuck", "vanishing"))
    if creeps or (moves and case.cause == "rate_small") or (small and under_way):
        return _too_small(case, rate, usual, numbers, certain=small or (creeps and case.ill))
    plain = not case.adaptive and effective <= usual
    if plain and case.kind in ("not_learning", "slow") and case.cause in ("plateau", "few_steps", "saturated", "loss"):
        return _too_small(case, rate, 10 * effective, numbers, certain=False)
    return None


def _overshoots_a_plane(case: Case) -> bool:
    """Whether a network without hidden layers is worse than a guess; its loss has one valley, and what overshoots there
    climbs its sides.
    """
    return not case.hidden and not case.left <= 1.1


def _other_scale(case: Case) -> bool:
    """Whether inputs or targets out of scale may be why steps are too large."""
    return big_inputs(case) or bool(target_scale(case))


def _too_large(case: Case, rate: float, usual: float, numbers: dict[str, float], certain: bool) -> Finding:
    step = numbers["largest_step"]
    moved = f" One step changed a kernel by {say(100 * step)} % of its size." if step > LARGE_STEP else ""
    better = min(usual, rate / 10) if rate > 0 else usual
    return Finding("learning_rate", certain, None,
                   f"The steps are so large that each undoes the one before: the learning rate is {say(rate)}.{moved}",
                   optimizer(case, better), numbers)


def _too_small(case: Case, rate: float, usual: float, numbers: dict[str, float], certain: bool) -> Finding:
    way = numbers["way"]
    moved = f" All steps together changed no kernel by more than {say(100 * way)} % of its size." if way < 1 else ""
    return Finding("learning_rate", certain, None,
                   f"The steps are too small to get anywhere: the learning rate is {say(rate)}.{moved}",
                   optimizer(case, max(usual, 10 * rate)), numbers)


def batch(case: Case) -> Finding | None:
    size, examples, steps = case.network.batch_size, case.examples, case.network.steps
    if not size or not examples or not case.measured or not hurts(case, 0.7):
        return None
    gets_there_later = 2 * case.number("step") < case.number("steps_needed") <= FAR * case.number("step")
    too_few = case.kind in ("slow", "not_learning") or (case.kind == "learning" and gets_there_later)
    if size >= examples > 64 and steps and steps <= FEW_STEPS and too_few:
        return Finding("batch_size", False, None,
                       f"There are few steps to learn in: a batch of {size} is all {examples} examples, so an epoch is "
                       f"one step, {steps} together.", "model.fit(x, y, batch_size=32)",
                       {"batch_size": size, "examples": examples, "steps": steps})
    if size == 1 and case.cause == "rate_large" and examples > 8:
        return Finding("batch_size", False, None,
                       "Each step follows a single example and undoes what another has taught: the batch size is 1.",
                       "model.fit(x, y, batch_size=32)", {"batch_size": 1})
    return None


def dropped(case: Case) -> Finding | None:
    out = case.output
    behind = case.network.layers[out.place + 1:] if out and case.network.sequential else ()
    last = next((part for part in behind if part.type == "Dropout" and part.rate), None)
    if last:
        return Finding("capacity", True, last.name,
                       f"The answers themselves are switched off at random, {last.rate:.0%} of them in every step: "
                       "dropout stands behind the output.", "", {"rate": last.rate or 0.0})
    part = next((part for part in case.network.layers if part.type == "Dropout"
                 and (part.rate or 0) >= GREAT_DROPOUT), None)
    if part is None or not suspect(case):
        return None
    return Finding("capacity", bool(case.measured), part.name,
                   f"Too little is left to learn with: {part.rate:.0%} of the units are switched off in every step.",
                   "Dropout(0.2)", {"rate": part.rate or 0.0})


def narrow(case: Case) -> Finding | None:
    """No hidden layer, or one of one or two units, where it stands still."""
    if not case.measured or not case.kernels or case.output is None or not hurts(case):
        return None
    if case.number("way") <= SMALL_WAY or case.kind in ("overflow", "exploding", "symmetric", "stuck"):
        return None
    features = (case.network.input_shape or (None,))[-1] or 0
    bottleneck = case.columns is not None and case.columns > 1 and case.columns == features  # an autoencoder's
    narrow = next((kernel for kernel in case.hidden if kernel.part.type == "Dense"
                   and (kernel.part.units or 99) <= 2 < max(features + 1, case.columns or 0, 3)), None)
    still = case.kind == "not_learning" or (
        case.kind == "learning" and case.measured.fall(len(case.measured.history) - 1)[0] * case.number("step") < 0.5)
    if not case.hidden and case.kind == "not_learning" and not case.copies_input and not _overshoots_a_plane(case):
        return Finding("capacity", False, case.output.part.name,
                       "Without a hidden layer it draws one straight line or plane, and that does not part these "
                       "examples.", f'model.add(Dense(16, activation="relu"))  # before {case.output.part.name}',
                       {"hidden_layers": 0, "left": case.left})
    if narrow and (still or narrow.part.units == 1) and narrow.activation != "linear" and not bottleneck:
        units = narrow.part.units or 1
        return Finding("capacity", units == 1, narrow.part.name,
                       f"Little fits through {count(units, 'unit')}: {case.left:.0%} of a guess's loss is left.",
                       dense(16, narrow.activation), {"units": units, "left": case.left})
    return None


def shrunk(case: Case) -> Finding | None:
    """A penalty on the weights that is all that is trained."""
    written = next((part for part in case.network.layers if part.regularizer), None)
    if written is None or not case.measured or not case.moments or not hurts(case, 0.8):
        return None
    first, last = (float(np.nan_to_num(moment.layers.kernel_norm).max(initial=0.0))
                   for moment in (case.moments[0], case.moments[-1]))
    shrunk = last / first if first else math.nan
    if not shrunk < 0.2:
        return None
    return Finding("capacity", True, written.name,
                   f"The penalty has shrunk the kernels to {shrunk:.0%} of what they were, and the answers with them.",
                   "kernel_regularizer=keras.regularizers.L2(1e-4)", {"shrunk": shrunk})


def imbalance(case: Case) -> Finding | None:
    commonest, right = case.number("commonest"), case.number("accuracy")
    if not (1 - commonest <= RARE and right <= commonest + 0.01 and case.number("step") > 20 and hurts(case)):
        return None
    return Finding("labels", case.kind == "not_learning", None,
                   f"Accuracy hides that the rare classes are never found: always answering the commonest is right in "
                   f"{commonest:.0%}, and so is this network.",
                   f"model.fit(x, y, class_weight={_weights(case)})", {"commonest": commonest, "accuracy": right})


def _weights(case: Case) -> str:
    """Weights that make all classes count alike, the commonest 1."""
    counts = {label: number for label, number in (case.network.y.classes if case.network.y else {}).items() if number}
    most = max(counts.values(), default=1)
    return "{" + ", ".join(f"{label}: {most / number:.3g}" for label, number in list(counts.items())[:10]) + "}"


# --- what is seen of it -----------------------------------------------------------------------------------------------

def _against_guess(case: Case) -> str:
    loss, guess = case.number("loss"), case.number("guess")
    return f"The loss is {say(loss)}" + ("." if math.isnan(guess) else f", that of a guess {say(guess)}.")


def _with_relu(case: Case) -> str:
    """The first hidden layer that ReLU suits; nothing where there is none, or has it."""
    suited = [kernel.part for kernel in case.hidden if kernel.part.type in PLAIN
              and (kernel.activation, kernel.part.initializer) != ("relu", "he_normal")]
    return written(suited[0], "relu", "he_normal") if suited else ""


def overflow(case: Case) -> Finding | None:
    return _seen(case, "overflow", "Every answer is NaN from then on: the loss or a gradient was no finite number at "
                                   f"step {case.number('step'):.0f}.", optimizer(case))


def exploding(case: Case) -> Finding | None:
    return _seen(case, "exploding", "The answers get worse, or the first layer gets far too much of the error. "
                                    f"{_against_guess(case)}", optimizer(case))


def vanishing(case: Case) -> Finding | None:
    return _seen(case, "vanishing", "The first layer gets almost nothing to learn from: "
                                    f"{say_share(case.number('signal_ratio'))} the error that the last hidden layer "
                                    "gets.",
                 _with_relu(case))


def _seen(case: Case, kind: str, sentence: str, fix: str) -> Finding | None:
    """The finding that the verdict is of that kind."""
    names = ("step", "loss", "guess", "left", "signal_ratio")
    return Finding(kind, True, None, sentence, fix, {name: case.number(name) for name in names}) if (
        case.kind == kind) else None


def dead(case: Case) -> Finding | None:
    """A layer of which no unit has a slope, or hardly any, of a network that has not learned."""
    if case.measured is None or not hurts(case, LEARNED):
        return None
    shares = np.nan_to_num(case.measured.history[-1].dead_for_all[:-1])
    if case.kind != "dead" and not (shares >= NEARLY_ALL).any():
        return None
    layer = int(shares.argmax()) if len(shares) else 0
    kernel = case.kernel_of(layer)
    share = float(shares.max(initial=0.0))
    return Finding("dead", case.ill, kernel.part.name if kernel else None,
                   f"Nothing passes back through it: {share:.0%} of its units have slope 0 for every example.",
                   written(kernel.part, "leaky_relu") if kernel else "", {"dead_share": share})


def saturated(case: Case) -> Finding | None:
    if case.measured is None or not case.ill or case.kind == "overflow":
        return None
    shares = np.nan_to_num(case.measured.history[-1].saturated_for_all[:-1])
    kernels = [case.kernel_of(row) for row in range(len(shares))]
    shares = shares * np.array([kernel is not None and kernel.activation in ("sigmoid", "tanh", "softmax")
                                for kernel in kernels], float)
    if shares.max(initial=0.0) < MANY:
        return None
    layer = int(shares.argmax())
    kernel = kernels[layer]
    return Finding("saturated", True, kernel.part.name if kernel else None,
                   f"Its units sit at their ends, where hardly anything passes back: {shares[layer]:.0%} of their "
                   "slopes are next to 0.", _with_relu(case), {"saturated_share": float(shares[layer])})


def overfit(case: Case) -> Finding | None:
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


def slow(case: Case) -> Finding | None:
    """It falls, but is far from there: by the verdict, or steadily and not to be done in twice the steps."""
    if case.measured is None:
        return None
    needed, step = case.number("steps_needed"), case.number("step")
    falls = (case.measured.fall(len(case.measured.history) - 1)[1] <= STEADY and 2 * step < needed
             and (needed <= FAR * step or _as_fast_as_it_began(case.measured)))
    if case.kind != "slow" and not (case.kind == "learning" and case.left > 1 - POOR / 2 and falls):
        return None
    more = f" At the pace of late it takes {say(needed)} steps more." if math.isfinite(needed) else ""
    epochs = case.network.epochs
    return Finding("slow", case.kind == "slow", None,
                   f"The loss falls, but the training ends long before it gets there.{more}",
                   f"model.fit(x, y, epochs={10 * epochs})" if epochs else optimizer(case),
                   {"steps_needed": needed, "left": case.left, "step": case.number("step")})


def _as_fast_as_it_began(measured: Measured) -> bool:
    """Whether the loss fell lately by a third and more of all that it fell: what comes to an end flattens before."""
    left, lately = measured.left, measured.since(len(measured.history) - 1, LATELY)
    return bool(left[0] - left[-1] <= 3 * (left[lately][0] - left[-1]))


def not_learning(case: Case) -> Finding | None:
    if case.kind not in ("not_learning", "stuck"):
        return None
    return Finding("not_learning", True, None,
                   f"{'The loss stands still.' if case.left < 1 - BETTER else GUESSES} {_against_guess(case)}",
                   optimizer(case), {name: case.number(name) for name in ("loss", "guess", "left", "step")})
