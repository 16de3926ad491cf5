"""Training curves: loss and accuracy epoch by epoch, how to read them, and where early stopping would have stopped."""

import streamlit as st

from core.lessons.curves import charts as drawn
from core.lessons.curves import report
from pages import ui

OWN = {"patience": ui.Number("Patience, epochs", 1, report.MOST_PATIENCE, 5, 1,
                             "After so many epochs without a smaller validation loss, early stopping ends the run.")}
link = ui.page("curves", report.SOURCE, OWN)
ui.setups("curves")
spec, patience = link.spec, link.value("patience")


def plots(view: ui.View) -> drawn.Plots:
    return ui.once(drawn.plots, view.spec, view, patience)


def draw(view: ui.View) -> None:
    ui.verdict(view, ui.once(report.fit_sentences, view.spec, view, patience) if view.history else ())
    ui.row(plots(view), main=True)


run = ui.live([spec])
with ui.workbench() as (panel, stage):
    with stage:
        run.charts(draw)
    with panel:
        ui.own_control("patience")
        ui.controls({
            "Network": ("depth", "width", "activation", "alpha", "batch_norm", "dropout"),
            "Training": ("optimizer", "learning_rate", "momentum", "batch_size", "steps", "seed"),
            "Data": ("dataset", "samples", "noise", "test_fraction"),
        })
        st.caption(report.epochs_sentence(spec))


def limits() -> None:
    ui.prose("curves", "Limits and sources")
    for word, rule in report.FITS.values():
        st.markdown(f"**{word}.** {rule}")
    ui.verdict_rules()


ui.below("curves", {
    "Why": "Why", "In Keras": lambda: ui.keras_file("p8_curves"),
    "This run in Keras": lambda: ui.script("curves", spec),
    "Data": lambda: ui.tables("curves", lambda: plots(*run.views())), "Limits and sources": limits})
