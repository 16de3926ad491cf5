"""Several runs of one kind as a band: what differs between them is the seed, so the band is what luck does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import altair as alt
import numpy as np
import pandas as pd

from core.charts.drawing import (
    base,
    colour_of,
    drawing,
    epoch_x,
    last_labels,
    lines,
    points,
    signs,
    step_x,
    titled,
    y_of,
)
from core.charts.moving import LIFE
from core.charts.rows import Rows, growing, grown
from core.charts.scales import Scale
from core.charts.steps import CURVE_HEIGHT
from core.charts.theme import alternatives
from core.training import Snapshot
from core.words import count, exactly


def band_frame(groups: Mapping[str, Sequence[Sequence[Snapshot]]], field: str, scale: Scale,
               every: int | None = None) -> pd.DataFrame | None:
    """For `band`: by label the histories of runs that differ in their seed alone; None before all have their step 0.

    A row a recorded step: value is the median of the field over the runs that have got there, `lowest` and `highest`
    its range, `runs` how many they are (fewer where one ended early). With `every` steps an epoch, also the epoch.
    """
    if not all(history for histories in groups.values() for history in histories):
        return None
    return grown([_rows(label, histories, field, scale, every) for label, histories in groups.items()], scale,
                 CURVE_HEIGHT)


def _rows(label: str, histories: Sequence[Sequence[Snapshot]], field: str, scale: Scale, every: int | None) -> Rows:
    longest = max(histories, key=len)
    values = np.full((len(histories), len(longest)), np.nan)  # (runs, moments)
    for row, history in zip(values, histories, strict=True):
        row[:len(history)] = [np.nan if (one := getattr(state, field)) is None else one for state in history]
    moment = np.flatnonzero(~np.isnan(values).all(axis=0))
    values, step = values[:, moment], np.array([state.step for state in longest])[moment]
    lowest, median, highest = (of(values, axis=0) if len(moment) else np.zeros(0)
                               for of in (np.nanmin, np.nanmedian, np.nanmax))
    found = growing(label, median, moment, scale, step=step, **({"epoch": step / every} if every else {}),
                    lowest=lowest, highest=highest, runs=(~np.isnan(values)).sum(axis=0),
                    bottom=scale.place(lowest)[0], top=scale.place(highest)[0])
    said = [f"{exactly(m)} ({exactly(a)} to {exactly(b)})" for m, a, b in zip(median, lowest, highest, strict=True)]
    return found | {"exact": np.where(found["points"], np.array([*said, *said], object), "")}


@drawing
def band(title: str, length: float, scale: Scale, labels: tuple[str, ...], runs: int, unit: str = "step",
         among: tuple[str, ...] = ()):
    """The median of several runs by label, in the band of their range; the title says how many they are.

    length, unit: of the x axis, in `step`s or `epoch`s.
    """
    series = alternatives(labels, among)
    x = step_x(round(length), labels) if unit == "step" else epoch_x(length, labels)
    area = base().transform_filter("datum.segment >= 0").mark_area(opacity=0.22, clip=True).encode(
        x=x, y=y_of("bottom", scale), y2=alt.Y2("top:Q"), color=colour_of(series), detail=[alt.Detail("segment:N")])
    y = y_of("y", scale)
    tooltip = [alt.Tooltip("series:N", title="what"), alt.Tooltip(f"{unit}:Q", title=unit, format=".3~g"),
               alt.Tooltip("exact:N", title="median (range)"), alt.Tooltip("runs:Q", title="runs")]
    chart = alt.layer(area, lines(x, y, series), points(x, y, series, tooltip), *signs(x, y),
                      *last_labels(x, scale, series))
    return titled(chart, f"{title}, {count(runs, 'seed')}: median, range", CURVE_HEIGHT), (
        f"Line chart with bands, {scale.words}: {title.lower()} over {length:.3g} {unit}s, median and range of "
        f"{count(runs, 'seed')}, for {', '.join(labels)}. The data table has the numbers."), LIFE
