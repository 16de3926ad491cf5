"""My network: what is wrong with a Keras model that somebody brings, as a recorded training, as code or as a file."""

import streamlit as st

from core import charts
from core.datasets import OWN
from core.rebuild import expected, rebuild
from pages import ui

link = ui.page("own_network", own={
    "way": ui.Choice("What you have", ui.LESSONS["own_network"].titles)})
way = ui.own_control("way", hidden=True)


def size(one: ui.Brought) -> charts.Scale:
    layers = one.history[0].layers
    return charts.gradient_scale(layers.signal_rms, layers.kernel_gradient_norm)


def gradient(one: ui.Brought, depth: int) -> ui.Plot:
    """The Gradients page's first chart, with theory where it covers the network."""
    frame = one.frame("gradient", charts.gradient_frame, size(one), expected(one.what.network))
    return frame, charts.gradient(depth, size(one))


def plots(one: ui.Brought) -> dict[str, ui.Plot]:
    """The Gradients page's charts of a recorded training."""
    if not one.history:
        return {}
    depth, steps, layers = len(one.what.rows) - 1, one.history[-1].step, one.history[0].layers
    losses = charts.linear_scale(state.loss for state in one.history)
    spread = charts.spread_scale(layers.activation_mean, layers.activation_std)
    found = {"loss": (one.frame("loss", charts.loss_frame, losses), charts.loss(steps, losses)),
             "accuracy": (one.frame("accuracy", charts.accuracy_frame), charts.accuracy(steps))}
    return found if depth < 1 else {"gradient": gradient(one, depth)} | found | {
        "heat map": (one.frame("heat map", charts.heat_frame, steps, size(one)), charts.heat(depth, steps, size(one))),
        "activations": (one.frame("activations", charts.spread_frame, spread), charts.spread(depth, spread)),
        "saturated and dead": (one.frame("fractions", charts.fractions_frame), charts.fractions(depth)),
        "update ratio": (one.frame("update ratio", charts.update_ratio_frame), charts.update_ratio(depth))}


def say(moment: int) -> str:
    return f"step {one.history[moment].step} of {one.history[-1].step}"


def draw_record(one: ui.Brought) -> None:
    found = plots(one)
    if not found:
        return
    st.subheader("What was recorded, layer by layer", anchor=False)
    first, *rest = found
    ui.chart(first, found[first], main=True)
    for start in range(0, len(rest), 2):
        ui.row({name: found[name] for name in rest[start:start + 2]})


def rebuilt(one: ui.Brought) -> None:
    """The way to the same network on a data set of this app, where its cures are tried."""
    spec, differences = rebuild(one.what.network)
    ui.link_to("gradients", spec.to_query(), "Rebuild it here, and try its cures")
    ui.link_to("gradients", spec.to_query() | {"dataset": OWN}, "Rebuild it on a table of your own (CSV)")
    with st.expander(f"What is not the same there ({len(differences)})"):
        st.markdown("\n".join(f"- {ui.as_typed(sentence, 400)}" for sentence in differences))


enter, answer = st.columns([1, 1.7], gap="medium")
with enter:
    one = ui.brought(way)
with answer:
    if one is None:
        ui.prose("own_network", f"Before: {way}")
    elif one.error:
        st.caption(f"Not read: {ui.as_typed(one.name)}")
        st.error(f"{ui.as_typed(one.error, 600)}", icon=":material/error:")
    else:
        st.caption(f"Read: {ui.as_typed(one.name)}")
        ui.finding_cards(one)
        rebuilt(one)
if one and one.what:
    if one.history:
        ui.replay(len(one.history), say)
    draw_record(one)
    st.subheader("Its layers", anchor=False)
    ui.numbers(ui.layers_table(one))
    ui.remarks(one)
numbers = {"Data": lambda: ui.tables("own_network", lambda: plots(one))} if one and one.history else {}
ui.below("own_network", {"Why": "Why", "What is looked for": ui.finding_rules, **numbers,
                         "Limits and sources": "Limits and sources"})
