"""Charts on the screen, and the data behind them."""

from __future__ import annotations

import re
import weakref
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import pandas as pd
import pyarrow as pa
import streamlit as st

from core.charts.drawing import PICK, Drawing
from core.charts.hall import for_a_hall
from core.charts.moving import bound
from core.charts.rows import table
from pages.ui import link
from pages.ui.answers import REST, answers
from pages.ui.on_stage import stage
from pages.ui.player import viewer

Plot = tuple[pd.DataFrame | None, Drawing]  # no frame: nothing has been measured yet


Numbers = Mapping[str, Callable[[pd.DataFrame, int], pd.DataFrame]]
Picked = Callable[[float, float], Mapping[str, float]]  # of a place in a chart, what it sets in the link
LEAST = 300  # px of a main chart where style.css is not there
_sent: dict[int, pa.Table] = {}  # by frame, as long as that lives
TABLES = "tables"  # what shows the numbers behind the charts


def chart(name: str, plot: Plot, picked: Picked | None = None, main: bool = False, presented: bool = False) -> None:
    """Streams the frame into the drawing; a chart that is on the screen already is updated in place.

    picked: for a drawing with a `picker`, what a click at (x, y) sets. main: whether it takes the height that the
    window has (style.css), in place of its own. presented: whether it is shown to a hall, as main ones are.
    """
    frame, drawing = plot
    if main and frame is not None:
        stage().charts[name] = frame, drawing
    look = link.current().look
    if look.presents:
        main = main or presented
        if not main:
            return
        drawing = for_a_hall(drawing)
    if look.hides("theory") and frame is not None and "series" in frame:
        frame = frame[frame["series"] != "theory"]
    key = f"chart_{name}"
    select: dict[str, Any] = {} if picked is None else {
        "on_select": partial(_pick, key, link.current().place, picked), "selection_mode": PICK}
    at = f"main_{name}" if main else f"place_{name}"
    place = st.container(key=at, height=LEAST if main else "content", border=False)
    place.vega_lite_chart(None if frame is None else _arrow(frame), bound(drawing.spec, class_of(at)), key=key,
                          alt=drawing.alt, width="stretch", height="stretch" if main else "content", **select)


def class_of(key: str) -> str:
    """What Streamlit makes of a key: the element's class is `st-key-` and this."""
    return re.sub(r"[^a-zA-Z0-9_-]", "-", key)


def _arrow(frame: pd.DataFrame) -> pa.Table:
    """The frame as it is sent, made once, and small: a picture needs no more than a float32, and few texts differ."""
    if id(frame) not in _sent:
        _sent[id(frame)] = pa.table({name: _column(column) for name, column in frame.items()})
        weakref.finalize(frame, _sent.pop, id(frame), None)
    return _sent[id(frame)]


def _column(column: pd.Series) -> pa.Array:
    array = pa.array(column.values, from_pandas=True)
    array = array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array
    if pa.types.is_integer(array.type):
        largest = column.abs().max()
        return array.cast(pa.int8() if largest < 2**7 else pa.int16() if largest < 2**15 else pa.int32())
    if pa.types.is_floating(array.type):
        return array.cast(pa.float32(), safe=False)
    if pa.types.is_string(array.type) or pa.types.is_large_string(array.type):
        small = array.dictionary_encode()
        if len(small.dictionary) < min(128, len(array) / 2):
            return pa.DictionaryArray.from_arrays(small.indices.cast(pa.int8()), small.dictionary)
    return array


def _pick(key: str, place: link.Place, picked: Picked) -> None:
    if link.heard(key, place) and (places := st.session_state[key]["selection"][PICK]):
        at = places[0]
        link.change(**{name: f"{number:.12g}" for name, number in picked(at["px"], at["py"]).items()})


def row(plots: Mapping[str, Plot], picked: Mapping[str, Picked] | None = None, main: bool = False,
        presented: bool = False) -> None:
    """Charts side by side, on a phone below each other; `picked` by the name of the chart, the rest as in `chart`."""
    if link.current().look.presents and not (main or presented):
        return
    for column, (name, plot) in zip(st.columns(len(plots)), plots.items(), strict=True):
        with column:
            chart(name, plot, (picked or {}).get(name), main, presented)


def numbers(rows: Sequence[Mapping[str, str]]) -> None:
    """A small table of numbers in words: a row for each entry, which its first column names."""
    if rows:
        st.table(pd.DataFrame(rows), border="horizontal", hide_index=True)


def tables(page: str, plots: Callable[[], dict[str, Plot]], numbers: Numbers | None = None) -> None:
    """The numbers behind each chart at the step that is shown, and a CSV file of each, written when it is asked for.

    numbers: of the charts whose frame is a picture, by name, what makes a table of it and a moment.
    """
    def behind() -> dict[str, pd.DataFrame]:
        return {name: (numbers or {}).get(name, table)(frame, viewer().at)
                for name, (frame, _) in plots().items() if frame is not None}

    @answers(REST, TABLES)
    def at_rest() -> None:
        found = behind()
        if not found:
            st.caption("Nothing has been measured yet.")
            return
        chosen = st.segmented_control("Numbers behind", list(found), key=f"table_{page}", default=next(iter(found)),
                                      required=True)
        st.dataframe(found[chosen], height=320, hide_index=True, key=f"rows_{page}")
        with st.container(horizontal=True):
            for name in found:
                st.download_button(f"{name}.csv", partial(found[name].to_csv, index=False),
                                   f"{page} {name}.csv", "text/csv", on_click="ignore", icon=":material/download:",
                                   key=f"csv_{page}_{name}")
