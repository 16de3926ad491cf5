"""Regularization: a network with and without dropout or batch norm, and what each does to a layer."""

import streamlit as st

from core.course_models import SOURCE_MODELS
from core.layer_table import of_run
from core.lessons.regularization import charts, report
from pages import ui
from pages.parts import regularization as parts

QUESTIONS = {"dropout": ("P5", "p5_dropout"), "batch_norm": ("P7", "p7_batch_norm")}
OWN = {
    "part": ui.Parts("Part of the page", ui.LESSONS["regularization"].titles, runs={
        "dropout": report.DROPOUT, "batch_norm": report.BATCH_NORM}),
    "seeds": ui.Number("Seeds", 2, report.MOST_SEEDS, report.SEEDS, 1,
                       "How many runs of each kind there are; the first has the seed set here."),
    "passes": ui.Number("Passes through the layer", 1, 1000, 1, 1, "Each pass draws a new mask."),
    "after": ui.Choice("Weights after", {str(step): f"step {step}" for step in report.STEPS}),
}
link = ui.page("regularization", own=OWN)
part = ui.parts("part")
ui.setups(f"regularization {part}")


def below(plots, used) -> None:
    """What stands under both parts: why, parameters, the same in Keras, the numbers, limits and sources."""
    question, file = QUESTIONS[part]

    def parameters() -> None:
        st.markdown(f"**The network of 56 tumours.** {report.counted(SOURCE_MODELS[question].layers)}")
        ui.numbers(report.layer_table(SOURCE_MODELS[question].layers))
        st.markdown(f"**The network on the screen.** {report.counted(of_run(used))}")

    ui.below("regularization", {
        "Why": f"Why: {part}", "Parameters": parameters, "In Keras": lambda: ui.keras_file(file),
        "This run in Keras": lambda: ui.script("regularization", used),
        "Data": lambda: ui.tables("regularization", plots, {"layer": charts.dropped}),
        "Limits and sources": f"Limits: {part}"})


{"dropout": parts.dropout, "batch_norm": parts.batch_norm}[part](link, below)
