"""From snapshots to tidy frames: one row a mark, ready to be streamed into a Drawing.

Columns that several charts share:
    run: "" for the run on the stage, else the label of an earlier one.
    series: what is measured, one of `theme.SERIES` or a name the caller gave.
    layer, place: 1 nearest the input to depth + 1, the output; the same in words.
    step: updates made.
    value: the exact number, NaN and infinities included; exact: as text.
    y: where it is drawn, always finite; mark: the series where the value is on the axis, else where it went
        (`below`, `above`, `zero`, `infinite`, `nan`).
    segment: an unbroken piece of line; -1 where nothing is joined.
    label, label_from, label_y: a direct label ("" for none), where its line ends, and where the label stands without
        touching another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

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
HEAT_ROWS = 60
CURVE_POINTS = 241
HISTOGRAM_BINS = 60
DRAWING_ONLY = ("y", "bottom", "top", "mark", "segment", "points", "label", "label_from", "label_y", "exact")


def table(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame without the columns that only place its marks: what a data tab shows and a CSV file holds."""
    return frame.drop(columns=[name for name in DRAWING_ONLY if name in frame])


def gradient(history: Sequence[Snapshot], scale: Scale, prediction: Prediction | None = None,
             earlier: Iterable[tuple[str, Snapshot]] = (),
             quantities: Sequence[str] = tuple(QUANTITIES)) -> pd.DataFrame:
    """For `charts.gradient`: the last snapshot of a history that starts at step 0, theory, earlier runs (label, state).

    Units: signal, loss per unit of pre-activation, RMS per example; kernel gradient, loss per unit of weight, norm.
    Theory is for the initial weights; its level is that of the measured signal in the last hidden layer at step 0.
    """
    now = history[-1].layers
    layers = len(now.signal_rms)
    rows = []
    for label, snapshot in earlier:
        for name in quantities:
            measured = getattr(snapshot.layers, QUANTITIES[name])
            same_depth = len(measured) == layers
            rows.append(_line(label, name, measured if same_depth else measured[:-1], scale, label, len(measured)))
    level = history[0].layers.signal_rms[layers - 2]
    if prediction is not None and prediction.signal is not None and 0 < level < np.inf and "signal" in quantities:
        rows.append(_line("", "theory", np.asarray(prediction.signal) * level, scale, "theory", layers, points=False))
    rows += [_line("", name, getattr(now, QUANTITIES[name]), scale, name, layers) for name in quantities]
    return _labelled(pd.concat(rows, ignore_index=True), scale, GRADIENT_HEIGHT)


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
    bottom = np.repeat(np.array(list(shown)) * height, layers)
    return pd.DataFrame({
        "layer": np.tile(np.arange(1, layers + 1), stretches), "place": place(range(1, layers + 1), layers) * stretches,
        "step": bottom, "until": bottom + height,
        "recorded": np.repeat([snapshot.step for snapshot in shown.values()], layers),
        "value": values.ravel(), "y": y, "mark": kind, "exact": [exactly(value) for value in values.ravel()]})


def several(snapshots: Mapping[str, Snapshot], scale: Scale, quantity: str = "signal") -> pd.DataFrame:
    """For `charts.several`: one quantity of several runs of the same depth, by label."""
    rows = [_line("", label, getattr(snapshot.layers, QUANTITIES[quantity]), scale, label,
                  len(snapshot.layers.signal_rms)) for label, snapshot in snapshots.items()]
    return _labelled(pd.concat(rows, ignore_index=True), scale, GRADIENT_HEIGHT)


def update_ratio(snapshot: Snapshot) -> pd.DataFrame:
    """For `charts.update_ratio`: RMS of the last step over RMS of the kernel (no unit); nothing measured at step 0."""
    ratio = snapshot.layers.update_ratio
    n = len(ratio)
    rule = _line("", "rule of thumb", np.full(n, RULE_OF_THUMB), UPDATE_RATIO, "rule of thumb", n, points=False)
    rows = [rule] if snapshot.step == 0 else [rule, _line("", "update ratio", ratio, UPDATE_RATIO, "update ratio", n)]
    return _labelled(pd.concat(rows, ignore_index=True), UPDATE_RATIO, PANEL_HEIGHT)


