"""Keras's layers as a table: which arguments they take and in which order, what shape they put out, what they train.

`settled` brings the arguments of a call into Keras 3's names, old spellings among them; `shape_and_parameters` works
out the rest by formula. Shapes are of one example, None for a size that is not known; a shape that is not known at all
is None. Keras is not imported; tests compare with it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from math import prod
from typing import Any

from core.keras_code.python import whole

Shape = tuple[int | None, ...] | None
Arguments = Mapping[str, Any]
Result = tuple[Shape, int | None]  # shape, parameters that are trained
Rule = Callable[[Shape, Arguments], Result]


@dataclass(frozen=True)
class Kind:
    """A class of layers.

    arguments: positional ones, in the order of Keras 3. rule: (shape, arguments) -> shape and trained parameters.
    activation: the default of its activation, None where it has none to choose. initializer: of its kernel, likewise.
    rate: the argument that `Part.rate` is, with its default. biased: whether it has a bias to leave out.
    merges: whether it takes several inputs.
    """

    arguments: tuple[str, ...]
    rule: Rule
    activation: str | None = None
    initializer: str | None = None
    rate: tuple[str, float] | None = None
    biased: bool = False
    merges: bool = False


def _size(value: Any) -> int | None:
    return value if whole(value) and 0 < value < 10**9 else None


def _times(*sizes: int | None) -> int | None:
    """Their product, None where one is not known."""
    return prod(size for size in sizes if size is not None) if None not in sizes else None


def _plus(*sizes: int | None) -> int | None:
    return sum(size for size in sizes if size is not None) if None not in sizes else None


def _sizes(value: Any, axes: int) -> tuple[int | None, ...]:
    """A size for each axis from one number or a sequence."""
    if isinstance(value, list | tuple) and len(value) == axes:
        return tuple(map(_size, value))
    return (_size(value),) * axes


def _bias(arguments: Arguments, units: int | None) -> int | None:
    return 0 if arguments.get("use_bias", True) is False else units


def _last(shape: Shape) -> int | None:
    return shape[-1] if shape else None


# --- rules ----------------------------------------------------------------------------------------------------------


def _same(shape: Shape, arguments: Arguments) -> Result:
    return shape, 0


def _nothing_known(shape: Shape, arguments: Arguments) -> Result:
    return None, None


def _dense(shape: Shape, arguments: Arguments) -> Result:
    units = _size(arguments.get("units"))
    after = (*shape[:-1], units) if shape else None
    return after if after else (units,) if shape is None and units else None, _plus(
        _times(_last(shape), units), _bias(arguments, units))


def _flatten(shape: Shape, arguments: Arguments) -> Result:
    return None if shape is None else (_times(*shape),), 0


def _reshape(shape: Shape, arguments: Arguments) -> Result:
    target = arguments.get("target_shape")
    if not isinstance(target, list | tuple):
        return None, 0
    if target.count(-1) == 1:
        whole, known = _times(*shape) if shape else None, _times(*(_size(one) for one in target if one != -1))
        free = whole // known if whole and known else None
        return tuple(free if one == -1 else _size(one) for one in target), 0
    return tuple(map(_size, target)), 0


def _permute(shape: Shape, arguments: Arguments) -> Result:
    dims = arguments.get("dims")
    fits = shape and isinstance(dims, list | tuple) and sorted(map(str, dims)) == sorted(
        str(axis + 1) for axis in range(len(shape)))
    return tuple(shape[axis - 1] for axis in dims) if shape and fits else None, 0  # type: ignore[union-attr]


def _repeat(shape: Shape, arguments: Arguments) -> Result:
    return (_size(arguments.get("n")), _last(shape)) if shape else None, 0


def _window(size: int | None, window: int | None, stride: int | None, padding: Any,
            dilation: int | None = 1) -> int | None:
    """How many places a window has along an axis."""
    if size is None or window is None or not stride or dilation is None or not isinstance(padding, str):
        return None
    if padding == "valid":
        return max((size - dilation * (window - 1) - 1) // stride + 1, 0)
    return -(-size // stride) if padding in ("same", "causal") else None


def _channels_last(shape: Shape, arguments: Arguments, axes: int) -> bool:
    return bool(shape) and len(shape or ()) == axes + 1 and arguments.get("data_format") in (None, "channels_last")


def _convolved(axes: int, shape: Shape, arguments: Arguments) -> tuple[int | None, ...]:
    """The spatial part of a convolution's output."""
    windows, strides, dilations = (_sizes(arguments.get(name, 1), axes)
                                   for name in ("kernel_size", "strides", "dilation_rate"))
    padding = arguments.get("padding", "valid")
    return tuple(_window(size, window, stride, padding, dilation) for size, window, stride, dilation in
                 zip((shape or ())[:axes], windows, strides, dilations, strict=True))


