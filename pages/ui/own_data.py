"""One's own table: a way to give it, and to choose what of it is predicted.

What is given stays in the server's memory, within the bounds of `core.own_data.TABLES`; the browser's file is let go as
soon as it has been read. A run on it is shown to whoever has given the same file (`link.holds`).
"""

from __future__ import annotations

import streamlit as st

from core.own_data import (
    MOST_BYTES,
    MOST_FEATURES,
    MOST_ROWS,
    TABLES,
    Choice,
    DataError,
    Prepared,
    Table,
    arrays,
    give,
    matching,
    prepare,
    read,
)
from pages.ui import link

KINDS = {"classes": "Classes", "numbers": "Numbers"}
ABOUT = (f"CSV or TSV, up to {MOST_BYTES / 1e6:g} MB. Up to {MOST_ROWS:,} rows and {MOST_FEATURES} inputs of it are "
         "used. It stays in this server's memory, for two hours at most, and only who gives the same file is shown a "
         "run on it.")
_DIGEST, _FAULT, _COUNT = "own_table", "own_fault", "own_uploads"


def own_data() -> None:
    """Takes a table in, and says what is made of it; the button makes the page learn from it."""
    key = f"own_file_{st.session_state.get(_COUNT, 0)}"  # a new one after each file, which lets go of the one before
    st.file_uploader("Your table", type=["csv", "tsv", "txt"], key=key, help=ABOUT, on_change=_read, args=(key,))
    if fault := st.session_state.get(_FAULT):
        st.error(fault, icon=":material/error:")
    table = _table()
    if table is None:
        st.caption(ABOUT)
        return
    choice = _choice(table)
    try:
        prepared = prepare(table, choice)
    except DataError as error:
        st.error(str(error), icon=":material/error:")
        return
    st.caption(" ".join([prepared.dataset.summary, *prepared.sentences]))
    learned = link.current().spec.table == prepared.fingerprint
    st.button("This is what it learns from" if learned else "Learn from it", disabled=learned, key="own_learn",
              icon=":material/school:", on_click=_use, args=(table.digest, choice))
    if learned:
        st.download_button("Its examples, for the Keras script", lambda: _file(table.digest, choice), "own_data.npz",
                           "application/octet-stream", on_click="ignore", icon=":material/download:",
                           key=f"own_arrays_{prepared.fingerprint}")


def _table() -> Table | None:
    return TABLES.get(st.session_state.get(_DIGEST, ""))


def _choice(table: Table) -> Choice:
    """The column to predict and as what: first those of the link that was opened without its table, if it is that."""
    usual = matching(table, link.wanted()) or table.usual
    names = table.names
    target = st.selectbox("Predict", range(len(names)), index=usual.target, format_func=names.__getitem__,
                          key=f"own_target_{table.digest}")
    like = usual.kind if target == usual.target else table.looks_like(target)
    kind = st.segmented_control("As", list(KINDS), default=like, required=True, format_func=KINDS.__getitem__,
                                key=f"own_kind_{table.digest}_{target}")
    return Choice(target, "numbers" if kind == "numbers" else "classes")


def _read(key: str) -> None:
    """The file that was just given, or what is wrong with it."""
    file = st.session_state.get(key)
    st.session_state.pop(_FAULT, None)
    if file is None:
        return
    st.session_state[_COUNT] = st.session_state.get(_COUNT, 0) + 1
    try:
        table = read(file.getvalue())
        TABLES.put(table.digest, table, table.bytes)
    except ValueError as error:
        st.session_state[_FAULT] = str(error)
        return
    st.session_state[_DIGEST] = table.digest


def _prepared(digest: str, choice: Choice) -> Prepared:
    table = TABLES.get(digest)
    if table is None:
        raise DataError("The table is not here any more; give the file again.")
    return prepare(table, choice)


def _use(digest: str, choice: Choice) -> None:
    """The page's run learns from the table from now on."""
    try:
        fingerprint = give(_prepared(digest, choice))
    except ValueError as error:
        st.session_state[_FAULT] = str(error)
        return
    link.hold(fingerprint)
    link.change(dataset="own", table=fingerprint, samples="none", output_units="none", loss="none", output="none")


def _file(digest: str, choice: Choice) -> bytes:
    return arrays(_prepared(digest, choice))
