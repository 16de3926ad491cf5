"""Charts of the Optimizers page: paths on a surface, heights and losses, ends by learning rate, noise by batch size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

import altair as alt
import numpy as np
import pandas as pd

from core.boundary import contour
from core.charts import layers, steps
from core.charts.drawing import (
    AXIS_COLUMN,
    Drawing,
    base,
    colour_of,
    dashes_of,
    drawing,
    last_labels,
    lines,
    looked_up,
    picker,
    points,
    signs,
    step_x,
    titled,
    width_of,
    with_room,
    y_of,
)
from core.charts.moving import FOREVER, HIDDEN, LIFE, packed
from core.charts.rows import Rows, growing, grown, joined_rows, line, packed_frame, packed_line, placed
from core.charts.scales import Scale, linear_scale
from core.charts.theme import AMBER, EDGE, NEUTRAL, POINT, SERIES, STAR, THIN, Series, alternatives, sized
from core.charts.theme import GREEN as STABLE
from core.lessons.optimizers import experiments as runs
from core.lessons.optimizers.race import LABELS, RATES, Race, outside, stable_limit, swept
from core.lessons.optimizers.surfaces import SURFACES, Surface
from core.spec import RunSpec
from core.training import Snapshot
from core.words import exactly, power

Plots = dict[str, tuple[pd.DataFrame | None, Drawing]]
Histories = Mapping[str, Sequence[Snapshot]]
ALL = tuple(LABELS.values())  # an optimizer keeps its colour whatever stands beside it
LEVELS, POINTS = 8, 61  # lines of equal height; points of the grid they are found on, in each direction
FLOOR = 0.3  # added to heights before their logarithm is taken, so that lines do not crowd at the minimum
PLACES = 41  # in each direction, where a click may put the start
NEAR = (0.2, 0.08)  # of the chart's width and height: what a text takes
MAP_HEIGHT = 430
HEIGHTS = Scale(1e-8, 1e4, log=True)
NOISE = Scale(0.01, 10.0, log=True)
AT_START = "at step 0"
PANEL_COLUMNS = 2
PLOT_WIDTH, PLOT_HEIGHT = 0.86, 0.72  # of a panel's place, what its plot takes; above it is its name
NAME = 0.88  # height of that
WHOLE = Series("all examples", SERIES["training"].colour)
BATCH = Series("batch", AMBER, "square", width=THIN)
FIELDS = {BATCH: "loss", WHOLE: "training_loss"}  # of a snapshot


# --- a surface ------------------------------------------------------------------------------------------------------


def race_plots(race: Race) -> Plots:
    """Where each optimizer goes, and how high above the minimum it is; a moment is a step."""
    labels = tuple(LABELS[name] for name in race.names)
    return {"paths": (paths_frame(race), paths(race.surface, labels)),
            "height": (heights_frame(race), heights(race.steps, labels))}


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


def paths_frame(race: Race) -> pd.DataFrame:
    """For `paths`: every point of a `path`, there from its step on; `now`, there for a step, is the same point moved
    to the edge of the chart and marked where it is outside, which is said once where several are near each other."""
    rows: list[pd.DataFrame] = []
    said: list[np.ndarray] = []
    all_heights = race.heights()
    for name, walked in race.paths().items():
        now, above = np.minimum(np.arange(race.steps + 1), len(walked) - 1), all_heights[name]
        at = _outside_at(race.entry, walked)[now]
        alone = ~np.any([(np.abs(at - other) < NEAR).all(axis=1) for other in said], axis=0)
        said.append(at)
        rows += [_path_rows(race.entry, LABELS[name], walked, above),
                 _now_rows(race.entry, LABELS[name], walked[now], above[now], alone).assign(step=now)]
    return pd.concat(rows, ignore_index=True) if rows else _path_rows(race.entry, "", np.zeros((0, 2)), np.zeros(0))


@drawing
def paths(name: str, labels: tuple[str, ...]):
    """Paths on a map with lines of equal height, darker where it is higher; a star at each minimum."""
    entry, series = SURFACES[name], alternatives(labels, ALL)
    x, y = (alt.Axis(title=title, grid=False, tickCount=6, labelFlush=False) for title in "xy")
    x_scale, y_scale = (alt.Scale(domain=[entry.low[i], entry.high[i]], nice=False, zero=False) for i in (0, 1))
    across, up = alt.X("x:Q", scale=x_scale, axis=x), alt.Y("y:Q", scale=y_scale, axis=y)
    ground = alt.Chart(_table(name)).mark_rule(color=NEUTRAL, strokeCap="round").encode(
        x=across, y=up, x2=alt.X2("x2:Q"), y2=alt.Y2("y2:Q"), opacity=alt.Opacity(
            "level:Q", legend=None, scale=alt.Scale(domain=[0, LEVELS - 1], range=[0.25, 1])))
    stars = alt.Chart(alt.InlineData(values=[{"x": px, "y": py} for px, py in entry.minima])).mark_text(
        text="★", fontSize=sized(STAR)).encode(x=across, y=up)
    tooltip = [alt.Tooltip("series:N", title="optimizer"), alt.Tooltip("step:Q"), alt.Tooltip("x:Q", format=".4~g"),
               alt.Tooltip("y:Q", format=".4~g"), alt.Tooltip("exact:N", title="above the minimum")]
    shapes = {one.label: one.shape for one in series} | {"outside": "triangle-up", "start": "cross"}
    shape = alt.Shape("mark:N", legend=None, scale=alt.Scale(domain=list(shapes), range=list(shapes.values())))
    walked = base().transform_filter("datum.role == 'path'").mark_line(clip=True, strokeWidth=2).encode(
        x=across, y=up, color=colour_of(series), order=alt.Order("step:Q"), tooltip=tooltip)
    marks = base().transform_filter("datum.role == 'now'").mark_point(
        filled=True, size=3 * POINT, opacity=1, stroke=EDGE, strokeWidth=1).encode(
            x=across, y=up, color=colour_of(series), shape=shape, tooltip=tooltip)
    right = f"datum.x > {(entry.low[0] + entry.high[0]) / 2}"
    named = base().transform_filter("datum.role == 'now'").mark_text(
        align=alt.ExprRef(f"{right} ? 'right' : 'left'"), dx=alt.ExprRef(f"{right} ? -9 : 9"), dy=-9).encode(
            x=across, y=up, text=alt.Text("label:N"))
    sides = [(float(entry.low[i]), float(entry.high[i])) for i in (0, 1)]
    places = picker(sides[0], sides[1], PLACES, PLACES)
    chart = alt.layer(ground, stars, walked, marks, named, places).properties(
        usermeta={"embedOptions": {"renderer": "canvas"}})
    return titled(chart, f"{entry.label}: lines of equal height, ★ least", MAP_HEIGHT), (
        f"Map of {entry.label}, x from {entry.low[0]:g} to {entry.high[0]:g}, y from {entry.low[1]:g} to "
        f"{entry.high[1]:g}, with the paths of {', '.join(labels)}. The data table has the numbers."), LIFE


def _outside_at(entry: Surface, visited: np.ndarray) -> np.ndarray:
    """Where on the chart's edge points `(n, 2)` outside it are marked, in units of the chart; NaN for those inside."""
    edge = np.clip(visited, entry.low, entry.high) / (np.array(entry.high) - entry.low)
    return np.where(outside(entry, visited)[:, None], edge, np.nan)


