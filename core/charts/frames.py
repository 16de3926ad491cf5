"""From snapshots to tidy frames: one row a mark, ready to be streamed into a Drawing.

Columns that several charts share:
    run: "" for the run on the stage, else the label of an earlier one.
    series: what is measured, one of `theme.SERIES` or a name the caller gave.
    layer, place: 1 nearest the input to depth + 1, the output; the same in words.
    step: updates made.
    value: the exact number, NaN and infinities included; exact: as text, where a point is drawn.
    y: where it is drawn, always finite; mark: the series where the value is on the axis, else where it went
        (`below`, `above`, `zero`, `infinite`, `nan`).
    segment: an unbroken piece of line, -1 where nothing is joined; points: whether a point is drawn.
    label, label_from, label_y: a direct label ("" for none), where its line ends, and where the label stands without
        touching another.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from core.charts.drawing import row_share
from core.charts.functions import CURVE_HEIGHT as FUNCTION_HEIGHT
from core.charts.functions import FACTOR
from core.charts.layers import FRACTIONS, GRADIENT_HEIGHT, PANEL_HEIGHT, RULE_OF_THUMB, UPDATE_RATIO
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
DRAWING_ONLY = ("y", "bottom", "top", "mark", "segment", "points", "label", "label_from", "label_y", "exact")

Function = Callable[[np.ndarray], np.ndarray]
Rows = dict[str, np.ndarray]


def table(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame without the columns that only place its marks: what a data tab shows and a CSV file holds."""
    return frame.drop(columns=[name for name in DRAWING_ONLY if name in frame])


# --- by layer -------------------------------------------------------------------------------------------------------


def gradient(history: Sequence[Snapshot], scale: Scale, prediction: Prediction | None = None,
             earlier: Iterable[tuple[str, Snapshot]] = (),
             quantities: Sequence[str] = tuple(QUANTITIES)) -> pd.DataFrame:
    """For `charts.gradient`: the last snapshot of a history that starts at step 0, theory, earlier runs (label, state).

    Units: signal, loss per unit of pre-activation, RMS per example; kernel gradient, loss per unit of weight, norm.
    Of an earlier run with another depth the hidden layers are shown that the chart has room for.
    Theory is for the initial weights; its level is that of the measured signal in the last hidden layer at step 0.
    """
    now = history[-1].layers
    layers = len(now.signal_rms)
    rows = []
    for label, snapshot in earlier:
        for name in quantities:
            measured = getattr(snapshot.layers, QUANTITIES[name])
            shown = measured if len(measured) == layers else measured[:-1][:layers - 1]
            rows.append(_by_layer(name, shown, scale, layers=len(measured), run=label, label=label))
    level = history[0].layers.signal_rms[layers - 2]
    if prediction is not None and prediction.signal is not None and 0 < level < np.inf and "signal" in quantities:
        rows.append(_by_layer("theory", prediction.signal * level, scale, layers=layers, points=False))
    rows += [_by_layer(name, getattr(now, QUANTITIES[name]), scale) for name in quantities]
    return placed(rows, scale, GRADIENT_HEIGHT)


def several(snapshots: Mapping[str, Snapshot], scale: Scale, quantity: str = "signal",
            theory: Mapping[str, np.ndarray] | None = None) -> pd.DataFrame:
    """For `charts.several`: one quantity of several runs of the same depth, by label.

    theory: by label too, a value for each hidden layer.
    """
    rows = [_by_layer("theory", values, scale, layers=len(values) + 1, points=False) | {
        "segment": np.full(len(values), number)} | ({"label": np.full(len(values), "", object)} if number else {})
        for number, values in enumerate((theory or {}).values())]  # one label for all of them
    rows += [_by_layer(label, getattr(snapshot.layers, OF_LAYERS[quantity]), scale)
             for label, snapshot in snapshots.items()]
    return placed(rows, scale, GRADIENT_HEIGHT)


