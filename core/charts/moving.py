"""A whole run in one frame: charts travel to the browser once, and show the moment at which the play-head stands.

A moment is a recorded step, counted from 0. The browser keeps the play-head's moment on the document (`body.value`) and
says by the event `playhead` that it has changed; every drawing that moves has a parameter bound to it. No chart is sent
again for another moment, and its spec never changes during a run. A chart with a name hears an event of its own
(`bound`), so that the player lets charts rest that nobody sees.

A frame holds all moments in one of two ways, and a drawing reads it by the transforms of the same name:

- `LIFE`: a row is there from moment `since` up to, but not at, moment `until` (FOREVER for what stays).
- `packed(scale)`: a row a mark, its numbers over all moments as one text, "0.1,0.09,0.08"; a tenth of the rows' size.
  A text with a single number stays the same in all moments. A row that ends early keeps its last one.

`at(frame, moment)` gives back the rows of one moment, for the tables of numbers and for the tests.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from core.charts.scales import VALUE_KINDS, Scale

FOREVER = 30_000  # fits two bytes; no run has as many moments
DIGITS = 7  # significant ones of a packed number: what a float32 has
Transforms = list[dict[str, Any]]

HEAD = "playhead"  # the event that says that the play-head has moved
# `at` is the moment that is shown: before anything has set `body.value`, it is undefined.
PARAMS: Transforms = [
    {"name": "head", "value": 0, "bind": {"element": "body", "event": HEAD}},
    {"name": "at", "expr": "isValid(head) ? +head : 0"},
]
LIFE: Transforms = [{"filter": "datum.since <= at && at < datum.until"}]

CODES = dict(zip(VALUE_KINDS, "v<>zin", strict=True))  # a kind of value as one letter
HIDDEN = "-"  # in place of a kind: nothing is drawn at that moment


def bound(spec: dict[str, Any], name: str) -> dict[str, Any]:
    """The spec with its play-head bound to the event `playhead-name`, if it has one."""
    head, *others = spec.get("params") or [{}]
    if "bind" not in head or head["name"] != PARAMS[0]["name"]:
        return spec
    return spec | {"params": [head | {"bind": {"element": "body", "event": f"{HEAD}-{name}"}}, *others]}


# --- numbers as text --------------------------------------------------------------------------------------------------


def text_of(numbers: Iterable[float], digits: int = DIGITS) -> str:
    """Numbers as JavaScript reads them, with commas between; a single one where all are the same."""
    found = [f"{number:.{digits}g}" for number in numbers]
    found = found[:1] if len(set(found)) == 1 else found
    return ",".join(found).replace("inf", "Infinity").replace("nan", "NaN")


def codes_of(codes: Sequence[str], usual: str) -> str:
    """Letters, one a moment, as one text; empty where all are the usual one."""
    text = "".join(codes)
    return "" if set(text) <= {usual} else text


def _numbers(text: str) -> list[float]:
    return [float(one) for one in text.split(",")]


def packed(scale: Scale) -> Transforms:
    """Reads rows of `values`, `kinds`, `segments` and, for direct labels, `labels`: all texts over the moments.

    It makes the columns that lines and points are drawn from: value, y (on the scale), mark, segment, points (where
    `always`, or a value is not on the axis), exact, says (the sign of a value that is not on the axis, at the first of
    several in a row), label_from and label_y. kinds: a letter of CODES a moment, a capital one where the sign is
    written, HIDDEN where nothing is drawn; segments: a letter for each unbroken piece of line, HIDDEN where nothing is
    joined; both empty where all is usual.
    """
    low, high = scale.low, scale.high
    kind = {code: name for name, code in CODES.items()}
    return [
        {"calculate": "split(datum.values, ',')", "as": "_values"},
        {"calculate": "split(datum.labels, ',')", "as": "_labels"},
        {"calculate": "min(at, length(datum._values) - 1)", "as": "_at"},
        {"calculate": "datum.kinds ? slice(datum.kinds, min(at, length(datum.kinds) - 1), "
                      "min(at, length(datum.kinds) - 1) + 1) : 'v'", "as": "_code"},
        {"filter": f"datum._code != '{HIDDEN}'"},
        {"calculate": "toNumber(datum._values[datum._at])", "as": "value"},
        {"calculate": f"{kind}[lower(datum._code)]", "as": "_kind"},
        {"calculate": f"indexof('<z', lower(datum._code)) >= 0 ? {low!r} : datum._kind == 'value' ? datum.value"
                      f" : {high!r}", "as": "y"},
        {"calculate": "datum._kind == 'value' ? datum.series : datum._kind", "as": "mark"},
        {"calculate": "datum.segments ? slice(datum.segments, min(at, length(datum.segments) - 1), "
                      "min(at, length(datum.segments) - 1) + 1) : 'A'", "as": "segment"},
        {"calculate": "datum.always || datum._kind != 'value'", "as": "points"},
        {"calculate": "datum._code != lower(datum._code) ? "
                      "{zero: '0', infinite: '∞', nan: 'NaN'}[datum._kind] : ''", "as": "says"},
        {"calculate": "{zero: '0', infinite: '∞', nan: 'NaN'}[datum._kind] || format(datum.value, '.5~g')",
         "as": "exact"},
        {"calculate": "datum.y", "as": "label_from"},
        {"calculate": "toNumber(datum._labels[min(at, length(datum._labels) - 1)])", "as": "label_y"},
    ]


# --- rows with a lifetime ---------------------------------------------------------------------------------------------


def lifetimes(moments: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """The frames of all moments as one: a row that stays the same from one moment to the next stands in it once.

    Columns are those of the frames, and `since` and `until`; what is there at the last moment stays FOREVER.
    """
    everything = pd.concat(moments, ignore_index=True)
    moment = np.repeat(np.arange(len(moments)), [len(frame) for frame in moments])
    same = pd.util.hash_pandas_object(everything, index=False).to_numpy()
    # The second of two equal rows of a moment goes on in the second of the next.
    number = pd.DataFrame({"moment": moment, "same": same}).groupby(["moment", "same"]).cumcount().to_numpy()
    order = np.lexsort((moment, number, same))
    begins = np.ones(len(order), bool)
    begins[1:] = ((same[order][1:] != same[order][:-1]) | (number[order][1:] != number[order][:-1])
                  | (moment[order][1:] != moment[order][:-1] + 1))
    ends = np.append(begins[1:], True) if len(order) else begins
    since, until = moment[order][begins], moment[order][ends] + 1
    found = everything.iloc[order[begins]].assign(since=since, until=np.where(until == len(moments), FOREVER, until))
    return found.iloc[np.argsort(order[begins], kind="stable")].reset_index(drop=True)


# --- one moment of a frame --------------------------------------------------------------------------------------------

_KIND = {code: kind for kind, code in CODES.items()}


def at(frame: pd.DataFrame, moment: int) -> pd.DataFrame:
    """The rows of a frame at a moment, without what says when they are there, packed numbers read."""
    if "since" in frame:
        there = (frame["since"] <= moment) & (moment < frame["until"])
        frame = frame[there].drop(columns=["since", "until"])
    if "values" in frame:
        codes = [_of(text, moment, "v") for text in frame["kinds"]]
        marks = [_KIND[code.lower()] if code != HIDDEN else "" for code in codes]
        frame = frame.assign(
            value=[_read(text, moment) for text in frame["values"]],
            mark=[series if mark == "value" else mark for series, mark in zip(frame["series"], marks, strict=True)],
            segment=[_of(text, moment, "A") for text in frame["segments"]],
            label_y=[_read(text, moment) if text else np.nan for text in frame["labels"]])
        frame = frame.drop(columns=["values", "kinds", "segments", "labels"])[[code != HIDDEN for code in codes]]
    return frame.reset_index(drop=True)


def _read(text: str, moment: int) -> float:
    numbers = _numbers(text)
    return numbers[min(moment, len(numbers) - 1)]


def _of(text: str, moment: int, usual: str) -> str:
    return text[min(moment, len(text) - 1)] if text else usual
