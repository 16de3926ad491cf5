"""What the frames of charts are made of: the rows of a line at all moments of a run, and its labels kept apart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from core.charts.drawing import row_share
from core.charts.moving import CODES, DIGITS, FOREVER, HIDDEN, at, codes_of, text_of
from core.charts.scales import Scale
from core.words import exactly

# Columns that several charts share:
#   run: "" for the run on the stage, else what an earlier one is.
#   series: what is measured, one of `theme.SERIES` or a name the caller gave.
#   layer, place: 1 nearest the input to depth + 1, the output; the same in words.
#   step: updates made.
#   value: the exact number, NaN and infinities included; exact: as text, where a point is drawn.
#   y: where it is drawn, always finite; mark: the series where the value is on the axis, else where it went (`below`,
#       `above`, `zero`, `infinite`, `nan`); says: its sign, at the first of several in a row that have no place on
#       the axis.
#   segment: an unbroken piece of line, -1 where nothing is joined; points: whether a point is drawn.
#   label, label_from, label_y: a direct label ("" for none), where its line ends, and where the label stands without
#       touching another.
#   since, until: the moments at which a row is there; or values, kinds, segments, labels, always: its numbers of all
#       moments, from which the browser makes the columns above.

Rows = dict[str, np.ndarray]  # some rows of a frame, by column
DRAWING_ONLY = ("y", "bottom", "top", "stds", "mark", "segment", "points", "always", "label",
                "label_from", "label_y", "exact", "says", "name_y", "align", "row", "across")
SIGNS = {"zero": "0", "infinite": "∞", "nan": "NaN"}


def table(frame: pd.DataFrame, moment: int = 0) -> pd.DataFrame:
    """What a data tab shows and a CSV file holds: the rows of a moment without the columns that only place marks."""
    found = at(frame, moment)
    if "stds" in frame:
        found["std"] = at(frame.assign(values=frame["stds"]), moment)["value"]
    if {"since", "label", "segment"} <= {*frame}:  # the end of a `growing` line is a row twice, once with its label
        found = found[(found["label"] == "") | (found["segment"] != -1)].reset_index(drop=True)
    return found.drop(columns=[name for name in DRAWING_ONLY if name in found])


# --- lines whose rows are there for a time ----------------------------------------------------------------------------


def line(series: str, values: np.ndarray, scale: Scale, *, run: str = "", label: str | None = None,
         labelled: int | None = None, points: Any = True, **columns: np.ndarray) -> Rows:
    """The rows of one line: what is off the axis always gets a point; row number `labelled` the label."""
    values = np.asarray(values, np.float64)
    n = len(values)
    y, kind = scale.place(values)
    on_axis, joined = kind == "value", _joined(kind)
    shown = points | ~on_axis
    labels = np.full(n, "", object)
    if labelled is not None and n:
        labels[labelled] = series if label is None else label
    return {
        "run": np.full(n, run, object), "series": np.full(n, series, object), **columns, "value": values, "y": y,
        "mark": np.where(on_axis, series, kind).astype(object), "segment": np.where(joined, np.cumsum(~joined), -1),
        "points": shown, "label": labels, "says": np.where(_signed(kind), [SIGNS.get(one, "") for one in kind], ""),
        "exact": np.array([exactly(value) if show else "" for value, show in zip(values, shown, strict=True)], object)}


def _joined(kind: np.ndarray) -> np.ndarray:
    """Where a line goes on: at values, and at those beyond the axis."""
    return np.isin(kind, ("value", "below", "above"))


def _signed(kind: np.ndarray) -> np.ndarray:
    """Where a sign is written beside the mark: at the first of several along the last axis that have no place."""
    before = np.roll(kind, 1, axis=-1)
    before[..., :1] = "value"
    return np.isin(kind, tuple(SIGNS)) & (kind != before)


def growing(series: str, values: np.ndarray, moment: np.ndarray, scale: Scale, *, points: Any = False,
            **columns: Any) -> Rows:
    """The rows of a line of which one value more is known at each moment: the line's, there from then on, and for its
    end a point and a label, there until the next. Shapes: values, moment, each of the columns (n,).
    """
    along = line(series, values, scale, points=points, **columns) | {
        "since": moment, "until": np.full(len(moment), FOREVER)}
    until = np.append(moment[1:], FOREVER)[:len(moment)]
    end = line(series, values, scale, **columns) | {
        "segment": np.full(len(moment), -1), "label": np.full(len(moment), series, object),
        "says": np.full(len(moment), "", object), "since": moment, "until": until}
    return joined_rows([along, end])


def joined_rows(rows: Sequence[Rows]) -> Rows:
    """Rows below each other; all have the same columns."""
    return {name: np.concatenate([one[name] for one in rows]) for name in rows[0]}


def placed(rows: Sequence[Rows], scale: Scale, height: int) -> pd.DataFrame:
    """All rows of a chart that does not move in one frame, with direct labels one row of text apart."""
    columns = joined_rows(rows)
    has = columns["label"] != ""
    label_from, label_y = np.full((2, len(has)), np.nan)
    label_from[has] = _within(columns["y"][has], scale)
    label_y[has] = scale.apart(label_from[has], row_share(height))
    return pd.DataFrame(columns | {"label_from": label_from, "label_y": label_y})


def grown(rows: Sequence[Rows], scale: Scale, height: int) -> pd.DataFrame:
    """All rows that are there for a time in one frame, with the direct labels of each moment one row of text apart.

    A row with a label that others push aside ends there, and goes on as another one.
    """
    columns = joined_rows(rows)
    named = columns["label"] != ""
    label_from = np.where(named, _within(columns["y"], scale), np.nan)
    has = np.flatnonzero(named)
    which, since, until, label_y = _kept_apart(columns["since"][has], columns["until"][has], label_from[has], scale,
                                               row_share(height))
    order = np.concatenate([np.flatnonzero(~named), has[which]])
    placed = {name: values[order] for name, values in columns.items()} | {
        "label_from": label_from[order], "label_y": np.full(len(order), np.nan)}
    for name, values in (("since", since), ("until", until), ("label_y", label_y)):
        placed[name][len(order) - len(which):] = values
    return pd.DataFrame(placed)


def _kept_apart(since: np.ndarray, until: np.ndarray, y: np.ndarray, scale: Scale,
                share: float) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Labels that are there for a time, `(n,)`, in pieces for as long as each stays at its place.

    Which label each piece is of, since and until when, and where it stands, all `(pieces,)`.
    """
    pieces: list[tuple[int, int, float]] = []
    place: dict[int, float] = {}
    for moment in np.unique(since):
        there = np.flatnonzero((since <= moment) & (moment < until))
        for label, where in zip(map(int, there), scale.apart(y[there], share), strict=True):
            if place.get(label) != where:
                place[label] = where
                pieces.append((label, int(moment), where))
    pieces.sort(key=lambda piece: piece[:2])
    which, begins, label_y = np.array(pieces, np.float64).reshape(-1, 3).T
    which, begins = which.astype(int), begins.astype(int)
    ends = until[which]
    goes_on = np.flatnonzero(which[1:] == which[:-1])
    ends[goes_on] = begins[goes_on + 1]
    return which, begins, ends, label_y