def _path_rows(entry: Surface, label: str, visited: np.ndarray, above: np.ndarray) -> pd.DataFrame:
    """From the points `(n, 2)` that an optimizer visits, and their heights above the minimum `(n,)`."""
    reach = np.array(entry.high) - entry.low  # how far a line goes on beyond the chart, where it is clipped
    x, y = np.clip(visited, entry.low - reach, entry.high + reach).T
    step = np.arange(len(visited))
    return pd.DataFrame({"role": "path", "series": label, "mark": label, "step": step, "x": x, "y": y, "value": above,
                         "label": "", "exact": "", "since": step, "until": FOREVER})


def _now_rows(entry: Surface, label: str, visited: np.ndarray, above: np.ndarray, alone: np.ndarray) -> pd.DataFrame:
    """The same from its point at every moment `(moments, 2)`, and whether no other one is near there."""
    gone, (x, y) = outside(entry, visited), np.clip(visited, entry.low, entry.high).T
    moment = np.arange(len(visited))
    return pd.DataFrame({"role": "now", "series": label, "mark": np.where(gone, "outside", label), "x": x, "y": y,
                         "value": above, "label": np.where(gone & alone, "outside", ""),
                         "exact": [exactly(float(height)) for height in above], "since": moment,
                         "until": np.append(moment[1:], FOREVER)})


