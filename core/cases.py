"""What there is to judge of somebody's network, in one form however it came: a record, code, or a run of this app.

A case has the network as it was written and, where it was trained, the verdict on its numbers: given by the same rules
as that on a run of this app (`core.diagnosis`), with what summaries of the arrays allow for a yardstick.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np

from core.activations import ACTIVATIONS
from core.blueprint import ACTIVATION_LAYERS, OF_SEVERAL, OF_TWO, SAME_LOSS, Blueprint, Part, Values
from core.causes import UNEVEN, Setting, cause_of, setting_of
from core.diagnosis import HEALTHY, Measured
from core.optimizers import OPTIMIZERS
from core.probes import Layers
from core.records import Moment, Record
from core.spec import RunSpec
from core.theory import even_with_suited
from core.training import Snapshot
from core.yardstick import yardstick_of

OF_NUMBERS = ("mse", "mae", "huber", "log_cosh", "mape", "msle")  # losses of numbers
OF_CLASSES = (*OF_TWO, *OF_SEVERAL)
SAME_ACTIVATION = {"leaky_re_lu": "leaky_relu", "p_re_lu": "leaky_relu", "re_lu": "relu", "swish": "silu",
                   "hard_sigmoid": "sigmoid"}
ACTIVATIONS_ALONE = (*ACTIVATION_LAYERS, "Activation")  # layers that are nothing but an activation
BEHIND = (*ACTIVATIONS_ALONE, "Dropout", "BatchNormalization", "Flatten", "Reshape")  # may be behind an output
NORMALISING = ("BatchNormalization", "LayerNormalization", "Normalization", "Rescaling")
KERNELS = ("Dense", "Conv1D", "Conv2D", "Conv3D", "SeparableConv1D", "SeparableConv2D", "DepthwiseConv2D",
           "Conv2DTranspose", "Embedding", "SimpleRNN", "LSTM", "GRU", "Bidirectional", "MultiHeadAttention")
PLAIN = ("Dense", "Conv1D", "Conv2D", "Conv3D")  # a product with the kernel, then an activation that is free to choose
CONSTANT = ("zeros", "ones", "constant")
CLASSES_AT_MOST = 20  # different whole numbers in a column: with more they are taken for amounts


@dataclass(frozen=True)
class Kernel:
    """A layer with a kernel and the activation behind it, wherever that is written. place: among the network's layers.

    twice: a second activation behind the first, empty for none.
    """

    part: Part
    place: int
    activation: str
    twice: str = ""


@dataclass(frozen=True)
class Case:
    """A network, and what was measured of it, if anything.

    moments: of a record; empty for a run of this app, whose numbers are in `measured` alone. places: of a record, where
    in the network the layer of each measured row is.
    """

    network: Blueprint
    measured: Measured | None = None
    moments: tuple[Moment, ...] = ()
    places: tuple[int, ...] = ()

    # --- how it was written -----------------------------------------------------------------------------------------

    @cached_property
    def kernels(self) -> tuple[Kernel, ...]:
        """The layers with kernels, first to last."""
        parts = self.network.layers
        places = [place for place, part in enumerate(parts) if part.type in KERNELS]
        return tuple(_with_activation(parts, place, end) for place, end in pairwise([*places, len(parts)]))

    @property
    def output(self) -> Kernel | None:
        """The Dense layer that answers; None where the last layer with a kernel is of another type, or something behind
        it may change the answers in a way of its own.
        """
        last = self.kernels[-1] if self.kernels else None
        plain = last is not None and all(part.type in BEHIND for part in self.network.layers[last.place + 1:])
        return last if last is not None and plain and last.part.type == "Dense" else None

    def kernel_of(self, row: int) -> Kernel | None:
        """The layer of a measured row; a recurrent one has several."""
        place = self.places[row] if row < len(self.places) else None
        if not self.places:
            return self.kernels[row] if row < len(self.kernels) else None
        return next((kernel for kernel in self.kernels if kernel.place == place), None)

    @property
    def hidden(self) -> tuple[Kernel, ...]:
        return self.kernels[:-1]

    @property
    def loss(self) -> str:
        """By its name in core.losses where it stands there; empty where it is not known."""
        name = self.network.loss or ""
        return SAME_LOSS.get(name, name)

    @property
    def of_numbers(self) -> bool:
        """Whether the loss measures distances of numbers."""
        return self.loss in OF_NUMBERS

    @property
    def rate(self) -> float:
        """The learning rate; NaN where it is not known."""
        rate = self.network.numbers.get("learning_rate", math.nan)
        return math.nan if rate is None else float(rate)

    @property
    def adaptive(self) -> bool:
        """Whether the optimizer divides a gradient by its size."""
        own = [entry.adaptive for entry in OPTIMIZERS.values() if entry.keras_class == self.network.optimizer]
        return any(own) or self.network.optimizer in ("Nadam", "Adamax", "Adagrad", "Adadelta", "Ftrl", "Lamb", "Lion")

    @property
    def dropout(self) -> float:
        """The largest share that a Dropout layer switches off."""
        return max((part.rate or 0.0 for part in self.network.layers if part.type == "Dropout"), default=0.0)

    # --- what it is to learn ----------------------------------------------------------------------------------------

    @cached_property
    def columns(self) -> int | None:
        """How many numbers a target has; None where it is not known."""
        y = self.network.y
        if y is None or not y.shape or any(size is None for size in y.shape[1:]):
            return None
        return math.prod(size for size in y.shape[1:] if size is not None)

    @cached_property
    def classes(self) -> int:
        """How many classes the targets are of, one-hot rows or whole numbers in one column; 0 of amounts."""
        y = self.network.y
        if y is None or not (y.one_hot or (y.integers and self.columns == 1)):
            return 0
        there = sum(count > 0 for count in y.classes.values()) or whole_values(y)
        if y.one_hot:
            return self.columns or 0
        named = "accuracy" in " ".join(self.network.metrics) or self.loss in OF_CLASSES
        named = named or (self.output is not None and self.output.activation in ("sigmoid", "softmax"))
        return there if there == 2 or (named and there <= CLASSES_AT_MOST) else 0

    @property
    def numbers(self) -> bool:
        """Whether the targets are known to be numbers and no classes."""
        return self.network.y is not None and self.network.y.minimum is not None and not self.classes

    @property
    def examples(self) -> int | None:
        shape = self.network.x.shape if self.network.x else self.network.y.shape if self.network.y else ()
        return shape[0] if shape else None

    @property
    def copies_input(self) -> bool:
        """Whether targets look like the inputs, as an autoencoder's do."""
        x, y = self.network.x, self.network.y
        return bool(x and y and self.columns != 1 and x.shape[1:] == y.shape[1:] and x.minimum is not None
                    and (x.minimum, x.maximum, x.mean) == (y.minimum, y.maximum, y.mean))

    # --- how it went ------------------------------------------------------------------------------------------------

    @cached_property
    def kind(self) -> str:
        """The verdict at the end, a key of core.diagnosis.KINDS; empty where nothing was measured."""
        return self.measured.kinds()[-1] if self.measured else ""

    @cached_property
    def evidence(self) -> Mapping[str, float]:
        """The numbers of the verdict; none where nothing was measured."""
        return self.measured.evidence() if self.measured else {}

    @cached_property
    def cause(self) -> str:
        """The cause of the verdict, a key of core.causes.CAUSES."""
        return cause_of(self.kind, self.measured.setting, self.evidence) if self.measured else ""

    @property
    def ill(self) -> bool:
        """Whether the verdict is that it does not learn."""
        return self.kind not in ("", *HEALTHY)

    @property
    def left(self) -> float:
        """How much is left of what a guess has to lose, at the end; NaN where nothing was measured."""
        return self.evidence.get("left", math.nan)

    def number(self, name: str) -> float:
        return self.evidence.get(name, math.nan)

    @property
    def layer_names(self) -> tuple[str, ...]:
        return tuple(kernel.part.name for kernel in self.kernels)


