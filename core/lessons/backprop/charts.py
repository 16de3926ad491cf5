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
from core.charts.theme import AMBER, BLUE, DARK, LIGHT, NEUTRAL, THIN, TIMES, sized
from core.lessons.backprop.report import (
    BACK1,
    BACK2,
    FORWARD1,
    FORWARD2,
    GRADIENT1,
    GRADIENT2,
    LOSS,
    UPDATE,
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
ARROWS = {FORWARD1: 0.72, FORWARD2: 0.73, LOSS: 0.5, BACK2: 0.5, BACK1: 0.27}  # and the head of its arrow, by stage
THICKEST, THINNEST = 5.0, 0.8  # px; on a phone texts stand on some of them
BESIDE = {"above": -36, "below": 36, "second": 53, "third": 70, "fourth": 87}  # px from a unit's middle to its texts
PHASES = {"1 Forward": (FORWARD1, FORWARD2), "2 Loss": (LOSS,), "3 Backward": (BACK2, GRADIENT2, BACK1, GRADIENT1),
          "4 Update": (UPDATE,)}
CORNER, PITCH = (2.2, 0.0), 0.27  # where the phases are listed, and from one to the next
FOOT = 4.0  # where it is said what the edges bear
FLOWS = {FORWARD1: (0, True), FORWARD2: (1, True), LOSS: (2, True), BACK2: (2, False), BACK1: (1, False)}
ACROSS, DOWN = (-0.25, 3.28), (4.12, -0.12)  # what the picture holds
LEAST_HEIGHT = 420  # px of the plot from which there is room for units and texts of their usual size
ROOMY = 450  # px of the plot's width from which units are larger
SIGNS = ("positive", "negative")


def graph_frame(nets: Sequence[Net]) -> pd.DataFrame:
    """For `graph`, all moments of the page: the stages of the first update, then each later one.

    A row is an edge (its number: the weight, its gradient when that is computed, the new weight when it is updated),
    the head of an arrow, a unit, a text at one, or a phase, and lives while it stays the same. `what` is edge, bears
    (the number on an edge), arrow, unit, inside, phase, present (the phase of the moment), key (what the edges bear) or
    one of BESIDE; `now`: what is computed at the moment.
    """
    moments = [_rows(nets[update_of(index)], stage_of(index), nets[min(update_of(index) + 1, len(nets) - 1)])
               for index in range(length(nets))]
    columns = ["what", "x", "y", "x2", "y2", "width", "sign", "text", "now", "weight", "gradient"]
    found = pd.DataFrame(list(chain(*moments)), columns=columns)
    texts = {"sign": "", "text": ""}
    found = found.astype(dict.fromkeys(texts, object)).fillna(texts).assign(now=found["now"].eq(True))
    return lifetimes([found[start:end] for start, end in pairwise(accumulate(map(len, moments), initial=0))])


def _rows(net: Net, stage: int, after: Net) -> list[dict]:
    """The rows of one moment; `after`: the net with the weights that the update leads to."""
    p, (w1, b1, w2, b2) = passed(net), unpacked((after if stage == UPDATE else net).weights)
    gradient1, _, gradient2, _ = unpacked(p.gradient)
    rows: list[dict] = []
    # What goes back to the hidden layer goes through v, so then the edges bear that.
    rows += _edges(0, w1, gradient1 if stage >= GRADIENT1 else None, stage == GRADIENT1,
                   stage in (FORWARD1, GRADIENT1, UPDATE))
    rows += _edges(1, w2, gradient2 if stage >= GRADIENT2 else None, stage in (GRADIENT2, GRADIENT1),
                   stage in (FORWARD2, GRADIENT2, BACK1, UPDATE))
    rows += [{"what": "edge", "x": COLUMNS[2], "y": 2.0, "x2": COLUMNS[3], "y2": 2.0, "width": THIN,
              "sign": "none", "now": stage in (LOSS, BACK2)}]
    rows += _arrows(stage)
    rows += [{"what": "present" if stage in stages else "phase", "x": CORNER[0], "y": CORNER[1] + number * PITCH,
              "text": text} for number, (text, stages) in enumerate(PHASES.items())]
    rows.append({"what": "key", "x": ACROSS[1], "y": FOOT, "text": "edges: " + _borne(stage)})

    def unit(column: int, row: int, inside: str, now: bool, **texts: str) -> None:
        place = {"x": COLUMNS[column], "y": ROWS[column][row]}
        rows.append({"what": "unit", **place, "now": now})
        rows.extend({"what": what, **place, "text": text} for what, text in {"inside": inside, **texts}.items() if text)

    for i in range(INPUTS):
        unit(0, i, _short(net.x[i]), stage == FORWARD1, above=f"x{SUBSCRIPTS[i]}")
    for j in range(HIDDEN):  # one text under each, which is all that there is room for on a phone
        unit(1, j, _short(p.a1[j]) if stage >= FORWARD1 else "", stage in (FORWARD1, BACK1),
             below=f"z {_short(p.z1[j])}" if FORWARD1 <= stage < BACK1 else
             f"δ {_short(p.delta1[j])}" if BACK1 <= stage < UPDATE else f"b {_short(b1[j])}")
    unit(2, 0, _short(p.a2) if stage >= FORWARD2 else "", stage in (FORWARD2, BACK2),
         above=f"z {_short(p.z2)}" if stage >= FORWARD2 else "", below=f"c {_short(float(b2[0]))}",
         second=f"δ {_short(p.delta2)}" if BACK2 <= stage < UPDATE else "")
    unit(3, 0, _short(p.loss) if stage >= LOSS else "", stage == LOSS, above="L", below=f"y {_short(net.y)}",
         third="∂L/∂ŷ" if stage >= BACK2 else "", fourth=_short(p.back2) if stage >= BACK2 else "")
    return rows


def _borne(stage: int) -> str:
    """What the edges bear at a stage."""
    return {GRADIENT2: "w, ∂L/∂v", GRADIENT1: "gradients", UPDATE: "new weights"}.get(stage, "weights")


def _arrows(stage: int) -> list[dict]:
    """The heads of the arrows on the edges along which numbers pass at a stage, from `x, y` to `x2, y2`."""
    if stage not in FLOWS:
        return []
    column, forward = FLOWS[stage]
    rows = []
    for i, j in np.ndindex(len(ROWS[column]), len(ROWS[column + 1])):
        ends = [(COLUMNS[column], ROWS[column][i]), (COLUMNS[column + 1], ROWS[column + 1][j])]
        (x, y), (x2, y2) = ends
        share = ARROWS[stage]
        start, end = ends if forward else ends[::-1]
        rows.append({"what": "arrow", "x": x + share * (x2 - x), "y": y + share * (y2 - y),
                     "x2": end[0] - start[0], "y2": end[1] - start[1]})
    return rows


def measured(frame: pd.DataFrame, moment: int) -> pd.DataFrame:
    """What a `graph_frame` says of the weights in numbers at a moment: from where to where, weight and gradient."""
    frame = at(frame, moment)
    ends = [*((f"x{SUBSCRIPTS[i]}", f"unit {j + 1}") for i, j in np.ndindex(INPUTS, HIDDEN)),
            *((f"unit {j + 1}", "output") for j in range(HIDDEN))]
    edges = frame[(frame["what"] == "edge") & frame["weight"].notna()].sort_values(["x", "y", "y2"])
    return pd.DataFrame({"from": [start for start, _ in ends], "to": [end for _, end in ends],
                         "weight": edges["weight"].to_numpy(), "gradient": edges["gradient"].to_numpy()})


def _edges(column: int, weights: np.ndarray, gradient: np.ndarray | None, by_gradient: bool, now: bool) -> list[dict]:
    """The edges from a column to the next; they bear their weight, or `by_gradient` that."""
    shown = gradient if by_gradient and gradient is not None else weights
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
    x = alt.X("x:Q", axis=None, scale=alt.Scale(domain=list(ACROSS), nice=False))
    y = alt.Y("y:Q", axis=None, scale=alt.Scale(domain=list(DOWN), nice=False))

    def rows(*what: str) -> alt.Chart:
        return base().transform_filter(f"indexof({list(what)}, datum.what) >= 0")

    edges = rows("edge").mark_rule(strokeCap="round").encode(
        x=x, y=y, x2=alt.X2("x2:Q"), y2=alt.Y2("y2:Q"), strokeWidth=alt.StrokeWidth("width:Q", scale=None),
        color=alt.Color("sign:N", legend=None, scale=alt.Scale(domain=[*SIGNS, "none"], range=[AMBER, BLUE, NEUTRAL])),
        opacity=alt.condition("datum.now", alt.value(0.9), alt.value(0.35)))
    larger = f"min({TIMES}, height / {LEAST_HEIGHT})"
    units = rows("unit").mark_point(filled=True, size=alt.ExprRef(
        f"(width < {ROOMY} ? 1500 : 2150) * pow({larger}, 2)"), opacity=1).encode(
        x=x, y=y, fill=alt.FillValue(LIGHT), strokeWidth=alt.condition("datum.now", alt.value(4), alt.value(1.5)),
        stroke=alt.condition("datum.now", alt.value(BLUE), alt.value(NEUTRAL)))
    text = {"x": x, "y": y, "text": alt.Text("text:N")}
    # Degrees clockwise from upward, in px.
    down, right = (f"datum.{side} * {px} / {ends:g}" for side, px, ends in (
        ("y2", "height", DOWN[0] - DOWN[1]), ("x2", "width", ACROSS[1] - ACROSS[0])))
    turned = f"90 + atan2({down}, {right}) * 180 / PI"
    arrows = rows("arrow").mark_point(shape="triangle", filled=True, size=sized(110), color=BLUE, opacity=1,
                                      angle=alt.ExprRef(turned)).encode(x=x, y=y)
    phases = [rows("phase").mark_text(align="left", opacity=0.7).encode(**text),
              rows("present").mark_text(align="left", fontWeight="bold").encode(**text)]
    tooltip = [alt.Tooltip("weight:Q", format=".6g"), alt.Tooltip("gradient:Q", format=".6g")]
    plates = rows("bears").mark_rect(
        color=LIGHT, opacity=1, cornerRadius=4, height=sized(20),
        width=alt.ExprRef(f"(6.6 * length(datum.text) + 8) * {TIMES}")).encode(x=x, y=y)
    numbers = rows("inside", "bears").mark_text(color=DARK, blend="multiply").encode(**text, tooltip=tooltip)
    beside = [rows(what).mark_text(dy=alt.ExprRef(f"{dy} * {larger}")).encode(**text) for what, dy in BESIDE.items()]
    key = rows("key").mark_text(align="right").encode(**text)
    chart = alt.layer(edges, arrows, plates, units, numbers, *beside, *phases, key)
    title = "The net with its numbers"
    return titled(chart, title, HEIGHT), (
        "A graph of the net with its numbers: three inputs, four hidden units, one output, the loss, and the phase: "
        "forward, loss, backward, update. Each edge shows its weight, or its gradient once that is computed: amber "
        "where it is positive, blue where it is negative, grey where there is none; each unit its output, and z, bias "
        "or δ. Arrows point the way the numbers go. The data table has the numbers."), LIFE


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
