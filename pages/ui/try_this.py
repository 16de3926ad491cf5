"""One-click set-ups: runs worth seeing, by page, each named after what will be seen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import streamlit as st

from core.spec import RunSpec
from pages.ui import link, player


@dataclass(frozen=True)
class Setup:
    """A run to look at, in one sentence what to look for, and the page's own choices (as text) where they matter.

    plays: whether there is a run to watch.
    """

    label: str
    spec: RunSpec
    look: str
    own: Mapping[str, str] = field(default_factory=dict)
    plays: bool = True


SETUPS: dict[str, tuple[Setup, ...]] = {
    "gradients": (
        Setup("Sigmoid vanishes", RunSpec(),
              "The slope of a sigmoid is at most 1/4, so every layer passes on less than a quarter of the signal."),
        Setup("Tanh with Glorot trains", RunSpec(activation="tanh"),
              "The signal fades slowly toward the input, the kernel gradient stays nearly flat: two different things."),
        Setup("ReLU with He, 50 layers", RunSpec(activation="relu", initializer="he_normal", widths=(64,) * 50,
                                                 learning_rate=0.01),
              "He's variance makes up for the half that ReLU switches off: the line stays level over 50 layers."),
        Setup("Explodes", RunSpec(activation="relu", initializer="he_normal", gain=1.5, widths=(32,) * 20),
              "Kernels half as large again: every layer multiplies the signal, and a few steps overflow."),
        Setup("Explodes, but clipped", RunSpec(activation="relu", initializer="he_normal", gain=1.5, widths=(32,) * 20,
                                               clip="global_norm"),
              "The same network with the gradient's norm limited to 1 before each update: it trains."),
        Setup("Batch norm makes ReLU grow", RunSpec(activation="relu", initializer="he_normal", batch_norm=True,
                                                    widths=(64,) * 20),
              "At step 0 the signal grows ×1.21 a layer toward the input; training still works."),
        Setup("All zeros", RunSpec(activation="tanh", initializer="zeros"),
              "With every kernel 0 no signal gets through: only the last bias ever learns."),
        Setup("ReLU dies", RunSpec(activation="relu", initializer="he_normal", widths=(16,) * 10, learning_rate=1.0),
              "Large steps push units to where ReLU's slope is 0; once a whole layer is there, nothing comes back."),
        Setup("XOR with 4 ReLU (P2)", RunSpec(dataset="xor", samples=4, noise=0.0, test_fraction=0.0, widths=(4,),
                                              activation="relu", optimizer="adam", learning_rate=0.001, batch_size=1,
                                              steps=400),
              "100 epochs over four points: often one of them stays wrong. Try other seeds, or a rate of 0.05."),
        Setup("Clipping in Keras (P9)", RunSpec(dataset="random_targets", test_fraction=0.0, widths=(128, 64),
                                                activation="relu", optimizer="adam", learning_rate=0.001,
                                                batch_size=32, clip="norm", steps=320),
              "clipnorm=1 limits each kernel's norm; here the gradients are smaller than that from the start."),
    ),
}


def setups(page: str) -> None:
    """A row of set-ups; the one on the screen is marked, and what to look for stands below."""
    table = {setup.label: setup for setup in SETUPS[page]}
    now = link.current()
    active = next((setup for setup in table.values()
                   if setup.spec == now.spec and setup.own.items() <= now.own.items()), None)
    key = f"setups_{page}"
    st.session_state[key] = active.label if active else None
    st.pills("Try this", list(table), key=key, on_change=_open, args=(key, page), label_visibility="collapsed")
    st.caption(active.look if active else "Settings of your own. One click above brings a set-up back.")


def _open(key: str, page: str) -> None:
    label = st.session_state[key]
    chosen = next((setup for setup in SETUPS[page] if setup.label == label), None)
    if chosen is None:  # a click on the one that is on the screen already
        link.keep()
    else:
        link.open_run(chosen.spec, chosen.own)
    if chosen is None or chosen.plays:
        player.play_from_start()
