"""Charts on the screen, and the data behind them."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core.charts.drawing import Drawing


def chart(frame: pd.DataFrame, drawing: Drawing, key: str) -> None:
    """Streams the frame into the chart; one that is on the screen already is updated in place."""
    st.vega_lite_chart(frame, drawing.spec, key=key, alt=drawing.alt, width="stretch")


def csv_button(label: str, name: str, frame: pd.DataFrame) -> None:
    """A button that saves the frame as a CSV file, written when it is pressed."""
    st.download_button(label, lambda: frame.to_csv(index=False), f"{name}.csv", "text/csv", on_click="ignore",
                       icon=":material/download:", key=f"csv_{name}")
