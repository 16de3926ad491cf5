"""Initializers: the same deep network under each of them, one kernel's distribution, and why equal units stay so."""

from collections.abc import Callable
from functools import partial

import streamlit as st

from core import side_by_side
from core.charts import frames, histogram
from core.charts.panels import measured, panels, panels_frame
from core.export import keras_script
from core.initializers import INITIALIZERS
from core.lessons.initializers import charts as drawn
from core.lessons.initializers import equal_units, kernels
from core.lessons.initializers.setups import DEEP_RELU
from pages import ui

Plots = Callable[[], dict[str, ui.Plot]]
LABELS = {name: entry.label for name, entry in INITIALIZERS.items()}
OWN = {
    "show": ui.Parts("Experiment", {"compare": "All side by side", "kernel": "One kernel", "units": "Equal units"},
                     runs={"compare": DEEP_RELU, "units": equal_units.RUN}),
    "kernel": ui.Choice("Initializer", LABELS, "glorot_uniform"),
    "fan_in": ui.Number("Inputs of the layer, n_in", 2, 512, 64, 1),
    "fan_out": ui.Number("Units of the layer, n_out", 2, 512, 64, 1),
    "after": ui.Number("Steps of training", 0, equal_units.MOST_STEPS, 50, 1),
}
link = ui.page("initializers", DEEP_RELU, OWN)
part = ui.parts("show")
ui.setups("initializers")
spec, chosen, shape = link.spec, link.value("kernel"), (link.value("fan_in"), link.value("fan_out"))
specs = side_by_side.under_each_initializer(spec)


def entries(*views: ui.View) -> list[side_by_side.Entry]:
    return [side_by_side.Entry(name, view.spec, view) for name, view in zip(specs, views, strict=True)]


def plot(*views: ui.View) -> ui.Plot:
    return ui.once(panels_frame, entries(*views)), panels(spec.depth, len(specs))


def draw(*views: ui.View) -> None:
    known = all(view.history for view in views)
    ui.said(ui.each(side_by_side.summary, entries(*views)) if known else [])
    ui.chart("panels", plot(*views), main=True)


def compare() -> Plots:
    with stage:
        run.charts(draw)
    with controls:
        ui.controls({
            "Network": ("depth", "width", "activation", "alpha", "gain", "batch_norm", "skip"),
            "Training": ("optimizer", "learning_rate", "momentum", "batch_size", "clip", "clip_threshold", "steps",
                         "seed"),
            "Data": ("dataset", "samples", "noise", "test_fraction", "loss", "dropout", "bias_std"),
        })
    return lambda: {"gradients": plot(*run.views())}


def kernel() -> Plots:
    sample, scales = kernels.sampled(chosen, *shape, spec.seed), drawn.weight_scales(chosen, *shape)
    plot = frames.histogram(sample, *scales, drawn.density(chosen, *shape)), histogram(*scales)
    with stage:
        ui.chart("weights", plot)
        st.markdown(kernels.said(chosen, sample, *shape))
        st.markdown(kernels.sizes(chosen, *shape))
        ui.card(INITIALIZERS[chosen], "initializer")
    with controls:
        ui.own_controls("kernel", "fan_in", "fan_out")
        ui.control(spec, "seed")
    return lambda: {"weights": plot, "variances": (drawn.variances(*shape), plot[1])}


def units() -> Plots:
    plots = {}
    with stage:
        if ui.with_tensorflow("Units are counted in real runs; that comes"):
            for name, column in zip(equal_units.beside(chosen), st.columns(3), strict=True):
                found = equal_units.units_after(equal_units.small(spec, name), link.value("after"))
                plots[LABELS[name]] = drawn.units_frame(found.groups), drawn.units(*equal_units.SHAPE)
                with column:
                    st.markdown(f"**{LABELS[name]}**")
                    ui.chart(f"units {name}", plots[LABELS[name]])
                    st.markdown(equal_units.said(found))
    with controls:
        ui.own_controls("after", "kernel")
        for name in ("activation", "optimizer", "learning_rate", "bias_std", "dropout", "seed"):
            ui.control(spec, name)
    return lambda: plots


run = ui.live(list(specs.values())) if part == "compare" else None
with ui.workbench() as (controls, stage):
    plots = {"compare": compare, "kernel": kernel, "units": units}[part]()


def keras() -> None:
    if part == "kernel":
        ui.keras_file("p3_xavier", "P3 as a file: Xavier's variance, promised and drawn, for 64 inputs and 32 units.")
        st.caption("The kernel above:")
        st.code(kernels.script(chosen, *shape, spec.seed), language="python")
    else:
        ui.scripts("initializers", {label: partial(keras_script, spec) for label, spec in specs.items()},
                   first=LABELS[chosen])


def limits() -> None:
    ui.prose("initializers", "Limits and sources")
    ui.verdict_rules()


ui.below("initializers", {"Why": OWN["show"].options[part], "In Keras": keras,
                          "Data": lambda: ui.tables("initializers", plots, {"gradients": measured}),
                          "Limits and sources": limits})
