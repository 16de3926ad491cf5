"""Forward and backward: one update of a small net, number by number, and its gradient found in three ways."""

import streamlit as st

from core.activations import ACTIVATIONS
from core.lessons.backprop import charts, report
from core.lessons.backprop import small_net as net
from core.losses import LOSSES
from pages import ui

EACH, LATER = 4000, 400  # ms: a stage of the first update, which is read; a later update, which is only watched
INPUTS = {f"x{i + 1}": ui.Number(f"Input x{net.SUBSCRIPTS[i]}", -2, 2, first) for i, first in enumerate(net.X)}
link = ui.page("backprop", own=INPUTS | {
    "y": ui.Number("Target y", 0, 1, 1, 0.05),
    "f": ui.Choice("Activation of the hidden layer", {
        name: entry.label for name, entry in ACTIVATIONS.items() if entry.elementwise}, "sigmoid"),
    "loss": ui.Choice("Loss", {name: LOSSES[name].label for name in net.FITTING}),
    "rate": ui.Number("Learning rate η", 0.1, 20, 1, 0.1),
    "updates": ui.Number("Updates", 1, 200, 40, 1),
    "w": ui.Numbers("weight", net.NAMES, net.WEIGHTS, -10, 10),
})
ui.setups("backprop")
start = net.Net(tuple(link.value(name) for name in INPUTS), link.value("y"), link.value("w"), link.value("f"),
                link.value("loss"))
rate = link.value("rate")
nets = net.learn(start, rate, link.value("updates"))


def shown(moment: int) -> net.Net:
    """The net that is looked at: before the first update while its stages pass, then after each."""
    return nets[report.update_of(moment)]


def plots() -> dict[str, ui.Plot]:
    return {"net": (charts.graph_frame(nets), charts.graph()),
            "loss": charts.loss_plot(nets)}


def table(moment: int) -> None:
    ui.numbers(report.stage_table(shown(moment), report.stage_of(moment), rate))


def check(moment: int) -> None:
    ready = ui.with_tensorflow("TensorFlow's automatic differentiation joins the check")
    st.markdown(report.agreement_sentence(shown(moment), ready))
    with st.expander("All 21 gradients"):
        ui.numbers(report.checks_table(shown(moment), ready))


run = ui.replay(report.length(nets), report.label, ui.Pace(LATER, report.UPDATE + 1, EACH))
with ui.workbench() as (panel, stage):
    with stage:
        ui.running_text([report.stage_sentence(shown(moment), report.stage_of(moment), rate)
                         for moment in range(report.length(nets))])
        ui.chart("net", plots()["net"], main=True)
        run.at_rest(table)
        left, right = st.columns([1, 1.4])
        with left:
            ui.chart("loss", plots()["loss"])
        with right:
            run.at_rest(check)
    with panel:
        ui.own_controls(*INPUTS, "y", "f", "loss", "rate", "updates", "w")


def why() -> None:
    ui.prose("backprop", "Why")
    ui.card(ACTIVATIONS[start.activation], "activation")


ui.below("backprop", {"Why": why, "In Keras": lambda: ui.keras_file("p6_forward"),
                      "Data": lambda: ui.tables("backprop", plots, {"net": charts.measured}),
                      "Limits and sources": "Limits and sources"})
