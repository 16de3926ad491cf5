"""Training curves of one run, epoch by epoch, with the epoch that early stopping keeps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import altair as alt
import numpy as np
import pandas as pd

from core.charts import frames
from core.charts.drawing import Drawing, base, drawing, epoch_x, last_labels, lines, points, titled, y_of
from core.charts.scales import Scale, linear_scale
from core.charts.steps import ACCURACY
from core.charts.theme import LABEL, NEUTRAL, SERIES, THIN
from core.curves import best, by_epoch, early_stop, epoch_steps, epochs
from core.spec import RunSpec
from core.training import Snapshot

Plots = dict[str, tuple[pd.DataFrame | None, Drawing]]
FIELDS = {"loss": {"training": "training_loss", "validation": "validation_loss"},
          "accuracy": {"training": "accuracy", "validation": "validation_accuracy"}}
TITLES = {"loss": "Loss", "accuracy": "Accuracy, share of examples"}
_MARKS = {"smallest": (1, 0), "stop": (4, 3)}  # dashes
HEIGHT = 330
_MARK_ROW = 16  # px from one mark's name to the next


def plots(spec: RunSpec, history: Sequence[Snapshot], patience: int) -> Plots:
    """Loss and, where there are classes, accuracy, of all training and of all validation examples."""
    scale = loss_scale(history[:1])
    scales = {"loss": scale} if spec.task == "regression" else {"loss": scale, "accuracy": ACCURACY}
    return {what: (frame(spec, history, what, scale, patience) if history else None,
                   curves(what, epochs(spec), scale)) for what, scale in scales.items()}


def loss_scale(start: Sequence[Snapshot]) -> Scale:
    """The axis of the loss, by what it is at step 0."""
    return linear_scale(*[(state.training_loss, state.validation_loss) for state in start])


@drawing
def curves(what: str, length: float, scale: Scale):
    """Loss or accuracy in training and validation over so many epochs, with the epochs that early stopping is about."""
    series = [SERIES["training"], SERIES["validation"]]
    x, y = epoch_x(length), y_of("y", scale)
    tooltip = [alt.Tooltip("epoch:Q", title="epoch", format=".3~g"), alt.Tooltip("step:Q", title="step"),
               alt.Tooltip("series:N", title="what"), alt.Tooltip("exact:N", title="value")]
    named = base().transform_filter("datum.name != ''")
    dash = alt.StrokeDash("series:N", legend=None, scale=alt.Scale(domain=list(_MARKS), range=list(_MARKS.values())))
    rules = named.mark_rule(color=NEUTRAL, strokeWidth=THIN).encode(x=x, strokeDash=dash, tooltip=[
        alt.Tooltip("name:N", title="early stopping"), alt.Tooltip("exact:N", title="validation")])
    sides: dict[Literal["left", "right"], tuple[str, int]] = {
        "left": (f"datum.epoch <= {length / 2}", 4), "right": (f"datum.epoch > {length / 2}", -4)}
    names = [named.transform_filter(f"datum.series == '{mark}' && {side}").mark_text(align=align, dx=dx, fontSize=LABEL)
             .encode(x=x, y=alt.YValue(6 + _MARK_ROW * row), text=alt.Text("name:N"))
             for row, mark in enumerate(_MARKS) for align, (side, dx) in sides.items()]
    chart = alt.layer(lines(x, y, series), alt.layer(rules, *names).resolve_scale(strokeDash="independent"),
                      points(x, y, series, tooltip, round(length)), *last_labels(x, scale, series)
                      ).resolve_scale(strokeDash="independent")
    return titled(chart, TITLES[what], HEIGHT), (
        f"Line chart: {what} over {length:.3g} epochs, of all training and of all validation examples, with the epoch "
        "that early stopping keeps and the one after which it stops. The data table has the numbers.")


def frame(spec: RunSpec, history: Sequence[Snapshot], what: str, scale: Scale, patience: int) -> pd.DataFrame:
    """For `curves`: every recorded step, with its epoch; a point at the nearest one to each epoch's end."""
    read = by_epoch(spec, history)
    ends = {point.state.step for point in read}
    found = frames.by_step(history, scale, FIELDS[what], every=epoch_steps(spec), points=ends)
    stop, kept = early_stop(read, patience), best(read)
    marks = {"smallest": (kept, "smallest"), "stop": (next((p for p in read if stop and p.epoch == stop.epoch), None),
                                                      f"stop, patience {patience}")}
    rows = [{"series": mark, "epoch": point.epoch, "step": point.state.step, "value": point.state.validation_loss,
             "exact": f"loss {point.state.validation_loss:.7g}", "name": f"{name}, epoch {point.epoch}",
             "segment": -1, "points": False, "label": "", "run": "", "mark": mark}
            for mark, (point, name) in marks.items() if point is not None]
    if not rows or what != "loss":
        return found.assign(name="")
    return pd.concat([found.assign(name=""), pd.DataFrame(rows).assign(y=scale.low, label_from=np.nan, label_y=np.nan)],
                     ignore_index=True)
