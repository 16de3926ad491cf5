"""Forward and backward: one update of a small net, number by number, and its gradient found in three ways."""

import streamlit as st

from core import small_net as net
from core import small_net_report as report
from core.activations import ACTIVATIONS
from core.charts import loss as loss_chart
from core.charts import small_net as charts
from core.losses import LOSSES
from pages import ui

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


def shown(index: int) -> net.Net:
    """The net that is looked at: before the first update while its stages pass, then after each."""
    return nets[report.update_of(index)]


def plots(index: int) -> dict[str, ui.Plot]:
    return {"net": (charts.graph_frame(shown(index), report.stage_of(index)), charts.graph()),
            "loss": (charts.loss_frame(nets, report.update_of(index)),
                     loss_chart(len(nets), charts.loss_scale(nets)))}


def draw(index: int) -> None:
    ui.chart("net", plots(index)["net"])
    ui.said(report.said(shown(index), report.stage_of(index), rate))
    ui.numbers(report.table(shown(index), report.stage_of(index), rate))


def draw_more(index: int) -> None:
    loss, check = st.columns([1, 1.4])
    with loss:
        ui.chart("loss", plots(index)["loss"])
    with check:
        ready = ui.with_tensorflow("TensorFlow's automatic differentiation joins the check")
        st.markdown(report.errors(shown(index), ready))
        with st.expander("All 21 gradients"):
            ui.numbers(report.checks(shown(index), ready))


with ui.workbench() as (panel, stage):
    with stage:
        now = ui.replay("backprop", report.length(nets), draw, report.label, opens=report.GRADIENT1, frame=0.4)
        ui.also(draw_more)
    with panel:
        ui.own_controls(*INPUTS, "y", "f", "loss", "rate", "updates", "w")


def why() -> None:
    ui.prose("backprop", "Why")
    ui.card(ACTIVATIONS[start.activation], "activation")


ui.below("backprop", {"Why": why, "In Keras": lambda: ui.keras_file("p6_forward"),
                      "Data": lambda: ui.tables("backprop", lambda: plots(now()), {"net": charts.measured}),
                      "Limits and sources": "Limits and sources"})
