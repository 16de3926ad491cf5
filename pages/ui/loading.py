"""TensorFlow's import, shown where it happens: it starts after the first paint and takes 5 to 20 s once a server."""

from __future__ import annotations

import streamlit as st

from core.runs import load_tensorflow, tensorflow_ready

ASK_AGAIN = 1.0  # seconds; the browser has painted by the time it asks for the first time


def tensorflow_status() -> None:
    """Says whether TensorFlow is there; while it is not, the browser asks again, and asking starts the import."""
    was_ready = tensorflow_ready()
    just_now = [True]

    @st.fragment(run_every=None if was_ready else ASK_AGAIN)
    def status() -> None:
        if not (just_now and just_now.pop()):
            load_tensorflow()
        if tensorflow_ready():
            st.caption(":material/check_circle: TensorFlow is ready.")
        else:
            st.caption(":material/hourglass_top: TensorFlow is loading, 5 to 20 s, once.")
        if tensorflow_ready() and not was_ready:
            st.rerun()

    status()


def with_tensorflow(what: str) -> bool:
    """Whether TensorFlow is there; if it is not yet, says what comes with it. The page is drawn again when it is."""
    if not tensorflow_ready():
        st.caption(f":material/hourglass_top: {what} when TensorFlow has loaded.")
    return tensorflow_ready()
