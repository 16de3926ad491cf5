"""From an Altair chart without data to a Drawing: the Vega-Lite spec into which frames are streamed, and its `alt`."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, wraps
from typing import Any, ParamSpec

import altair as alt
from altair.utils import schemapi

from core.charts.moving import PARAMS, Transforms
from core.charts.scales import Scale
from core.charts.theme import CONFIG, LINE, PALE, POINT, ROW, SMALL_POINT, THIN, Series, sized

STREAMED = alt.NamedData("source")  # the name under which Streamlit puts the frame of `st.vega_lite_chart(frame, spec)`
LABEL_COLUMN = 128  # px between axis and plot, for labels at the first layer, where lines part
AXIS_COLUMN = 52  # px for the axis's own labels, the same on every chart, so that layers stand above each other
LEADER = 18  # px from the end of a line to its label
LETTERS = {"mwMW%": 13, "fijlrtI .,:": 5}  # px of wide and narrow letters of a label; of the others LETTER
LETTER = 8.2
NOT_FINITE = "datum.says && datum.says != '0'"  # the sign is ∞ or NaN
LONGEST = 130  # px of a label at the end of a line, at most
FRAME = 78  # px of title, x labels and x title: what a chart's height has beside its plot

LEAST_SHARE = 0.08  # of the axis for a label: in a hall (core.charts.hall) 23 px of a plot that is 290 px high

Arguments = ParamSpec("Arguments")
_one_at_a_time = threading.RLock()


@dataclass(frozen=True, eq=False)
class Drawing:
    """A chart waiting for its data: `st.vega_lite_chart(frame, drawing.spec, alt=drawing.alt)`.

    The same arguments give the same object, so a chart on the screen is updated, not rebuilt.
    """

    spec: dict[str, Any]
    alt: str


def drawing(chart: Callable[Arguments, tuple[Any, ...]]) -> Callable[Arguments, Drawing]:
    """Decorator: the function's chart and alt text as a Drawing, made once for each set of arguments.

    A chart that moves has as a third the transforms that read its frame (core.charts.moving).

    When thirty viewers open a link at once, one thread makes it and the others take it. It is not checked against
    Vega-Lite's schema here, which took about half of the time: the tests check every drawing that they make.
    """

    @lru_cache(maxsize=256)
    def made(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Drawing:
        with schemapi.debug_mode(False):
            altair_chart, text, *moves = chart(*args, **kwargs)
            return Drawing(spec_of(altair_chart, *moves), text)

    @wraps(chart)
    def one(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Drawing:
        with _one_at_a_time:
            return made(*args, **kwargs)  # type: ignore[arg-type]

    return one


def spec_of(chart: alt.TopLevelMixin, moves: Transforms | None = None) -> dict[str, Any]:
    """The chart as a Vega-Lite dict; the data is a name only. What moves follows the play-head: `moves` stand before
    all other transforms wherever the streamed frame is the data.
    """
    with alt.data_transformers.enable(consolidate_datasets=False):  # Streamlit would take a table of text for a frame
        spec = chart.to_dict(validate=False)
    spec["config"] = CONFIG  # in place of Altair's, which would set the size of the view
    if moves:
        spec["params"] = [*PARAMS, *spec.get("params", ())]
        for view in _views(spec):
            view["transform"] = [*moves, *view.get("transform", ())]
    return spec


def _views(spec: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The parts of a spec that draw the streamed frame."""
    if spec.get("data") == {"name": STREAMED.name}:
        yield spec
    else:
        for part in spec.get("layer", ()):
            yield from _views(part)


def titled(chart: Any, title: str, height: int) -> Any:
    """The Altair chart with a title that says what the y axis is, and a fixed height in px, all included."""
    return chart.properties(title=title, height=height)


def row_share(height: int) -> float:
    """The height of a direct label, as a share of the y axis of a chart of that height, and at least LEAST_SHARE."""
    return max(ROW / (height - FRAME), LEAST_SHARE)


def base() -> alt.Chart:
    """A chart of the streamed frame.

    Its channels are given as Altair's classes, `text=alt.Text("label:N")`: for `text="label:N"` Altair looks through
    all of its classes, which took more than half of what was left of the time.
    """
    return alt.Chart(STREAMED)


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
    """The y channel of a Scale with its grid; `column` px before the plot."""
    axis = alt.Axis(title=None, values=list(scale.ticks), labelExpr=looked_up(scale.ticks), labelOverlap=False,
                    labelFlush=False, offset=column, minExtent=AXIS_COLUMN, maxExtent=AXIS_COLUMN)
    return alt.Y(f"{field}:Q", axis=axis, scale=alt.Scale(
        type="log" if scale.log else "linear", domain=scale.domain, nice=False))


def looked_up(labels: Mapping[Any, str]) -> str:
    """The Vega expression of an axis or legend that labels these values so."""
    return f"{list(labels.values())}[indexof({list(labels)}, datum.value)]"


def layer_x(depth: int, field: str = "layer") -> alt.X:
    """Layers 1 to depth from left to right, then the output; labelled as closely as a phone allows."""
    return alt.X(f"{field}:Q", scale=alt.Scale(domain=[0.5, depth + 1.5], nice=False), axis=layer_axis(depth))


