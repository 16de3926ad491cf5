"""The perceptron in the plane: points, the line where it decides, and its errors epoch by epoch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from core.charts.boundary import SHAPES
from core.charts.drawing import Drawing, base, drawing, looked_up, titled, y_of
from core.charts.moving import FOREVER, LIFE, at
from core.charts.scales import Scale
from core.charts.theme import EDGE, FIELD, INKS, LINE, LINE_INK, NEUTRAL, SERIES, THIN, sized
from core.datasets import Points
from core.lessons.perceptron.rule import Learning, PerceptronState

PLANE_HEIGHT, ERRORS_HEIGHT = 380, 220
MARGIN = 0.25  # of the points' extent, on every side of them
WHOLE_TICKS = (4, 5, 10, 20, 40)  # lengths of an axis whose ticks are whole numbers
CLASSES = ("class 0", "class 1")
Box = tuple[float, float, float, float]  # x₁ from, x₁ to, x₂ from, x₂ to


def box(points: Points) -> Box:
    """The part of the plane that is drawn, the same for every state."""
    x = np.array(points)[:, :2]
    low, high = x.min(axis=0), x.max(axis=0)
    room = MARGIN * np.maximum(high - low, 1)
    low, high = np.floor(4 * (low - room)) / 4, np.ceil(4 * (high + room)) / 4
    return float(low[0]), float(high[0]), float(low[1]), float(high[1])


def half_plane(state: PerceptronState, area: Box) -> tuple[list[tuple[float, float]], list[tuple[float, float]]]:
    """The corners of the part of the box that is predicted 1, in order, and the two ends of the line, if it is there.

    Sutherland & Hodgman 1974: the box, clipped at w·x + b = 0.
    """
    left, right, bottom, top = area
    corners = [(left, bottom), (right, bottom), (right, top), (left, top)]
    w1, w2 = state.weights

    def height(corner: tuple[float, float]) -> float:
        return w1 * corner[0] + w2 * corner[1] + state.bias

    inside, ends = [], []
    for here, there in zip(corners, corners[1:] + corners[:1], strict=True):
        a, b = height(here), height(there)
        if a >= 0:
            inside.append(here)
        if (a >= 0) != (b >= 0):
            share = a / (a - b)
            crossing = here[0] + share * (there[0] - here[0]), here[1] + share * (there[1] - here[1])
            inside.append(crossing)
            ends.append(crossing)
    return inside, ends


def plane_frame(learning: Learning) -> pd.DataFrame:
    """For `plane`, all states of a run: a row a corner of the area predicted 1, a line (now and before), a point.

    `what` is back (all of the box), area, line, before, point, now (the example just looked at) or both (what lies
    between both classes). A row lives while it stays the same.
    """
    rows = [*_back(learning), *_lines(learning), *_points(learning)]
    columns = ["what", "x", "y", "x2", "y2", "order", "class", "says", "since", "until"]
    texts = {"class": "", "says": ""}
    return pd.DataFrame(rows, columns=columns).astype(dict.fromkeys(texts, object)).fillna(texts)


def _back(learning: Learning) -> Iterator[dict]:
    """What stays: the whole box, and the point that both classes mix."""
    left, right, bottom, top = box(learning.points)
    life = {"since": 0, "until": FOREVER}
    yield {"what": "back", "x": left, "x2": right, "y": bottom, "y2": top} | life
    if overlap := learning.overlap:
        yield {"what": "both", "x": overlap.x[0], "y": overlap.x[1]} | life


def _lines(learning: Learning) -> Iterator[dict]:
    """What is predicted 1 and the line, while the weights stay, and the line before in the one state that moved it."""
    states, area = learning.states, box(learning.points)
    before: list[tuple[float, float]] = []
    for since, until in _stretches([(state.weights, state.bias) for state in states]):
        inside, ends = half_plane(states[since], area)
        life = {"since": since, "until": until}
        for order, (x, y) in enumerate(inside):
            yield {"what": "area", "x": x, "y": y, "order": order} | life
        yield from _line("line", ends, life)
        yield from _line("before", before, life if since == len(states) - 1 else life | {"until": since + 1})
        before = ends


def _line(what: str, ends: list[tuple[float, float]], life: dict[str, int]) -> Iterator[dict]:
    if ends:
        yield {"what": what, "x": ends[0][0], "y": ends[0][1], "x2": ends[1][0], "y2": ends[1][1]} | life


def _points(learning: Learning) -> Iterator[dict]:
    """The examples, each while the perceptron says the same of it, and the ring around the one it looked at last."""
    states, points = learning.states, learning.points
    for since, until in _stretches([state.example for state in states]):
        if (example := states[since].example) >= 0:
            yield {"what": "now", "x": points[example][0], "y": points[example][1], "since": since, "until": until}
    for x1, x2, label in points:
        said = [state.predict(x1, x2) for state in states]
        for since, until in _stretches(said):
            yield {"what": "point", "x": x1, "y": x2, "class": CLASSES[label], "says": CLASSES[said[since]],
                   "since": since, "until": until}


def _stretches(values: Sequence[Any]) -> Iterator[tuple[int, int]]:
    """For each value that stays a while, from which moment and until which; what is there at the last stays FOREVER."""
    starts = [i for i, value in enumerate(values) if i == 0 or value != values[i - 1]]
    return pairwise([*starts, FOREVER])


def measured(frame: pd.DataFrame, moment: int) -> pd.DataFrame:
    """What a `plane_frame` says in numbers at a moment: the examples, and where the line meets the picture's edges."""
    frame = at(frame, moment)
    points, lines = (frame[frame["what"] == what] for what in ("point", "line"))
    ends = [pd.DataFrame({"what": "end of the line", "x₁": lines[x], "x₂": lines[y], "class": "", "says": ""})
            for x, y in (("x", "y"), ("x2", "y2"))]
    examples = points.rename(columns={"x": "x₁", "y": "x₂"}).assign(what="example")
    return pd.concat([examples[["what", "x₁", "x₂", "class", "says"]], *ends], ignore_index=True)


