"""Parts of the Initializers page: a network under each of them, one kernel's weights, and equal units."""

from collections.abc import Callable

import streamlit as st

from core import side_by_side
from core.charts import histogram, histogram_frame
from core.charts.panels import panels, panels_frame
from core.initializers import INITIALIZERS
from core.lessons.initializers import charts as drawn
from core.lessons.initializers import equal_units, kernels
from pages import ui


def compare(link, below: Callable[..., None]) -> None:
    """The same deep network under each initializer, in training."""
    spec, specs = link.spec, side_by_side.under_each_initializer(link.spec)

    def entries(*views: ui.View) -> list[side_by_side.Entry]:
        return [side_by_side.Entry(name, view.spec, view) for name, view in zip(specs, views, strict=True)]

    def plot(*views: ui.View) -> ui.Plot:
        return ui.once(panels_frame, entries(*views)), panels(spec.depth, len(specs))

    def draw(*views: ui.View) -> None:
        known = all(view.history for view in views)
        ui.running_text(ui.once(side_by_side.verdicts_sentences, entries(*views)) if known else [])
        ui.chart("panels", plot(*views), main=True)

    run = ui.live(list(specs.values()))
    with ui.workbench() as (panel, stage):
        with stage:
            run.charts(draw)
        with panel:
            ui.controls({
                "Network": ("depth", "width", "activation", "alpha", "gain", "batch_norm", "skip"),
                "Training": ("optimizer", "learning_rate", "momentum", "batch_size", "clip", "clip_threshold", "steps",
                             "seed"),
                "Data": ("dataset", "samples", "noise", "test_fraction", "loss", "dropout", "bias_std"),
            })
    below(lambda: {"gradients": plot(*run.views())}, lambda: runs_in_keras(link))


def kernel(link, below: Callable[..., None]) -> None:
    """One kernel as it is drawn, and what its variance does to signal and gradient."""
    chosen, shape, seed = link.value("kernel"), (link.value("fan_in"), link.value("fan_out")), link.spec.seed
    sample, scales = kernels.sampled(chosen, *shape, seed), drawn.weight_scales(chosen, *shape)
    plot = histogram_frame(sample, *scales, drawn.density(chosen, *shape)), histogram(*scales)
    with ui.workbench() as (panel, stage):
        with stage:
            ui.chart("weights", plot, presented=True)
            st.markdown(kernels.variance_sentences(chosen, sample, *shape))
            st.markdown(kernels.sizes_sentence(chosen, *shape))
            ui.card(INITIALIZERS[chosen], "initializer")
        with panel:
            ui.own_controls("kernel", "fan_in", "fan_out")
            ui.control(link.spec, "seed")

    def keras() -> None:
        ui.keras_file("p3_xavier", "As a file: Xavier's variance, promised and drawn, for 64 inputs and 32 units.")
        st.caption("The kernel above:")
        st.code(kernels.script(chosen, *shape, seed), language="python")

    below(lambda: {"weights": plot, "variances": (drawn.variances(*shape), plot[1])}, keras)


def units(link, below: Callable[..., None]) -> None:
    """Units that begin equal, beside those that are drawn, after some steps of training."""
    chosen, plots = link.value("kernel"), {}
    with ui.workbench() as (panel, stage):
        with stage:
            if ui.with_tensorflow("Units are counted in real runs; that comes"):
                for name, column in zip(equal_units.beside(chosen), st.columns(3), strict=True):
                    found = equal_units.units_after(equal_units.small(link.spec, name), link.value("after"))
                    label = INITIALIZERS[name].label
                    plots[label] = drawn.units_frame(found.groups), drawn.units(*equal_units.SHAPE)
                    with column:
                        st.markdown(f"**{label}**")
                        ui.chart(f"units {name}", plots[label], presented=True)
                        st.markdown(equal_units.groups_sentence(found))
        with panel:
            ui.own_controls("after", "kernel")
            for name in ("activation", "optimizer", "learning_rate", "bias_std", "dropout", "seed"):
                ui.control(link.spec, name)
    below(lambda: plots, lambda: runs_in_keras(link))


def runs_in_keras(link) -> None:
    """The run under each initializer as a Keras script, the chosen one first."""
    specs = side_by_side.under_each_initializer(link.spec)
    ui.scripts("initializers", specs, first=INITIALIZERS[link.value("kernel")].label)
