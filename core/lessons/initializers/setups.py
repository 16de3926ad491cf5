"""One-click set-ups of Initializers, by part: runs worth seeing, each named after what will be seen."""

from __future__ import annotations

from dataclasses import replace

from core.lessons.initializers import equal_units
from core.setups import Setup
from core.spec import RunSpec

DEEP_RELU = RunSpec(widths=(32,) * 30, activation="relu", learning_rate=0.05)

SETUPS: dict[str, tuple[Setup, ...]] = {
    "initializers": (
        Setup("ReLU, 30 layers", DEEP_RELU, "ReLU halves the signal's mean square in every layer. He's variance makes "
              "up for that; with half of it, little is left after thirty layers.", {"show": "compare"}),
        Setup("Tanh, 20", RunSpec(activation="tanh", widths=(32,) * 20), "At step 0 LeCun and Glorot, here the "
              "same 1/32, keep the signal level; He's 2/32 makes it grow toward the input.", {"show": "compare"}),
        Setup("SELU, 30", RunSpec(activation="selu", widths=(32,) * 30, learning_rate=0.01),
              "SELU was made for LeCun's variance: there the signal stays nearest to level.", {"show": "compare"}),
        Setup("Sigmoid, 10", RunSpec(), "Its slope is at most 1/4: none of the eleven makes up for that.",
              {"show": "compare"}),
        Setup("ReLU, 3", RunSpec(activation="relu", widths=(32,) * 3),
              "Over three layers Glorot's factor does little harm; with the fixed 0.05 of random uniform layer 1 gets "
              "about a hundredth, with that of random normal a twentieth.",
              {"show": "compare"}),
        Setup("Batch norm", replace(DEEP_RELU, batch_norm=True), "Batch norm undoes any scale of the kernels: "
              "the random ones become nearly alike. Equal units it cannot tell apart.", {"show": "compare"}),
        Setup("Glorot", DEEP_RELU, "Var(W) = 2/(n_in + n_out), measured on a kernel that Keras drew.",
              {"show": "kernel", "kernel": "glorot_uniform", "fan_in": "64", "fan_out": "32"}, plays=False),
        Setup("Equal units", equal_units.RUN,
              "Every step changes equal units equally. Six of them do the work of one.", {"show": "units"},
              plays=False),
        Setup("Random biases", replace(equal_units.RUN, bias_std=0.1), "Kernels of ones, but biases that "
              "differ: now the units differ too. That alone does not make the network learn.",
              {"show": "units"}, plays=False),
    ),
}
