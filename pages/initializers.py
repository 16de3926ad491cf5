"""Initializers: the same deep network under each of them, one kernel's distribution, and why equal units stay so."""

from core.charts.panels import measured
from core.initializers import INITIALIZERS
from core.lessons.initializers import equal_units
from core.lessons.initializers.setups import DEEP_RELU
from pages import ui
from pages.parts import initializers as parts

OWN = {
    "show": ui.Parts("Experiment", ui.LESSONS["initializers"].titles,
                     runs={"compare": DEEP_RELU, "units": equal_units.RUN}),
    "kernel": ui.Choice("Initializer", {name: entry.label for name, entry in INITIALIZERS.items()}, "glorot_uniform"),
    "fan_in": ui.Number("Inputs of the layer, n_in", 2, 512, 64, 1),
    "fan_out": ui.Number("Units of the layer, n_out", 2, 512, 64, 1),
    "after": ui.Number("Steps of training", 0, equal_units.MOST_STEPS, 50, 1),
}
link = ui.page("initializers", DEEP_RELU, OWN)
part = ui.parts("show")
ui.setups("initializers")


def below(plots, keras) -> None:
    """What stands under every part: why, the same in Keras, the numbers, limits and sources."""
    def limits() -> None:
        ui.prose("initializers", "Limits and sources")
        ui.verdict_rules()

    ui.below("initializers", {"Why": OWN["show"].options[part], "In Keras": keras,
                              "Data": lambda: ui.tables("initializers", plots, {"gradients": measured}),
                              "Limits and sources": limits})


{"compare": parts.compare, "kernel": parts.kernel, "units": parts.units}[part](link, below)
