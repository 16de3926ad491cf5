"""What is shown where a page, or a part of it that runs by itself, breaks: a sentence, and a way back."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

_LOG = logging.getLogger(__name__)


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
