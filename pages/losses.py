"""Losses: what a loss makes of an error, which fit an outlier moves, and what a confident mistake sends back."""

from collections.abc import Callable
from functools import partial

import streamlit as st

from core.lessons.losses import charts as drawn
from core.lessons.losses import confident_mistake, line_fits, scripts, typed_report
from core.lessons.losses.sweeps import SWEEPS
from core.losses import LOSSES
from pages import ui
from pages.parts import losses as parts

KNOBS = [knob for sweep in SWEEPS.values() for knob in (sweep.x, sweep.target) if knob]
OWN = {
    "show": ui.Parts("Experiment", {"curves": "Curves", "outlier": "Outlier",
                                    "mistake": "Confident mistake", "formula": "Your own"},
                     runs={"mistake": confident_mistake.CONFIDENT, "formula": typed_report.RUN}),
    "over": ui.Choice("What is predicted", {name: sweep.label for name, sweep in SWEEPS.items()}),
    "distance": ui.Number("Outlier's distance from the line", -line_fits.FARTHEST, line_fits.FARTHEST, 12, 0.5),
    "place": ui.Number("Outlier's place x", line_fits.LOW, line_fits.FARTHEST_PLACE, 11, 0.5),
} | parts.OWN | {knob.name: ui.Number(knob.label, knob.low, knob.high, knob.first, knob.step) for knob in KNOBS} | {
    f"{name}_losses": ui.Choices("Losses", {loss: LOSSES[loss].short for loss in sweep.losses}, sweep.first)
    for name, sweep in SWEEPS.items()}

link = ui.page("losses", confident_mistake.CONFIDENT, OWN)
part = ui.parts("show")
ui.setups("losses formula" if part == "formula" else "losses")
sweep = SWEEPS[link.value("over")]
x, target = link.value(sweep.x.name), link.value(sweep.target.name) if sweep.target else 0.0
place, distance = link.value("place"), link.value("distance")


def below(plots, files: dict[str, Callable[[], str]], caption: str, names=()) -> None:
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


def reading(sentences: str, rows: list[dict[str, str]], note: str) -> None:
    """What the charts show, in words and beside them in numbers."""
    words, table = st.columns([2, 3], gap="medium")
    with words:
        st.markdown(sentences)
        st.caption(note)
    with table:
        ui.numbers(rows)


def curves() -> None:
    chosen = f"{sweep.name}_losses"
    names = sweep.shown(link.value(chosen))
    plots = drawn.curves(sweep, names, x, target)
    with ui.workbench() as (panel, stage):
        with stage:
            ui.row(plots)
            reading(sweep.comparison(names, x, target), sweep.summary(names, x, target), sweep.note)
        with panel:
            ui.own_controls("over", sweep.x.name, *([sweep.target.name] if sweep.target else []), chosen)
    below(lambda: plots, {"At the point": partial(scripts.curve_script, sweep, names, x, target)},
          "Value and slope at the point, by Keras's losses and automatic differentiation.", names)


def outlier() -> None:
    names, plots = line_fits.FITTED, drawn.fitted(line_fits.FITTED, place, distance)
    with ui.workbench() as (panel, stage):
        with stage:
            ui.row(plots, {"fits": lambda x, y: {"place": x, "distance": line_fits.distance_at(x, y)}})
            reading(line_fits.comparison(names, place, distance), line_fits.summary(names, place, distance),
                    "From the line without the outlier to the line with it; moved: at the outlier's place.")
        with panel:
            ui.own_controls("distance", "place")
            st.caption("Or click in the chart, or drag.")
    below(lambda: plots, {"The four lines": partial(scripts.fit_script, names, place, distance)},
          "The same points, and a Keras model of one weight and one bias fitted to them once with each loss.")


{"curves": curves, "outlier": outlier, "mistake": lambda: parts.confident(link, below),
 "formula": lambda: parts.typed(link, below)}[part]()
