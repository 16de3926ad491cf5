"""Losses: what a loss makes of an error, which fit an outlier moves, and what a confident mistake sends back."""

import streamlit as st

from core import fits, loss_scripts, mistake
from core.charts import loss_curves as drawn
from core.export import keras_script
from core.loss_curves import SWEEPS
from core.losses import LOSSES
from pages import ui

KNOBS = [knob for sweep in SWEEPS.values() for knob in (sweep.x, sweep.target) if knob]
OWN = {
    "show": ui.Choice("Experiment", {"curves": "Curves", "outlier": "Outlier",
                                     "mistake": "Confident mistake"}),
    "over": ui.Choice("What is predicted", {name: sweep.label for name, sweep in SWEEPS.items()}),
    "distance": ui.Number("Outlier's distance from the line", -fits.FARTHEST, fits.FARTHEST, 12, 0.5),
    "place": ui.Number("Outlier's place x", fits.LOW, fits.FARTHEST_PLACE, 11, 0.5),
} | {knob.name: ui.Number(knob.label, knob.low, knob.high, knob.first, knob.step) for knob in KNOBS} | {
    f"{name}_losses": ui.Choices("Losses", {loss: LOSSES[loss].short for loss in sweep.losses}, sweep.first)
    for name, sweep in SWEEPS.items()}

link = ui.page("losses", mistake.CONFIDENT, OWN)
part = ui.parts("show", {})
ui.setups("losses")
sweep = SWEEPS["logit" if part == "mistake" else link.value("over")]
x, target = link.value(sweep.x.name), link.value(sweep.target.name) if sweep.target else 0.0
place, distance = link.value("place"), link.value("distance")
specs, note = mistake.pair(link.spec)


def below(plots, scripts: dict[str, str], caption: str, names=()) -> None:
    """What stands under every part: why, the same in Keras, the numbers, limits and sources."""
    why, keras, data, limits = st.tabs(["Why", "In Keras", "Data", "Limits and sources"])
    with why:
        ui.prose("losses", f"Why: {part}")
        ui.side_by_side([("loss", LOSSES[name]) for name in names])
    with keras:
        for tab, (label, source) in zip(st.tabs(list(scripts)), scripts.items(), strict=True):
            with tab:
                ui.script(f"losses, {label}", source, caption)
    with data:
        ui.tables("losses", plots)
    with limits:
        ui.prose("losses", f"Limits: {part}")


def reading(sentences: str, rows: list[dict[str, str]], note: str) -> None:
    """What the charts show, in words and beside them in numbers."""
    words, table = st.columns([2, 3], gap="medium")
    with words:
        st.markdown(sentences)
        st.caption(note)
    with table:
        ui.numbers(rows)


def curves() -> None:
    chosen = f"{sweep.name}_losses"
    names = sweep.shown(link.value(chosen))
    plots = drawn.curves(sweep, names, x, target)
    with ui.workbench() as (panel, stage):
        with panel:
            ui.own_controls("over", sweep.x.name, *([sweep.target.name] if sweep.target else []), chosen)
        with stage:
            ui.row(plots)
            reading(sweep.comparison(names, x, target), sweep.summary(names, x, target), sweep.note)
    below(lambda: plots, {"At the point": loss_scripts.curve_script(sweep, names, x, target)},
          "Value and slope at the point, by Keras's losses and automatic differentiation.", names)


def outlier() -> None:
    names, plots = fits.FITTED, drawn.fitted(fits.FITTED, place, distance)
    with ui.workbench() as (panel, stage):
        with panel:
            ui.own_controls("distance", "place")
        with stage:
            ui.row(plots)
            reading(fits.comparison(names, place, distance), fits.summary(names, place, distance),
                    "From the line without the outlier to the line with it; moved: at the outlier's place.")
    below(lambda: plots, {"The four lines": loss_scripts.fit_script(names, place, distance)},
          "The same points, and a Keras model of one weight and one bias fitted to them once with each loss.")


def confident() -> None:
    sent = drawn.output_gradient(mistake.NAMES, x, target)

    def plots(*views: ui.View) -> drawn.Plots:
        histories = dict(zip(mistake.LABELS, (view.history for view in views), strict=True))
        return drawn.race(histories, specs[0].depth, specs[0].steps)

    def draw(*views: ui.View) -> None:
        ui.chart("signal", plots(*views)["signal"])
        ui.said(mistake.comparison(*(view.history for view in views)), any(view.run.shipped for view in views))

    def draw_more(*views: ui.View) -> None:
        ui.chart("accuracy", plots(*views)["accuracy"])

    with ui.workbench() as (panel, stage):
        with panel:
            ui.own_controls("logit", "label")
            ui.controls({"Network": ("depth", "width", "activation", "initializer", "gain", "bias_std"),
                         "Training": ("optimizer", "learning_rate", "batch_size", "steps", "seed")})
        with stage:
            output, network = st.columns(2)
            with output:
                ui.row(sent)
                st.markdown(f"{mistake.probability(x, target)} {sweep.comparison(mistake.NAMES, x, target)} {note}")
            with network:
                now = ui.live("losses", specs, draw)
            ui.also(draw_more)
    below(lambda: sent | plots(*now()), {label: keras_script(spec) for label, spec in
                                         zip(mistake.LABELS, specs, strict=True)},
          "The two runs with Keras layers and Keras's optimizer. Each runs as pasted and prints the same numbers.")


{"curves": curves, "outlier": outlier, "mistake": confident}[part]()
