"""Charts with the steps of training from left to right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt

from core.charts.drawing import drawing, last_labels, lines, points, signs, step_x, titled, y_of
from core.charts.moving import LIFE
from core.charts.scales import Scale
from core.charts.theme import SERIES, Series, alternatives

CURVE_HEIGHT = 260
_SERIES = [SERIES["training"], SERIES["validation"]]
ACCURACY = Scale(0.0, 1.0, pad=0.0)


@drawing
def loss(steps: int, scale: Scale):
    """Loss of the training batch and of the validation part, step by step."""
    return _curves(steps, scale, "Loss", _SERIES), (
        f"Line chart, {scale.words}: loss over {steps} steps on the training batch and on the validation part. "
        "The data table has the numbers."), LIFE


@drawing
def accuracy(steps: int):
    """Share of the training and of the validation part that is classified correctly, step by step."""
    return _curves(steps, ACCURACY, "Accuracy, share of examples", _SERIES), (
        f"Line chart, {ACCURACY.words}: accuracy, the share of examples that are right, over {steps} steps on the "
        "training and on the validation part. The data table has the numbers."), LIFE


@drawing
def losses(steps: int, scale: Scale, labels: tuple[str, ...], among: tuple[str, ...] = ()):
    """Loss of several runs on the training batch, step by step."""
    return _curves(steps, scale, "Loss", alternatives(labels, among)), (
        f"Line chart, {scale.words}: loss over {steps} steps on the training batch, for {', '.join(labels)}. "
        "The data table has the numbers."), LIFE


@drawing
def accuracies(steps: int, labels: tuple[str, ...], among: tuple[str, ...] = ()):
    """Share of the training part that several runs classify correctly, step by step; colours as in `losses`."""
    return _curves(steps, ACCURACY, "Accuracy, share of training examples", alternatives(labels, among)), (
        f"Line chart, {ACCURACY.words}: accuracy, the share of training examples that are right, over {steps} steps, "
        f"for {', '.join(labels)}. The data table has the numbers."), LIFE


def _curves(steps: int, scale: Scale, title: str, series: Sequence[Series]) -> Any:
    x, y = step_x(steps, [one.label for one in series]), y_of("y", scale)
    tooltip = [alt.Tooltip("step:Q", title="step"), alt.Tooltip("series:N", title="what"),
               alt.Tooltip("exact:N", title="value")]
    return titled(alt.layer(lines(x, y, series), points(x, y, series, tooltip), *signs(x, y),
                            *last_labels(x, scale, series)),
                  title, CURVE_HEIGHT)