def update_ratio(snapshot: Snapshot) -> pd.DataFrame:
    """For `charts.update_ratio`: RMS of the last step over RMS of the kernel (no unit); nothing measured at step 0."""
    ratio = snapshot.layers.update_ratio
    rows = [_by_layer("rule of thumb", np.full(len(ratio), RULE_OF_THUMB), UPDATE_RATIO, points=False)]
    if snapshot.step > 0:
        rows.append(_by_layer("update ratio", ratio, UPDATE_RATIO))
    return placed(rows, UPDATE_RATIO, PANEL_HEIGHT)


def fractions(snapshot: Snapshot) -> pd.DataFrame:
    """For `charts.fractions`: shares from 0 to 1 of saturated (example, unit) pairs and of dead units."""
    layers = snapshot.layers
    return placed([_by_layer("saturated", layers.saturated_fraction, FRACTIONS),
                   _by_layer("dead", layers.dead_fraction, FRACTIONS)], FRACTIONS, PANEL_HEIGHT)


def spread(snapshot: Snapshot, scale: Scale) -> pd.DataFrame:
    """For `charts.spread`: value is the mean of a layer's activations, std their standard deviation.

    Where either is not finite there is no bar.
    """
    mean, std = snapshot.layers.activation_mean, snapshot.layers.activation_std
    rows = _by_layer("mean ± std", mean, scale)
    with np.errstate(invalid="ignore"):
        reach = np.where(np.isfinite(mean + std), std, 0)
        low, high = scale.place(mean - reach)[0], scale.place(mean + reach)[0]
    rows |= {
        "std": std, "bottom": low, "top": high,
        "exact": np.array([f"{exactly(m)} ± {exactly(s)}" for m, s in zip(mean, std, strict=True)])}
    return placed([rows], scale, PANEL_HEIGHT)


