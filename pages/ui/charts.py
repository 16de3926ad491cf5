"""Charts on the screen, and the data behind them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import pandas as pd
import streamlit as st

from core.charts.drawing import Drawing
from core.charts.frames import table

Plot = tuple[pd.DataFrame | None, Drawing]  # no frame: nothing has been measured yet


def chart(name: str, plot: Plot) -> None:
    """Streams the frame into the drawing; a chart that is on the screen already is updated in place."""
    frame, drawing = plot
    st.vega_lite_chart(frame, drawing.spec, key=f"chart_{name}", alt=drawing.alt, width="stretch")


def row(plots: Mapping[str, Plot]) -> None:
    """Charts side by side; on a phone below each other."""
    for column, (name, plot) in zip(st.columns(len(plots)), plots.items(), strict=True):
        with column:
            chart(name, plot)


def numbers(rows: Sequence[Mapping[str, str]]) -> None:
    """A small table of numbers in words: a row for each entry, which its first column names."""
    if rows:
        st.table(pd.DataFrame(rows), border="horizontal", hide_index=True)


def tables(page: str, plots: Callable[[], dict[str, Plot]]) -> None:
    """The numbers behind each chart at the step that is shown, and a CSV file of each, written when it is asked for."""
    found = {name: table(frame) for name, (frame, _) in plots().items() if frame is not None}
    if not found:
        st.caption("Nothing has been measured yet.")
        return
    chosen = st.segmented_control("Numbers behind", list(found), key=f"table_{page}", default=next(iter(found)),
                                  required=True)
    st.dataframe(found[chosen], height=320, hide_index=True, key=f"rows_{page}")
    with st.container(horizontal=True):
        for name in found:
            st.download_button(f"{name}.csv", lambda name=name: table(plots()[name][0]).to_csv(index=False),
                               f"{page} {name}.csv", "text/csv", on_click="ignore", icon=":material/download:",
                               key=f"csv_{page}_{name}")