def _convolution(axes: int, shape: Shape, arguments: Arguments) -> Result:
    filters, windows = _size(arguments.get("filters")), _sizes(arguments.get("kernel_size"), axes)
    if not _channels_last(shape, arguments, axes):
        return None, None
    channels, groups = _last(shape), _size(arguments.get("groups", 1))
    inside = channels // groups if channels and groups else None
    return (*_convolved(axes, shape, arguments), filters), _plus(
        _times(*windows, inside, filters), _bias(arguments, filters))


def _transposed(axes: int, shape: Shape, arguments: Arguments) -> Result:
    filters, windows = _size(arguments.get("filters")), _sizes(arguments.get("kernel_size"), axes)
    strides, padding = _sizes(arguments.get("strides", 1), axes), arguments.get("padding", "valid")
    if not _channels_last(shape, arguments, axes) or arguments.get("output_padding") is not None:
        return None, None
    sizes = tuple(_times(size, stride) if padding == "same" else
                  _plus(_times(size, stride), max(window - stride, 0) if window and stride else None)
                  for size, stride, window in zip((shape or ())[:axes], strides, windows, strict=True))
    return (*sizes, filters), _plus(_times(*windows, _last(shape), filters), _bias(arguments, filters))


def _separable(axes: int, shape: Shape, arguments: Arguments) -> Result:
    filters, windows = _size(arguments.get("filters")), _sizes(arguments.get("kernel_size"), axes)
    if not _channels_last(shape, arguments, axes):
        return None, None
    deep = _times(_last(shape), _size(arguments.get("depth_multiplier", 1)))
    return (*_convolved(axes, shape, arguments), filters), _plus(
        _times(*windows, deep), _times(deep, filters), _bias(arguments, filters))


def _depthwise(axes: int, shape: Shape, arguments: Arguments) -> Result:
    windows = _sizes(arguments.get("kernel_size"), axes)
    if not _channels_last(shape, arguments, axes):
        return None, None
    deep = _times(_last(shape), _size(arguments.get("depth_multiplier", 1)))
    return (*_convolved(axes, shape, arguments), deep), _plus(_times(*windows, deep), _bias(arguments, deep))


def _pool(axes: int, shape: Shape, arguments: Arguments) -> Result:
    if not _channels_last(shape, arguments, axes):
        return None, 0
    windows = _sizes(arguments.get("pool_size", 2), axes)
    given = arguments.get("strides")
    strides = windows if given is None else _sizes(given, axes)
    padding = arguments.get("padding", "valid")
    sizes = (_window(*one, padding) for one in zip((shape or ())[:axes], windows, strides, strict=True))
    return (*sizes, _last(shape)), 0


def _global_pool(axes: int, shape: Shape, arguments: Arguments) -> Result:
    if not _channels_last(shape, arguments, axes):
        return None, 0
    kept = (1,) * axes if arguments.get("keepdims") is True else ()
    return (*kept, _last(shape)), 0


