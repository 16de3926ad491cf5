"""What the numbers of a run say: a word, an icon and a colour, and sentences with numbers beside them."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.diagnosis import KINDS, Verdict, verdicts
from core.spec import RunSpec
from core.training import Snapshot
from pages.ui.text import Texts, running_text
from pages.ui.views import View, once

COLOURS = {"learned": "green", "learning": "green", "vanishing": "blue", "exploding": "orange", "overflow": "red",
           "dead": "violet", "symmetric": "violet", "stuck": "gray", "slow": "orange", "not_learning": "gray"}


def verdict(view: View, beside: tuple[str, ...] = ()) -> None:
    """The verdict on each moment of the run: a line with its badge, the rest of it on demand.

    beside: what the page says beside it at each moment, in place of the loss: a line, and after a line break more.
    """
    running_text(once(verdict_texts, view.spec, view, beside) if view.history else [])


def verdict_texts(spec: RunSpec, history: Sequence[Snapshot], beside: Sequence[str]) -> Texts:
    """What `running_text` shows of the verdict on each state of a history."""
    return Texts(verdict_text(found, *beside[moment:moment + 1])
                 for moment, found in enumerate(verdicts(spec, history)))


def verdict_text(found: Verdict, beside: str = "") -> dict[str, str]:
    """A verdict as `running_text` takes it."""
    what, loss, *rest = found.sentences
    first, _, more = (beside or loss).partition("  \n")
    return {"says": f"{what} {first}", "more": " ".join([*rest, more]).strip(), "word": found.word, "rule": found.rule,
            "icon": found.icon.removeprefix(":material/").removesuffix(":"), "colour": COLOURS[found.kind]}


def verdict_rules() -> None:
    """All verdicts and the rule of each, in the order in which they are asked."""
    for name, kind in KINDS.items():
        st.markdown(f":{COLOURS[name]}-badge[{kind.icon} {kind.word}] {kind.rule}")
