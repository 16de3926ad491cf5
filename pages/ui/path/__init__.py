"""The way from page to page: one question to answer from the experiment, what was seen so far, and what comes next.

What somebody chose and opened is kept in the browser; the server hears nothing of it.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import streamlit as st

from core import lessons
from core.quiz import Quiz
from core.runs import RUNS
from core.shipped import opening_runs
from pages.ui.course import LESSONS, SECTIONS, link_to

# By page: the QUIZ of its lesson.
QUIZZES: dict[str, Quiz] = {
    lesson.name.rpartition(".")[2]: import_module(f"{lesson.name}.quiz").QUIZ
    for lesson in pkgutil.iter_modules(lessons.__path__, "core.lessons.") if find_spec(f"{lesson.name}.quiz")}
PATH = [lesson for section, found in SECTIONS.items() if section != "Reference" for lesson in found]
_FOLDER = Path(__file__).parent


def _component(name: str) -> Callable[..., Any]:
    return st.components.v2.component(
        name, html=f'<div class="{name}"></div>', css=(_FOLDER / f"{name}.css").read_text(encoding="utf-8"),
        js="".join((_FOLDER / f"{part}.js").read_text(encoding="utf-8") for part in ("kept", name)))


_quiz, _path = _component("quiz"), _component("path")


def quiz(page: str) -> None:
    """The question of a page; its answer is computed from the runs that come with the app."""
    one = QUIZZES[page]
    opening_runs.install()
    answer = one.answer([RUNS.get(spec).history for spec in one.specs])
    _quiz(key=f"quiz_{page}", data={"page": page, "text": one.text, "choices": list(one.choices), "right": answer.right,
                                    "because": answer.because})


def foot(page: str) -> None:
    """What was seen so far, and the way to the next page."""
    if LESSONS[page] not in PATH:
        return
    following = [*PATH, LESSONS["questions"]][PATH.index(LESSONS[page]) + 1]
    with st.container(key="path", gap="xsmall"):
        _path(key="path_seen", data={"page": page, "pages": [
            {"name": lesson.name, "title": lesson.title} for lesson in PATH]})
        link_to(following.name, label=f"Next: {following.title}. {following.question}")
