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
    label, label_y: a direct label ("" for none) and where it stands without touching another.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd

from core.charts.drawing import row_share
from core.charts.layers import GRADIENT_HEIGHT
from core.charts.scales import Scale
from core.charts.steps import ACCURACY, CURVE_HEIGHT
from core.theory import Prediction
from core.training import Snapshot
from core.words import exactly

QUANTITIES = {"signal": "signal_rms", "kernel gradient": "kernel_gradient_norm"}
HEAT_ROWS = 60
DRAWING_ONLY = ("y", "mark", "segment", "points", "label", "label_y", "exact")


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
    """With `label_y` for the rows that have a label, one row of text apart."""
    has = (frame["label"] != "").to_numpy()
    label_y = np.full(len(frame), np.nan)
    label_y[has] = scale.apart(frame["y"].to_numpy()[has], row_share(height))
    return frame.assign(label_y=label_y)
