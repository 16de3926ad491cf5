"""Charts with the steps of training from left to right."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from core.charts.drawing import drawing, last_labels, lines, points, signs, step_x, titled, y_of
from core.charts.moving import LIFE
from core.charts.rows import Rows, growing, grown
from core.charts.scales import Scale
from core.charts.theme import SERIES, Series, alternatives
from core.training import Snapshot

History = Sequence[Snapshot]

CURVE_HEIGHT = 260
_SERIES = [SERIES["training"], SERIES["validation"]]
ACCURACY = Scale(0.0, 1.0, pad=0.0)


def loss_frame(history: History, scale: Scale) -> pd.DataFrame:
    """For `loss`: loss of the training batch and, where there is one, of the validation part."""
    return by_step(history, scale, {"training": "loss", "validation": "validation_loss"})


@drawing
def loss(steps: int, scale: Scale):
    """Loss of the training batch and of the validation part, step by step."""
    return _curves(steps, scale, "Loss", _SERIES), (
        f"Line chart, {scale.words}: loss over {steps} steps on the training batch and, where examples are held "
        "back, on the validation part. The data table has the numbers."), LIFE


def accuracy_frame(history: History) -> pd.DataFrame:
    """For `accuracy`: shares from 0 to 1; no rows for a regression."""
    return by_step(history, ACCURACY, {"training": "accuracy", "validation": "validation_accuracy"})


@drawing
def accuracy(steps: int):
    """Share of the training and of the validation part that is classified correctly, step by step."""
    return _curves(steps, ACCURACY, "Accuracy, share of examples", _SERIES), (
        f"Line chart, {ACCURACY.words}: accuracy, the share of examples that are right, over {steps} steps on the "
        "training and, where examples are held back, on the validation part. The data table has the numbers."), LIFE


def losses_frame(histories: Mapping[str, History], scale: Scale) -> pd.DataFrame:
    """For `losses`: loss of the training batch of several runs, by label."""
    return grown([_over_steps(history, scale, label, "loss") for label, history in histories.items()], scale,
                 CURVE_HEIGHT)


@drawing
def losses(steps: int, scale: Scale, labels: tuple[str, ...], among: tuple[str, ...] = ()):
    """Loss of several runs on the training batch, step by step."""
    return _curves(steps, scale, "Loss", alternatives(labels, among)), (
        f"Line chart, {scale.words}: loss over {steps} steps on the training batch, for {', '.join(labels)}. "
        "The data table has the numbers."), LIFE


def accuracies_frame(histories: Mapping[str, History]) -> pd.DataFrame:
    """For `accuracies`: share of the training part classified correctly, of several runs, by label."""
    return grown([_over_steps(history, ACCURACY, label, "accuracy") for label, history in histories.items()],
                 ACCURACY, CURVE_HEIGHT)


@drawing
def accuracies(steps: int, labels: tuple[str, ...], among: tuple[str, ...] = ()):
    """Share of the training part that several runs classify correctly, step by step; colours as in `losses`."""
    return _curves(steps, ACCURACY, "Accuracy, share of training examples", alternatives(labels, among)), (
        f"Line chart, {ACCURACY.words}: accuracy, the share of training examples that are right, over {steps} steps, "
        f"for {', '.join(labels)}. The data table has the numbers."), LIFE


# --- what they share --------------------------------------------------------------------------------------------------


def by_step(history: History, scale: Scale, fields: Mapping[str, str], every: int | None = None,
            points: Container[int] = ()) -> pd.DataFrame:
    """A line a field of the snapshots, by series; points also at these steps; with `every` steps an epoch, epochs."""
    return grown([_over_steps(history, scale, series, field, every, points) for series, field in fields.items()],
                 scale, CURVE_HEIGHT)


def _over_steps(history: History, scale: Scale, series: str, field: str, every: int | None = None,
                points: Container[int] = ()) -> Rows:
    known = [(moment, snapshot.step, value) for moment, snapshot in enumerate(history)
             if (value := getattr(snapshot, field)) is not None]
    moment, step, values = np.array(known, np.float64).reshape(-1, 3).T
    columns = {"step": step.astype(int)} | ({"epoch": step / every} if every else {})
    return growing(series, values, moment.astype(int), scale, points=np.array([one in points for one in step], bool),
                   **columns)


def _curves(steps: int, scale: Scale, title: str, series: Sequence[Series]) -> Any:
    x, y = step_x(steps, [one.label for one in series]), y_of("y", scale)
    tooltip = [alt.Tooltip("step:Q", title="step"), alt.Tooltip("series:N", title="what"),
               alt.Tooltip("exact:N", title="value")]
    return titled(alt.layer(lines(x, y, series), points(x, y, series, tooltip), *signs(x, y),
                            *last_labels(x, scale, series)),
                  title, CURVE_HEIGHT)
