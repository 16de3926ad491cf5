"""Anatomy: a feed-forward net to build and read, the seven families with an example in every layer, and all counts."""

from core.lessons.anatomy import report
from core.lessons.anatomy.families import EXAMPLES, FAMILIES
from pages import ui
from pages.parts import anatomy as parts

link = ui.page("anatomy", report.OPENS, {
    "part": ui.Parts("Part of the page", ui.LESSONS["anatomy"].titles),
    "family": ui.Choice("Family", report.families()),
    "example": ui.Number("Example", 0, EXAMPLES - 1, 3, 1, help="Which of ten examples goes through the network."),
})
part = ui.parts("part")
if part != "counts":
    ui.setups(f"anatomy {part}")


def below(plots, keras, numbers=None) -> None:
    """What stands under every part: why, the same in Keras, the numbers, limits and sources."""
    def why() -> None:
        ui.prose("anatomy", f"Why: {part}")
        if part == "families":
            ui.card(FAMILIES[link.value("family")], "family")

    tools = {"Diagrams and TensorBoard": "Diagrams and TensorBoard"} if part == "counts" else {}
    data = {"Data": lambda: ui.tables("anatomy", plots, numbers)} if plots else {}
    ui.below("anatomy", {"Why": why} | tools | {"In Keras": keras} | data | {"Limits and sources": f"Limits: {part}"})


{"net": parts.net, "families": parts.families, "counts": parts.counts}[part](link, below)