def plane(learning: Learning) -> Drawing:
    """The picture of a run; the same Drawing in all its states."""
    return _plane(box(learning.points))


@drawing
def _plane(area: Box):
    left, right, bottom, top = area
    x = alt.X("x:Q", scale=alt.Scale(domain=[left, right], nice=False), axis=alt.Axis(
        title="x₁, first input", grid=False, tickCount=5))
    y = alt.Y("y:Q", scale=alt.Scale(domain=[bottom, top], nice=False), axis=alt.Axis(
        title=None, grid=False, tickCount=5))
    key = alt.Legend(title=None, orient="bottom", direction="horizontal", symbolSize=130, symbolStrokeWidth=1.2)
    shape = alt.Shape("class:N", legend=key, scale=alt.Scale(domain=list(CLASSES), range=list(SHAPES[:2])))
    fill = alt.Fill("class:N", legend=key, scale=alt.Scale(domain=list(CLASSES), range=list(INKS)))

    def rows(what: str) -> alt.Chart:
        return base().transform_filter(f"datum.what == '{what}'")

    back = rows("back").mark_rect(color=FIELD[0]).encode(x=x, x2=alt.X2("x2:Q"), y=y, y2=alt.Y2("y2:Q"))
    ones = rows("area").mark_line(filled=True, fill=FIELD[2], strokeWidth=0, interpolate="linear-closed").encode(
        x=x, y=y, order=alt.Order("order:Q"))
    before = rows("before").mark_rule(strokeWidth=sized(THIN), color=LINE_INK, strokeDash=[4, 4]).encode(
        x=x, y=y, x2=alt.X2("x2:Q"), y2=alt.Y2("y2:Q"))
    line = rows("line").mark_rule(strokeWidth=sized(LINE), color=LINE_INK, strokeCap="round").encode(
        x=x, y=y, x2=alt.X2("x2:Q"), y2=alt.Y2("y2:Q"))
    both = rows("both").mark_point(
        shape="cross", angle=45, size=260, filled=True, color=LINE_INK, opacity=1).encode(x=x, y=y)
    now = rows("now").mark_point(size=520, color=LINE_INK, strokeWidth=LINE, filled=False, opacity=1).encode(x=x, y=y)
    points = rows("point").mark_point(filled=True, size=130, stroke=EDGE, strokeWidth=1.2, opacity=1).encode(
        x=x, y=y, fill=fill, shape=shape, tooltip=[
            alt.Tooltip("x:Q", title="x₁", format=".2f"), alt.Tooltip("y:Q", title="x₂", format=".2f"),
            alt.Tooltip("class:N", title="class"), alt.Tooltip("says:N", title="perceptron says")])
    chart = alt.layer(back, ones, before, line, both, now, points)
    return titled(chart, "x₂; predicted: amber 1, blue 0", PLANE_HEIGHT), (
        f"The plane, first input x₁ from {left:g} to {right:g}, x₂ from {bottom:g} to {top:g}: the points of class 0 "
        "and class 1, a shape each, the line at which the perceptron decides, the side that it predicts to be class 1, "
        "and a ring around the example it looked at last; dashed, the line before. The tables have the numbers."), LIFE


def errors_frame(learning: Learning) -> pd.DataFrame:
    """For `errors`, all states of a run: a row for each epoch; while it is under way its errors so far."""
    examples, rows = len(learning.points), []
    for epoch in range(1, len(learning.errors) + 1):
        first = (epoch - 1) * examples + 1  # its first state
        so_far = list(accumulate(abs(state.error) for state in learning.states[first:first + examples]))
        rows += [(epoch, float(so_far[since]), epoch - 0.4, epoch + 0.4, first + since, min(first + until, FOREVER))
                 for since, until in _stretches(so_far)]
    return pd.DataFrame(rows, columns=["epoch", "errors", "from", "to", "since", "until"])


def errors(learning: Learning) -> Drawing:
    """Errors epoch by epoch; the same Drawing in all states of a run."""
    return _errors(max(len(learning.errors), 5), next(n for n in WHOLE_TICKS if n >= len(learning.points)))


@drawing
def _errors(epochs: int, most: int):
    scale = Scale(0.0, float(most), pad=0.0)
    every = next(step for step in (1, 2, 5, 10, 20) if epochs / step <= 8)
    ticks = {float(n): str(n) for n in range(1, epochs + 1) if n % every == 0 or n == 1}
    x = alt.X("from:Q", scale=alt.Scale(domain=[0.5, epochs + 0.5], nice=False), axis=alt.Axis(
        title="epoch (all examples once)", grid=False, values=list(ticks), labelExpr=looked_up(ticks)))
    y = y_of("errors", scale)
    bars = base().mark_rect(color=SERIES["training"].colour).encode(
        x=x, x2=alt.X2("to:Q"), y=y, y2=alt.datum(0.0), tooltip=[alt.Tooltip("epoch:Q"), alt.Tooltip("errors:Q")])
    none = base().transform_filter("datum.errors == 0").mark_rule(strokeWidth=4, color=NEUTRAL).encode(
        x=x, x2=alt.X2("to:Q"), y=y)
    return titled(alt.layer(bars, none), "Errors in each epoch", ERRORS_HEIGHT), (
        f"Bar chart, {scale.words}: errors, examples predicted wrongly, in each of up to {epochs} epochs. "
        "The data table has the numbers."), LIFE
