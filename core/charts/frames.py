"""From the snapshots of a run to one frame that holds all of its moments, ready for a Drawing (core.charts.moving).

Columns that several charts share:
    run: "" for the run on the stage, else what an earlier one is.
    series: what is measured, one of `theme.SERIES` or a name the caller gave.
    layer, place: 1 nearest the input to depth + 1, the output; the same in words.
    step: updates made.
    value: the exact number, NaN and infinities included; exact: as text, where a point is drawn.
    y: where it is drawn, always finite; mark: the series where the value is on the axis, else where it went
        (`below`, `above`, `zero`, `infinite`, `nan`); says: its sign, at the first of several
        in a row that have no place on the axis.
    segment: an unbroken piece of line, -1 where nothing is joined; points: whether a point is drawn.
    label, label_from, label_y: a direct label ("" for none), where its line ends, and where the label stands without
        touching another.
    since, until: the moments at which a row is there; or values, kinds, segments, labels, always: its numbers of all
        moments, from which the browser makes the columns above.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Container, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from core.charts.drawing import row_share
from core.charts.functions import CURVE_HEIGHT as FUNCTION_HEIGHT
from core.charts.functions import FACTOR
from core.charts.layers import FRACTIONS, GRADIENT_HEIGHT, PANEL_HEIGHT, RULE_OF_THUMB, UPDATE_RATIO
from core.charts.moving import CODES, DIGITS, FOREVER, HIDDEN, at, codes_of, text_of
from core.charts.scales import Scale
from core.charts.steps import ACCURACY, CURVE_HEIGHT
from core.theory import Prediction
from core.training import Snapshot
from core.words import exactly

QUANTITIES = {"signal": "signal_rms", "kernel gradient": "kernel_gradient_norm"}
OF_LAYERS = QUANTITIES | {"update ratio": "update_ratio"}
HEAT_ROWS = 60
CURVE_POINTS = 241
HISTOGRAM_BINS = 60
SPREAD_DIGITS = 5  # as many as are shown
DRAWING_ONLY = ("y", "bottom", "top", "stds", "mark", "segment", "points", "always", "label",
                "label_from", "label_y", "exact", "says", "name_y", "align", "row")
SIGNS = {"zero": "0", "infinite": "∞", "nan": "NaN"}
LAST_FINITE = "last finite numbers"  # the run that a picture with an overflow keeps, pale

Function = Callable[[np.ndarray], np.ndarray]
Rows = dict[str, np.ndarray]


def table(frame: pd.DataFrame, moment: int = 0) -> pd.DataFrame:
    """What a data tab shows and a CSV file holds: the rows of a moment without the columns that only place marks."""
    found = at(frame, moment)
    if "stds" in frame:
        found["std"] = at(frame.assign(values=frame["stds"]), moment)["value"]
    if {"since", "label", "segment"} <= {*frame}:  # the end of a `growing` line is a row twice, once with its label
        found = found[(found["label"] == "") | (found["segment"] != -1)].reset_index(drop=True)
    return found.drop(columns=[name for name in DRAWING_ONLY if name in found])


# --- by layer -------------------------------------------------------------------------------------------------------

History = Sequence[Snapshot]


def gradient(history: History, scale: Scale, prediction: Prediction | None = None,
             earlier: Mapping[str, History] | None = None) -> pd.DataFrame:
    """For `charts.gradient`: a history from step 0 on, theory, and the signal of earlier runs by label.

    Units: signal, loss per unit of pre-activation, RMS per example; kernel gradient, loss per unit of weight, norm.
    An earlier run is shown at the step that is shown, or its last before it; of one with another depth, the hidden
    layers that the chart has room for. Theory is for the initial weights; its level is that of the measured signal in
    the last hidden layer at step 0.
    """
    first = history[0].layers.signal_rms
    layers, level = len(first), first[-2]
    rows = []
    for label, other in (earlier or {}).items():
        measured = field_of(_beside(history, other), "signal_rms")
        shown = measured if measured.shape[1] == layers else measured[:, :-1][:, :layers - 1]
        rows.append(over_layers(label, shown, scale, layers=measured.shape[1], run="earlier run"))
    if prediction is not None and prediction.signal is not None and 0 < level < np.inf:
        rows.append(over_layers("theory", prediction.signal * level, scale, layers=layers, points=False))
    for name, field in QUANTITIES.items():
        values = field_of(history, field)
        rows += [*_last_finite(name, values, scale), over_layers(name, values, scale)]
    return packed_frame(rows, scale, GRADIENT_HEIGHT)


def _beside(history: History, other: History) -> History:
    """The snapshots of another run that belong beside those of a history: at the same step, or the last before it."""
    steps = [snapshot.step for snapshot in other]
    return [other[max(bisect_right(steps, snapshot.step) - 1, 0)] for snapshot in history]


def several(histories: Mapping[str, History], scale: Scale, quantity: str = "signal",
            theory: Mapping[str, np.ndarray] | None = None) -> pd.DataFrame:
    """For `charts.several`: one quantity of several runs of the same depth, by label.

    theory: by label too, a value for each hidden layer.
    """
    rows = [over_layers("theory", values, scale, layers=len(values) + 1, points=False, line=number,
                        label="" if number else None)  # one label for all of them
            for number, values in enumerate((theory or {}).values())]
    for label, history in histories.items():
        values = field_of(history, OF_LAYERS[quantity])
        rows.append(over_layers(label, values, scale, hidden=_unmeasured(history, quantity)))
    return packed_frame(rows, scale, GRADIENT_HEIGHT)


def update_ratio(history: History) -> pd.DataFrame:
    """For `charts.update_ratio`: RMS of the last step over RMS of the kernel (no unit); nothing measured at step 0."""
    ratio = field_of(history, "update_ratio")
    rows = [over_layers("rule of thumb", np.full(ratio.shape[1], RULE_OF_THUMB), UPDATE_RATIO, points=False),
            over_layers("update ratio", ratio, UPDATE_RATIO, hidden=_unmeasured(history, "update ratio"))]
    return packed_frame(rows, UPDATE_RATIO, PANEL_HEIGHT)


def _unmeasured(history: History, quantity: str) -> np.ndarray:
    """At which moments there is nothing to draw, `(moments,)`: an update has no size before the first."""
    return np.array([quantity == "update ratio" and snapshot.step == 0 for snapshot in history])


def fractions(history: History) -> pd.DataFrame:
    """For `charts.fractions`: shares from 0 to 1 of saturated (example, unit) pairs and of dead units."""
    return packed_frame([over_layers("saturated", field_of(history, "saturated_fraction"), FRACTIONS),
                               over_layers("dead", field_of(history, "dead_fraction"), FRACTIONS)],
                              FRACTIONS, PANEL_HEIGHT)


def spread(history: History, scale: Scale) -> pd.DataFrame:
    """For `charts.spread`: value is the mean of a layer's activations, `stds` their standard deviation.

    Where either is not finite there is no bar.
    """
    mean, std = field_of(history, "activation_mean"), field_of(history, "activation_std")
    rows = over_layers("mean ± std", mean, scale, digits=SPREAD_DIGITS) | {"stds": texts(std, SPREAD_DIGITS)}
    return packed_frame([rows], scale, PANEL_HEIGHT)


def heat(history: History, steps: int, scale: Scale, quantity: str = "kernel gradient") -> pd.DataFrame:
    """For `charts.heat`: layer × step, at most HEAT_ROWS stretches of steps, each with the last state recorded in it.

    Columns step and end are a stretch's two ends; `recorded` is the step that was measured.
    """
    height = max(1, -(-steps // HEAT_ROWS))  # steps in one stretch
    recorded = np.array([snapshot.step for snapshot in history])
    stretch = np.minimum(recorded // height, (steps - 1) // height)
    moment = np.arange(len(history))
    until = np.where(np.append(stretch[1:] == stretch[:-1], False), moment + 1, FOREVER)
    values = field_of(history, QUANTITIES[quantity])
    moments, layers = values.shape
    y, kind = scale.place(values.ravel())
    return pd.DataFrame({
        "layer": np.tile(np.arange(1, layers + 1), moments), "step": np.repeat(stretch * height, layers),
        "end": np.repeat((stretch + 1) * height, layers), "recorded": np.repeat(recorded, layers),
        "value": values.ravel(), "y": y, "mark": kind,
        "since": np.repeat(moment, layers), "until": np.repeat(until, layers)})


# --- by step --------------------------------------------------------------------------------------------------------


def loss(history: History, scale: Scale) -> pd.DataFrame:
    """For `charts.loss`: loss of the training batch and, where there is one, of the validation part."""
    return by_step(history, scale, {"training": "loss", "validation": "validation_loss"})


def accuracy(history: History) -> pd.DataFrame:
    """For `charts.accuracy`: shares from 0 to 1; no rows for a regression."""
    return by_step(history, ACCURACY, {"training": "accuracy", "validation": "validation_accuracy"})


def accuracies(histories: Mapping[str, History]) -> pd.DataFrame:
    """For `charts.accuracies`: share of the training part classified correctly, of several runs, by label."""
    return grown([_over_steps(history, ACCURACY, label, "accuracy") for label, history in histories.items()],
                 ACCURACY, CURVE_HEIGHT)


def losses(histories: Mapping[str, History], scale: Scale) -> pd.DataFrame:
    """For `charts.losses`: loss of the training batch of several runs, by label."""
    return grown([_over_steps(history, scale, label, "loss") for label, history in histories.items()], scale,
                 CURVE_HEIGHT)


def by_step(history: History, scale: Scale, fields: Mapping[str, str], every: int | None = None,
            points: Container[int] = ()) -> pd.DataFrame:
    """A line a field of the snapshots, by series; points also at these steps; with `every` steps an epoch, epochs."""
    return grown([_over_steps(history, scale, series, field, every, points) for series, field in fields.items()],
                 scale, CURVE_HEIGHT)


def _over_steps(history: History, scale: Scale, series: str, field: str, every: int | None = None,
                points: Container[int] = ()) -> Rows:
    known = [(moment, snapshot.step, value) for moment, snapshot in enumerate(history)
             if (value := getattr(snapshot, field)) is not None]
    moment, step, values = np.array(known, np.float64).reshape(-1, 3).T
    columns = {"step": step.astype(int)} | ({"epoch": step / every} if every else {})
    return growing(series, values, moment.astype(int), scale, points=np.array([one in points for one in step], bool),
                   **columns)


# --- functions ------------------------------------------------------------------------------------------------------


def curves(functions: Mapping[str, Function], x_scale: Scale, y_scale: Scale,
           point: float | None = None) -> pd.DataFrame:
    """For `charts.curves`: each function of `x (n,)` at CURVE_POINTS values, and at `point`.

    What lies beyond the y axis is cut off there, not drawn along its edge; value has it.
    """
    rows = [_curve(label, function, x_scale, y_scale) for label, function in functions.items()]
    if point is not None:
        at = np.array([float(point)])
        rows += [line(label, function(at), y_scale, x=at) | {"segment": np.array([-1])}
                 for label, function in functions.items()]
    return placed(rows, y_scale, FUNCTION_HEIGHT)


def histogram(sample: np.ndarray, x_scale: Scale, y_scale: Scale, density: Function | None = None) -> pd.DataFrame:
    """For `charts.histogram`: the sample's density in HISTOGRAM_BINS bins of the x axis, and the theoretical one.

    Weights beyond the axis count in its first and last bin, so that the bars always hold the whole sample. An empty
    sample, before there is one, has bars of no height.
    """
    edges = np.linspace(x_scale.low, x_scale.high, HISTOGRAM_BINS + 1)
    counts, _ = np.histogram(np.clip(np.ravel(sample), x_scale.low, x_scale.high), edges)
    height = counts / (max(np.size(sample), 1) * np.diff(edges))
    rows = [line("sample", height, y_scale, x=edges[:-1], x2=edges[1:]) | {"segment": np.full(HISTOGRAM_BINS, -1)}]
    if density is not None:
        theory = _curve("theory", density, x_scale, y_scale)
        rows.append(theory | {"x2": theory["x"]})
    return placed(rows, y_scale, FUNCTION_HEIGHT)


def fits(x: np.ndarray, y: np.ndarray, outlier: int, functions: Mapping[str, Function], x_scale: Scale,
         y_scale: Scale) -> pd.DataFrame:
    """For `charts.fits`: the points `x, y (n,)`, of which number `outlier` stands out, and a fitted function a name."""
    names = np.where(np.arange(len(x)) == outlier, "outlier", "data")
    data = line("data", y, y_scale, x=np.asarray(x, np.float64)) | {"series": names, "segment": np.full(len(x), -1)}
    return placed([data, *(_curve(label, function, x_scale, y_scale) for label, function in functions.items())],
                  y_scale, FUNCTION_HEIGHT)


def factors(measured: Mapping[str, Sequence[float | None]], theory: Mapping[str, float | None]) -> pd.DataFrame:
    """For `charts.factors`: by name what one layer multiplies the signal by, at all moments, and in theory, which
    stays; None leaves the mark out.
    """
    rows = []
    for series, named in (("theory", {name: [factor] for name, factor in theory.items()}), ("signal", measured)):
        for name, factors in named.items():
            values = np.array(factors, np.float64)[:, None]
            unknown = np.array([factor is None for factor in factors])
            rows.append(packed_line(series, values, FACTOR, label="", hidden=unknown, name=np.array([name], object)))
    return packed_frame(rows, FACTOR, FUNCTION_HEIGHT)


# --- what they share ------------------------------------------------------------------------------------------------


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


def field_of(history: History, name: str) -> np.ndarray:
    """A field of `Layers` at all moments, `(moments, layers)`."""
    return np.array([getattr(snapshot.layers, name) for snapshot in history], np.float64)


def over_layers(series: str, values: np.ndarray, scale: Scale, *, layers: int | None = None, **given: Any) -> Rows:
    """The rows of a line over layers 1, 2, … of a network with `layers` of them, labelled at the first; packed.

    values: `(moments, layers)`, or `(layers,)` for what stays; given: what else `packed_line` is told.
    """
    shown = np.shape(values)[-1]
    numbers = np.arange(1, shown + 1)
    place = np.array(["output" if n == (layers or shown) else f"layer {n}" for n in numbers], object)
    return packed_line(series, values, scale, layer=numbers, place=place, **given)


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


def _last_finite(series: str, values: np.ndarray, scale: Scale) -> list[Rows]:
    """Where a run reaches numbers that are not finite: the last finite picture, pale, from then on."""
    finite = np.isfinite(values).all(axis=1)
    if finite.all() or not finite.any():
        return []
    last = np.maximum.accumulate(np.where(finite, np.arange(len(values)), 0))
    return [over_layers(series, values[last], scale, run=LAST_FINITE, label="", points=False, hidden=finite)]


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


def _curve(series: str, function: Function, x_scale: Scale, y_scale: Scale) -> Rows:
    """A line that leaves the plot where its values leave the axis: y goes on beyond it, where marks are clipped."""
    x = np.linspace(x_scale.low, x_scale.high, CURVE_POINTS)
    values = np.asarray(function(x), np.float64)
    finite = np.isfinite(values)
    length = y_scale.high - y_scale.low
    return line(series, values, y_scale, labelled=-1, x=x) | {
        "y": np.clip(np.where(finite, values, y_scale.high), y_scale.low - length, y_scale.high + length),
        "segment": np.where(finite, np.cumsum(~finite), -1), "points": np.zeros(len(x), bool)}


def placed(rows: Sequence[Rows], scale: Scale, height: int) -> pd.DataFrame:
    """All rows of a chart that does not move in one frame, with direct labels one row of text apart."""
    columns = joined_rows(rows)
    has = columns["label"] != ""
    label_from, label_y = np.full((2, len(has)), np.nan)
    label_from[has] = _within(columns["y"][has], scale)
    label_y[has] = scale.apart(label_from[has], row_share(height))
    return pd.DataFrame(columns | {"label_from": label_from, "label_y": label_y})


def _within(positions: np.ndarray, scale: Scale) -> np.ndarray:
    low, high = scale.domain
    return np.clip(positions, low, high)
