"""The search of Questions: what people ask finds what is right, a title finds its own, and nonsense finds nothing."""

import tomllib
from pathlib import Path
from urllib.parse import parse_qsl

import pytest

from pages import ui
from pages.ui.found import KINDS, SHOWN, find, things
from pages.ui.found import _data as written
from pages.ui.found import _index as index
from pages.ui.glossary import words
from pages.ui.search import MOST_WORDS, Document, Index, stem, stems
from pages.ui.setups import SETUPS
from pages.ui.text import as_typed

QUERIES = tomllib.loads(Path(__file__).with_name("queries.toml").read_text(encoding="utf-8"))
AT_LEAST, FIRST = 36, 3


# --- ranking, on documents made up for it ----------------------------------------------------------------------------


def found(search: str, *documents: Document, synonyms=()) -> list[str]:
    return list(Index(documents, synonyms).find(search).hits)


def test_a_title_counts_more_than_a_text_and_that_more_than_the_rest():
    assert found("ravine", Document("more", "x", "y", "ravine"), Document("text", "x", "A ravine."),
                 Document("title", "Ravine")) == ["title", "text", "more"]


def test_a_rare_word_counts_more_than_a_common_one():
    common = [Document(f"common {i}", "Loss") for i in range(5)]
    assert found("loss ravine", *common, Document("rare", "Ravine"))[0] == "rare"


def test_who_has_both_words_comes_before_who_has_one():
    assert found("bent valley", Document("one", "x", "A valley."), Document("other", "x", "It is bent."),
                 Document("both", "x", "A valley that is bent."))[0] == "both"


def test_words_side_by_side_as_asked_come_first():
    assert found("early stop", Document("apart", "x", "An early day, a long stop."),
                 Document("beside", "x", "An early stop."))[0] == "beside"


def test_of_two_titles_the_one_that_was_asked_for_as_a_whole_comes_first():
    assert found("momentum", Document("longer", "Momentum and Nesterov"), Document("whole", "Momentum")) == [
        "whole", "longer"]


def test_a_phrase_that_is_said_counts_most_and_only_as_a_whole():
    symptom = Document("symptom", "x", said=("loss is nan",))
    assert found("why is my loss nan", Document("loss", "Loss", "loss nan"), symptom)[0] == "symptom"
    assert found("loss", Document("loss", "Loss"), symptom)[0] == "loss"


def test_synonyms_stems_beginnings_and_slips_are_understood():
    assert found("dying neurons", Document("a", "Dead unit"), synonyms=[["unit", "neuron"], ["dead", "dying"]]) == ["a"]
    assert found("residual connections", Document("a", "Skip connection"), Document("b", "Connection"),
                 synonyms=[["skip connection", "residual connection"]]) == ["a"]
    assert found("optimi", Document("a", "Optimizers")) == ["a"]
    slip = Index([Document("a", "Gradient descent")]).find("gradeint")
    assert slip.hits == ("a",)
    assert slip.read_as == (("gradeint", "gradient"),)


@pytest.mark.parametrize("alike", ["layer layers", "vanish vanishes vanishing vanished", "overfit overfits overfitting",
                                   "optimizer optimizers optimization optimisation", "loss losses", "class classes",
                                   "bias biases", "initialize initializer initialisation", "rate rates",
                                   "batch batches", "activate activated activation", "clip clipped clipping",
                                   "dropout dropouts"])
def test_stems(alike):
    assert len({stem(word) for word in alike.split()}) == 1, [stem(word) for word in alike.split()]


def test_stems_keep_apart_what_differs():
    apart = "loss layer learn bias batch base step seed sigmoid signal softmax normal noise need class clip unit noisy"
    assert len({*stems(apart)}) == len(apart.split())


def test_words_that_stand_everywhere_do_not_count_unless_they_are_the_title():
    documents = Document("and", "AND"), Document("a", "What is the loss?"), Document("b", "Which is and was.")
    assert found("what is a loss", *documents) == ["a"]
    assert found("and", *documents) == ["and"]
    assert found("what is", *documents) == []


# --- the pages' own --------------------------------------------------------------------------------------------------


def test_what_people_ask_finds_what_is_right_among_the_first_three():
    assert len(QUERIES) == 40
    assert {key for right in QUERIES.values() for key in right} <= things().keys()
    missed = {search: find(search).hits[:FIRST] for search, right in QUERIES.items()
              if not set(right) & set(find(search).hits[:FIRST])}
    said = "\n".join(f"{search}: {', '.join(first) or 'nothing'}; right: {', '.join(QUERIES[search])}"
                     for search, first in missed.items())
    print(said)
    assert len(QUERIES) - len(missed) >= AT_LEAST, said


