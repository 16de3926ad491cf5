"""Charts of initial weights: how a kernel's are distributed, and which units they make equal."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import altair as alt
import numpy as np
import pandas as pd

from core.charts.drawing import base, drawing
from core.charts.scales import Scale, round_up
from core.charts.theme import CATEGORIES, LINE
from core.initializers import INITIALIZERS

UNITS_HEIGHT = 250
UNIT = 430  # px² of a unit's circle
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
REACHES = (1, 2.5, 5, 10)  # few, so that one sees the weights get smaller as the layer gets wider
WIDEST = 4.0  # standard deviations of the weights that a histogram shows on either side


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
    x = Scale(-reach, reach, pad=0.0)
    density = initializer.density(np.linspace(-reach, reach, 241), fan_in, fan_out)
    highest = 30 / reach if density is None else float(density[np.isfinite(density)].max())
    return x, Scale(0.0, round_up(1.25 * highest), pad=0.0)


def units_frame(groups: Sequence[np.ndarray]) -> pd.DataFrame:
    """For `units`: a row a unit, from the group numbers `(units,)` of each hidden layer."""
    return pd.DataFrame([{"layer": layer, "unit": unit, "group": LETTERS[int(group)]}
                         for layer, of_layer in enumerate(groups, 1) for unit, group in enumerate(of_layer, 1)])


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
    letters = base().mark_text(align="center").encode(x=x, y=y, text=alt.Text("group:N"))
    return alt.layer(circles, letters).properties(height=UNITS_HEIGHT), (
        f"The {width} units of each of {depth} hidden layers as circles with the letters {', '.join(LETTERS[:width])}: "
        "units with the same letter in a layer are equal. The text beside it has the counts.")


def variances(fan_in: int, fan_out: int) -> pd.DataFrame:
    """What each initializer's variance does in a linear layer of that shape, by theory: a row an initializer.

    `forward` is fan_in · Var(W), by which the mean square of the inputs is multiplied; `backward` is
    fan_out · Var(W), the same for the signal on its way back.
    """
    rows = [(entry.label, entry.variance(fan_in, fan_out)) for entry in INITIALIZERS.values()]
    return pd.DataFrame([{"initializer": label, "variance": variance, "forward": fan_in * variance,
                          "backward": fan_out * variance} for label, variance in rows])