def case_of(what: Any) -> Case:
    """The case of a `Record`, of anything with a `network`, of anything with a `spec` and a `history`, or of a pair of
    these two.

    Raises:
        TypeError: it is none of these.
    """
    if isinstance(what, Record):
        with np.errstate(all="ignore"):  # whatever was recorded
            seen = history_of(what)
            return Case(what.network, Measured(_setting(what), seen) if seen else None, what.moments,
                        what.parts)
    if isinstance(getattr(what, "network", None), Blueprint):
        return Case(what.network)
    spec, history = what if isinstance(what, tuple) and len(what) == 2 else (
        getattr(what, "spec", None), getattr(what, "history", None))
    if isinstance(spec, RunSpec) and history is not None:
        return Case(blueprint_of(spec), Measured(setting_of(spec), list(history)) if len(history) else None)
    raise TypeError("findings takes a record, what was read of code, or a run with its spec and history. "
                    f"Received: {type(what).__name__}.")


def _with_activation(parts: Sequence[Part], place: int, end: int) -> Kernel:
    """A layer with the activations that stand in it and behind it, up to the next layer with a kernel."""
    own = parts[place].activation or ("custom" if parts[place].type in PLAIN else None)  # not known
    found = [own] + [ACTIVATION_LAYERS.get(part.type, part.activation)
                     for part in parts[place + 1:end] if part.type in ACTIVATIONS_ALONE]
    names = [SAME_ACTIVATION.get(name, name) for name in found if name and name != "linear"]
    return Kernel(parts[place], place, names[0] if names else "linear", names[1] if len(names) > 1 else "")


