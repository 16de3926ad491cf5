"""Training curves of one run, epoch by epoch, with the epoch that early stopping keeps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import altair as alt
import numpy as np
import pandas as pd

from core.charts.drawing import Drawing, base, drawing, epoch_x, last_labels, lines, points, signs, titled, y_of
from core.charts.moving import FOREVER, LIFE
from core.charts.scales import Scale, linear_scale
from core.charts.steps import ACCURACY, by_step
from core.charts.theme import NEUTRAL, ROW, SERIES, THIN
from core.lessons.curves.report import EpochEnd, best, by_epoch, early_stop
from core.spec import RunSpec
from core.training import Snapshot

Plots = dict[str, tuple[pd.DataFrame | None, Drawing]]
FIELDS = {"loss": {"training": "training_loss", "validation": "validation_loss"},
          "accuracy": {"training": "accuracy", "validation": "validation_accuracy"}}
TITLES = {"loss": "Loss", "accuracy": "Accuracy, share of examples"}
_MARKS = {"smallest": (1, 0), "stop": (4, 3)}  # dashes
HEIGHT = 330
LATE, NEAR = 0.8, 0.4  # of the axis: there is no room after a mark; names reach from one mark to the other
_Mark = tuple[str, EpochEnd]  # one of _MARKS, and the epoch it stands at


def plots(spec: RunSpec, history: Sequence[Snapshot], patience: int) -> Plots:
    """Loss and, where there are classes, accuracy, of all training and of all validation examples."""
    scale = loss_scale(history[:1])
    scales = {"loss": scale} if spec.task == "regression" else {"loss": scale, "accuracy": ACCURACY}
    return {what: (curves_frame(spec, history, what, scale, patience) if history else None,
                   curves(what, spec.epochs, scale)) for what, scale in scales.items()}


def loss_scale(start: Sequence[Snapshot]) -> Scale:
    """The axis of the loss, by what it is at step 0."""
    return linear_scale(*[(state.training_loss, state.validation_loss) for state in start])


def curves_frame(spec: RunSpec, history: Sequence[Snapshot], what: str, scale: Scale, patience: int) -> pd.DataFrame:
    """For `curves`: every recorded step, with its epoch; a point at the nearest one to each epoch's end."""
    ends = {point.state.step for point in by_epoch(spec, history)}
    found = by_step(history, scale, FIELDS[what], every=spec.epoch_steps, points=ends)
    found = found.assign(name="", align="", row=-1)
    rows = _mark_rows(spec, history, patience) if what == "loss" else []
    others = {"segment": -1, "points": False, "label": "", "run": "", "says": "", "y": scale.low, "label_from": np.nan,
              "label_y": np.nan}
    return pd.concat([found, pd.DataFrame(rows).assign(**others)], ignore_index=True) if rows else found


@drawing
def curves(what: str, length: float, scale: Scale):
    """Loss or accuracy in training and validation over so many epochs, with the epochs that early stopping is about."""
    series = [SERIES["training"], SERIES["validation"]]
    x, y = epoch_x(length, [one.label for one in series]), y_of("y", scale)
    tooltip = [alt.Tooltip("epoch:Q", title="epoch", format=".3~g"), alt.Tooltip("step:Q", title="step"),
               alt.Tooltip("series:N", title="what"), alt.Tooltip("exact:N", title="value")]
    named = base().transform_filter("datum.name != ''")
    dash = alt.StrokeDash("series:N", legend=None, scale=alt.Scale(domain=list(_MARKS), range=list(_MARKS.values())))
    rules = [named.transform_filter(f"datum.row == {row}").mark_rule(color=NEUTRAL, strokeWidth=THIN).encode(
        x=x, y=alt.YValue(ROW * row), y2=alt.Y2Value("height"), strokeDash=dash, tooltip=[
            alt.Tooltip("name:N", title="early stopping"), alt.Tooltip("exact:N", title="validation")])
        for row in range(len(_MARKS))]
    starts: dict[Literal["left", "right"], int] = {"left": 4, "right": -4}
    names = [named.transform_filter(f"datum.row == {row} && datum.align == '{align}'").mark_text(
        align=align, dx=dx).encode(x=x, y=alt.YValue(ROW * (row + 0.4)), text=alt.Text("name:N"))
        for row in range(len(_MARKS)) for align, dx in starts.items()]
    chart = alt.layer(lines(x, y, series), alt.layer(*rules, *names).resolve_scale(strokeDash="independent"),
                      points(x, y, series, tooltip, round(length)), *signs(x, y), *last_labels(x, scale, series)
                      ).resolve_scale(strokeDash="independent")
    return titled(chart, TITLES[what], HEIGHT), (
        f"Line chart, {scale.words}: {what} over {length:.3g} epochs, of all training and of all validation examples"
        + (", with the epoch that early stopping keeps and the one after which it stops" if what == "loss" else "")
        + ". The data table has the numbers."), LIFE


def _mark_rows(spec: RunSpec, history: Sequence[Snapshot], patience: int) -> list[dict[str, object]]:
    """The marks of early stopping, each from the moment it is made to the one at which one of them changes."""
    changes = _marked_over_time(spec, history, patience)
    ends = [*[moment for moment, _ in changes], FOREVER][1:]
    return [row | {"since": since, "until": until} for (since, marked), until in zip(changes, ends, strict=True)
            for row in _named(marked, spec.epochs)]


def _marked_over_time(spec: RunSpec, history: Sequence[Snapshot], patience: int) -> list[tuple[int, list[_Mark]]]:
    """What is marked, whenever that changes, with the moment at which it does."""
    read: list[EpochEnd] = []
    changes: list[tuple[int, list[_Mark]]] = []
    for moment, state in enumerate(history):
        if by_epoch(spec, [state]):  # it is near the end of an epoch
            read = by_epoch(spec, [*(point.state for point in read), state])
            marked = _marked(read, patience)
            if _steps(marked) != _steps(changes[-1][1] if changes else []):
                changes.append((moment, marked))
    return changes


def _steps(marked: Sequence[_Mark]) -> list[tuple[str, int]]:
    return [(mark, point.state.step) for mark, point in marked]


def _marked(read: Sequence[EpochEnd], patience: int) -> list[_Mark]:
    """The epochs that early stopping is about, as far as there are any."""
    kept, stop = best(read), early_stop(read, patience)
    last = next((point for point in read if stop and point.epoch == stop.epoch), None)
    return [(mark, point) for mark, point in (("smallest", kept), ("stop", last)) if point is not None]


def _named(marked: Sequence[_Mark], length: float) -> list[dict[str, object]]:
    """A row a mark. Its name stands after it, near the end of the axis before it, and the other's too where that is
    near. A mark begins at its name: the name that would cross the other mark stands above where that one begins.
    """
    last = max(point.epoch for _, point in marked)
    late = last > LATE * length
    before = [late and last - point.epoch < NEAR * length for _, point in marked]
    order = sorted(range(len(marked)), key=lambda i: marked[i][1].epoch, reverse=all(before))
    rows = []
    for row, (mark, point, align) in enumerate((*marked[i], "right" if before[i] else "left") for i in order):
        loss = point.state.validation_loss
        rows.append({"series": mark, "epoch": point.epoch, "step": point.state.step, "value": loss,
                     "exact": f"loss {loss:.7g}", "name": f"{mark}, epoch {point.epoch}", "mark": mark, "row": row,
                     "align": align})
    return rows
