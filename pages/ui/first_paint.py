"""What comes after the first paint: on a server that has just started the rest of the page, and TensorFlow.

Python, a browser and TensorFlow share the machine. So the first run of a visit to a server without TensorFlow draws
what the first chart needs and ends; a second later the browser asks, and gets the rest; a second after that it asks
again, and the import starts, 5 to 20 s once a server.
"""

from __future__ import annotations

import streamlit as st

from core.runs import load_tensorflow, tensorflow_ready

ASK_AGAIN = 1.0  # seconds; the browser has painted by the time it asks for the first time
_PAINTED = "painted"


def first_paint() -> bool:
    """Whether this run is for the first chart only."""
    return not st.session_state.get(_PAINTED, True) and not tensorflow_ready()


def end_of_first_paint() -> None:
    """Called after the charts of a run: what comes after them may come a second later."""
    if first_paint():
        st.stop()


def tensorflow_status() -> None:
    """Says whether TensorFlow is there; while it is not, the browser asks again, and asking brings what is missing."""
    was_ready = tensorflow_ready()
    st.session_state.setdefault(_PAINTED, False)
    with_its_page = [True]  # the first time it is drawn; then it is asked for by the browser

    @st.fragment(run_every=None if was_ready else ASK_AGAIN)
    def status() -> None:
        if not (with_its_page and with_its_page.pop()):
            if first_paint():
                st.session_state[_PAINTED] = True
                st.rerun()
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
