"""What a viewer sees when something breaks: a sentence and a way back; the traceback goes to the server's log."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import streamlit as st

_LOG = logging.getLogger(__name__)


@contextmanager
def guarded(part: str = "page", then: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Shows an error in this part of a page as a sentence with a way back, and does `then`.

    What Streamlit raises to stop or repeat a script is no Exception and passes.
    """
    try:
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
