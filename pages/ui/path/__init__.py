"""The way from page to page: questions to answer from the experiment, what was seen so far, and what comes next.

What somebody chose and opened is kept in the browser. The server hears that a question was answered, never how.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st

from pages.ui import link, player
from pages.ui.course import LESSONS, SECTIONS, link_to
from pages.ui.quizzes import QUESTIONS, asked, before

_ANSWERED = "answered"  # the question that was answered last, as (page, name)
_ANEW = "asked_anew"  # how often this viewer has pressed the button: what he had answered before does not count
PATH = [lesson for section, found in SECTIONS.items() if section != "Reference" for lesson in found]
_FOLDER = Path(__file__).parent


def _component(name: str) -> Callable[..., Any]:
    return st.components.v2.component(
        name, html=f'<div class="{name}"></div>', css=(_FOLDER / f"{name}.css").read_text(encoding="utf-8"),
        js="".join((_FOLDER / f"{part}.js").read_text(encoding="utf-8") for part in ("kept", name)))


_quiz, _path = _component("quiz"), _component("path")


def quiz(page: str) -> None:
    """The page's own question."""
    _draw(page, next(iter(QUESTIONS[page])), hides=False)


def predict_button(table: str, label: str) -> None:
    """Where a question is asked before the set-up of that label, the button that has it asked."""
    name = before(table, label)
    if name and not link.current().ask:
        st.button("Predict first", icon=":material/psychology_alt:", key="predict", on_click=_ask, args=(name,),
                  type="tertiary", help="Hides the run until you have said what it will show.")


def _ask(name: str) -> None:
    st.session_state[_ANEW] = st.session_state.get(_ANEW, 0) + 1
    link.ask(name)


def predict(table: str, label: str, plays: bool) -> None:
    """In the place of the set-ups: the question that the address asks, or the one that was answered just now.

    Until it is answered style.css hides the stage, the player and what stands below; nothing of them is drawn again.

    label: of the set-up on the screen, empty where the settings are those of none. plays: whether it is watched.
    """
    now, here = link.current(), ("", f"{table} / {label}")
    page, answered = st.session_state.get(_ANSWERED, ("", ""))
    name = now.ask or (answered if page == now.page and QUESTIONS[page][answered].setup in here else "")
    if not name:
        return
    if QUESTIONS[now.page][name].setup in here:
        with st.container(key="asking"):
            _draw(now.page, name, hides=True, on_answered_change=lambda: _answered(now.page, name, plays))
    else:
        st.caption(":material/edit_note: The question of this link is asked before another set-up: "
                   f"{QUESTIONS[now.page][name].setup.partition(' / ')[2]}.")


def _draw(page: str, name: str, hides: bool, **heard: Any) -> None:
    question = asked(page, name)
    _quiz(key=f"quiz_{page}_{name}{'_first' * hides}", data=question._asdict() | {
        "name": f"{page} {name}", "hides": hides, "anew": st.session_state.get(_ANEW, 0)}, **heard)


def _answered(page: str, name: str, plays: bool) -> None:
    """Called by the browser: the address asks no more, and the run is seen from its beginning."""
    if link.current().page == page:
        st.session_state[_ANSWERED] = page, name
        link.ask("")
        player.play_from_start() if plays else player.look_afresh()


def foot(page: str) -> None:
    """What was seen so far, and the way to the next page."""
    if LESSONS[page] not in PATH:
        return
    following = [*PATH, LESSONS["questions"]][PATH.index(LESSONS[page]) + 1]
    with st.container(key="path", gap="xsmall"):
        _path(key="path_seen", data={"page": page, "pages": [
            {"name": lesson.name, "title": lesson.title} for lesson in PATH]})
        link_to(following.name, label=f"Next: {following.title}. {following.question}")
