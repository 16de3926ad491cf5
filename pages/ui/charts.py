"""Charts on the screen, and the data behind them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import pandas as pd
import pyarrow as pa
import streamlit as st

from core.charts.drawing import PICK, Drawing
from core.charts.frames import table
from pages.ui import link
from pages.ui.loading import end_of_first_paint

Plot = tuple[pd.DataFrame | None, Drawing]  # no frame: nothing has been measured yet


Numbers = Mapping[str, Callable[[pd.DataFrame], pd.DataFrame]]
Picked = Callable[[float, float], Mapping[str, float]]  # of a place in a chart, what it sets in the link
_MOVED = "picked"


def chart(name: str, plot: Plot, picked: Picked | None = None) -> None:
    """Streams the frame into the drawing; a chart that is on the screen already is updated in place.

    picked: for a drawing with a `picker`, what a click at (x, y) sets.
    """
    frame, drawing = plot
    key = f"chart_{name}"
    select: dict[str, Any] = {} if picked is None else {
        "on_select": partial(_pick, key, link.current().place, picked), "selection_mode": PICK}
    st.vega_lite_chart(_arrow(frame), drawing.spec, key=key, alt=drawing.alt, width="stretch", **select)
    if picked is not None and st.session_state.pop(_MOVED, False):
        st.rerun()  # a fragment's click changes more than the fragment
    end_of_first_paint()


def _arrow(frame: pd.DataFrame | None) -> pa.Table | None:
    """The frame's columns as Streamlit sends them, in half the time in which pandas would hand them over."""
    return None if frame is None else pa.table({name: pa.array(column.values, from_pandas=True)
                                                for name, column in frame.items()})


def _pick(key: str, place: link.Place, picked: Picked) -> None:
    if link.heard(key, place) and (places := st.session_state[key]["selection"][PICK]):
        at = places[0]
        link.change(**{name: f"{number:.12g}" for name, number in picked(at["px"], at["py"]).items()})
        st.session_state[_MOVED] = True


def row(plots: Mapping[str, Plot], picked: Mapping[str, Picked] | None = None) -> None:
    """Charts side by side, on a phone below each other; `picked` by the name of the chart."""
    for column, (name, plot) in zip(st.columns(len(plots)), plots.items(), strict=True):
        with column:
            chart(name, plot, (picked or {}).get(name))


def numbers(rows: Sequence[Mapping[str, str]]) -> None:
    """A small table of numbers in words: a row for each entry, which its first column names."""
    if rows:
        st.table(pd.DataFrame(rows), border="horizontal", hide_index=True)


def tables(page: str, plots: Callable[[], dict[str, Plot]], numbers: Numbers | None = None) -> None:
    """The numbers behind each chart at the step that is shown, and a CSV file of each, written when it is asked for.

    numbers: of the charts whose frame is a picture, by name, what makes a table of it.
    """
    def behind() -> dict[str, pd.DataFrame]:
        return {name: (numbers or {}).get(name, table)(frame)
                for name, (frame, _) in plots().items() if frame is not None}

    found = behind()
    if not found:
        st.caption("Nothing has been measured yet.")
        return
    chosen = st.segmented_control("Numbers behind", list(found), key=f"table_{page}", default=next(iter(found)),
                                  required=True)
    st.dataframe(found[chosen], height=320, hide_index=True, key=f"rows_{page}")
    with st.container(horizontal=True):
        for name in found:
            st.download_button(f"{name}.csv", lambda name=name: behind()[name].to_csv(index=False),
                               f"{page} {name}.csv", "text/csv", on_click="ignore", icon=":material/download:",
                               key=f"csv_{page}_{name}")
