"""Charts of the page on activations: from what is chosen to frame and drawing of each, by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import altair as alt
import numpy as np
import pandas as pd

from core.activations import ACTIVATIONS
from core.charts.drawing import AXIS_COLUMN, FRAME, Drawing, base, drawing, titled, with_room
from core.charts.functions import ROW_HEIGHT, curves, curves_frame, factors, factors_frame
from core.charts.heat_map import HEAT_ROWS
from core.charts.layers import several, several_frame
from core.charts.moving import FOREVER, LIFE
from core.charts.scales import Scale, gradient_scale, linear_scale, round_up
from core.charts.steps import losses, losses_frame
from core.charts.theme import DEPTH
from core.lessons.activations.linear_stack import REACH, Stack, along
from core.lessons.activations.slopes import SHOWN, factor_per_layer
from core.spec import HIDDEN_ACTIVATIONS, RunSpec
from core.theory import predict
from core.training import Snapshot

Plots = dict[str, tuple[pd.DataFrame | None, Drawing]]
Histories = Mapping[str, Sequence[Snapshot]]

LABELS = {name: ACTIVATIONS[name].label for name in HIDDEN_ACTIVATIONS}
ALL = tuple(LABELS[name] for name in dict.fromkeys([*SHOWN, *LABELS]))  # a name keeps its colour whatever is chosen
Z = Scale(-5.0, 5.0, pad=0.0)
VALUE = Scale(-2.0, 3.0, pad=0.0)
LEAST_SLOPE, USUAL_SLOPE = -0.2, 1.2  # the lowest is that of Mish, −0.11; most have none above 1.13
SHARE = Scale(0.0, 1.0, pad=0.0)
LEGEND = 46  # px of a legend above a plot
LOGIT = Scale(-6.0, 6.0, pad=0.0)


def curve_plots(names: Sequence[str], alphas: Mapping[str, float], z: float) -> Plots:
    """Each activation and its slope from −5 to 5, with a point at z."""
    labels = tuple(LABELS[name] for name in names)
    steepest = max(ACTIVATIONS[name].largest_slope(alphas.get(name)) for name in names)
    slope = Scale(LEAST_SLOPE, max(USUAL_SLOPE, round_up(steepest)), pad=0.0)
    values = {LABELS[name]: lambda x, name=name: ACTIVATIONS[name].fn(x, alphas.get(name)) for name in names}
    slopes = {LABELS[name]: lambda x, name=name: ACTIVATIONS[name].derivative(x, alphas.get(name)) for name in names}
    return {
        "activation": (curves_frame(values, Z, VALUE, z), curves(labels, Z, VALUE, "z", "Activation f(z)", ALL)),
        "slope": (curves_frame(slopes, Z, slope, z), curves(labels, Z, slope, "z", "Slope f′(z)", ALL)),
    }


def signal_plots(specs: Mapping[str, RunSpec], histories: Histories) -> Plots:
    """Signal by layer of runs that differ in their activation, each with its theory (dashed), set by its step 0."""
    starts = {label: history[0].layers.signal_rms for label, history in histories.items() if history}
    scale = gradient_scale(*starts.values())
    theory = {label: prediction * start[-2] for label, start in starts.items()
              if (prediction := predict(specs[label]).signal) is not None and 0 < start[-2] < np.inf}
    depth = next(iter(specs.values())).depth
    frame = several_frame(histories, scale, theory=theory) if len(starts) == len(specs) else None
    return {"signal": (frame, several(depth, scale, tuple(specs), among=ALL, theory=True))}


def deep_plots(specs: Mapping[str, RunSpec], histories: Histories) -> Plots:
    """Factor of one layer, measured at every moment, beside theory, and the loss of each run."""
    measured = {label: [factor_per_layer(snapshot.layers.signal_rms[:-1]) for snapshot in history]
                for label, history in histories.items() if history}
    theory = {label: None if (signal := predict(specs[label]).signal) is None else factor_per_layer(signal)
              for label in measured}
    return {"factor of a layer": (factors_frame(measured, theory) if measured else None, factors(tuple(specs)))
            } | loss_plots(specs, histories, ALL)


def loss_plots(specs: Mapping[str, RunSpec], histories: Histories, among: tuple[str, ...] = ()) -> Plots:
    """Loss of each run, step by step; the axis is set by step 0."""
    scale = linear_scale([history[0].loss for history in histories.values() if history])
    frame = losses_frame(histories, scale) if all(histories.values()) else None
    return {"loss": (frame, losses(next(iter(specs.values())).steps, scale, tuple(specs), among))}


def seed_plots(specs: Mapping[str, RunSpec], histories: Histories) -> Plots:
    """Share of the training examples that each run has right, step by step; for a regression, its loss."""
    spec = next(iter(specs.values()))
    if spec.task == "regression":
        return loss_plots(specs, histories)
    frame = right_frame(histories, spec.steps) if all(histories.values()) else None
    return {"examples right": (frame, right(spec.steps, tuple(specs)))}


def right_frame(histories: Histories, steps: int) -> pd.DataFrame:
    """For `right`: at most HEAT_ROWS stretches of steps, each with the last share (0 to 1) recorded in it.

    `recorded` is the step that was measured, step and end a stretch's two ends; the last one has its share as a label.
    """
    width = max(1, -(-(steps + 1) // HEAT_ROWS))  # steps in one stretch
    return pd.concat([_right_rows(label, history, width, steps) for label, history in histories.items()],
                     ignore_index=True)


@drawing
def right(steps: int, labels: tuple[str, ...]):
    """A row for each run, coloured by the share of training examples that are right, from step 0 on the left."""
    share = alt.Color("value:Q", scale=alt.Scale(domain=[0, 1], range=DEPTH), legend=alt.Legend(
        title=None, orient="top", direction="horizontal", gradientLength=210, gradientThickness=12,
        values=[0, 0.25, 0.5, 0.75, 1], format=".0%"))
    x, end = (alt.X(f"{field}:Q", scale=alt.Scale(domain=[0, steps], range=with_room(["100%"], 16), nice=False),
                    axis=alt.Axis(title="step", values=list(Scale(0.0, float(steps), pad=0.0).ticks), grid=False))
              for field in ("step", "end"))
    y = alt.Y("series:N", sort=None, scale=alt.Scale(domain=list(labels), padding=0.2),
              axis=alt.Axis(title=None, grid=False, minExtent=AXIS_COLUMN))
    tooltip = [alt.Tooltip("series:N", title="run"), alt.Tooltip("recorded:Q", title="step"),
               alt.Tooltip("value:Q", title="right", format=".0%")]
    # Cells but the last of a row reach a little under the next one, which is drawn later: no seams between them.
    under = base().transform_calculate(right="datum.label ? datum.end : 1.3 * datum.end - 0.3 * datum.step")
    cells = under.mark_rect().encode(x=x, x2=alt.X2("right:Q"), y=y, color=share, tooltip=tooltip)
    now = base().transform_filter("datum.label != ''").mark_text(align="left", dx=8).encode(
        x=end, y=y, text=alt.Text("label:N"))
    return titled(alt.layer(cells, now), "Training examples that are right",
                  FRAME + LEGEND + ROW_HEIGHT * len(labels)), (
        f"A row for each of {len(labels)} runs, {', '.join(labels)}: share of the training examples that are right, as "
        f"a colour from 0 to 100 %, at every step from 0 to {steps}. The data table has the numbers."), LIFE


def _right_rows(label: str, history: Sequence[Snapshot], width: int, steps: int) -> pd.DataFrame:
    """A labelled row for each moment, and from then on one without a label for the last state of each stretch."""
    moment, recorded = np.arange(len(history)), np.array([snapshot.step for snapshot in history])
    value = np.array([snapshot.accuracy for snapshot in history], np.float64)
    stretch = recorded // width
    now = pd.DataFrame({"series": label, "step": stretch * width, "end": np.minimum((stretch + 1) * width, steps),
                        "recorded": recorded, "value": value, "label": [f"{share:.0%}" for share in value],
                        "since": moment, "until": np.append(moment[1:], FOREVER)})
    left = np.append(stretch[1:] != stretch[:-1], False)
    return pd.concat([now, now[left].assign(label="", since=now["until"], until=FOREVER)])


def softmax_plots(logits: Sequence[float]) -> Plots:
    """Each probability while the first logit moves from −6 to 6 and the others stay."""
    labels = tuple(f"p{'₁₂₃₄₅₆₇₈₉'[i]}" for i in range(len(logits)))

    def probability(i: int):
        def of_first(x: np.ndarray) -> np.ndarray:
            rest = np.broadcast_to(logits[1:], (len(x), len(logits) - 1))
            return ACTIVATIONS["softmax"].fn(np.column_stack([x, rest]))[:, i]
        return of_first

    functions = {label: probability(i) for i, label in enumerate(labels)}
    return {"probability": (curves_frame(functions, LOGIT, SHARE, logits[0]),
                            curves(labels, LOGIT, SHARE, "z₁, with z₂ and z₃ as they are", "Probability"))}


def stack_plots(stacks: Mapping[str, Stack], one: Stack) -> Plots:
    """First output of each stack along a straight line of inputs, and that of the one layer that `one` is (dashed)."""
    functions = {label: lambda t, stack=stack: stack(along(t))[:, 0] for label, stack in (
        {**stacks, "one matrix": one}).items()}
    t = np.linspace(-REACH, REACH, 61)
    reach = round_up(max(float(np.abs(function(t)).max()) for function in functions.values()))
    x, y = Scale(-REACH, REACH, pad=0.0), Scale(-reach, reach, pad=0.0)
    return {"output": (curves_frame(functions, x, y), curves(
        tuple(stacks), x, y, "t, every input equal to t", "First output of the stack", ALL, "one matrix"))}
