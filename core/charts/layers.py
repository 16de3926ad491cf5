"""Charts with the layers of one network from left to right."""

from __future__ import annotations

from typing import Any

import altair as alt

from core.charts.drawing import (
    AXIS_COLUMN,
    LABEL_COLUMN,
    base,
    drawing,
    first_layer_labels,
    layer_axis,
    layer_x,
    lines,
    looked_up,
    points,
    titled,
    y_of,
)
from core.charts.scales import Scale
from core.charts.theme import DEPTH, EDGE_COLOURS, SERIES
from core.words import say

GRADIENT_HEIGHT = 360
HEAT_HEIGHT = 360


@drawing
def gradient(depth: int, scale: Scale):
    """Signal and kernel gradient of every layer, measured and in theory, and of earlier runs (paler)."""
    chart = _by_layer(depth, scale, ("signal", "kernel gradient", "theory"), "Gradient, logarithmic axis",
                      GRADIENT_HEIGHT)
    return chart, (f"Line chart, logarithmic axis from {say(scale.low, 1)} to {say(scale.high, 1)}: size of the signal "
                   f"and of the kernel gradient in each of {depth} hidden layers, the input's side on the left, and "
                   "the signal that theory expects. The data table has the numbers.")


def _by_layer(depth: int, scale: Scale, names: tuple[str, ...], title: str, height: int) -> Any:
    """Lines over the layers, labelled at the first one."""
    series = [SERIES[name] for name in names]
    x, y, label_y = layer_x(depth), y_of("y", scale, LABEL_COLUMN), y_of("label_y", scale, LABEL_COLUMN)
    tooltip = [alt.Tooltip("place:N", title="where"), alt.Tooltip("series:N", title="what"),
               alt.Tooltip("exact:N", title="value"), alt.Tooltip("run:N", title="run")]
    return titled(alt.layer(lines(x, y, series), points(x, y, series, tooltip, depth),
                            *first_layer_labels(x, y, label_y)), title, height)


@drawing
def heat(depth: int, steps: int, scale: Scale, quantity: str = "kernel gradient"):
    """One cell a layer and stretch of steps, coloured by size; zero, infinity and NaN have colours of their own."""
    # Cells reach a little under the next ones to the right and above, which are drawn later: no seams between them.
    cells = base().transform_calculate(
        left="datum.layer - 0.5", right="datum.layer + 0.8", top="datum.until + 0.3 * (datum.until - datum.step)")
    x = alt.X("left:Q", axis=layer_axis(depth), scale=alt.Scale(domain=[0.5, depth + 1.5], nice=False))
    y = alt.Y("step:Q", scale=alt.Scale(domain=[0, steps], nice=False),
              axis=alt.Axis(title="step", minExtent=AXIS_COLUMN, grid=False, tickCount=5, format="~d"))
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
        cells.mark_rect(clip=True).encode(x=x, x2="right:Q", y=y, y2="top:Q", tooltip=tooltip,
                                          color=size),
        base().transform_filter("false").mark_square().encode(color=edges),
    ).resolve_scale(color="independent")
    chart = chart.properties(usermeta={"embedOptions": {"renderer": "canvas"}})  # 3 000 cells: one node, not 3 000
    return titled(chart, f"{quantity[0].upper()}{quantity[1:]} by layer and step", HEAT_HEIGHT), (
        f"Heat map: size of the {quantity} in each of {depth} hidden layers, the input's side on the left, at every "
        f"step from 0 at the bottom to {steps} at the top. The data table has the numbers.")
