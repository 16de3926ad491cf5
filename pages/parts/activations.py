"""Parts of the Activations page: curves and slopes, in a deep network, one for each layer, softmax, and none at all."""

from collections.abc import Callable, Sequence

import streamlit as st

from core.activations import ACTIVATIONS
from core.lessons.activations import charts, linear_stack, report, scripts, slopes
from pages import ui

LOGITS = ("z1", "z2", "z3")


def curves(link, below: Callable[..., None]) -> None:
    """The curves of the activations and their slopes, at z and at most."""
    (names, alphas), z = chosen(link), link.value("z")
    points, plots = [slopes.at(name, z, alphas.get(name)) for name in names], charts.curve_plots(names, alphas, z)
    with ui.workbench() as (panel, stage):
        with stage:
            ui.row(plots, presented=True)
            ui.running_text([report.point_sentence(z, points)])
            for column, table in zip(st.columns(2), (report.at_z_table(z, points), report.at_most_table(points)),
                                     strict=True):
                with column:
                    ui.numbers(table)
        with panel:
            ui.own_controls("z", "show", *alphas)
    below(lambda: plots, scripts.points_script(names, z, alphas), cards=names)


def deep(link, below: Callable[..., None]) -> None:
    """A deep network with each of the activations, in training: by what a layer multiplies the signal."""
    names, alphas = chosen(link)
    specs = slopes.alternatives(link.spec, names, link.value("kernels"), alphas)

    def named(views) -> dict[str, ui.View]:
        return dict(zip(specs, views, strict=True))

    def signal(views) -> charts.Plots:
        return ui.once(charts.signal_plots, specs, named(views))

    def more(views) -> charts.Plots:
        return ui.once(charts.deep_plots, specs, named(views))

    def draw(*views: ui.View) -> None:
        words = ui.each(report.deep_words, specs, named(views)) if all(view.history for view in views) else []
        ui.running_text(words)
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
        ui.running_text(words)
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


def softmax(link, below: Callable[..., None]) -> None:
    """Three logits, their shares, and what a number added to all of them changes."""
    logits, shift = [link.value(name) for name in LOGITS], link.value("c")
    plots = charts.softmax_plots(logits)
    with ui.workbench() as (panel, stage):
        with stage:
            ui.row(plots, presented=True)
            ui.running_text([report.softmax_sentence(logits, shift)])
            ui.numbers(report.softmax_table(logits, shift))
            st.latex(report.softmax_matrix(logits))
        with panel:
            ui.own_controls(*LOGITS, "c")
    below(lambda: plots, scripts.softmax_script(logits, shift), cards=("softmax",))


def linear(link, below: Callable[..., None]) -> None:
    """A stack of layers with each of the activations and with none, which is one layer."""
    (names, alphas), depth, seed = chosen(link), int(link.value("stack")), link.spec.seed
    stacks = {charts.LABELS[name]: linear_stack.stack(depth, seed, name, alphas.get(name))
              for name in dict.fromkeys([*names, "linear"])}
    one = linear_stack.collapsed(stacks[charts.LABELS["linear"]].layers)
    plots = charts.stack_plots(stacks, linear_stack.Stack((one,)))
    with ui.workbench() as (panel, stage):
        with stage:
            ui.row(plots, presented=True)
            ui.running_text([report.stack_sentence(stacks[charts.LABELS["linear"]], seed)])
            for column, formula in zip(st.columns(2), report.stack_matrices(one), strict=True):
                column.latex(formula)
            ui.numbers(report.stack_table(stacks, seed))
        with panel:
            ui.own_controls("stack", "show", *alphas)
            ui.control(link.spec, "seed")
    below(lambda: plots, scripts.stack_script(depth, seed), "The same proof with Keras layers and Keras's own draws. "
          "It runs as pasted; the difference is larger, because Keras computes in float32.")


def chosen(link) -> tuple[Sequence[str], dict[str, float]]:
    """The activations that are shown, and α of those that have one."""
    names = link.value("show") or slopes.SHOWN
    return names, {name: link.value(name) for name in names if ACTIVATIONS[name].alpha is not None}
