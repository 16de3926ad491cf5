"""Charts of dropout and batch norm: bands of runs with and without, where they sit, a layer on one pass, z."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil, sqrt

import altair as alt
import numpy as np
import pandas as pd

from core.charts.bands import band, band_frame
from core.charts.drawing import Drawing, base, drawing, looked_up, titled
from core.charts.functions import HISTOGRAM_BINS, histogram, histogram_frame
from core.charts.moving import Transforms
from core.charts.scales import Scale, linear_scale, round_up
from core.charts.theme import AMBER, DARK, DEPTH, LIGHT, NEUTRAL, STAR, THIN, sized
from core.lessons.regularization.report import NORMALISED_LABELS, Normalised, Pass
from core.spec import RunSpec
from core.training import Snapshot

Plots = dict[str, tuple[pd.DataFrame | None, Drawing]]
FIELDS = {"validation": ("Validation loss", "validation_loss"), "training": ("Training loss", "training_loss")}
GRID_HEIGHT = 270
SMALL_HEIGHT = 230
LAYER_HEIGHT = 330
DRAWN, NEXT = 6, 4  # units of a layer, and of the next one, that are drawn
KEPT: Transforms = [{"calculate": "!datum.mask || slice(datum.mask, min(at, length(datum.mask) - 1), "
                                  "min(at, length(datum.mask) - 1) + 1) == '1'", "as": "kept"}]


def band_plots(spec: RunSpec, groups: Mapping[str, Sequence[Sequence[Snapshot]]], seeds: int) -> Plots:
    """Validation and training loss of each group of runs on one and the same axis, which step 0 sets."""
    starts = [history[0] for histories in groups.values() for history in histories if history]
    scale = linear_scale(*[(state.training_loss, state.validation_loss) for state in starts])
    return {name: (band_frame(groups, field, scale, spec.epoch_steps),
                   band(title, spec.epochs, scale, tuple(groups), seeds, "epoch"))
            for name, (title, field) in FIELDS.items()}


# --- where they sit in a layer ---------------------------------------------------------------------------------------


def stages_of(spec: RunSpec, layer: int) -> dict[str, bool]:
    """What a hidden layer (0 the first) does to its units, in order, and whether this network does it."""
    return {"z": True, "batch norm": spec.batch_norms[layer], "f": True, "dropout": spec.dropout > 0}


def layer_frame(stages: Mapping[str, bool], units: int, kept: np.ndarray | None = None) -> pd.DataFrame:
    """For `layer`: units stage by stage, and the edges from one to the next.

    kept: which units are not dropped at each moment, bool `(moments, units)`; `mask` is that of a unit as a text, a
    digit a moment, empty where it is never dropped.
    """
    drawn, rows, last = min(units, DRAWN), [], len(stages) - 1
    middle = (drawn - 1) / 2
    masks = ["" if kept is None else "".join("01"[int(one)] for one in kept[:, unit]) for unit in range(drawn)]
    for column, (stage, there) in enumerate(stages.items()):
        for unit in range(drawn):
            place = {"stage": stage, "unit": unit + 1, "x": column, "y": unit, "there": there}
            rows.append({"what": "unit", **place, "mask": masks[unit] if stage == "dropout" else ""})
            if column < last:
                rows.append({"what": "edge", **place, "there": True, "x2": column + 1, "y2": unit, "mask": ""})
    for unit in range(drawn):
        for other in range(NEXT):
            rows.append({"what": "edge", "stage": "next layer", "unit": unit + 1, "x": last, "y": unit, "there": True,
                         "x2": last + 1, "y2": middle + (other - (NEXT - 1) / 2) * 1.2, "mask": masks[unit]})
    rows += [{"what": "unit", "stage": "next layer", "unit": other + 1, "x": last + 1, "there": True, "mask": "",
              "y": middle + (other - (NEXT - 1) / 2) * 1.2} for other in range(NEXT)]
    return pd.DataFrame(rows, columns=["what", "stage", "unit", "x", "y", "x2", "y2", "there", "mask"])


@drawing
def layer(stages: tuple[tuple[str, bool], ...], units: int):
    """A hidden layer from left to right: z, batch norm, f, dropout, the next layer; what is missing is pale."""
    names = [name for name, _ in stages]
    titles = {**{float(n): name for n, name in enumerate(names)}, float(len(names)): "next"}
    x = alt.X("x:Q", scale=alt.Scale(domain=[-0.4, len(names) + 0.4], nice=False), axis=alt.Axis(
        title=None, orient="top", values=list(titles), labelExpr=looked_up(titles), grid=False,
        ticks=False, domain=False, labelOverlap=False))
    y = alt.Y("y:Q", axis=None, scale=alt.Scale(domain=[DRAWN - 0.5, -0.5], nice=False))
    pale = alt.condition("datum.there", alt.value(1.0), alt.value(0.3))
    edges = base().transform_filter("datum.what == 'edge' && datum.kept").mark_rule(
        color=NEUTRAL, strokeWidth=sized(THIN)).encode(x=x, y=y, x2=alt.X2("x2:Q"), y2=alt.Y2("y2:Q"))
    tooltip = [alt.Tooltip("stage:N"), alt.Tooltip("unit:Q"), alt.Tooltip("kept:N")]
    circles = base().transform_filter("datum.what == 'unit'").mark_point(
        filled=True, size=520, stroke=NEUTRAL, strokeWidth=THIN).encode(
            x=x, y=y, opacity=pale, tooltip=tooltip, fill=alt.condition(
                "datum.stage == 'batch norm' || datum.stage == 'dropout'", alt.value(AMBER), alt.value(LIGHT)))
    crosses = base().transform_filter("datum.what == 'unit' && !datum.kept").mark_text(
        text="×", align="center", fontWeight="bold", fontSize=sized(STAR), color=DARK, blend="multiply").encode(
            x=x, y=y)
    without = [name for name, there in stages if not there]
    return titled(alt.layer(edges, circles, crosses), "A hidden layer, stage by stage", LAYER_HEIGHT), (
        f"Diagram of a hidden layer of {units} units, {min(units, DRAWN)} of them drawn, stage by stage: "
        f"{', '.join(names)}, next layer. "
        + (f"Pale, because this network has none: {', '.join(without)}. " if without else "")
        + "Units that are dropped at the step are crossed out and pass nothing on. The data table has them."), KEPT


def dropped(frame: pd.DataFrame, moment: int) -> pd.DataFrame:
    """What a `layer_frame` says in words at a moment: of each unit at dropout, whether it is kept."""
    units = frame[(frame["what"] == "unit") & (frame["stage"] == "dropout")]
    return pd.DataFrame({"unit": units["unit"].to_numpy(),
                         "kept": [not mask or mask[min(moment, len(mask) - 1)] == "1" for mask in units["mask"]]})


# --- a layer on one pass ---------------------------------------------------------------------------------------------


def pass_plots(found: Pass, passes: int) -> Plots:
    """The units of a layer as squares: before dropout, in the last pass, and on average."""
    titles = {"before": "Before dropout", "pass": "This pass: × is dropped", "mean": f"Mean of {passes} passes"
              if passes > 1 else "Mean of 1 pass"}
    values = {"before": found.before, "pass": found.after, "mean": found.mean}
    low = min(0.0, *(float(one.min()) for one in values.values()))
    high = round_up(max(float(one.max()) for one in values.values()))
    everyone = np.ones(len(found.kept), bool)
    return {name: (unit_grid_frame(one, found.kept if name == "pass" else everyone),
                   unit_grid(titles[name], len(one), low and -round_up(-low), high)) for name, one in values.items()}


def unit_grid_frame(values: np.ndarray, kept: np.ndarray) -> pd.DataFrame:
    """For `unit_grid`: a row a unit, from its activation `(units,)` and whether it is kept `(units,)`."""
    unit, columns = np.arange(len(values)), ceil(sqrt(len(values)))
    return pd.DataFrame({"unit": unit + 1, "row": unit // columns, "column": unit % columns, "value": values,
                         "kept": kept})


@drawing
def unit_grid(title: str, units: int, low: float, high: float):
    """A square a unit, row by row, coloured by its activation; a dropped one is crossed out."""
    columns = ceil(sqrt(units))
    x = alt.X("column:O", axis=None, scale=alt.Scale(domain=list(range(columns)), padding=0.08))
    y = alt.Y("row:O", axis=None, scale=alt.Scale(domain=list(range(ceil(units / columns))), padding=0.08))
    colour = alt.Color("value:Q", scale=alt.Scale(domain=[low, high], range=DEPTH), legend=alt.Legend(
        title=None, orient="bottom", direction="horizontal", gradientLength=160, gradientThickness=10,
        values=[low, high] if low == 0 else [low, 0, high]))
    tooltip = [alt.Tooltip("unit:Q"), alt.Tooltip("value:Q", title="activation", format=".4~g"), alt.Tooltip("kept:N")]
    squares = base().mark_rect().encode(x=x, y=y, color=colour, tooltip=tooltip)
    crosses = base().transform_filter("!datum.kept").mark_text(
        text="×", align="center", fontSize=sized(16)).encode(x=x, y=y)
    return titled(alt.layer(squares, crosses), title, GRID_HEIGHT), (
        f"{title}: the {units} units of a layer as squares coloured by their activation, from {low:g} to {high:g}. "
        "The data table has the numbers.")


# --- what batch norm does to z ---------------------------------------------------------------------------------------


def normalised_plots(stages: Mapping[int, Normalised], step: int) -> Plots:
    """Histograms of z before batch norm, normalised, and scaled and shifted, on axes that hold every step."""
    everything = [values for found in stages.values() for values in found]
    reach = round_up(max(float(np.abs(values).max()) for values in everything))
    x = Scale(-reach, reach, pad=0.0)
    bins = np.linspace(-reach, reach, HISTOGRAM_BINS + 1)
    densest = max(float(np.histogram(values, bins, density=True)[0].max()) for values in everything)
    y = Scale(0.0, round_up(1.1 * densest), pad=0.0)
    return {label: (histogram_frame(values, x, y),
                    histogram(x, y, "z", f"z {label}", SMALL_HEIGHT))
            for label, values in zip(NORMALISED_LABELS, stages[step], strict=True)}
