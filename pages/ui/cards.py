"""What a run is made of, to read and to take along: formula cards of its parts, and the same in Keras."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path

import streamlit as st

from core.export import keras_script
from core.notebook import notebook
from core.optimizers import Optimizer
from core.registry import Item
from core.spec import FIELDS, RunSpec
from pages.ui import link
from pages.ui.course import LESSONS

KERAS_FOLDER = Path(__file__).parents[1] / "keras"


def cards(spec: RunSpec, names: Sequence[str]) -> None:
    """A formula card for each of these fields of the run: activation, initializer, loss, optimizer, dataset."""
    entries: list[tuple[str, Item]] = []
    for name in names:
        chosen = getattr(spec, name)
        entries += [(FIELDS[name].label.lower(), spec.loss_entry if name == "loss" else FIELDS[name].table[one])
                    for one in dict.fromkeys(chosen if isinstance(chosen, tuple) else (chosen,))]
    side_by_side(entries)


def side_by_side(entries: Sequence[tuple[str, Item]]) -> None:
    """Formula cards in rows of two; an entry is what kind of thing it is, and the thing."""
    for start in range(0, len(entries), 2):
        for column, (noun, item) in zip(st.columns(2), entries[start:start + 2], strict=False):
            with column:
                card(item, noun)


def card(item: Item, noun: str) -> None:
    """One entry of a table: what kind of thing it is, its name, formula, summary and source."""
    with st.container(border=True):
        st.markdown(f"**{item.label}** :gray[{noun}]")
        st.latex(item.formula)
        if isinstance(item, Optimizer) and item.keras_formula:
            st.markdown(f":gray[In Keras.] {item.difference}")
            st.latex(item.keras_formula)
        st.markdown(item.summary)
        st.caption(item.source)


SAME_RUN = "The same run with Keras layers and Keras's optimizer. It runs as pasted and prints the same numbers."


def script(page: str, source: str | RunSpec, caption: str = SAME_RUN) -> None:
    """A Python script that runs as it stands, to copy or to save, and a run as a notebook; the caption says what it
    does.
    """
    text = keras_script(source) if isinstance(source, RunSpec) else source
    st.caption(caption)
    # Written when it is asked for: a file that is offered at once is gone again, and missed, when the page runs anew.
    with st.container(horizontal=True):
        st.download_button("Save as a file", lambda: text, f"{page}.py", "text/x-python", on_click="ignore",
                           icon=":material/download:", key=f"script_{page}")
        if isinstance(source, RunSpec):
            question, address = LESSONS[link.current().page].question, link.address()
            st.download_button("Save as a notebook", lambda: notebook(source, question, address), f"{page}.ipynb",
                               "application/x-ipynb+json", on_click="ignore", icon=":material/book_2:",
                               key=f"notebook_{page}", help="For Jupyter or Colab: the code, charts of the gradient "
                               "and of the loss, and what to change.")
    st.code(text, language="python", height=420)


def scripts(page: str, sources: Mapping[str, RunSpec | Callable[[], str]], caption: str = SAME_RUN,
            first: str | None = None) -> None:
    """One of several scripts, chosen by its name and made when it is chosen; a run gives its own.

    `first` is what it opens with, again whenever that changes.
    """
    names = list(sources)
    first = first or names[0]
    chosen = first if len(names) == 1 else st.selectbox(
        "Script of", names, index=names.index(first), key=f"script_of_{page}_{first}")
    source = sources[chosen]
    script(page, source if isinstance(source, RunSpec) else source(), caption)


@cache
def keras_source(name: str) -> str:
    """The text of keras/<name>.py in this folder."""
    return (KERAS_FOLDER / f"{name}.py").read_text(encoding="utf-8")


def keras_file(name: str, caption: str = "A file that runs as it stands and prints what this page says.") -> None:
    """The Keras code of a practical question, a file of its own that the tests run as it is shown."""
    script(name, keras_source(name), caption)
