"""Parts of the Optimizers page: a race on a surface, the same in a network, learning rates, and batch sizes."""

from collections.abc import Callable
from functools import partial

import streamlit as st

from core.lessons.optimizers import charts as drawn
from core.lessons.optimizers import experiments as runs
from core.lessons.optimizers.race import SHOWN, Race, race_script, standing, standing_table, sweep_sentence
from pages import ui


def surface(link, below: Callable[..., None]) -> None:
    """The optimizers from one start on a surface."""
    race = asked(link)
    ui.replay(race.steps + 1)
    plots = drawn.race_plots(race)
    with ui.workbench() as (panel, stage):
        with stage:
            ui.running_text([standing(race, step) for step in range(race.steps + 1)])
            ui.row(plots, {"paths": lambda x, y: {"x0": round(x, 2), "y0": round(y, 2)}}, main=True)
            ui.numbers(standing_table(race))
            ui.card(race.entry, "surface")
        with panel:
            ui.own_controls("surface", "x0", "y0", "race", "rate", "adaptive", "beta", "moves")
    below(lambda: plots, {"The race": partial(race_script, race)},
          "The same race with Keras's optimizers. It runs as pasted and prints where each one ends.")


def network(link, below: Callable[..., None]) -> None:
    """One network, trained by each of the optimizers."""
    def controls() -> None:
        ui.own_controls("race", "net_adaptive")
        ui.controls({"Training": ("learning_rate", "batch_size", "steps", "seed"),
                     "Network": ("depth", "width", "activation", "initializer"), "Data": ("dataset",)})

    trained(below, runs.under_each(link.spec, asked(link).names, float(link.value("net_adaptive"))),
            (drawn.network_plots, link.spec), (runs.race_sentence,), controls)


def rates(link, below: Callable[..., None]) -> None:
    """One optimizer with several learning rates, in a network and on the surface."""
    def controls() -> None:
        ui.controls({"Network": ("optimizer", "momentum", "depth", "width", "activation", "steps", "seed")})
        ui.own_controls("surface", "race", "beta", "moves")

    def on_the_surface() -> drawn.Plots:
        race = asked(link)
        plots = drawn.sweep_plots(race)
        ui.row(plots)
        st.markdown(sweep_sentence(race))
        return plots

    trained(below, runs.at_each_rate(link.spec), (drawn.rate_plots,), (runs.rates_sentence,), controls,
            on_the_surface)


def batches(link, below: Callable[..., None]) -> None:
    """One network with batches of several sizes, and how noisy the gradient of a batch is."""
    def controls() -> None:
        ui.controls({"Training": ("learning_rate", "optimizer", "steps", "seed"),
                     "Network": ("depth", "width", "activation"), "Data": ("dataset", "samples", "noise")})

    def noise() -> drawn.Plots:
        if not ui.with_tensorflow("How noisy the gradient of a batch is comes"):
            return {}
        plots = drawn.noise_plots(link.spec)
        ui.row(plots)
        st.markdown(runs.noise_sentence(link.spec))
        return plots

    specs = runs.with_each_batch(link.spec)
    trained(below, specs, (drawn.batch_plots, link.spec), (runs.batch_sentence, specs), controls, noise)


def asked(link) -> Race:
    """The race that the link asks for."""
    rate, adaptive = (None if link.value(name) == "own" else float(link.value(name)) for name in ("rate", "adaptive"))
    return Race(link.value("surface"), link.value("race") or SHOWN, (link.value("x0"), link.value("y0")), rate,
                adaptive, link.value("beta"), int(link.value("moves")))


def trained(below, specs, make, sentence, controls, beside=None) -> None:
    """A part with live runs: their charts, what they say, and where there is one, a chart that needs no training.

    make, sentence: a function of core that is given the histories, and what else it is given.
    """
    def plots(*views: ui.View) -> drawn.Plots:
        return ui.once(make[0], dict(zip(specs, views, strict=True)), *make[1:])

    def draw(*views: ui.View) -> None:
        named = dict(zip(specs, views, strict=True))
        known = all(view.history for view in views)
        ui.running_text(ui.each(sentence[0], named, *sentence[1:]) if known else [])
        ui.row(plots(*views), main=True)

    run = ui.live(list(specs.values()))
    with ui.workbench() as (panel, stage):
        with stage:
            run.charts(draw)
            still = beside() if beside else {}
        with panel:
            controls()
    below(lambda: plots(*run.views()) | still, specs)
