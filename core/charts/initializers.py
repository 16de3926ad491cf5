"""Charts of initial weights: small panels of many runs on one axis, a kernel's distribution, equal units."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import altair as alt
import numpy as np
import pandas as pd

from core.charts.drawing import Drawing, base, colour_of, drawing, lines, looked_up, points
from core.charts.layers import TOOLTIP
from core.charts.scales import GRADIENT_HIGH, GRADIENT_LOW, Scale, round_up
from core.charts.theme import CATEGORIES, LINE, SERIES, THIN
from core.initializers import INITIALIZERS
from core.words import power

PANEL_HEIGHT = 156
PANEL_SCALE = Scale(10.0**GRADIENT_LOW, 10.0**GRADIENT_HIGH, log=True, row=0.22)  # the same for every panel and run
PANEL_AXIS = 40  # px for the labels of a panel's axis
KEY_HEIGHT = 34
UNITS_HEIGHT = 250
UNIT = 430  # px² of a unit's circle
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
Plot = tuple[pd.DataFrame | None, Drawing]
REACHES = (1, 2.5, 5, 10)  # few, so that one sees the weights get smaller as the layer gets wider
WIDEST = 4.0  # standard deviations of the weights that a histogram shows on either side


@drawing
def panel(depth: int):
    """Signal and kernel gradient of every layer in little room, with the theory of the signal; for `frames.gradient`.

    Its axes are labelled no more than needed to compare panels that stand beside each other.
    """
    series = _panel_series()
    ends = {1: "1", depth + 1: "out"}
    x = alt.X("layer:Q", scale=alt.Scale(domain=[0.5, depth + 1.5], nice=False), axis=alt.Axis(
        title=None, values=list(ends), labelExpr=looked_up(ends), grid=False, labelFlush=False, labelOverlap=False))
    labels = {10.0**n: power(n) if n % 4 == 0 else "" for n in range(GRADIENT_LOW, GRADIENT_HIGH + 1, 2)}
    labels |= PANEL_SCALE.edges
    y = alt.Y("y:Q", scale=alt.Scale(type="log", domain=PANEL_SCALE.domain, nice=False), axis=alt.Axis(
        title=None, values=list(labels), labelExpr=looked_up(labels), labelOverlap=False,
        minExtent=PANEL_AXIS, maxExtent=PANEL_AXIS))
    chart = alt.layer(lines(x, y, series), points(x, y, series, TOOLTIP, columns=99))
    return chart.properties(height=PANEL_HEIGHT), (
        f"Small line chart, logarithmic axis: size of the signal and of the kernel gradient in each of {depth} hidden "
        "layers, the input's side on the left, for the initializer named above it. The data table has the numbers.")


def _panel_series():
    return [SERIES[name] for name in ("signal", "kernel gradient", "theory")]


@drawing
def key():
    """What the lines of the panels are; for `key_frame`."""
    series = _panel_series()
    x = alt.X("x:Q", scale=alt.Scale(domain=[0, 1], range=[0, 1]), axis=None)
    dash = alt.StrokeDash("series:N", legend=None, scale=alt.Scale(
        domain=[one.label for one in series], range=[list(one.dash) for one in series]))
    thin = alt.FieldOneOfPredicate(field="series", oneOf=[one.label for one in series if one.width < LINE])
    marks = base().mark_rule().encode(x=x, x2="x2:Q", y=alt.value(KEY_HEIGHT / 2), color=colour_of(series),
                                      strokeDash=dash,
                                      strokeWidth=alt.condition(thin, alt.value(THIN), alt.value(LINE)))
    words = base().mark_text(align="left", dx=6).encode(x="x2:Q", y=alt.value(KEY_HEIGHT / 2), text="series:N")
    return alt.layer(marks, words).properties(height=KEY_HEIGHT), (
        "Key: the signal is a thick solid line with circles, the kernel gradient one with squares, "
        "the theory of the signal a thin dashed line.")


def key_frame() -> pd.DataFrame:
    """For `key`: where each line of it begins and ends, in px."""
    starts = np.array([4, 96, 240])
    return pd.DataFrame({"series": [one.label for one in _panel_series()], "x": starts, "x2": starts + 28})


def density(name: str, fan_in: int, fan_out: int) -> Callable[[np.ndarray], np.ndarray] | None:
    """The density of that initializer's weights as a function of the weight, None where all are one number."""
    initializer = INITIALIZERS[name]
    if not initializer.random:
        return None
    return lambda x: np.asarray(initializer.density(x, fan_in, fan_out))


