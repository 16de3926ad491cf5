"""The questions of the course, read from pages/questions.md: `## number question`, the answer, `Exact:` and `Try:`.

`Try: gradients / Explodes` is a link to the page with that set-up; `Try: gradients` one to the page as it opens.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import streamlit as st

from pages.ui.experiments import Experiment
from pages.ui.text import sections


@dataclass(frozen=True)
class Question:
    """A question with its number (T1 … P11), a short answer, what is exact where the course is loose, and links."""

    number: str
    text: str
    answer: str
    exact: str
    experiments: tuple[Experiment, ...]


@cache
def questions() -> tuple[Question, ...]:
    """All of them, in the order of the course."""
    return tuple(_read(head, body) for head, body in sections("questions").items() if head)


def _read(head: str, body: str) -> Question:
    number, _, text = head.partition(" ")
    answer, exact, tries = [], "", []
    for paragraph in body.split("\n\n"):
        kind, _, rest = paragraph.partition(": ")
        if kind == "Try":
            tries.append(Experiment.read(rest))
        elif kind == "Exact":
            exact = rest
        else:
            answer.append(paragraph)
    return Question(number, text, "\n\n".join(answer), exact, tuple(tries))


def question(one: Question, badge: str = "") -> None:
    """A question as a card; among other things, a badge says what it is."""
    with st.container(border=True, width=720, key=f"question_{one.number}"):
        st.markdown(f"##### {one.number} · {one.text}" + (f" :gray-badge[{badge}]" if badge else ""))
        st.markdown(one.answer)
        if one.exact:
            st.markdown(f":gray-badge[exactly] {one.exact[0].upper()}{one.exact[1:]}")
        with st.container(horizontal=True):
            for experiment in one.experiments:
                experiment.link()
