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

from core.charts.drawing import (
    AXIS_COLUMN,
    NOT_FINITE,
    base,
    colour_of,
    dashes_of,
    drawing,
    looked_up,
    one_sign_each,
    width_of,
)
from core.charts.layers import QUANTITIES, TOOLTIP, field_of
from core.charts.moving import FOREVER, LIFE, Transforms, at, packed
from core.charts.rows import Rows, joined_rows, packed_line
from core.charts.scales import GRADIENT_HIGH, GRADIENT_LOW, Scale
from core.charts.theme import IN_A_HALL, POINT, SERIES
from core.diagnosis import KINDS, kinds
from core.side_by_side import Entry, ranked
from core.theory import predict
from core.words import power, say

COLUMNS = 3  # as many as a phone has room for
ROW_HEIGHT = 152  # px
BELOW = 52  # px for the axis of the layers
SCALE = Scale(10.0**GRADIENT_LOW, 10.0**GRADIENT_HIGH, log=True)  # the same for every panel and every run
LABELLED = {10.0**n: power(n) for n in (GRADIENT_LOW, -4, 0)}
PLOT_WIDTH, PLOT_HEIGHT = 0.9, 0.55  # of a panel's place, what its plot takes; above it are its name and its verdict
NAME, VERDICT = 0.87, 0.68  # heights of these, clear of the panel above
IN_ONE_LINE, AFTER = 0.78, 0.46  # in a hall both stand at this height, the verdict so far to the right
DIGITS = 2  # of a number: a panel has no room to see more
NARROW = 420  # px of all panels: a phone has no room for the loss beside the verdict
# In front of the verdict's word, which a chart cannot set beside a Material icon.
SIGNS = {"learned": "✓", "learning": "+", "slow": "…", "not_learning": "–", "vanishing": "↘", "exploding": "↗",
         "dead": "×", "stuck": "‖", "symmetric": "=", "overflow": "!"}
_SERIES = [SERIES[name] for name in (*QUANTITIES, "theory")]
_FITTING = f"width < {NARROW} ? replace(datum.label, regexp(' [^ ]*([0-9]|NaN|∞)$'), '') : datum.label"
_SAMPLE = 0.16  # of a panel's width: the piece of line in the key


def panels_frame(entries: Sequence[Entry]) -> pd.DataFrame:
    """For `panels`: a row a layer and series of every run, in its panel's place, and rows for its texts.

    Runs stand in the order of their verdicts at step 0, which stays. `role` is `line` for what is measured or expected,
    else that of a text; `height` is the lower end of a line's panel, or where a text stands.
    """
    start = [entry._replace(history=entry.history[:1]) for entry in entries]
    by_label = {entry.label: entry for entry in entries}
    pieces = [_key(len(entries), entries[0].spec.depth)]
    for place, label in enumerate(entry.label for entry in ranked(start)):
        pieces += [_texts(place, len(entries), by_label[label]), *_lines(place, len(entries), by_label[label])]
    return pd.DataFrame(joined_rows(pieces))


