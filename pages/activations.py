"""Activations: curves and slopes, what the slopes do to a deep network, softmax, and a network without any."""


from core.activations import ACTIVATIONS
from core.initializers import INITIALIZERS
from core.lessons.activations import charts, slopes
from pages import ui
from pages.parts import activations as parts

ALPHAS = {name: ui.Number(f"α of {entry.label}", 0, 2, entry.alpha, 0.05)
          for name, entry in ACTIVATIONS.items() if entry.alpha is not None}
link = ui.page("activations", slopes.DEEP, {
    "part": ui.Parts("Part of the page", ui.LESSONS["activations"].titles, runs={"layers": slopes.XOR}),
    "show": ui.Choices("Activations", charts.LABELS, slopes.SHOWN),
    "z": ui.Number("Point z", -5, 5, 2, 0.1),
    "kernels": ui.Choice("Initializer", {slopes.USUAL: "The usual one for each"}
                         | {name: entry.label for name, entry in INITIALIZERS.items()}),
    "c": ui.Number("Added to every logit, c", -1000, 1000, 0, 10),
    "stack": ui.Number("Layers", 1, 20, 5, 1),
} | ALPHAS | {"z1": ui.Number("Logit z₁", -6, 6, 2), "z2": ui.Number("Logit z₂", -6, 6, 1),
              "z3": ui.Number("Logit z₃", -6, 6, 0)})
mixed = isinstance(link.spec.activation, tuple)
part = ui.parts("part", {"deep": slopes.DEEP if mixed else link.spec, "layers": link.spec if mixed else slopes.XOR})
ui.setups(f"activations {part}")


def below(plots, script: str = "", says: str = "It runs as pasted and prints the numbers above.",
          specs: dict | None = None, cards=()) -> None:
    """What stands under every part: why, the same in Keras (a script, or one of these runs), numbers, limits."""
    def why() -> None:
        ui.prose("activations", f"Why: {part}")
        for name in cards:
            ui.card(ACTIVATIONS[name], "activation")

    def keras() -> None:
        if part == "layers":
            ui.keras_file("p4_activations", "As a file: this network for 100 epochs, with Keras's own draws.")
        if specs:
            ui.scripts("activations", specs)
        else:
            ui.script("activations", script, says)

    ui.below("activations", {"Why": why, "In Keras": keras, "Data": lambda: ui.tables("activations", plots),
                             "Limits and sources": f"Limits: {part}"})


{"curves": parts.curves, "deep": parts.deep, "layers": parts.layers, "softmax": parts.softmax,
 "linear": parts.linear}[part](link, below)
