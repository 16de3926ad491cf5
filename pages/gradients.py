"""Gradients: how large the signal and the gradient are in every layer of a deep network while it trains."""

import streamlit as st

from core import charts, theory
from core.charts import frames
from core.export import keras_script
from pages import ui

link = ui.page("gradients")
ui.setups("gradients")


def plots(view: ui.View) -> dict[str, ui.Plot]:
    """Every chart of the page, by name: its frame and its drawing."""
    depth, steps = view.spec.depth, view.spec.steps
    size = charts.gradient_scale(view.at_start("signal_rms"), view.at_start("kernel_gradient_norm"))
    spread = charts.spread_scale(view.at_start("activation_mean"), view.at_start("activation_std"))
    loss = charts.linear_scale(snapshot.loss for snapshot in view.history[:1])
    predicted, earlier = theory.predict(view.spec), ui.earlier(view)
    return {
        "gradient": (view.frame(frames.gradient, size, predicted, earlier), charts.gradient(depth, size)),
        "heat map": (view.frame(frames.heat, steps, size), charts.heat(depth, steps, size)),
        "loss": (view.frame(frames.loss, loss), charts.loss(steps, loss)),
        "accuracy": (view.frame(frames.accuracy), charts.accuracy(steps)),
        "activations": (view.frame_now(frames.spread, spread), charts.spread(depth, spread)),
        "saturated and dead": (view.frame_now(frames.fractions), charts.fractions(depth)),
        "update ratio": (view.frame_now(frames.update_ratio), charts.update_ratio(depth)),
    }


def draw(view: ui.View) -> None:
    ui.chart("gradient", plots(view)["gradient"])
    ui.verdict(view)


def draw_more(view: ui.View) -> None:
    shown = plots(view)
    for column, name in zip(st.columns(3), ("heat map", "loss", "accuracy"), strict=True):
        with column:
            ui.chart(name, shown[name])
    for name in ("activations", "saturated and dead", "update ratio"):
        ui.chart(name, shown[name])


with ui.workbench() as (panel, stage):
    with panel:
        ui.controls({
            "Network": ("depth", "width", "activation", "alpha", "initializer", "gain", "batch_norm", "skip"),
            "Training": ("optimizer", "learning_rate", "momentum", "batch_size", "clip", "clip_threshold", "steps",
                         "seed"),
            "Data": ("dataset", "samples", "noise", "test_fraction", "loss", "dropout", "bias_std"),
        })
    with stage:
        now = ui.live("gradients", [link.spec], draw)
        ui.cures()
        ui.also(draw_more)

why, keras, data, limits = st.tabs(["Why", "In Keras", "Data", "Limits and sources"])
with why:
    ui.prose("gradients", "Why")
    ui.cards(link.spec, ("activation", "initializer", "loss", "optimizer"))
with keras:
    ui.script("gradients", keras_script(link.spec))
with data:
    ui.tables("gradients", lambda: plots(now()[0]))
with limits:
    ui.prose("gradients", "Limits and sources")
    ui.verdict_rules()
