"""Questions: all 26 are there and lead to an experiment that opens as it should; so do the words."""

import re

import pytest

from core.spec import RunSpec
from pages import ui
from pages.ui.experiments import Experiment
from pages.ui.found import things
from pages.ui.glossary import words
from pages.ui.setups import SETUPS
from tests.pages.reading import every_text
from tests.tiers import only_nightly

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


@pytest.mark.parametrize("name", only_nightly(
    sorted({experiment.page for one in ui.questions() for experiment in one.experiments}), but=("backprop", "losses")))
def test_every_link_opens_its_page_as_it_says(visit, name):
    for question in ui.questions():
        for experiment in question.experiments:
            if experiment.page == name:
                app = opens(visit, experiment)
                if name != "home":
                    every_text(app, name)


def opens(visit, experiment: Experiment):
    """The page that a link opens, with the set-up that it names marked, or the part."""
    app = visit(experiment.page, **experiment.query)
    assert not app.exception
    assert not app.error
    assert not app.warning, [warning.value for warning in app.warning]
    chosen = [*(one.value for one in app.pills if one.key.startswith("setups_")), open_part(app)]
    assert experiment.label in ("", *chosen), f"{experiment.title} opens {chosen}"
    return app


def open_part(app) -> str:
    link = app.session_state["link"]
    lesson = ui.LESSONS[link.page]
    return lesson.titles[link.own[lesson.parameter]] if lesson.parts else ""


def linked() -> list[Experiment]:
    """Every part, every set-up, and what hits of a search lead to, the words among them."""
    parts = [Experiment.read(f"{page} {part}") for page, lesson in ui.LESSONS.items() for part in lesson.parts]
    setups = [Experiment.read(f"{table} / {setup.label}") for table, setups in SETUPS.items() for setup in setups]
    return [*parts, *setups, *(experiment for thing in things().values() for _, experiment in thing.links)]


@pytest.mark.parametrize("page", [name for name in ui.LESSONS if name not in ("home", "questions")])
def test_what_is_linked_to_is_understood_by_its_page_as_it_stands(visit, page):
    table = visit(page).session_state["link"].table
    for experiment in linked():
        if experiment.page == page:
            own = {name: text for name, text in experiment.query.items() if name in table}
            assert {name: table[name].nearest(name, text) for name, text in own.items()} == {
                name: (text, None) for name, text in own.items()}, experiment.title
            rest = {name: text for name, text in experiment.query.items() if name not in table}
            assert not rest or RunSpec.from_query(rest)[0].to_query() == rest, experiment.title


@pytest.mark.parametrize("table", ["activations softmax", "activations linear", "anatomy net", "losses formula",
                                   "anatomy counts", "optimizers rates"])
def test_a_link_opens_its_part_of_the_page_and_its_set_up(visit, table):
    opens(visit, Experiment.read(f"{table} / {SETUPS[table][-1].label}" if table in SETUPS else table))
    opens(visit, Experiment.read(table))


def test_every_word_has_one_sentence_and_none_stands_twice():
    terms = [word.term for word in words()]
    assert terms == sorted(terms, key=str.casefold)
    assert len({term.casefold() for term in terms}) == len(terms) >= 35
    assert set(ui.glossary()) == set(terms)
    for term, sentence in ui.glossary().items():
        assert re.fullmatch(r"[A-Z][^.!?]*(?:\d\.\d[^.!?]*)*\.", sentence), f"{term}: {sentence}"
        assert len(sentence) < 180, term


def test_the_words_stand_on_the_page_each_with_what_shows_it(visit):
    app = visit("questions", kind="W")
    shown = [text.value for text in app.markdown]
    assert [one for one in shown if one.startswith("**")] == [f"**{a}.** {b}" for a, b in ui.glossary().items()]
    assert len(app.get("page_link")) == len(words())
    assert not app.warning


@pytest.mark.parametrize(("kind", "count"), [("T", 15), ("P", 11), ("nonsense", 26)])
def test_theory_and_practice(visit, kind, count):
    app = visit("questions", kind=kind)
    assert len(cards(app)) == count
    assert bool(app.warning) == (kind == "nonsense")


def test_an_experiment_that_is_not_there_is_an_error():
    with pytest.raises(KeyError):
        Experiment.read("nowhere")
    with pytest.raises(KeyError):
        Experiment.read("optimizers nowhere")
    with pytest.raises(LookupError, match="gradients has no set-up 'Nothing'"):
        Experiment.read("gradients / Nothing")
    assert RunSpec.from_query(Experiment.read("gradients / Explodes").query)[1] == []
