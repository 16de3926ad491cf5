"""A page's prose: a Markdown file beside the page, split at its `##` headings."""

from __future__ import annotations

import re
from functools import cache

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.ui.course import PAGES_FOLDER

PICTURE = "picture"  # where the session keeps which picture of a rerun is drawn: no two of its elements share a key


@cache
def sections(page: str) -> dict[str, str]:
    """The text under each `## heading` of pages/<page>.md, in order; what stands before the first has the key ""."""
    text = (PAGES_FOLDER / f"{page}.md").read_text(encoding="utf-8")
    first, *rest = re.split(r"^## +(.+?) *$", text, flags=re.MULTILINE)
    return {"": first.strip()} | {head: body.strip() for head, body in zip(rest[::2], rest[1::2], strict=True)}


def prose(page: str, heading: str) -> None:
    """One section in lines that are short enough to read."""
    with st.container(key=f"prose_{re.sub(r'[^a-z]+', '_', heading.lower())}", width=680):
        st.markdown(sections(page)[heading])


def pointed_at(text: str, position: int, what: str) -> None:
    """What somebody typed, with a mark under the character that is meant, counted from 1, and what is to be said."""
    line = "".join(sign if sign.isprintable() else " " for sign in text)
    if line.strip():
        st.code(f"{line}\n{' ' * (position - 1)}^", language=None)
    st.markdown(what[:1].upper() + what[1:])


def place_of_words() -> DeltaGenerator:
    """A place that keeps its height (style.css), and may be drawn several times in one rerun."""
    return st.container(key=f"verdict_{st.session_state.get(PICTURE, 0)}", gap="xxsmall")


def said(sentences: str, shipped: bool = False) -> None:
    """What is to be seen, in words and numbers; shipped: whether it came with the app."""
    with place_of_words():
        if shipped:
            st.caption(":material/inventory_2: These runs came with the app. Train computes them here and now.")
        st.markdown(sentences or ":gray-badge[:material/hourglass_top: Waiting] The first measurement comes with "
                                 "TensorFlow.")
