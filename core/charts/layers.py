"""Charts with the layers of one network from left to right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt

from core.charts.drawing import (
    AXIS_COLUMN,
    LABEL_COLUMN,
    base,
    colour_of,
    drawing,
    first_layer_labels,
    layer_axis,
    layer_x,
    lines,
    looked_up,
    points,
    signs,
    titled,
    y_of,
)
from core.charts.moving import LIFE, Transforms, packed
from core.charts.scales import Scale
from core.charts.theme import CATEGORIES, DEPTH, EDGE_COLOURS, SERIES, Series, alternatives

GRADIENT_HEIGHT = 360
HEAT_HEIGHT = 360
PANEL_HEIGHT = 240
UPDATE_RATIO = Scale(1e-8, 10.0, log=True)
FRACTIONS = Scale(0.0, 1.0, pad=0.0)
# Karpathy, CS231n course notes, Neural networks part 3: an update of about 1/1000 of the weights is a rough heuristic.
RULE_OF_THUMB = 1e-3
_EARLIER = CATEGORIES[2:]  # the first two are those of the run on the stage
TOOLTIP = [alt.Tooltip("place:N", title="where"), alt.Tooltip("series:N", title="what"),
           alt.Tooltip("exact:N", title="value"), alt.Tooltip("run:N", title="run")]


@drawing
def gradient(depth: int, scale: Scale, earlier: tuple[str, ...] = ()):
    """Signal and kernel gradient of every layer, measured and in theory, and the signal of earlier runs (paler)."""
    series = [*(SERIES[name] for name in ("signal", "kernel gradient", "theory")),
              *(Series(label, _EARLIER[i % len(_EARLIER)]) for i, label in enumerate(earlier))]
    chart, moves = _by_layer(depth, scale, series, "Gradient, logarithmic axis", GRADIENT_HEIGHT)
    return chart, (f"Line chart, {scale.words}: size of the signal and of the kernel gradient in each of {depth} "
                   "hidden layers and the output, the input's side on the left, and the signal that theory expects"
                   + "".join(f"; paler, the signal {label}" for label in earlier)
                   + ". The data table has the numbers."), moves


@drawing
def several(depth: int, scale: Scale, labels: tuple[str, ...], quantity: str = "signal", among: tuple[str, ...] = ()):
    """One quantity of several runs of the same depth, each with its name, and what theory says of each."""
    series = [*alternatives(labels, among), SERIES["theory"]]
    chart, moves = _by_layer(depth, scale, series, f"{quantity.capitalize()}, logarithmic axis", GRADIENT_HEIGHT)
    return chart, (f"Line chart, {scale.words}: size of the {quantity} in each of {depth} hidden layers and the "
                   f"output, the input's side on the left, for {', '.join(labels)}, and what theory expects. The data "
                   "table has the numbers."), moves


@drawing
def update_ratio(depth: int):
    """Size of the last step in each kernel, as a share of the kernel's own size; the rule of thumb is dashed."""
    chart, moves = _by_layer(depth, UPDATE_RATIO, [SERIES["update ratio"], SERIES["rule of thumb"]],
                             "Last step / size of the kernel, logarithmic axis", PANEL_HEIGHT)
    return chart, (f"Line chart, {UPDATE_RATIO.words}: update ratio, the size of the last step over the size of the "
                   f"kernel, in each of {depth} hidden layers and the output, with the rule of thumb 1/1000. The data "
                   "table has the numbers."), moves


@drawing
def fractions(depth: int):
    """Share of saturated (example, unit) pairs and share of dead units in every layer."""
    chart, moves = _by_layer(depth, FRACTIONS, [SERIES["saturated"], SERIES["dead"]],
                             "Saturated and dead, share of the layer", PANEL_HEIGHT)
    return chart, (f"Line chart, {FRACTIONS.words}: share of saturated slopes and of dead units in each of {depth} "
                   "hidden layers and the output. The data table has the numbers."), moves


@drawing
def spread(depth: int, scale: Scale):
    """Mean and standard deviation of every layer's activations: a point on a bar of ± 1 standard deviation."""
    series = [SERIES["mean ± std"]]
    x, y = layer_x(depth), y_of("y", scale, LABEL_COLUMN)
    bars = base().mark_rule(strokeWidth=5, opacity=0.45, clip=True).encode(
        x=x, y=y_of("bottom", scale, LABEL_COLUMN), y2=alt.Y2("top:Q"), color=colour_of(series))
    chart = alt.layer(bars, points(x, y, series, TOOLTIP, depth), *signs(x, y), *first_layer_labels(x, scale, series))
    ends = "isFinite(datum.value + datum.std) ? clamp(datum.value {} datum.std, {!r}, {!r}) : datum.y"
    reach: Transforms = [
        {"calculate": "toNumber(split(datum.stds, ',')[min(at, length(split(datum.stds, ',')) - 1)])", "as": "std"},
        *({"calculate": ends.format(side, scale.low, scale.high), "as": end}
          for side, end in (("-", "bottom"), ("+", "top")))]
    exact = {"calculate": "format(datum.value, '.5~g') + ' ± ' + format(datum.std, '.5~g')", "as": "exact"}
    return titled(chart, "Activations", PANEL_HEIGHT), (
        f"Dot chart with bars, {scale.words}: mean and standard deviation of the activations in each of {depth} hidden "
        "layers and the output. The data table has the numbers."), [*packed(scale), *reach, exact]


def _by_layer(depth: int, scale: Scale, series: Sequence[Series], title: str, height: int) -> tuple[Any, Transforms]:
    """Lines over the layers, labelled at the first one, and what reads their frame."""
    x, y = layer_x(depth), y_of("y", scale, LABEL_COLUMN)
    chart = alt.layer(lines(x, y, series), points(x, y, series, TOOLTIP, depth), *signs(x, y),
                      *first_layer_labels(x, scale, series))
    return titled(chart, title, height), packed(scale)


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
    return titled(chart, f"{quantity[0].upper()}{quantity[1:]} by layer and step", HEAT_HEIGHT), (
        f"Heat map, colours on a {scale.words}: size of the {quantity} in each of {depth} hidden layers and the "
        f"output, the input's side on the left, at every step from 0 at the bottom to {steps} at the top; zero, "
        "infinite and NaN have colours of their own. The data table has the numbers."), LIFE
