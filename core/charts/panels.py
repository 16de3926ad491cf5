"""Small multiples: signal and kernel gradient of many runs, a panel each, in one chart with one axis.

One chart with all panels in it and not a chart a panel: an update then costs a browser a fifth. So the panels' places
are in the frame, in units of panels, and the chart's own axes run through all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from core.charts.drawing import AXIS_COLUMN, base, colour_of, dashes_of, drawing, looked_up, width_of
from core.charts.layers import TOOLTIP
from core.charts.scales import GRADIENT_HIGH, GRADIENT_LOW, Scale
from core.charts.theme import POINT, SERIES
from core.comparison import Entry, ranked
from core.diagnosis import KINDS, diagnose
from core.theory import predict
from core.words import exactly, power, say

COLUMNS = 3  # as many as a phone has room for
ROW_HEIGHT = 152  # px
BELOW = 52  # px for the axis of the layers
SCALE = Scale(10.0**GRADIENT_LOW, 10.0**GRADIENT_HIGH, log=True, row=0.22)  # the same for every panel and every run
LABELLED = {10.0**n: power(n) for n in (-4, 0)} | {SCALE.low: f"≤ {power(GRADIENT_LOW)}"} | SCALE.edges
RIGHT, TOP = 0.9, 0.7  # of a panel's place, what its plot takes; above it are its name and its verdict
NAME, VERDICT = 0.93, 0.8  # heights of these
MEASURED = {"signal": "signal_rms", "kernel gradient": "kernel_gradient_norm"}
SIGNS = {"healthy": "✓", "vanishing": "↘", "exploding": "↗", "stuck": "‖", "dead": "×", "symmetric": "=",
         "overflow": "!"}  # in front of the verdict's word, which a chart cannot set beside a Material icon
_SERIES = [SERIES[name] for name in (*MEASURED, "theory")]
_SAMPLE = 0.16  # of a panel's width: the piece of line in the key


@drawing
def panels(depth: int, runs: int):
    """So many runs of that depth, the key in the place after the last; for `panels_frame`."""
    rows = _rows(runs)
    starts = {column + _across(1, depth): "1" for column in range(COLUMNS)}
    ends = {column + _across(depth + 1, depth): "out" for column in range(COLUMNS)}
    marks = {row + float(_up(value)): text for row in range(rows) for value, text in LABELLED.items()}
    x = alt.X("x:Q", scale=alt.Scale(domain=[0, COLUMNS], nice=False), axis=alt.Axis(
        title="layer, in every panel (1 is nearest the input)", values=list(starts | ends), grid=False,
        labelExpr=looked_up(starts | ends), labelOverlap=False, labelFlush=False, ticks=False, domain=False,
        labelAlign=alt.condition(f"indexof({list(ends)}, datum.value) >= 0", alt.value("right"), alt.value("left"))))
    y = alt.Y("y:Q", scale=alt.Scale(domain=[0, rows], nice=False), axis=alt.Axis(
        title=None, values=list(marks), labelExpr=looked_up(marks), labelOverlap=False, ticks=False, domain=False,
        minExtent=AXIS_COLUMN, maxExtent=AXIS_COLUMN))
    shapes = {one.label: one.shape for one in _SERIES} | {
        "below": "triangle-down", "above": "triangle-up", "zero": "cross", "infinite": "cross", "nan": "cross"}
    room = alt.ExprRef(f"{0.96 / COLUMNS} * width")  # px for a text: on a phone, less than some are long
    chart = alt.layer(
        base().transform_filter("datum.segment >= 0").mark_line(clip=True).encode(
            x=x, y=y, color=colour_of(_SERIES), strokeDash=dashes_of(_SERIES), strokeWidth=width_of(_SERIES),
            detail=[alt.Detail("run:N"), alt.Detail("segment:N")]),
        base().transform_filter("datum.points").mark_point(filled=True, size=POINT / 4, opacity=1).encode(
            x=x, y=y, color=colour_of(_SERIES), tooltip=TOOLTIP, shape=alt.Shape(
                "mark:N", legend=None, scale=alt.Scale(domain=list(shapes), range=list(shapes.values())))),
        base().transform_filter("datum.role == 'name'").mark_text(
            align="left", limit=room, fontWeight="bold").encode(x=x, y=y, text=alt.Text("label:N")),
        base().transform_filter("datum.role == 'text'").mark_text(
            align="left", limit=room).encode(x=x, y=y, text=alt.Text("label:N")))
    return chart.properties(
        title="Gradient, one logarithmic axis; verdict and loss", height=rows * ROW_HEIGHT + BELOW,
        usermeta={"embedOptions": {"renderer": "canvas"}},  # hundreds of points: one node, not hundreds
    ), (f"{runs} small line charts with one logarithmic axis, sorted by verdict: size of the signal and of the kernel "
        f"gradient in each of {depth} hidden layers of every run, the input's side on the left. The data table has "
        "the numbers.")


def panels_frame(entries: Sequence[Entry]) -> pd.DataFrame:
    """For `panels`: a row a layer and series of every run, in its panel's place; runs in the order of their verdicts.

    `role` is `line` for what is measured or expected, else that of a text.
    """
    depth = entries[0].spec.depth
    pieces = [_key(len(entries), depth)]
    for place, entry in enumerate(ranked(entries)):
        pieces += [_heading(place, len(entries), entry), *_lines(place, len(entries), entry)]
    frame = pd.DataFrame({name: np.concatenate([piece[name] for piece in pieces]) for name in pieces[0]})
    return frame.astype({"layer": int, "segment": int, "points": bool})


def measured(frame: pd.DataFrame) -> pd.DataFrame:
    """The rows of a `panels_frame` that hold numbers, without their places on the chart."""
    return frame.loc[frame["role"] == "line", ["run", "series", "layer", "place", "value"]]


# --- what a frame is made of ----------------------------------------------------------------------------------------


def _rows(runs: int) -> int:
    return -(-(runs + 1) // COLUMNS)  # one place more, for the key


def _corner(place: int, runs: int) -> tuple[int, int]:
    """Left and bottom of a panel."""
    return place % COLUMNS, _rows(runs) - 1 - place // COLUMNS


def _across(layer: Any, depth: int) -> Any:
    """From layers, a number or an array, to their places in a panel's width."""
    return RIGHT * (layer - 0.5) / (depth + 1)


