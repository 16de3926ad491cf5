"""The charts of the Losses page, each as its frame and its drawing, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import numpy as np
import pandas as pd

from core.charts import functions, layers, steps
from core.charts.drawing import Drawing
from core.charts.scales import Scale, gradient_scale, linear_scale, round_up
from core.custom_loss import CustomLoss
from core.lessons.losses import line_fits, typed_report
from core.lessons.losses.sweeps import SWEEPS, Sweep
from core.losses import LOSSES, default_loss
from core.spec import RunSpec
from core.training import Snapshot

Plots = dict[str, tuple[pd.DataFrame | None, Drawing]]
TABLE = tuple(loss.short for loss in LOSSES.values())  # a loss has one colour, whatever stands beside it
WITH_OWN = tuple(typed_report.LABEL if label == LOSSES["mae"].short else label for label in TABLE)  # MAE is never there
_PLACES = Scale(line_fits.LOW, line_fits.FARTHEST_PLACE, pad=0.0)
_HEIGHTS = Scale(-10.0, 25.0, pad=0.0)
_DISTANCES = Scale(-line_fits.FARTHEST, line_fits.FARTHEST, pad=0.0)
_PULLS = Scale(-4.0, 4.0, pad=0.0)


def curve_plots(sweep: Sweep, names: Sequence[str], x: float, target: float) -> Plots:
    """Value and slope of the losses over what the sweep moves, with a point on each at x."""
    return {"loss": _over(sweep, names, x, target, sweep.value, sweep.loss_range, "Loss L"),
            "slope": _over(sweep, names, x, target, sweep.slope, sweep.slope_range, sweep.slope_title)}


def output_gradient_plots(names: Sequence[str], z: float, label: float) -> Plots:
    """What the losses send into a sigmoid output, dL/dz, over its logit."""
    sweep = SWEEPS["logit"]
    return {"gradient at the output": _over(sweep, names, z, label, sweep.slope, (-1.25, 1.25),
                                            "Gradient at the output, dL/dz", layers.GRADIENT_HEIGHT)}


def _over(sweep: Sweep, names: Sequence[str], x: float, target: float, function: Callable, y: tuple[float, float],
          title: str, height: int = functions.HEIGHT) -> tuple[pd.DataFrame, Drawing]:
    x_scale, y_scale = Scale(sweep.x.low, sweep.x.high, pad=0.0), Scale(*y, pad=0.0)
    made = {LOSSES[name].short: partial(function, name, target=target) for name in names}
    return (functions.curves_frame(made, x_scale, y_scale, x),
            functions.curves(tuple(made), x_scale, y_scale, sweep.x_title, title, TABLE, height=height))


def fit_plots(names: Sequence[str], place: float, distance: float) -> Plots:
    """The points with the line of each loss, and how far each line is moved, for every distance of the outlier."""
    labels = {LOSSES[name].short: name for name in names}
    x, y = line_fits.with_outlier(place, distance)
    found = {label: line_fits.disturbed(name, place, distance).at for label, name in labels.items()}
    pulls = {label: partial(line_fits.pulls, name, place) for label, name in labels.items()}
    return {
        "fits": (functions.fits_frame(x, y, len(x) - 1, found | {"without it": line_fits.undisturbed("mse").at},
                                      _PLACES, _HEIGHTS), functions.fits(tuple(labels), _PLACES, _HEIGHTS, TABLE)),
        "pull": (functions.curves_frame(pulls, _DISTANCES, _PULLS, distance),
                 functions.curves(tuple(labels), _DISTANCES, _PULLS, "the outlier's distance from the true line",
                                  "How far the fit moves at the outlier", TABLE)),
    }


def typed_plots(loss: CustomLoss, spec: RunSpec, x: float, target: float) -> Plots:
    """Value and slope of a formula over one prediction, beside the task's usual loss; axes fit the formula."""
    sweep, usual = typed_report.sweep_of(spec), default_loss("regression" if spec.task == "regression" else "binary")
    along = np.linspace(sweep.x.low, sweep.x.high, typed_report.POINTS)
    x_scale, plots = Scale(sweep.x.low, sweep.x.high, pad=0.0), {}
    for name, own, theirs, title in (("loss", typed_report.value, sweep.value, "Loss L"),
                                     ("slope", typed_report.slope, sweep.slope, sweep.slope_title)):
        made = {LOSSES[usual].short: partial(theirs, usual, target=target),
                typed_report.LABEL: partial(own, loss, target=target)}
        y_scale = _fitting(own(loss, along, target))
        plots[name] = (functions.curves_frame(made, x_scale, y_scale, x),
                       functions.curves(tuple(made), x_scale, y_scale, sweep.x_title, title, WITH_OWN))
    return plots


def _fitting(values: np.ndarray) -> Scale:
    """A linear axis with 0 on it that holds nine tenths of the finite values."""
    finite = values[np.isfinite(values)]
    low, high = np.quantile(finite, [0.05, 0.95]) if len(finite) else (0.0, 1.0)
    low, high = -round_up(-low) if low < -1e-9 else 0.0, round_up(high) if high > 1e-9 else 0.0
    return Scale(float(low), float(high) if high > low else low + 1.0, pad=0.0)


def typed_run_plots(histories: Mapping[str, Sequence[Snapshot]], depth: int, last: int) -> Plots:
    """Loss of the first run by step, and what `race_plots` shows of both."""
    first = next(iter(histories.values()))
    start = first[0].loss if first else 1.0
    low = -round_up(-3 * start) if start < 0 and np.isfinite(start) else 0.0
    scale = linear_scale([2 * start], low=low)  # the first steps often make it worse
    return {"your loss": (steps.loss_frame(first, scale) if first else None, steps.loss(last, scale))} | race_plots(
        histories, depth, last, WITH_OWN)


def race_plots(histories: Mapping[str, Sequence[Snapshot]], depth: int, last: int,
               among: tuple[str, ...] = TABLE) -> Plots:
    """Signal by layer, and accuracy by step, of runs that differ in their loss; no frames before step 0."""
    known = all(histories.values())
    start = [history[0].layers.signal_rms for history in histories.values()] if known else []
    scale, labels = gradient_scale(*start), tuple(histories)
    return {"signal": (layers.several_frame(histories, scale) if known else None,
                       layers.several(depth, scale, labels, among=among)),
            "accuracy": (steps.accuracies_frame(histories) if known else None, steps.accuracies(last, labels, among))}
