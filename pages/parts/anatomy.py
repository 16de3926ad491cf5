"""Parts of the Anatomy page: a net to build, the seven families with an example in every layer, and all counts."""

from collections.abc import Callable

import numpy as np
import streamlit as st

from core import boundary
from core import charts as usual
from core.charts import boundary as drawn
from core.charts import network
from core.course_models import SOURCE_MODELS
from core.layer_table import of_run, script
from core.lessons.anatomy import charts, family_training, report
from core.lessons.anatomy.families import FAMILIES
from pages import ui


def net(link, below: Callable[..., None]) -> None:
    """A feed-forward net to build, in training: its units, and where it changes its mind."""
    spec, layers, none = link.spec, of_run(link.spec), boundary.missing(link.spec)

    def diagram(view: ui.View) -> ui.Plot:
        if network.readable(spec):
            return ui.once(network.units_frame, spec, view), network.units(spec)
        return network.blocks_frame([layers]), network.blocks([layers])

    def result(view: ui.View) -> ui.Plot:
        if none:
            scale = usual.linear_scale(snapshot.loss for snapshot in view.history[:1])
            return view.frame(usual.loss_frame, scale), usual.loss(spec.steps, scale)
        kept = view.snapshot is not None and view.snapshot.theta is not None
        return ui.once(drawn.boundary_frame, spec, view) if kept else None, drawn.boundary(spec)

    def plots(view: ui.View) -> dict[str, ui.Plot]:
        return {"network": diagram(view), "loss" if none else "boundary": result(view)}

    def draw(view: ui.View) -> None:
        words = ui.each(report.net_sentence, spec, view) if view.history else [report.net_sentence(spec, ())]
        ui.running_text([f"{one} {none}".strip() for one in words])
        ui.row(plots(view), main=True)

    run = ui.live([spec])
    with ui.workbench() as (panel, stage):
        with stage:
            run.charts(draw)
            ui.numbers(report.layers_table([layers]))
        with panel:
            ui.controls({
                "Network": ("depth", "layer_widths", "activation", "batch_norm", "skip", "dropout"),
                "Training": ("optimizer", "learning_rate", "batch_size", "steps", "seed"),
                "Data": ("dataset", "samples", "noise", "standardise", "output", "output_units")})
    below(lambda: plots(*run.views()), lambda: ui.script("anatomy", spec), {
        "boundary": drawn.measured} | ({"network": network.measured} if network.readable(spec) else {}))


def families(link, below: Callable[..., None]) -> None:
    """One of the seven families, and an example on its way through every layer."""
    name, example = link.value("family"), int(link.value("example"))
    family, outputs, figures = FAMILIES[name], family_training.layers(name), family_training.figures(name)
    models = list(family.models.values())
    large = report.large_picture(name, outputs, family_training.weights(name), figures, example)
    blocks = network.blocks_frame(models), network.blocks(models)

    def seen(array: np.ndarray, what: str, among: np.ndarray, across: int = charts.MAPS_IN_A_ROW) -> ui.Plot:
        return (charts.picture_frame(array, across),
                charts.picture(array, what, float(np.abs(among).max()), across))

    picture = (charts.attention_frame(large), charts.attention(
        tuple(report.SENTENCES[example].split()), len(large))) if name == "transformer" else seen(
            large, family.shows, large, report.ACROSS.get(name, charts.MAPS_IN_A_ROW))
    with ui.workbench() as (panel, stage):
        with stage:
            diagram, special = st.columns(2, gap="medium")
            with diagram:
                ui.chart("blocks", blocks, presented=True)
            with special:
                st.markdown(f"**{report.example_name(family, example)}.** {family.shows}")
                ui.chart("large", picture, presented=True)
            st.markdown(report.trained_sentence(name, figures))
        with panel:
            ui.own_controls("family", "example")
    st.subheader("The example, layer by layer", anchor=False)
    for row in family.rows:
        about, shown = st.columns([1, 2], vertical_alignment="center")
        output = outputs[row.layer.name][example]
        array = report.pictured(row.layer.name, output)
        about.markdown(f"**{row.layer.name}** · {network.described(row.layer)}  \n"
                       f"{network.say_shape(row.shape)} · {row.parameters:,} parameters")
        with shown:
            if array is not None:
                ui.chart(f"layer {row.layer.name}", seen(array, row.layer.name, outputs[row.layer.name]))
            st.markdown(report.meaning(row.layer.name, output, figures, example))
    ui.numbers(report.layers_table(models))
    below(lambda: {"layers": blocks, "large picture": picture},
          lambda: ui.script(f"anatomy_{name}", script(family.models, f"{family.label}: the models of this page, "
                                                                     "untrained."),
                            "The same models in Keras, untrained. It runs as pasted and prints the same counts."))


def counts(link, below: Callable[..., None]) -> None:
    """The layers and parameters of the course's models."""
    ui.numbers(report.source_counts())
    for tab, model in zip(st.tabs(list(SOURCE_MODELS)), SOURCE_MODELS.values(), strict=True):
        with tab:
            ui.numbers(report.layers_table([model.layers]))
    below(None, lambda: ui.keras_file("p11_structure"))
