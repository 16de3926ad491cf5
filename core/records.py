"""The file that `core.watch` writes of somebody's training, checked and read back.

What is checked: that it is JSON of the published format (in `core.watch`) and version, no larger, longer or deeper than
a record can be, with every name and number of its kind and in its range. Nothing in it is run.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from core.blueprint import Blueprint, Part, Values
from core.probes import LAYER_FIELDS, Layers

FORMAT, VERSION = "watch", 1
MOST_BYTES = 1_000_000
MOST_NAMES = 5000  # layers, rows, moments: as many as a list may have entries
LONGEST_NAME, LONGEST_SENTENCE = 200, 600
MOST_DIGITS = 25
LARGEST = 1e300
OUTPUTS = ("minimum", "maximum", "mean", "spread")
SIGNALS = ("pre-activation", "output")
CLIPS = ("none", "value", "norm", "global_norm")
FRACTIONS = ("saturated_fraction", "dead_fraction")
ANY_SIGN = ("activation_mean",)


@dataclass(frozen=True)
class Moment:
    """What was recorded at one step; NaN where there is no such number.

    loss, accuracy: of the sample, in training mode (accuracy None for a regression). logs: what `fit` itself reported
    at that time, by its names (loss, val_loss, accuracy, …). layers: one value a row of the record. outputs: of the
    model's answers to the sample, `minimum`, `maximum`, `mean`, `spread`.
    """

    step: int
    epoch: int
    loss: float
    accuracy: float | None
    logs: Mapping[str, float]
    layers: Layers
    outputs: Mapping[str, float]


@dataclass(frozen=True)
class Record:
    """A recorded training.

    rows: what has a kernel, in the order of the forward pass, by name (`lstm`, `lstm · recurrent`); parts: the place of
    each row's layer in `network.layers`; signals: what each row's signal is of, `pre-activation` or `output`.
    moments: recorded steps, first to last. stopped: why recording ended before `fit` did, else empty. notes: what could
    not be recorded, a sentence each.
    """

    network: Blueprint
    rows: tuple[str, ...]
    parts: tuple[int, ...]
    signals: tuple[str, ...]
    moments: tuple[Moment, ...]
    stopped: str
    notes: tuple[str, ...]


def read(text: str) -> Record:
    """The record in the text of a file that `core.watch` wrote.

    Raises:
        ValueError: the text is no such file; the sentence says what was wrong, what is allowed and what arrived.
    """
    if not isinstance(text, str):
        raise ValueError(f"A recorder's file is read as text. Received: {type(text).__name__}.")
    if len(text) > MOST_BYTES or len(text.encode(errors="surrogatepass")) > MOST_BYTES:
        raise ValueError(f"A recorder's file has at most {MOST_BYTES:,} bytes. Received: {len(text):,} characters.")
    try:
        content = json.loads(text.removeprefix("\ufeff"), object_pairs_hook=_without_twins, parse_int=_whole_number,
                             parse_float=_decimal, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        raise ValueError(f"This is no recorder's file: it is not JSON at line {error.lineno}, column {error.colno} "
                         f"({error.msg}).") from None
    except RecursionError:
        raise ValueError("A recorder's file is nested five deep. Received: far deeper nesting.") from None
    return _record(content)


# --- numbers and names as they are parsed ---------------------------------------------------------------------------


def _without_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) < len(pairs):
        names = [name for name, _ in pairs]
        twin = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"A name stands once in an object. Received: {_shown(twin)} twice.")
    return content


def _whole_number(digits: str) -> int:
    if len(digits) > MOST_DIGITS:
        raise ValueError(f"A whole number has at most {MOST_DIGITS} digits. Received: {len(digits)}.")
    return int(digits)


def _decimal(digits: str) -> float:
    number = float(digits)
    if not abs(number) <= LARGEST:
        raise ValueError(f"A number is at most {LARGEST:g} in size. Received: {_shown(digits)}.")
    return number


def _no_constant(word: str) -> float:
    raise ValueError(f'NaN is written null, an infinity "inf" or "-inf". Received: {word}.')


def _shown(value: Any) -> str:
    """What arrived, short and printable."""
    text = ascii(value)
    return text if len(text) <= 60 else text[:57] + "…"


def _refuse(where: str, allowed: str, value: Any) -> ValueError:
    return ValueError(f"{where} must be {allowed}. Received: {_shown(value)}.")


# --- kinds of values: (value, where it stands) -> the value ---------------------------------------------------------

Kind = Callable[[Any, str], Any]


def _text(most: int) -> Kind:
    def text(value: Any, where: str) -> str:
        if not isinstance(value, str) or len(value) > most or not value.isprintable():
            raise _refuse(where, f"printable text of at most {most} characters", value)
        return value
    return text


def _one_of(names: tuple[str, ...]) -> Kind:
    def one(value: Any, where: str) -> str:
        if not isinstance(value, str) or value not in names:
            raise _refuse(where, "one of " + ", ".join(names), value)
        return value
    return one


def _truth(value: Any, where: str) -> bool:
    if not isinstance(value, bool):
        raise _refuse(where, "true or false", value)
    return value


def _count(value: Any, where: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 10 ** 15:
        raise _refuse(where, "a whole number from 0 to 10¹⁵", value)
    return value


def _number(least: float = -math.inf, most: float = math.inf) -> Kind:
    """null is NaN; "inf" and "-inf" are the infinities."""
    infinities = {"inf": math.inf, "-inf": -math.inf}

    def number(value: Any, where: str) -> float:
        if value is None:
            return math.nan
        known = infinities.get(value) if isinstance(value, str) else value
        if isinstance(known, bool) or not isinstance(known, int | float) or not least <= known <= most:
            bounds = "" if least == -math.inf else f" from {least:g}" + ("" if most == math.inf else f" to {most:g}")
            raise _refuse(where, f'a number{bounds}, null, "inf" or "-inf"', value)
        return float(known)
    return number


def _finite(value: Any, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _refuse(where, "a finite number", value)
    return float(value)


def _or_none(kind: Kind) -> Kind:
    return lambda value, where: None if value is None else kind(value, where)


def _list(kind: Kind, most: int = MOST_NAMES, length: int | None = None) -> Kind:
    def entries(value: Any, where: str) -> tuple[Any, ...]:
        allowed = f"a list of {length} entries" if length is not None else f"a list of at most {most} entries"
        if not isinstance(value, list) or len(value) > most or (length is not None and len(value) != length):
            raise _refuse(where, allowed, value)
        return tuple(kind(entry, f"{where}[{place}]") for place, entry in enumerate(value))
    return entries


def _mapping(kind: Kind, most: int = 200) -> Kind:
    def entries(value: Any, where: str) -> dict[str, Any]:
        if not isinstance(value, dict) or len(value) > most:
            raise _refuse(where, f"an object of at most {most} entries", value)
        return {_NAME(name, f"a name in {where}"): kind(entry, f"{where}.{_shown(name)}")
                for name, entry in value.items()}
    return entries


def _object(kinds: Mapping[str, Kind], make: Callable[..., Any] = dict) -> Kind:
    """An object with exactly these names."""
    def entries(value: Any, where: str) -> Any:
        if not isinstance(value, dict):
            raise _refuse(where, "an object", value)
        if value.keys() != kinds.keys():
            missing, strange = kinds.keys() - value.keys(), value.keys() - kinds.keys()
            raise ValueError(f"{where} must have the names {', '.join(kinds)}. Received: "
                             + " and ".join([*(f"no {name}" for name in sorted(missing)[:3]),
                                             *(f"a name {_shown(name)}" for name in sorted(strange)[:3])]) + ".")
        return make(**{name: kind(value[name], f"{where}.{name}" if where != "The file" else name)
                       for name, kind in kinds.items()})
    return entries


def _anything(value: Any, where: str) -> Any:
    return value


# --- the format -----------------------------------------------------------------------------------------------------

_NAME, _SENTENCE = _text(LONGEST_NAME), _text(LONGEST_SENTENCE)
_SIZES = _list(_or_none(_count), most=20)
_STATISTIC, _SPREAD = _or_none(_number()), _or_none(_number(0))

_PART = _object({
    "name": _NAME, "type": _NAME, "units": _or_none(_count), "activation": _or_none(_NAME),
    "initializer": _or_none(_NAME), "parameters": _or_none(_count), "rate": _or_none(_number()),
    "bias": _or_none(_truth), "regularizer": _or_none(_NAME), "line": _or_none(_count)}, Part)
_VALUES = _object({
    "shape": _SIZES, "dtype": _NAME, "missing": _count, "minimum": _STATISTIC, "maximum": _STATISTIC,
    "mean": _STATISTIC, "spread": _SPREAD, "integers": _or_none(_truth), "distinct": _or_none(_count),
    "classes": _mapping(_count, most=100), "one_hot": _truth, "constant_columns": _count, "equal_columns": _count,
    "column_spreads": _or_none(_list(_number(0), length=2)), "variance": _SPREAD, "deviation": _SPREAD,
    "entropy": _SPREAD}, Values)
_NETWORK = _object({
    "layers": _list(_PART), "input_shape": _or_none(_SIZES), "sequential": _truth, "loss": _or_none(_NAME),
    "from_logits": _truth, "optimizer": _or_none(_NAME), "numbers": _mapping(_number()), "clip": _one_of(CLIPS),
    "clip_threshold": _or_none(_finite), "metrics": _list(_NAME, most=100), "batch_size": _or_none(_count),
    "epochs": _or_none(_count), "steps": _or_none(_count), "validated": _or_none(_truth), "x": _or_none(_VALUES),
    "y": _or_none(_VALUES), "keras": _NAME}, Blueprint)
_FILE = _object({
    "format": _anything, "version": _anything, "network": _NETWORK, "rows": _list(_NAME), "parts": _list(_count),
    "signals": _list(_one_of(SIGNALS)), "stopped": _SENTENCE, "notes": _list(_SENTENCE, most=50),
    "moments": _list(_anything)})


def _moment(rows: int) -> Kind:
    columns = {name: _list(_number(*_range(name)), length=rows) for name in LAYER_FIELDS}
    layers = _object(columns, lambda **found: Layers(**{
        name: np.array(column, np.float64) for name, column in found.items()}))
    return _object({
        "step": _count, "epoch": _count, "loss": _number(), "accuracy": _or_none(_number(0, 1)),
        "logs": _mapping(_number()), "layers": layers, "outputs": _object(dict.fromkeys(OUTPUTS, _number()))}, Moment)


def _range(field: str) -> tuple[float, ...]:
    return (0, 1) if field in FRACTIONS else () if field in ANY_SIGN else (0,)


def _record(content: Any) -> Record:
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise ValueError(f'This is no recorder\'s file: it must begin with "format": "{FORMAT}". '
                         f"Received: {_shown(content)}.")
    version = content.get("version")
    if isinstance(version, bool) or version != VERSION:
        raise ValueError(f"The recorder's file must be of version {VERSION}. Received: {_shown(version)}.")
    found = _FILE(content, "The file")
    rows, layers = len(found["rows"]), len(found["network"].layers)
    for name in ("parts", "signals"):
        if len(found[name]) != rows:
            raise ValueError(f"{name} must have an entry for each of the {rows} rows. Received: {len(found[name])}.")
    for part in found["parts"]:
        if part >= layers:
            raise _refuse("An entry of parts", f"the place of one of the {layers} layers, from 0", part)
    moments = _list(_moment(rows))(content["moments"], "moments")
    for earlier, later in pairwise(moments):
        if later.step <= earlier.step:
            raise _refuse("Each step of moments", f"larger than the one before, {earlier.step}", later.step)
    return Record(found["network"], found["rows"], found["parts"], found["signals"], moments, found["stopped"],
                  found["notes"])
