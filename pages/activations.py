"""Activations: curves and slopes, what the slopes do to a deep network, softmax, and a network without any."""

from functools import partial

import streamlit as st

from core.activations import ACTIVATIONS
from core.export import keras_script
from core.initializers import INITIALIZERS
from core.lessons.activations import charts, linear_stack, report, scripts, slopes
from pages import ui
from pages.parts import activations as parts

ALPHAS = {name: ui.Number(f"α of {entry.label}", 0, 2, entry.alpha, 0.05)
          for name, entry in ACTIVATIONS.items() if entry.alpha is not None}
LOGITS = {"z1": ui.Number("Logit z₁", -6, 6, 2), "z2": ui.Number("Logit z₂", -6, 6, 1),
          "z3": ui.Number("Logit z₃", -6, 6, 0)}
link = ui.page("activations", slopes.DEEP, {
    "part": ui.Parts("Part of the page", {
        "curves": "Curves and slopes", "deep": "In a deep network", "layers": "One for each layer",
        "softmax": "Softmax", "linear": "None at all"}, runs={"layers": slopes.XOR}),
    "show": ui.Choices("Activations", charts.LABELS, slopes.SHOWN),
    "z": ui.Number("Point z", -5, 5, 2, 0.1),
    "kernels": ui.Choice("Initializer", {slopes.USUAL: "The usual one for each"}
                         | {name: entry.label for name, entry in INITIALIZERS.items()}),
    "c": ui.Number("Added to every logit, c", -1000, 1000, 0, 10),
    "stack": ui.Number("Layers", 1, 20, 5, 1),
} | ALPHAS | LOGITS)
mixed = isinstance(link.spec.activation, tuple)
part = ui.parts("part", {"deep": slopes.DEEP if mixed else link.spec, "layers": link.spec if mixed else slopes.XOR})
ui.setups(f"activations {part}")
names = link.value("show") or slopes.SHOWN
alphas = {name: link.value(name) for name in names if name in ALPHAS}


def below(plots, script: str = "", says: str = "It runs as pasted and prints the numbers above.",
          specs: dict | None = None) -> None:
    """What stands under every part: why, the same in Keras (a script, or one of these runs), numbers, limits."""
    def why() -> None:
        ui.prose("activations", f"Why: {part}")
        for name in ("softmax",) if part == "softmax" else names if part == "curves" else ():
            ui.card(ACTIVATIONS[name], "activation")

    def keras() -> None:
        if part == "layers":
            ui.keras_file("p4_activations", "P4 as a file: the course's network, 100 epochs, Keras's own draws.")
        if specs:
            ui.scripts("activations", {label: partial(keras_script, spec) for label, spec in specs.items()})
        else:
            ui.script("activations", script, says)

    ui.below("activations", {"Why": why, "In Keras": keras, "Data": lambda: ui.tables("activations", plots),
                             "Limits and sources": f"Limits: {part}"})


def curves() -> None:
    z = link.value("z")
    points, plots = [slopes.at(name, z, alphas.get(name)) for name in names], charts.curve_plots(names, alphas, z)
    with ui.workbench() as (panel, stage):
        with stage:
            ui.row(plots)
            ui.said([report.point_sentence(z, points)])
            for column, table in zip(st.columns(2), (report.at_z_table(z, points), report.at_most_table(points)),
                                     strict=True):
                with column:
                    ui.numbers(table)
        with panel:
            ui.own_controls("z", "show", *alphas)
    below(lambda: plots, scripts.points_script(names, z, alphas))


def softmax() -> None:
    logits, shift = [link.value(name) for name in LOGITS], link.value("c")
    plots = charts.softmax_plots(logits)
    with ui.workbench() as (panel, stage):
        with stage:
            ui.row(plots)
            ui.said([report.softmax_sentence(logits, shift)])
            ui.numbers(report.softmax_table(logits, shift))
            st.latex(report.softmax_matrix(logits))
        with panel:
            ui.own_controls(*LOGITS, "c")
    below(lambda: plots, scripts.softmax_script(logits, shift))


def linear() -> None:
    depth, seed = int(link.value("stack")), link.spec.seed
    stacks = {charts.LABELS[name]: linear_stack.stack(depth, seed, name, alphas.get(name))
              for name in dict.fromkeys([*names, "linear"])}
    one = linear_stack.collapsed(stacks[charts.LABELS["linear"]].layers)
    plots = charts.stack_plots(stacks, linear_stack.Stack((one,)))
    with ui.workbench() as (panel, stage):
        with stage:
            ui.row(plots)
            ui.said([report.stack_sentence(stacks[charts.LABELS["linear"]], seed)])
            for column, formula in zip(st.columns(2), report.stack_matrices(one), strict=True):
                column.latex(formula)
            ui.numbers(report.stack_table(stacks, seed))
        with panel:
            ui.own_controls("stack", "show", *alphas)
            ui.control(link.spec, "seed")
    below(lambda: plots, scripts.stack_script(depth, seed), "The same proof with Keras layers and Keras's own draws. "
          "It runs as pasted; the difference is larger, because Keras computes in float32.")


{"curves": curves, "softmax": softmax, "linear": linear, "layers": lambda: parts.layers(link, below),
 "deep": lambda: parts.deep(link, below, names, alphas)}[part]()
