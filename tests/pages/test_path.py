"""The way from page to page: a question on each, one before each main set-up, and what comes next."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from pages.ui.path import PATH
from pages.ui.quizzes import QUESTIONS
from pages.ui.setups import SETUPS
from tests.pages.reading import bar, component_data, opened, texts, titles, widget


def components(app: AppTest) -> list[str]:
    return [one.key for one in app.get("bidi_component")]


def query_of(setup: str) -> dict[str, str]:
    """The address of a set-up."""
    where, _, label = setup.partition(" / ")
    (found,) = [one for one in SETUPS[where] if one.label == label]
    return (found.spec.to_query() if found.spec else {}) | found.own


def test_the_lessons_of_the_course_have_questions():
    assert {lesson.name for lesson in PATH} - {"home", "own_network"} == set(QUESTIONS)


def test_the_page_s_own_question_stands_in_its_tab(visit):
    app = opened(visit("gradients"), "gradients", "One question")
    data = component_data(app, "quiz_gradients_times")
    assert [data["choices"][place] for place in data["right"]] == ["About a million times"]
    assert "850" in data["because"]
    assert not data["hides"]


def test_a_set_up_with_a_question_has_a_button_that_asks_it(visit):
    app = visit("gradients")
    assert "quiz_gradients_times_first" not in components(app)
    charts = titles(app)
    app.button(key="predict").click().run()
    texts(app)
    assert app.query_params["ask"] in ("times", ["times"])
    data = component_data(app, "quiz_gradients_times_first")
    assert (data["hides"], data["kind"], data["name"]) == (True, "choice", "gradients times")
    assert "predict" not in [one.key for one in app.button]
    assert titles(app) == charts  # all is there, hidden by the style alone


def test_settings_of_one_s_own_have_no_question(visit):
    app = visit("gradients", v="1", widths="8x3")
    assert "predict" not in [one.key for one in app.button]


@pytest.mark.parametrize(("page", "name", "kind"), [
    ("gradients", "course", "line"), ("gradients", "little", "number"), ("backprop", "off", "number"),
    ("optimizers", "ravine", "choice")])
def test_a_link_asks_before_a_set_up(visit, page, name, kind):
    app = visit(page, **query_of(QUESTIONS[page][name].setup), ask=name)
    texts(app)
    data = component_data(app, f"quiz_{page}_{name}_first")
    assert data["kind"] == kind
    assert len(data["lines"]) == (len(data["choices"]) if kind == "line" else 0)


def test_another_set_up_asks_no_more(visit):
    app = visit("gradients", ask="times")
    assert "quiz_gradients_times_first" in components(app)
    widget(app, "pills", "setups_gradients").set_value("All zeros").run()
    assert "ask" not in app.query_params
    assert "quiz_gradients_times_first" not in components(app)


def test_a_question_of_another_set_up_is_not_asked_and_said_so(visit):
    app = visit("gradients", v="1", widths="8x3", ask="times")
    assert "quiz_gradients_times_first" not in components(app)
    assert "asked before another set-up: Sigmoid vanishes." in texts(app)


def test_a_question_that_there_is_not_is_put_right(visit):
    app = visit("gradients", ask="who<b>")
    assert "quiz_gradients_times_first" not in components(app)
    (note,) = [one.value for one in app.warning]
    assert note == "ask must be one of times, little, course. Received: 'who<b>'. Nothing is asked."


def test_what_is_shared_while_a_question_is_asked_asks_it_too(visit):
    app = visit("gradients")
    app.button(key="predict").click().run()
    links = [code.value for code in app.code if "v=1" in code.value]
    assert links
    assert all("ask=times" in one for one in links)


def test_once_answered_the_address_asks_no_more_and_the_run_plays(visit, monkeypatch):
    from pages.ui import path

    app = visit("gradients", ask="times")
    begun = bar(app)["begun"]
    heard = path._quiz
    said = []

    def answered(**drawn):  # AppTest has no browser: what it would say is brought about as its callback does
        if "on_answered_change" in drawn and not said:
            said.append(True)
            drawn["on_answered_change"]()
        return heard(**drawn)

    monkeypatch.setattr(path, "_quiz", answered)
    app.run()
    monkeypatch.undo()
    app.run()
    assert "ask" not in app.query_params
    assert "quiz_gradients_times_first" in components(app)
    assert (bar(app)["begun"], bar(app)["plays"]) == (begun + 1, True)


@pytest.mark.parametrize(("page", "following"), [("home", "Perceptron"), ("gradients", "Initializers"),
                                                 ("curves", "My network")])
def test_the_next_page_stands_at_the_foot(visit, page, following):
    app = visit(page)
    data = component_data(app, "path_seen")
    assert [one["name"] for one in data["pages"]] == [lesson.name for lesson in PATH]
    assert any(link.proto.label.startswith(f"Next: {following}.") for link in app.get("page_link"))
