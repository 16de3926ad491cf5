"""Diagrams of a network: its units and weights while they are few enough to be seen, its layers as blocks."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import altair as alt
import numpy as np
import pandas as pd

from core.architecture import Architecture
from core.charts.drawing import Drawing, base, drawing, titled
from core.charts.theme import AMBER, BLUE, NEUTRAL, THIN
from core.network import unflatten
from core.spec import RunSpec
from core.structure import Layer, Row, rows
from core.training import Snapshot

HEIGHT = 400
MOST_UNITS, MOST_LAYERS, MOST_WEIGHTS = 16, 8, 600  # that a person can still tell apart
STRONG = 2.0  # a weight of this size and beyond has the thickest line
BLOCK_HEIGHT = 40  # px of a layer
NARROWEST = 0.12  # of a block: half its width, where 1 is the widest


def readable(spec: RunSpec) -> bool:
    """Whether its units and weights are few enough to be drawn one by one."""
    return (max(spec.sizes) <= MOST_UNITS and len(spec.sizes) <= MOST_LAYERS
            and spec.kernel_entries <= MOST_WEIGHTS)


# --- units and weights ----------------------------------------------------------------------------------------------


def units_frame(spec: RunSpec, snapshot: Snapshot | None) -> pd.DataFrame:
    """For `units`: a row a weight (from `x, y` to `x2, y2`) or unit; weights without values before step 0 is known."""
    places = [(np.arange(n) - (n - 1) / 2) / max(*spec.sizes, 2) for n in spec.sizes]
    pieces = []
    kernels: Sequence[np.ndarray] = [np.full(shape, np.nan) for shape in pairwise(spec.sizes)]
    if snapshot is not None and snapshot.theta is not None:
        kernels = [layer[0] for layer in unflatten(Architecture.of(spec), snapshot.theta)]
    for n, kernel in enumerate(kernels):
        y, y2 = np.broadcast_arrays(-places[n][:, None], -places[n + 1][None, :])
        pieces.append(_frame("weight", n, y.ravel(), n + 1, y2.ravel(), kernel.ravel()))
    for n, place in enumerate(places):
        pieces.append(_frame("unit", n, -place, n, -place, np.full(len(place), np.nan)))
    return pd.concat(pieces, ignore_index=True)


def _frame(what: str, x: int, y: np.ndarray, x2: int, y2: np.ndarray, weight: np.ndarray) -> pd.DataFrame:
    sign = np.where(np.isnan(weight), "", np.where(weight < 0, "negative", "positive"))
    size = np.abs(np.nan_to_num(weight, nan=0.3, posinf=STRONG, neginf=STRONG))
    return pd.DataFrame({"what": what, "x": x, "y": y, "x2": x2, "y2": y2, "weight": weight, "sign": sign,
                         "size": size})


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
        color=alt.Color("sign:N", scale=alt.Scale(domain=["positive", "negative"], range=[AMBER, BLUE]),
                        legend=alt.Legend(title="weight", orient="bottom", direction="horizontal", titleOrient="left",
                                          symbolType="stroke", symbolStrokeWidth=3)),
        strokeWidth=alt.StrokeWidth("size:Q", legend=None, scale=alt.Scale(
            domain=[0, STRONG], range=[0.2, 4], clamp=True)),
        opacity=alt.Opacity("size:Q", legend=None, scale=alt.Scale(domain=[0, STRONG / 2], range=[0.1, 0.95],
                                                                   clamp=True)),
        tooltip=[alt.Tooltip("weight:Q", format=".3f")])
    dots = base().transform_filter("datum.what == 'unit'").mark_point(
        filled=True, size=150, color=NEUTRAL, stroke="#ffffff", strokeWidth=THIN, opacity=1).encode(x=x, y=y)
    return titled(alt.layer(weights, dots), "Units; thick lines are large weights", HEIGHT).properties(
        usermeta={"embedOptions": {"renderer": "canvas"}},
    ), ("Diagram of the network: a column of units a layer, a line a weight, thicker where it is larger, amber "
        f"where it is positive, blue where it is negative. Layers: {', '.join(names)}; units: "
        f"{', '.join(map(str, sizes))}.")


# --- blocks ---------------------------------------------------------------------------------------------------------


def described(layer: Layer) -> str:
    """A layer in a few words: Dense 64, ReLU."""
    kind, arguments = layer.kind, layer.arguments
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
        "kind": "input" if row.layer.kind == "Input" else "learns" if row.parameters else "fixed",
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
        f"Diagram of the layers from the input at the top to the output: {'; '.join(names)}. A block is wide where "
        "many numbers come out. The table has shapes and parameters.")
