"""Many seeds of one run: how often it reaches its goal, as it came with the app or counted here while one watches."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import streamlit as st

from core.lessons.gradients.shared_counts import SURVEYS
from core.lessons.gradients.xor_seeds import SEEDS, Share, share
from core.runs import tensorflow_ready
from core.spec import RunSpec
from pages.ui.errors import guarded

PACE = 0.15  # seconds between two ticks
_KEY = "counting"  # the runs that this viewer has counted


def survey(specs: Mapping[str, RunSpec], draw: Callable[[dict[str, Share]], None]) -> None:
    """Draws `draw(shares)` by label, again and again while it counts; the button beside it starts and stops that."""
    asked = tuple(specs.values())
    counting = st.session_state.get(_KEY) == asked

    @st.fragment(run_every=PACE if counting else None)
    def frames() -> None:
        with guarded("survey"):
            done = SURVEYS.tick(asked) if counting else False
            surveys = [SURVEYS.get(spec, counting) for spec in asked]
            draw({label: share(one.ends) for label, one in zip(specs, surveys, strict=True)})
            if all(one.shipped for one in surveys):
                st.caption(":material/inventory_2: These counts came with the app. Count makes them here and now.")
            elif counting and not done:
                ready = sum(len(one.ends) for one in surveys if not one.shipped)
                st.progress(ready / (SEEDS * len(asked)), f"{ready} of {SEEDS * len(asked)} runs" if tensorflow_ready()
                            else "TensorFlow is loading, 5 to 20 s, once")
        if done:
            _stop()
            st.rerun()

    frames()
    st.button("Stop" if counting else f"Count {SEEDS} seeds each", key="survey_count", args=(asked,),
              icon=":material/pause:" if counting else ":material/casino:", on_click=_stop if counting else _start)


def _start(asked: tuple[RunSpec, ...]) -> None:
    st.session_state[_KEY] = asked


def _stop(*_: object) -> None:
    st.session_state[_KEY] = None
