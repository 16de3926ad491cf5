"""From an Altair chart without data to a Drawing: the Vega-Lite spec into which frames are streamed, and its `alt`."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, wraps
from typing import Any, ParamSpec

import altair as alt
from altair.utils import schemapi

from core.charts.scales import Scale
from core.charts.theme import CONFIG, LINE, PALE, POINT, ROW, SMALL_POINT, THIN, Series

SOURCE = alt.NamedData("source")  # the name under which Streamlit puts the frame of `st.vega_lite_chart(frame, spec)`
LABEL_COLUMN = 112  # px between axis and plot, for labels at the first layer, where lines part
AXIS_COLUMN = 44  # px for the axis's own labels, the same on every chart, so that layers stand above each other
LEADER = 18  # px from the end of a line to its label
LABEL_ROOM = 1.45  # the x axis of lines labelled at their end is so much longer than they are
FRAME = 78  # px of title, x labels and x title: what a chart's height has beside its plot

Arguments = ParamSpec("Arguments")
_one_at_a_time = threading.RLock()


@dataclass(frozen=True, eq=False)
class Drawing:
    """A chart waiting for its data: `st.vega_lite_chart(frame, drawing.spec, alt=drawing.alt)`.

    The same arguments give the same object, so a chart on the screen is updated, not rebuilt.
    """

    spec: dict[str, Any]
    alt: str


def drawing(chart: Callable[Arguments, tuple[alt.TopLevelMixin, str]]) -> Callable[Arguments, Drawing]:
    """Decorator: the function's chart and alt text as a Drawing, made once for each set of arguments.

    When thirty viewers open a link at once, one thread makes it and the others take it. It is not checked against
    Vega-Lite's schema here, which took about half of the time: the tests check every drawing that they make.
    """

    @lru_cache(maxsize=256)
    def made(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Drawing:
        with schemapi.debug_mode(False):
            altair_chart, text = chart(*args, **kwargs)
            return Drawing(spec_of(altair_chart), text)

    @wraps(chart)
    def one(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Drawing:
        with _one_at_a_time:
            return made(*args, **kwargs)  # type: ignore[arg-type]

    return one


def spec_of(chart: alt.TopLevelMixin) -> dict[str, Any]:
    """The chart as a Vega-Lite dict; the data is a name only."""
    with alt.data_transformers.enable(consolidate_datasets=False):  # Streamlit would take a table of text for a frame
        spec = chart.to_dict(validate=False)
    spec["config"] = CONFIG  # in place of Altair's, which would set the size of the view
    return spec


def titled(chart: Any, title: str, height: int) -> Any:
    """The Altair chart with a title that says what the y axis is, and a fixed height in px, all included."""
    return chart.properties(title=title, height=height)


def row_share(height: int) -> float:
    """The height of a direct label, as a share of the y axis of a chart of that height."""
    return ROW / (height - FRAME)


def base() -> alt.Chart:
    """A chart of the streamed frame.

    Its channels are given as Altair's classes, `text=alt.Text("label:N")`: for `text="label:N"` Altair looks through
    all of its classes, which took more than half of what was left of the time.
    """
    return alt.Chart(SOURCE)


PICK = "pick"  # the selection that a `picker` makes: a list of one dict with `px` and `py`, empty before


def picker(x: tuple[float, float], y: tuple[float, float], columns: int, rows: int) -> alt.Chart:
    """A layer that takes a click, or a drag: it picks the middle of a cell of an unseen grid, whose outer ones have
    their middles on the edges.
    """
    step_x, step_y = (x[1] - x[0]) / (columns - 1), (y[1] - y[0]) / (rows - 1)
    picked = alt.selection_point(name=PICK, fields=["px", "py"], toggle=False, clear=False,
                                 on="pointerdown, [pointerdown, window:pointerup] > pointermove")
    return alt.Chart(alt.sequence(0, columns * rows, 1, as_="place")).transform_calculate(
        px=f"{x[0]} + datum.place % {columns} * {step_x}", py=f"{y[0]} + floor(datum.place / {columns}) * {step_y}"
    ).transform_calculate(
        left=f"datum.px - {step_x / 2}", right=f"datum.px + {step_x / 2}", bottom=f"datum.py - {step_y / 2}",
        top=f"datum.py + {step_y / 2}").mark_rect(opacity=0, clip=True, cursor="crosshair", tooltip=None).encode(
            x=alt.X("left:Q", scale=alt.Scale(domain=list(x), nice=False, zero=False)), x2=alt.X2("right:Q"),
            y=alt.Y("bottom:Q", scale=alt.Scale(domain=list(y), nice=False, zero=False)), y2=alt.Y2("top:Q")
        ).add_params(picked)


# --- axes -----------------------------------------------------------------------------------------------------------


def y_of(field: str, scale: Scale, column: int = 0) -> alt.Y:
    """The y channel of a Scale: its grid, its edges as dotted lines, labels for both; `column` px before the plot."""
    labels = scale.ticks | scale.edges
    edge = f"indexof({list(scale.edges)}, datum.value) >= 0"
    axis = alt.Axis(
        title=None, values=list(labels), labelExpr=looked_up(labels),
        labelOverlap=False, offset=column, minExtent=AXIS_COLUMN, maxExtent=AXIS_COLUMN,
        gridDash=alt.condition(edge, alt.value([1, 4]), alt.value([1, 0])))  # type: ignore[arg-type]
    return alt.Y(f"{field}:Q", axis=axis, scale=alt.Scale(
        type="log" if scale.log else "linear", domain=scale.domain, nice=False))


def looked_up(labels: Mapping[Any, str]) -> str:
    """The Vega expression of an axis or legend that labels these values so."""
    return f"{list(labels.values())}[indexof({list(labels)}, datum.value)]"


def layer_x(depth: int) -> alt.X:
    """Layers 1 to depth from left to right, then the output; labelled as closely as a phone allows."""
    return alt.X("layer:Q", scale=alt.Scale(domain=[0.5, depth + 1.5], nice=False), axis=layer_axis(depth))


def layer_axis(depth: int) -> alt.Axis:
    every = 1 if depth <= 10 else 5 if depth <= 30 else 10
    shown = [n for n in (1, *range(max(every, 2), depth + 1, every)) if depth + 1 - n >= depth / 10]  # room for `out`
    return alt.Axis(title="layer (1 is nearest the input)", values=[*shown, depth + 1], format="d", grid=False,
                    labelExpr=f"datum.value == {depth + 1} ? 'out' : datum.label", labelOverlap=False, labelFlush=False)


def step_x(steps: int, room: float = LABEL_ROOM) -> alt.X:
    """Steps from 0, with room after the last for the labels of lines that have got there."""
    return _x("step:Q", Scale(0.0, float(steps), row=0.0), "step", room)


def number_x(scale: Scale, title: str, room: float = LABEL_ROOM) -> alt.X:
    """A linear x axis, `room` times as long as its scale."""
    return _x("x:Q", scale, title, room)


def epoch_x(epochs: float, room: float = LABEL_ROOM) -> alt.X:
    """Epochs from 0, with room after the last as in `step_x`."""
    return _x("epoch:Q", Scale(0.0, float(epochs), row=0.0), "epoch", room)


def _x(field: str, scale: Scale, title: str, room: float) -> alt.X:
    return alt.X(field, scale=alt.Scale(domain=[scale.low, scale.low + room * (scale.high - scale.low)], nice=False),
                 axis=alt.Axis(title=title, values=list(scale.ticks), labelExpr=looked_up(scale.ticks), grid=False,
                               labelOverlap="greedy"))


# --- marks ----------------------------------------------------------------------------------------------------------


def colour_of(series: Sequence[Series]) -> alt.Color:
    return alt.Color("series:N", legend=None, scale=alt.Scale(
        domain=[one.label for one in series], range=[one.colour for one in series]))


def lines(x: alt.X, y: alt.Y, series: Sequence[Series]) -> alt.Chart:
    """A line for each run and series, broken where a value is zero or not finite."""
    return base().transform_filter("datum.segment >= 0").mark_line(clip=True).encode(
        x=x, y=y, color=colour_of(series), strokeDash=dashes_of(series), strokeWidth=width_of(series),
        opacity=_opacity(), detail=[alt.Detail("run:N"), alt.Detail("segment:N")])


def points(x: alt.X, y: alt.Y, series: Sequence[Series], tooltip: Sequence[alt.Tooltip], columns: int = 0) -> alt.Chart:
    """A point for each value, in the shape of its series; arrows beyond the axis, crosses at the other edges.

    Points are smaller where there are many columns.
    """
    shapes = {one.label: one.shape for one in series} | {
        "below": "triangle-down", "above": "triangle-up", "zero": "cross", "infinite": "cross", "nan": "cross"}
    return base().transform_filter("datum.points").mark_point(
        filled=True, size=POINT if columns <= 24 else SMALL_POINT).encode(
            x=x, y=y, color=colour_of(series), opacity=_opacity(), tooltip=list(tooltip),
            shape=alt.Shape("mark:N", legend=None, scale=alt.Scale(domain=list(shapes), range=list(shapes.values()))))


def dashes_of(series: Sequence[Series]) -> alt.StrokeDash:
    return alt.StrokeDash("series:N", legend=None, scale=alt.Scale(
        domain=[one.label for one in series], range=[list(one.dash) for one in series]))


def width_of(series: Sequence[Series]) -> alt.StrokeWidthValue:
    thin = [one.label for one in series if one.width < LINE]
    return alt.StrokeWidthValue(LINE, condition={"test": {"field": "series", "oneOf": thin}, "value": THIN})


def _opacity() -> alt.OpacityValue:
    return alt.OpacityValue(1, condition={"test": "datum.run != ''", "value": PALE})


def first_layer_labels(x: alt.X, scale: Scale, series: Sequence[Series]) -> list[alt.Chart]:
    """Direct labels in the column before the plot, each with a leader in its colour to its line's first layer."""
    labelled = base().transform_filter("datum.label != ''")
    return [
        labelled.mark_rule(strokeWidth=THIN).encode(
            x=x, y=y_of("label_from", scale, LABEL_COLUMN), x2=alt.X2Value(-6), y2=alt.Y2("label_y:Q"),
            color=colour_of(series), opacity=_opacity()),
        labelled.mark_text(align="right", limit=LABEL_COLUMN - 12).encode(
            x=alt.XValue(-10), y=y_of("label_y", scale, LABEL_COLUMN), text=alt.Text("label:N")),
    ]


def last_labels(x: alt.X, scale: Scale, series: Sequence[Series]) -> list[alt.Chart]:
    """Direct labels after the end of each line, with a leader in its colour; the x axes above leave room."""
    labelled = base().transform_filter("datum.label != ''")
    return [
        labelled.mark_rule(strokeWidth=THIN, x2Offset=LEADER).encode(
            x=x, x2=alt.X2(x.shorthand), y=y_of("label_from", scale), y2=alt.Y2("label_y:Q"), color=colour_of(series),
            strokeDash=dashes_of(series)),
        labelled.mark_text(align="left", dx=LEADER + 6, limit=130).encode(
            x=x, y=y_of("label_y", scale), text=alt.Text("label:N")),
    ]
