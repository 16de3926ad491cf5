"""The way from page to page: a question on each, whose right answer is computed, and what comes next."""

from __future__ import annotations

import pytest

from core.runs import RUNS
from core.shipped import opening_runs
from pages.ui.path import PATH, QUIZZES
from tests.pages.reading import component_data, opened

RIGHT = {  # as known from elsewhere: the course, a textbook, a calculation by hand
    "perceptron": "Two", "backprop": "Up", "anatomy": "2080", "activations": "About a millionth",
    "losses": "Binary cross-entropy", "gradients": "About a million times", "initializers": "2",
    "optimizers": "As long as the learning rate, however large the gradient", "regularization": "The one with dropout",
    "curves": "In the first third of the epochs"}


def test_the_lessons_of_the_course_have_a_question_each():
    assert set(RIGHT) <= set(QUIZZES) <= {lesson.name for lesson in PATH} - {"home"}


@pytest.mark.parametrize("page", RIGHT)
def test_the_right_answer_is_computed_from_what_came_with_the_app(page):
    opening_runs.install()
    quiz = QUIZZES[page]
    assert set(quiz.specs) <= set(opening_runs.SPECS)
    answer = quiz.answer([RUNS.get(spec).history for spec in quiz.specs])
    assert quiz.choices[answer.right] == RIGHT[page]
    assert 2 <= len(set(quiz.choices)) == len(quiz.choices) <= 5
    assert answer.because.endswith(".")
    assert any(sign.isdigit() for sign in answer.because)


def test_the_question_stands_in_its_tab(visit):
    app = opened(visit("gradients"), "gradients", "One question")
    data = component_data(app, "quiz_gradients")
    assert data["choices"][data["right"]] == RIGHT["gradients"]
    assert "850" in data["because"]


@pytest.mark.parametrize(("page", "following"), [("home", "Perceptron"), ("gradients", "Initializers"),
                                                 ("curves", "Questions")])
def test_the_next_page_stands_at_the_foot(visit, page, following):
    app = visit(page)
    data = component_data(app, "path_seen")
    assert [one["name"] for one in data["pages"]] == [lesson.name for lesson in PATH]
    assert any(link.proto.label.startswith(f"Next: {following}.") for link in app.get("page_link"))