def heights_frame(race: Race) -> pd.DataFrame | None:
    """For `heights`."""
    rows = []
    for name, above in race.heights().items():
        step = np.arange(len(above))
        found = growing(LABELS[name], above, step, HEIGHTS, step=step)
        # Points at the end and beside a sign alone: below the axis there may be hundreds.
        rows.append(found | {"points": (found["label"] != "") | (found["says"] != "")})
    return grown(rows, HEIGHTS, MAP_HEIGHT) if rows else None


@drawing
def heights(last: int, labels: tuple[str, ...]):
    """How far above the least value each path is, step by step, on a logarithmic axis."""
    x, y, series = step_x(last, labels), y_of("y", HEIGHTS), alternatives(labels, ALL)
    tooltip = [alt.Tooltip("step:Q", title="step"), alt.Tooltip("series:N", title="optimizer"),
               alt.Tooltip("exact:N", title="height")]
    chart = alt.layer(lines(x, y, series), points(x, y, series, tooltip), *signs(x, y),
                      *last_labels(x, HEIGHTS, series))
    return titled(chart, "Height above the minimum, log axis", MAP_HEIGHT), (
        f"Line chart, {HEIGHTS.words}: height above the minimum over {last} steps, for {', '.join(labels)}. "
        "The data table has the numbers."), LIFE


# --- by learning rate, by batch size --------------------------------------------------------------------------------


def by_number_frame(rows: Sequence[Rows], scale: Scale, named: Sequence[dict[str, object]] = ()) -> pd.DataFrame:
    """For `by_number`: lines, and rows for rules and ranges: where (x, and x2 for a range), their name, and its height
    name_y.
    """
    usual = {"series": "theory", "run": "", "label": "", "mark": "theory", "segment": -1, "points": False, "exact": "",
             "says": "", "y": np.nan, "x2": np.nan, "value": np.nan, "label_from": np.nan, "label_y": np.nan}
    frame = placed(rows, scale, layers.GRADIENT_HEIGHT).assign(name="", x2=np.nan, name_y=np.nan)
    return pd.concat([frame, pd.DataFrame([usual | row for row in named])], ignore_index=True) if named else frame


