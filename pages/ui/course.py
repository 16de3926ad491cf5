"""The course map: one table of all pages, from which the menu, the links and the router follow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import streamlit as st

PAGES_FOLDER = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Part:
    """One part of a page: what its control calls it, and the question it answers."""

    title: str
    question: str


@dataclass(frozen=True)
class Lesson:
    """One page: its stem (file, address), what the menu calls it, its icon, and the question it answers.

    parts: those of which one is open, by the name that stands in the link; parameter: what says there which one.
    charts: whether there is something to present.
    """

    name: str
    title: str
    icon: str
    question: str
    parts: Mapping[str, Part] = field(default_factory=dict)
    parameter: str = "show"
    charts: bool = True

    @property
    def titles(self) -> dict[str, str]:
        """What the control calls each part."""
        return {name: part.title for name, part in self.parts.items()}

    def opens(self, part: str) -> dict[str, str]:
        """The query of a link to one of its parts, none for the page as it opens.

        Raises:
            KeyError: it has no such part.
        """
        return {self.parameter: part} if part and self.parts[part] else {}


SECTIONS: dict[str, tuple[Lesson, ...]] = {
    "": (
        Lesson("home", "Start", ":material/science:", "What happens inside a deep network while it learns?"),
    ),
    "Foundations": (
        Lesson("perceptron", "Perceptron", ":material/linear_scale:",
               "How does one unit learn to draw a line?", {
                   "rule": Part("One unit, one line", "How does one unit find its line, and when is there none?"),
                   "hidden": Part("One hidden layer", "What can a hidden layer separate that one unit cannot?")}),
        Lesson("backprop", "Forward and backward", ":material/swap_horiz:",
               "Which way should each weight change?"),
        Lesson("anatomy", "Anatomy", ":material/schema:", "What is a network made of, and what kinds are there?", {
                   "net": Part("Build a net", "How many layers and units does it take to draw this boundary?"),
                   "families": Part("Seven families", "What do seven kinds of networks make of an example, layer by "
                                    "layer?"),
                   "counts": Part("Counts and tools", "How many parameters does a network have, and which tools show "
                                  "it?")}, "part"),
    ),
    "Concepts": (
        Lesson("activations", "Activations", ":material/show_chart:",
               "Why does a network need activations, and which ones?", {
                   "curves": Part("Curves and slopes", "What does an activation pass forward, and what does its slope "
                                  "let back?"),
                   "deep": Part("In a deep network", "What do the slopes of all layers do to the signal?"),
                   "layers": Part("One for each layer", "What if each layer has an activation of its own?"),
                   "softmax": Part("Softmax", "How does softmax turn logits into probabilities?"),
                   "linear": Part("None at all", "What can a network without activations draw?")}, "part"),
        Lesson("losses", "Losses", ":material/target:",
               "Which mistakes does a loss take seriously?", {
                   "curves": Part("Curves", "What does each loss make of an error, and how steep is it there?"),
                   "outlier": Part("Outlier", "Which losses does an outlier move?"),
                   "mistake": Part("Confident mistake", "Which loss corrects a network that is sure and wrong?"),
                   "formula": Part("Your own", "What does a network learn from a loss that you type?")}),
        Lesson("gradients", "Gradients", ":material/trending_down:",
               "Why do the early layers of a deep network stop learning?"),
        Lesson("initializers", "Initializers", ":material/casino:",
               "Which initial weights let a deep network learn?", {
                   "compare": Part("All side by side", "What becomes of the same network under each initializer?"),
                   "kernel": Part("One kernel", "Which numbers does an initializer draw?"),
                   "units": Part("Equal units", "Why do units that start equal stay equal?")}),
    ),
    "Training": (
        Lesson("optimizers", "Optimizers", ":material/hiking:",
               "How does a gradient become a step?", {
                   "surface": Part("On a surface", "Which way does each optimizer take down to the minimum?"),
                   "network": Part("In a network", "Which optimizer moves the early layers of a deep network?"),
                   "rates": Part("Learning rates", "How large may the learning rate be?"),
                   "batches": Part("Batch sizes", "How noisy are the steps of small batches?")}),
        Lesson("regularization", "Regularization", ":material/tune:",
               "When do dropout and batch norm help?", {
                   "dropout": Part("Dropout", "What does dropout do to a layer, and when does it help?"),
                   "batch_norm": Part("Batch norm", "What does batch norm do to a layer, and when does it help?")},
               "part"),
        Lesson("curves", "Training curves", ":material/stacked_line_chart:",
               "How do loss curves show under- and overfitting?"),
        Lesson("own_network", "My network", ":material/troubleshoot:",
               "Why does my own Keras model not train?", {
                   "record": Part("A recorded training", "What happened inside my network while it trained?"),
                   "code": Part("Its code", "What is wrong with the code of my network?"),
                   "model": Part("A saved model", "What is wrong with a network that I saved?")}, "way"),
    ),
    "Reference": (
        Lesson("questions", "Questions", ":material/quiz:", "Where is the answer to my question?", charts=False),
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
