"""The decision boundary of a run in the plane: its prediction as a colour field, the line it decides at, the data."""

from __future__ import annotations

from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from core.boundary import GRID, contour, plane, predict, probabilities
from core.charts.drawing import Drawing, base, drawing, looked_up, titled
from core.charts.theme import CATEGORIES, LINE, NEUTRAL
from core.spec import RunSpec
from core.training import Snapshot

HEIGHT = 400
MOST_POINTS = 300  # of the training examples that are drawn
# Blue for class 0, amber for class 1, nearly white between them; told apart with every kind of colour vision.
FIELD = ("#8495e6", "#f5f5f7", "#eab25e")
INKS = ("#26318a", "#774300")  # of the points of two classes, on both halves of the field
EDGE, LINE_INK = "#ffffff", "#1f2430"
SHAPES = ("circle", "triangle-up", "square", "diamond")


def boundary_frame(spec: RunSpec, snapshot: Snapshot) -> pd.DataFrame:
    """For `boundary`: a row a cell of the field, a piece of the line (`x, y` to `x2, y2`), or an example.

    `what` is cell, line or example; `p` the probability of class 1, or of the class named in `mark`; of an example
    what the network says of it.
    """
    assert snapshot.theta is not None
    area, data = plane(spec), spec.data()
    shown = slice(None, MOST_POINTS)
    x = data.x_train[shown]
    z = predict(spec, snapshot.theta, snapshot.moving, np.concatenate([area.points, x]))
    p = probabilities(spec, z)
    names = np.array(spec.data_set.target_names, object)
    classes = np.arange(len(names)) if p.shape[1] > 1 else np.array([0])
    best = np.argmax(p, axis=1) if len(classes) > 1 else np.zeros(len(p), int)
    strength = p[np.arange(len(p)), best]
    y = data.y_train[shown]
    label = names[np.argmax(y, axis=1) if len(classes) > 1 else (y[:, 0] > 0.5).astype(int)]
    said = names[best] if len(classes) > 1 else names[(strength >= 0.5).astype(int)]
    cells = GRID * GRID
    pieces = contour(z[:cells, 0].reshape(GRID, GRID), area.centres) if len(classes) == 1 else np.zeros((0, 4))
    half = np.array(area.cell) / 2
    blank = np.full(len(pieces), np.nan)
    return pd.DataFrame({
        "what": np.repeat(["cell", "line", "example"], [cells, len(pieces), len(x)]),
        "x": np.concatenate([area.points[:, 0] - half[0], pieces[:, 0], x[:, 0]]).astype(np.float32),
        "y": np.concatenate([area.points[:, 1] - half[1], pieces[:, 1], x[:, 1]]).astype(np.float32),
        "x2": np.concatenate([area.points[:, 0] + half[0], pieces[:, 2], x[:, 0]]).astype(np.float32),
        "y2": np.concatenate([area.points[:, 1] + half[1], pieces[:, 3], x[:, 1]]).astype(np.float32),
        "p": np.concatenate([strength[:cells], blank, strength[cells:]]).astype(np.float32),
        "says": np.concatenate([said[:cells], np.full(len(pieces), ""), said[cells:]]),
        "mark": np.concatenate([np.full(cells + len(pieces), ""), label]),
    })


def boundary(spec: RunSpec) -> Drawing:
    """The field of a run; the same Drawing in all its steps."""
    area = plane(spec)
    return _field(area.low, area.high, spec.data_set.target_names, spec.data_set.feature_names)


@drawing
def _field(low: tuple[float, float], high: tuple[float, float], classes: tuple[str, ...], axes: tuple[str, ...]):
    two = len(classes) == 2
    x = alt.X("x:Q", scale=alt.Scale(domain=[low[0], high[0]], nice=False), axis=alt.Axis(
        title=f"{axes[0]} (upward: {axes[1]})", grid=False, tickCount=5))
    y = alt.Y("y:Q", scale=alt.Scale(domain=[low[1], high[1]], nice=False), axis=alt.Axis(
        title=None, grid=False, tickCount=5))
    key = alt.Legend(title=None, orient="bottom", direction="horizontal", columns=2, symbolSize=90,
                     symbolStrokeWidth=0, symbolOpacity=1, symbolFillColor=NEUTRAL)
    if two:
        sure = {0.0: f"surely {classes[0]}", 1.0: f"surely {classes[1]}"}
        field = alt.Scale(domain=[0, 0.5, 1], range=list(FIELD), interpolate="rgb")
        seams = {"stroke": alt.Stroke("p:Q", scale=field, legend=None)}  # without it they are seen
        colour = alt.Color("p:Q", scale=field, legend=alt.Legend(
            title=None, orient="top", direction="horizontal", gradientLength=230, gradientThickness=12,
            values=list(sure), labelExpr=looked_up(sure)))
        strength: Any = alt.value(1)
    else:
        seams = {}
        colour = alt.Color("says:N", legend=None, scale=alt.Scale(
            domain=list(classes), range=list(CATEGORIES[:len(classes)])))
        strength = alt.Opacity("p:Q", legend=None, scale=alt.Scale(domain=[1 / len(classes), 1], range=[0.1, 0.7]))
    ink = alt.Scale(domain=list(classes), range=list(INKS if two else CATEGORIES[:len(classes)]))
    shape = alt.Scale(domain=list(classes), range=list(SHAPES[:len(classes)]))
    tooltip = [alt.Tooltip("x:Q", title=axes[0], format=".2f"), alt.Tooltip("y:Q", title=axes[1], format=".2f"),
               alt.Tooltip("mark:N", title="class"), alt.Tooltip("says:N", title="network says"),
               alt.Tooltip("p:Q", title="probability", format=".3f")]
    cells = base().transform_filter("datum.what == 'cell'").mark_rect(clip=True, strokeWidth=0.7).encode(
        x=x, x2=alt.X2("x2:Q"), y=y, y2=alt.Y2("y2:Q"), color=colour, opacity=strength, **seams)
    line = base().transform_filter("datum.what == 'line'").mark_rule(
        strokeWidth=LINE, color=LINE_INK, strokeCap="round").encode(x=x, x2=alt.X2("x2:Q"), y=y, y2=alt.Y2("y2:Q"))
    examples = base().transform_filter("datum.what == 'example'").mark_point(
        filled=True, size=48, stroke=EDGE, strokeWidth=0.8, opacity=1).encode(
            x=x, y=y, tooltip=tooltip, fill=alt.Fill("mark:N", scale=ink, legend=None),
            shape=alt.Shape("mark:N", scale=shape, legend=key))
    chart = alt.layer(cells, line, examples).resolve_scale(
        color="independent", fill="independent", stroke="independent")
    title = "Prediction; dark line: it decides here" if two else "Prediction: the most likely class"
    return titled(chart, title, HEIGHT).properties(
        usermeta={"embedOptions": {"renderer": "canvas"}},  # 1600 cells: one node, not as many
    ), (f"Colour field over the plane: what the network predicts at every point, from {classes[0]} to {classes[-1]}, "
        "with the training examples as points, a shape a class"
        + (", and the line at which it decides" if two else "") + ". The data table has the numbers.")