def test_everything_is_found_by_its_own_title():
    """Every question, word, page, part, set-up, symptom and tool."""
    kinds = [key.split()[0] for key in things()]
    assert set(kinds) == set(KINDS)
    assert kinds.count("question") == len(ui.questions())
    assert kinds.count("word") == len(words())
    assert kinds.count("page") == len(ui.LESSONS) - 1  # of the pages, Questions is where one is
    assert kinds.count("part") == sum(len(lesson.parts) for lesson in ui.LESSONS.values())
    assert kinds.count("set-up") == sum(map(len, SETUPS.values()))
    missed = {key: find(thing.document.title).hits[:FIRST] for key, thing in things().items()
              if key not in find(thing.document.title).hits[:FIRST]}
    assert missed == {}


def test_every_phrase_of_a_symptom_or_a_tool_finds_it_first_or_beside_another_of_that_phrase():
    for key, thing in things().items():
        for phrase in thing.document.said:
            assert key in find(phrase).hits[:FIRST], f"{phrase}: {find(phrase).hits[:FIRST]}"


def test_every_synonym_stands_once_and_for_something_that_stands_somewhere():
    groups = written()["synonyms"]
    said = [" ".join(stems(one)) for group in groups for one in dict.fromkeys(" ".join(stems(one)) for one in group)]
    assert sorted({one for one in said if said.count(one) > 1}) == []
    for group in groups:
        assert any(index().find(one).hits for one in group[:1]), group


# --- the page --------------------------------------------------------------------------------------------------------


def titles(app) -> list[str]:
    assert not app.exception
    assert not app.error
    return [text.value.removeprefix("##### ") for text in app.markdown if text.value.startswith("##### ")]


def captions(app) -> str:
    return "\n".join(caption.value for caption in app.caption)


def test_hits_are_cards_with_what_they_are_and_a_link_that_opens_them(visit):
    app = visit("questions", find="loss is nan")
    first = things()["symptom The loss is NaN"]
    assert titles(app)[0] == "The loss is NaN :gray-badge[Symptom]"
    assert first.sentence in [text.value for text in app.markdown]
    assert [(link.proto.label, link.proto.page, dict(parse_qsl(link.proto.query_string)))
            for link in app.get("page_link")][:2] == [
        (f"{purpose} · {opens.label}", opens.page, opens.query) for purpose, opens in first.links]
    assert len(titles(app)) <= SHOWN
    assert app.text_input[0].value == "loss is nan"
    assert "hits" in captions(app)


def test_a_question_that_is_found_shows_its_answer(visit):
    app = visit("questions", find="t14")
    assert titles(app) == ["T14 · What is the vanishing gradient problem? :gray-badge[Question]"]
    assert ui.questions()[13].answer in [text.value for text in app.markdown]


@pytest.mark.parametrize(("kind", "only"), [("T", "T"), ("P", "P"), ("W", "")])
def test_a_kind_leaves_only_its_own(visit, kind, only):
    app = visit("questions", find="gradient", kind=kind)
    assert titles(app)
    for title in titles(app):
        assert title.startswith(only) if only else title.endswith(f"[{KINDS['word']}]")
    assert "Nothing of this kind; 2 hits under All." in captions(visit("questions", find="csv", kind=kind))


@pytest.mark.parametrize(("search", "says"), [
    ("qwertyuiop zxcvb", "Nothing fits “qwertyuiop zxcvb”. Try one word"),
    ("?!… —", "has neither a letter nor a digit"),
    ("🎉", "has neither a letter nor a digit"),
    ("градиент", "Nothing fits “градиент”. The pages are in English."),
    ("損失", "The pages are in English."),
    ("what is the", "Nothing fits “what is the”."),
    ("zqx " * 140, r"z\.\.\.”. Try one word"),
    (" ".join(f"zq{i}x" for i in range(60)), f"Only the first {MOST_WORDS} of 60 words are looked for. Nothing fits"),
    ("![x](http://a.example/b.png) zqxj", r"Nothing has “zqxj”."),
])
def test_what_finds_nothing_or_little_is_said_in_a_sentence(visit, search, says):
    app = visit("questions", find=search)
    titles(app)
    assert says in captions(app)
    assert ("Try one word" in captions(app)) == (not titles(app))


def test_what_somebody_typed_is_shown_as_text():
    assert as_typed("![a](b) $x$ **c** :d:") == r"\!\[a\]\(b\) \$x\$ \*\*c\*\* \:d\:"
    assert len(as_typed("x" * 500)) <= 66


@pytest.mark.parametrize("search", ["", "   "])
def test_without_a_search_all_questions_are_there(visit, search):
    assert len(titles(visit("questions", find=search))) == len(ui.questions())
