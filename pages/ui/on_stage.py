"""What stands on the stage of a page: its main charts and what is said of them, for who takes it home."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import pandas as pd
import streamlit as st

from core.charts.drawing import Drawing
from core.charts.picture import on_paper, pictures
from core.handout import Picture, Station

_KEY = "on_stage"


@dataclass
class Stage:
    """The main charts by name, as they were drawn last, and what is said at a moment."""

    charts: dict[str, tuple[pd.DataFrame, Drawing]] = field(default_factory=dict)
    says: Callable[[int], str] = lambda _: ""

    def station(self, sentence: str, link: str, moment: int) -> Station:
        """The stage at a moment, as a stop of a hand-out."""
        charts = list(self.charts.values())
        drawn = pictures([on_paper(frame, drawing, moment) for frame, drawing in charts]) if charts else []
        return Station(sentence, [Picture(svg, drawing.alt) for svg, (_, drawing) in zip(drawn, charts, strict=True)],
                       self.says(moment), link)


def stage() -> Stage:
    """What the page that is on the screen has put on its stage so far."""
    return st.session_state.setdefault(_KEY, Stage())


def new_stage() -> Stage:
    """Called before a page is drawn."""
    st.session_state[_KEY] = Stage()
    return stage()
