"""One-click set-ups of Optimizers, by part: runs worth seeing, each named after what will be seen."""

from __future__ import annotations

from dataclasses import replace

from core.lessons.optimizers import experiments
from core.lessons.optimizers.surfaces import SURFACES
from core.setups import Setup

SETUPS: dict[str, tuple[Setup, ...]] = {
    "optimizers surface": (
        *(Setup(SURFACES[name].label, None, look, {
            "show": "surface", "surface": name, "x0": f"{SURFACES[name].start[0]:g}",
            "y0": f"{SURFACES[name].start[1]:g}", "rate": rate, "adaptive": "own", "moves": moves})
        for name, rate, moves, look in (
            ("ravine", "own", "100", "The valley is twenty times steeper across than along its floor. Gradient "
             "descent drops to the floor and walks along it, momentum swings across, Adam cuts the corner."),
            ("bowl", "own", "100", "Equally steep everywhere: gradient descent goes straight and needs nothing more."),
            ("saddle", "own", "150", "It starts next to the ridge. Dividing by the gradient's size leaves the "
             "ridge first."),
            ("beale", "own", "300", "Nearly flat around the minimum: what adds up its steps gets there first."),
            ("rosenbrock", "own", "600", "Into the bent valley is quick; along its floor gradient descent would take "
             "thousands of steps."),
        )),
        Setup("Too large a rate", None, "On the ravine the limit is 2/20 = 0.1 for gradient descent, 0.19 for "
              "momentum. At 0.2 both leave the chart and diverge.",
              {"show": "surface", "surface": "ravine", "x0": "-4", "y0": "1.5", "rate": "0.2", "adaptive": "own",
               "moves": "100"}),
    ),
    "optimizers network": (
        Setup("Deep sigmoid", experiments.DEEP, "Five sigmoid layers: a step of gradient descent changes a kernel "
              "by about a ten-thousandth of its size, one of Adam by tens of times as much.", {"show": "network"}),
        Setup("ReLU with He", replace(experiments.DEEP, activation="relu", initializer="he_normal",
                                      learning_rate=0.1), "Where the signal gets through, gradient descent learns too.",
              {"show": "network"}),
    ),
    "optimizers rates": (
        Setup("Gradient descent", experiments.RATED, "Nine rates, the same network: too small learns slowly, too "
              "large not at all.", {"show": "rates"}),
        Setup("Adam", replace(experiments.RATED, optimizer="adam"), "With Adam the good rates are smaller, because "
              "the rate is the length of a step.", {"show": "rates"}),
    ),
    "optimizers batches": (
        Setup("One to all", experiments.BATCHED, "The same number of steps with one, 8, 32 or all examples each: "
              "fewer are noisier.", {"show": "batches"}),
        Setup("At a large rate", replace(experiments.BATCHED, learning_rate=1.0), "A large rate makes the noise "
              "count: single examples never settle.", {"show": "batches"}),
    ),
}
