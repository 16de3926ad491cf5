"""The words of the course, read from glossary.md: `## Term`, one sentence, and `Try:` with what shows it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import streamlit as st

from pages.ui.experiments import Experiment
from pages.ui.text import sections


@dataclass(frozen=True)
class Word:
    """A term, its one sentence, and what shows it."""

    term: str
    sentence: str
    experiment: Experiment

    @property
    def sign(self) -> str:
        """The sign that it explains, as in “Sigma, σ”; empty for a word."""
        return self.term.partition(", ")[2]


@cache
def words() -> tuple[Word, ...]:
    """All of them, in the order of the alphabet."""
    return tuple(_read(term, body) for term, body in sections("ui/glossary").items() if term)


def glossary() -> dict[str, str]:
    """The one sentence of every term."""
    return {word.term: word.sentence for word in words()}


def _read(term: str, body: str) -> Word:
    sentence, _, experiment = body.partition("\n\nTry: ")
    return Word(term, sentence, Experiment.read(experiment))


def glossary_section() -> None:
    """All terms, each with its sentence and its link."""
    st.markdown(sections("ui/glossary")[""])
    for word in words():
        with st.container(width=720, gap=None, key=f"word_{word.term}"):
            st.markdown(f"**{word.term}.** {word.sentence}")
            word.experiment.link()
