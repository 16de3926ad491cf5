"""Regularization: a network with and without dropout or batch norm, and what each does to a layer."""

from collections.abc import Sequence

import streamlit as st

from core.course_models import SOURCE_MODELS
from core.export import keras_script
from core.layer_table import of_run
from core.lessons.regularization import charts, report
from pages import ui

QUESTIONS = {"dropout": ("P5", "p5_dropout"), "batch_norm": ("P7", "p7_batch_norm")}
OWN = {
    "part": ui.Parts("Part of the page", {"dropout": "Dropout", "batch_norm": "Batch norm"}, runs={
        "dropout": report.DROPOUT, "batch_norm": report.BATCH_NORM}),
    "seeds": ui.Number("Seeds", 2, report.MOST_SEEDS, report.SEEDS, 1,
                       "Runs of each kind; the first has the run's seed."),
    "passes": ui.Number("Passes through the layer", 1, 1000, 1, 1, "Each draws a mask of its own."),
    "after": ui.Choice("Weights after", {str(step): f"step {step}" for step in report.STEPS}),
}
link = ui.page("regularization", own=OWN)
part = ui.parts("part")
ui.setups(f"regularization {part}")
question, file = QUESTIONS[part]
seeds, pair = link.value("seeds"), report.with_and_without(part, link.spec)
used = list(pair.values())[1]


def groups(views: Sequence[ui.View]) -> dict:
    """The runs by label: those of the first one, then those of the second."""
    return {label: tuple(views[i * seeds:(i + 1) * seeds]) for i, label in enumerate(pair)}


def bands(views: Sequence[ui.View]) -> charts.Plots:
    return ui.once(charts.band_plots, link.spec, groups(views), seeds)


def draw(*views: ui.View) -> None:
    known = all(view.history for view in views)
    ui.said(ui.each(report.comparison, groups(views)) if known else [])
    ui.row(bands(views), main=True)


def one_pass() -> charts.Plots:
    st.subheader("What dropout does to layer 1 on one pass", anchor=False)
    with st.columns([1, 2])[0]:
        passes = ui.own_control("passes")
    if not ui.with_tensorflow("The layer's activations are computed"):
        return {}
    found = report.one_pass(report.first_layer(used), used.dropout, passes, used.seed)
    ui.row(charts.pass_plots(found, passes))
    st.markdown(report.pass_said(found, used.dropout, passes))
    return charts.pass_plots(found, passes)


def pre_activations() -> charts.Plots:
    st.subheader("What batch norm does to z on one batch", anchor=False)
    asked = int(ui.own_control("after"))
    if not ui.with_tensorflow("A batch is passed through the network"):
        return {}
    stages = report.normalised_at(used)
    step = max((known for known in stages if known <= asked), default=None)
    if step is None:
        st.caption("The numbers of this batch are not finite.")
        return {}
    ui.row(charts.normalised_plots(stages, step))
    ui.numbers(report.normalised_table(stages[step]))
    return charts.normalised_plots(stages, step)


run = ui.live(report.over_seeds(pair, seeds))
with ui.workbench() as (panel, stage):
    with stage:
        run.charts(draw)
    with panel:
        ui.own_control("seeds")
        ui.controls({"Network": ("depth", "width", "activation", "dropout" if part == "dropout" else "batch_norm"),
                     "Training": ("optimizer", "learning_rate", "momentum", "batch_size", "steps", "seed"),
                     "Data": ("dataset", "samples", "noise", "test_fraction")})
layer = {"dropout": one_pass, "batch_norm": pre_activations}[part]()


def parameters() -> None:
    st.markdown(f"**The course's network ({question}).** {report.counted(SOURCE_MODELS[question].layers)}")
    ui.numbers(report.layer_table(SOURCE_MODELS[question].layers))
    st.markdown(f"**The network on the screen.** {report.counted(of_run(used))}")


ui.below("regularization", {
    "Why": f"Why: {part}", "Parameters": parameters, "In Keras": lambda: ui.keras_file(file),
    "This run in Keras": lambda: ui.script("regularization", keras_script(used)),
    "Data": lambda: ui.tables("regularization", lambda: bands(run.views()) | layer),
    "Limits and sources": f"Limits: {part}"})