# --- a record in the form of a verdict ------------------------------------------------------------------------------


def _setting(record: Record) -> Setting:
    case = Case(record.network)
    network, hidden = record.network, record.parts[:-1]
    parts = [network.layers[place] for place in hidden]
    activations = tuple({kernel.place: kernel.activation for kernel in case.kernels}.get(place, "custom")
                        for place in hidden)
    known = tuple(name for name in activations if name in ACTIVATIONS)
    examples, batch = case.examples or 0, network.batch_size or 0
    dense = [kernel for kernel in case.hidden if kernel.part.type == "Dense"]
    normalised = any(part.type == "BatchNormalization" for part in network.layers)
    return Setting(
        yardstick_of(case.loss, network.y), network.steps or record.moments[-1].step,
        tuple(part.units or 0 for part in parts), known if len(known) == len(activations) else (),
        (not network.sequential,) * len(parts), case.rate,
        -(-examples // batch) if batch and examples > batch else None, normalised,
        normalised and batch == 1 and len(dense) == len(case.hidden), same_units(case), case.dropout,
        math.inf if network.clip == "none" or not network.clip_threshold else network.clip_threshold,
        case.of_numbers and bool(case.classes),
        lambda: even_with_suited(known[0], len(known), UNEVEN) if known else None, lambda: math.nan)


def whole_values(y: Values) -> int:
    """How many whole numbers lie between the ends of targets that were not counted; 0 where they were, or have none."""
    if y.distinct is not None or y.minimum is None or y.maximum is None or not 0 <= y.maximum - y.minimum < 1e6:
        return 0
    return int(y.maximum - y.minimum) + 1


def same_units(case: Case) -> bool:
    """Whether all hidden layers start with kernels of one number, and nothing ever tells their units apart.

    Units with equal kernels get equal gradients where the next layer weighs them equally, too: a single hidden layer
    under an output with kernels of its own comes apart at the first step.
    """
    hidden = case.hidden
    constant = [kernel.part.type in PLAIN and kernel.part.initializer in CONSTANT for kernel in case.kernels]
    return (bool(hidden) and case.network.sequential and case.dropout == 0 and all(constant[:-1])
            and (len(hidden) > 1 or constant[-1]) and max(kernel.part.units or 0 for kernel in hidden) > 1)


def history_of(record: Record) -> list[Snapshot]:
    """The recorded moments as states of a run, of all of the recorder's sample and without penalties in the loss.

    Where no sample was recorded, those at which `fit` reported a loss, with that loss; none where there is neither.
    """
    if not record.rows or not record.moments:
        return []
    reported = record.moments[-1].logs.get("loss", math.nan)
    unseen = all(math.isnan(one.loss) and np.isnan(one.layers.kernel_gradient_norm).all() for one in record.moments)
    if not (unseen and (math.isfinite(reported) or len(record.moments) == 1)):
        return [_of_sample(record, moment) for moment in record.moments]
    told = [moment for moment in record.moments if "loss" in moment.logs]
    return [_snapshot(moment, moment.logs["loss"], moment.logs.get("accuracy"), math.isfinite(moment.logs["loss"]))
            for moment in told] if len(told) > 1 else []


def _of_sample(record: Record, moment: Moment) -> Snapshot:
    layers = moment.layers
    gradients = np.concatenate([layers.kernel_gradient_norm, layers.bias_gradient_norm])
    measured = layers.kernel_gradient_norm
    finite = math.isfinite(moment.loss) and not np.isinf(gradients).any() and not (
        len(measured) and np.isnan(measured).all())
    rate = record.network.numbers.get("learning_rate")
    still = moment.step > 0 and len(measured) > 0 and bool((layers.update_ratio == 0).all())
    stuck = finite and still and (rate == 0 or not np.nan_to_num(layers.bias_gradient_norm).any())
    return _snapshot(moment, moment.loss - _penalty(record, layers), moment.accuracy, finite, stuck)


def _snapshot(moment: Moment, loss: float, accuracy: float | None, finite: bool, stuck: bool = False) -> Snapshot:
    right = next((value for name, value in moment.logs.items() if name.startswith("val_") and "acc" in name), None)
    return Snapshot(
        moment.step, loss, accuracy, moment.logs.get("val_loss"), right, moment.layers, finite,
        ("stuck", 1, moment.step) if stuck else None, training_loss=loss, dead_for_all=moment.layers.dead_fraction,
        saturated_for_all=moment.layers.saturated_fraction)


def _penalty(record: Record, layers: Layers) -> float:
    """What squared penalties on kernels add to the loss: a guess has none."""
    total = 0.0
    for row, place in enumerate(record.parts):
        found = re.search(r"l2=([\d.e+-]+)", record.network.layers[place].regularizer or "")
        if found and record.parts.index(place) == row and math.isfinite(layers.kernel_norm[row]):
            try:
                total += float(found[1]) * float(layers.kernel_norm[row]) ** 2
            except (ValueError, OverflowError):
                continue
    return total if math.isfinite(total) else 0.0


# --- a run of this app as somebody would have written it ------------------------------------------------------------


def blueprint_of(spec: RunSpec) -> Blueprint:
    """The network of a run, as Keras would name its parts."""
    parts: list[Part] = []
    parameters = [(inputs + 1) * units for inputs, units in pairwise(spec.sizes)]
    for layer, width in enumerate(spec.widths):
        name, activation = f"layer_{layer + 1}", spec.activations[layer]
        parts.append(Part(name, "Dense", width, activation, spec.initializer, parameters[layer], bias=True))
        if spec.batch_norms[layer]:
            parts.append(Part(f"{name}_norm", "BatchNormalization", width))
        if spec.dropout:
            parts.append(Part(f"{name}_dropout", "Dropout", width, rate=spec.dropout))
    parts.append(Part("output", "Dense", spec.sizes[-1], spec.output_activation, spec.initializer, parameters[-1],
                      bias=True))
    data, optimizer = spec.data(), OPTIMIZERS[spec.optimizer]
    momentum = {"momentum": spec.momentum} if "momentum" in optimizer.hyperparameters else {}
    return Blueprint(
        tuple(parts), (spec.sizes[0],), not any(spec.skips), spec.loss_name, False, optimizer.keras_class,
        {"learning_rate": spec.learning_rate} | momentum, spec.clip,
        None if spec.clip == "none" else spec.clip_threshold, () if spec.task == "regression" else ("accuracy",),
        spec.batch, math.ceil(spec.epochs), spec.steps, data.x_validation is not None, Values.of(data.x_train),
        Values.of(data.y_train))
