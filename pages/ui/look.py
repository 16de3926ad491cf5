"""How a page is looked at: in which view, with what hidden, at which station of which lecture.

It stands in the link beside the run, is kept when a control is moved, and is never part of a run.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from core import lectures
from core.lectures import HIDES

VIEWS = ("present", "embed")  # without any of them a page is shown with all that it has
NAMES = ("view", "hide", "lecture", "station")


@dataclass(frozen=True)
class Look:
    """view: of VIEWS, or empty; hide: of HIDES; lecture: as `core.lectures.asked` reads it; station: from 1."""

    view: str = ""
    hide: tuple[str, ...] = ()
    lecture: str = ""
    station: int = 1

    @property
    def presents(self) -> bool:
        """Whether only question, chart, verdict and player are shown."""
        return self.view != ""

    def hides(self, what: str) -> bool:
        """Whether one of HIDES is not to be seen."""
        assert what in HIDES
        return what in self.hide or (what == "controls" and self.presents)

    def to_query(self) -> dict[str, str]:
        """What of it stands in a link."""
        return ({"view": self.view} if self.view else {}) | ({"hide": ",".join(self.hide)} if self.hide else {}) | (
            {"lecture": self.lecture, "station": str(self.station)} if self.lecture else {})


def read(query: Mapping[str, str], presents: bool = True) -> tuple[Look, list[str]]:
    """What a link says of it, and a sentence for each thing put right; presents: whether the page has the views."""
    view, hide = query.get("view", ""), [one for one in query.get("hide", "").split(",") if one]
    notes = []
    if view and view not in VIEWS:
        notes.append(f"view must be {' or '.join(VIEWS)}. Received: {view[:40]!r}. The whole page is shown.")
        view = ""
    if view and not presents:
        notes.append("This page has no chart to present. The whole page is shown.")
        view = ""
    unknown = [one for one in hide if one not in HIDES]
    if unknown:
        notes.append(f"hide must be of {', '.join(HIDES)}. Received: {unknown[0][:40]!r}. It hides nothing.")
    lecture, station, more = _station(query.get("lecture", ""), query.get("station", "1"))
    return Look(view, lectures.in_order(hide), lecture, station), notes + more


def _station(text: str, number: str) -> tuple[str, int, list[str]]:
    if not text:
        return "", 1, []
    try:
        last = len(lectures.asked(text).stations)
    except ValueError as error:
        return "", 1, [f"{error} No lecture is open."]
    if number.isascii() and number.isdigit() and len(number) <= 9 and 1 <= int(number) <= last:
        return text, int(number), []
    return text, 1, [f"station must be a whole number from 1 to {last}. Received: {number[:40]!r}. Taken as 1."]
