"""Perceptron: the learning rule update by update, when it cannot succeed, and the same points with a hidden layer."""

import streamlit as st

from core import perceptron
from core import perceptron_report as report
from core.boundary import missing
from core.charts import frames, linear_scale
from core.charts import loss as loss_chart
from core.charts import perceptron as charts
from core.charts.boundary import boundary, boundary_frame
from core.export import keras_script
from pages import ui

link = ui.page("perceptron", perceptron.NETWORK, {
    "show": ui.Parts("Part of the page", {"rule": "One unit, one line", "hidden": "One hidden layer"}),
    "rate": ui.Number("Learning rate η", 0.01, 1, perceptron.RATE, 0.01),
    "epochs": ui.Number("Epochs at most", 1, perceptron.MOST_EPOCHS, perceptron.MOST_EPOCHS, 1),
})
spec, note = perceptron.placed(link.spec)
part = ui.parts("show")
ui.setups(f"perceptron {part}")
if note:
    st.caption(f":material/edit_note: {note}")


def below(plots, script, numbers=None) -> None:
    """What stands under both parts: why, the same in Keras, the numbers, limits and sources."""
    ui.below("perceptron", {"Why": f"Why: {part}", "In Keras": script,
                            "Data": lambda: ui.tables("perceptron", plots, numbers),
                            "Limits and sources": "Limits and sources"})


def examples(rows) -> None:
    """The first of the examples, and how many there are."""
    ui.numbers(rows[:SHOWN])
    if len(rows) > SHOWN:
        st.caption(f"{SHOWN} of {len(rows)} examples.")


def rule() -> None:
    learning = perceptron.learn(spec.points, link.value("rate"), link.value("epochs"))
    steps = len(learning.states)

    def plots(index: int) -> dict[str, ui.Plot]:
        return {"plane": (charts.plane_frame(learning, index), charts.plane(learning)),
                "errors": (charts.errors_frame(learning, index), charts.errors(learning))}

    def draw(index: int) -> None:
        shown, (plane, beside) = plots(index), st.columns([1.25, 1])
        with plane:
            ui.chart("plane", shown["plane"])
        with beside:
            ui.chart("errors", shown["errors"])
            examples(report.predictions(learning, index))
        ui.said(f"{report.moved(learning, index)}\n\n{report.outcome(learning)}")

    with ui.workbench() as (panel, stage):
        with stage:
            now = ui.replay("perceptron", steps, draw, lambda index: report.label(learning, index),
                            frame=min(max(PLAY / steps, FASTEST), SLOWEST))
        with panel:
            ui.own_controls("rate", "epochs")
            ui.control(spec, "points")
    below(lambda: plots(now()), lambda: ui.keras_file("p1_perceptron"), {"plane": charts.measured})


def hidden() -> None:
    def plots(view: ui.View) -> dict[str, ui.Plot]:
        scale = linear_scale(snapshot.loss for snapshot in view.history[:1])
        plane = {} if missing(spec) else {
            "plane": (view.frame_now(lambda now: boundary_frame(spec, now)), boundary(spec))}
        return plane | {"loss": (view.frame(frames.loss, scale), loss_chart(spec.steps, scale))}

    def draw(view: ui.View) -> None:
        shown, (plane, beside) = plots(view), st.columns([1.25, 1])
        with plane:
            if "plane" in shown:
                ui.chart("boundary", shown["plane"])
            else:
                st.info(missing(spec))
        with beside:
            ui.chart("loss", shown["loss"])
            examples(report.network_predictions(spec, view.snapshot))
        ui.said(report.network(spec, view.snapshot), view.run.shipped)

    with ui.workbench() as (panel, stage):
        with stage:
            now = ui.live("perceptron", [spec], draw)
        with panel:
            ui.controls({"Network": ("depth", "width", "activation"), "Training": (
                "optimizer", "learning_rate", "steps", "seed")})
            ui.control(spec, "points")
    below(lambda: plots(*now()), lambda: ui.script("perceptron", keras_script(spec)))


PLAY, FASTEST, SLOWEST = 24, 0.006, 0.4  # seconds: the whole run; one example at the least and at the most
SHOWN = 12  # rows of the table beside the chart
{"rule": rule, "hidden": hidden}[part]()
