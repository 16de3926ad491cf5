"""Parameters that belong to a page and not to a run: which experiment is open, where a point stands.

A page names them once, in a table that it hands to `ui.page`; each is in the link, is put right like a field of a run,
and has its control here.

    OWN = {"show": ui.Choice("Experiment", {"curve": "The curve", "fit": "A fit"}), "y": ui.Number("Target", -3, 3)}
    asked = ui.page("losses", own=OWN)
    ui.own_control("y")
    asked.value("y")
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd
import streamlit as st

from core.registry import closest, one_of
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

    @property
    def usual(self) -> str:
        return self.first or next(iter(self.options))

    def nearest(self, name: str, text: str) -> tuple[str, str | None]:
        """The text as it is if it is one of the names, else the closest or the usual one, and a sentence."""
        if text in self.options:
            return text, None
        near = closest(text, self.options) or self.usual
        return near, f"{one_of(name, self.options, text)} Taken as {near}."

    def read(self, text: str) -> str:
        return text

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

    runs: Mapping[str, RunSpec] = field(default_factory=dict)

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

    @property
    def usual(self) -> str:
        return ",".join(self.first)

    def nearest(self, name: str, text: str) -> tuple[str, str | None]:
        """The names that are known, and a sentence for those that are not."""
        asked = self.read(text)
        unknown = [one for one in asked if one not in self.options]
        known = ",".join(one for one in self.options if one in asked)
        return known, f"{one_of(name, self.options, ','.join(unknown))} Left out." if unknown else None

    def read(self, text: str) -> tuple[str, ...]:
        return tuple(filter(None, text.split(",")))

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

    @property
    def whole(self) -> bool:
        return isinstance(self.step, int)

    @property
    def usual(self) -> str:
        return f"{self.first:g}"

    def nearest(self, name: str, text: str) -> tuple[str, str | None]:
        """The text if it is a number within the limits, else the nearest one and a sentence."""
        try:
            number = float(text)
        except ValueError:
            number = math.nan
        near = self.first if math.isnan(number) else min(max(number, self.low), self.high)
        near = round(near) if self.whole else near
        if near == number:
            return f"{number:.12g}", None
        return f"{near:g}", (f"{name} must be a {'whole ' * self.whole}number from {self.low:g} to {self.high:g}. "
                             f"Received: {text[:40]!r}. Taken as {near:g}.")

    def read(self, text: str) -> float:
        return int(text) if self.whole else float(text)

    def draw(self, name: str, text: str, hidden: bool) -> None:
        kind = int if self.whole else float
        st.slider(self.label, kind(self.low), kind(self.high), step=kind(self.step), help=self.help,
                  label_visibility="collapsed" if hidden else "visible",
                  **bound(name, self.read(text), lambda _, number: {name: f"{number:.12g}"}))


@dataclass(frozen=True)
class Text(link.Own):
    """Any text of up to 600 characters."""

    label: str = ""
    first: str = ""
    help: str | None = None

    @property
    def usual(self) -> str:
        return self.first

    def nearest(self, name: str, text: str) -> tuple[str, str | None]:
        return text[:600], f"{name} may have at most 600 characters; the rest was left out." if text[600:] else None

    def read(self, text: str) -> str:
        return text

    def draw(self, name: str, text: str, hidden: bool) -> None:
        st.text_input(self.label, max_chars=600, help=self.help,
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

    @property
    def usual(self) -> str:
        return self._written(self.first)

    def nearest(self, name: str, text: str) -> tuple[str, str | None]:
        """The text if it is as many numbers within the limits, else the nearest and a sentence."""
        asked = text.split(",")
        each = Number(self.label, self.low, self.high, 0, self.step)
        known = [each.nearest(name, one.strip()) for one in asked[:len(self.names)]]
        values = [float(near) if _says_a_number(one) else usual
                  for (near, _), one, usual in zip(known, asked, self.first, strict=False)]
        near = self._written((*values, *self.first[len(values):]))
        if len(asked) == len(self.names) and not any(note for _, note in known):
            return near, None
        return near, (f"{name} must be {len(self.names)} numbers from {self.low:g} to {self.high:g}. "
                      f"Received: {text[:40]!r}. What was wrong or missing is taken as the nearest or the usual one.")

    def read(self, text: str) -> tuple[float, ...]:
        return tuple(map(float, text.split(",")))

    def draw(self, name: str, text: str, hidden: bool) -> None:
        key = f"numbers_{name}_{text}"  # a table of its own for each state: what was edited is in the link already
        st.data_editor(pd.DataFrame({"name": self.names, "value": self.read(text)}), key=key, hide_index=True,
                       disabled=["name"], height=260, on_change=_edit_numbers, args=(name, key, link.current()),
                       column_config={
                           "name": self.label, "value": st.column_config.NumberColumn(
                               "value", min_value=self.low, max_value=self.high, step=self.step, required=True)})

    @staticmethod
    def _written(values: tuple[float, ...]) -> str:
        return ",".join(f"{value + 0.0:.12g}" for value in values)


def _says_a_number(text: str) -> bool:
    """Whether a text says a number at all."""
    try:
        return not math.isnan(float(text))
    except ValueError:
        return False


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
    opened = kind.runs if runs is None else runs
    with st.container(key="parts"):
        st.segmented_control(
            kind.label, list(kind.options), format_func=kind.options.__getitem__, required=True,
            label_visibility="collapsed", **followed(
                f"control_{asked.page}_{name}", asked.own[name],
                lambda chosen: link.open_run(opened.get(chosen, link.current().spec), {name: chosen}),
                {"default": asked.own[name]}, everywhere=True))
    return asked.value(name)
