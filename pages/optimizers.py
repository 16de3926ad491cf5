"""Optimizers: a race on a surface, the same on a deep network, how large a rate may be, and the noise of batches."""

from collections.abc import Callable
from functools import partial

import streamlit as st

from core.export import keras_script
from core.lessons.optimizers import charts as drawn
from core.lessons.optimizers import experiments as runs
from core.lessons.optimizers.race import LABELS, SHOWN, Race, race_script, standing, sweep_sentence, table
from core.lessons.optimizers.surfaces import SURFACES
from core.optimizers import OPTIMIZERS
from pages import ui
from pages.ui import Choice, Choices, Number, Parts

RATES = {f"{digit * 10.0**decade:g}": f"{digit * 10.0**decade:g}" for decade in (-4, -3, -2, -1, 0)
         for digit in (1, 2, 5)}
OWN = {
    "show": Parts("Experiment", {"surface": "On a surface", "network": "In a network", "rates": "Learning rates",
                                 "batches": "Batch sizes"},
                  runs={"network": runs.DEEP, "rates": runs.RATED, "batches": runs.BATCHED}),
    "surface": Choice("Surface", {name: entry.label for name, entry in SURFACES.items()}, "ravine"),
    "race": Choices("Optimizers", LABELS, SHOWN),
    "x0": Number("Start x", -4.5, 4.5, -4, 0.01), "y0": Number("Start y", -4.5, 4.5, 1.5, 0.01),
    "rate": Choice("Learning rate", {"own": "The surface's own"} | RATES),
    "adaptive": Choice("… of RMSprop and Adam", {"own": "The surface's own"} | RATES),
    "beta": Number("Momentum β", 0, 0.99, 0.9, 0.01), "moves": Number("Steps of the race", 10, 600, 100, 10),
    "net_adaptive": Choice("Rate of RMSprop and Adam", RATES, "0.01"),
}
link = ui.page("optimizers", runs.DEEP, OWN)
part = ui.parts("show")
ui.setups(f"optimizers {part}")
names = link.value("race") or SHOWN
own = {name: None if link.value(name) == "own" else float(link.value(name)) for name in ("rate", "adaptive")}
race = Race(link.value("surface"), names, (link.value("x0"), link.value("y0")), own["rate"], own["adaptive"],
            link.value("beta"), int(link.value("moves")))


def below(plots, scripts: dict[str, Callable[[], str]], caption: str = ui.SAME_RUN) -> None:
    """What stands under every part: why, formulas, the same in Keras, the numbers, limits and sources."""
    def formulas() -> None:
        ui.prose("optimizers", "Formulas")
        ui.side_by_side([("optimizer", OPTIMIZERS[name]) for name in OPTIMIZERS])

    ui.below("optimizers", {
        "Why": f"Why: {part}", "Formulas": formulas,
        "In Keras": lambda: ui.scripts("optimizers", scripts, caption),
        "Data": lambda: ui.tables("optimizers", plots), "Limits and sources": "Limits and sources"})


def surface() -> None:
    ui.replay(race.steps + 1)
    plots = drawn.race_plots(race)
    with ui.workbench() as (panel, stage):
        with stage:
            ui.said([standing(race, step) for step in range(race.steps + 1)])
            ui.row(plots, {"paths": lambda x, y: {"x0": round(x, 2), "y0": round(y, 2)}}, main=True)
            ui.numbers(table(race))
            ui.card(race.entry, "surface")
        with panel:
            ui.own_controls("surface", "x0", "y0", "race", "rate", "adaptive", "beta", "moves")
    below(lambda: plots, {"The race": partial(race_script, race)},
          "The same race with Keras's optimizers. It runs as pasted and prints where each one ends.")


def trained(specs, make, sentence, controls, beside=None) -> None:
    """A part with live runs: their charts, what they say, and where there is one, a chart that needs no training.

    make, sentence: a function of core that is given the histories, and what else it is given.
    """
    def plots(*views: ui.View) -> drawn.Plots:
        return ui.once(make[0], dict(zip(specs, views, strict=True)), *make[1:])

    def draw(*views: ui.View) -> None:
        named = dict(zip(specs, views, strict=True))
        known = all(view.history for view in views)
        ui.said(ui.each(sentence[0], named, *sentence[1:]) if known else [])
        ui.row(plots(*views), main=True)

    run = ui.live(list(specs.values()))
    with ui.workbench() as (panel, stage):
        with stage:
            run.charts(draw)
            still = beside() if beside else {}
        with panel:
            controls()
    below(lambda: plots(*run.views()) | still,
          {label: partial(keras_script, spec) for label, spec in specs.items()})


def network() -> None:
    def controls() -> None:
        ui.own_controls("race", "net_adaptive")
        ui.controls({"Training": ("learning_rate", "batch_size", "steps", "seed"),
                     "Network": ("depth", "width", "activation", "initializer"), "Data": ("dataset",)})

    trained(runs.under_each(link.spec, names, float(link.value("net_adaptive"))),
            (drawn.network_plots, link.spec), (runs.race_sentence,), controls)


def rates() -> None:
    def controls() -> None:
        ui.controls({"Network": ("optimizer", "momentum", "depth", "width", "activation", "steps", "seed")})
        ui.own_controls("surface", "race", "beta", "moves")

    def on_the_surface() -> drawn.Plots:
        plots = drawn.sweep_plots(race)
        ui.row(plots)
        st.markdown(sweep_sentence(race))
        return plots

    trained(runs.at_each_rate(link.spec), (drawn.rate_plots,), (runs.rates_sentence,), controls, on_the_surface)


def batches() -> None:
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
    trained(specs, (drawn.batch_plots, link.spec), (runs.batch_sentence, specs), controls, noise)


{"surface": surface, "network": network, "rates": rates, "batches": batches}[part]()
