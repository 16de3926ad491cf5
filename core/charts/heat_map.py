"""The heat map of a run: a cell for each layer and stretch of steps, coloured by size."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import numpy as np
import pandas as pd

from core.charts.drawing import AXIS_COLUMN, base, drawing, layer_axis, looked_up, titled
from core.charts.layers import QUANTITIES, field_of
from core.charts.moving import FOREVER, LIFE
from core.charts.scales import Scale
from core.charts.theme import DEPTH, EDGE_COLOURS
from core.training import Snapshot

HEIGHT = 360
HEAT_ROWS = 60  # stretches of steps at most


def heat_frame(history: Sequence[Snapshot], steps: int, scale: Scale,
               quantity: str = "kernel gradient") -> pd.DataFrame:
    """For `heat`: layer × step, at most HEAT_ROWS stretches of steps, each with the last state recorded in it.

    Columns step and end are a stretch's two ends; `recorded` is the step that was measured.
    """
    height = max(1, -(-steps // HEAT_ROWS))  # steps in one stretch
    recorded = np.array([snapshot.step for snapshot in history])
    stretch = np.minimum(recorded // height, (steps - 1) // height)
    moment = np.arange(len(history))
    until = np.where(np.append(stretch[1:] == stretch[:-1], False), moment + 1, FOREVER)
    values = field_of(history, QUANTITIES[quantity])
    moments, layers = values.shape
    y, kind = scale.place(values.ravel())
    return pd.DataFrame({
        "layer": np.tile(np.arange(1, layers + 1), moments), "step": np.repeat(stretch * height, layers),
        "end": np.repeat((stretch + 1) * height, layers), "recorded": np.repeat(recorded, layers),
        "value": values.ravel(), "y": y, "mark": kind,
        "since": np.repeat(moment, layers), "until": np.repeat(until, layers)})


@drawing
def heat(depth: int, steps: int, scale: Scale, quantity: str = "kernel gradient"):
    """One cell a layer and stretch of steps, coloured by size; zero, infinity and NaN have colours of their own."""
    # Cells reach a little under the next ones to the right and above, which are drawn later: no seams between them.
    cells = base().transform_calculate(
        left="datum.layer - 0.5", right="datum.layer + 0.8", top="datum.end + 0.3 * (datum.end - datum.step)",
        place=f"datum.layer > {depth} ? 'output' : 'layer ' + datum.layer",
        exact="{zero: '0', infinite: '∞', nan: 'NaN'}[datum.mark] || format(datum.value, '.7~g')")
    x = alt.X("left:Q", axis=layer_axis(depth), scale=alt.Scale(domain=[0.5, depth + 1.5], nice=False))
    y = alt.Y("step:Q", scale=alt.Scale(domain=[0, steps], nice=False),
              axis=alt.Axis(title="step", minExtent=AXIS_COLUMN, grid=False, tickCount=5, format="~d",
                            labelFlush=False))
    tooltip = [alt.Tooltip("place:N", title="where"), alt.Tooltip("recorded:Q", title="step"),
               alt.Tooltip("exact:N", title=quantity)]
    labels = {tick: text for tick, text in scale.ticks.items() if text}
    own = [{"test": f"datum.mark == '{mark}'", "value": colour} for mark, colour in EDGE_COLOURS.items()]
    size = alt.Color(
        "y:Q", condition=own,  # type: ignore[arg-type]
        scale=alt.Scale(type="log", domain=[scale.low, scale.high], range=DEPTH, clamp=True, nice=False),
        legend=alt.Legend(title=None, orient="top", direction="horizontal", gradientLength=210, gradientThickness=12,
                          labelOverlap=True, values=list(labels), labelExpr=looked_up(labels)))
    edges = alt.Color(  # of nothing that is drawn: for its legend
        "mark:N", scale=alt.Scale(domain=list(EDGE_COLOURS), range=list(EDGE_COLOURS.values())), legend=alt.Legend(
            title="no size:", orient="bottom", direction="horizontal", titleOrient="left", symbolType="square",
            symbolStrokeWidth=0, symbolOpacity=1, labelExpr="{zero: '0', infinite: '∞', nan: 'NaN'}[datum.value]"))
    chart = alt.layer(
        cells.mark_rect(clip=True).encode(x=x, x2=alt.X2("right:Q"), y=y, y2=alt.Y2("top:Q"), tooltip=tooltip,
                                          color=size),
        base().transform_filter("false").mark_square().encode(color=edges),
    ).resolve_scale(color="independent")
    chart = chart.properties(usermeta={"embedOptions": {"renderer": "canvas"}})  # 3 000 cells: one node, not 3 000
    return titled(chart, f"{quantity[0].upper()}{quantity[1:]} by layer and step", HEIGHT), (
        f"Heat map, colours on a {scale.words}: size of the {quantity} in each of {depth} hidden layers and the "
        f"output, the input's side on the left, at every step from 0 at the bottom to {steps} at the top; zero, "
        "infinite and NaN have colours of their own. The data table has the numbers."), LIFE