def layer_axis(depth: int) -> alt.Axis:
    every = 1 if depth <= 10 else 5 if depth <= 30 else 10
    shown = [n for n in (1, *range(max(every, 2), depth + 1, every)) if depth + 1 - n >= depth / 6]  # room for `out`
    labels = {n: str(n) for n in shown} | {depth + 1: "out"}
    return alt.Axis(title="layer (1 is nearest the input)", values=list(labels), grid=False,
                    labelExpr=looked_up(labels), labelOverlap=False, labelFlush=False)


def step_x(steps: int, labels: Sequence[str] = ()) -> alt.X:
    """Steps from 0, with room after the last for the labels of lines that have got there."""
    return _x("step:Q", Scale(0.0, float(steps), pad=0.0), "step", labels)


def number_x(scale: Scale, title: str, labels: Sequence[str] = ()) -> alt.X:
    """A linear x axis, with room after it for the labels."""
    return _x("x:Q", scale, title, labels)


def epoch_x(epochs: float, labels: Sequence[str] = ()) -> alt.X:
    """Epochs from 0, with room after the last as in `step_x`."""
    return _x("epoch:Q", Scale(0.0, float(epochs), pad=0.0), "epoch", labels)


def _x(field: str, scale: Scale, title: str, labels: Sequence[str]) -> alt.X:
    return alt.X(field, scale=alt.Scale(domain=[scale.low, scale.high], range=with_room(labels), nice=False),
                 axis=alt.Axis(title=title, values=list(scale.ticks), labelExpr=looked_up(scale.ticks), grid=False,
                               labelOverlap="greedy"))


def with_room(labels: Sequence[str], gap: float = LEADER + 6) -> list[Any]:
    """The range of an x axis that ends early enough for the longest of the labels, so many px after its end."""
    room = gap + max(min(length_of(label), LONGEST) for label in labels) if labels else 0
    return [0, alt.ExprRef(f"width - ({sized(round(room))['expr']})")]


def length_of(text: str) -> float:
    """About how many px wide a text is."""
    return sum(next((px for letters, px in LETTERS.items() if letter in letters), LETTER) for letter in text)


# --- marks ----------------------------------------------------------------------------------------------------------


def colour_of(series: Sequence[Series]) -> alt.Color:
    return alt.Color("series:N", legend=None, scale=alt.Scale(
        domain=[one.label for one in series], range=[one.colour for one in series]))


def lines(x: alt.X, y: alt.Y, series: Sequence[Series]) -> alt.Chart:
    """A line for each run and series, broken where a value is zero or not finite."""
    return base().transform_filter("datum.segment != '-' && datum.segment != -1").mark_line(clip=True).encode(
        x=x, y=y, color=colour_of(series), strokeDash=dashes_of(series), strokeWidth=width_of(series),
        opacity=_opacity(), detail=[alt.Detail("run:N"), alt.Detail("segment:N")])


def points(x: alt.X, y: alt.Y, series: Sequence[Series], tooltip: Sequence[alt.Tooltip], columns: int = 0) -> alt.Chart:
    """A point for each value, in the shape of its series; at the axis's ends arrows for what lies beyond them, crosses
    for what has no place on it.

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
    return alt.StrokeWidthValue(sized(LINE), condition={"test": {"field": "series", "oneOf": thin},
                                                        "value": sized(THIN)})


def _opacity() -> alt.OpacityValue:
    return alt.OpacityValue(1, condition={"test": "datum.run != ''", "value": PALE})


def signs(x: alt.X, y: alt.Y) -> list[alt.Chart]:
    """What a cross at an end of the axis stands for, inside the plot: 0 at the lower end, ∞ or NaN at the upper."""
    return [one_sign_each(test, [column_of(x), column_of(y)]).mark_text(
        align="left", dx=-6, dy=dy, fontWeight="bold").encode(x=x, y=y, text=alt.Text("sign:N"))
        for test, dy in (("datum.says == '0'", -16), (NOT_FINITE, 18))]


def one_sign_each(test: str, groups: Sequence[str], **at: Any) -> alt.Chart:
    """A `sign` for each group of rows that say one: two of the same ink above each other would cancel out.

    at: what the sign's place is made of, as for `transform_aggregate`, where the groups are not places.
    """
    return base().transform_filter(test).transform_calculate(
        infinite="datum.says == '∞' ? 1 : 0", unknown="datum.says == 'NaN' ? 1 : 0").transform_aggregate(
            infinite="max(infinite)", unknown="max(unknown)", groupby=list(groups), **at).transform_calculate(
                sign="datum.infinite && datum.unknown ? '∞ NaN' : datum.infinite ? '∞' : datum.unknown ? 'NaN' : '0'")


def column_of(channel: alt.X | alt.Y) -> str:
    """The column that a channel is drawn from."""
    return str(channel.shorthand).partition(":")[0]


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
    """Direct labels after the end of each line, with a leader in its colour; the x axes above leave room for them."""
    labelled = base().transform_filter("datum.label != ''")
    return [
        labelled.mark_rule(strokeWidth=THIN, x2Offset=LEADER).encode(
            x=x, x2=alt.X2(x.shorthand), y=y_of("label_from", scale), y2=alt.Y2("label_y:Q"), color=colour_of(series),
            strokeDash=dashes_of(series)),
        labelled.mark_text(align="left", dx=LEADER + 6, limit=alt.ExprRef(**sized(LONGEST))).encode(
            x=x, y=y_of("label_y", scale), text=alt.Text("label:N")),
    ]
