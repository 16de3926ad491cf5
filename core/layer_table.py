"""A network as a table of layers: shapes and parameter counts by formula, and the same table as a Keras model.

What a layer puts out and how many parameters it has is worked out here, without Keras, so that a page can show it at
once; `build` makes the real model from the same table, and tests compare the two.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from math import prod
from typing import Any

from core.spec import RunSpec

Shape = tuple[int, ...]  # of one example, without the batch


@dataclass(frozen=True)
class Layer:
    """One layer: its name, its class in keras.layers with the arguments, and the layers it takes its input from.

    `inputs` is left out where that is the layer before it. The class `Input` has one argument, `shape`.
    """

    name: str
    class_name: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    inputs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Row:
    """A line of `summary()`: the layer, what it puts out for one example, its parameters and how they come about."""

    layer: Layer
    shape: Shape
    parameters: int
    arithmetic: str
    fixed: int = 0  # parameters that training leaves alone

    @property
    def values(self) -> int:
        """How many numbers it puts out."""
        return prod(self.shape)


Result = tuple[Shape, int, str, int]  # shape, parameters, arithmetic, fixed


def _unchanged(shape: Shape, **_: Any) -> Result:
    return shape, 0, "", 0


def _dense(shape: Shape, units: int, **_: Any) -> Result:
    return (*shape[:-1], units), shape[-1] * units + units, f"{shape[-1]} × {units} + {units}", 0


def _convolution(shape: Shape, filters: int, kernel_size: int, **_: Any) -> Result:
    area = kernel_size * kernel_size
    return ((*shape[:2], filters), area * shape[2] * filters + filters,
            f"{kernel_size} × {kernel_size} × {shape[2]} × {filters} + {filters}", 0)


def _pool(shape: Shape, pool_size: int, **_: Any) -> Result:
    return (shape[0] // pool_size, shape[1] // pool_size, shape[2]), 0, "", 0


def _flat(shape: Shape, **_: Any) -> Result:
    return (prod(shape),), 0, "", 0


def _embedding(shape: Shape, input_dim: int, output_dim: int, **_: Any) -> Result:
    return (*shape, output_dim), input_dim * output_dim, f"{input_dim} × {output_dim}", 0


def _recurrent(gates: int, shape: Shape, units: int, **_: Any) -> Result:
    inside = f"{shape[1]} × {units} + {units} × {units} + {units}"
    return ((units,), gates * (shape[1] * units + units * units + units),
            inside if gates == 1 else f"{gates} × ({inside})", 0)


def _attention(shape: Shape, num_heads: int, key_dim: int, **_: Any) -> Result:
    wide, deep = num_heads * key_dim, shape[-1]
    return (shape, 3 * (deep * wide + wide) + wide * deep + deep,
            f"3 × ({deep} × {wide} + {wide}) + {wide} × {deep} + {deep}", 0)


def _batch_norm(shape: Shape, **_: Any) -> Result:
    return shape, 4 * shape[-1], f"4 × {shape[-1]}", 2 * shape[-1]


def _layer_norm(shape: Shape, **_: Any) -> Result:
    return shape, 2 * shape[-1], f"2 × {shape[-1]}", 0


RULES: dict[str, Callable[..., Result]] = {
    "Dense": _dense, "Conv2D": _convolution, "MaxPooling2D": _pool, "Flatten": _flat,
    "Embedding": _embedding, "SimpleRNN": partial(_recurrent, 1), "LSTM": partial(_recurrent, 4),
    "MultiHeadAttention": _attention, "BatchNormalization": _batch_norm, "LayerNormalization": _layer_norm,
    "Dropout": _unchanged, "Activation": _unchanged, "Add": _unchanged,
}


def rows(layers: Sequence[Layer]) -> list[Row]:
    """A row for each layer, inputs among them, in the order of the table."""
    found: dict[str, Row] = {}
    before = ""
    for layer in layers:
        if layer.class_name == "Input":
            found[layer.name] = Row(layer, tuple(layer.arguments["shape"]), 0, "")
        else:
            shape = found[(layer.inputs or (before,))[0]].shape
            found[layer.name] = Row(layer, *RULES[layer.class_name](shape, **layer.arguments))
        before = layer.name
    return list(found.values())


def total(layers: Sequence[Layer]) -> int:
    """Parameters of all layers, what Keras's `count_params()` returns."""
    return sum(row.parameters for row in rows(layers))


