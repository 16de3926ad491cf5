"""The address bar is the experiment: what a page shows follows from it, and a control that is moved rewrites it.

A page reads the address once at the top of every run (`read`); a control's callback changes one thing and writes the
address (`change`), which adds one step to the browser's history. So back, forward, a reload and a shared link all take
the same way. Widgets are never bound to the address by Streamlit itself: its binding replaces the history entry
instead of adding one, and silently falls back to a default on a bad value.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qsl, urlencode

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from core.datasets import OWN, given
from core.fields import Field
from core.spec import FIELDS, RunSpec
from pages.ui import look as looks
from pages.ui.look import Look
from pages.ui.quizzes import QUESTIONS

RECENT = 20  # addresses of this session that a message on its way may still carry
_KEY, _HAD = "link", "link_had"
_HELD, _WANTED = "held_tables", "wanted_table"
STEP = "step"  # where the play-head stands: the viewer's, so in a link that is shared and never part of a run
ROOM = "room"  # the code of the room that a hall's link joins (pages.ui.rooms)
RUNGS, MOST_RUNGS = "rungs", 5  # earlier runs whose lines stay on the chart
ASK = "ask"  # a question by its name: the run stays hidden until it is answered
_OF_ALL = (STEP, RUNGS, ASK, ROOM, *looks.NAMES)  # what a link of any page may say beside its run and its own choices
Place = tuple[str, str | None]  # a page and its open part; None for what stands in all parts of it


class Own:
    """A parameter that belongs to a page and not to a run; pages.ui.page_fields has the kinds there are."""

    field: Field  # what it may be, how it stands in a link and is read from one

    @property
    def usual(self) -> str:
        """Its default as text; not in the link while it is that."""
        return self.field.written(self.field.default)

    def nearest(self, name: str, text: str) -> tuple[str, str | None]:
        """The nearest valid text to what a stranger typed, and a sentence if that is another one."""
        value, note = self.field.nearest(name, text, self.field.default)
        return self.field.written(value), note

    def read(self, text: str) -> Any:
        """The value of a valid text."""
        return self.field.checked("", self.field.parsed(text))

    def draw(self, name: str, text: str, hidden: bool) -> None:
        """Draws its control."""
        raise NotImplementedError

    def opens(self, text: str) -> RunSpec | None:
        """The run that an address with this text and without a run opens, if that depends on it."""
        return None

    @property
    def is_part(self) -> bool:
        """Whether it says which part of the page is open."""
        return False


@dataclass(frozen=True)
class Link:
    """What the address says: the run, the page's own choices (as text), the step at which it opens, earlier runs whose
    lines stay on the chart, how the page is looked at, the name of the question that is asked first, and a sentence for
    each thing put right.
    """

    page: str
    spec: RunSpec
    own: dict[str, str]
    table: Mapping[str, Own]  # the kinds of the page's own choices
    query: dict[str, str]  # as it stands in the address bar
    notes: list[str] = field(default_factory=list)
    step: int = 0
    rungs: tuple[RunSpec, ...] = ()
    look: Look = field(default_factory=Look)
    ask: str = ""

    @property
    def usual(self) -> dict[str, str]:
        """The defaults of the page's own choices."""
        return {name: kind.usual for name, kind in self.table.items()}

    @property
    def place(self) -> tuple[str, str]:
        """The page and its open part: what a widget that was drawn in another place still says is not heard."""
        return self.page, next((self.own[name] for name, kind in self.table.items() if kind.is_part), "")

    def value(self, name: str) -> Any:
        """One of the page's own choices as a value."""
        return self.table[name].read(self.own[name])


def read(page: str, default: RunSpec, own: Mapping[str, Own], presents: bool = True) -> Link:
    """What the address asks of this page; without any parameter the page's default run.

    Every message of the browser carries the address as the browser last knew it, so one that was on its way when a
    control was moved brings an address that is no longer true: one that this session has had. It is put right, unless
    the browser's back or forward button has asked for it.

    Args:
        own: the parameters that belong to the page and not to a run, by name.
        presents: whether the page has a chart, and with it the views of `look.VIEWS`.
    """
    query = st.query_params.to_dict()
    before = last()
    if before is None or before.page != page:
        before = None
        st.session_state[_HAD] = []
    elif query != before.query and query in st.session_state[_HAD] and not _history_navigation():
        st.query_params.from_dict(before.query)
        query = before.query
    if before is None or query != before.query or (before.spec.table and not given(before.spec.table)):
        rest = {name: text for name, text in query.items() if name not in (*own, *_OF_ALL)}
        notes, chosen = [], {}
        for name, kind in own.items():
            chosen[name], note = kind.nearest(name, query.get(name, kind.usual))
            notes += [note] if note else []
            default = kind.opens(chosen[name]) or default
        rest, withheld = _of_this_viewer(rest)
        spec, corrected = _asked(rest, default) if rest else (default, [])
        step, misread = _step(query.get(STEP, "0"))
        rungs, left_out = _rungs(spec, query.get(RUNGS, ""))
        ask, unknown = _question(page, query.get(ASK, ""))
        look, unheard = looks.read(query, presents)
        notes = withheld + corrected + notes + misread + left_out + unheard + unknown + _given_again(
            name for name in query if name in own or name in (*FIELDS, *_OF_ALL))
        _keep(Link(page, spec, chosen, own, query, notes, step, rungs, look, ask))
    return current()


