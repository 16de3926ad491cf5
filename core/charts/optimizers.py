"""Charts of the Optimizers page: paths on a surface, heights and losses, ends by learning rate, noise by batch size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

import altair as alt
import numpy as np
import pandas as pd

from core import optimizer_runs as runs
from core.boundary import contour
from core.charts import frames, layers, steps
from core.charts.drawing import (
    Drawing,
    base,
    colour_of,
    drawing,
    last_labels,
    lines,
    looked_up,
    picker,
    points,
    step_x,
    titled,
    y_of,
)
from core.charts.scales import Scale, linear_scale
from core.charts.theme import GREEN as STABLE
from core.charts.theme import NEUTRAL, POINT, SERIES, THIN, alternatives
from core.race import LABELS, RATES, Race, outside, stable_limit, swept
from core.spec import RunSpec
from core.surfaces import SURFACES
from core.training import Snapshot
from core.words import exactly, power

Plots = dict[str, tuple[pd.DataFrame | None, Drawing]]
Histories = Mapping[str, Sequence[Snapshot]]
ALL = tuple(LABELS.values())  # an optimizer keeps its colour whatever stands beside it
LEVELS, POINTS = 8, 61  # lines of equal height; points of the grid they are found on, in each direction
FLOOR = 0.3  # added to heights before their logarithm is taken, so that lines do not crowd at the minimum
PLACES = 41  # in each direction, where a click may put the start
MAP_HEIGHT = 430
HEIGHTS = Scale(1e-8, 1e4, log=True)
NOISE = Scale(0.01, 10.0, log=True)
ROOM = 0.35  # of a logarithmic x axis, for the labels after it


# --- a surface ------------------------------------------------------------------------------------------------------


def race_plots(race: Race, step: int) -> Plots:
    """Where each optimizer has gone up to that step, and how high above the minimum it was at each."""
    labels = tuple(LABELS[name] for name in race.names)
    return {"paths": (paths_frame(race, step), surface(race.surface, labels)),
            "height": (heights_frame(race, step), heights(race.steps, labels))}


@lru_cache(maxsize=8)
def levels(name: str) -> list[tuple[float, float, float, float, int]]:
    """Lines of equal height, LEVELS of them, evenly spaced on a logarithmic scale: pieces (x, y, x2, y2, level)."""
    entry = SURFACES[name]
    centres = [np.linspace(entry.low[i], entry.high[i], POINTS) for i in (0, 1)]
    height = np.log10(entry.value(np.stack(np.meshgrid(*centres), axis=-1)) - entry.least + FLOOR)
    cuts = np.linspace(height.min(), height.max(), LEVELS + 2)[1:-1]
    return [(*piece, number) for number, cut in enumerate(cuts) for piece in contour(height - cut, centres).round(3)]


def _table(name: str) -> alt.InlineData:
    """The same as lines of text, a fifth of what a dict each would take: a chart's spec travels with every update."""
    lines = [",".join(f"{number:g}" for number in piece) for piece in levels(name)]
    return alt.InlineData("\n".join(["x,y,x2,y2,level", *lines]), format=alt.CsvDataFormat(type="csv"))


