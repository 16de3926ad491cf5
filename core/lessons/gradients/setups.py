"""One-click set-ups of Gradients, by part: runs worth seeing, each named after what will be seen."""

from __future__ import annotations

from core.lessons.gradients import xor_seeds
from core.setups import Setup
from core.spec import RunSpec

SETUPS: dict[str, tuple[Setup, ...]] = {
    "gradients": (
        Setup("Sigmoid vanishes", RunSpec(),
              "The slope of a sigmoid is at most 1/4: with these kernels every layer passes on about a quarter of "
              "the signal."),
        Setup("Tanh with Glorot trains", RunSpec(dataset="digits", activation="tanh", widths=(128,) * 10,
                                                 batch_size=64),
              "At step 0 layer 1 gets 0.4 of the signal of the last layer, yet its kernel gradient is no smaller: the "
              "two differ."),
        Setup("ReLU with He, 50 layers", RunSpec(activation="relu", initializer="he_normal", widths=(64,) * 50,
                                                 learning_rate=0.01),
              "He's variance makes up for the half that ReLU switches off: the line stays level over 50 layers."),
        Setup("Explodes", RunSpec(activation="relu", initializer="he_normal", gain=1.5, widths=(32,) * 20),
              "Kernels half as large again: every layer multiplies the signal, and a few steps overflow."),
        Setup("Explodes, but clipped", RunSpec(activation="relu", initializer="he_normal", gain=1.5, widths=(32,) * 20,
                                               clip="global_norm"),
              "The same network with the gradient's norm limited to 1 before each update: nothing overflows, and the "
              "loss falls."),
        Setup("Batch norm makes ReLU grow", RunSpec(activation="relu", initializer="he_normal", batch_norm=True,
                                                    widths=(64,) * 20),
              "At step 0 the signal grows toward the input, ×1.21 a layer and more in the first; it still trains."),
        Setup("All zeros", RunSpec(activation="tanh", initializer="zeros"),
              "With every kernel 0 no signal gets through: only the last bias ever learns."),
        Setup("ReLU dies", RunSpec(activation="relu", initializer="he_normal", widths=(8,) * 10, learning_rate=3.0),
              "Large steps push units to where ReLU's slope is 0; once a whole layer is there, nothing comes back."),
        Setup("Luck spreads the signal", RunSpec(activation="relu", initializer="he_normal", widths=(20,) * 10,
                                                 batch_size=1, learning_rate=0.01),
              "One example, and networks that differ in their seed alone: by theory the middle 80 % of them spread the "
              "signal of layer 1 by a factor of eight. Several seeds, below, draws yours."),
        Setup("XOR with 4 ReLU", xor_seeds.XOR,
              "100 epochs over four points: with most of 100 seeds at least one of them stays wrong. See which change "
              "helps, and below one seed's gradients."),
        Setup("Clipping in Keras", RunSpec(dataset="random_targets", test_fraction=0.0, widths=(128, 64),
                                                activation="relu", optimizer="adam", learning_rate=0.001,
                                                batch_size=32, clip="norm", steps=320),
              "clipnorm=1 limits the norm of every kernel and bias. It bites in the first six steps, with seed 2 in "
              "none; after that the gradients are smaller than that."),
    ),
}
