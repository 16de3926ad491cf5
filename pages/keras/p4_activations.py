"""P4: an activation of its own for each layer: ReLU, tanh and sigmoid on XOR."""

import keras
import numpy as np

keras.utils.set_random_seed(0)
X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], "float32")
y = np.array([0, 1, 1, 0], "float32")

model = keras.Sequential([
    keras.layers.Input((2,)),
    keras.layers.Dense(4, activation="relu"),
    keras.layers.Dense(3, activation="tanh"),
    keras.layers.Dense(1, activation="sigmoid"),
])
model.compile(optimizer=keras.optimizers.Adam(0.001), loss="binary_crossentropy", metrics=["accuracy"])

before = [np.array(kernel) for kernel in model.get_weights()]
model.fit(X, y, epochs=100, batch_size=1, verbose=0)
moved = max(np.abs(new - old).max() for new, old in zip(model.get_weights(), before, strict=True))

loss, accuracy = model.evaluate(X, y, verbose=0)
print(f"{' -> '.join(layer.activation.__name__ for layer in model.layers)}, {model.count_params()} parameters")
print(f"after 400 steps: loss {loss:.4f} (answering one half has {np.log(2):.4f}), accuracy {accuracy:.2f}")
print(f"no weight has moved by more than {moved:.2f}")