def _stretch(name: str, add: bool, axes: int, shape: Shape, arguments: Arguments) -> Result:
    """Zero padding and cropping (add), up-sampling (multiply)."""
    if not _channels_last(shape, arguments, axes):
        return None, 0
    given = arguments.get(name, 2 if name == "size" else 1)
    pairs = list(given) if isinstance(given, list | tuple) and len(given) == axes else [given] * axes
    if axes == 1 and isinstance(given, list | tuple) and len(given) == 2:
        pairs = [given]
    sign = -1 if name == "cropping" else 1
    sizes = []
    for size, pair in zip((shape or ())[:axes], pairs, strict=True):
        ends = list(pair) if isinstance(pair, list | tuple) else [pair, pair]
        known = size is not None and all(isinstance(end, int) for end in ends) and len(ends) == 2
        sizes.append((size + sign * sum(ends) if add else size * ends[0]) if size is not None and known else None)
    return (*sizes, _last(shape)), 0


def _embedding(shape: Shape, arguments: Arguments) -> Result:
    words, units = _size(arguments.get("input_dim")), _size(arguments.get("output_dim"))
    if shape is None or (shape == (None,) and "input_length" in arguments):
        length = _size(arguments.get("input_length"))
        shape = (length,) if shape is not None or length else None
    return (*shape, units) if shape is not None else None, _times(words, units)


def _recurrent(gates: int, shape: Shape, arguments: Arguments) -> Result:
    units = _size(arguments.get("units"))
    biases = _bias(arguments, units)
    if gates == 3 and arguments.get("reset_after", True) is True:
        biases = _times(2, biases)
    parameters = _times(gates, _plus(_times(_last(shape), units), _times(units, units), biases))
    whole, state = arguments.get("return_sequences", False), arguments.get("return_state", False)
    if state is not False or not isinstance(whole, bool):
        return None, parameters
    return ((shape[0], units) if shape and len(shape) == 2 else None) if whole else (units,), parameters


def _batch_norm(shape: Shape, arguments: Arguments) -> Result:
    axis = arguments.get("axis", -1)
    axis = axis[0] if isinstance(axis, list | tuple) and len(axis) == 1 else axis
    last = shape and whole(axis) and axis in (-1, len(shape))
    parts = sum(arguments.get(name, True) is True for name in ("scale", "center"))
    return shape, _times(parts, _last(shape)) if last else None


def _prelu(shape: Shape, arguments: Arguments) -> Result:
    if arguments.get("shared_axes") is not None:
        return shape, None
    return shape, _times(*shape) if shape else None


def _attention(shape: Shape, arguments: Arguments) -> Result:
    """Of a layer that attends to its own input, value_dim and output_shape left out (Vaswani et al. 2017)."""
    if arguments.get("value_dim") not in (None, arguments.get("key_dim")) or arguments.get("output_shape") is not None:
        return None, None
    wide, deep = _times(_size(arguments.get("num_heads")), _size(arguments.get("key_dim"))), _last(shape)
    biases = 0 if arguments.get("use_bias", True) is False else _plus(_times(3, wide), deep)
    return shape, _plus(_times(4, deep, wide), biases)


def _text_vectorized(shape: Shape, arguments: Arguments) -> Result:
    return (_size(arguments.get("output_sequence_length")),), 0


# --- the table ------------------------------------------------------------------------------------------------------

_KERNEL = ("activation", "use_bias", "kernel_initializer", "bias_initializer", "kernel_regularizer",
           "bias_regularizer", "activity_regularizer", "kernel_constraint", "bias_constraint")
_CONV = ("filters", "kernel_size", "strides", "padding", "data_format", "dilation_rate", "groups", *_KERNEL)
_TRANSPOSED = ("filters", "kernel_size", "strides", "padding", "data_format", "dilation_rate", *_KERNEL)
_SEPARABLE = ("filters", "kernel_size", "strides", "padding", "data_format", "dilation_rate", "depth_multiplier",
              "activation", "use_bias")
