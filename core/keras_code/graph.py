"""A network that code or a configuration describes, and its layers with the shapes that go through them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from core.blueprint import Part
from core.keras_code.layers import KINDS, OTHER, Shape, settled, shape_and_parameters
from core.keras_code.names import activation_name, initializer_name, regularizer_text, snake
from core.keras_code.python import Call, Follower, Function, Instance, Unknown, number, whole

MAX_LAYERS = 500
MAX_NESTED = 6  # models within each other


@dataclass(eq=False)
class Tensor:
    """What a layer puts out in a functional network; an input has a shape and no layer."""

    layer: Any = None
    parents: tuple[Tensor, ...] = ()
    shape: Shape = None
    line: int | None = None
    place: int = 0  # counts tensors: none comes before what it is made of


@dataclass(eq=False)
class Model:
    """A network that the code builds: a list of layers, or everything between inputs and outputs."""

    line: int | None = None
    layers: list[Any] = field(default_factory=list)
    inputs: list[Any] | None = None  # None: sequential
    outputs: list[Any] = field(default_factory=list)
    owner: Instance | None = None  # of a class of the code
    compiled: dict[str, Any] | None = None
    fitted: dict[str, Any] | None = None
    fits: int = 0
    used: int = 0  # place of its last compile or fit
    made: int = 0
    nested: bool = False


def flat(value: Any) -> list[Any]:
    """The items of lists within lists, two levels deep."""
    if not isinstance(value, list | tuple):
        return list(value.values())[:MAX_LAYERS] if isinstance(value, dict) else [value]
    flat = [inner for one in value[:MAX_LAYERS] for inner in (one if isinstance(one, list | tuple) else [one])]
    return flat[:MAX_LAYERS]


# --- shapes of inputs -----------------------------------------------------------------------------------------------


def as_input(args: Sequence[Any], kwargs: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    """Input((4,)) and Input(shape=(4,)) as the arguments of a layer."""
    return "InputLayer", dict(zip(("shape", "batch_size"), args, strict=False)) | dict(kwargs)


def shape_of(value: Any, skip: int = 0) -> Shape:
    if isinstance(value, int) and not isinstance(value, bool):
        value = (value,)
    if not isinstance(value, list | tuple) or not all(one is None or whole(one) or isinstance(one, Unknown)
                                                      for one in value):
        return None
    return tuple(one if whole(one) and 0 < one < 10**9 else None for one in value[skip:])


def input_of(name: str, arguments: Mapping[str, Any]) -> Shape:
    """The shape of one example that a layer's arguments state."""
    for key, skip in (("shape", 0), ("input_shape", 0), ("batch_input_shape", 1), ("batch_shape", 1)):
        if arguments.get(key) is not None:
            shape = shape_of(arguments[key], skip)
            return shape
    if name == "Embedding":
        return (size_of(arguments.get("input_length")),) if "input_length" in arguments else None
    if "input_dim" in arguments:
        inner = size_of(arguments["input_dim"])
        steps = name in ("LSTM", "GRU", "SimpleRNN", "Conv1D")
        return (size_of(arguments.get("input_length")), inner) if steps else (inner,)
    return None


def size_of(value: Any) -> int | None:
    return value if whole(value) and 0 < value < 10**9 else None


def stated_shape(model: Model) -> Shape:
    """The input shape that the first layer of a sequential model states."""
    for _ in range(MAX_NESTED):
        if model.inputs is not None:
            return model.inputs[0].shape if model.inputs else None
        first = model.layers[0] if model.layers else None
        if not isinstance(first, Model):
            return input_of(*settled(first.last, first.args, first.kwargs)) if isinstance(first, Call) else None
        model = first
    return None


def between(model: Model) -> list[Tensor]:
    """The tensors from which the outputs are made, each after what it is made of; inputs among them."""
    ends = {id(one) for one in model.inputs or ()}
    found: dict[int, Tensor] = {}
    waiting = list(model.outputs)
    while waiting:
        one = waiting.pop()
        if id(one) in found:
            continue
        found[id(one)] = one
        if id(one) not in ends:
            waiting += one.parents
    return sorted(found.values(), key=lambda one: one.place)


