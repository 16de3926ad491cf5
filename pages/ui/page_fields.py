"""Parameters that belong to a page and not to a run: which experiment is open, where a point stands.

A page names them once, in a table that it hands to `ui.page`; each is in the link, is put right like a field of a run,
and has its control here.

    OWN = {"show": ui.Choice("Experiment", {"curve": "The curve", "fit": "A fit"}), "y": ui.Number("Target", -3, 3)}
    asked = ui.page("losses", own=OWN)
    ui.own_control("y")
    asked.value("y")
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as given
from functools import cached_property
from typing import Any

import pandas as pd
import streamlit as st

from core import fields
from core.fields import Field
from core.spec import RunSpec
from pages.ui import link
from pages.ui.run_controls import bound, followed

MOST_LETTERS = 22  # of options side by side in a narrow panel; with more they are a menu


@dataclass(frozen=True)
class Choice(link.Own):
    """One of several names, each with what a person reads; the first one unless `first` says otherwise."""

    label: str
    options: Mapping[str, str]
    first: str = ""
    help: str | None = None

    @cached_property
    def field(self) -> Field:
        return fields.Name(self.label, self.help or "", self.first or next(iter(self.options)), tuple(self.options))

    def draw(self, name: str, text: str, hidden: bool) -> None:
        options = list(self.options)
        said: dict[str, Any] = {"format_func": self.options.__getitem__, "help": self.help,
                                "label_visibility": "collapsed" if hidden else "visible"}
        if not hidden and sum(map(len, self.options.values())) > MOST_LETTERS:
            st.selectbox(self.label, options, **said, **bound(name, text, first={"index": options.index(text)}))
        else:
            st.segmented_control(self.label, options, required=True, **said,
                                 **bound(name, text, first={"default": text}))


@dataclass(frozen=True)
class Parts(Choice):
    """The parts of a page, of which one is open; drawn by `parts`.

    runs: the runs that they open with; a part without one keeps what is there.
    """

    runs: Mapping[str, RunSpec] = given(default_factory=dict)

    def opens(self, text: str) -> RunSpec | None:
        return self.runs.get(text)

    @property
    def is_part(self) -> bool:
        return True


@dataclass(frozen=True)
class Choices(link.Own):
    """Any number of names, in the order of the table; in the link with commas between them."""

    label: str
    options: Mapping[str, str]
    first: tuple[str, ...] = ()
    help: str | None = None

    @cached_property
    def field(self) -> Field:
        return fields.Subset(self.label, self.help or "", self.first, tuple(self.options))

    def draw(self, name: str, text: str, hidden: bool) -> None:
        chosen = list(self.read(text))
        st.pills(self.label, list(self.options), selection_mode="multi", format_func=self.options.__getitem__,
                 help=self.help, label_visibility="collapsed" if hidden else "visible",
                 **bound(name, chosen, lambda _, names: {name: ",".join(names)}, {"default": chosen}))


@dataclass(frozen=True)
class Number(link.Own):
    """A number from low to high; a whole one where `step` is an integer."""

    label: str
    low: float
    high: float
    first: float = 0
    step: float = 0.1
    help: str | None = None

    @cached_property
    def field(self) -> Field:
        kind = fields.Integer if isinstance(self.step, int) else fields.Number
        return kind(self.label, self.help or "", self.first, low=self.low, high=self.high, minimum=self.low,
                    maximum=self.high, step=self.step)

    def draw(self, name: str, text: str, hidden: bool) -> None:
        kind = int if self.field.whole else float
        st.slider(self.label, kind(self.low), kind(self.high), step=kind(self.step), help=self.help,
                  label_visibility="collapsed" if hidden else "visible",
                  **bound(name, self.read(text), lambda _, number: {name: f"{number:.12g}"}))


@dataclass(frozen=True)
class Text(link.Own):
    """Any text that fits into a link."""

    label: str = ""
    first: str = ""
    help: str | None = None

    @cached_property
    def field(self) -> Field:
        return fields.Text(self.label, self.help or "", self.first)

    def draw(self, name: str, text: str, hidden: bool) -> None:
        st.text_input(self.label, max_chars=fields.QUERY_LIMIT, help=self.help,
                      label_visibility="collapsed" if hidden else "visible", **bound(name, text))


@dataclass(frozen=True)
class Numbers(link.Own):
    """As many numbers as there are names, from low to high, edited in a table; in the link with commas between them."""

    label: str
    names: tuple[str, ...]
    first: tuple[float, ...]
    low: float
    high: float
    step: float = 0.01

    @cached_property
    def field(self) -> Field:
        return fields.Numbers(self.label, "", self.first, minimum=self.low, maximum=self.high)

    def draw(self, name: str, text: str, hidden: bool) -> None:
        key = f"numbers_{name}_{text}"  # a table of its own for each state: what was edited is in the link already
        st.data_editor(pd.DataFrame({"name": self.names, "value": self.read(text)}), key=key, hide_index=True,
                       disabled=["name"], height=260, on_change=_edit_numbers, args=(name, key, link.current()),
                       column_config={
                           "name": self.label, "value": st.column_config.NumberColumn(
                               "value", min_value=self.low, max_value=self.high, step=self.step, required=True)})


def _edit_numbers(name: str, key: str, before: link.Link) -> None:
    if link.heard(key, before.place) and link.current().own[name] == before.own[name]:
        link.change(**{name: replaced(before.own[name], st.session_state[key]["edited_rows"])})


def replaced(before: str, rows: Mapping[int, Mapping[str, float]]) -> str:
    """The numbers of a text with those that `st.data_editor` says were changed, by row."""
    return ",".join(f"{value:.12g}" if (value := rows.get(i, {}).get("value")) is not None else one
                    for i, one in enumerate(before.split(",")))


def own_control(name: str, hidden: bool = False) -> Any:
    """The control of one of the page's own parameters, and its value; `hidden` leaves its label to screen readers."""
    asked = link.current()
    if not asked.look.hides("controls"):
        asked.table[name].draw(name, asked.own[name], hidden)
    return asked.value(name)


def own_controls(*names: str) -> None:
    """The controls of several of them, one below the other."""
    for name in names:
        own_control(name)


def parts(name: str, runs: Mapping[str, RunSpec] | None = None) -> str:
    """The control of the parts of a page, and the one that is open.

    runs: what parts open with from here, where that is not the table's own `runs`.
    """
    asked = link.current()
    kind = asked.table[name]
    assert isinstance(kind, Parts)
    if asked.look.hides("controls"):
        return asked.value(name)
    opened = kind.runs if runs is None else runs
    with st.container(key="parts"):
        st.segmented_control(
            kind.label, list(kind.options), format_func=kind.options.__getitem__, required=True,
            label_visibility="collapsed", **followed(
                f"control_{asked.page}_{name}", asked.own[name],
                lambda chosen: link.open_run(opened.get(chosen, link.current().spec), {name: chosen}),
                {"default": asked.own[name]}, everywhere=True))
    return asked.value(name)