@drawing
def panels(depth: int, runs: int):
    """So many runs of that depth, the key in the place after the last; for `panels_frame`."""
    rows = _rows(runs)
    starts = {column + _across(1, depth): "1" for column in range(COLUMNS)}
    ends = {column + _across(depth + 1, depth): "out" for column in range(COLUMNS)}
    marks = {row + float(_up(value)): text for row in range(rows) for value, text in LABELLED.items()}
    between = [row + float(_up(value)) for row in range(rows) for value in list(LABELLED)[1:-1]]
    x = alt.X("x:Q", scale=alt.Scale(domain=[0, COLUMNS], nice=False), axis=alt.Axis(
        title="layer, in every panel (1 is nearest the input)", values=list(starts | ends), grid=False,
        labelExpr=looked_up(starts | ends), labelOverlap=False, labelFlush=False, ticks=False, domain=False,
        labelAlign=alt.condition(f"indexof({list(ends)}, datum.value) >= 0", alt.value("right"), alt.value("left"))))
    y = alt.Y("up:Q", scale=alt.Scale(domain=[0, rows], nice=False), axis=alt.Axis(
        title=None, values=list(marks), labelExpr=looked_up(marks), labelOverlap=False,
        labelOpacity=alt.condition(f"{IN_A_HALL} && indexof({between}, datum.value) >= 0", alt.value(0), alt.value(1)),
        ticks=False, domain=False,
        minExtent=AXIS_COLUMN, maxExtent=AXIS_COLUMN))
    shapes = {one.label: one.shape for one in _SERIES} | {
        "below": "triangle-down", "above": "triangle-up", "zero": "cross", "infinite": "cross", "nan": "cross"}
    room = alt.ExprRef(f"{0.92 / COLUMNS} * width")  # px for a text: on a phone, less than some are long
    chart = alt.layer(
        base().transform_filter("datum.role != 'text' && datum.role != 'name' && datum.segment != '-'").mark_line(
            clip=True).encode(
                x=x, y=y, color=colour_of(_SERIES), strokeDash=dashes_of(_SERIES), strokeWidth=width_of(_SERIES),
                detail=[alt.Detail("run:N"), alt.Detail("segment:N")]),
        base().transform_filter("datum.points").mark_point(filled=True, size=POINT / 4, opacity=1).encode(
            x=x, y=y, color=colour_of(_SERIES), tooltip=TOOLTIP, shape=alt.Shape(
                "mark:N", legend=None, scale=alt.Scale(domain=list(shapes), range=list(shapes.values())))),
        *(one_sign_each(test, ["run"], x="min(x)", up="max(up)").mark_text(
            align="left", dx=-4, dy=dy, fontWeight="bold").encode(x=x, y=y, text=alt.Text("sign:N"))
            for test, dy in (("datum.says == '0'", -14), (NOT_FINITE, 16))),
        base().transform_filter("datum.role == 'name'").mark_text(
            align="left", limit=room, fontWeight="bold").encode(x=x, y=y, text=alt.Text("label:N")),
        base().transform_filter("datum.role == 'text'").transform_calculate(said=_FITTING).mark_text(
            align="left", limit=room).encode(x=x, y=y, text=alt.Text("said:N")))
    return chart.properties(
        title="Gradient, one logarithmic axis; verdict and loss", height=rows * ROW_HEIGHT + BELOW,
        usermeta={"embedOptions": {"renderer": "canvas"}},  # hundreds of points: one node, not hundreds
    ), (f"{runs} small line charts with one {SCALE.words}, in the order of their verdicts at step 0: "
        f"size of the signal and of the kernel gradient in each of {depth} hidden layers and the output of "
        "every run, the input's side on the left, and the signal "
        "that theory expects. The data table has the numbers."), [*LIFE, *packed(SCALE), *_HALL, *_UP]


def measured(frame: pd.DataFrame, moment: int) -> pd.DataFrame:
    """The rows of a `panels_frame` that hold numbers, those of a moment, without their places on the chart."""
    found = at(frame, moment)
    return found.loc[found["role"] == "line", ["run", "series", "layer", "place", "value"]].reset_index(drop=True)


# --- what a frame is made of ----------------------------------------------------------------------------------------


