"""What the numbers of a run say: a word, an icon and a colour, and sentences with numbers beside them."""

from __future__ import annotations

import streamlit as st

from core.diagnosis import KINDS, diagnose
from pages.ui.player import View

COLOURS = {"healthy": "green", "vanishing": "blue", "exploding": "orange", "overflow": "red", "dead": "violet",
           "symmetric": "violet", "stuck": "gray"}
HEIGHT = 88  # px: room for the badge and three lines, so that nothing below it moves


def verdict(view: View) -> None:
    """The verdict on what is shown of the run, in a place of fixed height."""
    with st.container(height=HEIGHT, border=False, key="verdict"):
        if view.snapshot is None:
            st.markdown(":gray-badge[:material/hourglass_top: Waiting] The first measurement comes with TensorFlow.")
            return
        found = diagnose(view.spec, view.history)
        st.markdown(f":{COLOURS[found.kind]}-badge[{found.icon} **{found.word}**] {' '.join(found.sentences)}",
                    help=found.rule)


def verdict_rules() -> None:
    """All verdicts and the rule of each, in the order in which they are asked."""
    for name, kind in KINDS.items():
        st.markdown(f":{COLOURS[name]}-badge[{kind.icon} {kind.word}] {kind.rule}")
