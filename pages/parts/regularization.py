"""Parts of the Regularization page: a network with and without dropout or batch norm, and what each does to a layer."""

from collections.abc import Callable, Sequence

import numpy as np
import streamlit as st

from core.lessons.regularization import charts, report
from core.spec import RunSpec
from pages import ui


def dropout(link, below: Callable[..., None]) -> None:
    """A network with and without dropout, and what it does to layer 1 on one pass."""
    compared("dropout", link, below, one_pass)


def batch_norm(link, below: Callable[..., None]) -> None:
    """A network with and without batch norm, and what it does to z on one batch."""
    compared("batch_norm", link, below, pre_activations)


def compared(method: str, link, below: Callable[..., None], of_a_layer: Callable[[RunSpec], charts.Plots]) -> None:
    """Runs with and without it from several seeds, and under them what it does to a layer."""
    seeds, pair = link.value("seeds"), report.with_and_without(method, link.spec)
    used = list(pair.values())[1]

    def groups(views: Sequence[ui.View]) -> dict:
        """The runs by label: those of the first one, then those of the second."""
        return {label: tuple(views[i * seeds:(i + 1) * seeds]) for i, label in enumerate(pair)}

    def bands(views: Sequence[ui.View]) -> charts.Plots:
        return ui.once(charts.band_plots, link.spec, groups(views), seeds)

    def draw(*views: ui.View) -> None:
        known = all(view.history for view in views)
        ui.running_text(ui.each(report.ends_sentences, groups(views)) if known else [])
        ui.row(bands(views), main=True)

    run = ui.live(report.over_seeds(pair, seeds))
    with ui.workbench() as (panel, stage):
        with stage:
            run.charts(draw)
        with panel:
            ui.own_control("seeds")
            ui.controls({"Network": ("depth", "width", "activation", method),
                         "Training": ("optimizer", "learning_rate", "momentum", "batch_size", "steps", "seed"),
                         "Data": ("dataset", "samples", "noise", "test_fraction")})
    layer = of_a_layer(used)
    below(lambda: bands(run.views()) | layer, used)


def sits(used: RunSpec, layer: int, kept: np.ndarray | None = None) -> charts.Plots:
    """The picture of a layer with what this network has in it."""
    stages, units = charts.stages_of(used, layer), used.widths[layer]
    plots = {"layer": (charts.layer_frame(stages, units, kept), charts.layer(tuple(stages.items()), units))}
    ui.row(plots)
    return plots


def one_pass(used: RunSpec) -> charts.Plots:
    st.subheader("Where dropout sits, and what it drops in each step", anchor=False)
    if not ui.with_tensorflow("Which units this run drops"):
        return {}
    ui.running_text(report.dropped_sentences(used), key="dropped")
    place = sits(used, 0, report.kept_units(used))
    st.subheader("What dropout does to layer 1 on one pass", anchor=False)
    with st.columns([1, 2])[0]:
        passes = ui.own_control("passes")
    found = report.one_pass(report.first_layer(used), used.dropout, passes, used.seed)
    ui.row(charts.pass_plots(found, passes))
    st.markdown(report.pass_sentence(found, used.dropout, passes))
    return place | charts.pass_plots(found, passes)


def pre_activations(used: RunSpec) -> charts.Plots:
    st.subheader("Where batch norm sits, and what it does to z on one batch", anchor=False)
    asked = int(ui.own_control("after"))
    if not ui.with_tensorflow("A batch is passed through the network"):
        return {}
    stages = report.normalised_at(used)
    step = max((known for known in stages if known <= asked), default=None)
    if step is None:
        st.caption("The numbers of this batch are not finite.")
        return {}
    st.markdown(report.normalised_sentence(used, step, stages[step]))
    place = sits(used, used.batch_norms.index(True))
    ui.row(charts.normalised_plots(stages, step))
    ui.numbers(report.normalised_table(stages[step]))
    return place | charts.normalised_plots(stages, step)