def fractions(snapshot: Snapshot) -> pd.DataFrame:
    """For `charts.fractions`: shares from 0 to 1 of saturated (example, unit) pairs and of dead units."""
    layers = snapshot.layers
    n = len(layers.signal_rms)
    rows = [_line("", "saturated", layers.saturated_fraction, FRACTIONS, "saturated", n),
            _line("", "dead", layers.dead_fraction, FRACTIONS, "dead", n)]
    return _labelled(pd.concat(rows, ignore_index=True), FRACTIONS, PANEL_HEIGHT)


def spread(snapshot: Snapshot, scale: Scale) -> pd.DataFrame:
    """For `charts.spread`: value is the mean of a layer's activations, std their standard deviation."""
    mean, std = snapshot.layers.activation_mean, snapshot.layers.activation_std
    frame = _line("", "mean ± std", mean, scale, "mean ± std", len(mean))
    frame = frame.assign(std=std, bottom=scale.place(mean - std)[0], top=scale.place(mean + std)[0],
                         exact=[f"{exactly(m)} ± {exactly(s)}" for m, s in zip(mean, std, strict=True)])
    return _labelled(frame, scale, PANEL_HEIGHT)


def loss(history: Sequence[Snapshot], scale: Scale) -> pd.DataFrame:
    """For `charts.loss`: loss of the training batch and, where there is one, of the validation part."""
    return _curves(history, scale, {"training": "loss", "validation": "validation_loss"})


def accuracy(history: Sequence[Snapshot]) -> pd.DataFrame:
    """For `charts.accuracy`: shares from 0 to 1; no rows for a regression."""
    return _curves(history, ACCURACY, {"training": "accuracy", "validation": "validation_accuracy"})


def _curves(history: Sequence[Snapshot], scale: Scale, fields: Mapping[str, str]) -> pd.DataFrame:
    """One line a field over the recorded steps, labelled at its last point; points only where it leaves the axis."""
    rows = []
    for series, field in fields.items():
        known = [(snapshot.step, value) for snapshot in history if (value := getattr(snapshot, field)) is not None]
        step, values = np.array(known, np.float64).reshape(-1, 2).T
        y, kind = scale.place(values)
        last = np.arange(len(step)) == len(step) - 1
        rows.append(pd.DataFrame({
            "run": "", "series": series, "step": step.astype(int), "value": values, "y": y,
            "mark": np.where(kind == "value", series, kind), "segment": _segments(kind),
            "points": last | (kind != "value"), "label": np.where(last, series, ""),
            "exact": [exactly(value) for value in values]}))
    return _labelled(pd.concat(rows, ignore_index=True), scale, CURVE_HEIGHT)


# --- functions ------------------------------------------------------------------------------------------------------

Function = Callable[[np.ndarray], np.ndarray]


def curves(functions: Mapping[str, Function], x_scale: Scale, y_scale: Scale,
           point: float | None = None) -> pd.DataFrame:
    """For `charts.curves`: each function of `x (n,)` at CURVE_POINTS values, and at `point`.

    What lies beyond the y axis is cut off there, not drawn along its edge; value has it.
    """
    x = np.linspace(x_scale.low, x_scale.high, CURVE_POINTS)
    rows = []
    for label, function in functions.items():
        values = np.asarray(function(x), np.float64)
        rows.append(_curve(label, x, values, y_scale, np.arange(CURVE_POINTS) == CURVE_POINTS - 1))
        if point is not None:
            at = np.array([float(point)])
            placed, kind = y_scale.place(np.asarray(function(at), np.float64))
            rows.append(_curve(label, at, np.asarray(function(at), np.float64), y_scale, np.array([False])).assign(
                y=placed, mark=np.where(kind == "value", label, kind), segment=-1, points=True))
    return _labelled(pd.concat(rows, ignore_index=True), y_scale, FUNCTION_HEIGHT)


def _curve(series: str, x: np.ndarray, values: np.ndarray, scale: Scale, labelled: np.ndarray) -> pd.DataFrame:
    """A line that leaves the plot where its values leave the axis: y goes a little beyond, where marks are clipped."""
    finite = np.isfinite(values)
    beyond = scale.high - scale.low
    return pd.DataFrame({
        "run": "", "series": series, "x": x, "value": values,
        "y": np.clip(np.where(finite, values, scale.high + beyond), scale.low - beyond, scale.high + beyond),
        "mark": series, "segment": np.where(finite, np.cumsum(~finite), -1), "points": False,
        "label": np.where(labelled, series, ""), "exact": [exactly(value) for value in values]})


