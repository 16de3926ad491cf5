"""Lectures on the screen: the strip of a station and the way to the next one, and how one makes a lecture of one's own.

Which lecture and which station stands in the link (pages.ui.look), on any page; a station is opened by a link.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl, urlencode

import streamlit as st

from core import lectures
from core.lectures import HIDES, MOST_BYTES, MOST_MINUTES, MOST_STATIONS, Lecture, Station
from core.spec import FIELDS, RunSpec
from pages.ui import link, look, player
from pages.ui.course import LESSONS, link_to, pages
from pages.ui.experiments import Experiment
from pages.ui.text import escaped

_MINE = "my_lecture"  # where the session keeps the packed lecture that somebody makes, from page to page
_FILES = "lecture_files"  # how many it has opened
FIRST = Lecture("My lecture", 20, ())


@dataclass(frozen=True)
class Now:
    """The station that the link says: of which lecture, and its number, from 1."""

    lecture: Lecture
    number: int

    @property
    def station(self) -> Station:
        return self.lecture.stations[self.number - 1]


def station_now() -> Now | None:
    """The station at which this viewer is; None outside of a lecture."""
    asked = link.current().look
    return Now(lectures.asked(asked.lecture), asked.station) if asked.lecture else None


def experiment(station: Station) -> Experiment:
    """The page of a station with what is open there.

    Raises:
        ValueError: there is none such; with a sentence.
    """
    page, address, query = station.page.partition("?")
    try:
        if address:
            return Experiment(LESSONS[page.strip()].name, {
                name: text for name, text in parse_qsl(query, keep_blank_values=True) if name not in look.NAMES}, "")
        return Experiment.read(station.page)
    except LookupError:
        raise ValueError("page must be a page of this app, one of its parts or set-ups, or an address such as "
                         f"gradients?widths=64x20. Received: {station.page[:60]!r}.") from None


def address(text: str, number: int, view: str = "") -> tuple[str, dict[str, str]]:
    """Page and parameters of a station of the lecture that a link calls `text`.

    Raises:
        ValueError: its page is not there; with a sentence.
    """
    station = lectures.asked(text).stations[number - 1]
    opens = experiment(station)
    asks = {link.ASK: station.question} if station.question else {}
    return opens.page, opens.query | asks | look.Look(view, station.hide, text, number).to_query()


# --- at a station ----------------------------------------------------------------------------------------------------


def strip() -> None:
    """At which station of which lecture this is, what is said there, and the way to the one before and the next."""
    now, asked = station_now(), link.current().look
    if now is None:
        return
    of = f"{now.number} of {len(now.lecture.stations)}"
    title = "" if asked.presents else f"{escaped(now.lecture.title)} · "
    with st.container(key="lecture", horizontal=True, vertical_alignment="center", gap="small"):
        with st.container(key="station_says"):
            st.markdown(f"**{title}{of}** &nbsp; {escaped(now.station.say)}")
        if asked.hide:
            st.button("Show", icon=":material/visibility:", key="reveal", on_click=_reveal,
                      help=f"Shows what is hidden: {', '.join(asked.hide)}.")
        if not _is_here(now.station):
            _way("this_station", asked, now.number, "Open")
        if now.number > 1:
            _way("previous_station", asked, now.number - 1, "Back", ":material/arrow_back:")
        if now.number < len(now.lecture.stations):
            _way("next_station", asked, now.number + 1, "Next", ":material/arrow_forward:")
        if not asked.presents:
            st.button("Leave", icon=":material/close:", key="leave_lecture", type="tertiary",
                      on_click=_leave)


def _is_here(station: Station) -> bool:
    """Whether its page, run and choices are what is on the screen; of one that is not there there is no way to it."""
    now = link.current()
    try:
        opens = experiment(station)
    except ValueError:
        return True
    run = {name: text for name, text in opens.query.items() if name in FIELDS or name == "v"}
    typed = now.spec.to_query() if "v" not in run else {}  # without a version it changes what the page opens with
    return opens.page == now.page and (not run or RunSpec.from_query(typed | run)[0] == now.spec) and all(
        now.own.get(name, text) == text for name, text in opens.query.items())


def _way(key: str, asked: look.Look, number: int, label: str, icon: str | None = None) -> None:
    """A button to a station; where its page is not there, a sentence. A link to its own page would keep its address."""
    try:
        page, query = address(asked.lecture, number, asked.view)
    except ValueError as error:
        st.caption(f"Station {number}: {escaped(str(error))}")
        return
    if st.button(label, icon=icon, key=key):
        link.forget()
        st.switch_page(pages()[page], query_params=query)


def _reveal() -> None:
    link.change_look(replace(link.current().look, hide=()))


def _leave() -> None:
    asked = link.current().look
    link.change_look(replace(asked, lecture="", station=1, hide=()))


def choose() -> None:
    """A link to each of the lectures that come with the app."""
    for name, lecture in lectures.shipped().items():
        link_to(*address(name, 1), f"{lecture.title} · {lecture.minutes} minutes, {len(lecture.stations)} stations")


# --- one of one's own ------------------------------------------------------------------------------------------------


def making() -> None:
    """Makes a lecture of what is on the screen, changes the station that is open, and keeps all of it as a file."""
    if not st.toggle("Make a lecture", key="make_lecture"):
        return
    st.button("Add this to my lecture", icon=":material/playlist_add:", key="add_station", on_click=_add)
    st.caption(f"Its page, run and step become the next station, of at most {MOST_STATIONS}. The lecture is kept in "
               "the address and in nothing else: copy the link, or keep the file.")
    if (now := station_now()) is not None:
        _station(now)
        _whole(now.lecture)
    key = f"lecture_file_{st.session_state.get(_FILES, 0)}"  # a new one after each file: it keeps none
    st.file_uploader("Open a file", type="toml", key=key, on_change=_open, args=(key,))


def _station(now: Now) -> None:
    """What is said and hidden at the station that is open, and its place among the others."""
    here, stations, i = now.station, now.lecture.stations, now.number - 1
    st.markdown(f"**Station {now.number} of {len(stations)}**")
    _input(st.text_input, "What is said", "say", here.say, max_chars=lectures.LETTERS["say"])
    _input(st.pills, "Hidden", "hide", list(here.hide), options=HIDES, selection_mode="multi")
    with st.container(horizontal=True):
        st.button("Earlier", key="station_earlier", on_click=_move, args=(i, i - 1), disabled=i == 0)
        st.button("Later", key="station_later", on_click=_move, args=(i, i + 1), disabled=i == len(stations) - 1)
        st.button("Remove", key="station_remove", on_click=_remove, args=(i,))


def _whole(lecture: Lecture) -> None:
    """Title and minutes, and the file."""
    _input(st.text_input, "Title", "title", lecture.title, max_chars=lectures.LETTERS["title"])
    _input(st.number_input, "Minutes", "minutes", lecture.minutes, min_value=1, max_value=MOST_MINUTES)
    st.download_button("Lecture as a file", lectures.written(lecture), "lecture.toml", "application/toml",
                       on_click="ignore", icon=":material/download:", key="lecture_download")


def _input(draw: Callable[..., Any], label: str, name: str, value: Any, **options: Any) -> None:
    """A widget for one thing of the lecture or of the station that is open; a new one for each state of the lecture."""
    asked = link.current().look
    state = hashlib.blake2s(f"{asked.lecture} {asked.station}".encode(), digest_size=4).hexdigest()
    key = f"lecture_{name}_{state}"
    draw(label, key=key, on_change=_change, args=(name, key, asked),
         **({"default": value} if isinstance(value, list) else {"value": value}), **options)


def _change(name: str, key: str, before: look.Look) -> None:
    asked = link.current().look
    if (asked.lecture, asked.station) != (before.lecture, before.station):
        return  # said of a station that is no longer open
    value, lecture = st.session_state[key], lectures.asked(asked.lecture)
    if name in ("title", "minutes"):
        _keep(replace(lecture, **{name: value}), asked.station)
        return
    station = replace(lecture.stations[asked.station - 1], **{
        name: lectures.in_order(value) if name == "hide" else value})
    _keep(_with(lecture, [*lecture.stations[:asked.station - 1], station, *lecture.stations[asked.station:]]),
          asked.station)


def _with(lecture: Lecture, stations: Iterable[Station]) -> Lecture:
    return replace(lecture, stations=tuple(stations))


def _add() -> None:
    now, asked = link.current(), link.current().look
    text = asked.lecture if asked.lecture.startswith(lectures.OWN) else st.session_state.get(_MINE, "")
    lecture = lectures.asked(text) if text else FIRST
    lesson = LESSONS[now.page]
    part = lesson.parts.get(now.own.get(lesson.parameter, ""))
    added = Station(f"{now.page}?{urlencode(link.parameters(player.step()), safe=',')}",
                    part.question if part else lesson.question, asked.hide)
    _keep(_with(lecture, [*lecture.stations, added]), len(lecture.stations) + 1)


def _move(before: int, after: int) -> None:
    lecture = lectures.asked(link.current().look.lecture)
    stations = list(lecture.stations)
    stations.insert(after, stations.pop(before))
    _keep(_with(lecture, stations), after + 1)


def _remove(i: int) -> None:
    asked = link.current().look
    lecture = lectures.asked(asked.lecture)
    stations = [*lecture.stations[:i], *lecture.stations[i + 1:]]
    if stations:
        _keep(_with(lecture, stations), min(i + 1, len(stations)), shown=False)
    else:
        st.session_state.pop(_MINE, None)
        link.change_look(replace(asked, lecture="", station=1))


def _open(key: str) -> None:
    file = st.session_state.get(key)
    if file is None:
        return
    st.session_state[_FILES] = st.session_state.get(_FILES, 0) + 1
    try:
        text = file.getvalue()[:MOST_BYTES + 1].decode()
        lecture = lectures.read(text)
    except UnicodeDecodeError:
        st.toast("A lecture must be a text in UTF-8. Received a file that is none.", icon=":material/edit_note:")
    except ValueError as error:
        st.toast(escaped(str(error)), icon=":material/edit_note:")
    else:
        _keep(lecture, 1, shown=False)


def _keep(lecture: Lecture, station: int, shown: bool = True) -> None:
    """Writes the lecture to the address, open at that station, if it is one that a link can have.

    shown: whether what is on the screen is that station, so that what it hides is hidden.
    """
    asked = link.current().look
    try:
        text = lectures.packed(lectures.read(lectures.written(lecture)))
    except ValueError as error:
        st.toast(escaped(str(error)), icon=":material/edit_note:")
        return
    st.session_state[_MINE] = text
    link.change_look(replace(asked, lecture=text, station=station,
                             hide=lecture.stations[station - 1].hide if shown else ()))