def weight_scales(name: str, fan_in: int, fan_out: int) -> tuple[Scale, Scale]:
    """The axes of a histogram of that initializer's weights: the weights, and their density.

    Where all weights are one number the density axis only has to be high: the whole sample is in one bar.
    """
    initializer = INITIALIZERS[name]
    reach = round_up(WIDEST * np.sqrt(initializer.variance(fan_in, fan_out)) or 2.0, REACHES)
    x = Scale(-reach, reach, row=0.0)
    density = initializer.density(np.linspace(-reach, reach, 241), fan_in, fan_out)
    highest = 30 / reach if density is None else float(density[np.isfinite(density)].max())
    return x, Scale(0.0, round_up(1.25 * highest), row=0.0)


@drawing
def units(depth: int, width: int):
    """Every unit of a small network as a circle with the letter of its group; equal units have one letter."""
    x = alt.X("layer:Q", scale=alt.Scale(domain=[0.5, depth + 0.5], nice=False), axis=alt.Axis(
        title="layer (1 is nearest the input)", values=list(range(1, depth + 1)), format="d", grid=False))
    y = alt.Y("unit:Q", scale=alt.Scale(domain=[width + 0.6, 0.4], nice=False), axis=alt.Axis(
        title="unit", values=list(range(1, width + 1)), format="d", grid=False))
    tooltip = [alt.Tooltip("layer:Q"), alt.Tooltip("unit:Q"), alt.Tooltip("group:N", title="equal to all with")]
    colour = alt.Color("group:N", legend=None, scale=alt.Scale(
        domain=list(LETTERS[:width]), range=[CATEGORIES[i % len(CATEGORIES)] for i in range(width)]))
    circles = base().mark_point(size=UNIT, strokeWidth=LINE, filled=False, opacity=1).encode(
        x=x, y=y, color=colour, tooltip=tooltip)
    letters = base().mark_text(align="center").encode(x=x, y=y, text="group:N")
    return alt.layer(circles, letters).properties(height=UNITS_HEIGHT), (
        f"The {width} units of each of {depth} hidden layers as circles with letters: units with the same letter in a "
        "layer are equal. The text beside it has the counts.")


def units_frame(groups: Sequence[np.ndarray]) -> pd.DataFrame:
    """For `units`: a row a unit, from the group numbers `(units,)` of each hidden layer."""
    return pd.DataFrame([{"layer": layer, "unit": unit, "group": LETTERS[int(group)]}
                         for layer, of_layer in enumerate(groups, 1) for unit, group in enumerate(of_layer, 1)])


def together(panels: Mapping[str, Plot]) -> dict[str, Plot]:
    """All panels as one plot for the data table, with each panel's name as `run`."""
    known = [frame.assign(run=name) for name, (frame, _) in panels.items() if frame is not None]
    drawing = next(iter(panels.values()))[1]
    return {"gradients": (pd.concat(known, ignore_index=True) if known else None, drawing)}


def variances(fan_in: int, fan_out: int) -> pd.DataFrame:
    """What each initializer's variance does in a linear layer of that shape, by theory: a row an initializer.

    `forward` is fan_in · Var(W), by which the mean square of the inputs is multiplied; `backward` is
    fan_out · Var(W), the same for the signal on its way back.
    """
    rows = [(entry.label, entry.variance(fan_in, fan_out)) for entry in INITIALIZERS.values()]
    return pd.DataFrame([{"initializer": label, "variance": variance, "forward": fan_in * variance,
                          "backward": fan_out * variance} for label, variance in rows])
