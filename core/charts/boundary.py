"""The decision boundary of a run in the plane: its prediction as a colour field, the line it decides at, the data.

A frame holds the whole run, with numbers from 0 to 1 packed as letters. One letter tells 64 of them apart, enough for
the colour of a cell; two letters 4096, for the probability of an example and for a place on an axis.
"""

from __future__ import annotations

from collections.abc import Sequence
from string import ascii_letters, digits
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from core.boundary import GRID, Plane, contour, decision, plane, predict, probabilities
from core.charts.drawing import Drawing, base, drawing, looked_up, titled
from core.charts.moving import FOREVER, LIFE
from core.charts.theme import CATEGORIES, EDGE, FIELD, INKS, LINE, LINE_INK, NEUTRAL, sized
from core.spec import RunSpec
from core.training import Snapshot

HEIGHT = 400
MOST_POINTS = 300  # of the training examples that are drawn
SHAPES = ("circle", "triangle-up", "square", "diamond")
ALPHABET = ascii_letters + digits + "+/"  # the digits of packed numbers, from 0 on
BASE = len(ALPHABET)
NONE = "-"  # in place of a digit: NaN


# --- the frame --------------------------------------------------------------------------------------------------------


def boundary_frame(spec: RunSpec, history: Sequence[Snapshot]) -> pd.DataFrame:
    """For `boundary`, a whole history: a row a cell of the field, an example, the name of a class, a moment's line.

    `what` is cell, example, class or line. `codes` is packed: the probability of class 1, or of the most likely class,
    moment after moment, one letter for a cell and two for an example; of a line the ends of its pieces (x, y, x2, y2 as
    shares of the axes), two letters each. `said`: the class that the network says, a letter a moment; for cells where
    there are more than two. `mark`: the name of a class.
    """
    area, data = plane(spec), spec.data()
    x, y = data.x_train[:MOST_POINTS], data.y_train[:MOST_POINTS]
    z = _outputs(spec, history, np.concatenate([area.points, x]))  # (moments, cells + examples, outputs)
    with np.errstate(invalid="ignore"):  # a run that has overflowed has infinities there
        p = probabilities(spec, z)
    cells = len(area.points)
    two, strength = p.shape[-1] == 1, p.max(axis=-1).T  # (cells + examples, moments)
    best = (p[..., 0] >= 0.5 if two else p.argmax(axis=-1)).T
    said = _texts(np.where(np.isnan(strength), BASE, best))
    names = np.array(spec.data_set.target_names, object)
    label = (y[:, 0] > 0.5).astype(int) if two else y.argmax(axis=1)
    stay = pd.concat([
        _cells(area).assign(codes=coded(strength[:cells], 1), said="" if two else said[:cells]),
        pd.DataFrame({"what": "example", "x": x[:, 0], "y": x[:, 1], "codes": coded(strength[cells:], 2),
                      "said": said[cells:], "mark": names[label]}),
        pd.DataFrame({"what": "class", "mark": names}),
    ]).assign(since=0, until=FOREVER)
    lines = [_lines(decision(spec, z[:, :cells, 0]), area)] if two else []
    return pd.concat([stay, *lines], ignore_index=True).fillna({"codes": "", "said": "", "mark": ""})


def _cells(area: Plane) -> pd.DataFrame:
    """The corners of the cells."""
    half = np.array(area.cell, np.float32) / 2
    low, high = (area.points - half).T, (area.points + half).T
    return pd.DataFrame({"what": "cell", "x": low[0], "y": low[1], "x2": high[0], "y2": high[1]})


def _outputs(spec: RunSpec, history: Sequence[Snapshot], x: np.ndarray) -> np.ndarray:
    """Pre-activations of the output at all moments. Shapes: x (n, 2) -> (moments, n, outputs)."""
    found = []
    for snapshot in history:
        assert snapshot.theta is not None
        found.append(predict(spec, snapshot.theta, snapshot.moving, x))
    return np.stack(found)


def _lines(z: np.ndarray, area: Plane) -> pd.DataFrame:
    """The line of every moment that has one, from z at the middles of the cells, (moments, cells)."""
    low, size = np.tile(area.low, 2), np.tile(np.subtract(area.high, area.low), 2)
    pieces = [(contour(values.reshape(GRID, GRID), area.centres) - low) / size for values in z]
    since = np.array([moment for moment, found in enumerate(pieces) if len(found)], int)
    return pd.DataFrame({"what": "line", "codes": [coded(pieces[moment].reshape(1, -1), 2)[0] for moment in since],
                         "since": since, "until": np.where(since == len(z) - 1, FOREVER, since + 1)})


