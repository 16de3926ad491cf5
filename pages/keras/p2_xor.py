"""P2: a network with one hidden layer on XOR, as the course has it, and with more units and a larger rate."""

import keras
import numpy as np

X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], "float32")
y = np.array([0, 1, 1, 0], "float32")


def trained(units, rate, seed=0):
    """100 epochs over the four points, one at a time."""
    keras.utils.set_random_seed(seed)
    model = keras.Sequential([
        keras.layers.Input((2,)),
        keras.layers.Dense(units, activation="relu"),
        keras.layers.Dense(1, activation="sigmoid"),
    ])
    model.compile(optimizer=keras.optimizers.Adam(rate), loss="binary_crossentropy", metrics=["accuracy"])
    model.fit(X, y, epochs=100, batch_size=1, verbose=0)
    return model


for units, rate in ((4, 0.001), (16, 0.02)):
    model = trained(units, rate)
    loss, accuracy = model.evaluate(X, y, verbose=0)
    print(f"{units} units, rate {rate}, {model.count_params()} parameters: loss {loss:.4f}, accuracy {accuracy:.2f}")
    for point, actual, p in zip(X, y, model.predict(X, verbose=0)[:, 0], strict=True):
        print(f"  input {point.astype(int)}: predicted {int(p > 0.5)} (p = {p:.2f}), actual {int(actual)}")
