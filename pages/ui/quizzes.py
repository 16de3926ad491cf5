"""The questions of all lessons, with their answers computed from the runs that come with the app."""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module
from importlib.util import find_spec

from core import lessons
from core.quiz import Asked, Question
from core.runs import RUNS
from core.shipped import opening_runs

# By page and name: the QUESTIONS of its lesson. The first one is the page's own.
QUESTIONS: dict[str, dict[str, Question]] = {
    lesson.name.rpartition(".")[2]: import_module(f"{lesson.name}.quiz").QUESTIONS
    for lesson in pkgutil.iter_modules(lessons.__path__, "core.lessons.") if find_spec(f"{lesson.name}.quiz")}


@cache
def asked(page: str, name: str) -> Asked:
    """A question with its answer.

    Raises:
        KeyError: the page has no question of that name.
    """
    opening_runs.install()
    question = QUESTIONS[page][name]
    return question.ask([RUNS.get(spec).history for spec in question.specs])


def before(table: str, label: str) -> str:
    """The name of the question that is asked before a set-up, the first one of several; empty where there is none."""
    page, where = table.partition(" ")[0], f"{table} / {label}"
    return next((name for name, question in QUESTIONS.get(page, {}).items() if question.setup == where), "")