@drawing
def surface(name: str, labels: tuple[str, ...]):
    """Paths on a map with lines of equal height, darker where it is higher; a star at each minimum."""
    entry, series = SURFACES[name], alternatives(labels, ALL)
    x, y = (alt.Axis(title=title, grid=False, tickCount=6, labelFlush=False) for title in "xy")
    x_scale, y_scale = (alt.Scale(domain=[entry.low[i], entry.high[i]], nice=False, zero=False) for i in (0, 1))
    across, up = alt.X("x:Q", scale=x_scale, axis=x), alt.Y("y:Q", scale=y_scale, axis=y)
    ground = alt.Chart(_table(name)).mark_rule(color=NEUTRAL, strokeCap="round").encode(
        x=across, y=up, x2=alt.X2("x2:Q"), y2=alt.Y2("y2:Q"), opacity=alt.Opacity(
            "level:Q", legend=None, scale=alt.Scale(domain=[0, LEVELS - 1], range=[0.25, 1])))
    stars = alt.Chart(alt.InlineData(values=[{"x": px, "y": py} for px, py in entry.minima])).mark_text(
        text="★", fontSize=20).encode(x=across, y=up)
    tooltip = [alt.Tooltip("series:N", title="optimizer"), alt.Tooltip("step:Q"), alt.Tooltip("x:Q", format=".4~g"),
               alt.Tooltip("y:Q", format=".4~g"), alt.Tooltip("exact:N", title="above the minimum")]
    shapes = {one.label: one.shape for one in series} | {"outside": "triangle-up", "start": "cross"}
    shape = alt.Shape("mark:N", legend=None, scale=alt.Scale(domain=list(shapes), range=list(shapes.values())))
    walked = base().transform_filter("datum.role == 'path'").mark_line(clip=True, strokeWidth=2).encode(
        x=across, y=up, color=colour_of(series), order=alt.Order("step:Q"), tooltip=tooltip)
    marks = base().transform_filter("datum.role == 'now'").mark_point(
        filled=True, size=3 * POINT, opacity=1, stroke="white", strokeWidth=1).encode(
            x=across, y=up, color=colour_of(series), shape=shape, tooltip=tooltip)
    named = base().transform_filter("datum.role == 'now'").mark_text(align="left", dx=9, dy=-9).encode(
        x=across, y=up, text=alt.Text("label:N"))
    sides = [(float(entry.low[i]), float(entry.high[i])) for i in (0, 1)]
    places = picker(sides[0], sides[1], PLACES, PLACES)
    chart = alt.layer(ground, stars, walked, marks, named, places).properties(
        usermeta={"embedOptions": {"renderer": "canvas"}})
    return titled(chart, f"{entry.label}: lines of equal height, ★ least", MAP_HEIGHT), (
        f"Map of {entry.label}, x from {entry.low[0]:g} to {entry.high[0]:g}, y from {entry.low[1]:g} to "
        f"{entry.high[1]:g}, with the paths of {', '.join(labels)}. The data table has the numbers.")


def paths_frame(race: Race, step: int) -> pd.DataFrame:
    """For `surface`: every point up to that step; `role` is `path`, or `now` for the last of each, moved to the edge
    of the chart and marked where it is outside."""
    entry, rows = race.entry, []
    for name, walked in race.paths().items():
        shown, heights_of = walked[:step + 1], race.heights()[name][:step + 1]
        gone = bool(outside(entry, shown[-1:])[0])
        columns = {"role": "path", "series": LABELS[name], "mark": LABELS[name], "step": np.arange(len(shown)),
                   "x": shown[:, 0], "y": shown[:, 1], "value": heights_of, "label": "", "exact": ""}
        reach = np.array(entry.high) - entry.low  # how far a line goes on beyond the chart, where it is clipped
        columns["x"], columns["y"] = np.clip(shown, entry.low - reach, entry.high + reach).T
        edge = np.clip(shown[-1], entry.low, entry.high)
        rows += [pd.DataFrame(columns), pd.DataFrame([{
            "role": "now", "series": LABELS[name], "mark": "outside" if gone else LABELS[name], "step": len(shown) - 1,
            "x": edge[0], "y": edge[1], "value": heights_of[-1], "exact": exactly(float(heights_of[-1])),
            "label": "outside" if gone else ""}])]
    return pd.concat(rows, ignore_index=True) if rows else pd.DataFrame(
        columns=["role", "series", "mark", "step", "x", "y", "value", "label", "exact"])