def _rows(runs: int) -> int:
    return -(-(runs + 1) // COLUMNS)  # one place more, for the key


def _corner(place: int, runs: int) -> tuple[int, int]:
    """Left and bottom of a panel."""
    return place % COLUMNS, _rows(runs) - 1 - place // COLUMNS


def _across(layer: Any, depth: int) -> Any:
    """From layers, a number or an array, to their places in a panel's width."""
    return PLOT_WIDTH * (layer - 0.5) / (depth + 1)


def _up(position: float) -> float:
    """From a position on SCALE to its place in a panel's height."""
    low, high = np.log10(SCALE.domain)
    return float(PLOT_HEIGHT * (np.log10(position) - low) / (high - low))


_LOW, _HIGH = np.log10(SCALE.domain)
_UP: Transforms = [{"calculate": f"datum.role == 'line' ? datum.height + {PLOT_HEIGHT} * (log(datum.y) / LN10 - {_LOW})"
                                 f" / {_HIGH - _LOW} : datum.height", "as": "up"}]
_HALL: Transforms = [{"calculate": f"{IN_A_HALL} && datum.run != 'key' && datum.role {which} ? {then} : datum.{column}",
                      "as": column} for column, which, then in (
                          ("height", "!= 'line'", f"floor(datum.height) + {IN_ONE_LINE}"),
                          ("x", "== 'text'", f"datum.x + {AFTER}"))]


def _lines(place: int, runs: int, entry: Entry) -> list[Rows]:
    """Theory and what is measured; nothing before step 0 is known."""
    if not entry.history:
        return []
    shown = {name: field_of(entry.history, field) for name, field in QUANTITIES.items()}
    expected, level = predict(entry.spec).signal, entry.history[0].layers.signal_rms[-2]
    if expected is not None and 0 < level < np.inf:
        shown["theory"] = np.array([expected * level])
    return [_line(place, runs, entry, series, values) for series, values in shown.items()]


def _line(place: int, runs: int, entry: Entry, series: str, values: np.ndarray) -> Rows:
    left, bottom = _corner(place, runs)
    layer, depth = np.arange(1, values.shape[1] + 1), entry.spec.depth
    rows = packed_line(series, values, SCALE, run=entry.label, label="", points=series != "theory", digits=DIGITS,
                       layer=layer, place=np.where(layer > depth, "output", np.char.add("layer ", layer.astype(str))),
                       x=left + _across(layer, depth))
    return _piece(len(layer), role="line", height=bottom, **rows)


def _texts(place: int, runs: int, entry: Entry) -> Rows:
    """The run's name without what is in brackets, and below it the verdict's word and the loss at each moment."""
    left, bottom = _corner(place, runs)
    said = [f"{SIGNS[kind]} {KINDS[kind].word.lower()} {say(state.training_loss)}" for kind, state in zip(
        kinds(entry.spec, entry.history), entry.history, strict=True)] or ["waiting for TensorFlow"]
    since = [moment for moment, text in enumerate(said) if moment == 0 or text != said[moment - 1]]
    name = entry.label.partition(" (")[0]
    return _piece(1 + len(since), role=["name", *["text"] * len(since)], run=entry.label, x=left + 0.02,
                  label=[name, *(said[moment] for moment in since)],
                  height=[bottom + NAME, *[bottom + VERDICT] * len(since)],
                  since=[0, *since], until=[FOREVER, *since[1:], FOREVER])


def _key(runs: int, depth: int) -> Rows:
    """A piece of line for each series in the place after the last panel, and what it is."""
    left, bottom = _corner(runs, runs)
    heights = [bottom + height for height in (0.85, 0.5, 0.15)]
    names = [one.label for one in _SERIES]
    pieces = [_piece(2, role="key", run="key", series=name, x=[left + 0.02, left + 0.02 + _SAMPLE], height=height)
              for name, height in zip(names, heights, strict=True)]
    texts = _piece(len(names), role="text", run="key", label=names, x=left + 0.06 + _SAMPLE, height=heights)
    return joined_rows([*pieces, texts])


def _piece(rows: int, **columns: object) -> Rows:
    """So many rows of a frame: the given columns, and what the others are where nothing is given."""
    usual = {"role": "", "run": "", "series": "", "layer": 0, "place": "", "x": 0.0, "height": 0.0, "always": False,
             "label": "", "values": "NaN", "kinds": "", "segments": "", "labels": "", "since": 0, "until": FOREVER}
    return {name: np.broadcast_to(np.asarray(columns.get(name, value)), rows) for name, value in usual.items()}