def fixed(layers: Sequence[Layer]) -> int:
    """Those of them that training leaves alone."""
    return sum(row.fixed for row in rows(layers))


def sequence(features: int, *layers: tuple[str, Mapping[str, Any]]) -> tuple[Layer, ...]:
    """A stack of layers (class, arguments) on a vector of so many features, each named after its class."""
    names = [f"{one.lower()}_{sum(other == one for other, _ in layers[:i]) + 1}" for i, (one, _) in
             enumerate(layers)]
    return (Layer("input", "Input", {"shape": (features,)}),
            *(Layer(name, one, arguments) for name, (one, arguments) in zip(names, layers, strict=True)))


def of_run(spec: RunSpec) -> tuple[Layer, ...]:
    """The network of a run: a Dense layer with its activation, or Dense, batch norm and activation, …"""
    layers, before = [Layer("input", "Input", {"shape": (spec.sizes[0],)})], "input"
    for n, (units, name, normalised, skips) in enumerate(
            zip(spec.widths, spec.activations, spec.batch_norms, spec.skips, strict=True), 1):
        if normalised:
            layers += [Layer(f"dense_{n}", "Dense", {"units": units}),
                       Layer(f"batch_norm_{n}", "BatchNormalization"),
                       Layer(f"activation_{n}", "Activation", {"activation": name})]
        else:
            layers.append(Layer(f"dense_{n}", "Dense", {"units": units, "activation": name}))
        if spec.dropout:
            layers.append(Layer(f"dropout_{n}", "Dropout", {"rate": spec.dropout}))
        if skips:
            layers.append(Layer(f"add_{n}", "Add", inputs=(layers[-1].name, before)))
        before = layers[-1].name
    output = {"units": spec.sizes[-1], "activation": spec.output_activation}
    return (*layers, Layer("output", "Dense", output))


# --- the same in Keras ----------------------------------------------------------------------------------------------


def build(layers: Sequence[Layer]) -> Any:
    """The Keras model of the table; the layers have their names. For scripts and tests: Keras never frees one."""
    import keras

    tensors: dict[str, Any] = {}
    before = ""
    for layer in layers:
        if layer.class_name == "Input":
            tensors[layer.name] = keras.Input(**layer.arguments, name=layer.name)
        else:
            made = getattr(keras.layers, layer.class_name)(**layer.arguments, name=layer.name)
            given = [tensors[name] for name in layer.inputs or (before,)]
            tensors[layer.name] = made(*given) if layer.class_name == "MultiHeadAttention" else made(
                given if len(given) > 1 else given[0])
        before = layer.name
    inputs = [tensors[layer.name] for layer in layers if layer.class_name == "Input"]
    return keras.Model(inputs if len(inputs) > 1 else inputs[0], tensors[before])


def script(models: Mapping[str, Sequence[Layer]], about: str) -> str:
    """Python source that builds the models in Keras and prints the summary and the parameter count of each."""
    lines = [f'"""{about}"""', "", "import keras"]
    for title, layers in models.items():
        before, variables = "", {layer.name: _variable(title, layer, len(models) > 1) for layer in layers}
        lines.append("")
        for layer in layers:
            arguments = ", ".join(f"{name}={_source(value)}" for name, value in layer.arguments.items())
            if layer.class_name == "Input":
                lines.append(f"{variables[layer.name]} = keras.Input({arguments})")
            else:
                given = [variables[name] for name in layer.inputs or (before,)]
                call = ", ".join(given) if layer.class_name == "MultiHeadAttention" or len(given) == 1 else (
                    f"[{', '.join(given)}]")
                lines.append(f"{variables[layer.name]} = keras.layers.{layer.class_name}({arguments})({call})")
            before = layer.name
        inputs = ", ".join(variables[layer.name] for layer in layers if layer.class_name == "Input")
        name = _name(title) if len(models) > 1 else "model"
        lines += [f"{name} = keras.Model({f'[{inputs}]' if ',' in inputs else inputs}, {variables[before]})",
                  f"{name}.summary()", f'print("{title}:", {name}.count_params())']
    return "\n".join(lines) + "\n"


def _variable(title: str, layer: Layer, several: bool) -> str:
    return f"{_name(title)}_{layer.name}" if several else layer.name.replace("input", "inputs")


def _name(title: str) -> str:
    return title.lower().replace(" ", "_").replace("-", "_")


def _source(value: Any) -> str:
    return f'"{value}"' if isinstance(value, str) else repr(value)