_DEPTHWISE = ("kernel_size", "strides", "padding", "depth_multiplier", "data_format", "dilation_rate", "activation",
              "use_bias")
_POOL = ("pool_size", "strides", "padding", "data_format")
_GATED = ("units", "activation", "recurrent_activation", "use_bias", "kernel_initializer", "recurrent_initializer")
_RNN = ("units", "activation", "use_bias", "kernel_initializer", "recurrent_initializer", "bias_initializer")
GLOROT = "glorot_uniform"


def _of_axes(kind: str, make: Callable[[int], Kind], axes: Sequence[int] = (1, 2, 3)) -> dict[str, Kind]:
    return {kind.replace("#", str(n)): make(n) for n in axes}


KINDS: dict[str, Kind] = {
    "Dense": Kind(("units", *_KERNEL), _dense, "linear", GLOROT, biased=True),
    "Activation": Kind(("activation",), _same, "linear"),
    "ReLU": Kind(("max_value", "negative_slope", "threshold"), _same),
    "LeakyReLU": Kind(("negative_slope",), _same, rate=("negative_slope", 0.3)),
    "ELU": Kind(("alpha",), _same), "ThresholdedReLU": Kind(("theta",), _same),
    "PReLU": Kind(("alpha_initializer", "alpha_regularizer", "alpha_constraint", "shared_axes"), _prelu),
    "Softmax": Kind(("axis",), _same),
    "Dropout": Kind(("rate", "noise_shape", "seed"), _same, rate=("rate", 0.5)),
    "AlphaDropout": Kind(("rate",), _same, rate=("rate", 0.5)),
    "GaussianDropout": Kind(("rate",), _same, rate=("rate", 0.5)),
    "GaussianNoise": Kind(("stddev",), _same),
    **_of_axes("SpatialDropout#D", lambda n: Kind(("rate",), _same, rate=("rate", 0.5))),
    "BatchNormalization": Kind(("axis", "momentum", "epsilon", "center", "scale"), _batch_norm),
    "LayerNormalization": Kind(("axis", "epsilon", "center", "scale"), _batch_norm),
    "ActivityRegularization": Kind(("l1", "l2"), _same), "Masking": Kind(("mask_value",), _same),
    "Rescaling": Kind(("scale", "offset"), _same), "Identity": Kind((), _same),
    "Normalization": Kind(("axis", "mean", "variance"), _same), "UnitNormalization": Kind(("axis",), _same),
    **{f"Random{name}": Kind((), _same) for name in ("Flip", "Rotation", "Zoom", "Contrast", "Translation",
                                                     "Brightness")},
    "Flatten": Kind(("data_format",), _flatten), "Reshape": Kind(("target_shape",), _reshape),
    "Permute": Kind(("dims",), _permute), "RepeatVector": Kind(("n",), _repeat),
    "Lambda": Kind(("function", "output_shape"), _nothing_known),
    **_of_axes("Conv#D", lambda n: Kind(_CONV, partial(_convolution, n), "linear", GLOROT, biased=True)),
    **_of_axes("Conv#DTranspose", lambda n: Kind(_TRANSPOSED, partial(_transposed, n), "linear", GLOROT, biased=True)),
    **_of_axes("SeparableConv#D", lambda n: Kind(_SEPARABLE, partial(_separable, n), "linear", None, biased=True),
               (1, 2)),
    **_of_axes("DepthwiseConv#D", lambda n: Kind(_DEPTHWISE, partial(_depthwise, n), "linear", None, biased=True),
               (1, 2)),
    **_of_axes("MaxPooling#D", lambda n: Kind(_POOL, partial(_pool, n))),
    **_of_axes("AveragePooling#D", lambda n: Kind(_POOL, partial(_pool, n))),
    **_of_axes("GlobalMaxPooling#D", lambda n: Kind(("data_format", "keepdims"), partial(_global_pool, n))),
    **_of_axes("GlobalAveragePooling#D", lambda n: Kind(("data_format", "keepdims"), partial(_global_pool, n))),
    **_of_axes("ZeroPadding#D", lambda n: Kind(("padding", "data_format"), partial(_stretch, "padding", True, n))),
    **_of_axes("Cropping#D", lambda n: Kind(("cropping", "data_format"), partial(_stretch, "cropping", True, n))),
    **_of_axes("UpSampling#D", lambda n: Kind(("size", "data_format"), partial(_stretch, "size", False, n))),
    "Embedding": Kind(("input_dim", "output_dim", "embeddings_initializer", "embeddings_regularizer"), _embedding),
    "SimpleRNN": Kind(_RNN, partial(_recurrent, 1), "tanh", GLOROT, biased=True),
    "LSTM": Kind(_GATED, partial(_recurrent, 4), "tanh", GLOROT, biased=True),
    "GRU": Kind(_GATED, partial(_recurrent, 3), "tanh", GLOROT, biased=True),
    "MultiHeadAttention": Kind(("num_heads", "key_dim", "value_dim", "dropout", "use_bias", "output_shape"), _attention,
                               None, GLOROT, biased=True),
    "TextVectorization": Kind(("max_tokens",), _text_vectorized),
    **{name: Kind((), _same, merges=True) for name in ("Add", "Subtract", "Multiply", "Average", "Maximum",
                                                       "Minimum")},
    "Concatenate": Kind(("axis",), _same, merges=True),
    "Dot": Kind(("axes",), _nothing_known, merges=True),
    "TimeDistributed": Kind(("layer",), _nothing_known), "Bidirectional": Kind(("layer", "merge_mode"), _nothing_known),
}
OTHER = Kind((), _nothing_known)  # a layer that is not in the table

