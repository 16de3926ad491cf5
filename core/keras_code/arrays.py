"""What is known of an array without running the code that makes it: its shape, range, and what was done to it.

Small constants (`np.array([[0, 0], [0, 1]])`) are known whole. What is not evident is None.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from core.blueprint import Values
from core.keras_code.python import Call, Named, Unknown, number, whole

Size = int | None
MAX_ENTRIES = 4_000  # of a constant array
LARGEST = 10**12


@dataclass(frozen=True)
class Array:
    """shape: None where not even the number of axes is known. one_hot: None where not known. distinct: how many
    labels. data: the entries, if they stand in the code. done: what was done to it that is worth a sentence.
    """

    shape: tuple[Size, ...] | None
    dtype: str = ""
    minimum: float | None = None
    maximum: float | None = None
    integers: bool | None = None
    one_hot: bool | None = None
    distinct: int | None = None
    data: np.ndarray | None = field(default=None, compare=False)
    done: tuple[str, ...] = ()

    def without_last(self, share: float) -> Array:
        """Its first examples, those that `fit(validation_split=share)` trains on."""
        size = self.shape[0] if self.shape else None
        if size is None or not 0 < share < 1:
            return self
        kept = math.floor(size * (1 - share))
        return _shaped(self, (kept, *self.shape[1:]), None if self.data is None else self.data[:kept])  # type: ignore[index]


def values_of(value: Any) -> Values | None:
    """The same as a blueprint has it; None where neither the shape nor the encoding is known."""
    if isinstance(value, list | tuple):
        value = constant(value, None)
    if not isinstance(value, Array) or not value.shape:  # not known, or a single number
        return None
    if value.data is not None and value.data.size:
        return Values.of(value.data)
    one_column = len(value.shape) == 1 or value.shape[-1] == 1
    return Values(value.shape, value.dtype, 0, value.minimum, value.maximum, integers=value.integers,
                  distinct=value.distinct, one_hot=bool(value.one_hot) and not one_column)


# --- from constants -------------------------------------------------------------------------------------------------


def _entries(value: Any, room: list[int], depth: int = 0) -> bool:
    """Whether a list within lists holds numbers alone, not too many and not too deep."""
    room[0] -= 1
    if room[0] < 0 or depth > 5:
        return False
    if isinstance(value, list | tuple):
        return all(_entries(one, room, depth + 1) for one in value)
    return isinstance(value, int | float) and abs(value) < 1e300


def constant(value: Any, dtype: str | None = None) -> Array | None:
    """A list that holds nothing but numbers, or an array, as an array; None for anything else."""
    if isinstance(value, range) and len(value) <= MAX_ENTRIES:
        value = list(value)
    if isinstance(value, Array):
        return value
    if not isinstance(value, list | tuple) or not _entries(value, [2 * MAX_ENTRIES]):
        return None
    try:
        return of_data(np.array(value, dtype or None))
    except (ValueError, OverflowError, TypeError):
        return None


def of_data(data: np.ndarray, done: tuple[str, ...] = ()) -> Array:
    if data.dtype == object or not data.size or not data.ndim:
        return Array(None, done=done)
    return Array(data.shape, data.dtype.name, float(data.min()), float(data.max()),
                 bool((data == np.round(data)).all()), None, None, data, done)


def _shaped(value: Array, shape: tuple[Size, ...] | None, data: np.ndarray | None = None) -> Array:
    return replace(value, shape=shape, data=data)


def _sizes(value: Any) -> tuple[Size, ...] | None:
    """A shape that was written; None for each size that is not known."""
    if whole(value):
        value = (value,)
    if not isinstance(value, list | tuple) or len(value) > 8:
        return None
    return tuple(one if whole(one) and 0 <= one < LARGEST else None for one in value)


# --- made by NumPy, Keras and scikit-learn --------------------------------------------------------------------------

# name: shape of the training inputs, their type, smallest and largest; number of classes, 0 for a number to predict.
_KERAS_SETS: dict[str, tuple[tuple[int, ...], str, float, float, int, int]] = {
    "mnist": ((60000, 28, 28), "uint8", 0, 255, 10, 10000),
    "fashion_mnist": ((60000, 28, 28), "uint8", 0, 255, 10, 10000),
    "cifar10": ((50000, 32, 32, 3), "uint8", 0, 255, 10, 10000),
    "cifar100": ((50000, 32, 32, 3), "uint8", 0, 255, 100, 10000),
}
_SKLEARN_SETS = {"load_iris": (150, 4, 3), "load_digits": (1797, 64, 10), "load_breast_cancer": (569, 30, 2),
                 "load_wine": (178, 13, 3), "load_diabetes": (442, 10, 0), "load_boston": (506, 13, 0)}
_MADE = {"make_classification": (100, 20, 2), "make_moons": (100, 2, 2), "make_circles": (100, 2, 2),
         "make_blobs": (100, 2, 3), "make_regression": (100, 100, 0)}


def _labels(size: Size, classes: int, dtype: str = "int64") -> Array:
    if not classes:
        return Array((size,), "float64", one_hot=False)
    return Array((size,), dtype, 0.0, classes - 1.0, True, False, classes)


def _keras_set(name: str) -> Any:
    if name == "boston_housing":
        return tuple((Array((n, 13), "float64", one_hot=False), Array((n,), "float64", one_hot=False))
                     for n in (404, 102))
    if name not in _KERAS_SETS:
        return None
    shape, dtype, low, high, classes, held = _KERAS_SETS[name]
    column = (1,) if name.startswith("cifar") else ()
    return tuple((Array((n, *shape[1:]), dtype, low, high, True, False),
                  replace(_labels(n, classes, "uint8"), shape=(n, *column))) for n in (shape[0], held))


def _sklearn_set(last: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
    if last in _SKLEARN_SETS:
        size, features, classes = _SKLEARN_SETS[last]
        pair = (Array((size, features), "float64", one_hot=False), _labels(size, classes))
        if last == "load_digits":
            pair = (replace(pair[0], minimum=0.0, maximum=16.0, integers=True), pair[1])
        return pair if kwargs.get("return_X_y") is True else Call(last, [], {"data": pair[0], "target": pair[1]})
    size, features, classes = _MADE[last]
    size = kwargs.get("n_samples", args[0] if args else size)
    features = kwargs.get("n_features", args[1] if len(args) > 1 and last != "make_moons" else features)
    classes = kwargs.get("n_classes", kwargs.get("centers", classes))
    known = size if whole(size) else None, features if whole(features) else None
    label = _labels(known[0], classes) if whole(classes) else Array((known[0],), "int64", integers=True, one_hot=False)
    return Array(known, "float64", one_hot=False), label


def _dtype(value: Any) -> str | None:
    said = value if isinstance(value, str) else value.last if isinstance(value, Named) else value.code if isinstance(
        value, Unknown) else None
    said = {"float": "float64", "int": "int64", "double": "float64", "f": "float32"}.get(said or "", said)
    known = ("float16", "float32", "float64", "int8", "int16", "int32", "int64", "uint8", "bool")
    return said if said in known else None


def array_call(path: str, args: list[Any], kwargs: dict[str, Any]) -> Any:
    """What a call of NumPy, scikit-learn or Keras's utilities gives; None for what is no array."""
    parts = path.split(".")
    last = parts[-1]
    if last == "load_data" and len(parts) > 2:
        return _keras_set(parts[-2])
    if last in _SKLEARN_SETS or last in _MADE:
        return _sklearn_set(last, args, kwargs)
    if last == "train_test_split" and args:
        return _two_parts(args, kwargs)
    if last == "to_categorical":
        return _one_hot(args[0] if args else kwargs.get("y", kwargs.get("x")),
                        args[1] if len(args) > 1 else kwargs.get("num_classes", kwargs.get("nb_classes")))
    if last == "normalize" and args:
        return _done(args[0], "normalised: each example divided by its length")
    if parts[0] != "numpy":
        return None
    if last in ("array", "asarray", "asfarray") and args:
        dtype = _dtype(kwargs.get("dtype", args[1] if len(args) > 1 else None))
        found = constant(args[0], dtype)
        return _typed(found, dtype) if found is not None and dtype else found
    made = _made_by_numpy(parts, last, args, kwargs)
    if made is not None or not args or not isinstance(args[0], Array):
        return made
    return array_method(args[0], last, args[1:], kwargs)


