"""Parts of the Activations page that train: a deep network of each kind, and one with a kind for each layer."""

from collections.abc import Callable, Mapping, Sequence

import streamlit as st

from core import activation_report as report
from core import slopes
from core.charts import activations as charts
from pages import ui


def deep(link, below: Callable[..., None], names: Sequence[str], alphas: Mapping[str, float]) -> None:
    """A deep network with each of the activations, in training: by what a layer multiplies the signal."""
    specs = slopes.alternatives(link.spec, names, link.value("kernels"), alphas)

    def histories(views) -> dict:
        return {label: view.history for label, view in zip(specs, views, strict=True)}

    def results(views) -> list[report.Deep]:
        return [report.deep(label, view.spec, view.history)
                for label, view in zip(specs, views, strict=True) if view.history]

    def more(views) -> charts.Plots:
        found = results(views)
        return charts.deep_plots(specs, histories(views), {one.label: one.now for one in found},
                                 {one.label: one.theory for one in found})

    def draw(*views: ui.View) -> None:
        ui.row(charts.signal_plot(specs, histories(views)))
        ui.said(report.deep_sentence(results(views), link.spec.depth), all(view.run.shipped for view in views))

    def draw_more(*views: ui.View) -> None:
        ui.numbers(report.deep_table(results(views)))
        ui.row(more(views))

    with ui.workbench() as (panel, stage):
        with stage:
            now = ui.live("activations", list(specs.values()), draw)
            ui.also(draw_more)
        with panel:
            ui.own_controls("show", *alphas, "kernels")
            st.caption(report.initializers_sentence(specs))
            ui.controls({"Network": ("depth", "width", "batch_norm", "skip"),
                         "Training": ("learning_rate", "optimizer", "steps", "seed"), "Data": ("dataset",)})
    below(lambda: charts.signal_plot(specs, histories(now())) | more(now()), specs=specs)


def layers(link, below: Callable[..., None]) -> None:
    """A small network with an activation of its own for each layer, in training from several seeds."""
    specs = slopes.seeds(link.spec)

    def plots(views) -> charts.Plots:
        return charts.seed_plots(specs, {label: view.history for label, view in zip(specs, views, strict=True)})

    def draw(*views: ui.View) -> None:
        histories = {label: view.history for label, view in zip(specs, views, strict=True) if view.history}
        ui.row(plots(views))
        ui.said(report.seeds_sentence(link.spec, histories), all(view.run.shipped for view in views))
        ui.numbers(report.seeds_table(link.spec, histories))

    with ui.workbench() as (panel, stage):
        with stage:
            now = ui.live("activations", list(specs.values()), draw)
        with panel:
            ui.controls({"Layers": ("layer_activations",), "Training": ("learning_rate", "optimizer", "batch_size",
                                                                          "steps", "seed"), "Data": ("dataset",)})
    below(lambda: plots(now()), specs=specs)
