"""Gradients: the size of the signal and of the gradient in every layer of a deep network while it trains."""

import streamlit as st

from core.charts import frames, layers
from core.charts.scales import gradient_scale
from pages import ui

asked = ui.page("gradients")
ui.setups("gradients")


def draw(view: ui.View) -> None:
    if view.snapshot is None:
        st.write("no data yet")
        return
    first = view.history[0].layers
    scale = gradient_scale(first.signal_rms, first.kernel_gradient_norm)
    frame = frames.gradient(view.history, scale, None, ui.earlier(view))
    ui.chart(frame, layers.gradient(view.spec.depth, scale), "main")


left, right = st.columns([1, 3])
with left:
    ui.controls({
        "Network": ("depth", "width", "activation", "alpha", "initializer", "gain", "batch_norm", "skip"),
        "Training": ("optimizer", "learning_rate", "momentum", "batch_size", "clip", "clip_threshold", "steps", "seed"),
        "Data": ("dataset", "samples", "noise", "test_fraction", "loss", "dropout", "bias_std"),
    })
    ui.cures()
with right:
    ui.live("gradients", [asked.spec], draw)
