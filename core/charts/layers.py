"""Charts with the layers of one network from left to right."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from core.charts.drawing import (
    LABEL_COLUMN,
    base,
    colour_of,
    drawing,
    first_layer_labels,
    layer_x,
    lines,
    points,
    signs,
    titled,
    y_of,
)
from core.charts.moving import Transforms, packed
from core.charts.rows import Rows, packed_frame, packed_line, texts
from core.charts.scales import Scale
from core.charts.theme import CATEGORIES, SERIES, Series, alternatives
from core.theory import Prediction
from core.training import Snapshot

History = Sequence[Snapshot]

GRADIENT_HEIGHT = 360
PANEL_HEIGHT = 240
UPDATE_RATIO = Scale(1e-8, 10.0, log=True)
FRACTIONS = Scale(0.0, 1.0, pad=0.0)
# Karpathy, CS231n course notes, Neural networks part 3: an update of about 1/1000 of the weights is a rough heuristic.
RULE_OF_THUMB = 1e-3
QUANTITIES = {"signal": "signal_rms", "kernel gradient": "kernel_gradient_norm"}
OF_LAYERS = QUANTITIES | {"update ratio": "update_ratio"}
SPREAD_DIGITS = 5  # as many as are shown
LAST_FINITE = "last finite numbers"  # the run that a picture with an overflow keeps, pale
_EARLIER = CATEGORIES[2:]  # the first two are those of the run on the stage
TOOLTIP = [alt.Tooltip("place:N", title="where"), alt.Tooltip("series:N", title="what"),
           alt.Tooltip("exact:N", title="value"), alt.Tooltip("run:N", title="run")]


def gradient_frame(history: History, scale: Scale, prediction: Prediction | None = None,
                   earlier: Mapping[str, History] | None = None) -> pd.DataFrame:
    """For `gradient`: a history from step 0 on, theory, and the signal of earlier runs by label.

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


@drawing
def gradient(depth: int, scale: Scale, earlier: tuple[str, ...] = ()):
    """Signal and kernel gradient of every layer, measured and in theory, and the signal of earlier runs (paler)."""
    series = [*(SERIES[name] for name in ("signal", "kernel gradient", "theory")),
              *(Series(label, _EARLIER[i % len(_EARLIER)]) for i, label in enumerate(earlier))]
    chart, moves = _by_layer(depth, scale, series, "Gradient, logarithmic axis", GRADIENT_HEIGHT)
    return chart, (f"Line chart, {scale.words}: size of the signal and of the kernel gradient in each of {depth} "
                   "hidden layers and the output, the input's side on the left, and the signal that theory expects"
                   + "".join(f"; paler, the signal {label}" for label in earlier)
                   + ". The data table has the numbers."), moves


def _beside(history: History, other: History) -> History:
    """The snapshots of another run that belong beside those of a history: at the same step, or the last before it."""
    steps = [snapshot.step for snapshot in other]
    return [other[max(bisect_right(steps, snapshot.step) - 1, 0)] for snapshot in history]


def _last_finite(series: str, values: np.ndarray, scale: Scale) -> list[Rows]:
    """Where a run reaches numbers that are not finite: the last finite picture, pale, from then on."""
    finite = np.isfinite(values).all(axis=1)
    if finite.all() or not finite.any():
        return []
    last = np.maximum.accumulate(np.where(finite, np.arange(len(values)), 0))
    return [over_layers(series, values[last], scale, run=LAST_FINITE, label="", points=False, hidden=finite)]


def several_frame(histories: Mapping[str, History], scale: Scale, quantity: str = "signal",
                  theory: Mapping[str, np.ndarray] | None = None) -> pd.DataFrame:
    """For `several`: one quantity of several runs of the same depth, by label.

    theory: by label too, a value for each hidden layer.
    """
    rows = [over_layers("theory", values, scale, layers=len(values) + 1, points=False, line=number,
                        label="" if number else None)  # one label for all of them
            for number, values in enumerate((theory or {}).values())]
    for label, history in histories.items():
        values = field_of(history, OF_LAYERS[quantity])
        rows.append(over_layers(label, values, scale, hidden=_unmeasured(history, quantity)))
    return packed_frame(rows, scale, GRADIENT_HEIGHT)


@drawing
def several(depth: int, scale: Scale, labels: tuple[str, ...], quantity: str = "signal", among: tuple[str, ...] = (),
            theory: bool = False):
    """One quantity of several runs of the same depth, each with its name, and if asked what theory says of each."""
    series = [*alternatives(labels, among), *[SERIES["theory"]] * theory]
    chart, moves = _by_layer(depth, scale, series, f"{quantity.capitalize()}, logarithmic axis", GRADIENT_HEIGHT)
    return chart, (f"Line chart, {scale.words}: size of the {quantity} in each of {depth} hidden layers and the "
                   f"output, the input's side on the left, for {', '.join(labels)}"
                   + ", and dashed what theory expects where it covers the run" * theory
                   + ". The data table has the numbers."), moves


