"""A room on the screen: the bar of who leads it and of who follows, and the ways into one.

What is said once a second is said by the browser (room.js) to the server's routes (pages.routes), without a script run.
The script runs only for what it has to draw anew: another address, a question asked or revealed.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import segno
import streamlit as st

from core.rooms import ROOMS, RoomError, as_code, new_key
from pages.ui import link
from pages.ui.course import LESSONS
from pages.ui.quizzes import QUESTIONS, asked

HOME = next(iter(LESSONS))
_FOLDER = Path(__file__).parent
_BAR = "room_bar"
_LEADS, _JOINS, _REFUSED = "room_leads", "room_joins", "room_refused"
_room = st.components.v2.component("room", html='<div class="room"></div>', **{
    kind: (_FOLDER / f"room.{kind}").read_text(encoding="utf-8") for kind in ("css", "js")})


def room(lesson: st.Page) -> None:
    """The bar above a page; nobody sees it who is in no room."""
    page = lesson.url_path or HOME
    quiz = next(iter(QUESTIONS.get(page, {}).values()), None)  # the page's own
    leads = st.session_state.get(_LEADS)
    with st.container(key="room"):
        _room(key=_BAR, on_said_change=_heard, data={
            "parameter": link.ROOM, "page": page, "pages": list(LESSONS), "home": HOME,
            "join": st.session_state.get(_JOINS, ""), "refused": st.session_state.pop(_REFUSED, ""),
            "quiz": {"text": quiz.text, "choices": list(quiz.choices)} if quiz else None,
            "lead": _led(*leads, page) if leads else None})


def _led(code: str, key: str, page: str) -> dict[str, str]:
    """What only who leads is told: code and key, the hall's link as a text and as a picture, and the private one."""
    base = (st.context.url or "").partition("?")[0].partition("#")[0].removesuffix(page if page != HOME else "")
    hall = f"{base}?{link.ROOM}={code}"
    return {"key": key, "code": code, "hall": hall, "mine": f"{base}#lead={key}",
            "picture": segno.make_qr(hall, error="m").svg_data_uri(border=3)}


def open_button() -> None:
    """The way to a room of one's own, under Share."""
    if ROOMS.served and _LEADS not in st.session_state:
        st.caption("In a lecture: phones that see what you see, and answer.")
        st.button("Open a room", icon=":material/groups:", key="open_room",
                  on_click=lambda: _try({"what": "lead", "key": new_key()}))


def join_room() -> None:
    """The way into somebody else's room, by its code."""
    if ROOMS.served:
        st.text_input("In a lecture: the code of its room", key="room_code", max_chars=12, on_change=_join,
                      placeholder="six letters and digits")


# --- what the bar says -----------------------------------------------------------------------------------------------


def _heard() -> None:
    said = st.session_state[_BAR]["said"] if _BAR in st.session_state else None
    if isinstance(said, Mapping):
        _try(said)


def _try(said: Mapping[str, Any]) -> None:
    try:
        _DONE.get(said.get("what", ""), lambda _: None)(said)
    except (RoomError, ValueError) as error:
        st.session_state[_REFUSED] = str(error)


def _lead(said: Mapping[str, Any]) -> None:
    key = said.get("key", "")
    st.session_state[_LEADS] = ROOMS.open(key), key


def _ask(said: Mapping[str, Any]) -> None:
    if said.get("page") in QUESTIONS:
        quiz = next(iter(QUESTIONS[str(said["page"])].values()))
        ROOMS.ask(*_mine(), quiz.text, quiz.choices)


def _reveal(said: Mapping[str, Any]) -> None:
    if said.get("page") in QUESTIONS:
        page = str(said["page"])
        answer = asked(page, next(iter(QUESTIONS[page])))
        ROOMS.reveal(*_mine(), answer.right[0], answer.because)


def _end(_: Mapping[str, Any]) -> None:
    ROOMS.close(*st.session_state.pop(_LEADS, ("", "")))


def _leave(_: Mapping[str, Any]) -> None:
    st.session_state.pop(_JOINS, None)


def _mine() -> tuple[str, str]:
    """Code and key of the room that this session leads."""
    return st.session_state.get(_LEADS, ("", ""))


def _join() -> None:
    st.session_state[_JOINS] = as_code(st.session_state["room_code"])


_DONE = {"lead": _lead, "ask": _ask, "reveal": _reveal, "done": lambda _: ROOMS.put_away(*_mine()),
         "end": _end, "leave": _leave}