def measured(frame: pd.DataFrame, moment: int) -> pd.DataFrame:
    """The examples of a `boundary_frame` at a moment: x, y, class, what the network says, and how likely that class is
    to it, or class 1 where there are two.
    """
    names = dict(zip(ALPHABET, frame.loc[frame["what"] == "class", "mark"], strict=False)) | {NONE: "NaN"}
    examples = frame[frame["what"] == "example"]
    return pd.DataFrame({
        "x": examples["x"], "y": examples["y"], "class": examples["mark"],
        "says": [names[_at(said, moment, 1)] for said in examples["said"]],
        "probability": [_share(_at(codes, moment, 2)) for codes in examples["codes"]]}).reset_index(drop=True)


# --- numbers as letters -----------------------------------------------------------------------------------------------


def coded(shares: np.ndarray, letters: int) -> list[str]:
    """Each row of numbers from 0 to 1 as a text, so many letters a number."""
    level = np.rint(np.nan_to_num(shares).astype(np.float64) * (BASE**letters - 1)).astype(int)[..., None]
    digit = level // BASE ** np.arange(letters)[::-1] % BASE
    return _texts(np.where(np.isnan(shares)[..., None], BASE, digit))


def _texts(numbers: np.ndarray) -> list[str]:
    """Each row of digits as a text of letters; BASE stands for NONE."""
    table = np.frombuffer((ALPHABET + NONE).encode(), np.uint8)[numbers]
    return [row.tobytes().decode() for row in table]