@drawing
def by_number(labels: tuple[str, ...], low: float, high: float, scale: Scale, x_title: str, title: str,
              among: tuple[str, ...] = (), moves: bool = False):
    """Something over a number on a logarithmic axis from low to high, with dashed rules or a dashed line of theory.

    A row with a name is a rule at x, or what lies between x and x2. moves: for a frame of a whole run, `rates_frame`.
    """
    series = [*alternatives(labels, among), replace(SERIES["theory"], label=AT_START) if moves else SERIES["theory"]]
    decades = range(int(np.floor(np.log10(low) + 1e-9)), int(np.ceil(np.log10(high) - 1e-9)) + 1)
    ticks = {10.0**n: power(n) if abs(n) > 3 else f"{10.0**n:g}" for n in decades if low <= 10.0**n <= high * 1.001}
    room = with_room([one.label for one in series])
    x = alt.X("x:Q", scale=alt.Scale(type="log", domain=[low, high], range=room, nice=False), axis=alt.Axis(
        title=x_title, values=list(ticks), labelExpr=looked_up(ticks), grid=False, labelOverlap="greedy"))
    y = y_of("y", scale)
    tooltip = [alt.Tooltip("series:N", title="what"), alt.Tooltip("x:Q", title=x_title, format=".3~g"),
               alt.Tooltip("exact:N", title="value")]
    named = base().transform_filter("datum.name != ''")
    marks = [named.transform_filter("isValid(datum.x2)").mark_rect(color=STABLE, opacity=0.15).encode(
                 x=x, x2=alt.X2("x2:Q")),
             named.transform_filter("!isValid(datum.x2)").mark_rule(
                 color=NEUTRAL, strokeWidth=THIN, strokeDash=[6, 4]).encode(x=x),
             named.mark_text(align="left", dx=5).encode(x=x, y=y_of("name_y", scale), text=alt.Text("name:N"))]
    chart = alt.layer(*marks, lines(x, y, series), points(x, y, series, tooltip, 30), *signs(x, y),
                      *last_labels(x, scale, series))
    beside = "what it was at step 0" if moves else "what theory says, where it says something"
    return titled(chart, title, layers.GRADIENT_HEIGHT), (
        f"Line chart, {scale.words}: {title.removesuffix(', logarithmic axis')} for {x_title} from {low:g} to "
        f"{high:g}, of {', '.join(labels)}, with {beside}. The data table has the numbers."
        ), [*LIFE, *packed(scale)] if moves else []


def rates_frame(rates: np.ndarray, histories: Histories, scale: Scale) -> pd.DataFrame:
    """For `by_number`, a whole run: the loss at each rate, what it was at step 0, and the range that is stable."""
    moments = np.arange(max(map(len, histories.values())))
    ends = [np.array([runs.last_loss([state]) for state in history]) for history in histories.values()]
    losses = np.array([end[np.minimum(moments, len(end) - 1)] for end in ends]).T  # (moments, rates)
    start = np.full(len(rates), losses[0, 0])
    rows = [packed_line(AT_START, start, scale, labelled=-1, points=False, x=rates),
            packed_line("loss", losses, scale, labelled=-1, x=rates)]
    frame = packed_frame(rows, scale, layers.GRADIENT_HEIGHT).assign(
        name="", x2=np.nan, name_y=np.nan, since=0, until=FOREVER)
    usual = {"series": AT_START, "run": "", "always": False, "label": "", "values": "NaN", "kinds": "",
             "segments": HIDDEN, "labels": "", "name": "stable", "name_y": 0.95 * scale.high}
    stable = [usual | {"x": low, "x2": high, "since": since, "until": until}
              for since, until, low, high in _stable(rates, losses < start)]
    return pd.concat([frame, pd.DataFrame(stable)], ignore_index=True) if stable else frame


def _stable(rates: np.ndarray, good: np.ndarray) -> list[tuple[int, int, float, float]]:
    """From which moment to which the good rates, `(moments, rates)`, reach from where to where."""
    ranges = [(rates[now][0], rates[now][-1]) if now.any() else None for now in good]
    changes = [moment for moment, found in enumerate(ranges) if moment == 0 or found != ranges[moment - 1]]
    return [(since, until, *found) for since, until in zip(changes, [*changes[1:], FOREVER], strict=True)
            if (found := ranges[since])]


def sweep_plots(race: Race) -> Plots:
    """The height at the end by learning rate on a surface, with the largest stable rate of theory (dashed)."""
    labels = tuple(LABELS[name] for name in race.names)
    rows = [line(LABELS[name], values, HEIGHTS, labelled=-1, points=False, x=np.array(RATES))
            for name, values in swept(race).items()]
    limits = {LABELS[name]: limit for name in race.names
              if (limit := stable_limit(race.entry, name, race.momentum)) is not None}
    named = [{"x": x, "name": f"{label}: {x:.3g}", "name_y": HEIGHTS.high / 10 ** (2 + 1.5 * row)}
             for row, (label, x) in enumerate(limits.items())]
    frame = by_number_frame(rows, HEIGHTS, named) if rows else None
    return {"end by rate": (frame, by_number(
        labels, RATES[0], RATES[-1], HEIGHTS, "learning rate", "Height at the end, logarithmic axis", ALL))}