def _made_by_numpy(parts: list[str], last: str, args: list[Any], kwargs: dict[str, Any]) -> Any:
    size = kwargs.get("size", kwargs.get("shape"))
    if "random" in parts:
        return _random(last, args, size)
    if last in ("prod", "product") and len(args) == 1 and (sizes := _sizes(args[0])) and None not in sizes:
        result = math.prod(sizes)  # type: ignore[arg-type]
        return result if result < LARGEST else None
    if last in ("zeros", "ones") and (args or size is not None):
        value = float(last == "ones")
        return Array(_sizes(args[0] if args else size), _dtype(kwargs.get("dtype")) or "float64", value, value, True,
                     False)
    if last == "linspace" and len(args) >= 2 and all(map(number, args[:2])):
        count = args[2] if len(args) > 2 else kwargs.get("num", 50)
        if whole(count) and 0 < count <= MAX_ENTRIES and max(map(abs, args[:2])) < 1e300:
            return of_data(np.linspace(args[0], args[1], count))
        return Array((count if whole(count) else None,), "float64", min(args[:2]), max(args[:2]), None, False)
    if last == "arange" and args and all(map(number, args)) and len(args) <= 3:
        start, stop, step = (0, args[0], 1) if len(args) == 1 else (*args[:2], args[2] if len(args) > 2 else 1)
        count = (stop - start) / step if step else 0
        if 0 < count <= MAX_ENTRIES:
            return of_data(np.arange(start, stop, step))
        return Array((None,), one_hot=False)
    return None