def update_ratio_frame(history: History) -> pd.DataFrame:
    """For `update_ratio`: RMS of the last step over RMS of the kernel (no unit); nothing measured at step 0."""
    ratio = field_of(history, "update_ratio")
    rows = [over_layers("rule of thumb", np.full(ratio.shape[1], RULE_OF_THUMB), UPDATE_RATIO, points=False),
            over_layers("update ratio", ratio, UPDATE_RATIO, hidden=_unmeasured(history, "update ratio"))]
    return packed_frame(rows, UPDATE_RATIO, PANEL_HEIGHT)


@drawing
def update_ratio(depth: int):
    """Size of the last step in each kernel, as a share of the kernel's own size; the rule of thumb is dashed."""
    chart, moves = _by_layer(depth, UPDATE_RATIO, [SERIES["update ratio"], SERIES["rule of thumb"]],
                             "Last step / size of the kernel, logarithmic axis", PANEL_HEIGHT)
    return chart, (f"Line chart, {UPDATE_RATIO.words}: update ratio, the size of the last step over the size of the "
                   f"kernel, in each of {depth} hidden layers and the output, with the rule of thumb 1/1000. The data "
                   "table has the numbers."), moves


def _unmeasured(history: History, quantity: str) -> np.ndarray:
    """At which moments there is nothing to draw, `(moments,)`: an update has no size before the first."""
    return np.array([quantity == "update ratio" and snapshot.step == 0 for snapshot in history])


def fractions_frame(history: History) -> pd.DataFrame:
    """For `fractions`: shares from 0 to 1 of saturated (example, unit) pairs and of dead units."""
    return packed_frame([over_layers("saturated", field_of(history, "saturated_fraction"), FRACTIONS),
                         over_layers("dead", field_of(history, "dead_fraction"), FRACTIONS)], FRACTIONS, PANEL_HEIGHT)


@drawing
def fractions(depth: int):
    """Share of saturated (example, unit) pairs and share of dead units in every layer."""
    chart, moves = _by_layer(depth, FRACTIONS, [SERIES["saturated"], SERIES["dead"]],
                             "Saturated and dead, share of the layer", PANEL_HEIGHT)
    return chart, (f"Line chart, {FRACTIONS.words}: share of saturated slopes and of dead units in each of {depth} "
                   "hidden layers and the output. The data table has the numbers."), moves


def spread_frame(history: History, scale: Scale) -> pd.DataFrame:
    """For `spread`: value is the mean of a layer's activations, `stds` their standard deviation.

    Where either is not finite there is no bar.
    """
    mean, std = field_of(history, "activation_mean"), field_of(history, "activation_std")
    rows = over_layers("mean ± std", mean, scale, digits=SPREAD_DIGITS) | {"stds": texts(std, SPREAD_DIGITS)}
    return packed_frame([rows], scale, PANEL_HEIGHT)


@drawing
def spread(depth: int, scale: Scale):
    """Mean and standard deviation of every layer's activations: a point on a bar of ± 1 standard deviation."""
    series = [SERIES["mean ± std"]]
    x, y = layer_x(depth), y_of("y", scale, LABEL_COLUMN)
    bars = base().mark_rule(strokeWidth=5, opacity=0.45, clip=True).encode(
        x=x, y=y_of("bottom", scale, LABEL_COLUMN), y2=alt.Y2("top:Q"), color=colour_of(series))
    chart = alt.layer(bars, points(x, y, series, TOOLTIP, depth), *signs(x, y), *first_layer_labels(x, scale, series))
    ends = "isFinite(datum.value + datum.std) ? clamp(datum.value {} datum.std, {!r}, {!r}) : datum.y"
    reach: Transforms = [
        {"calculate": "toNumber(split(datum.stds, ',')[min(at, length(split(datum.stds, ',')) - 1)])", "as": "std"},
        *({"calculate": ends.format(side, scale.low, scale.high), "as": end}
          for side, end in (("-", "bottom"), ("+", "top")))]
    exact = {"calculate": "format(datum.value, '.5~g') + ' ± ' + format(datum.std, '.5~g')", "as": "exact"}
    return titled(chart, "Activations", PANEL_HEIGHT), (
        f"Dot chart with bars, {scale.words}: mean and standard deviation of the activations in each of {depth} hidden "
        "layers and the output. The data table has the numbers."), [*packed(scale), *reach, exact]


# --- what they share --------------------------------------------------------------------------------------------------


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


def _by_layer(depth: int, scale: Scale, series: Sequence[Series], title: str, height: int) -> tuple[Any, Transforms]:
    """Lines over the layers, labelled at the first one, and what reads their frame."""
    x, y = layer_x(depth), y_of("y", scale, LABEL_COLUMN)
    chart = alt.layer(lines(x, y, series), points(x, y, series, TOOLTIP, depth), *signs(x, y),
                      *first_layer_labels(x, scale, series))
    return titled(chart, title, height), packed(scale)
