"""Questions: all 26 are there, can be found, and lead to an experiment that opens as it should."""

import pytest

from core.spec import RunSpec
from pages import ui
from pages.ui.questions import Experiment
from tests.pages.reading import every_text

NUMBERS = [f"T{i}" for i in range(1, 16)] + [f"P{i}" for i in range(1, 12)]


def cards(app) -> list[str]:
    assert not app.exception
    assert not app.error
    return [markdown.value.split(" ")[1] for markdown in app.markdown if markdown.value.startswith("##### ")]


def test_all_are_there_in_order_each_with_an_answer_and_an_experiment(visit):
    assert [question.number for question in ui.questions()] == NUMBERS
    assert all(question.answer and question.experiments for question in ui.questions())
    app = visit("questions")
    assert cards(app) == NUMBERS
    assert len(app.get("page_link")) == sum(len(question.experiments) for question in ui.questions())


@pytest.mark.parametrize("name", sorted({experiment.page for one in ui.questions() for experiment in one.experiments}))
def test_every_link_opens_its_page_as_it_says(visit, name):
    for question in ui.questions():
        for experiment in question.experiments:
            if experiment.page == name:
                app = visit(name, **experiment.query)
                assert not app.exception
                assert not app.error
                assert not app.warning, [warning.value for warning in app.warning]
                if name != "home":
                    every_text(app, name)


@pytest.mark.parametrize(("words", "found"), [("gradient clip", ["T15", "P9"]), ("xor", ["P1", "P2", "P4"]),
                                              ("t14", ["T14"]), ("nothing of the kind", [])])
def test_it_finds_words(visit, words, found):
    app = visit("questions", find=words)
    assert cards(app) == found
    assert app.text_input[0].value == words
    assert any((f"{len(found)} of 26" if found else "Try one word") in caption.value for caption in app.caption)


@pytest.mark.parametrize(("kind", "count"), [("T", 15), ("P", 11), ("nonsense", 26)])
def test_theory_and_practice(visit, kind, count):
    app = visit("questions", kind=kind)
    assert len(cards(app)) == count
    assert bool(app.warning) == (kind == "nonsense")


def test_an_experiment_that_is_not_there_is_an_error():
    with pytest.raises(KeyError):
        Experiment.read("nowhere")
    with pytest.raises(LookupError, match="gradients has no set-up 'Nothing'"):
        Experiment.read("gradients / Nothing")
    assert RunSpec.from_query(Experiment.read("gradients / Explodes").query)[1] == []
