"""Trains the recorded example of My network and writes it, and the saved model, into core/shipped/brought."""

from __future__ import annotations

import keras
import numpy as np

from core.shipped.brought import EXAMPLES, FOLDER
from core.spec import RunSpec
from core.watch import Watch

SEED = 0


def deep_sigmoid() -> None:
    """Eight sigmoid layers on the moons: nothing arrives at the first ones."""
    data = RunSpec(dataset="moons").data()
    keras.utils.set_random_seed(SEED)
    model = keras.Sequential([
        keras.Input((2,)), *[keras.layers.Dense(24, "sigmoid", name=f"hidden_{layer}") for layer in range(1, 9)],
        keras.layers.Dense(1, "sigmoid", name="output")])
    model.compile(keras.optimizers.SGD(0.1), "binary_crossentropy", metrics=["accuracy"])
    path = FOLDER / EXAMPLES["record"]
    model.fit(data.x_train, data.y_train, batch_size=32, epochs=40, verbose=0,
              validation_data=(data.x_validation, data.y_validation),
              callbacks=[Watch(path, np.asarray(data.x_train), np.asarray(data.y_train), records=60)])


def ten_sigmoids() -> None:
    """Ten classes, each answered apart, with a loss that asks which one it is."""
    model = keras.Sequential([
        keras.Input((64,)), keras.layers.Dense(32, "relu", name="hidden"),
        keras.layers.Dense(10, "sigmoid", name="output")])
    model.compile("adam", "categorical_crossentropy")
    (FOLDER / EXAMPLES["model"]).write_text(model.to_json() + "\n", encoding="utf-8")


if __name__ == "__main__":
    deep_sigmoid()
    ten_sigmoids()