def heat(history: Sequence[Snapshot], steps: int, scale: Scale, quantity: str = "kernel gradient") -> pd.DataFrame:
    """For `charts.heat`: layer × step, at most HEAT_ROWS stretches of steps, each with the last state recorded in it.

    Columns step and until are a stretch's two ends; `recorded` is the step that was measured.
    """
    height = max(1, -(-steps // HEAT_ROWS))  # steps in one stretch
    last = (steps - 1) // height
    shown = {min(snapshot.step // height, last): snapshot for snapshot in history}  # the last one of each stretch
    values = np.array([getattr(snapshot.layers, QUANTITIES[quantity]) for snapshot in shown.values()], np.float64)
    stretches, layers = values.shape
    y, kind = scale.place(values.ravel())
    step = np.repeat(np.array(list(shown)) * height, layers)
    return pd.DataFrame({
        "layer": np.tile(np.arange(1, layers + 1), stretches), "step": step, "until": step + height,
        "recorded": np.repeat([snapshot.step for snapshot in shown.values()], layers),
        "value": values.ravel(), "y": y, "mark": kind})


# --- by step --------------------------------------------------------------------------------------------------------


def loss(history: Sequence[Snapshot], scale: Scale) -> pd.DataFrame:
    """For `charts.loss`: loss of the training batch and, where there is one, of the validation part."""
    return by_step(history, scale, {"training": "loss", "validation": "validation_loss"})


def accuracy(history: Sequence[Snapshot]) -> pd.DataFrame:
    """For `charts.accuracy`: shares from 0 to 1; no rows for a regression."""
    return by_step(history, ACCURACY, {"training": "accuracy", "validation": "validation_accuracy"})


def accuracies(histories: Mapping[str, Sequence[Snapshot]]) -> pd.DataFrame:
    """For `charts.accuracies`: share of the training part classified correctly, of several runs, by label."""
    return placed([row for label, history in histories.items()
                   for row in _step_rows(history, ACCURACY, {label: "accuracy"})], ACCURACY, CURVE_HEIGHT)


def losses(histories: Mapping[str, Sequence[Snapshot]], scale: Scale) -> pd.DataFrame:
    """For `charts.losses`: loss of the training batch of several runs, by label."""
    return placed([row for label, history in histories.items() for row in _step_rows(history, scale, {label: "loss"})],
                  scale, CURVE_HEIGHT)


def by_step(history: Sequence[Snapshot], scale: Scale, fields: Mapping[str, str], every: int | None = None,
            points: Container[int] = ()) -> pd.DataFrame:
    """A line a field of the snapshots, by series; points also at these steps; with `every` steps an epoch, epochs."""
    return placed(_step_rows(history, scale, fields, every, points), scale, CURVE_HEIGHT)


def _step_rows(history: Sequence[Snapshot], scale: Scale, fields: Mapping[str, str], every: int | None = None,
               points: Container[int] = ()) -> list[Rows]:
    """One line a field over the recorded steps, labelled at its last point; points there and off the axis."""
    rows = []
    for series, field in fields.items():
        known = [(snapshot.step, value) for snapshot in history if (value := getattr(snapshot, field)) is not None]
        step, values = np.array(known, np.float64).reshape(-1, 2).T
        shown = np.array([one == history[-1].step or one in points for one in step], bool)
        row = line(series, values, scale, labelled=-1, points=shown, step=step.astype(int))
        rows.append(row | {"epoch": step / every} if every else row)
    return rows


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


def factors(measured: Mapping[str, float | None], theory: Mapping[str, float | None]) -> pd.DataFrame:
    """For `charts.factors`: by name what one layer multiplies the signal by; None leaves the mark out."""
    rows = []
    for series, named in (("theory", theory), ("signal", measured)):
        known = {name: factor for name, factor in named.items() if factor is not None}
        rows.append(line(series, np.array(list(known.values())), FACTOR, name=np.array(list(known), object)))
    return placed(rows, FACTOR, FUNCTION_HEIGHT)


# --- what they share ------------------------------------------------------------------------------------------------


def line(series: str, values: np.ndarray, scale: Scale, *, run: str = "", label: str | None = None,
         labelled: int | None = None, points: Any = True, **columns: np.ndarray) -> Rows:
    """The rows of one line: what is off the axis always gets a point; row number `labelled` the label."""
    values = np.asarray(values, np.float64)
    n = len(values)
    y, kind = scale.place(values)
    on_axis = kind == "value"
    joined = on_axis | (kind == "below") | (kind == "above")
    shown = points | ~on_axis
    labels = np.full(n, "", object)
    if labelled is not None and n:
        labels[labelled] = series if label is None else label
    return {
        "run": np.full(n, run, object), "series": np.full(n, series, object), **columns, "value": values, "y": y,
        "mark": np.where(on_axis, series, kind).astype(object), "segment": np.where(joined, np.cumsum(~joined), -1),
        "points": shown, "label": labels,
        "exact": np.array([exactly(value) if show else "" for value, show in zip(values, shown, strict=True)], object)}


def _by_layer(series: str, values: np.ndarray, scale: Scale, *, layers: int | None = None, **options: Any) -> Rows:
    """The rows of a line over layers 1, 2, … of a network with `layers` of them, labelled at the first."""
    numbers = np.arange(1, len(values) + 1)
    places = ["output" if n == (layers or len(values)) else f"layer {n}" for n in numbers]
    return line(series, values, scale, labelled=0, layer=numbers, place=np.array(places, object), **options)


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
    """All rows in one frame, with direct labels one row of text apart in a chart of that height."""
    columns = {name: np.concatenate([one[name] for one in rows]) for name in rows[0]}
    has = columns["label"] != ""
    label_from, label_y = np.full((2, len(has)), np.nan)
    label_from[has] = np.clip(columns["y"][has], scale.domain[0], scale.domain[1])
    label_y[has] = scale.apart(label_from[has], row_share(height))
    return pd.DataFrame(columns | {"label_from": label_from, "label_y": label_y})