# Other names of classes, those of earlier versions among them.
CLASSES = {"Convolution1D": "Conv1D", "Convolution2D": "Conv2D", "Convolution3D": "Conv3D",
           "Deconvolution2D": "Conv2DTranspose", "Convolution2DTranspose": "Conv2DTranspose",
           "SeparableConvolution2D": "SeparableConv2D", "SeparableConvolution1D": "SeparableConv1D",
           "DepthwiseConvolution2D": "DepthwiseConv2D",
           "TimeDistributedDense": "Dense", "CuDNNLSTM": "LSTM", "CuDNNGRU": "GRU", "BatchNormalizationV1":
           "BatchNormalization", "BatchNormalizationV2": "BatchNormalization", "Merge": "Concatenate",
           **{f"{kind}Pool{n}D": f"{kind}Pooling{n}D" for n in (1, 2, 3)
              for kind in ("Max", "Avg", "GlobalMax", "GlobalAverage", "Average")},
           **{f"GlobalAvgPool{n}D": f"GlobalAveragePooling{n}D" for n in (1, 2, 3)},
           **{f"AvgPool{n}D": f"AveragePooling{n}D" for n in (1, 2, 3)}}
# The functions that older versions had beside the classes.
MERGES = {"add": "Add", "subtract": "Subtract", "multiply": "Multiply", "average": "Average", "maximum": "Maximum",
          "minimum": "Minimum", "concatenate": "Concatenate", "dot": "Dot", "merge": "Concatenate"}