# --- tables that viewers gave ----------------------------------------------------------------------------------------


def hold(fingerprint: str) -> None:
    """Called by a callback: this viewer has given the table of that fingerprint, and may see runs on it."""
    st.session_state[_HELD] = {*st.session_state.get(_HELD, ()), fingerprint}


def wanted() -> str:
    """The fingerprint of the table that a link asked this viewer for last; empty where none did."""
    return st.session_state.get(_WANTED, "")


def _of_this_viewer(query: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """What a link asks for without the table that this viewer has not given, or that has been dropped, and a sentence.

    Runs on a table are shared among those who hold it: what others gave is not even looked at.
    """
    asked = str(query.get("table", "")).strip()
    if not asked or query.get("dataset", OWN) != OWN:
        return dict(query), []
    if asked in st.session_state.get(_HELD, ()) and given(asked):
        return dict(query), []
    st.session_state[_WANTED] = asked
    rest = {name: text for name, text in query.items() if name != "table"} | {"dataset": OWN}
    return rest, [f"This link learns from a table that you have not given, or that is not here any more (fingerprint "
                  f"{asked[:40]!r}). Give the same file under Data, and its run opens. Until then two moons stand in "
                  "for it."]


# --- an address ------------------------------------------------------------------------------------------------------


def _step(text: str) -> tuple[int, list[str]]:
    """The step at which a link opens, and a sentence where it says none."""
    if text.isascii() and text.isdigit() and len(text) <= 9:
        return int(text), []
    return 0, [f"{STEP} must be a whole number of at least 0. Received: {text[:40]!r}. Taken as 0."]


def _question(page: str, text: str) -> tuple[str, list[str]]:
    """The name of a question of the page, and a sentence where a link names none."""
    known = QUESTIONS.get(page, {})
    if not text or text in known:
        return text, []
    allowed = f"one of {', '.join(known)}" if known else "left out on this page"
    return "", [f"{ASK} must be {allowed}. Received: {text[:40]!r}. Nothing is asked."]


def _rungs(spec: RunSpec, text: str) -> tuple[tuple[RunSpec, ...], list[str]]:
    """The earlier runs that a link names by what is different in them, and a sentence for each thing put right."""
    found: list[RunSpec] = []
    parts = [part for part in text.split("|") if part]
    notes = [] if len(parts) <= MOST_RUNGS else [
        f"A link may keep {MOST_RUNGS} earlier runs ({RUNGS}). Received: {len(parts)}. The first {MOST_RUNGS} are "
        "taken."]
    for part in parts[:MOST_RUNGS]:
        different = dict(parse_qsl(part, keep_blank_values=True))
        query = {name: value for name, value in (spec.to_query() | different).items()
                 if value or name not in FIELDS}
        query, withheld = _of_this_viewer(query)
        if withheld:
            notes.append(f"An earlier run is left out. {withheld[0]}")
            continue
        rung, corrected = RunSpec.from_query(query)
        notes += [f"In an earlier run: {note}" for note in corrected]
        found += [rung] if rung not in found else []
    return tuple(found), notes


def _rungs_text(spec: RunSpec, rungs: Iterable[RunSpec]) -> str:
    """Each of them by what is different in it: `name=value&…`, without a value where it is the default."""
    mine = spec.to_query()
    return "|".join(urlencode({name: theirs.get(name, "") for name in mine | theirs
                               if theirs.get(name) != mine.get(name)} or {"v": mine["v"]}, safe=",")
                    for theirs in (rung.to_query() for rung in rungs))


def _given_again(names: Iterable[str]) -> list[str]:
    """A sentence for each parameter that stands in the address more than once."""
    given = {name: st.query_params.get_all(name) for name in names}
    return [f"{name} stands in the link {len(texts)} times. The last one counts: {texts[-1][:40]!r}."
            for name, texts in given.items() if len(texts) > 1]


def _asked(query: Mapping[str, str], default: RunSpec) -> tuple[RunSpec, list[str]]:
    """The run that a link names, and what had to be changed.

    A whole link has its version, and what it leaves out is RunSpec's default. What somebody typed changes what the page
    opens with, where the two fit together.
    """
    spec, notes = RunSpec.from_query(query)
    if "v" not in query:
        typed, more = RunSpec.from_query(default.to_query() | dict(query))
        if len(more) <= len(notes):
            return typed, more
    return spec, notes


def _history_navigation() -> bool:
    """Whether this run was asked for by the browser's back or forward button."""
    context = get_script_run_ctx()
    return context is not None and context.is_history_navigation


def _keep(link: Link) -> None:
    st.session_state[_KEY] = link
    st.session_state[_HAD] = [*st.session_state[_HAD], link.query][-RECENT:]


def last() -> Link | None:
    """What this viewer's last page was drawn with; None before the first."""
    return st.session_state.get(_KEY)


def current() -> Link:
    """What the page was last drawn with, or changed to since."""
    return st.session_state[_KEY]


def heard(key: str, place: Place) -> bool:
    """Whether a callback of the widget with that key, drawn in that place, is to be followed."""
    if key not in st.session_state:  # the session was started afresh while this was on its way
        return False
    page, part = current().place
    return place in ((page, part), (page, None))


def change(**values: Any) -> None:
    """Called by a control's callback: the same experiment but for these values, in the address bar.

    It starts from what the session knows, not from the address that came with the click (see `read`). A change that
    does not fit the rest gives the nearest run and its note.
    """
    before = replace(current(), ask="")
    own = before.own | {name: str(value) for name, value in values.items() if name in before.table}
    fields = {name: str(value).lower() for name, value in values.items() if name not in before.table}
    spec, notes = RunSpec.from_query(before.spec.to_query() | fields) if fields else (before.spec, [])
    _write(before, spec, own, notes)


def open_run(spec: RunSpec, own: Mapping[str, str] | None = None) -> None:
    """Called by a callback: another run altogether, the page's own choices as they are but for those given."""
    before = replace(current(), ask="")
    _write(before, spec, before.own | dict(own or {}), [])


def ask(name: str) -> None:
    """Called by a callback: the same, hidden until the question of that name is answered; the empty name lifts it."""
    before = current()
    _write(replace(before, ask=name), before.spec, before.own, [])


def keep_lines(rungs: Iterable[RunSpec], opens: RunSpec | None = None) -> None:
    """Called by a callback: the earlier runs whose lines stay on the chart, the last MOST_RUNGS of them.

    opens: another run that comes beside them, in the same step of the browser's history.
    """
    before = current()
    kept = tuple(dict.fromkeys(rungs))[-MOST_RUNGS:]
    _write(replace(before, ask="", rungs=kept), opens or before.spec, before.own, [])


def forget() -> None:
    """Called before another address is opened, which may be one that this session has had (see `read`)."""
    st.session_state.pop(_KEY, None)


def change_look(look: Look) -> None:
    """Called by a callback: the same experiment, looked at in another way."""
    before = current()
    _write(replace(before, look=look), before.spec, before.own, [])


def _write(before: Link, spec: RunSpec, own: dict[str, str], notes: list[str]) -> None:
    """The address of that run and those choices; the earlier runs, the question and how the page is looked at stay."""
    query = spec.to_query() | _beside(before, spec, own) | before.look.to_query()
    _keep(Link(before.page, spec, own, before.table, query, notes, rungs=before.rungs, look=before.look,
               ask=before.ask))
    st.query_params.from_dict(query)


def _beside(link: Link, spec: RunSpec, own: Mapping[str, str]) -> dict[str, str]:
    """What stands in the address beside the run: the page's own choices, the earlier runs, the question."""
    others = {RUNGS: _rungs_text(spec, link.rungs), ASK: link.ask}
    return {name: text for name, text in own.items() if text != link.usual[name]} | {
        name: text for name, text in others.items() if text}


def parameters(step: int = 0) -> dict[str, str]:
    """The parameters of what is on the screen: at that step, or at the beginning; not how it is looked at."""
    link = current()
    return link.spec.to_query() | _beside(link, link.spec, link.own) | ({STEP: str(step)} if step else {})


def address(step: int = 0) -> str:
    """The whole link to what is on the screen, for somebody else: at that step, or at the beginning."""
    asked = urlencode(parameters(step) | current().look.to_query(), safe=",")
    return f"{(st.context.url or '').partition('?')[0]}?{asked}"
