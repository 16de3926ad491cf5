"""Parts of the Activations page that train: a deep network of each kind, and one with a kind for each layer."""

from collections.abc import Callable, Mapping, Sequence

import streamlit as st

from core.lessons.activations import charts, report, slopes
from pages import ui


def deep(link, below: Callable[..., None], names: Sequence[str], alphas: Mapping[str, float]) -> None:
    """A deep network with each of the activations, in training: by what a layer multiplies the signal."""
    specs = slopes.alternatives(link.spec, names, link.value("kernels"), alphas)

    def named(views) -> dict[str, ui.View]:
        return dict(zip(specs, views, strict=True))

    def signal(views) -> charts.Plots:
        return ui.once(charts.signal_plot, specs, named(views))

    def more(views) -> charts.Plots:
        return ui.once(charts.deep_plots, specs, named(views))

    def draw(*views: ui.View) -> None:
        words = ui.each(report.deep_words, specs, named(views)) if all(view.history for view in views) else []
        ui.said(words)
        ui.row(signal(views), main=True)

    def draw_table(*views: ui.View) -> None:
        ui.numbers(report.deep_table(report.results(specs, {label: view.history
                                                            for label, view in named(views).items()})))

    def draw_more(*views: ui.View) -> None:
        ui.row(more(views))

    run = ui.live(list(specs.values()))
    with ui.workbench() as (panel, stage):
        with stage:
            run.charts(draw)
            run.at_rest(draw_table)
            run.charts(draw_more)
        with panel:
            ui.own_controls("show", *alphas, "kernels")
            st.caption(report.initializers_sentence(specs))
            ui.controls({"Network": ("depth", "width", "batch_norm", "skip"),
                         "Training": ("learning_rate", "optimizer", "steps", "seed"), "Data": ("dataset",)})
    below(lambda: signal(run.views()) | more(run.views()), specs=specs)


def layers(link, below: Callable[..., None]) -> None:
    """A small network with an activation of its own for each layer, in training from several seeds."""
    specs = slopes.seeds(link.spec)

    def named(views) -> dict[str, ui.View]:
        return dict(zip(specs, views, strict=True))

    def plots(views) -> charts.Plots:
        return ui.once(charts.seed_plots, specs, named(views))

    def draw(*views: ui.View) -> None:
        known = all(view.history for view in views)
        words = ui.each(report.seeds_sentence, link.spec, named(views)) if known else []
        ui.said(words)
        ui.row(plots(views), main=True)

    def draw_table(*views: ui.View) -> None:
        ui.numbers(report.seeds_table(link.spec, {label: view.history for label, view in named(views).items()
                                                  if view.history}))

    run = ui.live(list(specs.values()))
    with ui.workbench() as (panel, stage):
        with stage:
            run.charts(draw)
            run.at_rest(draw_table)
        with panel:
            ui.controls({"Layers": ("layer_activations",), "Training": ("learning_rate", "optimizer", "batch_size",
                                                                          "steps", "seed"), "Data": ("dataset",)})
    below(lambda: plots(run.views()), specs=specs)
