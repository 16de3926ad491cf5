"""The small net as a graph with every number on it, and its loss update by update."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import numpy as np
import pandas as pd

from core.charts import frames
from core.charts.drawing import base, drawing, titled
from core.charts.scales import Scale, linear_scale
from core.charts.steps import CURVE_HEIGHT
from core.charts.theme import AMBER, BLUE, NEUTRAL, THIN
from core.small_net import HIDDEN, INPUTS, SUBSCRIPTS, Net, passed, unpacked
from core.small_net_report import BACK1, BACK2, FORWARD1, FORWARD2, GRADIENT1, GRADIENT2, LOSS
from core.words import say

HEIGHT = 520
COLUMNS = (0.0, 1.9, 3.15, 4.1)  # inputs, hidden, output, loss
ROWS = {0: (0.35, 2.0, 3.65), 1: (0.5, 1.5, 2.5, 3.5), 2: (2.0,), 3: (2.0,)}
PLACE = {0: 0.3, 1: 0.48}  # of its way at which an edge bears its number, by the column it comes from
THICKEST, THINNEST = 5.0, 0.8  # px; on a phone texts stand on some of them
LIGHT, DARK = "#e6e9fa", "#10151d"  # units and the plates of numbers, and what is written on them, in both modes
PLATE = "M-1,-0.36h2v0.72h-2z"  # of a square from −1 to 1
SIGNS = ("positive", "negative")


def graph_frame(net: Net, stage: int) -> pd.DataFrame:
    """For `graph`: a row an edge (its number: the weight, from its stage on the gradient), a unit, or a text at one.

    `what` is edge, bears (the number on an edge), unit, inside, above, below or lowest; `now`: what the stage computes.
    """
    p, (w1, b1, w2, b2) = passed(net), unpacked(net.weights)
    gradient1, _, gradient2, _ = unpacked(p.gradient)
    rows: list[dict] = []
    rows += _edges(0, w1, gradient1 if stage >= GRADIENT1 else None, stage in (FORWARD1, GRADIENT1))
    rows += _edges(1, w2, gradient2 if stage >= GRADIENT2 else None, stage in (FORWARD2, GRADIENT2, BACK1))
    rows += [{"what": "edge", "x": COLUMNS[2], "y": 2.0, "x2": COLUMNS[3], "y2": 2.0, "width": THIN,
              "sign": "none", "now": stage in (LOSS, BACK2)}]

    def unit(column: int, row: int, inside: str, now: bool, **texts: str) -> None:
        place = {"x": COLUMNS[column], "y": ROWS[column][row]}
        rows.append({"what": "unit", **place, "now": now})
        rows.extend({"what": what, **place, "text": text} for what, text in {"inside": inside, **texts}.items() if text)

    for i in range(INPUTS):
        unit(0, i, _short(net.x[i]), stage == FORWARD1, above=f"x{SUBSCRIPTS[i]}")
    for j in range(HIDDEN):
        unit(1, j, _short(p.a1[j]) if stage >= FORWARD1 else "", stage in (FORWARD1, BACK1),
             above=f"z {_short(p.z1[j])}" if stage >= FORWARD1 else "", below=f"b {_short(b1[j])}",
             lowest=f"δ {_short(p.delta1[j])}" if stage >= BACK1 else "")
    unit(2, 0, _short(p.a2) if stage >= FORWARD2 else "", stage in (FORWARD2, BACK2),
         above=f"z {_short(p.z2)}" if stage >= FORWARD2 else "", below=f"c {_short(float(b2[0]))}",
         lowest=f"δ {_short(p.delta2)}" if stage >= BACK2 else "")
    unit(3, 0, _short(p.loss) if stage >= LOSS else "", stage == LOSS, above="L", below=f"y {_short(net.y)}",
         lowest=f"∂L/∂ŷ {_short(p.back2)}" if stage >= BACK2 else "")
    columns = ["what", "x", "y", "x2", "y2", "width", "sign", "text", "now", "weight", "gradient"]
    found = pd.DataFrame(rows, columns=columns)
    texts = {"sign": "", "text": ""}
    return found.astype(dict.fromkeys(texts, object)).fillna(texts).assign(now=found["now"].eq(True))


def measured(frame: pd.DataFrame) -> pd.DataFrame:
    """What a `graph_frame` says of the weights in numbers: from where to where, the weight and its gradient."""
    ends = [*((f"x{SUBSCRIPTS[i]}", f"unit {j + 1}") for i, j in np.ndindex(INPUTS, HIDDEN)),
            *((f"unit {j + 1}", "output") for j in range(HIDDEN))]
    edges = frame[(frame["what"] == "edge") & frame["weight"].notna()]
    return pd.DataFrame({"from": [start for start, _ in ends], "to": [end for _, end in ends],
                         "weight": edges["weight"].to_numpy(), "gradient": edges["gradient"].to_numpy()})


def _edges(column: int, weights: np.ndarray, gradient: np.ndarray | None, now: bool) -> list[dict]:
    shown = weights if gradient is None else gradient
    largest = float(np.abs(shown).max()) or 1.0
    rows = []
    for i, j in np.ndindex(*weights.shape):
        start, end = (COLUMNS[column], ROWS[column][i]), (COLUMNS[column + 1], ROWS[column + 1][j])
        exact = {"weight": weights[i, j], "gradient": np.nan if gradient is None else gradient[i, j]}
        rows.append({"what": "edge", "x": start[0], "y": start[1], "x2": end[0], "y2": end[1], "now": now,
                     "width": max(THINNEST, THICKEST * abs(shown[i, j]) / largest),
                     "sign": SIGNS[int(shown[i, j] < 0)], **exact})
        share = PLACE[column]
        rows.append({"what": "bears", "x": start[0] + share * (end[0] - start[0]),
                     "y": start[1] + share * (end[1] - start[1]), "text": _short(float(shown[i, j])), **exact})
    return rows


def _short(number: float) -> str:
    """As many digits as there is room for."""
    if number == 0 or 0.095 <= abs(number) < 100:
        return f"{number + 0.0:.2f}".replace("-", "−")
    return say(number, 2)


@drawing
def graph():
    """Inputs on the left, the loss on the right; edges coloured by sign and as thick as their number is large."""
    x = alt.X("x:Q", axis=None, scale=alt.Scale(domain=[-0.3, 4.55], nice=False))
    y = alt.Y("y:Q", axis=None, scale=alt.Scale(domain=[4.05, -0.1], nice=False))

    def rows(what: str) -> alt.Chart:
        return base().transform_filter(f"datum.what == '{what}'")

    def texts(what: str, dy: int) -> alt.Chart:
        return rows(what).mark_text(dy=dy).encode(x=x, y=y, text=alt.Text("text:N"))

    edges = rows("edge").mark_rule(strokeCap="round").encode(
        x=x, y=y, x2=alt.X2("x2:Q"), y2=alt.Y2("y2:Q"), strokeWidth=alt.StrokeWidth("width:Q", scale=None),
        color=alt.Color("sign:N", legend=None, scale=alt.Scale(domain=[*SIGNS, "none"], range=[AMBER, BLUE, NEUTRAL])),
        opacity=alt.condition("datum.now", alt.value(0.9), alt.value(0.35)))
    tooltip = [alt.Tooltip("weight:Q", format=".6g"), alt.Tooltip("gradient:Q", format=".6g")]
    plates = rows("bears").mark_point(filled=True, size=2300, shape=PLATE, opacity=1, color=LIGHT).encode(
        x=x, y=y, tooltip=tooltip)
    units = rows("unit").mark_point(filled=True, size=1500, opacity=1).encode(
        x=x, y=y, fill=alt.FillValue(LIGHT), strokeWidth=alt.condition("datum.now", alt.value(4), alt.value(1.5)),
        stroke=alt.condition("datum.now", alt.value(BLUE), alt.value(NEUTRAL)))
    inside = base().transform_filter("datum.what == 'inside' || datum.what == 'bears'").mark_text(
        color=DARK, blend="multiply").encode(x=x, y=y, text=alt.Text("text:N"), tooltip=tooltip)
    chart = alt.layer(edges, plates, units, inside, texts("above", -30), texts("below", 31), texts("lowest", 47))
    title = "On the edges: weights, later gradients"
    return titled(chart, title, HEIGHT), (
        "A graph of the net: three inputs, four hidden units, one output, the loss. Each edge bears its weight, and "
        "once it is computed its gradient; each unit its z, its output, its bias and its δ. The data table has the "
        "numbers.")


def loss_scale(nets: Sequence[Net]) -> Scale:
    """The axis for the losses of a run, from 0."""
    return linear_scale([max(passed(net).loss for net in nets)])


def loss_frame(nets: Sequence[Net], updates: int) -> pd.DataFrame:
    """For `charts.loss`: the loss before the first update and after each of so many."""
    values = np.array([passed(net).loss for net in nets[:updates + 1]])
    steps = np.arange(len(values))
    scale = loss_scale(nets)
    row = frames.line("training", values, scale, labelled=-1, points=steps == steps[-1], step=steps)
    return frames.placed([row], scale, CURVE_HEIGHT)
