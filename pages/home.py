"""Start: what this is, one live result, the way to every page, and what "deep" means."""

import streamlit as st

from core import charts, side_by_side, theory
from core.shipped.opening_runs import DEEP, SHALLOW
from pages import ui

DEPTHS = {"1 layer": SHALLOW, "4 layers": DEEP}
BEGIN = {
    "perceptron": "You are new to this: one unit that learns to draw a line, and what it cannot do.",
    "own_network": "Your own Keras model does not train: bring its code, its file, or a recording of its training.",
    "questions": "You have a question: the answer to each of the 26, with the experiment that shows it.",
}
RINGS = ("Artificial intelligence", "Machine learning", "Deep learning")
link = ui.page("home")


def draw(view: ui.View, *_: ui.View) -> None:
    ui.verdict(view)
    scale = charts.gradient_scale(view.at_start("signal_rms"), view.at_start("kernel_gradient_norm"))
    ui.chart("gradient", (view.frame(charts.gradient_frame, scale, theory.predict(view.spec)),
                          charts.gradient(view.spec.depth, scale)), main=True)


def draw_depths(_: ui.View, *views: ui.View) -> None:
    shown = dict(zip(DEPTHS, views, strict=True)) if all(view.history for view in views) else {}
    ui.chart("accuracy", (ui.once(charts.accuracies_frame, shown) if shown else None,
                          charts.accuracies(SHALLOW.steps, tuple(DEPTHS))))
    entries = [side_by_side.Entry(name, DEPTHS[name], view) for name, view in shown.items()]
    ui.running_text(ui.each(side_by_side.shares_right, entries) if entries else [], key="depths")


def begin() -> None:
    """Where to begin: a page for each of those who come here."""
    st.markdown("**Where to begin**")
    for name, who in BEGIN.items():
        with st.container(border=True, gap=None):
            ui.link_to(name)
            st.caption(who)


def course_map() -> None:
    """All pages in order, a column for each section."""
    sections = {section: lessons for section, lessons in ui.SECTIONS.items() if section}
    for column, (section, lessons) in zip(st.columns(len(sections), gap="medium"), sections.items(), strict=True):
        with column:
            st.markdown(f"**{section}**")
            for lesson in lessons:
                ui.link_to(lesson.name)
                st.caption(lesson.question)


def rings(names: tuple[str, ...]) -> None:
    """A box for each name, inside the one before."""
    with st.container(border=True):
        st.markdown(f"**{names[0]}**  \n{ui.sections('home')[names[0]]}")
        if names[1:]:
            rings(names[1:])


ui.prose("home", "What this is")
run = ui.live([link.spec, *DEPTHS.values()])
stage, way = st.columns([2.4, 1], gap="medium")
with stage:
    run.charts(draw)
with way:
    begin()
    ui.join_room()
st.subheader("How to read a page", anchor=False)
ui.prose("home", "How to read a page")
st.subheader("The course", anchor=False)
course_map()
st.subheader("For a lecture", anchor=False)
st.caption("Stations in order, each with its run and a sentence to say. One of your own: Share, on every page.")
ui.choose_lecture()
left, right = st.columns(2, gap="medium")
with left:
    st.subheader("Deep learning is a part of machine learning", anchor=False)
    rings(RINGS)
with right:
    st.subheader("What “deep” buys", anchor=False)
    run.charts(draw_depths)
    ui.prose("home", "What deep buys")
ui.foot("home")