def histogram(sample: np.ndarray, x_scale: Scale, y_scale: Scale, density: Function | None = None) -> pd.DataFrame:
    """For `charts.histogram`: the sample's density in HISTOGRAM_BINS bins of the x axis, and the theoretical one.

    Weights beyond the axis count in its first and last bin, so that the bars always hold the whole sample.
    """
    edges = np.linspace(x_scale.low, x_scale.high, HISTOGRAM_BINS + 1)
    counts, _ = np.histogram(np.clip(np.ravel(sample), x_scale.low, x_scale.high), edges)
    height = counts / (np.size(sample) * np.diff(edges))
    bars = _curve("sample", edges[:-1], height, y_scale, np.zeros(HISTOGRAM_BINS, bool)).assign(
        x2=edges[1:], y=np.minimum(height, y_scale.high), segment=-1)
    if density is None:
        return bars
    x = np.linspace(x_scale.low, x_scale.high, CURVE_POINTS)
    theory = _curve("theory", x, np.asarray(density(x), np.float64), y_scale, np.zeros(CURVE_POINTS, bool))
    return pd.concat([bars, theory.assign(x2=x)], ignore_index=True)


def fits(x: np.ndarray, y: np.ndarray, outlier: int, functions: Mapping[str, Function], x_scale: Scale,
         y_scale: Scale) -> pd.DataFrame:
    """For `charts.fits`: the points `x, y (n,)`, of which number `outlier` stands out, and a fitted function a name."""
    placed, _ = y_scale.place(y)
    data = _curve("data", np.asarray(x, np.float64), np.asarray(y, np.float64), y_scale, np.zeros(len(x), bool)).assign(
        y=placed, segment=-1, points=True, series=np.where(np.arange(len(x)) == outlier, "outlier", "data"))
    return pd.concat([data, curves(functions, x_scale, y_scale)], ignore_index=True)


def factors(measured: Mapping[str, float | None], theory: Mapping[str, float | None]) -> pd.DataFrame:
    """For `charts.factors`: by name what one layer multiplies the signal by; None leaves the mark out."""
    rows = [(name, series, value) for series, factor in (("theory", theory), ("signal", measured))
            for name, value in factor.items() if value is not None]
    values = np.array([value for _, _, value in rows], np.float64)
    y, kind = FACTOR.place(values)
    series = np.array([series for _, series, _ in rows], object)
    return pd.DataFrame({
        "name": [name for name, _, _ in rows], "series": series, "value": values, "y": y,
        "mark": np.where(kind == "value", series, kind), "exact": [exactly(value) for value in values]})


# --- what they share ------------------------------------------------------------------------------------------------


def _line(run: str, series: str, values: np.ndarray, scale: Scale, label: str, layers: int,
          points: bool = True) -> pd.DataFrame:
    """The rows of one line over layers 1, 2, …, of `layers` in all; its label belongs to the first."""
    values = np.asarray(values, np.float64)
    number = np.arange(1, len(values) + 1)
    y, kind = scale.place(values)
    return pd.DataFrame({
        "run": run, "series": series, "layer": number, "place": place(number, layers), "value": values, "y": y,
        "mark": np.where(kind == "value", series, kind), "segment": _segments(kind),
        "points": points | (kind != "value"),
        "label": np.where(number == 1, label, ""), "exact": [exactly(value) for value in values]})


def place(numbers: Iterable[int], layers: int) -> list[str]:
    """`layer 3`, or `output` for the last."""
    return ["output" if n == layers else f"layer {n}" for n in numbers]


def _segments(kind: np.ndarray) -> np.ndarray:
    """A number for each unbroken piece of line, -1 for what has no place on one (zero, infinite, NaN)."""
    joined = np.isin(kind, ("value", "below", "above"))
    return np.where(joined, np.cumsum(~joined), -1)


def _labelled(frame: pd.DataFrame, scale: Scale, height: int) -> pd.DataFrame:
    """With `label_y` for the rows that have a label, one row of text apart, and `label_from` where it points to."""
    has = (frame["label"] != "").to_numpy()
    label_from, label_y = np.full((2, len(frame)), np.nan)
    label_from[has] = frame["y"].clip(*scale.domain)[has]
    label_y[has] = scale.apart(label_from[has], row_share(height))
    return frame.assign(label_from=label_from, label_y=label_y)
