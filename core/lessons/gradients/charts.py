"""What Gradients alone draws: the norm of the gradient before and after clipping, and how often XOR is solved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import altair as alt
import numpy as np
import pandas as pd

from core.charts.drawing import FRAME, base, drawing, last_labels, lines, points, signs, step_x, titled, y_of
from core.charts.functions import ROW_HEIGHT
from core.charts.moving import FOREVER, LIFE
from core.charts.rows import Rows, growing, grown, line
from core.charts.scales import Scale
from core.charts.steps import CURVE_HEIGHT
from core.charts.theme import BLUE, NEUTRAL, POINT, THIN, Series, alternatives
from core.lessons.gradients.clipping import Clipped, history
from core.lessons.gradients.xor_seeds import Share
from core.spec import RunSpec
from core.training import Snapshot

_BEFORE, _AFTER = alternatives(("before clipping", "after"))
_SERIES = (_BEFORE, _AFTER, Series("limit", NEUTRAL, dash=(6, 4), width=THIN))


def clipping_frame(found: Sequence[Clipped], limit: float, steps: int, scale: Scale) -> pd.DataFrame | None:
    """For `clipping`: from step 0 on, a moment each; None where nothing is clipped or nothing is known yet."""
    if not found:
        return None
    ends = np.array([0, steps])
    level = line("limit", np.full(2, limit), scale, labelled=-1, points=False, step=ends) | {
        "since": np.zeros(2, int), "until": np.full(2, FOREVER)}
    before = [(moment, one.step, one.before) for moment, one in enumerate(found)]
    after = [(moment, one.step, one.after) for moment, one in enumerate(found) if one.after is not None]
    return grown([level, _line(_BEFORE.label, before, scale), _line(_AFTER.label, after, scale)], scale, CURVE_HEIGHT)


def clipping_frame_of(snapshots: Sequence[Snapshot], spec: RunSpec, scale: Scale) -> pd.DataFrame | None:
    """For `clipping`, of the snapshots of a run with clipping."""
    return clipping_frame(history(spec, snapshots), spec.clip_threshold, spec.steps, scale)


def _line(name: str, found: Sequence[tuple[int, int, float]], scale: Scale) -> Rows:
    """From moment, step and norm; broken where moments are missing between."""
    moment, step, norm = np.array(found, np.float64).reshape(-1, 3).T
    rows = growing(name, norm, moment.astype(int), scale, step=step.astype(int))
    missing = np.append(np.cumsum(np.diff(moment, prepend=moment[:1] - 1) > 1), np.zeros(len(moment), int))
    return rows | {"segment": np.where(rows["segment"] < 0, -1, rows["segment"] + missing)}


@drawing
def clipping(steps: int, scale: Scale, what: str):
    """The norm before and after clipping, and the limit (dashed)."""
    x, y = step_x(steps, [one.label for one in _SERIES]), y_of("y", scale)
    tooltip = [alt.Tooltip("step:Q", title="step"), alt.Tooltip("series:N", title="what"),
               alt.Tooltip("exact:N", title="norm")]
    chart = alt.layer(lines(x, y, _SERIES), points(x, y, _SERIES, tooltip), *signs(x, y),
                      *last_labels(x, scale, _SERIES))
    return titled(chart, f"Norm {what}, logarithmic axis", CURVE_HEIGHT), (
        f"Line chart, {scale.words}: norm {what} before and after clipping over {steps} steps, and the limit. "
        "The data table has the numbers."), LIFE


# --- how often runs reach their goal: a share with its interval for each kind of run ---------------------------------


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
        f"Dot chart, share of the seeds from 0 to 100 %: {title}, for {', '.join(labels)}, each with its 95 % "
        "interval. The data table has the numbers.")