def rate_plots(histories: Histories) -> Plots:
    """Loss of the same network by learning rate at every moment, what it was at step 0 (dashed), and the range of rates
    at which it is lower than that."""
    known = all(histories.values())
    rates = np.array([float(label) for label in histories])
    first = next(iter(histories.values()))
    scale = linear_scale([2 * first[0].loss] if first else [1.0])
    return {"loss by rate": (rates_frame(rates, histories, scale) if known else None, by_number(
        ("loss",), float(rates[0]), float(rates[-1]), scale, "learning rate", "Loss of the network by learning rate",
        moves=True))}


def network_plots(histories: Histories, spec: RunSpec) -> Plots:
    """Loss by step, and the update ratio of every layer, of runs that differ in their optimizer."""
    known, labels = all(histories.values()), tuple(histories)
    scale = linear_scale([history[0].loss for history in histories.values() if history])
    return {
        "update ratio": (layers.several_frame(histories, layers.UPDATE_RATIO, "update ratio") if known else None,
                         layers.several(spec.depth, layers.UPDATE_RATIO, labels, "update ratio", ALL)),
        "loss": (steps.losses_frame(histories, scale) if known else None, steps.losses(spec.steps, scale, labels, ALL))}


def batch_plots(histories: Histories, spec: RunSpec) -> Plots:
    """Loss of each batch and of all examples, step by step, of runs that differ in their batch size."""
    scale = linear_scale([1.5 * history[0].training_loss for history in histories.values() if history])
    return {"loss by batch size": (
        batch_panels_frame(histories, spec.steps, scale) if all(histories.values()) else None,
        batch_panels(spec.steps, scale, tuple(histories)))}


def noise_plots(spec: RunSpec) -> Plots:
    """How far the gradient of a batch is from that of all examples, by batch size: measured, and theory (dashed)."""
    sizes, measured, theory = runs.noise(spec)
    x = np.array(sizes, np.float64)
    rows = [line("theory", theory, NOISE, labelled=-1, points=False, x=x),
            line("measured", measured, NOISE, labelled=-1, x=x) | {"segment": np.full(len(x), -1)}]
    return {"noise of the gradient": (by_number_frame(rows, NOISE), by_number(
        ("measured",), 1.0, float(sizes[-1]), NOISE, "batch size", "Noise of a batch's gradient / its size"))}


# --- a panel for each batch size ------------------------------------------------------------------------------------

# As in core.charts.panels the panels' places are in the frame, in units of panels, so that the browser has one chart.


def named(label: str) -> str:
    """What a panel is called, by the label of its batch size."""
    return f"batch: {label}"


def batch_panels_frame(histories: Mapping[str, Sequence[Snapshot]], steps: int, scale: Scale) -> pd.DataFrame:
    """For `batch_panels`: two lines a batch size that grow with the run, and a row for its name.

    across, y: the place in units of panels, from the left and from below; run: the batch size.
    """
    pieces = []
    for place, (label, history) in enumerate(histories.items()):
        left, bottom = _corner(place, len(histories))
        pieces.append(_text(label, left, bottom))
        for series, field in FIELDS.items():
            step = np.array([snapshot.step for snapshot in history])
            values = np.array([getattr(snapshot, field) for snapshot in history], np.float64)
            rows = growing(series.label, values, np.arange(len(history)), scale, run=label, step=step)
            pieces.append(rows | {"across": left + PLOT_WIDTH * rows["step"] / steps,
                                  "y": bottom + _up(rows["y"], scale)})
    return pd.DataFrame(joined_rows(pieces))


