"""One-click set-ups: a row of them on each page, from the tables of its lesson."""

from __future__ import annotations

import pkgutil
from importlib import import_module

import streamlit as st

from core import lessons
from core.setups import Setup
from pages.ui import link, player
from pages.ui.path import predict, predict_button
from pages.ui.run_controls import followed

# By page, or page and part.
SETUPS: dict[str, tuple[Setup, ...]] = {
    where: table for lesson in pkgutil.iter_modules(lessons.__path__, "core.lessons.")
    for where, table in import_module(f"{lesson.name}.setups").SETUPS.items()}


def setups(page: str) -> None:
    """A row of set-ups; the one on the screen is marked, and what to look for stands below."""
    table = {setup.label: setup for setup in SETUPS[page]}
    now = link.current()
    active = next((setup for setup in table.values()
                   if setup.spec in (None, now.spec) and setup.own.items() <= now.own.items()), None)
    marked = active.label if active else None
    if now.look.hides("controls"):
        predict(page, marked or "", bool(active and active.plays))
        return
    with st.container(key="setups", gap="xxsmall"):
        with st.container(horizontal=True, key="setups_row", gap="small"):
            st.pills("Try this", list(table), label_visibility="collapsed", width="stretch", **followed(
                f"setups_{page}", marked, lambda label: _open(table[label] if label else active), {"default": marked},
                everywhere=page == now.page))
            predict_button(page, marked or "")
        if not now.look.hides("verdict"):  # what to look for is the answer
            st.caption(active.look if active else "Settings of your own. One click above brings a set-up back.")
        predict(page, marked or "", bool(active and active.plays))


def _open(setup: Setup | None) -> None:
    """Opens a set-up; a click on the one that is on the screen already opens it again."""
    if setup is None:
        return
    link.open_run(setup.spec or link.current().spec, setup.own)
    if setup.plays:
        player.play_from_start()
    else:
        player.look_afresh()
