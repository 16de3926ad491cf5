"""How a page, or a part of it that runs by itself, is run: in its turn, and with a sentence where something breaks."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import streamlit as st

_LOG = logging.getLogger(__name__)
# Scripts that run at the same time take Python's one lock from each other at every step, and from the server's thread
# that sends what they draw: thirty viewers at once had no page after a minute; two at a time, the last has it in 8 s.
_TURNS = threading.BoundedSemaphore(2)
_mine = threading.local()


@contextmanager
def turn() -> Iterator[None]:
    """Waits until fewer than two others compute; within one's own turn it does nothing."""
    if getattr(_mine, "taken", False):
        yield
        return
    with _TURNS:
        _mine.taken = True
        try:
            yield
        finally:
            _mine.taken = False


@contextmanager
def guarded(part: str = "page", then: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Takes its turn; shows an error in this part of a page as a sentence with a way back, and does `then`.

    What Streamlit raises to stop or repeat a script is no Exception and passes.
    """
    try:
        with turn():
            yield
    except Exception as error:
        _LOG.exception("A page failed")
        then()
        detail = str(error) if isinstance(error, ValueError) else ""
        st.error(f"This experiment could not be shown. {detail}", icon=":material/error:")
        if st.button("Start this page afresh", icon=":material/restart_alt:", key=f"afresh_{part}"):
            st.session_state.clear()
            st.query_params.clear()
            st.rerun()