def _corner(place: int, panels: int) -> tuple[int, int]:
    """Left and bottom of a panel."""
    return place % PANEL_COLUMNS, _rows(panels) - 1 - place // PANEL_COLUMNS


def _rows(panels: int) -> int:
    return -(-panels // PANEL_COLUMNS)


def _up(position: np.ndarray | float, scale: Scale) -> np.ndarray:
    """From a place on the axis to that in a panel."""
    return PLOT_HEIGHT * (np.asarray(position) - scale.low) / (scale.high - scale.low)


def _text(label: str, left: float, bottom: float) -> Rows:
    """The name of a panel, there at all moments."""
    columns = {"run": label, "series": "", "step": 0, "value": np.nan, "y": bottom + NAME, "mark": "", "segment": -1,
               "points": False, "label": named(label), "says": "", "exact": "", "since": 0, "until": FOREVER,
               "across": float(left)}
    return {name: np.array([value], object if isinstance(value, str) else None) for name, value in columns.items()}


@drawing
def batch_panels(steps: int, scale: Scale, labels: tuple[str, ...]):
    """A panel for each batch size: the loss of its batches (thin) around that of all examples (thick)."""
    rows, columns = _rows(len(labels)), min(PANEL_COLUMNS, len(labels))
    across = {column + end * PLOT_WIDTH: text for column in range(columns) for end, text in ((0, "0"), (1, f"{steps}"))}
    ticks = {tick: text for tick, text in scale.ticks.items() if tick in (scale.low, max(scale.ticks))}
    up = {row + float(_up(tick, scale)): text for row in range(rows) for tick, text in ticks.items()}
    x = alt.X("across:Q", scale=alt.Scale(domain=[0, columns], nice=False), axis=alt.Axis(
        title="step, in every panel", values=list(across), labelExpr=looked_up(across), grid=False, ticks=False,
        domain=False, labelOverlap=False))
    y = alt.Y("y:Q", scale=alt.Scale(domain=[0, rows], nice=False), axis=alt.Axis(
        title=None, values=list(up), labelExpr=looked_up(up), labelOverlap=False, ticks=False, domain=False,
        minExtent=AXIS_COLUMN, maxExtent=AXIS_COLUMN))
    series = list(FIELDS)
    colour = alt.Color(
        "series:N", scale=alt.Scale(domain=[one.label for one in series], range=[one.colour for one in series]),
        legend=alt.Legend(title=None, orient="bottom", direction="horizontal", symbolType="stroke",
                          symbolStrokeWidth=3))
    shapes = {one.label: one.shape for one in series} | {
        "below": "triangle-down", "above": "triangle-up", "infinite": "cross", "nan": "cross"}
    tooltip = [alt.Tooltip("run:N", title="batch size"), alt.Tooltip("step:Q", title="step"),
               alt.Tooltip("series:N", title="loss of"), alt.Tooltip("exact:N", title="loss")]
    chart = alt.layer(
        base().transform_filter("datum.segment != -1").mark_line().encode(
            x=x, y=y, color=colour, strokeDash=dashes_of(series), strokeWidth=width_of(series),
            detail=[alt.Detail("run:N"), alt.Detail("segment:N")]),
        base().transform_filter("datum.points").mark_point(filled=True, size=POINT, opacity=1).encode(
            x=x, y=y, color=colour, tooltip=tooltip, shape=alt.Shape(
                "mark:N", legend=None, scale=alt.Scale(domain=list(shapes), range=list(shapes.values())))),
        base().transform_filter("datum.series == ''").mark_text(align="left", fontWeight="bold").encode(
            x=x, y=y, text=alt.Text("label:N")))
    return titled(chart, "Loss of the batch and of all examples", MAP_HEIGHT), (
        f"{len(labels)} small line charts with one {scale.words}: the loss over {steps} steps, of the batch and of all "
        f"examples, with batches of {', '.join(labels)}; the step is on the x axis of every panel. The data table has "
        "the numbers."), LIFE