def _at(text: str, moment: int, letters: int) -> str:
    """The letters of a moment."""
    start = letters * min(moment, len(text) // letters - 1)
    return text[start:start + letters]


def _share(text: str) -> float:
    """The number from 0 to 1 that the letters stand for."""
    levels = [ALPHABET.index(letter) * BASE**n for n, letter in enumerate(reversed(text)) if letter != NONE]
    return sum(levels) / (BASE**len(text) - 1) if levels else np.nan


def _level(text: str, start: str, letters: int) -> str:
    """The Vega expression of the share that so many letters stand for, as a whole number; below 0 for NONE."""
    return " + ".join(
        f"{BASE ** (letters - 1 - n)} * indexof('{ALPHABET}', slice({text}, {start} + {n}, {start} + {n + 1}))"
        for n in range(letters))


def _of_moment(rows: alt.Chart, letters: int) -> alt.Chart:
    """The rows with their `codes` read: `p` at the moment, NaN where there is NONE."""
    start = f"{letters} * min(at, length(datum.codes) / {letters} - 1)"
    return rows.transform_calculate(level=_level("datum.codes", start, letters)).transform_calculate(
        p=f"datum.level < 0 ? NaN : datum.level / {BASE**letters - 1}")


def _saying(rows: alt.Chart, classes: Sequence[str]) -> alt.Chart:
    """The rows with `says`, the class that the network says at the moment."""
    letters, start = ALPHABET[:len(classes)] + NONE, "min(at, length(datum.said) - 1)"
    return rows.transform_calculate(
        says=f"{[*classes, 'NaN']}[indexof('{letters}', slice(datum.said, {start}, {start} + 1))]")


def _pieces(rows: alt.Chart, low: tuple[float, float], high: tuple[float, float]) -> alt.Chart:
    """A row a piece, with its ends, of rows that are whole lines."""
    places = {name: f"{low[axis]} + {(high[axis] - low[axis]) / (BASE**2 - 1)} * "
                    f"({_level('datum.codes', f'datum.piece + {2 * n}', 2)})"
              for n, (name, axis) in enumerate((("x", 0), ("y", 1), ("x2", 0), ("y2", 1)))}
    return rows.transform_calculate(piece="sequence(0, length(datum.codes), 8)").transform_flatten(
        ["piece"]).transform_calculate(**places)


# --- the chart --------------------------------------------------------------------------------------------------------


def boundary(spec: RunSpec) -> Drawing:
    """The field of a run; the same Drawing in all its steps."""
    area = plane(spec)
    return _boundary(area.low, area.high, spec.data_set.target_names, spec.data_set.feature_names)


@drawing
def _boundary(low: tuple[float, float], high: tuple[float, float], classes: tuple[str, ...], axes: tuple[str, ...]):
    two = len(classes) == 2
    x = alt.X("x:Q", scale=alt.Scale(domain=[low[0], high[0]], nice=False), axis=alt.Axis(
        title=f"{axes[0]} (upward: {axes[1]})", grid=False, tickCount=5))
    y = alt.Y("y:Q", scale=alt.Scale(domain=[low[1], high[1]], nice=False), axis=alt.Axis(
        title=None, grid=False, tickCount=5))
    key = alt.Legend(title=None, orient="bottom", direction="horizontal", columns=2, symbolSize=90,
                     symbolStrokeWidth=0, symbolOpacity=1, symbolFillColor=NEUTRAL)
    sure = {0.0: f"surely {classes[0]}", 1.0: f"surely {classes[1]}"}
    if two:
        field = alt.Scale(domain=[0, 0.5, 1], range=list(FIELD), interpolate="rgb")
        seams = {"stroke": alt.Stroke("p:Q", scale=field, legend=None)}  # without it they are seen
        colour = alt.Color("p:Q", scale=field, legend=alt.Legend(
            title=None, orient="top", direction="horizontal", gradientLength=230, gradientThickness=12,
            values=list(sure), labelExpr=looked_up(sure)))
        strength: Any = alt.value(1)
    else:
        seams = {}
        colour = alt.Color("says:N", legend=None, scale=alt.Scale(
            domain=list(classes), range=list(CATEGORIES[:len(classes)])))
        strength = alt.Opacity("p:Q", legend=None, scale=alt.Scale(domain=[1 / len(classes), 1], range=[0.1, 0.7]))
    ink = alt.Scale(domain=list(classes), range=list(INKS if two else CATEGORIES[:len(classes)]))
    shape = alt.Scale(domain=list(classes), range=list(SHAPES[:len(classes)]))
    tooltip = [alt.Tooltip("x:Q", title=axes[0], format=".2f"), alt.Tooltip("y:Q", title=axes[1], format=".2f"),
               alt.Tooltip("mark:N", title="class"), alt.Tooltip("says:N", title="network says"),
               alt.Tooltip("p:Q", title="probability", format=".3f")]

    def rows(what: str) -> alt.Chart:
        return base().transform_filter(f"datum.what == '{what}'")

    cells, examples = _of_moment(rows("cell"), 1), _saying(_of_moment(rows("example"), 2), classes)
    cells = cells if two else _saying(cells, classes)
    field_layer = cells.mark_rect(clip=True, strokeWidth=0.7).encode(
        x=x, x2=alt.X2("x2:Q"), y=y, y2=alt.Y2("y2:Q"), color=colour, opacity=strength, **seams)
    line_layer = _pieces(rows("line"), low, high).mark_rule(
        strokeWidth=sized(LINE), color=LINE_INK, strokeCap="round").encode(
            x=x, x2=alt.X2("x2:Q"), y=y, y2=alt.Y2("y2:Q"))
    points = examples.mark_point(
        filled=True, size=48, stroke=EDGE, strokeWidth=0.8, opacity=1).encode(
            x=x, y=y, tooltip=tooltip, fill=alt.Fill("mark:N", scale=ink, legend=None),
            shape=alt.Shape("mark:N", scale=shape, legend=key))
    chart = alt.layer(field_layer, line_layer, points).resolve_scale(
        color="independent", fill="independent", stroke="independent")
    title = "Prediction; dark line: the class changes" if two else "Prediction: the most likely class"
    said = " to ".join(sure.values()) if two else " or ".join(classes)
    return titled(chart, title, HEIGHT).properties(
        usermeta={"embedOptions": {"renderer": "canvas"}},  # 1600 cells: one node, not as many
    ), (f"Colour field over the plane, {axes[0]} from {low[0]:g} to {high[0]:g}, upward {axes[1]} from {low[1]:g} to "
        f"{high[1]:g}: the network's prediction at every point, {said}, with the training examples as points, a shape "
        f"for each class{', and the line between them' if two else ''}. The data table has the numbers."), LIFE
