"""How a page, or a part of it that runs by itself, is run: with a sentence where something breaks, and in its turn."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import streamlit as st

_LOG = logging.getLogger(__name__)


class Turns:
    """A lock that is given to those who are in a hurry before all others."""

    def __init__(self) -> None:
        self._change = threading.Condition()
        self._taken = False
        self._hurried = 0  # how many of those who wait

    def locked(self) -> bool:
        return self._taken

    @contextmanager
    def one(self, hurried: bool = False) -> Iterator[None]:
        """Waits until it is free and nobody waits who is in more of a hurry."""
        with self._change:
            self._hurried += hurried
            self._change.wait_for(lambda: not self._taken and (hurried or not self._hurried))
            self._hurried -= hurried
            self._taken = True
        try:
            yield
        finally:
            with self._change:
                self._taken = False
                self._change.notify_all()


# Scripts that run at the same time take Python's one lock from each other at every step, and from the server's thread
# that sends what they draw: thirty viewers at once had no page after a minute; in turn, the last has it in 3 s. One
# whole page is drawn at a time, and beside it one picture, so that who watches does not wait for a hall that comes in.
_PICTURE, _WHOLE = Turns(), Turns()
_mine = threading.local()


def page_awaited() -> bool:
    """Whether somebody else waits for a whole page: then what can wait should."""
    return _WHOLE.locked() and not getattr(_mine, "taken", False)


@contextmanager
def turn(whole: bool = False, hurried: bool = False) -> Iterator[None]:
    """Waits for its turn to draw; `whole`, a whole page; `hurried`, for somebody who has nothing on the screen yet.

    Within one's own turn it does nothing.
    """
    if getattr(_mine, "taken", False):
        yield
        return
    with (_WHOLE if whole else _PICTURE).one(hurried):
        _mine.taken = True
        try:
            yield
        finally:
            _mine.taken = False


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
        # What the browser still sends of the old page comes to callbacks that find nothing of it any more.
        if st.button("Start this page afresh", icon=":material/restart_alt:", key=f"afresh_{part}"):
            st.session_state.clear()
            st.query_params.clear()
            st.rerun()


def repeated(every: float | None) -> Callable[[Callable[[bool], None]], None]:
    """Decorator: a part drawn with its page, `part(False)`, and every so many seconds by itself, `part(True)`."""
    def drawn(part: Callable[[bool], None]) -> None:
        with_its_page = [True]

        @st.fragment(run_every=every)
        def fragment() -> None:
            part(not (with_its_page and with_its_page.pop()))

        fragment()

    return drawn
