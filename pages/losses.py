"""Losses: what a loss makes of an error, which fit an outlier moves, and what a confident mistake sends back."""

from collections.abc import Callable

import streamlit as st

from core.custom_loss import FIRST
from core.formula import FUNCTIONS
from core.lessons.losses import confident_mistake, line_fits, typed_report
from core.lessons.losses.sweeps import SWEEPS
from core.losses import LOSSES
from core.spec import RunSpec
from pages import ui
from pages.parts import losses as parts

KNOBS = [knob for sweep in SWEEPS.values() for knob in (sweep.x, sweep.target) if knob]
OWN = {
    "show": ui.Parts("Experiment", ui.LESSONS["losses"].titles,
                     runs={"mistake": confident_mistake.CONFIDENT, "formula": typed_report.RUN}),
    "over": ui.Choice("What is predicted", {name: sweep.label for name, sweep in SWEEPS.items()}),
    "distance": ui.Number("Outlier's distance from the line", -line_fits.FARTHEST, line_fits.FARTHEST, 12, 0.5),
    "place": ui.Number("Outlier's place x", line_fits.LOW, line_fits.FARTHEST_PLACE, 11, 0.5),
    "z": ui.Number("Logit z", -10, 10, 6), "truth": ui.Number("True label", 0, 1, 0, 1),
    "formula": ui.Text("Your loss, in y_true and y_pred", FIRST, help="Numbers, + - * / **, brackets, comparisons "
                       f"inside where, {', '.join(FUNCTIONS)}."),
} | {knob.name: ui.Number(knob.label, knob.low, knob.high, knob.first, knob.step) for knob in KNOBS} | {
    f"{name}_losses": ui.Choices("Losses", {loss: LOSSES[loss].short for loss in sweep.losses}, sweep.first)
    for name, sweep in SWEEPS.items()}

link = ui.page("losses", confident_mistake.CONFIDENT, OWN)
part = ui.parts("show")
ui.setups("losses formula" if part == "formula" else "losses")


def below(plots, files: dict[str, RunSpec | Callable[[], str]], caption: str, names=()) -> None:
    """What stands under every part: why, the same in Keras, the numbers, limits and sources."""
    def why() -> None:
        ui.prose("losses", f"Why: {part}")
        ui.side_by_side([("loss", LOSSES[name]) for name in names])

    def keras() -> None:
        if files:
            ui.scripts("losses", files, caption)
        else:
            st.caption("A formula that can be read has its Keras code here.")

    ui.below("losses", {"Why": why, "In Keras": keras, "Data": lambda: ui.tables("losses", plots),
                        "Limits and sources": f"Limits: {part}"})


{"curves": parts.curves, "outlier": parts.outlier, "mistake": parts.confident,
 "formula": parts.typed}[part](link, below)
