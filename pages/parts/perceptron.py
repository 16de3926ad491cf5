"""Parts of the Perceptron page: one unit that draws a line, and the same points with a hidden layer."""

from collections.abc import Callable

import streamlit as st

from core.boundary import missing
from core.charts import linear_scale, loss, loss_frame
from core.charts.boundary import boundary, boundary_frame
from core.charts.boundary import measured as examples_measured
from core.lessons.perceptron import charts, report, rule
from pages import ui

# The first epochs are played example by example, slowly enough to read what each does: about so many examples in so
# many ms, each within these bounds. Then whole epochs, all in so many ms, never more than three a second, so that
# nothing flickers (at speed 1).
FIRST, FIRST_PLAY, READ, GLANCED = 12, 36000, 3000, 400
PLAY, NO_FLICKER = 24000, 334
SHOWN = 12  # rows of the table beside the chart


def one_unit(link, below: Callable[..., None]) -> None:
    """The learning rule, update by update."""
    learning = rule.learn(link.spec.points, link.value("rate"), link.value("epochs"))
    steps = len(learning.states)

    def predictions(moment: int) -> None:
        examples(report.predictions(learning, moment))

    def plots() -> dict[str, ui.Plot]:
        return {"plane": (charts.plane_frame(learning), charts.plane(learning)),
                "errors": (charts.errors_frame(learning), charts.errors(learning))}

    run = ui.replay(steps, lambda moment: report.label(learning, moment), pace(learning))
    with ui.workbench() as (panel, stage):
        with stage:
            moves = [report.moved(learning, moment) for moment in range(steps - 1)]
            ui.running_text([*moves, report.outcome(learning)])
            shown, (plane, beside) = plots(), st.columns([1.1, 1])
            with plane:
                ui.chart("plane", shown["plane"], main=True)
            with beside:
                ui.chart("errors", shown["errors"])
                run.at_rest(predictions)
        with panel:
            ui.own_controls("rate", "epochs")
            ui.control(link.spec, "points")
    below(plots, lambda: ui.keras_file("p1_perceptron"), {"plane": charts.measured})


def pace(learning: rule.Learning) -> ui.Pace:
    """The first epochs example by example, then whole epochs."""
    examples, epochs = len(learning.points), len(learning.errors)
    slow = examples * max(1, FIRST // examples)
    return ui.Pace(min(max(PLAY / epochs, NO_FLICKER), READ), slow, min(max(FIRST_PLAY / slow, GLANCED), READ),
                   examples)


def hidden(link, below: Callable[..., None]) -> None:
    """A network on the same points, in training: where it changes its mind."""
    spec = link.spec

    def plots(view: ui.View) -> dict[str, ui.Plot]:
        scale = linear_scale(snapshot.loss for snapshot in view.history[:1])
        plane = {} if missing(spec) else {
            "plane": (ui.once(boundary_frame, spec, view) if view.history else None, boundary(spec))}
        return plane | {"loss": (view.frame(loss_frame, scale), loss(spec.steps, scale))}

    def draw(view: ui.View) -> None:
        ui.running_text(ui.each(report.network, spec, view) if view.history else [])
        shown, (plane, beside) = plots(view), st.columns([1.1, 1])
        with plane:
            if "plane" in shown:
                ui.chart("boundary", shown["plane"], main=True)
            else:
                st.info(missing(spec))
        with beside:
            ui.chart("loss", shown["loss"], main="plane" not in shown)

    def draw_predictions(view: ui.View) -> None:
        examples(report.network_predictions(spec, view.snapshot))

    run = ui.live([spec])
    with ui.workbench() as (panel, stage):
        with stage:
            run.charts(draw)
            run.at_rest(draw_predictions)
        with panel:
            ui.controls({"Network": ("depth", "width", "activation"), "Training": (
                "optimizer", "learning_rate", "steps", "seed")})
            ui.control(spec, "points")
    below(lambda: plots(*run.views()), lambda: ui.script("perceptron", spec),
          {"plane": examples_measured})


def examples(rows) -> None:
    """The first of the examples, and how many there are."""
    ui.numbers(rows[:SHOWN])
    if len(rows) > SHOWN:
        st.caption(f"{SHOWN} of {len(rows)} examples.")