# Arguments of earlier versions by the name they have now.
ARGUMENTS = {
    "init": "kernel_initializer", "kernel_init": "kernel_initializer", "W_regularizer": "kernel_regularizer",
    "b_regularizer": "bias_regularizer", "W_constraint": "kernel_constraint", "bias": "use_bias",
    "nb_filter": "filters", "filter_length": "kernel_size", "border_mode": "padding", "subsample": "strides",
    "subsample_length": "strides", "p": "rate", "pool_length": "pool_size", "poolsize": "pool_size",
    "stride": "strides", "inner_activation": "recurrent_activation", "inner_init": "recurrent_initializer",
    "dim_ordering": "data_format", "weight_decay": "kernel_regularizer", "atrous_rate": "dilation_rate",
}
_OLD_FORMATS = {"tf": "channels_last", "th": "channels_first"}
_WITH_UNITS = ("Dense", "SimpleRNN", "LSTM", "GRU")
_OLD_INITIALIZERS = ("uniform", "normal", "zero", "one", "glorot_uniform", "glorot_normal", "he_normal", "he_uniform",
                     "lecun_uniform", "lecun_normal", "orthogonal", "identity", "random_normal", "random_uniform",
                     "zeros", "ones")


def settled(class_name: str, args: Sequence[Any], kwargs: Arguments) -> tuple[str, dict[str, Any]]:
    """A layer's class and arguments as Keras 3 names them, from positional ones and old spellings."""
    name = CLASSES.get(class_name, class_name)
    kind = KINDS.get(name, OTHER)
    args = list(args)
    numbers = 0
    while numbers < len(args) and whole(args[numbers]):
        numbers += 1
    found: dict[str, Any] = {}
    if name in _WITH_UNITS and numbers == 2:  # before Keras 1.0: inputs, outputs
        found["input_dim"] = args.pop(0)
    if name == "Conv2D" and numbers in (3, 4):  # Convolution2D(filters, rows, columns)
        rows = args[numbers - 2:numbers]
        args = [args[0], tuple(rows), *args[numbers:]]
    if name == "Dense" and len(args) > 1 and args[1] in _OLD_INITIALIZERS:  # Dense(units, init)
        found["kernel_initializer"] = args.pop(1)
    found |= dict(zip(kind.arguments, args, strict=False))
    for key, value in kwargs.items():
        found[_argument(name, key)] = _OLD_FORMATS.get(value, value) if isinstance(value, str) else value
    if "nb_row" in found or "nb_col" in found:
        found["kernel_size"] = (found.pop("nb_row", None), found.pop("nb_col", None))
    return name, found


def _argument(layer: str, name: str) -> str:
    if name == "output_dim" and layer in _WITH_UNITS:
        return "units"
    if name == "alpha" and layer == "LeakyReLU":
        return "negative_slope"
    if name == "mode" and layer == "Concatenate":
        return "merge_mode"
    return ARGUMENTS.get(name, name)


def shape_and_parameters(name: str, shapes: Sequence[Shape], arguments: Arguments) -> Result:
    """What a layer puts out for one example, and how many parameters it trains; None for what is not known.

    shapes: of its inputs.
    """
    shape = shapes[0] if shapes else None
    kind = KINDS.get(name, OTHER)
    if name == "Concatenate" and len(shapes) > 1:
        return _concatenated(shapes, arguments), 0
    if kind.merges and len(shapes) > 1:
        return _broadcast(shapes), 0
    result, parameters = kind.rule(shape, arguments)
    return result, 0 if arguments.get("trainable") is False and parameters is not None else parameters


def _concatenated(shapes: Sequence[Shape], arguments: Arguments) -> Shape:
    known = [shape for shape in shapes if shape]
    axis = arguments.get("axis", -1)
    if len(known) < len(shapes) or len({len(shape) for shape in known}) > 1 or not isinstance(axis, int):
        return None
    place = axis if axis < 0 else axis - 1
    if not -len(known[0]) <= place < len(known[0]):
        return None
    place %= len(known[0])
    return tuple(_plus(*(shape[n] for shape in known)) if n == place else known[0][n] for n in range(len(known[0])))


def _broadcast(shapes: Sequence[Shape]) -> Shape:
    if not all(shapes) or len({len(shape or ()) for shape in shapes}) > 1:
        return None
    return tuple(max((size for size in sizes if size), default=None) if None not in sizes else None
                 for sizes in zip(*(shape or () for shape in shapes), strict=True))