def _random(last: str, args: list[Any], size: Any) -> Any:
    if last in ("rand", "randn"):
        shape = _sizes(args)
        low, high = (0.0, 1.0) if last == "rand" else (None, None)
        return Array(shape, "float64", low, high, False, False)
    if last in ("random", "random_sample", "ranf", "sample"):
        return Array(_sizes(args[0] if args else size), "float64", 0.0, 1.0, False, False)
    if last in ("randint", "integers", "random_integers") and args:
        low, high = (0, args[0]) if len(args) == 1 or args[1] is None else args[:2]
        shape = _sizes(args[2] if len(args) > 2 else size)
        if number(low) and number(high):
            return Array(shape, "int64", float(low), float(high) - (last != "random_integers"), True, False)
        return Array(shape, "int64", integers=True, one_hot=False)
    if last in ("normal", "uniform", "standard_normal"):
        shape = _sizes((args[0] if last == "standard_normal" else args[2]) if len(args) > (
            0 if last == "standard_normal" else 2) else size)
        if last == "uniform" and len(args) < 2:
            low, high = (None, None) if args else (0.0, 1.0)
        else:
            low, high = args[:2] if last == "uniform" and all(map(number, args[:2])) else (None, None)
        return Array(shape, "float64", low, high, False, False)
    return None


def _two_parts(args: list[Any], kwargs: dict[str, Any]) -> list[Any]:
    """train_test_split: of each array the part for training and the rest, which is rounded up."""
    share, train = kwargs.get("test_size"), kwargs.get("train_size")
    found = []
    for one in args:
        size = one.shape[0] if isinstance(one, Array) and one.shape else None
        if share is None and train is None:
            held: Any = 0.25
        else:
            held = share
        if size is not None and number(held):
            rest = math.ceil(held * size) if isinstance(held, float) else held
            sizes: tuple[Size, Size] = (size - rest, rest) if 0 < rest < size else (None, None)
        else:
            sizes = None, None
        for part in sizes:
            found.append(_shaped(one, None if one.shape is None else (part, *one.shape[1:]))
                         if isinstance(one, Array) else Unknown("part"))
    return found


