"""Pictures of what a layer puts out: one number a cell, side by side where there are several maps."""

from __future__ import annotations

import altair as alt
import numpy as np
import pandas as pd

from core.charts.drawing import Drawing, base, drawing, looked_up
from core.charts.theme import FIELD, SHARES

WIDE = 330  # px: what a phone has room for
LARGEST, SMALLEST = 13, 3  # px of a cell
MAPS_IN_A_ROW = 8
NUMBERS_IN_A_ROW = 32


def tiles(array: np.ndarray, across: int = MAPS_IN_A_ROW) -> np.ndarray:
    """The array as one matrix of cells, NaN where there is none.

    (n,) is rows of 32; (steps, units) has time from left to right; (maps, rows, columns) are maps side by side, so many
    `across`.
    """
    if array.ndim == 1:
        width = min(len(array), NUMBERS_IN_A_ROW)
        padded = np.full(-(-len(array) // width) * width, np.nan)
        padded[:len(array)] = array
        return padded.reshape(-1, width)
    if array.ndim == 2:
        return array.T
    count, height, width = array.shape
    across = min(count, across)
    down = -(-count // across)
    sheet = np.full((down * (height + 1) - 1, across * (width + 1) - 1), np.nan)
    for n, one in enumerate(array):
        top, left = n // across * (height + 1), n % across * (width + 1)
        sheet[top:top + height, left:left + width] = one
    return sheet


def picture_frame(array: np.ndarray, across: int = MAPS_IN_A_ROW) -> pd.DataFrame:
    """For `picture`: a row a cell, at its column and row of `tiles(array, across)`."""
    sheet = tiles(np.asarray(array, np.float64), across)
    row, column = np.nonzero(~np.isnan(sheet))
    return pd.DataFrame({"column": column, "row": row, "column2": column + 1, "row2": row + 1,
                         "value": sheet[row, column]})


def picture(array: np.ndarray, what: str, largest: float, across: int = MAPS_IN_A_ROW) -> Drawing:
    """A layer's output; `largest` is the size of number at which colours end, so that examples can be compared.

    Where numbers have both signs, blue is negative and amber positive; else only their size is coloured.
    """
    rows, columns = tiles(array, across).shape
    return _picture(rows, columns, what, float(largest), bool((array < 0).any()))


@drawing
def _picture(rows: int, columns: int, what: str, largest: float, signed: bool):
    cell = float(np.clip(WIDE // columns, SMALLEST, LARGEST))
    x = alt.X("column:Q", axis=None, scale=alt.Scale(
        domain=[0, columns], range=[0, alt.ExprRef(f"{columns} * min({cell:g}, floor(width / {columns}))")],
        nice=False))  # where a page is narrow, whole pixels less for each
    y = alt.Y("row:Q", axis=None, scale=alt.Scale(domain=[0, rows], range=[0, rows * cell], nice=False))
    scale = (alt.Scale(domain=[-largest, 0, largest], range=list(FIELD), clamp=True, interpolate="rgb") if signed
             else alt.Scale(domain=[0, largest], range=list(SHARES), clamp=True, interpolate="rgb"))
    chart = base().mark_rect(stroke=None).encode(
        x=x, x2=alt.X2("column2:Q"), y=y, y2=alt.Y2("row2:Q"), color=alt.Color("value:Q", legend=None, scale=scale),
        tooltip=[alt.Tooltip("row:Q"), alt.Tooltip("column:Q"), alt.Tooltip("value:Q", format=".3f")])
    return chart.properties(height=rows * cell, usermeta={"embedOptions": {"renderer": "canvas"}}), (
        f"Picture of {rows} × {columns} cells, "
        + ("blue for negative, amber for positive numbers" if signed else "brighter for larger numbers")
        + f": {what.removesuffix('.')}.")


def attention_frame(weights: np.ndarray) -> pd.DataFrame:
    """For `attention`: the weights (heads, places, words), the heads side by side with a gap between them."""
    words = weights.shape[2]
    head, row, column = (index.ravel() for index in np.indices(weights.shape))
    return pd.DataFrame({"head": head + 1, "column": column + head * (words + 1), "row": row,
                         "column2": column + head * (words + 1) + 1, "row2": row + 1, "value": weights.ravel()})


@drawing
def attention(words: tuple[str, ...], heads: int):
    """How much of each word goes into each place, by head: a row a place, a column a word."""
    n, wide = len(words), heads * (len(words) + 1) - 1
    columns = {h * (n + 1) + i + 0.5: word for h in range(heads) for i, word in enumerate(words)}
    places = {i + 0.5: f"{i + 1}: {word}" for i, word in enumerate(words)}
    x = alt.X("column:Q", scale=alt.Scale(domain=[0, wide], nice=False), axis=alt.Axis(
        title="word looked at; left head 1, right head 2", values=list(columns), grid=False,
        ticks=False, labelExpr=looked_up(columns), labelOverlap=False, labelAngle=-60, domain=False))
    y = alt.Y("row:Q", scale=alt.Scale(domain=[n, 0], nice=False), axis=alt.Axis(
        title=None, values=list(places), grid=False, ticks=False, labelExpr=looked_up(places), domain=False))
    chart = base().mark_rect(stroke=None).encode(
        x=x, x2=alt.X2("column2:Q"), y=y, y2=alt.Y2("row2:Q"), tooltip=[
            alt.Tooltip("head:Q"), alt.Tooltip("row:Q"), alt.Tooltip("value:Q", title="share", format=".2f")],
        color=alt.Color("value:Q", scale=alt.Scale(
            domain=[0, 1], range=list(SHARES), interpolate="rgb"), legend=alt.Legend(
                title="share", orient="top", direction="horizontal", titleOrient="left", gradientLength=150,
                gradientThickness=12, values=[0, 0.5, 1])))
    return chart.properties(title="Attention of each place (row)", height=370), (
        f"Heat map: the share, from 0 to 1, of each word of “{' '.join(words)}” that each place looks at, in {heads} "
        "heads. The data table has the numbers.")
