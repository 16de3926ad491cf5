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
from core.curves import Point, best, by_epoch, early_stop, epochs
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
    rules = [named.transform_filter(f"datum.row == {row}").mark_rule(color=NEUTRAL, strokeWidth=THIN).encode(
        x=x, y=alt.YValue(_MARK_ROW * row), y2=alt.Y2Value("height"), strokeDash=dash, tooltip=[
            alt.Tooltip("name:N", title="early stopping"), alt.Tooltip("exact:N", title="validation")])
        for row in range(len(_MARKS))]
    starts: dict[Literal["left", "right"], int] = {"left": 4, "right": -4}
    names = [named.transform_filter(f"datum.row == {row} && datum.align == '{align}'").mark_text(
        align=align, dx=dx, fontSize=LABEL).encode(x=x, y=alt.YValue(6 + _MARK_ROW * row), text=alt.Text("name:N"))
        for row in range(len(_MARKS)) for align, dx in starts.items()]
    chart = alt.layer(lines(x, y, series), alt.layer(*rules, *names).resolve_scale(strokeDash="independent"),
                      points(x, y, series, tooltip, round(length)), *last_labels(x, scale, series)
                      ).resolve_scale(strokeDash="independent")
    return titled(chart, TITLES[what], HEIGHT), (
        f"Line chart: {what} over {length:.3g} epochs, of all training and of all validation examples, with the epoch "
        "that early stopping keeps and the one after which it stops. The data table has the numbers.")


def frame(spec: RunSpec, history: Sequence[Snapshot], what: str, scale: Scale, patience: int) -> pd.DataFrame:
    """For `curves`: every recorded step, with its epoch; a point at the nearest one to each epoch's end."""
    read = by_epoch(spec, history)
    ends = {point.state.step for point in read}
    found = frames.by_step(history, scale, FIELDS[what], every=spec.epoch_steps, points=ends)
    found = found.assign(name="", align="", row=-1)
    marked = _marked(read, patience) if what == "loss" else []
    if not marked:
        return found
    # Names stand on the side with more room, and a mark begins at its name: the name that would cross the other mark
    # stands above where that one begins.
    late = max(point.epoch for _, _, point in marked) > epochs(spec) / 2
    rows = [{"series": mark, "epoch": point.epoch, "step": point.state.step, "value": point.state.validation_loss,
             "exact": f"loss {point.state.validation_loss:.7g}", "name": f"{name}, epoch {point.epoch}", "mark": mark,
             "row": row, "align": "right" if late else "left"}
            for row, (mark, name, point) in enumerate(sorted(marked, key=lambda one: one[2].epoch, reverse=late))]
    others = {"segment": -1, "points": False, "label": "", "run": "", "y": scale.low, "label_from": np.nan,
              "label_y": np.nan}
    return pd.concat([found, pd.DataFrame(rows).assign(**others)], ignore_index=True)


def _marked(read: Sequence[Point], patience: int) -> list[tuple[str, str, Point]]:
    """The epochs that early stopping is about, as far as there are any: mark, name and epoch."""
    kept, stop = best(read), early_stop(read, patience)
    last = next((point for point in read if stop and point.epoch == stop.epoch), None)
    marks = (("smallest", "smallest", kept), ("stop", f"stop, patience {patience}", last))
    return [(mark, name, point) for mark, name, point in marks if point is not None]
