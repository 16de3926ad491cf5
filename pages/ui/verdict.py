"""What the numbers of a run say: a word, an icon and a colour, and sentences with numbers beside them."""

from __future__ import annotations

import streamlit as st

from core.diagnosis import KINDS, diagnose
from pages.ui.player import View
from pages.ui.text import place_of_words

COLOURS = {"healthy": "green", "vanishing": "blue", "exploding": "orange", "overflow": "red", "dead": "violet",
           "symmetric": "violet", "stuck": "gray"}


def verdict(view: View) -> None:
    """The verdict on what is shown of the run."""
    with place_of_words():
        if view.snapshot is None:
            st.markdown(":gray-badge[:material/hourglass_top: Waiting] The first measurement comes with TensorFlow.")
            return
        found = diagnose(view.spec, view.history)
        st.markdown(f":{COLOURS[found.kind]}-badge[{found.icon} **{found.word}**] {' '.join(found.sentences)}",
                    help=found.rule)
        if view.run.shipped:
            st.caption(":material/inventory_2: This run came with the app. Train computes it here and now.")


def verdict_rules() -> None:
    """All verdicts and the rule of each, in the order in which they are asked."""
    for name, kind in KINDS.items():
        st.markdown(f":{COLOURS[name]}-badge[{kind.icon} {kind.word}] {kind.rule}")