def _one_hot(labels: Any, classes: Any) -> Array:
    """to_categorical: a column for each class."""
    known = constant(labels, None) if not isinstance(labels, Unknown) else None
    count = classes if whole(classes) and classes > 0 else None
    if known is not None and known.data is not None and known.integers and known.minimum is not None and \
            known.minimum >= 0 and (known.maximum or 0) < (count or 200):
        numbers = known.data.reshape(-1).astype(int)
        return of_data(np.eye(count or int(numbers.max()) + 1)[numbers])
    if count is None and known is not None and known.distinct:
        count = known.distinct
    shape = known.shape if known is not None and known.shape else (None,)
    rows = shape[:-1] if len(shape) > 1 and shape[-1] == 1 else shape
    return Array((*rows, count), "", 0.0, 1.0, True, True, done=known.done if known else ())


def _done(value: Any, sentence: str) -> Array:
    """The array after something that is said rather than followed."""
    if isinstance(value, Array):
        return Array(value.shape, "", None, None, None, value.one_hot if value.one_hot is False else None,
                     done=(*value.done, sentence)[-4:])
    return Array(None, done=(sentence,))


# --- methods and operators ------------------------------------------------------------------------------------------


def array_method(value: Any, name: str, args: list[Any] | None, kwargs: dict[str, Any]) -> Any:
    """value.name(*args), or value.name where args is None; Unknown for what is not known."""
    if isinstance(value, Call) and args and name in ("fit_transform", "transform"):
        scaled = {"StandardScaler": "standardised by StandardScaler", "RobustScaler": "scaled by RobustScaler",
                  "MinMaxScaler": "scaled to 0 to 1 by MinMaxScaler"}.get(value.last)
        if scaled is None:
            return Unknown(name)
        result = _done(args[0], scaled)
        plain = value.last == "MinMaxScaler" and not value.args and not value.kwargs and name == "fit_transform"
        return replace(result, minimum=0.0, maximum=1.0) if plain else result
    if isinstance(value, Call) and name == "fit" and value.last.endswith("Scaler"):
        return value
    if isinstance(value, Call) and value.last in ("default_rng", "RandomState") and args is not None:
        return _random(name, args, kwargs.get("size")) or Unknown(name)
    if isinstance(value, Unknown) and name in ("astype",) and args is not None:
        return value
    if not isinstance(value, Array):
        return Unknown(name)
    if args is None:
        return {"shape": value.shape if value.shape is not None else Unknown(name),
                "ndim": len(value.shape) if value.shape is not None else Unknown(name),
                "values": value, "T": _transposed(value)}.get(name, Unknown(name))
    if name == "astype" and args:
        dtype = _dtype(args[0])
        return _typed(value, dtype) if dtype else replace(value, dtype="", data=None)
    if name == "reshape" and args:
        return _reshaped(value, args[0] if len(args) == 1 else args)
    if name in ("flatten", "ravel"):
        return _reshaped(value, -1)
    if name in ("copy", "to_numpy", "squeeze"):
        return value if name != "squeeze" else _shaped(value, None)
    if name == "expand_dims":
        axis = args[0] if args else kwargs.get("axis")
        if value.shape is not None and axis in (-1, len(value.shape)):
            return _shaped(value, (*value.shape, 1), None if value.data is None else value.data[..., None])
        return _shaped(value, None)
    if name in ("sin", "cos", "exp", "sqrt", "square", "abs", "tanh", "log"):
        return _mapped(value, name)
    return Unknown(name)


def _mapped(value: Array, name: str) -> Array:
    if value.data is not None:
        with np.errstate(all="ignore"):
            data = getattr(np, name)(value.data)
        if np.isfinite(data).all():
            return of_data(data, value.done)
    low, high = (-1.0, 1.0) if name in ("sin", "cos", "tanh") else (None, None)
    return Array(value.shape, "", low, high, None, False, done=value.done)


def _typed(value: Array, dtype: str | None) -> Array:
    if value.data is not None and dtype:
        with np.errstate(all="ignore"):
            return of_data(value.data.astype(dtype), value.done)
    return replace(value, dtype=dtype or "", integers=True if dtype and "int" in dtype else value.integers)


def _transposed(value: Array) -> Array:
    if value.data is not None:
        return of_data(value.data.T, value.done)
    return _shaped(value, value.shape[::-1] if value.shape is not None else None)


