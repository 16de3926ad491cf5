"""One-click set-ups of Activations, by part: runs worth seeing, each named after what will be seen."""

from __future__ import annotations

from dataclasses import replace

from core.lessons.activations import slopes
from core.setups import Setup

SETUPS: dict[str, tuple[Setup, ...]] = {
    "activations curves": (
        Setup("Four curves", None, "The curve shows what a unit passes forward; its slope shows how much of the "
              "learning signal it lets back. Move the point z.", {"z": "2", "show": ",".join(slopes.SHOWN)},
              plays=False),
        Setup("In the middle", None, "At z = 0 tanh lets back everything, SiLU and GELU half, and sigmoid a quarter: "
              "that is the most it ever does.", {"z": "0", "show": "sigmoid,tanh,silu,gelu"}, plays=False),
        Setup("The silent side", None, "Left of 0 ReLU passes on nothing in either direction; Leaky ReLU and "
              "ELU were made to leave something.", {"z": "-2", "show": "relu,leaky_relu,elu"}, plays=False),
    ),
    "activations deep": (
        Setup("Slopes multiply", slopes.DEEP, "The same ten layers, data and seed. At step 0 sigmoid leaves a quarter "
              "of the signal in every layer, tanh, ReLU and GELU most of it.",
              {"part": "deep", "show": ",".join(slopes.SHOWN), "kernels": slopes.USUAL}),
        Setup("ReLU without He", slopes.DEEP, "With Glorot's kernels ReLU keeps ×0.71 a layer at step 0, √(1/2): half "
              "the units are off, and nothing makes up for them.",
              {"part": "deep", "show": "tanh,relu,selu", "kernels": "glorot_normal"}),
        Setup("Skip connections", replace(slopes.DEEP, skip=True), "Each layer adds its input to its output, so the "
              "signal has a way back past every slope, sigmoid's too.",
              {"part": "deep", "show": "sigmoid,tanh", "kernels": slopes.USUAL}),
    ),
    "activations layers": (
        Setup("XOR, ReLU then tanh", slopes.XOR, "4 ReLU, 3 tanh, 1 sigmoid, 100 epochs with Adam at its usual "
              "rate: it ends without having learned XOR.", {"part": "layers"}),
        Setup("… at 20 times the rate", replace(slopes.XOR, learning_rate=0.02), "The same 100 epochs, and more seeds "
              "get there.", {"part": "layers"}),
        Setup("… and twice the units", replace(slopes.XOR, learning_rate=0.02, widths=(8, 4)), "8 ReLU and 4 tanh: "
              "with more units it is rare that too many of them are off.", {"part": "layers"}),
    ),
    "activations softmax": (
        Setup("Three logits", None, "Raising one logit raises its probability and lowers the others.",
              {"z1": "2", "z2": "1", "z3": "0", "c": "0"}, plays=False),
        Setup("Far ahead", None, "One logit is far ahead: its probability is nearly 1 and all slopes are nearly "
              "0.", {"z1": "6", "z2": "-2", "z3": "-4", "c": "0"}, plays=False),
        Setup("Shifted by 1000", None, "Adding 1000 to every logit changes no probability, but the formula as "
              "it stands overflows.", {"z1": "2", "z2": "1", "z3": "0", "c": "1000"}, plays=False),
    ),
    "activations linear": (
        Setup("Five layers, one matrix", None, "Without activations five layers are a straight line, the same "
              "as one matrix; with them the line bends.", {"stack": "5"}, plays=False),
        Setup("Twenty layers", None, "Still one matrix, however deep. And a deep sigmoid stack answers the same "
              "to everything.", {"stack": "20"}, plays=False),
    ),
}
