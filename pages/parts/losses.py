"""Parts of the Losses page that train: a confident mistake, and a loss that the learner types."""

from collections.abc import Callable
from functools import partial

import streamlit as st

from core import loss_scripts, mistake, own_loss
from core.charts import loss_curves as drawn
from core.custom_loss import FIRST, custom_loss
from core.export import keras_script
from core.formula import FUNCTIONS, FormulaError
from core.loss_curves import SWEEPS
from pages import ui

TRAINING = ("optimizer", "learning_rate", "batch_size", "steps", "seed")
OWN = {"z": ui.Number("Logit z", -10, 10, 6), "truth": ui.Number("True label", 0, 1, 0, 1),
       "formula": ui.Text("Your loss, in y_true and y_pred", FIRST, help="Numbers, + - * / **, brackets, comparisons "
                          f"inside of where, {', '.join(FUNCTIONS)}.")}


def confident(link, below: Callable[..., None]) -> None:
    """The same network with the squared error and with cross-entropy, from a start that is sure and half wrong."""
    sweep, (specs, note) = SWEEPS["logit"], mistake.pair(link.spec)
    x, target = link.value("z"), link.value("truth")
    sent = drawn.output_gradient(mistake.NAMES, x, target)

    def plots(*views: ui.View) -> drawn.Plots:
        return ui.once(drawn.race, dict(zip(mistake.LABELS, views, strict=True)), specs[0].depth, specs[0].steps)

    def words(*views: ui.View) -> None:
        found = ui.each(mistake.comparison, *views) if all(view.history for view in views) else []
        ui.said(found)

    def draw(*views: ui.View) -> None:
        ui.chart("signal", plots(*views)["signal"], main=True)

    def draw_more(*views: ui.View) -> None:
        ui.chart("accuracy", plots(*views)["accuracy"])

    run = ui.live(specs)
    with ui.workbench() as (panel, stage):
        with stage:
            above, (output, network) = st.container(), st.columns(2)
            with output:
                ui.row(sent, main=True)
            with network:
                run.charts(draw)
            with above:
                run.charts(words)
            st.markdown(f"{mistake.probability(x, target)} {sweep.comparison(mistake.NAMES, x, target)} {note}")
            run.charts(draw_more)
        with panel:
            ui.own_controls("z", "truth")
            ui.controls({"Network": ("depth", "width", "activation", "initializer", "gain", "bias_std"),
                         "Training": TRAINING})
    below(lambda: sent | plots(*run.views()), {label: partial(keras_script, spec) for label, spec in
                                         zip(mistake.LABELS, specs, strict=True)},
          "The two runs with Keras layers and Keras's optimizer. Each runs as pasted and prints the same numbers.")


def typed(link, below: Callable[..., None]) -> None:
    """A formula of the learner's: curve, slope, and a run with it beside the usual loss."""
    text = ui.own_control("formula")
    try:
        loss = custom_loss(text)
    except FormulaError as error:
        ui.pointed_at(text, error.position, str(error))
        below(dict, {}, "")
        return
    sweep = own_loss.sweep_of(link.spec)
    x, target = link.value(sweep.x.name), link.value(sweep.target.name)
    curves, specs = drawn.typed(loss, link.spec, x, target), own_loss.pair(link.spec, text)

    def plots(*views: ui.View) -> drawn.Plots:
        return ui.once(drawn.typed_runs, dict(zip(specs, views, strict=True)), link.spec.depth, link.spec.steps)

    def draw(*views: ui.View) -> None:
        shown = plots(*views)
        ui.row({name: shown[name] for name in ("your loss", "signal")})

    def progress(*views: ui.View) -> None:
        known = all(view.history for view in views)
        ui.said(ui.each(own_loss.progress, tuple(specs.values()), views) if known else [])

    def draw_more(*views: ui.View) -> None:
        ui.chart("accuracy", plots(*views)["accuracy"])

    run = ui.live(list(specs.values()))
    with ui.workbench() as (panel, stage):
        with stage:
            above = st.container()
            ui.row(curves, main=True)
            with above:
                run.charts(progress)
            st.latex(loss.formula)
            st.markdown(own_loss.reading(loss, sweep, x, target))
            ui.numbers(own_loss.numbers(loss, link.spec, x, target))
            run.charts(draw)
            if link.spec.task != "regression":
                run.charts(draw_more)
        with panel:
            ui.own_controls(sweep.x.name, sweep.target.name)
            ui.controls({"Network": ("depth", "width", "activation", "initializer"), "Training": TRAINING,
                         "Data": ("dataset", "samples", "noise")})
    below(lambda: curves | plots(*run.views()), {
        "Function and class": partial(loss_scripts.custom_script, loss, x, target),
        "The course's (P10)": partial(ui.keras_source, "p10_custom_loss"),
        "The run": partial(keras_script, specs[own_loss.LABEL])},
        "It runs as pasted and prints what this page says.")
