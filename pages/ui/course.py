"""The course map: one table of all pages, from which the menu, the links and the router follow."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import streamlit as st

PAGES_FOLDER = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Lesson:
    """One page: its stem (file, address), what the menu calls it, its icon, and the question it answers."""

    name: str
    title: str
    icon: str
    question: str


SECTIONS: dict[str, tuple[Lesson, ...]] = {
    "": (
        Lesson("home", "Start", ":material/science:", "What happens inside a deep network while it learns?"),
    ),
    "Foundations": (
        Lesson("perceptron", "Perceptron", ":material/linear_scale:",
               "How does one unit learn to draw a line?"),
        Lesson("backprop", "Forward and backward", ":material/swap_horiz:",
               "Which way should each weight change?"),
        Lesson("anatomy", "Anatomy", ":material/schema:", "What is a network made of, and what kinds are there?"),
    ),
    "Concepts": (
        Lesson("activations", "Activations", ":material/show_chart:",
               "Why does a network need activations, and which ones?"),
        Lesson("losses", "Losses", ":material/target:",
               "Which mistakes does a loss take seriously?"),
        Lesson("gradients", "Gradients", ":material/trending_down:",
               "Why do the early layers of a deep network stop learning?"),
        Lesson("initializers", "Initializers", ":material/casino:",
               "Which initial weights let a deep network learn?"),
    ),
    "Training": (
        Lesson("optimizers", "Optimizers", ":material/hiking:",
               "How does a gradient become a step?"),
        Lesson("regularization", "Regularization", ":material/tune:",
               "When do dropout and batch norm help?"),
        Lesson("curves", "Training curves", ":material/stacked_line_chart:",
               "How do loss curves show under- and overfitting?"),
    ),
    "Reference": (
        Lesson("questions", "Questions", ":material/quiz:", "Where is the answer to my question?"),
    ),
}
LESSONS = {lesson.name: lesson for lessons in SECTIONS.values() for lesson in lessons}


def pages() -> dict[str, st.Page]:
    """The Streamlit page of every lesson, by name; the first one is the start page."""
    return {
        lesson.name: st.Page(PAGES_FOLDER / f"{lesson.name}.py", title=lesson.title, icon=lesson.icon,
                             default=position == 0)
        for position, lesson in enumerate(LESSONS.values())
    }


def navigation() -> st.Page:
    """Draws the course map in the sidebar; the page that the address asks for."""
    found = pages()
    menu = {section: [found[lesson.name] for lesson in lessons] for section, lessons in SECTIONS.items()}
    return st.navigation(menu, expanded=True)


def link_to(name: str, query: dict[str, str] | None = None, label: str | None = None) -> None:
    """A link to a page, with a run already set up if a query is given."""
    lesson = LESSONS[name]
    st.page_link(pages()[name], label=label or lesson.title, icon=lesson.icon, query_params=query)
