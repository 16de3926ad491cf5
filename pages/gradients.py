"""Gradients: how large the signal and the gradient are in every layer of a deep network while it trains."""

from collections.abc import Sequence

import streamlit as st

from core import charts, spread, theory
from core.lessons.gradients import chain, clipping, several_seeds, xor_seeds
from core.lessons.gradients import charts as drawn
from core.lessons.gradients.charts import survey as survey_chart
from core.lessons.gradients.charts import survey_frame
from pages import ui

OWN = {
    "seeds": ui.Number("Seeds", several_seeds.LEAST, several_seeds.MOST, several_seeds.USUAL, 5),
    "seeds_at": ui.Choice("Read at", {"start": "Step 0", "end": "Last step"}),
}
link = ui.page("gradients", own=OWN)
ui.setups("gradients")
run = ui.live([link.spec], link.rungs)


def size(view: ui.View) -> charts.Scale:
    """One axis for every gradient of the page, earlier runs included."""
    return charts.gradient_scale(*[one.at_start(field) for one in ui.beside(view)
                                   for field in ("signal_rms", "kernel_gradient_norm")])


def gradient(view: ui.View) -> ui.Plot:
    earlier = ui.earlier(view)
    return (view.frame(charts.gradient_frame, size(view), theory.predict(view.spec), earlier),
            charts.gradient(view.spec.depth, size(view), tuple(earlier)))


def heat(view: ui.View) -> ui.Plot:
    steps = view.spec.steps
    return view.frame(charts.heat_frame, steps, size(view)), charts.heat(view.spec.depth, steps, size(view))


def loss(view: ui.View) -> ui.Plot:
    scale = charts.linear_scale(snapshot.loss for snapshot in view.history[:1])
    return view.frame(charts.loss_frame, scale), charts.loss(view.spec.steps, scale)


def activations(view: ui.View) -> ui.Plot:
    scale = charts.spread_scale(view.at_start("activation_mean"), view.at_start("activation_std"))
    return view.frame(charts.spread_frame, scale), charts.spread(view.spec.depth, scale)


def clipped(view: ui.View) -> ui.Plot:
    spec, what = view.spec, "of all gradients" if view.spec.clip == "global_norm" else "of the largest gradient"
    return view.frame(drawn.clipping_frame_of, spec, size(view)), drawn.clipping(spec.steps, size(view), what)


def factors(view: ui.View) -> ui.Plot:
    spec, found = view.spec, ui.once(chain.chain, view.spec, view)
    scale = drawn.chain_scale(found)
    return view.frame(drawn.chain_bars_frame, spec, scale), drawn.chain_bars(spec.depth, scale, tuple(found.factors))


PLOTS = {
    "gradient": gradient,
    "heat map": heat,
    "loss": loss,
    "accuracy": lambda view: (view.frame(charts.accuracy_frame), charts.accuracy(view.spec.steps)),
    "activations": activations,
    "saturated and dead": lambda view: (view.frame(charts.fractions_frame), charts.fractions(view.spec.depth)),
    "update ratio": lambda view: (view.frame(charts.update_ratio_frame), charts.update_ratio(view.spec.depth)),
}


ALL_PLOTS = PLOTS | ({"clipping": clipped} if link.spec.clip != "none" else {}) | (
    {"factors": factors} if link.spec.depth > 1 else {})


def draw(view: ui.View) -> None:
    ui.verdict(view)
    ui.chart("gradient", gradient(view), main=True)
    ui.cures(view)


def draw_factors(view: ui.View) -> None:
    st.subheader("Who killed the gradient?", anchor=False)
    if view.history:
        st.markdown(ui.once(chain.culprit, view.spec, view))
    ui.chart("factors", factors(view))


def draw_more(view: ui.View) -> None:
    if view.spec.depth > 1:
        draw_factors(view)
    if view.spec.clip != "none":
        ui.chart("clipping", clipped(view))
        ui.running_text(ui.each(clipping.clipping_sentences, view.spec, view), key="clipped")
    for column, names in zip(st.columns(2), (["heat map"], ["loss", "accuracy"]), strict=True):
        with column:
            for name in names:
                ui.chart(name, PLOTS[name](view))
    for name in ("activations", "saturated and dead", "update ratio"):
        ui.chart(name, PLOTS[name](view))


def draw_survey(shares: dict[str, xor_seeds.Share]) -> None:
    ui.chart("survey", (survey_frame(shares), survey_chart(tuple(shares), "XOR solved at the end, 95 % interval")))
    st.markdown(xor_seeds.solved_sentences(shares))


seeds_drawn: dict[str, ui.Plot] = {}


def draw_seeds(readings: Sequence[several_seeds.Reading]) -> None:
    seeds_drawn.clear()
    for quantity in several_seeds.QUANTITIES if readings else ():
        expected = spread.predict(link.spec) if quantity == "signal" and link.value("seeds_at") == "start" else None
        scale = drawn.seeds_scale(readings, quantity, expected)
        seeds_drawn[f"{quantity}, seeds"] = (drawn.seeds_frame(readings, quantity, scale, expected),
                                             drawn.seeds(link.spec.depth, scale, quantity, len(readings)))
    for name, plot in seeds_drawn.items():
        ui.chart(name, plot)
    st.markdown(several_seeds.sentences(link.spec, readings, link.value("seeds_at") == "end"))


def seeds() -> None:
    with st.container(key="several_seeds", border=True):
        st.markdown("**Several seeds**")
        for column, name in zip(st.columns([2, 1]), OWN, strict=True):
            with column:
                ui.own_control(name)
        ui.several_seeds(link.spec, link.value("seeds"), link.value("seeds_at") == "end", draw_seeds)


with ui.workbench() as (panel, stage):
    with stage:
        run.charts(draw)
        ui.trial()
        if xor_seeds.asks(link.spec):
            ui.survey(xor_seeds.fixes(link.spec), draw_survey)
        run.charts(draw_more)
        seeds()
    with panel:
        ui.controls({
            "Network": ("depth", "width", "activation", "alpha", "initializer", "gain", "batch_norm", "skip"),
            "Training": ("optimizer", "learning_rate", "momentum", "batch_size", "clip", "clip_threshold", "steps",
                         "seed"),
            "Data": ("dataset", "points", "samples", "noise", "standardise", "test_fraction", "loss", "output",
                     "output_units", "dropout", "bias_std"),
        })


def why() -> None:
    ui.prose("gradients", "Why")
    ui.cards(link.spec, ("activation", "initializer", "loss", "optimizer"))


def keras() -> None:
    if xor_seeds.asks(link.spec):
        ui.keras_file("p2_xor", "As a file: this network, and one with more units and a larger rate.")
    elif link.spec.dataset == "random_targets":
        ui.keras_file("p9_clipping", "As a file: it prints the norm before and after clipping.")
    ui.script("gradients", link.spec)


def data() -> None:
    ui.tables("gradients", lambda: {name: plot(*run.views()) for name, plot in ALL_PLOTS.items()}
              | seeds_drawn)


def limits() -> None:
    ui.prose("gradients", "Limits and sources")
    ui.verdict_rules()


ui.below("gradients", {"Why": why, "In Keras": keras, "Data": data, "Limits and sources": limits})
