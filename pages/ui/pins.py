"""Earlier runs whose lines stay on the chart: pinned ones, and the rungs of the cure ladder. They stand in the link."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.runs import RUNS, Run
from core.spec import FIELDS, RunSpec
from pages.ui import link
from pages.ui.run_controls import say_value
from pages.ui.views import View

_ALL = "pins_all"


def pins() -> list[Run]:
    """The runs that were pinned, first to last."""
    return [RUNS.get(spec) for spec in link.current().rungs]


def beside(view: View) -> list[View]:
    """Every run that was pinned, shown or not, and the one on the stage: an axis that holds them all does not jump."""
    return [view, *(View(run, list(run.history)) for run in pins())]


def earlier(view: View) -> dict[str, View]:
    """By label each run that stays on the chart beside the one on the stage: the last one pinned, all where asked."""
    others = [run for run in pins() if run.spec != view.spec and run.history]
    named = dict(zip(labels([run.spec for run in others], view.spec), others, strict=True))
    shown = list(named.items()) if st.session_state.get(_ALL) else list(named.items())[-1:]
    return {label: View(run, list(run.history)) for label, run in shown}


def labels(specs: Sequence[RunSpec], beside: RunSpec) -> list[str]:
    """Each spec by what it changes in the one before; the first, by what the next one, or the one beside, changes.

    So the rungs of the ladder are called as the buttons that made them: there is room for a few words at a line.
    """
    neighbours = [*specs[1:2], beside][:1] + list(specs)
    short = [_told_apart(spec, [name for name in FIELDS if getattr(spec, name) != getattr(other, name)])
             for spec, other in zip(specs, neighbours, strict=False)]
    everyone = [*specs, beside]
    telling = [name for name in FIELDS if len({getattr(spec, name) for spec in everyone}) > 1]
    # a chart draws one line for each label, so where two would be called alike each has all that tells it apart
    return [label if short.count(label) == 1 else _told_apart(spec, telling)
            for spec, label in zip(specs, short, strict=True)]


def _told_apart(spec: RunSpec, names: Sequence[str]) -> str:
    if "activation" in names:  # an initializer comes with it
        names = [name for name in names if name not in ("initializer", "gain", "alpha")]
    return ", ".join(say_value(spec, name) for name in names)


def pin_buttons() -> None:
    """Keeps the line of the run on the stage, lets go of all, and shows all or the last."""
    now = link.current()
    if len(now.rungs) > 1:
        st.toggle("All lines", key=_ALL)  # of earlier runs, not the last one's alone
    st.button("Pin", icon=":material/keep:", key="pin", on_click=pin, type="tertiary",
              help="Keeps the line of this run on the chart, to compare.", disabled=now.spec in now.rungs)
    if now.rungs:
        st.button("Unpin", icon=":material/keep_off:", key="unpin", on_click=_unpin, type="tertiary",
                  help="Removes the lines of earlier runs.")


def pin(opens: RunSpec | None = None) -> None:
    """Called by callbacks: the line of the run on the stage stays, beside that of another one if that is opened."""
    now = link.current()
    link.keep_lines([*(spec for spec in now.rungs if spec != now.spec), now.spec], opens)


def _unpin() -> None:
    link.keep_lines([])
