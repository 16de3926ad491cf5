"""Charts of dropout and batch norm: bands of runs with and without, a layer on one pass, histograms of z."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil, sqrt

import altair as alt
import numpy as np
import pandas as pd

from core.charts.bands import band, band_frame
from core.charts.drawing import Drawing, base, drawing, titled
from core.charts.functions import HISTOGRAM_BINS, histogram, histogram_frame
from core.charts.scales import Scale, linear_scale, round_up
from core.charts.theme import DEPTH, sized
from core.lessons.regularization.report import NORMALISED_LABELS, Normalised, Pass
from core.spec import RunSpec
from core.training import Snapshot

Plots = dict[str, tuple[pd.DataFrame | None, Drawing]]
FIELDS = {"validation": ("Validation loss", "validation_loss"), "training": ("Training loss", "training_loss")}
GRID_HEIGHT = 270
SMALL_HEIGHT = 230


def band_plots(spec: RunSpec, groups: Mapping[str, Sequence[Sequence[Snapshot]]], seeds: int) -> Plots:
    """Validation and training loss of each group of runs on one and the same axis, which step 0 sets."""
    starts = [history[0] for histories in groups.values() for history in histories if history]
    scale = linear_scale(*[(state.training_loss, state.validation_loss) for state in starts])
    return {name: (band_frame(groups, field, scale, spec.epoch_steps),
                   band(title, spec.epochs, scale, tuple(groups), seeds, "epoch"))
            for name, (title, field) in FIELDS.items()}


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
