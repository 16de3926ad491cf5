"""What may help the run on the stage: single changes that follow from its verdict, and the ladder of those tried."""

from __future__ import annotations

import streamlit as st

from core.cures import Cure
from core.diagnosis import KINDS, diagnose
from core.runs import RUNS, tensorflow_ready
from core.spec import RunSpec
from core.trials import BEST, SEEDS, WORK, Ended, Rung, Trial
from core.words import say
from pages.ui import link, player
from pages.ui.errors import guarded
from pages.ui.pins import pin, pin_buttons
from pages.ui.verdict import COLOURS
from pages.ui.views import View, once

SHOWN = 3  # buttons: there is room for so many in a line
PACE = 1.0  # seconds between two looks at what is being tried
_KEY = "trial"


def cures(view: View) -> None:
    """The best cures of the verdict so far, each a button: keeps the line of this run, changes one thing, plays."""
    if link.current().look.hides("controls") or link.current().look.hides("verdict"):
        return
    found = once(diagnose, view.spec, view).cures if view.history else ()
    with st.container(key="cures", horizontal=True, gap="xsmall", vertical_alignment="center"):
        if found:
            st.markdown("**Cures**", width="content")
        for one in found[:SHOWN]:
            _button(one, view.spec, f"cure_{one.name}")
        if found:
            st.button(f"Try all {len(found)}", icon=":material/science:", key="try_cures", on_click=_try,
                      args=(view.spec,), help=f"Trains each of the {len(found)} cures for as many steps, the best "
                      f"{BEST} with {SEEDS} seeds, for at most {WORK:.0f} seconds of work.")
        st.space("stretch")
        pin_buttons()


def _button(one: Cure, spec: RunSpec, key: str) -> None:
    """Opens the run with that change of `spec`, from the run that is on the stage now."""
    shown, opens = link.current().spec, one.of(spec)
    st.button(one.label, icon=":material/add:", key=key, on_click=_take, args=(opens, shown), disabled=opens == shown,
              help="Keeps the line on the stage, changes this one thing, and plays from step 0.")


def _take(opens: RunSpec, shown: RunSpec) -> None:
    if link.current().spec == shown:  # not a click on what is no longer there
        pin(opens)
        player.play_from_start()
        st.rerun("app")


def _try(spec: RunSpec) -> None:
    st.session_state[_KEY] = Trial(spec)
    st.toast("The cures are tried below the chart, one after the other.", icon=":material/science:")
    st.rerun("app")


def trial() -> None:
    """The ladder of the cures that this viewer has tried: while the run they are for, or one of them, is on the stage.

    It grows while they are trained.
    """
    tried: Trial | None = st.session_state.get(_KEY)
    shown, hidden = link.current().spec, link.current().look.hides("controls")
    if tried is None or hidden or shown not in (tried.spec, *(one.of(tried.spec) for one in tried.cures)):
        return

    @st.fragment(run_every=PACE if tried.wanted() else None)
    def ladder() -> None:
        with guarded("trial"):
            wanted = tried.wanted()
            for run in RUNS.want(f"{player.viewer().name} cures", wanted):
                tried.runs[run.spec] = run
            _draw(tried)
        if wanted and not tried.wanted():
            st.rerun()

    with st.container(key="trial", border=True, gap="xsmall"):
        ladder()


def _draw(tried: Trial) -> None:
    before, rungs, wanted = tried.before(), tried.rungs(), tried.wanted()
    if wanted:
        tried_all = len(tried.cures) + min(BEST, len(tried.cures)) * (SEEDS - 1) or 1
        done = sum(len(rung.ends) for rung in rungs)
        what = "TensorFlow is loading, 5 to 20 s, once" if not tensorflow_ready() else (
            f"{done} of {tried_all} runs, {tried.spent:.0f} s of work" if tried.cures else "first, this run to its end")
        st.progress(min(1.0, done / tried_all), what)
    if before is None:
        return
    st.markdown(f"**Without a change:** {_end(before)}")
    if not tried.cures:
        st.caption("It has learned: there is nothing to cure.")
    for rung in rungs:
        change, end = st.columns([1, 2.2], vertical_alignment="center")
        with change:
            _button(rung.cure, tried.spec, f"rung_{rung.cure.name}")
        end.markdown(_ends(rung, before))
    if not wanted and tried.untried():
        st.caption(f"Not tried within {WORK:.0f} seconds of work: "
                   f"{', '.join(one.label for one in tried.untried())}.")


def _end(end: Ended) -> str:
    kind = KINDS[end.kind]
    right = "" if end.accuracy is None else f", {end.accuracy:.0%} right"
    return f":{COLOURS[end.kind]}-badge[{kind.icon} {kind.word}] loss {say(end.loss, 3)}{right}"


def _ends(rung: Rung, before: Ended) -> str:
    middle, seeds = rung.middle, len(rung.ends)
    better = sum(end.better_than(before) for end in rung.ends)
    helps = "" if middle.better_than(before) else ", **does not help**"
    return _end(middle) + (f" (median of {seeds} seeds, better in {better})" if seeds > 1 else "") + helps
