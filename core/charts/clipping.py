"""The norm of the gradient before and after clipping, step by step."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import numpy as np
import pandas as pd

from core.charts.drawing import drawing, last_labels, lines, points, step_x, titled, y_of
from core.charts.frames import line, placed
from core.charts.scales import Scale
from core.charts.steps import CURVE_HEIGHT
from core.charts.theme import NEUTRAL, THIN, Series, alternatives
from core.clipping import Clipped

_BEFORE, _AFTER = alternatives(("before clipping", "after"))
_SERIES = (_BEFORE, _AFTER, Series("limit", NEUTRAL, dash=(6, 4), width=THIN))


def clipping_frame(found: Sequence[Clipped], limit: float, steps: int, scale: Scale) -> pd.DataFrame | None:
    """For `clipping`; None where nothing is clipped or nothing is known yet."""
    if not found:
        return None
    after = [one for one in found if one.after is not None]
    return placed([_line("limit", [0, steps], [limit, limit], scale),
                   _line(_BEFORE.label, [one.step for one in found], [one.before for one in found], scale),
                   _line(_AFTER.label, [one.step for one in after], [one.after or 0.0 for one in after], scale)],
                  scale, CURVE_HEIGHT)


def _line(name: str, steps: Sequence[int], values: Sequence[float], scale: Scale) -> dict[str, np.ndarray]:
    step = np.array(steps, int)
    last = step == (steps[-1] if steps else -1)
    return line(name, np.array(values, np.float64), scale, labelled=-1, points=last & (name != "limit"), step=step)


@drawing
def clipping(steps: int, scale: Scale, what: str):
    """The norm before and after clipping, and the limit (dashed)."""
    x, y = step_x(steps, 1.6), y_of("y", scale)
    tooltip = [alt.Tooltip("step:Q", title="step"), alt.Tooltip("series:N", title="what"),
               alt.Tooltip("exact:N", title="norm")]
    chart = alt.layer(lines(x, y, _SERIES), points(x, y, _SERIES, tooltip), *last_labels(x, scale, _SERIES))
    return titled(chart, f"Norm {what}, logarithmic axis", CURVE_HEIGHT), (
        f"Line chart, {scale.words}: norm {what} before and after clipping over {steps} steps, and the limit. "
        "The data table has the numbers.")
