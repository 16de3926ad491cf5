"""What the numbers of a run say: a word, an icon and a colour, and sentences with numbers beside them."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.diagnosis import KINDS, diagnose
from core.spec import RunSpec
from core.training import Snapshot
from pages.ui.text import said
from pages.ui.views import View, each

COLOURS = {"healthy": "green", "vanishing": "blue", "exploding": "orange", "overflow": "red", "dead": "violet",
           "symmetric": "violet", "stuck": "gray"}


def verdict(view: View) -> None:
    """The verdict on each moment of the run: a line with its badge, the rest of it on demand."""
    said(each(line, view.spec, view) if view.history else [])


def line(spec: RunSpec, history: Sequence[Snapshot]) -> dict[str, str]:
    """What `said` shows of the verdict on the last state of a history."""
    found = diagnose(spec, history)
    first, theory, kernels, loss = found.sentences
    return {"says": f"{first} {loss}", "more": f"{theory} {kernels}", "word": found.word, "rule": found.rule,
            "icon": found.icon.removeprefix(":material/").removesuffix(":"), "colour": COLOURS[found.kind]}


def verdict_rules() -> None:
    """All verdicts and the rule of each, in the order in which they are asked."""
    for name, kind in KINDS.items():
        st.markdown(f":{COLOURS[name]}-badge[{kind.icon} {kind.word}] {kind.rule}")
