"""How a page, or a part of it that runs by itself, is run: with a sentence where something breaks, and in turn."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

_LOG = logging.getLogger(__name__)

# Scripts that run at the same time take Python's one lock from each other, and from the thread that sends what they
# draw: of three hundred viewers all wait for all. A few at a time are as fast as one after the other; whole pages and
# parts of them have a turn each, so that who opens a page does not wait behind a hall that is being sent its run.
_PAGES, _PARTS = threading.BoundedSemaphore(2), threading.BoundedSemaphore(2)
_mine = threading.local()


@contextmanager
def in_turn(whole: bool = False) -> Iterator[None]:
    """Waits for its turn to draw a part, or a whole page; within one's own turn it does nothing."""
    if getattr(_mine, "turn", False):
        yield
        return
    with _PAGES if whole else _PARTS:
        _mine.turn = True
        try:
            yield
        finally:
            _mine.turn = False


@contextmanager
def guarded(part: str = "page") -> Iterator[None]:
    """Shows an error in this part of a page as a sentence with a way back.

    What Streamlit raises to stop or repeat a script is no Exception and passes.
    """
    try:
        yield
    except Exception as error:
        _LOG.exception("A page failed")
        detail = str(error) if isinstance(error, ValueError) else ""
        st.error(f"This experiment could not be shown. {detail}", icon=":material/error:")
        # What the browser still sends of the old page comes to callbacks that find nothing of it any more.
        if st.button("Start this page afresh", icon=":material/restart_alt:", key=f"afresh_{part}"):
            st.session_state.clear()
            st.query_params.clear()
            st.rerun()
