"""What the search of Questions finds: questions, words, pages, parts, set-ups, symptoms and tools; hits as cards."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

from core.spec import FIELDS, RunSpec
from pages.ui.course import LESSONS
from pages.ui.experiments import Experiment
from pages.ui.glossary import words
from pages.ui.questions import Question, question, questions
from pages.ui.search import MOST_WORDS, Document, Index, Result
from pages.ui.setups import SETUPS
from pages.ui.text import as_typed, sections

SHOWN = 12  # hits
KINDS = {"question": "Question", "word": "Word", "page": "Page", "part": "Part of a page", "set-up": "Set-up",
         "symptom": "Symptom", "tool": "On every page"}
_TRY = "Try one word, such as loss, gradient or dropout."


@dataclass(frozen=True)
class Thing:
    """One thing that can be found: what it is (of KINDS), what a card shows, and where its links lead.

    links: each with its purpose, if there are several; document: what the search has of it; choice: the
    kind on Questions that has it, other than all.
    """

    kind: str
    title: str
    sentence: str
    links: tuple[tuple[str, Experiment], ...]
    document: Document
    question: Question | None = None
    choice: str = ""


@cache
def things() -> dict[str, Thing]:
    """All of them by the key of their document; where two fit a search equally well, the earlier one comes first."""
    found = [*_symptoms(), *_words(), *_questions(), *_pages(), *_setups(), *_tools()]
    return {thing.document.key: thing for thing in found}


@cache
def _index() -> Index:
    return Index([thing.document for thing in things().values()], _data()["synonyms"])


def find(search: str) -> Result:
    """The keys of what fits, best first."""
    return _index().find(search)


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("search.toml").read_text(encoding="utf-8"))


def _symptoms() -> Iterator[Thing]:
    for one in _data()["symptom"]:
        links = ("See it", Experiment.read(one["shows"])), ("What helps", Experiment.read(one["helps"]))
        yield Thing("symptom", one["title"], one["sentence"], links, Document(
            f"symptom {one['title']}", one["title"], one["sentence"], said=(one["title"], *one["said"])))


def _tools() -> Iterator[Thing]:
    for one in _data()["tool"]:
        yield Thing("tool", one["title"], one["sentence"], (("", Experiment.read(one["at"])),), Document(
            f"tool {one['title']}", one["title"], one["sentence"], said=(one["title"], *one["said"])))


def _words() -> Iterator[Thing]:
    for one in words():
        yield Thing("word", one.term, one.sentence, (("", one.experiment),),
                    Document(f"word {one.term}", one.term, one.sentence), choice="W")


def _questions() -> Iterator[Thing]:
    for one in questions():
        yield Thing("question", one.text, one.answer, (), Document(
            f"question {one.number}", one.text, f"{one.answer} {one.exact}", said=(one.number,)), one, one.number[0])


def _pages() -> Iterator[Thing]:
    for name, lesson in LESSONS.items():
        prose = {head: text for head, text in sections(name).items() if not head.startswith("Limits")}
        if name != "questions":
            yield Thing("page", lesson.title, lesson.question, (("", Experiment.read(name)),), Document(
                f"page {name}", lesson.title, lesson.question, _without_formulas(*prose.values())))
        for part, what in lesson.parts.items():
            own = [text for head, text in prose.items() if head in (f"Why: {part}", what.title)]
            yield Thing("part", f"{lesson.title}: {what.title}", what.question, (
                ("", Experiment.read(f"{name} {part}")),), Document(
                    f"part {name}/{part}", what.title, f"{what.question} {lesson.title}", _without_formulas(*own)))


def _setups() -> Iterator[Thing]:
    for table, setups in SETUPS.items():
        part = Experiment.read(table)
        for one in setups:
            opens = Experiment.read(f"{table} / {one.label}")
            yield Thing("set-up", opens.title, one.look, (("", opens),), Document(
                f"set-up {table} / {one.label}", one.label, f"{one.look} {part.title}",
                _made_of(one.spec) if one.spec not in (None, RunSpec()) else ""))


def _without_formulas(*texts: str) -> str:
    return re.sub(r"\$\$.*?\$\$|\$[^$]*\$", " ", " ".join(texts), flags=re.DOTALL)


def _made_of(spec: RunSpec) -> str:
    """What a run is made of, in the words of the menus."""
    chosen = (*spec.activations, spec.initializer, spec.optimizer, spec.dataset)
    tables = [*(["activation"] * len(spec.activations)), "initializer", "optimizer", "dataset"]
    return " ".join(FIELDS[table].table[one].label for table, one in zip(tables, chosen, strict=True))


def hits(search: str, choice: str) -> None:
    """What a search finds, as cards; choice: `all`, or the kind on Questions that is wanted."""
    result = find(search)
    found = [thing for key in result.hits if choice in ("all", (thing := things()[key]).choice)]
    st.caption(said(result, len(found), search))
    for thing in found[:SHOWN]:
        card(thing)


def said(result: Result, count: int, search: str) -> str:
    """What is said of a search: how much it found, of the kind that is wanted, and what was not understood."""
    if not result.asked:
        return f"“{as_typed(search)}” has neither a letter nor a digit. {_TRY}"
    notes = [f"“{as_typed(word)}” is read as “{as_typed(other)}”." for word, other in result.read_as]
    if result.asked > MOST_WORDS:
        notes.append(f"Only the first {MOST_WORDS} of {result.asked} words are looked for.")
    if not result.hits:
        notes.append(f"Nothing fits “{as_typed(search)}”.")
        if result.unknown and not any(sign.isascii() for word in result.unknown for sign in word):
            notes.append("The pages are in English.")
        return " ".join([*notes, _TRY])
    if result.unknown:
        notes.append(f"Nothing has {' or '.join(f'“{as_typed(word)}”' for word in result.unknown[:3])}.")
    if not count:
        notes.append(f"Nothing of this kind; {_counted(len(result.hits))} under All.")
    else:
        notes.append(f"The best {SHOWN} hits." if count > SHOWN else f"{_counted(count)}.")
    return " ".join(notes)


def _counted(count: int) -> str:
    return f"{count} hit{'s' * (count > 1)}"


def card(thing: Thing) -> None:
    """A hit as a card: its title, what kind of thing it is, one sentence, and the links that open it."""
    if thing.question:
        question(thing.question, KINDS[thing.kind])
        return
    with st.container(border=True, width=720, key=f"hit_{thing.document.key}"):
        st.markdown(f"##### {thing.title} :gray-badge[{KINDS[thing.kind]}]")
        st.markdown(thing.sentence)
        with st.container(horizontal=True):
            for purpose, experiment in thing.links:
                experiment.link(purpose)
