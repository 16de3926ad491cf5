"""How often runs reach their goal: a share with its interval for each kind of run."""

from __future__ import annotations

from collections.abc import Mapping

import altair as alt
import pandas as pd

from core.charts.drawing import FRAME, base, drawing, titled
from core.charts.functions import ROW_HEIGHT
from core.charts.theme import BLUE, POINT
from core.survey import Share


def survey_frame(shares: Mapping[str, Share]) -> pd.DataFrame:
    """For `survey`: a row a kind of run, value the share solved, bottom and top its interval."""
    return pd.DataFrame([{
        "name": label, "solved": one.solved, "runs": one.runs, "value": one.solved / one.runs if one.runs else 0.0,
        "lowest": one.low, "highest": one.high, "label": f"{one.solved} of {one.runs}" if one.runs else "not counted",
    } for label, one in shares.items()])


@drawing
def survey(labels: tuple[str, ...], title: str):
    """A row for each kind of run: the share solved (point), its 95 % interval (bar), and the count."""
    x = alt.X("value:Q", scale=alt.Scale(domain=[-0.03, 1.42], nice=False), axis=alt.Axis(
        title="share of the seeds", values=[0, 0.25, 0.5, 0.75, 1], format=".0%", labelOverlap="greedy"))
    y = alt.Y("name:N", sort=None, scale=alt.Scale(domain=list(labels)), axis=alt.Axis(
        title=None, labelLimit=170, grid=True))
    tooltip = [alt.Tooltip("name:N", title="network"), alt.Tooltip("label:N", title="solved"),
               alt.Tooltip("lowest:Q", title="interval from", format=".1%"),
               alt.Tooltip("highest:Q", title="to", format=".1%")]
    counted = base().transform_filter("datum.runs > 0")
    chart = alt.layer(
        counted.mark_rule(strokeWidth=6, opacity=0.4, color=BLUE).encode(
            x=x.copy(), x2=alt.X2("highest:Q"), y=y, tooltip=tooltip).transform_calculate(value="datum.lowest"),
        counted.mark_point(filled=True, size=2 * POINT, color=BLUE, opacity=1).encode(x=x, y=y, tooltip=tooltip),
        base().mark_text(align="left").encode(x=alt.datum(1.05), y=y, text=alt.Text("label:N")))
    return titled(chart, title, FRAME + ROW_HEIGHT * len(labels)), (
        f"Dot chart: {title}, for {', '.join(labels)}, each with its 95 % interval. The data table has the numbers.")
