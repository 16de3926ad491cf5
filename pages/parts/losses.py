"""Parts of the Losses page: curves, an outlier, a confident mistake, and a loss that the learner types."""

from collections.abc import Callable
from functools import partial

import streamlit as st

from core.custom_loss import custom_loss
from core.formula import FormulaError
from core.lessons.losses import charts as drawn
from core.lessons.losses import confident_mistake, line_fits, scripts, typed_report
from core.lessons.losses.sweeps import SWEEPS
from pages import ui

TRAINING = ("optimizer", "learning_rate", "batch_size", "steps", "seed")


def curves(link, below: Callable[..., None]) -> None:
    """What each loss makes of an error, and the slope that it sends back."""
    sweep = SWEEPS[link.value("over")]
    x, target = link.value(sweep.x.name), link.value(sweep.target.name) if sweep.target else 0.0
    chosen = f"{sweep.name}_losses"
    names = sweep.shown(link.value(chosen))
    plots = drawn.curve_plots(sweep, names, x, target)
    with ui.workbench() as (panel, stage):
        with stage:
            ui.row(plots, presented=True)
            reading(sweep.steepest_sentence(names, x, target), sweep.slopes_table(names, x, target), sweep.note)
        with panel:
            ui.own_controls("over", sweep.x.name, *([sweep.target.name] if sweep.target else []), chosen)
    below(lambda: plots, {"At the point": partial(scripts.curve_script, sweep, names, x, target)},
          "Value and slope at the point, by Keras's losses and automatic differentiation.", names)


def outlier(link, below: Callable[..., None]) -> None:
    """A line fitted with each loss, with one point far away and without it."""
    place, distance = link.value("place"), link.value("distance")
    names, plots = line_fits.FITTED, drawn.fit_plots(line_fits.FITTED, place, distance)
    with ui.workbench() as (panel, stage):
        with stage:
            ui.row(plots, {"fits": lambda x, y: {"place": x, "distance": line_fits.distance_at(x, y)}}, presented=True)
            reading(line_fits.moves_sentence(names, place, distance), line_fits.moves_table(names, place, distance),
                    "Each line without the outlier and with it; how far it moved is measured at the outlier's place.")
        with panel:
            ui.own_controls("distance", "place")
            st.caption("Or click in the chart, or drag.")
    below(lambda: plots, {"The four lines": partial(scripts.fit_script, names, place, distance)},
          "The same points, and a Keras model of one weight and one bias fitted to them once with each loss.")


def confident(link, below: Callable[..., None]) -> None:
    """The same network with the squared error and with cross-entropy, from a start that is sure and half wrong."""
    sweep, (specs, note) = SWEEPS["logit"], confident_mistake.pair(link.spec)
    x, target = link.value("z"), link.value("truth")
    sent = drawn.output_gradient_plots(confident_mistake.NAMES, x, target)

    def plots(*views: ui.View) -> drawn.Plots:
        named = dict(zip(confident_mistake.LABELS, views, strict=True))
        return ui.once(drawn.race_plots, named, specs[0].depth, specs[0].steps)

    def words(*views: ui.View) -> None:
        found = ui.each(confident_mistake.signals_sentences, *views) if all(view.history for view in views) else []
        ui.running_text(found)

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
            compared = sweep.steepest_sentence(confident_mistake.NAMES, x, target)
            st.markdown(f"{confident_mistake.probability(x, target)} {compared} {note}")
            run.charts(draw_more)
        with panel:
            ui.own_controls("z", "truth")
            ui.controls({"Network": ("depth", "width", "activation", "initializer", "gain", "bias_std"),
                         "Training": TRAINING})
    below(lambda: sent | plots(*run.views()), dict(zip(confident_mistake.LABELS, specs, strict=True)),
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
    sweep = typed_report.sweep_of(link.spec)
    x, target = link.value(sweep.x.name), link.value(sweep.target.name)
    curves, specs = drawn.typed_plots(loss, link.spec, x, target), typed_report.pair(link.spec, text)

    def plots(*views: ui.View) -> drawn.Plots:
        return ui.once(drawn.typed_run_plots, dict(zip(specs, views, strict=True)), link.spec.depth, link.spec.steps)

    def draw(*views: ui.View) -> None:
        shown = plots(*views)
        ui.row({name: shown[name] for name in ("your loss", "signal")})

    def progress(*views: ui.View) -> None:
        known = all(view.history for view in views)
        ui.running_text(ui.each(typed_report.progress, tuple(specs.values()), views) if known else [])

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
            st.markdown(typed_report.reading(loss, sweep, x, target))
            ui.numbers(typed_report.numbers(loss, link.spec, x, target))
            run.charts(draw)
            if link.spec.task != "regression":
                run.charts(draw_more)
        with panel:
            ui.own_controls(sweep.x.name, sweep.target.name)
            ui.controls({"Network": ("depth", "width", "activation", "initializer"), "Training": TRAINING,
                         "Data": ("dataset", "samples", "noise")})
    below(lambda: curves | plots(*run.views()), {
        "Function and class": partial(scripts.custom_script, loss, x, target),
        "As a file": partial(ui.keras_source, "p10_custom_loss"),
        "The run": specs[typed_report.LABEL]},
        "It runs as pasted and prints what this page says.")


def reading(sentences: str, rows: list[dict[str, str]], note: str) -> None:
    """What the charts show, in words and beside them in numbers."""
    words, table = st.columns([2, 3], gap="medium")
    with words:
        st.markdown(sentences)
        st.caption(note)
    with table:
        ui.numbers(rows)