def _up(position: Any) -> Any:
    """From positions on SCALE, a number or an array, to their places in a panel's height."""
    low, high = np.log10(SCALE.domain)
    return TOP * (np.log10(position) - low) / (high - low)


def _lines(place: int, runs: int, entry: Entry) -> list[dict[str, np.ndarray]]:
    """Theory and what is measured at the last state of a history; nothing before step 0 is known."""
    if not entry.history:
        return []
    layers = entry.history[-1].layers
    shown = {name: getattr(layers, field) for name, field in MEASURED.items()}
    expected, level = predict(entry.spec).signal, entry.history[0].layers.signal_rms[-2]
    if expected is not None and 0 < level < np.inf:
        shown["theory"] = expected * level
    return [_line(place, runs, entry, series, np.asarray(values, np.float64)) for series, values in shown.items()]


def _line(place: int, runs: int, entry: Entry, series: str, values: np.ndarray) -> dict[str, np.ndarray]:
    left, bottom = _corner(place, runs)
    layer = np.arange(1, len(values) + 1)
    position, kind = SCALE.place(values)
    joined = np.isin(kind, ("value", "below", "above"))
    depth = entry.spec.depth
    return _piece(
        len(values), role="line", run=entry.label, series=series, layer=layer, value=values,
        place=np.where(layer > depth, "output", np.char.add("layer ", layer.astype(str))),
        x=left + _across(layer, depth), y=bottom + _up(position),
        mark=np.where(kind == "value", series, kind), segment=np.where(joined, np.cumsum(~joined), -1),
        points=(series != "theory") | (kind != "value"), exact=np.array([exactly(value) for value in values]))


def _heading(place: int, runs: int, entry: Entry) -> dict[str, np.ndarray]:
    """The run's name without what is in brackets, and below it the verdict's word and the loss."""
    left, bottom = _corner(place, runs)
    words = "waiting for TensorFlow"
    if entry.history:
        kind = diagnose(entry.spec, entry.history).kind
        words = f"{SIGNS[kind]} {KINDS[kind].word.lower()} {say(entry.history[-1].loss)}"
    names = [entry.label.partition(" (")[0], words]
    heights = [bottom + NAME, bottom + VERDICT]
    return _piece(2, role=["name", "text"], run=entry.label, label=names, x=left + 0.02, y=heights)


def _key(runs: int, depth: int) -> dict[str, np.ndarray]:
    """A piece of line for each series in the place after the last panel, and what it is."""
    left, bottom = _corner(runs, runs)
    heights = [bottom + height for height in (0.6, 0.45, 0.3)]
    names = [one.label for one in _SERIES]
    pieces = [_piece(2, role="key", run="key", series=name, x=[left + 0.02, left + 0.02 + _SAMPLE], y=height, segment=0)
              for name, height in zip(names, heights, strict=True)]
    pieces.append(_piece(len(names), role="text", run="key", label=names, x=left + 0.06 + _SAMPLE, y=heights))
    return {name: np.concatenate([piece[name] for piece in pieces]) for name in pieces[0]}


def _piece(rows: int, **columns: object) -> dict[str, np.ndarray]:
    """So many rows of a frame: the given columns, and what the others are where nothing is given."""
    usual = {"role": "", "run": "", "series": "", "layer": 0, "place": "", "value": np.nan, "x": 0.0, "y": 0.0,
             "mark": "", "segment": -1, "points": False, "label": "", "exact": ""}
    return {name: np.broadcast_to(np.asarray(columns.get(name, value)), rows) for name, value in usual.items()}