@drawing
def heights(last: int, labels: tuple[str, ...]):
    """How far above the least value each path is, step by step, on a logarithmic axis."""
    x, y, series = step_x(last), y_of("y", HEIGHTS), alternatives(labels, ALL)
    tooltip = [alt.Tooltip("step:Q", title="step"), alt.Tooltip("series:N", title="optimizer"),
               alt.Tooltip("exact:N", title="height")]
    chart = alt.layer(lines(x, y, series), points(x, y, series, tooltip), *last_labels(x, HEIGHTS, series))
    return titled(chart, "Height above the minimum, log axis", MAP_HEIGHT), (
        f"Line chart, {HEIGHTS.words}: height above the minimum over {last} steps, for {', '.join(labels)}. "
        "The data table has the numbers.")


def heights_frame(race: Race, step: int) -> pd.DataFrame | None:
    """For `heights`."""
    rows = []
    for name, values in race.heights().items():
        shown = values[:step + 1]
        number = np.arange(len(shown))
        # A point at the end alone: below the axis there may be hundreds.
        rows.append(frames.line(LABELS[name], shown, HEIGHTS, labelled=-1, step=number)
                    | {"points": number == len(shown) - 1})
    return frames.placed(rows, HEIGHTS, MAP_HEIGHT) if rows else None


# --- by learning rate, by batch size --------------------------------------------------------------------------------


@drawing
def by_number(labels: tuple[str, ...], low: float, high: float, scale: Scale, x_title: str, title: str,
              among: tuple[str, ...] = ()):
    """Something over a number on a logarithmic axis from low to high, with dashed rules or a dashed line of theory.

    A row with a name is a rule at x, or what lies between x and x2.
    """
    series = [*alternatives(labels, among), SERIES["theory"]]
    decades = range(int(np.floor(np.log10(low) + 1e-9)), int(np.ceil(np.log10(high) - 1e-9)) + 1)
    ticks = {10.0**n: power(n) if abs(n) > 3 else f"{10.0**n:g}" for n in decades if low <= 10.0**n <= high * 1.001}
    x = alt.X("x:Q", scale=alt.Scale(type="log", domain=[low, high * (high / low) ** ROOM], nice=False), axis=alt.Axis(
        title=x_title, values=list(ticks), labelExpr=looked_up(ticks), grid=False, labelOverlap="greedy"))
    y = y_of("y", scale)
    tooltip = [alt.Tooltip("series:N", title="what"), alt.Tooltip("x:Q", title=x_title, format=".3~g"),
               alt.Tooltip("exact:N", title="value")]
    named = base().transform_filter("datum.name != ''")
    marks = [named.transform_filter("isValid(datum.x2)").mark_rect(color=STABLE, opacity=0.15).encode(
                 x=x, x2=alt.X2("x2:Q")),
             named.transform_filter("!isValid(datum.x2)").mark_rule(
                 color=NEUTRAL, strokeWidth=THIN, strokeDash=[6, 4]).encode(x=x),
             named.mark_text(align="left", dx=5).encode(x=x, y=y, text=alt.Text("name:N"))]
    chart = alt.layer(*marks, lines(x, y, series), points(x, y, series, tooltip, 30), *last_labels(x, scale, series))
    return titled(chart, title, layers.GRADIENT_HEIGHT), (
        f"Line chart: {title} for {x_title} from {low:g} to {high:g}, of {', '.join(labels)}, with what theory says. "
        "The data table has the numbers.")


def sweep_plots(race: Race) -> Plots:
    """The height at the end by learning rate on a surface, with the largest stable rate of theory (dashed)."""
    labels = tuple(LABELS[name] for name in race.names)
    rows = [frames.line(LABELS[name], values, HEIGHTS, labelled=-1, points=False, x=np.array(RATES))
            for name, values in swept(race).items()]
    limits = {LABELS[name]: limit for name in race.names
              if (limit := stable_limit(race.entry, name, race.momentum)) is not None}
    frame = _named(frames.placed(rows, HEIGHTS, layers.GRADIENT_HEIGHT), [
        {"x": x, "name": f"{label}: {x:.3g}", "y": HEIGHTS.high / 10 ** (1 + 1.5 * row)}
        for row, (label, x) in enumerate(limits.items())]) if rows else None
    return {"end by rate": (frame, by_number(
        labels, RATES[0], RATES[-1], HEIGHTS, "learning rate", "Height at the end, logarithmic axis", ALL))}