def _within(positions: np.ndarray, scale: Scale) -> np.ndarray:
    low, high = scale.domain
    return np.clip(positions, low, high)


# --- lines of which every point moves ---------------------------------------------------------------------------------


def packed_line(series: str, values: np.ndarray, scale: Scale, *, run: str = "", label: str | None = None,
                labelled: int = 0, points: bool = True, hidden: np.ndarray | None = None, line: int = 0,
                digits: int = DIGITS, **columns: np.ndarray) -> Rows:
    """The rows of a line of which every point moves: a row a point, its numbers of all moments as texts.

    values: `(moments, n)`, or `(n,)` for what stays; hidden: `(moments,)`, when nothing is drawn; line: a number apart
    from those of other lines of the same series; labelled: the point that has the label.
    """
    values = np.atleast_2d(np.asarray(values, np.float64))
    n = values.shape[1]
    y, kind = (array.reshape(values.shape) for array in scale.place(values.ravel()))
    joined, signed = _joined(kind), _signed(kind)
    codes = np.vectorize(CODES.get, otypes=[str])(kind)
    codes = np.where(signed, np.char.upper(codes), codes)
    letters = np.array([chr(65 + line * (n + 1) + i) for i in range(n + 1)])
    pieces = np.where(joined, letters[np.cumsum(~joined, axis=1)], HIDDEN)
    if hidden is not None:
        codes[hidden] = HIDDEN
    labels = np.full(n, "", object)
    labels[labelled] = series if label is None else label
    return {
        "run": np.full(n, run, object), "series": np.full(n, series, object), **columns,
        "always": np.full(n, points), "label": labels, "values": texts(values, digits),
        "kinds": np.array([codes_of(column, "v") for column in codes.T], object),
        "segments": np.array([codes_of(column, "A") for column in pieces.T], object), "label_from": y[:, labelled]}


def texts(values: np.ndarray, digits: int = DIGITS) -> np.ndarray:
    """Numbers `(moments, n)` as n packed texts."""
    return np.array([text_of(column, digits) for column in values.T], object)


def packed_frame(rows: Sequence[Rows], scale: Scale, height: int) -> pd.DataFrame:
    """Packed rows in one frame, with the direct labels at each moment one row of text apart."""
    named = [row["label_from"] for row in rows if (row["label"] != "").any()]
    moments = np.arange(max(map(len, named), default=0))
    ends = np.reshape([_within(one, scale)[np.minimum(moments, len(one) - 1)] for one in named],
                      (len(named), len(moments)))
    apart = np.reshape([scale.apart(now, row_share(height)) for now in ends.T], (len(moments), len(named)))
    columns = joined_rows([{name: values for name, values in row.items() if name != "label_from"} for row in rows])
    labels = np.full(len(columns["label"]), "", object)
    labels[columns["label"] != ""] = texts(apart)
    return pd.DataFrame(columns | {"labels": labels})