# --- layers ---------------------------------------------------------------------------------------------------------


class Layers:
    """Collects the parts of a network while shapes go through it."""

    def __init__(self, follower: Follower) -> None:
        self.follower = follower
        self.parts: list[Part] = []
        self.known: set[int] = set()
        self.names: dict[str, int] = {}
        self.sequential = True
        self.passes = 0  # through a layer or a model, each time it is used

    def model(self, model: Model, shapes: Sequence[Shape], depth: int = 0) -> Shape:
        """What the model puts out for inputs of these shapes; its layers are added."""
        if depth > MAX_NESTED:
            raise ValueError(f"Models may be nested at most {MAX_NESTED} deep. This code nests them deeper.")
        if model.inputs is None:
            shape = shapes[0] if shapes and shapes[0] is not None else stated_shape(model)
            for layer in model.layers:
                shape = self.layer(layer, [shape], depth)
            return shape
        found = {id(one): shape for one, shape in zip(model.inputs, shapes, strict=False)}
        tensors = between(model)
        feeds: dict[int, int] = {}
        for one in tensors:
            stated = found.get(id(one))
            if one.layer is None or id(one) in found:
                found[id(one)] = one.shape if stated is None else stated
                continue
            found[id(one)] = self.layer(one.layer, [found.get(id(parent)) for parent in one.parents], depth)
            for parent in one.parents:
                feeds[id(parent)] = feeds.get(id(parent), 0) + 1
            self.sequential &= len(one.parents) <= 1
        self.sequential &= max(feeds.values(), default=1) <= 1 and len(model.inputs) <= 1 and len(model.outputs) <= 1
        return found.get(id(model.outputs[0])) if model.outputs else None

    def layer(self, layer: Any, shapes: Sequence[Shape], depth: int) -> Shape:
        self.passes += 1
        if self.passes > 4 * MAX_LAYERS:
            raise ValueError(f"A network may use its layers at most {4 * MAX_LAYERS} times. This one uses them more.")
        if isinstance(layer, Model):
            again = id(layer) in self.known
            self.known.add(id(layer))
            if again:
                self.sequential = False
            return self.model(layer, shapes, depth + 1)
        if not isinstance(layer, Call):
            return None
        name, arguments = settled(layer.last, layer.args, layer.kwargs)
        if name == "InputLayer":
            return input_of(name, arguments)
        if not self.parts and shapes[:1] == [None]:
            shapes = [input_of(name, arguments)]
        part, shape = self.part(name, arguments, shapes, layer)
        if id(layer) in self.known:
            self.sequential = False  # used twice
        else:
            self.known.add(id(layer))
            self.parts.append(part)
        if len(self.parts) > MAX_LAYERS:
            raise ValueError(f"A network may have at most {MAX_LAYERS} layers. This one has more.")
        return shape

    def part(self, name: str, arguments: dict[str, Any], shapes: Sequence[Shape], layer: Call) -> tuple[Part, Shape]:
        inner, wrapped = arguments.get("layer"), name in ("TimeDistributed", "Bidirectional")
        if wrapped and isinstance(inner, Call):
            return self._wrapped(name, arguments, inner, shapes, layer)
        shape, parameters = shape_and_parameters(name, shapes, arguments)
        units = shape[-1] if shape else size_of(arguments.get("units", arguments.get("filters")))
        if isinstance(asked := arguments.get("units", arguments.get("filters", 1)), Unknown):
            self.follower.note(layer.line, f"How many units this layer has ({asked.code[:60]}) is not known without "
                                           "running the code.")
        if units is None and name == "Embedding":
            units = size_of(arguments.get("output_dim"))
        given = arguments.get("name")
        return Part(
            name=given[:100] if isinstance(given, str) else self._name(name), type=name[:60], units=units,
            activation=self._activation(name, arguments, layer), initializer=self._initializer(name, arguments, layer),
            parameters=parameters, rate=self._rate(name, arguments), bias=self._bias(name, arguments),
            regularizer=regularizer_text(arguments.get("kernel_regularizer")), line=layer.line), shape

    def _name(self, name: str) -> str:
        base = snake(name)
        count = self.names.get(base, 0)
        self.names[base] = count + 1
        return f"{base}_{count}" if count else base

    def _wrapped(self, name: str, arguments: dict[str, Any], inner: Call, shapes: Sequence[Shape],
                 layer: Call) -> tuple[Part, Shape]:
        """TimeDistributed and Bidirectional: the layer within, once for each step or in both directions."""
        shape = shapes[0] if shapes else None
        inner_name, inner_arguments = settled(inner.last, inner.args, inner.kwargs)
        if shape is None:
            shape = input_of(name, arguments) or input_of(inner_name, inner_arguments)
        over = shape[1:] if shape and name == "TimeDistributed" else shape
        part, after = self.part(inner_name, inner_arguments, [over], inner)
        part = replace(part, name=_text(arguments.get("name")) or self._name(name), type=name, line=layer.line)
        if name == "TimeDistributed":
            return part, (shape[0], *after) if shape and after is not None else None
        together = arguments.get("merge_mode", "concat") == "concat"
        units = part.units * 2 if part.units and together else part.units
        twice = part.parameters * 2 if part.parameters is not None else None
        return replace(part, units=units, parameters=twice), (*after[:-1], units) if after else None

    def _activation(self, name: str, arguments: dict[str, Any], layer: Call) -> str | None:
        default = KINDS.get(name, OTHER).activation
        if default is None and not (name not in KINDS and "activation" in arguments):
            return None
        if "activation" not in arguments:
            return default
        value = arguments["activation"]
        if isinstance(value, Function):  # lambda z: keras.activations.leaky_relu(z, negative_slope=0.3)
            value = self.follower.enter(value, [Unknown("z")], {}, value.node)
        found = activation_name(value) if value is not None or arguments["activation"] is None else None
        if found is None:
            self.follower.note(layer.line, "This activation is not one of Keras's.")
        return found

    def _initializer(self, name: str, arguments: dict[str, Any], layer: Call) -> str | None:
        default = KINDS.get(name, OTHER).initializer
        given = next((arguments[key] for key in ("kernel_initializer", "embeddings_initializer",
                                                 "depthwise_initializer") if key in arguments), None)
        if given is None:
            return {"Embedding": "random_uniform", "DepthwiseConv1D": "glorot_uniform", "DepthwiseConv2D":
                    "glorot_uniform", "SeparableConv1D": "glorot_uniform", "SeparableConv2D": "glorot_uniform"}.get(
                        name, default)
        found = initializer_name(given)
        if found is None:
            self.follower.note(layer.line, "This initializer is not one of Keras's.")
        elif isinstance(given, Call) and (unusual := _unusual(found, given)):
            self.follower.note(layer.line, f"The numbers of this initializer ({unusual}) are not kept, only its name, "
                                           f"{found}.")
        return found

    def _rate(self, name: str, arguments: dict[str, Any]) -> float | None:
        rate = KINDS.get(name, OTHER).rate
        if rate is None:
            return None
        value = arguments.get(*rate)
        return float(value) if number(value) else None

    def _bias(self, name: str, arguments: dict[str, Any]) -> bool | None:
        if not KINDS.get(name, OTHER).biased:
            return None
        value = arguments.get("use_bias", True)
        return value if isinstance(value, bool) else None


_USUAL = {"random_normal": {"mean": 0.0, "stddev": 0.05}, "random_uniform": {"minval": -0.05, "maxval": 0.05},
          "truncated_normal": {"mean": 0.0, "stddev": 0.05}, "orthogonal": {"gain": 1.0}, "identity": {"gain": 1.0},
          "constant": {"value": 0.0}, "variance_scaling": {"scale": 1.0}}


def _unusual(initializer: str, call: Call) -> str:
    """The numbers of an initializer that it does not have anyway, as they would be written; empty if there are none."""
    usual = _USUAL.get(initializer, {})
    given = dict(zip(usual, call.args, strict=False)) | call.kwargs
    return ", ".join(f"{key}={one:g}" for key, one in given.items()
                     if number(one) and key != "seed" and usual.get(key) != one)


def _text(value: Any) -> str | None:
    return value[:100] if isinstance(value, str) else None
