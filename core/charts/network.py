"""Diagrams of a network: its units and weights while they are few enough to be seen, its layers as blocks."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby, pairwise

import altair as alt
import numpy as np
import pandas as pd

from core.architecture import Architecture
from core.charts.drawing import Drawing, base, drawing, titled
from core.charts.moving import Transforms, text_of
from core.charts.theme import AMBER, BLUE, EDGE, NEUTRAL, THIN
from core.layer_table import Layer, Row, rows
from core.network import unflatten
from core.spec import RunSpec
from core.training import Snapshot

HEIGHT = 400
MOST_UNITS, MOST_LAYERS, MOST_WEIGHTS = 16, 8, 600  # that a person can still tell apart
WEIGHT_DIGITS = 4  # significant ones
STRONG = 2.0  # a weight of this size and beyond has the thickest line
SIGNS = ("positive", "negative")
UNKNOWN = 0.3  # in place of the size of a weight that is not known
BLOCK_HEIGHT = 40  # px of a layer
NARROWEST = 0.12  # of a block: half its width, where 1 is the widest
LISTED = 12  # layers that an alt text names


def readable(spec: RunSpec) -> bool:
    """Whether its units and weights are few enough to be drawn one by one."""
    return (max(spec.sizes) <= MOST_UNITS and len(spec.sizes) <= MOST_LAYERS
            and spec.kernel_entries <= MOST_WEIGHTS)


# --- units and weights ----------------------------------------------------------------------------------------------

# From the values of a weight the one of the moment, and how it is drawn.
WEIGHTS: Transforms = [
    {"calculate": "split(datum.weights, ',')", "as": "_weights"},
    {"calculate": "toNumber(datum._weights[min(at, length(datum._weights) - 1)])", "as": "weight"},
    {"calculate": f"isNaN(datum.weight) ? '' : {list(SIGNS)}[+(datum.weight < 0)]", "as": "sign"},
    {"calculate": f"isNaN(datum.weight) ? {UNKNOWN} : min(abs(datum.weight), {STRONG})", "as": "size"},
]


def units_frame(spec: RunSpec, history: Sequence[Snapshot]) -> pd.DataFrame:
    """For `units`, a whole history: a row a weight, from `x, y` to `x2, y2`, or a unit.

    `weights` is a weight at all moments as a text, NaN before any is known; empty for a unit.
    """
    places = [(np.arange(n) - (n - 1) / 2) / max(*spec.sizes, 2) for n in spec.sizes]
    pieces = []
    for n, values in enumerate(_kernels(spec, history)):
        y, y2 = np.broadcast_arrays(-places[n][:, None], -places[n + 1][None, :])
        pieces.append(pd.DataFrame({
            "what": "weight", "x": n, "y": y.ravel(), "x2": n + 1, "y2": y2.ravel(),
            "weights": [text_of(one, WEIGHT_DIGITS) for one in values.reshape(len(values), -1).T]}))
    pieces += [pd.DataFrame({"what": "unit", "x": n, "y": -place, "x2": n, "y2": -place, "weights": ""})
               for n, place in enumerate(places)]
    return pd.concat(pieces, ignore_index=True)


def _kernels(spec: RunSpec, history: Sequence[Snapshot]) -> list[np.ndarray]:
    """The weights of every layer at all moments, (moments, fan in, fan out); before any is known, one moment of NaN."""
    architecture = Architecture.of(spec)
    layers = [unflatten(architecture, snapshot.theta) for snapshot in history if snapshot.theta is not None]
    if not layers:
        return [np.full((1, *shape), np.nan) for shape in pairwise(spec.sizes)]
    return [np.stack([moment[n][0] for moment in layers]) for n in range(len(spec.sizes) - 1)]


def measured(frame: pd.DataFrame, moment: int) -> pd.DataFrame:
    """The weights of a `units_frame` at a moment: the layer they lead to (1 the first hidden one), from which of its
    units to which, counted from 1.
    """
    weights = frame[frame["what"] == "weight"]
    values = weights["weights"].str.split(",")
    ends = weights[["x", "y", "y2"]].groupby("x").rank("dense", ascending=False).astype(int)
    return pd.DataFrame({"layer": weights["x"] + 1, "from": ends["y"], "to": ends["y2"],
                         "weight": [float(one[min(moment, len(one) - 1)]) for one in values]})


def units(spec: RunSpec) -> Drawing:
    """The network of a run with every unit and weight; the same Drawing in all its steps."""
    names = ("input", *(f"{n}: {name}" for n, name in enumerate(spec.activations, 1)), "output")
    return _units(names, tuple(spec.sizes))


@drawing
def _units(names: tuple[str, ...], sizes: tuple[int, ...]):
    last = len(sizes) - 1
    short = ["input", *map(str, range(1, last)), "out"]
    x = alt.X("x:Q", scale=alt.Scale(domain=[-0.3, last + 0.3], nice=False), axis=alt.Axis(
        title="layer, and how many units it has", values=list(range(last + 1)), grid=False, labelOverlap=False,
        labelExpr=f"{[f'{name}: {size}' for name, size in zip(short, sizes, strict=True)]}[datum.value]"))
    y = alt.Y("y:Q", axis=None, scale=alt.Scale(domain=[-0.56, 0.56], nice=False))
    weights = base().transform_filter("datum.what == 'weight'").mark_rule().encode(
        x=x, x2=alt.X2("x2:Q"), y=y, y2=alt.Y2("y2:Q"),
        color=alt.Color("sign:N", scale=alt.Scale(domain=[*SIGNS, ""], range=[AMBER, BLUE, NEUTRAL]),
                        legend=alt.Legend(title="weight", orient="bottom", direction="horizontal", titleOrient="left",
                                          symbolType="stroke", symbolStrokeWidth=3, values=list(SIGNS))),
        strokeWidth=alt.StrokeWidth("size:Q", legend=None, scale=alt.Scale(
            domain=[0, STRONG], range=[0.2, 4], clamp=True)),
        opacity=alt.Opacity("size:Q", legend=None, scale=alt.Scale(domain=[0, STRONG / 2], range=[0.1, 0.95],
                                                                   clamp=True)),
        tooltip=[alt.Tooltip("weight:Q", format=".3f")])
    dots = base().transform_filter("datum.what == 'unit'").mark_point(
        filled=True, size=150, color=NEUTRAL, stroke=EDGE, strokeWidth=THIN, opacity=1).encode(x=x, y=y)
    return titled(alt.layer(weights, dots), "Units; thick lines are large weights", HEIGHT).properties(
        usermeta={"embedOptions": {"renderer": "canvas"}},
    ), ("Diagram of the network: a column of units for each layer, a line for each weight, thicker where it is larger, "
        f"amber where it is positive, blue where it is negative. Layers: {', '.join(names)}; units: "
        f"{', '.join(map(str, sizes))}."), WEIGHTS


# --- blocks ---------------------------------------------------------------------------------------------------------


def described(layer: Layer) -> str:
    """A layer in a few words: Dense 64, ReLU."""
    kind, arguments = layer.class_name, layer.arguments
    size = {"Conv2D": lambda: f" {arguments['kernel_size']} × {arguments['kernel_size']}",
            "MaxPooling2D": lambda: f" {arguments['pool_size']} × {arguments['pool_size']}",
            "Dropout": lambda: f" {arguments['rate']:g}",
            "MultiHeadAttention": lambda: f", {arguments['num_heads']} heads"}.get(kind, lambda: "")()
    activation = arguments.get("activation", "linear")
    return kind + size + (f", {activation}" if activation != "linear" else "")


def say_shape(shape: Sequence[int]) -> str:
    return " × ".join(map(str, shape))


def blocks_frame(models: Sequence[Sequence[Layer]]) -> pd.DataFrame:
    """For `blocks`: a row a layer; `reach` is half its width, by the logarithm of how many numbers it puts out."""
    found = [row for layers in models for row in rows(layers)]
    most = max(row.values for row in found)
    return pd.DataFrame([{
        "layer": n, "name": row.layer.name, "what": described(row.layer),
        "shape": say_shape(row.shape), "parameters": row.parameters, "reach": _reach(row, most),
        "left": -_reach(row, most), "top": n + 0.14, "bottom": n + 0.86, "middle": n + 0.5,
        "says": say_shape(row.shape) + (f"  ({row.parameters:,})" if row.parameters else ""),
        "kind": "input" if row.layer.class_name == "Input" else "learns" if row.parameters else "fixed",
    } for n, row in enumerate(found)])


def _reach(row: Row, most: int) -> float:
    return NARROWEST + (1 - NARROWEST) * float(np.log2(1 + row.values) / np.log2(1 + most))


def blocks(models: Sequence[Sequence[Layer]]) -> Drawing:
    """The layers from top to bottom as blocks, wide where there are many numbers."""
    found = tuple(f"{described(layer)}" for layers in models for layer in layers)
    return _blocks(found)


@drawing
def _blocks(names: tuple[str, ...]):
    x = alt.X("left:Q", axis=None, scale=alt.Scale(domain=[-1.02, 2.1], nice=False))
    y = alt.Y("top:Q", axis=None, scale=alt.Scale(domain=[len(names), 0], nice=False))
    tooltip = [alt.Tooltip("name:N"), alt.Tooltip("what:N"), alt.Tooltip("shape:N"), alt.Tooltip("parameters:Q")]
    colour = alt.Color("kind:N", scale=alt.Scale(domain=["input", "learns", "fixed"], range=[AMBER, BLUE, NEUTRAL]),
                       legend=alt.Legend(title=None, orient="bottom", direction="horizontal", symbolType="square",
                                         labelExpr="{input: 'input', learns: 'has parameters', fixed: 'has none'}"
                                                   "[datum.value]"))
    chart = alt.layer(
        base().mark_rect(opacity=0.5, cornerRadius=5).encode(
            x=x, x2=alt.X2("reach:Q"), y=y, y2=alt.Y2("bottom:Q"), color=colour, tooltip=tooltip),
        base().mark_text(align="center").encode(x=alt.datum(0.0), y=alt.Y("middle:Q"), text=alt.Text("what:N")),
        base().mark_text(align="left").encode(x=alt.datum(1.08), y=alt.Y("middle:Q"), text=alt.Text("says:N")))
    return titled(chart, "Layers, what comes out (parameters)", 92 + BLOCK_HEIGHT * len(names)), (
        f"Diagram of the layers from the input at the top to the output: {_listed(names)}. The more "
        "numbers come out, the wider the block; one colour is for the input, one for parameters, one for none. "
        "The table has shapes and parameters.")


def _listed(names: Sequence[str]) -> str:
    """Names of layers in words: equal ones once, with how many there are, and of many the first ones and the last."""
    found = [f"{count} × {name}" if (count := len([*same])) > 1 else name for name, same in groupby(names)]
    return "; ".join(found if len(found) <= LISTED else [*found[:LISTED - 1], "and so on", found[-1]])
