"""Earlier runs that stay on the chart: pinned ones, and the steps of the cure ladder."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from core.runs import RUNS, Run
from core.spec import FIELDS, RunSpec
from pages.ui import link, player
from pages.ui.run_controls import say_value
from pages.ui.views import View

MOST = 5
_KEY, _ALL = "pins", "pins_all"


@dataclass(frozen=True)
class Cure:
    """One change that may help, as a person says it, with what to set."""

    label: str
    values: dict[str, Any]
    helps: Callable[[RunSpec], bool]


CURES = (
    Cure("ReLU", {"activation": "relu"}, lambda spec: set(spec.activations) != {"relu"}),
    Cure("He", {"initializer": "he_normal", "gain": 1.0},
         lambda spec: (spec.initializer, spec.gain) != ("he_normal", 1.0)),
    Cure("Batch norm", {"batch_norm": True}, lambda spec: not all(spec.batch_norms)),
    Cure("Skip", {"skip": True}, lambda spec: not spec.skip and len(set(spec.widths)) < spec.depth),
    Cure("Clip", {"clip": "global_norm", "clip_threshold": 1.0}, lambda spec: spec.clip != "global_norm"),
)


def pins() -> list[Run]:
    """The runs that were pinned, first to last."""
    return st.session_state.setdefault(_KEY, [])


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
    short = [_said(spec, [name for name in FIELDS if getattr(spec, name) != getattr(other, name)])
             for spec, other in zip(specs, neighbours, strict=False)]
    everyone = [*specs, beside]
    telling = [name for name in FIELDS if len({getattr(spec, name) for spec in everyone}) > 1]
    # a chart draws one line for each label, so where two would be called alike each has all that tells it apart
    return [label if short.count(label) == 1 else _said(spec, telling)
            for spec, label in zip(specs, short, strict=True)]


def _said(spec: RunSpec, names: Sequence[str]) -> str:
    return ", ".join(say_value(spec, name) for name in names)


def cures() -> None:
    """The ladder: each click pins the run on the screen, changes one thing and trains."""
    spec = link.current().spec
    with st.container(key="cures", horizontal=True, gap="xsmall", vertical_alignment="center"):
        st.markdown("**Cures**", width="content")
        for cure in CURES:
            st.button(cure.label, icon=":material/add:", key=f"cure_{cure.label}", on_click=_cure, args=(cure,),
                      help="Keeps the line of this run, changes this one thing, and plays from step 0.",
                      disabled=not cure.helps(spec))
        st.space("stretch")
        if len(pins()) > 1:
            st.toggle("All lines", key=_ALL)  # of earlier runs, not the last one's alone
        st.button("Pin", icon=":material/keep:", key="pin", on_click=_pin, type="tertiary",
                  help="Keeps the line of this run on the chart, to compare.",
                  disabled=any(run.spec == spec for run in pins()))
        st.button("Unpin", icon=":material/keep_off:", key="unpin", on_click=_unpin, type="tertiary",
                  help="Removes the lines of earlier runs.", disabled=not pins())


def _cure(cure: Cure) -> None:
    _pin()
    link.change(**cure.values)
    player.play_from_start()


def _pin() -> None:
    run = RUNS.get(link.current().spec)
    st.session_state[_KEY] = [*(pin for pin in pins() if pin.spec != run.spec), run][-MOST:]


def _unpin() -> None:
    st.session_state[_KEY] = []
