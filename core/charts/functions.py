"""Charts of functions: curves and slopes, a histogram with its density, points with the lines fitted to them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import altair as alt
import numpy as np
import pandas as pd

from core.charts.drawing import (
    FRAME,
    NOT_FINITE,
    base,
    colour_of,
    drawing,
    last_labels,
    lines,
    looked_up,
    number_x,
    one_sign_each,
    picker,
    points,
    titled,
    y_of,
)
from core.charts.moving import packed
from core.charts.rows import Rows, line, packed_frame, packed_line, placed
from core.charts.scales import Scale
from core.charts.theme import NEUTRAL, POINT, SERIES, THIN, alternatives

HEIGHT = 320
ROW_HEIGHT = 26  # px of one name
CURVE_POINTS = 241
HISTOGRAM_BINS = 60
FACTOR = Scale(0.1, 10.0, log=True)  # of the signal in one layer: 0.236 for a deep sigmoid net, 1.21 for batch norm
_TICKS = {0.1: "×0.1", 0.2: "×0.2", 0.5: "×0.5", 1.0: "×1", 2.0: "×2", 5.0: "×5", 10.0: "×10"}
_TOOLTIP = [alt.Tooltip("series:N", title="what"), alt.Tooltip("x:Q", title="at", format=".3~g"),
            alt.Tooltip("exact:N", title="value")]

Function = Callable[[np.ndarray], np.ndarray]


def curves_frame(functions: Mapping[str, Function], x_scale: Scale, y_scale: Scale,
                 point: float | None = None) -> pd.DataFrame:
    """For `curves`: each function of `x (n,)` at CURVE_POINTS values, and at `point`.

    What lies beyond the y axis is cut off there, not drawn along its edge; value has it.
    """
    rows = [_curve(label, function, x_scale, y_scale) for label, function in functions.items()]
    if point is not None:
        at = np.array([float(point)])
        rows += [line(label, function(at), y_scale, x=at) | {"segment": np.array([-1])}
                 for label, function in functions.items()]
    return placed(rows, y_scale, HEIGHT)


@drawing
def curves(labels: tuple[str, ...], x_scale: Scale, y_scale: Scale, x_title: str, title: str,
           among: tuple[str, ...] = (), theory: str = "", height: int = HEIGHT):
    """Several functions of one number, each with its name at its right end, and a point on each at one x.

    `among`: the whole table, where labels are some of it (`theme.alternatives`); `theory`: the label of one more
    function, drawn as theory is.
    """
    series = [*alternatives(labels, among), *([replace(SERIES["theory"], label=theory)] if theory else [])]
    x, y = number_x(x_scale, x_title, [one.label for one in series]), y_of("y", y_scale)
    point = base().transform_filter("datum.points").transform_aggregate(n="count()", groupby=["x"]).mark_rule(
        color=NEUTRAL, strokeWidth=THIN).encode(x=x)  # one rule, however many curves
    chart = alt.layer(lines(x, y, series), point, points(x, y, series, _TOOLTIP), *last_labels(x, y_scale, series))
    return titled(chart, title, height), (
        f"Line chart, {y_scale.words}: {title} of {', '.join(one.label for one in series)}, for {x_title} from "
        f"{x_scale.low:g} to {x_scale.high:g}. The data table has the numbers.")


def histogram_frame(sample: np.ndarray, x_scale: Scale, y_scale: Scale,
                    density: Function | None = None) -> pd.DataFrame:
    """For `histogram`: the sample's density in HISTOGRAM_BINS bins of the x axis, and the theoretical one.

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
    return placed(rows, y_scale, HEIGHT)


@drawing
def histogram(x_scale: Scale, y_scale: Scale, x_title: str = "weight",
              title: str = "Density: drawn (bars), theory (dashed)", height: int = HEIGHT):
    """A sample's histogram with the density that theory gives (dashed), where it gives one."""
    series = [SERIES["sample"], SERIES["theory"]]
    x, y = number_x(x_scale, x_title), y_of("y", y_scale)
    bars = base().transform_filter("datum.series == 'sample'").mark_rect(opacity=0.75, clip=True).encode(
        x=x, x2=alt.X2("x2:Q"), y=y, y2=alt.datum(0.0), color=colour_of(series),
        tooltip=[alt.Tooltip("x:Q", title="from", format=".3~g"), alt.Tooltip("x2:Q", title="to", format=".3~g"),
                 alt.Tooltip("exact:N", title="density")])
    return titled(alt.layer(bars, lines(x, y, series)), title, height), (
        f"Histogram of a sample, {title}, {y_scale.words}: {x_title} from {x_scale.low:g} to {x_scale.high:g}, with "
        "the theoretical density as a dashed line where there is one. The data table has the numbers.")


def fits_frame(x: np.ndarray, y: np.ndarray, outlier: int, functions: Mapping[str, Function], x_scale: Scale,
               y_scale: Scale) -> pd.DataFrame:
    """For `fits`: the points `x, y (n,)`, of which number `outlier` stands out, and a fitted function a name."""
    names = np.where(np.arange(len(x)) == outlier, "outlier", "data")
    data = line("data", y, y_scale, x=np.asarray(x, np.float64)) | {"series": names, "segment": np.full(len(x), -1)}
    return placed([data, *(_curve(label, function, x_scale, y_scale) for label, function in functions.items())],
                  y_scale, HEIGHT)


