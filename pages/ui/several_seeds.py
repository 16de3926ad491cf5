"""One network with many seeds, computed in the queue that all viewers share while one watches."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from core.lessons.gradients.several_seeds import Reading, Seeds, drawn
from core.runs import RUNS, tensorflow_ready
from core.spec import RunSpec
from core.words import count
from pages.ui import player
from pages.ui.errors import guarded

PACE = 0.15  # seconds between two looks
_FOUND, _RUNNING = "several_seeds", "several_seeds_running"  # what this viewer has read, and whether he reads on


def several_seeds(spec: RunSpec, seeds: int, to_the_end: bool, draw: Callable[[Sequence[Reading]], None]) -> None:
    """Draws `draw(readings)` of the run with so many seeds, more and more of them; the button starts and stops that."""
    found = _found(spec, to_the_end)
    running = st.session_state.get(_RUNNING) is found

    @st.fragment(run_every=PACE if running else None)
    def frames() -> None:
        with guarded("several_seeds"):
            if running:
                found.take(RUNS.want(_name(), found.wanted(seeds), found.moments))
            readings = found.readings(seeds)
            draw(readings if len(readings) == seeds else readings[:drawn(len(readings))])
            if running:
                st.progress(len(readings) / seeds, f"{len(readings)} of {count(seeds, 'seed')}" if tensorflow_ready()
                            else "TensorFlow is loading, 5 to 20 s, once")
        if running and not found.wanted(seeds):
            _stop()
            st.rerun()

    frames()
    what = f"Train {count(seeds, 'seed')} to the end" if to_the_end else f"Draw {count(seeds, 'seed')}"
    st.button("Stop" if running else what, key="several_seeds_start", disabled=not (running or found.wanted(seeds)),
              icon=":material/pause:" if running else ":material/casino:", on_click=_stop if running else _start,
              args=() if running else (found,))


def _found(spec: RunSpec, to_the_end: bool) -> Seeds:
    """What this viewer has read of it; one run at one step is kept."""
    found: Seeds | None = st.session_state.get(_FOUND)
    if found is None or (found.spec, found.to_the_end) != (spec, to_the_end):
        found = st.session_state[_FOUND] = Seeds(spec, to_the_end)
    return found


def _name() -> str:
    return f"{player.viewer().name} seeds"


def _start(found: Seeds) -> None:
    st.session_state[_RUNNING] = found


def _stop() -> None:
    st.session_state[_RUNNING] = None
    RUNS.want(_name(), [])
