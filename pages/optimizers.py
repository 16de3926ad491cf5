"""Optimizers: a race on a surface, the same on a deep network, how large a rate may be, and the noise of batches."""

from collections.abc import Callable

from core.lessons.optimizers import experiments as runs
from core.lessons.optimizers.race import LABELS, SHOWN
from core.lessons.optimizers.surfaces import SURFACES
from core.optimizers import OPTIMIZERS
from core.spec import RunSpec
from pages import ui
from pages.parts import optimizers as parts
from pages.ui import Choice, Choices, Number, Parts

RATES = {f"{digit * 10.0**decade:g}": f"{digit * 10.0**decade:g}" for decade in (-4, -3, -2, -1, 0)
         for digit in (1, 2, 5)}
OWN = {
    "show": Parts("Experiment", ui.LESSONS["optimizers"].titles,
                  runs={"network": runs.DEEP, "rates": runs.RATED, "batches": runs.BATCHED}),
    "surface": Choice("Surface", {name: entry.label for name, entry in SURFACES.items()}, "ravine"),
    "race": Choices("Optimizers", LABELS, SHOWN),
    "x0": Number("Start x", -4.5, 4.5, -4, 0.01), "y0": Number("Start y", -4.5, 4.5, 1.5, 0.01),
    "rate": Choice("Learning rate", {"own": "The surface's own"} | RATES),
    "adaptive": Choice("… of RMSprop and Adam", {"own": "The surface's own"} | RATES),
    "beta": Number("Momentum β", 0, 0.99, 0.9, 0.01), "moves": Number("Steps of the race", 10, 600, 100, 10),
    "net_adaptive": Choice("Rate of RMSprop and Adam", RATES, "0.01"),
}
link = ui.page("optimizers", runs.DEEP, OWN)
part = ui.parts("show")
ui.setups(f"optimizers {part}")


def below(plots, scripts: dict[str, RunSpec | Callable[[], str]], caption: str = ui.SAME_RUN) -> None:
    """What stands under every part: why, formulas, the same in Keras, the numbers, limits and sources."""
    def formulas() -> None:
        ui.prose("optimizers", "Formulas")
        ui.side_by_side([("optimizer", OPTIMIZERS[name]) for name in OPTIMIZERS])

    ui.below("optimizers", {
        "Why": f"Why: {part}", "Formulas": formulas,
        "In Keras": lambda: ui.scripts("optimizers", scripts, caption),
        "Data": lambda: ui.tables("optimizers", plots), "Limits and sources": "Limits and sources"})


{"surface": parts.surface, "network": parts.network, "rates": parts.rates, "batches": parts.batches}[part](link, below)
