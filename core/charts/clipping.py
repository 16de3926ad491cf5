"""The norm of the gradient before and after clipping, step by step."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import numpy as np
import pandas as pd

from core.charts.drawing import drawing, last_labels, lines, points, signs, step_x, titled, y_of
from core.charts.frames import Rows, growing, grown, line
from core.charts.moving import FOREVER, LIFE
from core.charts.scales import Scale
from core.charts.steps import CURVE_HEIGHT
from core.charts.theme import NEUTRAL, THIN, Series, alternatives
from core.clipping import Clipped, history
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


def of_run(snapshots: Sequence[Snapshot], spec: RunSpec, scale: Scale) -> pd.DataFrame | None:
    """For `clipping`, of a run with clipping."""
    return clipping_frame(history(spec, snapshots), spec.clip_threshold, spec.steps, scale)
