"""The frame of a page: its question, what was put right in its link, and the way to share it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.handout import handout
from core.spec import RunSpec
from pages.ui import course, lectures, link, player, rooms
from pages.ui.answers import REST, answers, forget
from pages.ui.on_stage import Stage, new_stage, stage

ICON = Path(__file__).with_name("icon.png")  # a Material icon in the browser's tab would be fetched from elsewhere
PRESENT = Path(__file__).with_name("present.css")
SIDEBAR = 246  # px
KEYS = {
    "Space": "play, pause", "← →": "one recorded moment back, on", "Home": "to step 0",
    "Page Up, Page Down": "the station before, the next one, in a lecture", "p": "present, or back to the whole page",
    "?": "these keys"}
_ROUTED = "routed"
_history, _keys = (st.components.v2.component(name, js=Path(__file__).with_name(f"{name}.js").read_text("utf-8"))
                   for name in ("history", "keys"))


def router() -> st.Page:
    """Called by app.py: the course map in the sidebar, and the page that the address asks for."""
    st.session_state[_ROUTED] = True
    st.set_page_config(page_icon=ICON, layout="wide", initial_sidebar_state=SIDEBAR)
    asked = course.navigation()
    st.set_page_config(page_title=f"{asked.title} · Gradient laboratory")
    return asked


def page(name: str, default: RunSpec | None = None, own: Mapping[str, link.Own] | None = None) -> link.Link:
    """The first call of every page: draws its head and says what the address asks for.

    On a freshly started server Streamlit runs the file of a deep link without app.py; then this hands over to it.

    Args:
        default: the run of an address without parameters; left out, RunSpec's defaults.
        own: the parameters that belong to this page and not to a run, by name (`ui.Choice`, `ui.Number`, …).
    """
    if not st.session_state.get(_ROUTED):
        router()
        st.rerun()
    forget()
    new_stage()
    lesson = course.LESSONS[name]
    asked = link.read(name, default or RunSpec(), own or {}, lesson.charts)
    if asked.look.presents:
        st.html(PRESENT)
    if asked.look.view != "embed":
        _head(lesson, asked)
        lectures.strip()
    with st.container(key="notes"):
        if asked.notes:
            st.warning("\n\n".join(asked.notes), icon=":material/edit_note:")
    return asked


def _head(lesson: course.Lesson, asked: link.Link) -> None:
    """The question; beside it how to present and to share the page, or how to come back to all of it."""
    part = asked.own.get(lesson.parameter, "")
    with st.container(key="heading", horizontal=True, vertical_alignment="center"):
        if asked.look.presents:
            st.header(lesson.parts[part].question if part in lesson.parts else lesson.question, anchor=False,
                      width="stretch")
            st.button("Leave this view", icon=":material/close_fullscreen:", key="present", on_click=_view, args=("",),
                      type="tertiary", help="The whole page. Key: p. All keys: ?")
            return
        st.header(lesson.question, anchor=False, width="stretch")
        st.toggle("Controls", key="show_controls")  # on a phone (style.css)
        if lesson.charts:
            st.button("Present", icon=":material/slideshow:", key="present", on_click=_view, args=("present",),
                      help="For a hall: the chart alone, large. Key: p. All keys: ?")
        with st.popover("Share", icon=":material/link:"):
            _share()


def _view(view: str) -> None:
    link.change_look(replace(link.current().look, view=view))


def _share() -> None:
    """The links to what is on the screen, as it is at the play-head, and as it was at the beginning."""
    @answers(REST, "share")
    def links() -> None:
        step = player.step()
        st.caption("This link opens exactly what you see.")
        st.code(link.address(step), language=None, wrap_lines=True)
        if step:
            st.caption("To ask it as a question: the same run, at its beginning.")
            st.code(link.address(), language=None, wrap_lines=True)
        page = link.current().page
        write = partial(_handout, page, link.address(step), stage(), player.viewer())
        st.download_button("Hand-out of this page", write, f"{page}.html", "text/html", on_click="ignore",
                           icon=":material/print:", key="handout",
                           help="One page to print or to read offline: the chart at this step, what is said of it, the "
                           "link.")

    lectures.making()
    rooms.open_button()


def _handout(page: str, address: str, seen: Stage, viewer: player.Viewer) -> str:
    """The hand-out of a page as it stands; written when it is asked for, away from the session that asked."""
    lesson = course.LESSONS[page]
    return handout(lesson.title, [seen.station(lesson.question, address, viewer.at)])


@contextmanager
def workbench() -> Iterator[tuple[DeltaGenerator, DeltaGenerator]]:
    """A narrow panel for controls and a stage for charts beside it; on a phone a switch opens the panel.

    Pages draw the stage first: the browser has the chart on its way while it makes the controls. Where controls are
    hidden the stage has all of the width, and nobody sees the panel.
    """
    if link.current().look.hides("controls"):
        stage = st.container(key="stage")
        yield st.container(key="unseen"), stage
        return
    panel, stage = st.columns([1, 3.2], gap="medium")
    with panel:
        controls = st.container(key="controls")
    with stage:
        stage = st.container(key="stage")
    yield controls, stage


def style() -> None:
    """What Streamlit has no option for: the rules of style.css, steps of the browser's history (history.js), keys."""
    st.html(Path(__file__).with_name("style.css"))
    with st.container(key="history"):
        _history(key="history_steps")
        _keys(key="keys_of_the_page", data={"keys": list(KEYS.items())})
