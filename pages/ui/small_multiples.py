"""Small multiples: the same chart of several runs side by side, sorted by verdict."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from core.comparison import Entry, ranked
from core.diagnosis import diagnose
from core.words import say
from pages.ui.charts import Plot, chart
from pages.ui.player import View
from pages.ui.verdict import COLOURS

WIDTH = 168  # px: two side by side on a phone


def panels(views: dict[str, View], plot: Callable[[View], Plot]) -> None:
    """A panel for each run with its name, verdict and loss; as many in a row as there is room for.

    Places keep their charts, so one is updated and not rebuilt when a verdict changes and runs trade places.
    """
    entries = [Entry(label, view.spec, view.history) for label, view in views.items()]
    with st.container(key="panels", horizontal=True, gap="small"):
        for place, entry in enumerate(ranked(entries)):
            with st.container(key=f"panel_{place}", width=WIDTH, gap="xxsmall"):
                st.markdown(f":small[**{entry.label}**]  \n{_verdict(entry)}", wrap=False)
                chart(f"panel {place}", plot(views[entry.label]))


def _verdict(entry: Entry) -> str:
    """The verdict's word and the loss, on one line."""
    if not entry.history:
        return ":gray-badge[:material/hourglass_top: Waiting]"
    found = diagnose(entry.spec, entry.history)
    return f":{COLOURS[found.kind]}-badge[{found.icon} {found.word}] :small[loss {say(entry.history[-1].loss)}]"
