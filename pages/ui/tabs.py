"""What stands under the stage of every page, in tabs: why, the same in Keras, the numbers, the limits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import streamlit as st

from pages.ui import link
from pages.ui.answers import forget
from pages.ui.charts import TABLES
from pages.ui.errors import guarded
from pages.ui.path import foot, quiz
from pages.ui.quizzes import QUESTIONS
from pages.ui.words import prose


def below(page: str, tabs: Mapping[str, str | Callable[[], None]]) -> None:
    """Draws the tab that is open, and nothing of the others: they cost the page nothing until somebody opens them.

        ui.below("gradients", {"Why": "Why", "In Keras": keras, "Data": data, "Limits and sources": limits})

    A text is the heading of a section of the page's prose, anything else a function that draws. The page's question
    is a tab of its own, and the way to the next page stands at the foot.
    """
    if link.current().look.presents:
        return
    tabs = {**tabs, "One question": partial(quiz, page)} if page in QUESTIONS else tabs

    @st.fragment
    def opened() -> None:
        forget(TABLES)
        for tab, draw in zip(st.tabs(list(tabs), key=f"below_{page}", on_change="rerun"), tabs.values(), strict=True):
            if tab.open:
                with tab, guarded("below"):
                    prose(page, draw) if isinstance(draw, str) else draw()

    opened()
    foot(page)
