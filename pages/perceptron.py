"""Perceptron: the learning rule update by update, when it cannot succeed, and the same points with a hidden layer."""

from dataclasses import replace

import streamlit as st

from core.lessons.perceptron import rule
from pages import ui
from pages.parts import perceptron as parts

OPENS = {"rule": rule.OPENING, "hidden": rule.NETWORK}
link = ui.page("perceptron", rule.OPENING, {
    "show": ui.Parts("Part of the page", ui.LESSONS["perceptron"].titles, runs=OPENS),
    "rate": ui.Number("Learning rate η", 0.01, 1, rule.RATE, 0.01),
    "epochs": ui.Number("Epochs at most", 1, rule.MOST_EPOCHS, rule.MOST_EPOCHS, 1),
})
spec, note = rule.placed(link.spec)
part = ui.parts("show", OPENS if link.spec in OPENS.values() else {})  # points of one's own stay
ui.setups(f"perceptron {part}")
if note:
    st.caption(f":material/edit_note: {note}")


def below(plots, keras, numbers) -> None:
    """What stands under both parts: why, the same in Keras, the numbers, limits and sources."""
    ui.below("perceptron", {"Why": f"Why: {part}", "In Keras": keras,
                            "Data": lambda: ui.tables("perceptron", plots, numbers),
                            "Limits and sources": "Limits and sources"})


{"rule": parts.one_unit, "hidden": parts.hidden}[part](replace(link, spec=spec), below)
