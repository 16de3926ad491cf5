"""The perceptron in the plane: points, the line where it decides, and its errors epoch by epoch."""

from __future__ import annotations

import altair as alt
import numpy as np
import pandas as pd

from core.charts.boundary import EDGE, FIELD, INKS, LINE_INK, SHAPES
from core.charts.drawing import Drawing, base, drawing, looked_up, titled, y_of
from core.charts.scales import Scale
from core.charts.theme import LINE, NEUTRAL, SERIES, THIN
from core.datasets import Points
from core.perceptron import Learning, State

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


def half_plane(state: State, area: Box) -> tuple[list[tuple[float, float]], list[tuple[float, float]]]:
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


def plane_frame(learning: Learning, index: int) -> pd.DataFrame:
    """For `plane`: a row a corner of the area that is predicted 1, a line (now and before), a point.

    `what` is back (all of the box), area, line, before, point, now (the example just looked at) or both (what lies
    between both classes).
    """
    state, area = learning.states[index], box(learning.points)
    inside, ends = half_plane(state, area)
    rows: list[dict] = [{"what": "back", "x": area[0], "x2": area[1], "y": area[2], "y2": area[3]}]
    rows += [{"what": "area", "x": x, "y": y, "order": i} for i, (x, y) in enumerate(inside)]
    if index and state.error:
        rows += _line("before", half_plane(learning.states[index - 1], area)[1])
    rows += _line("line", ends)
    for i, (x1, x2, label) in enumerate(learning.points):
        point = {"x": x1, "y": x2, "class": CLASSES[label], "says": CLASSES[state.predict(x1, x2)]}
        rows += [{"what": "now", **point}] if i == state.example else []
        rows += [{"what": "point", **point}]
    if overlap := learning.overlap:
        rows.append({"what": "both", "x": overlap.x[0], "y": overlap.x[1]})
    columns = ["what", "x", "y", "x2", "y2", "order", "class", "says"]
    texts = {"class": "", "says": ""}
    return pd.DataFrame(rows, columns=columns).astype(dict.fromkeys(texts, object)).fillna(texts)


def measured(frame: pd.DataFrame) -> pd.DataFrame:
    """What a `plane_frame` says in numbers: the examples, and where the line meets the edges of the picture."""
    points, lines = (frame[frame["what"] == what] for what in ("point", "line"))
    ends = [pd.DataFrame({"what": "end of the line", "x₁": lines[x], "x₂": lines[y], "class": "", "says": ""})
            for x, y in (("x", "y"), ("x2", "y2"))]
    examples = points.rename(columns={"x": "x₁", "y": "x₂"}).assign(what="example")
    return pd.concat([examples[["what", "x₁", "x₂", "class", "says"]], *ends], ignore_index=True)


def _line(what: str, ends: list[tuple[float, float]]) -> list[dict]:
    return [{"what": what, "x": ends[0][0], "y": ends[0][1], "x2": ends[1][0], "y2": ends[1][1]}] if ends else []


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
    key = alt.Legend(title=None, orient="bottom", direction="horizontal", symbolSize=130)
    shape = alt.Shape("class:N", legend=key, scale=alt.Scale(domain=list(CLASSES), range=list(SHAPES[:2])))
    fill = alt.Fill("class:N", legend=key, scale=alt.Scale(domain=list(CLASSES), range=list(INKS)))

    def rows(what: str) -> alt.Chart:
        return base().transform_filter(f"datum.what == '{what}'")

    back = rows("back").mark_rect(color=FIELD[0]).encode(x=x, x2=alt.X2("x2:Q"), y=y, y2=alt.Y2("y2:Q"))
    ones = rows("area").mark_line(filled=True, fill=FIELD[2], strokeWidth=0, interpolate="linear-closed").encode(
        x=x, y=y, order=alt.Order("order:Q"))
    before = rows("before").mark_rule(strokeWidth=THIN, color=LINE_INK, strokeDash=[4, 4]).encode(
        x=x, y=y, x2=alt.X2("x2:Q"), y2=alt.Y2("y2:Q"))
    line = rows("line").mark_rule(strokeWidth=LINE, color=LINE_INK, strokeCap="round").encode(
        x=x, y=y, x2=alt.X2("x2:Q"), y2=alt.Y2("y2:Q"))
    both = rows("both").mark_point(
        shape="cross", angle=45, size=260, filled=True, color=LINE_INK, opacity=1).encode(x=x, y=y)
    now = rows("now").mark_point(size=520, color=LINE_INK, strokeWidth=LINE, filled=False, opacity=1).encode(x=x, y=y)
    points = rows("point").mark_point(filled=True, size=130, stroke=EDGE, strokeWidth=1.2, opacity=1).encode(
        x=x, y=y, fill=fill, shape=shape, tooltip=[
            alt.Tooltip("x:Q", title="x₁", format=".2f"), alt.Tooltip("y:Q", title="x₂", format=".2f"),
            alt.Tooltip("class:N", title="class"), alt.Tooltip("says:N", title="perceptron says")])
    chart = alt.layer(back, ones, before, line, both, now, points)
    return titled(chart, "x₂ upward; amber is predicted 1, blue 0", PLANE_HEIGHT), (
        "The plane with the points of two classes, a shape a class, the line at which the perceptron decides, the side "
        "that it predicts to be class 1, and a ring around the example it looked at last; dashed, the line before. "
        "The tables have the numbers.")


def errors_frame(learning: Learning, index: int) -> pd.DataFrame:
    """For `errors`: a row for each epoch up to the state; of the one that is under way the errors so far."""
    states = learning.states[:index + 1]
    epochs = np.arange(1, states[-1].epoch + 1)
    wrong = [sum(abs(state.error) for state in states[(n - 1) * len(learning.points) + 1:n * len(learning.points) + 1])
             for n in epochs]
    return pd.DataFrame({"epoch": epochs, "errors": np.array(wrong, float), "from": epochs - 0.4, "to": epochs + 0.4})


def errors(learning: Learning) -> Drawing:
    """Errors epoch by epoch; the same Drawing in all states of a run."""
    return _errors(max(len(learning.errors), 5), next(n for n in WHOLE_TICKS if n >= len(learning.points)))


@drawing
def _errors(epochs: int, most: int):
    scale = Scale(0.0, float(most), row=0.0)
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
        f"Bar chart: how many examples were predicted wrongly in each of up to {epochs} epochs. "
        "The data table has the numbers.")