@drawing
def fits(labels: tuple[str, ...], x_scale: Scale, y_scale: Scale, among: tuple[str, ...] = ()):
    """Points, one of which is the outlier, the line that each loss fits to them, and one without it (dashed)."""
    series = (*alternatives(labels, among), SERIES["without it"])
    x, y = number_x(x_scale, "x", [one.label for one in series]), y_of("y", y_scale)
    data = base().transform_filter("datum.points").mark_point(filled=True, opacity=1).encode(
        x=x, y=y, tooltip=[alt.Tooltip("series:N", title="what"), alt.Tooltip("x:Q", format=".3~g"),
                           alt.Tooltip("value:Q", title="y", format=".3~g")],
        color=alt.ColorValue(NEUTRAL), size=alt.condition("datum.series == 'outlier'", alt.value(4 * POINT),
                                                     alt.value(POINT)),
        shape=alt.condition("datum.series == 'outlier'", alt.value("diamond"), alt.value("circle")))
    halves = [round(2 * (scale.high - scale.low)) + 1 for scale in (x_scale, y_scale)]
    places = picker((x_scale.low, x_scale.high), (y_scale.low, y_scale.high), *halves)
    chart = alt.layer(data, lines(x, y, series), *last_labels(x, y_scale, series), places)
    return titled(chart, "Data and the line each loss fits", HEIGHT), (
        f"Scatter chart, x from {x_scale.low:g} to {x_scale.high:g}, y from {y_scale.low:g} to {y_scale.high:g}: data "
        f"points with one outlier, and the straight line that each loss fits, {', '.join(labels)}, and without it, "
        "dashed. The data table has the numbers.")


def factors_frame(measured: Mapping[str, Sequence[float | None]], theory: Mapping[str, float | None]) -> pd.DataFrame:
    """For `factors`: by name what one layer multiplies the signal by, at all moments, and in theory, which
    stays; None leaves the mark out.
    """
    rows = []
    for series, named in (("theory", {name: [factor] for name, factor in theory.items()}), ("signal", measured)):
        for name, factors in named.items():
            values = np.array(factors, np.float64)[:, None]
            unknown = np.array([factor is None for factor in factors])
            rows.append(packed_line(series, values, FACTOR, label="", hidden=unknown, name=np.array([name], object)))
    return packed_frame(rows, FACTOR, HEIGHT)


@drawing
def factors(labels: tuple[str, ...]):
    """For each name what one layer multiplies the signal by on its way back: measured a point, theory a tick."""
    x = alt.X("y:Q", scale=alt.Scale(type="log", domain=FACTOR.domain, nice=False), axis=alt.Axis(
        title="signal, from one layer to the one before it", values=list(_TICKS), labelOverlap="greedy",
        labelExpr=looked_up(_TICKS),
        gridWidth=alt.condition("datum.value == 1", alt.value(2), alt.value(1))))  # type: ignore[arg-type]
    y = alt.Y("name:N", sort=None, scale=alt.Scale(domain=list(labels)), axis=alt.Axis(
        title=None, labelLimit=170, grid=True))
    tooltip = [alt.Tooltip("name:N", title="activation"), alt.Tooltip("series:N", title="what"),
               alt.Tooltip("exact:N", title="factor")]
    measured, theory = SERIES["signal"], SERIES["theory"]
    shapes = alt.Shape("mark:N", scale=alt.Scale(
        domain=["signal", "below", "above", "zero", "infinite", "nan"],
        range=[measured.shape, "triangle-left", "triangle-right", "cross", "cross", "cross"]), legend=None)
    signs = [one_sign_each(test, ["name", "y"]).mark_text(align="center", dx=dx, fontWeight="bold").encode(
        x=x, y=y, text=alt.Text("sign:N")) for test, dx in (("datum.says == '0'", 18), (NOT_FINITE, -24))]
    chart = alt.layer(
        base().transform_filter("datum.series == 'theory'").mark_tick(thickness=3, size=20, color=theory.colour).encode(
            x=x, y=y, tooltip=tooltip),
        base().transform_filter("datum.series == 'signal'").mark_point(
            filled=True, size=2 * POINT, color=measured.colour, opacity=1).encode(
                x=x, y=y, shape=shapes, tooltip=tooltip), *signs)
    return titled(chart, "Per layer: ● measured, | theory", FRAME + ROW_HEIGHT * len(labels)), (
        f"Dot chart, {FACTOR.words}: by how much one layer multiplies the signal, measured and in theory, for "
        f"{', '.join(labels)}. The data table has the numbers."), packed(FACTOR)


# --- what they share --------------------------------------------------------------------------------------------------


def _curve(series: str, function: Function, x_scale: Scale, y_scale: Scale) -> Rows:
    """A line that leaves the plot where its values leave the axis: y goes on beyond it, where marks are clipped."""
    x = np.linspace(x_scale.low, x_scale.high, CURVE_POINTS)
    values = np.asarray(function(x), np.float64)
    finite = np.isfinite(values)
    length = y_scale.high - y_scale.low
    return line(series, values, y_scale, labelled=-1, x=x) | {
        "y": np.clip(np.where(finite, values, y_scale.high), y_scale.low - length, y_scale.high + length),
        "segment": np.where(finite, np.cumsum(~finite), -1), "points": np.zeros(len(x), bool)}
