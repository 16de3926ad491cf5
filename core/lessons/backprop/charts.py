"""The small net as a graph with every number on it, and its loss update by update."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, chain, pairwise

import altair as alt
import numpy as np
import pandas as pd

from core.charts.drawing import Drawing, base, drawing, titled
from core.charts.moving import LIFE, at, lifetimes
from core.charts.rows import growing, grown
from core.charts.scales import Scale, linear_scale
from core.charts.steps import CURVE_HEIGHT, loss
from core.charts.theme import AMBER, BLUE, DARK, LARGER, LIGHT, NEUTRAL, THIN, WIDE, sized
from core.lessons.backprop.report import (
    BACK1,
    BACK2,
    FORWARD1,
    FORWARD2,
    GRADIENT1,
    GRADIENT2,
    LOSS,
    length,
    stage_of,
    update_of,
)
from core.lessons.backprop.small_net import HIDDEN, INPUTS, SUBSCRIPTS, Net, passed, unpacked
from core.words import say

HEIGHT = 580
COLUMNS = (0.0, 1.53, 2.45, 2.97)  # inputs, hidden, output, loss: as far apart as their texts need on a phone
ROWS = {0: (0.35, 2.0, 3.65), 1: (0.5, 1.5, 2.5, 3.5), 2: (2.0,), 3: (2.0,)}
PLACE = {0: 0.3, 1: 0.48}  # of its way at which an edge bears its number, by the column it comes from
THICKEST, THINNEST = 5.0, 0.8  # px; on a phone texts stand on some of them
BESIDE = {"above": -36, "below": 36, "second": 53, "third": 70, "fourth": 87}  # px from a unit's middle to its texts
ROOMY = 450  # px of the plot's width from which units are larger
SIGNS = ("positive", "negative")


def graph_frame(nets: Sequence[Net]) -> pd.DataFrame:
    """For `graph`, all moments of the page: the stages of the first update, then each later one.

    A row is an edge (its number: the weight, from its stage on the gradient), a unit, or a text at one, and lives while
    it stays the same. `what` is edge, bears (the number on an edge), unit, inside, or one of BESIDE; `now`: what is
    computed at the moment.
    """
    moments = [_rows(nets[update_of(index)], stage_of(index)) for index in range(length(nets))]
    columns = ["what", "x", "y", "x2", "y2", "width", "sign", "text", "now", "weight", "gradient"]
    found = pd.DataFrame(list(chain(*moments)), columns=columns)
    texts = {"sign": "", "text": ""}
    found = found.astype(dict.fromkeys(texts, object)).fillna(texts).assign(now=found["now"].eq(True))
    return lifetimes([found[start:end] for start, end in pairwise(accumulate(map(len, moments), initial=0))])


def _rows(net: Net, stage: int) -> list[dict]:
    """The rows of one moment."""
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
             second=f"δ {_short(p.delta1[j])}" if stage >= BACK1 else "")
    unit(2, 0, _short(p.a2) if stage >= FORWARD2 else "", stage in (FORWARD2, BACK2),
         above=f"z {_short(p.z2)}" if stage >= FORWARD2 else "", below=f"c {_short(float(b2[0]))}",
         second=f"δ {_short(p.delta2)}" if stage >= BACK2 else "")
    unit(3, 0, _short(p.loss) if stage >= LOSS else "", stage == LOSS, above="L", below=f"y {_short(net.y)}",
         third="∂L/∂ŷ" if stage >= BACK2 else "", fourth=_short(p.back2) if stage >= BACK2 else "")
    return rows


def measured(frame: pd.DataFrame, moment: int) -> pd.DataFrame:
    """What a `graph_frame` says of the weights in numbers at a moment: from where to where, weight and gradient."""
    frame = at(frame, moment)
    ends = [*((f"x{SUBSCRIPTS[i]}", f"unit {j + 1}") for i, j in np.ndindex(INPUTS, HIDDEN)),
            *((f"unit {j + 1}", "output") for j in range(HIDDEN))]
    edges = frame[(frame["what"] == "edge") & frame["weight"].notna()].sort_values(["x", "y", "y2"])
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
    x = alt.X("x:Q", axis=None, scale=alt.Scale(domain=[-0.25, 3.28], nice=False))
    y = alt.Y("y:Q", axis=None, scale=alt.Scale(domain=[4.12, -0.12], nice=False))

    def rows(*what: str) -> alt.Chart:
        return base().transform_filter(f"indexof({list(what)}, datum.what) >= 0")

    edges = rows("edge").mark_rule(strokeCap="round").encode(
        x=x, y=y, x2=alt.X2("x2:Q"), y2=alt.Y2("y2:Q"), strokeWidth=alt.StrokeWidth("width:Q", scale=None),
        color=alt.Color("sign:N", legend=None, scale=alt.Scale(domain=[*SIGNS, "none"], range=[AMBER, BLUE, NEUTRAL])),
        opacity=alt.condition("datum.now", alt.value(0.9), alt.value(0.35)))
    larger = f"(windowSize()[0] < {WIDE} ? 1 : {LARGER})"
    units = rows("unit").mark_point(filled=True, size=alt.ExprRef(
        f"(width < {ROOMY} ? 1500 : 2150) * pow({larger}, 2)"), opacity=1).encode(
        x=x, y=y, fill=alt.FillValue(LIGHT), strokeWidth=alt.condition("datum.now", alt.value(4), alt.value(1.5)),
        stroke=alt.condition("datum.now", alt.value(BLUE), alt.value(NEUTRAL)))
    text = {"x": x, "y": y, "text": alt.Text("text:N")}
    tooltip = [alt.Tooltip("weight:Q", format=".6g"), alt.Tooltip("gradient:Q", format=".6g")]
    plates = rows("bears").mark_rect(
        color=LIGHT, opacity=1, cornerRadius=4, height=sized(20),
        width=alt.ExprRef(f"(6.6 * length(datum.text) + 8) * {larger}")).encode(x=x, y=y)
    numbers = rows("inside", "bears").mark_text(color=DARK, blend="multiply").encode(**text, tooltip=tooltip)
    beside = [rows(what).mark_text(dy=sized(dy)).encode(**text) for what, dy in BESIDE.items()]
    chart = alt.layer(edges, plates, units, numbers, *beside)
    title = "On the edges: weights, later gradients"
    return titled(chart, title, HEIGHT), (
        "A graph of the net: three inputs, four hidden units, one output, the loss. Each edge bears its weight, and "
        "once it is computed its gradient: amber where that is positive, blue where it is negative, grey where there "
        "is none; each unit its z, its output, its bias and its δ. The data table has the numbers."), LIFE


def loss_scale(nets: Sequence[Net]) -> Scale:
    """The axis for the losses of a run, from 0."""
    return linear_scale([max(passed(net).loss for net in nets)])


def loss_plot(nets: Sequence[Net]) -> tuple[pd.DataFrame, Drawing]:
    """The loss before the first update and after each so far, at all moments of the page."""
    updates = [update_of(index) for index in range(length(nets))]
    losses, scale = np.array([passed(net).loss for net in nets[:updates[-1] + 1]]), loss_scale(nets)
    step = np.arange(len(losses))
    row = growing("training", losses, np.searchsorted(updates, step), scale, step=step)
    return grown([row], scale, CURVE_HEIGHT), loss(len(nets) - 1, scale)
