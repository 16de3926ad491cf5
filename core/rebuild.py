"""The nearest run of this app to a network that somebody brings, and a sentence for each thing that is not the same."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Any

from core.activations import ACTIVATIONS
from core.blueprint import ACTIVATION_LAYERS, OF_SEVERAL, OF_TWO, SAME_LOSS, Blueprint, Part
from core.datasets import DATASETS
from core.fields import MAX_DEPTH
from core.initializers import INITIALIZERS
from core.losses import LOSSES, default_loss
from core.spec import FIELDS, HIDDEN_ACTIVATIONS, MAX_WIDTH, RunSpec
from core.theory import Prediction, of_layers
from core.words import count, say

OUTPUT = ("loss", "output", "output_units")
MOST_STEPS = 2_000  # of a rebuilt run, what the slider offers
NEAREST_ACTIVATION = {"relu6": "relu", "hard_sigmoid": "sigmoid", "softmax": "sigmoid", "softsign": "tanh",
                      "hard_tanh": "tanh", "hard_silu": "silu", "exponential": "softplus", "log_softmax": "sigmoid",
                      "celu": "elu"}
STAND_INS = {"binary": ("circles", "classification", "breast_cancer"), "multiclass": ("blobs", "digits"),
             "regression": ("sine", "diabetes")}
DROPOUTS = ("Dropout", "AlphaDropout", "GaussianDropout", "SpatialDropout1D", "SpatialDropout2D")
QUIET = (*DROPOUTS, *ACTIVATION_LAYERS, "Dense", "Activation", "BatchNormalization", "Flatten", "Reshape", "Add",
         "InputLayer")


@dataclass
class _Hidden:
    """A hidden Dense layer with what follows it before the next one."""

    dense: Part
    activation: str | None
    batch_norm: bool = False
    dropout: float = 0.0
    slope: float | None = None


@dataclass
class _Rebuilt:
    fields: dict[str, Any] = field(default_factory=dict)
    sentences: list[str] = field(default_factory=list)

    def say(self, sentence: str) -> None:
        self.sentences.append(sentence)


def rebuild(network: Blueprint) -> tuple[RunSpec, tuple[str, ...]]:
    """The nearest RunSpec, on a data set of this app that has the same task, and what is different, a sentence each."""
    made = _Rebuilt()
    hidden, output = _split(network)
    task = _task(network, output)
    _data(made, network, task)
    _hidden(made, hidden, network)
    _loss(made, network, task)
    _output(made, output, network)
    _optimizer(made, network)
    return _with_steps(made, network), tuple(made.sentences)


def expected(network: Blueprint) -> Prediction | None:
    """What theory says of the network itself, on inputs of the size that was recorded; None where it does not cover it.

    It covers Dense layers one after the other, with activations that there are here, kernels drawn in one way, and
    nothing but dropout and reshaping between them.
    """
    hidden, output = _split(network)
    if output is None or not hidden or network.x is None or network.input_shape is None:
        return None
    parts = [*(layer.dense for layer in hidden), output.dense]
    sizes = [*network.input_shape, *(part.units for part in parts)]
    known = [size for size in sizes if size is not None]
    drawn = {part.initializer or "" for part in parts}
    activations = [layer.activation or "linear" for layer in hidden]
    plain = all(part.type in QUIET and part.type not in ("Add", "BatchNormalization") for part in network.layers)
    mean, spread = network.x.mean, network.x.spread
    if not (plain and network.sequential and known == sizes and mean is not None and spread is not None
            and set(activations) <= set(HIDDEN_ACTIVATIONS) and len(drawn) == 1 and drawn <= set(INITIALIZERS)):
        return None
    features = math.prod(known[:-len(parts)])
    return of_layers([features, *known[-len(parts):]], activations, drawn.pop(), mean**2 + spread**2)


def _split(network: Blueprint) -> tuple[list[_Hidden], _Hidden | None]:
    """The hidden Dense layers, and the last one, which is the output."""
    found: list[_Hidden] = []
    for part in network.layers:
        if part.type == "Dense":
            found.append(_Hidden(part, part.activation))
        elif found:
            _follows(found[-1], part)
    return found[:-1], found[-1] if found else None


def _follows(layer: _Hidden, part: Part) -> None:
    activation = part.activation if part.type == "Activation" else ACTIVATION_LAYERS.get(part.type)
    if activation and layer.activation in (None, "linear"):
        layer.activation = activation
        layer.slope = part.rate if part.type == "LeakyReLU" else None
    layer.batch_norm |= part.type == "BatchNormalization"
    if part.type in DROPOUTS:
        layer.dropout = part.rate or 0.0


def _task(network: Blueprint, output: _Hidden | None) -> str:
    units = output.dense.units if output else None
    if network.loss in OF_SEVERAL or (network.loss is None and output and output.activation == "softmax"):
        return "multiclass"
    if (network.loss in OF_TWO and (units or 1) <= 2) or (units == 1 and output and output.activation == "sigmoid"):
        return "binary"
    several = (units or 0) > 1 and (network.loss in OF_TWO or (output is not None and output.activation == "softmax"))
    return "multiclass" if several else "regression"


def _data(made: _Rebuilt, network: Blueprint, task: str) -> None:
    """A data set of that task with the nearest number of features."""
    shape = network.input_shape or ()
    features = 1
    for size in shape:
        features *= size or 1
    name = min(STAND_INS[task], key=lambda one: abs(DATASETS[one].features - features))
    made.fields["dataset"] = name
    data_set = DATASETS[name]
    own = f"{count(features, 'input')} an example" if shape else "inputs that are not known"
    made.say(f"Here it learns {data_set.label}, a stand-in with {count(data_set.features, 'input')} an example, "
             f"instead of your data with {own}.")


def _hidden(made: _Rebuilt, hidden: list[_Hidden], network: Blueprint) -> None:
    left = Counter(part.type for part in network.layers if part.type not in QUIET)
    if left:
        named = ", ".join(f"{kind}{f' (×{number})' if number > 1 else ''}" for kind, number in left.items())
        made.say(f"Left out, because networks here are of Dense layers: {named}.")
    if len(hidden) > MAX_DEPTH:
        made.say(f"{len(hidden)} hidden layers are more than the {MAX_DEPTH} that fit here; the first {MAX_DEPTH} are "
                 "kept.")
        hidden = hidden[:MAX_DEPTH]
    if not hidden:
        made.say("It has no hidden Dense layer; a linear one of 2 units stands in, which changes nothing in what it "
                 "can express with up to 2 outputs.")
        made.fields |= {"widths": (2,), "activation": "linear"}
        return
    made.fields["widths"] = tuple(_width(made, layer) for layer in hidden)
    made.fields["activation"] = tuple(_activation(made, layer) for layer in hidden)
    made.fields["batch_norm"] = tuple(layer.batch_norm for layer in hidden)
    _alpha(made, hidden)
    _initializer(made, hidden)
    _dropout(made, hidden)
    if any(part.type == "Add" for part in network.layers):
        made.fields["skip"] = True
        made.say("Its Add layers became skip connections around every hidden layer that is as wide as its input.")
    elif not network.sequential:
        made.say("Its branches are not kept: layers stand one after the other.")
    if any(layer.dense.regularizer for layer in hidden):
        made.say("Penalties on the weights (regularizers) are not kept.")
    if any(layer.dense.bias is False for layer in hidden):
        made.say("Every layer has a bias here; yours has layers without.")


def _width(made: _Rebuilt, layer: _Hidden) -> int:
    units = layer.dense.units
    if units is None:
        made.say(f"How many units {layer.dense.name} has is not known; it has 32 here.")
        return 32
    if units > MAX_WIDTH:
        made.say(f"{layer.dense.name} has {units} units; here it has {MAX_WIDTH}, the most there can be.")
    return min(units, MAX_WIDTH)


def _activation(made: _Rebuilt, layer: _Hidden) -> str:
    name = layer.activation or "linear"
    known = ACTIVATIONS[name].name if name in ACTIVATIONS else name
    if known in HIDDEN_ACTIVATIONS:
        return known
    nearest = NEAREST_ACTIVATION.get(known, "tanh")
    made.say(f"{layer.dense.name} has the activation {known}, which hidden layers here do not have; {nearest} is used.")
    return nearest


def _alpha(made: _Rebuilt, hidden: list[_Hidden]) -> None:
    slopes = {layer.slope for layer in hidden if layer.slope is not None}
    if len(slopes) > 1:
        made.say("Its LeakyReLU layers have different slopes; the smallest is used for all.")
    if slopes and "elu" not in made.fields["activation"]:
        made.fields["alpha"] = min(max(min(slopes), 0.0), FIELDS["alpha"].maximum)  # type: ignore[attr-defined]


def _initializer(made: _Rebuilt, hidden: list[_Hidden]) -> None:
    named = Counter(layer.dense.initializer for layer in hidden if layer.dense.initializer)
    if not named:
        return
    name = named.most_common(1)[0][0]
    if len(named) > 1:
        made.say(f"Its layers are initialised in {len(named)} ways; {name} is used for all.")
    if name in INITIALIZERS:
        made.fields["initializer"] = name
    else:
        made.say(f"The initializer {name} is not among those here; {FIELDS['initializer'].default} is used.")


def _dropout(made: _Rebuilt, hidden: list[_Hidden]) -> None:
    rates = [max(layer.dropout, 0.0) for layer in hidden]
    largest = max(rates)
    if not largest:
        return
    made.fields["dropout"] = min(largest, FIELDS["dropout"].maximum)  # type: ignore[attr-defined]
    if len(set(rates)) > 1:
        made.say(f"Dropout is the same after every hidden layer here: {say(largest)}, the largest of yours.")


def _loss(made: _Rebuilt, network: Blueprint, task: str) -> None:
    usual = default_loss(task)
    if network.loss is None:
        made.say(f"Its loss is not known; {usual} is used.")
        return
    name = SAME_LOSS.get(network.loss, network.loss.removeprefix("sparse_"))
    if name not in LOSSES:
        made.say(f"The loss {network.loss} is not among those here; {usual} is used.")
        return
    made.fields["loss"] = name
    if network.loss.startswith("sparse"):
        made.say("Labels are one-hot rows here, so the loss is categorical_crossentropy: the same number.")


def _output(made: _Rebuilt, output: _Hidden | None, network: Blueprint) -> None:
    """The output layer: an activation or a number of units that does not fit the task is kept, and does the same."""
    data_set = DATASETS[made.fields["dataset"]]
    loss = made.fields.get("loss", default_loss(data_set.task))
    usual = LOSSES[loss].outputs.get(data_set.task)
    if output is None:
        made.say("It has no Dense layer for the output; here the output has the units that the task needs.")
    own = usual if output is None else output.activation or "linear"
    if own == "linear" and network.from_logits and usual:
        own = usual  # the same loss, of the same logits
    if own not in ACTIVATIONS:
        made.say(f"Its output has the activation {own}, which is not among those here.")
        own = usual
    units = output.dense.units if output else None
    if own != usual:
        made.fields["output"] = own
    if units and (units == 1) != (data_set.outputs == 1):
        made.fields["output_units"] = units
    try:
        RunSpec(**{key: value for key, value in made.fields.items() if key in ("dataset", *OUTPUT)})
    except ValueError:
        made.fields = {key: value for key, value in made.fields.items() if key not in OUTPUT}
        made.say(f"Its output and loss, {own} with {loss}, do not fit the stand-in; here they are the ones that "
                 "do.")


def _optimizer(made: _Rebuilt, network: Blueprint) -> None:
    numbers = dict(network.numbers)
    names = {"RMSprop": "rmsprop", "Adam": "adam", "AdamW": "adamw"}
    name = names.get(network.optimizer or "")
    momentum = numbers.get("momentum", 0.0)
    if network.optimizer == "SGD":
        name = "sgd" if not momentum else "nesterov" if numbers.get("nesterov") else "momentum"
        made.fields["momentum"] = min(momentum, FIELDS["momentum"].maximum)  # type: ignore[attr-defined]
    elif network.optimizer is None:
        name = "adam"
        made.say("Its optimizer is not known; Adam is used.")
    elif name is None:
        name = "adam"
        made.say(f"The optimizer {network.optimizer} is not among those here; Adam is used, with its rate.")
    made.fields["optimizer"] = name
    usual = {"beta_1": 0.9, "beta_2": 0.999, "rho": 0.9, "epsilon": 1e-7, "weight_decay": 0.004}
    changed = [key for key, value in usual.items() if name not in ("sgd", "momentum", "nesterov")
               and network.optimizer in names and numbers.get(key, value) != value]
    changed += [key for key in ("amsgrad", "centered", "decay") if numbers.get(key)]
    if network.optimizer == "RMSprop" and momentum:
        changed.append("momentum")
    if changed:
        made.say(f"Not kept of its optimizer: {', '.join(changed)}.")
    if (rate := numbers.get("learning_rate")) is None:
        made.fields["learning_rate"] = 0.001
        made.say("Its learning rate is not known; 0.001 is used.")
    else:
        made.fields["learning_rate"] = _within(made, "learning_rate", rate)
    if network.clip != "none" and network.clip_threshold is not None:
        made.fields |= {"clip": network.clip,
                        "clip_threshold": _within(made, "clip_threshold", network.clip_threshold)}


def _within(made: _Rebuilt, name: str, value: float) -> float:
    one: Any = FIELDS[name]
    near = min(max(value, one.minimum if one.minimum is not None else one.low), one.maximum)
    if near != value:
        made.say(f"{name} is {value:g}; the nearest here is {near:g}.")
    return near


def _with_steps(made: _Rebuilt, network: Blueprint) -> RunSpec:
    """The run, with as many steps as its epochs take on the stand-in, at most MOST_STEPS."""
    most: Any = FIELDS["batch_size"]
    made.fields["batch_size"] = min(network.batch_size or 32, most.maximum)
    if network.batch_size is None:
        made.say("Its batch size is not known; 32 is used, as fit does where none is given.")
    spec = RunSpec(**made.fields, steps=1)
    asked = spec.epoch_steps * network.epochs if network.epochs else network.steps or FIELDS["steps"].default
    steps = max(min(asked, MOST_STEPS, spec.affordable_steps), 1)
    if steps < asked:
        made.say(f"It is trained for {count(steps, 'step')} here, not the {count(asked, 'step')} of your epochs.")
    return replace(spec, steps=steps)
