"""A page's prose, with the glossary's sentence on each term where it first stands: on hover, tap or focus.

Streamlit's Markdown has no such mark, and what Streamlit has drawn stays untouched: a component lays buttons over the
words, in a layer of its own (words.js).
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

from pages.ui.glossary import Word, words
from pages.ui.text import sections

_FOLDER = Path(__file__).parent
_words = st.components.v2.component("words", html='<div class="words" role="group" aria-label="Words explained"></div>',
                                    css=(_FOLDER / "words.css").read_text(encoding="utf-8"),
                                    js=(_FOLDER / "words.js").read_text(encoding="utf-8"))

# How a sign of the glossary stands in formulas.
SIGNS = {"δ": r"\\delta(?![a-z])|δ",
         "∂": r"\\partial(?![a-z])|∂", "σ": r"\\sigma(?![a-z])|σ", "E[·]": r"\\mathbb ?\{?E"}
_UNMARKED = re.compile(r"\$\$.*?\$\$|\$[^$]+\$|`[^`]+`|\[[^\]]*\]\([^)]*\)", re.DOTALL)  # formulas, code, links


def prose(page: str, heading: str) -> None:
    """One section in lines that are short enough to read, with the terms of the glossary marked."""
    key = f"prose_{re.sub(r'[^a-z]+', '_', heading.lower())}"
    with st.container(key=key, width=680):
        st.markdown(sections(page)[heading])
        _words(key=f"words_{key}", data={"words": marked(sections(page)[heading])})


@cache
def marked(text: str) -> list[dict[str, Any]]:
    """The glossary's terms that stand in a text: each with its sentence, and the pattern or the sign to look for."""
    plain, found = _UNMARKED.sub(" ", text), []
    for word in sorted(words(), key=lambda word: -len(word.term)):
        sign = word.sign
        if sign and re.search(SIGNS[sign], text):
            found.append(_mark(word, sign=sign))
        elif not sign and re.search(pattern(word.term), plain, re.IGNORECASE):
            found.append(_mark(word, pattern=pattern(word.term)))
            plain = re.sub(pattern(word.term), " ", plain, flags=re.IGNORECASE)  # “gradient descent” is no “gradient”
    return found


def pattern(term: str) -> str:
    """A term, or more than one of it, at any place where no letter is beside it; for Python and JavaScript alike."""
    singular = re.escape(term).replace(r"\ ", r"\s+").replace(r"\-", "-")
    forms = f"{singular[:-1]}(?:y|ies)" if term.endswith("y") else f"{singular}(?:e?s)?"
    return rf"(?<![\w-]){forms}(?![\w-])"


def _mark(word: Word, **look_for: str) -> dict[str, str]:
    return {"term": word.term, "sentence": word.sentence, **look_for}