def _reshaped(value: Array, target: Any) -> Array:
    target = (target,) if whole(target) else tuple(target) if isinstance(target, list | tuple) else None
    if target is None or len(target) > 8:
        return _shaped(value, None)
    if value.data is not None and all(map(whole, target)):
        try:
            return of_data(value.data.reshape(target), value.done)
        except ValueError:
            return _shaped(value, None)
    sizes = [one if whole(one) and one > 0 else None for one in target]
    entries = math.prod(value.shape) if value.shape and None not in value.shape else None  # type: ignore[arg-type]
    if list(target).count(-1) == 1:
        place, known = list(target).index(-1), [size for n, size in enumerate(sizes) if target[n] != -1]
        if entries and None not in known and (inner := math.prod(known)):  # type: ignore[arg-type]
            sizes[place] = entries // inner
    one_hot = value.one_hot if value.one_hot is False else None
    return replace(_shaped(value, tuple(sizes)), one_hot=one_hot)


def arithmetic(kind: type, left: Any, right: Any) -> Array | None:
    """array ○ number for + − × ÷, entry by entry; None where neither is an array, or nothing is to be said of it."""
    if isinstance(left, Unknown) and number(right) and kind is ast.Div and right not in (0, 1):
        return Array(None, done=(f"divided by {right:g}",))
    array, other = (left, right) if isinstance(left, Array) else (right, left)
    if not isinstance(array, Array):
        return None
    if not number(other):
        return Array(array.shape, done=array.done)
    signs = {ast.Add: np.add, ast.Sub: np.subtract, ast.Mult: np.multiply, ast.Div: np.divide}
    if kind not in signs:
        return Array(array.shape, one_hot=False, done=array.done)
    done = (*array.done, f"divided by {other:g}")[-4:] if kind is ast.Div and array is left else array.done
    with np.errstate(all="ignore"):
        if array.data is not None:
            data = signs[kind](array.data, other) if array is left else signs[kind](other, array.data)
            return of_data(data, done) if np.isfinite(data).all() else Array(array.shape, done=done)
        ends = [float(signs[kind](end, other) if array is left else signs[kind](other, end))
                if end is not None else None for end in (array.minimum, array.maximum)]
    known = [end for end in ends if end is not None and math.isfinite(end)]
    crosses = kind is ast.Div and array is right  # 1 / x has no ends where x may be 0
    low, high = (min(known), max(known)) if len(known) == 2 and not crosses else (None, None)
    floats = kind is ast.Div or isinstance(other, float)
    dtype = ("float32" if array.dtype == "float32" else "float64" if array.dtype in ("float64", "uint8", "int64")
             else "") if floats else ""
    return Array(array.shape, dtype, low, high, array.integers if not floats else None, False, array.distinct,
                 done=done)


def indexed(value: Any, index: Any) -> Any:
    """value[index]: a slice of the examples, one column, or all but one; None for what is not known."""
    if isinstance(value, Unknown):
        return None
    if not isinstance(value, Array) or value.shape is None:
        return Array(None, done=value.done) if isinstance(value, Array) and value.done else None
    whole_index = index if isinstance(index, tuple) else (index,)
    if value.data is not None and all(whole(one) or one is None or (isinstance(one, slice) and _plain(one))
                                      for one in whole_index):
        try:
            return of_data(np.asarray(value.data[index]), value.done)
        except (IndexError, ValueError):
            return None
    shape: list[Size] = []
    rest = list(value.shape)
    for one in whole_index:
        if not rest and one is not None:
            return None
        if isinstance(one, slice):
            shape.append(_sliced(rest.pop(0), one))
        elif one is None or isinstance(one, Named):
            shape.append(1)
        elif whole(one):
            rest.pop(0)
        else:
            return Array(None, done=value.done)
    return replace(_shaped(value, (*shape, *rest)), one_hot=value.one_hot if value.one_hot is False or
                   (whole_index and isinstance(whole_index[0], slice) and len(whole_index) == 1) else None)


def _plain(one: slice) -> bool:
    return all(end is None or whole(end) for end in (one.start, one.stop, one.step)) and one.step != 0


def _sliced(size: Size, one: slice) -> Size:
    if not _plain(one):
        return None
    if size is not None:
        return len(range(*one.indices(size)))
    return None
