"""Parts of a page that are drawn again when the player's bar says something: fragments by what they answer to."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

MORE = "more"  # the next part of a run is asked for
REST = "rest"  # the play-head has come to rest
_KEY = "answers"  # where the session keeps the fragments that the page has now, by what they answer to


def answers(event: str, name: str) -> Callable[[Callable[[], None]], None]:
    """Decorator: draws the part now, and again at each event; of one name there is one on a page."""
    def drawn(part: Callable[[], None]) -> None:
        key = f"{event} {name}"
        st.session_state.setdefault(_KEY, {}).setdefault(event, {})[key] = None
        st.fragment(part, key=key)()

    return drawn


def forget(name: str = "") -> None:
    """Called before a page, or what may hold the part of that name, is drawn anew."""
    for event, keys in st.session_state.get(_KEY, {}).items():
        for key in list(keys):
            if not name or key == f"{event} {name}":
                del keys[key]


def redraw(event: str) -> None:
    """Called by the callback of an event: only what answers to it is drawn again."""
    st.rerun(list(st.session_state.get(_KEY, {}).get(event, {})) or "app")