def _named(frame: pd.DataFrame, rows: Sequence[dict[str, object]] = ()) -> pd.DataFrame:
    """The frame with rows for rules and ranges: where (x, and x2 for a range), their name, and its height y."""
    usual = {"series": "theory", "run": "", "label": "", "mark": "theory", "segment": -1, "points": False, "exact": "",
             "x2": np.nan, "value": np.nan, "label_from": np.nan, "label_y": np.nan}
    frame = frame.assign(name="", x2=np.nan)
    return pd.concat([frame, pd.DataFrame([usual | row for row in rows])], ignore_index=True) if rows else frame


def rate_plots(histories: Histories) -> Plots:
    """Loss of the same network by learning rate at the step that is shown, what it was at step 0 (dashed), and the
    range of rates at which it is lower than that."""
    known = all(histories.values())
    rates = np.array([float(label) for label in histories])
    first = next(iter(histories.values()))
    scale = linear_scale([2 * first[0].loss] if first else [1.0])
    frame = None
    if known:
        ends = np.array([runs.last_loss(history) for history in histories.values()])
        start = np.full(len(rates), first[0].loss)
        rows = [frames.line("theory", start, scale, labelled=-1, label="at step 0", points=False, x=rates),
                frames.line("loss", ends, scale, labelled=-1, x=rates)]
        good = [rate for rate, history in zip(rates, histories.values(), strict=True) if runs.learns(history)]
        frame = _named(frames.placed(rows, scale, layers.GRADIENT_HEIGHT), [
            {"x": good[0], "x2": good[-1], "name": "stable", "y": 0.95 * scale.high}] if good else [])
    return {"loss by rate": (frame, by_number(("loss",), float(rates[0]), float(rates[-1]), scale, "learning rate",
                                              "Loss of the network by learning rate"))}


def network_plots(histories: Histories, spec: RunSpec) -> Plots:
    """Loss by step, and the update ratio of every layer, of runs that differ in their optimizer."""
    known, labels = all(histories.values()), tuple(histories)
    scale = linear_scale([history[0].loss for history in histories.values() if history])
    shown = {label: history[-1] for label, history in histories.items() if history and history[-1].step}
    return {
        "update ratio": (frames.several(shown, layers.UPDATE_RATIO, "update ratio") if len(shown) == len(labels) else
                         None, layers.several(spec.depth, layers.UPDATE_RATIO, labels, "update ratio", ALL)),
        "loss": (frames.losses(histories, scale) if known else None, steps.losses(spec.steps, scale, labels, ALL))}


def batch_plots(histories: Histories, spec: RunSpec) -> Plots:
    """Loss of each batch, step by step, of runs that differ in their batch size."""
    scale = linear_scale([2 * history[0].training_loss for history in histories.values() if history])
    return {"loss of the batch": (frames.losses(histories, scale) if all(histories.values()) else None,
                                  steps.losses(spec.steps, scale, tuple(histories)))}


def noise_plots(spec: RunSpec) -> Plots:
    """How far the gradient of a batch is from that of all examples, by batch size: measured, and theory (dashed)."""
    sizes, measured, theory = runs.noise(spec)
    x = np.array(sizes, np.float64)
    rows = [frames.line("theory", theory, NOISE, labelled=-1, points=False, x=x),
            frames.line("measured", measured, NOISE, labelled=-1, x=x) | {"segment": np.full(len(x), -1)}]
    return {"noise of the gradient": (_named(frames.placed(rows, NOISE, layers.GRADIENT_HEIGHT)), by_number(
        ("measured",), 1.0, float(sizes[-1]), NOISE, "batch size", "Noise of a batch's gradient / its size"))}
