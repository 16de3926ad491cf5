"""P10: a custom loss in Keras, once as a function and once as a class."""

import keras
import numpy as np


def custom_loss(y_true, y_pred):
    """The mean squared error, written by hand."""
    return keras.ops.mean(keras.ops.square(y_true - y_pred))


class CustomLoss(keras.losses.Loss):
    """The same loss as a class, which can be given parameters and a name."""

    def call(self, y_true, y_pred):
        return keras.ops.mean(keras.ops.square(y_true - y_pred))


y_true, y_pred = np.array([[0.0]]), np.array([[2.0]])
print(f"function: {float(custom_loss(y_true, y_pred)):.5g}")
print(f"class: {float(CustomLoss()(y_true, y_pred)):.5g}")

x = np.linspace(-3, 3, 128, dtype="float32")[:, None]
for loss in (custom_loss, CustomLoss(), "mse"):
    keras.utils.set_random_seed(0)  # the same weights and batches for all three
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(16, "tanh"), keras.layers.Dense(1)])
    model.compile(optimizer=keras.optimizers.Adam(0.01), loss=loss)
    history = model.fit(x, np.sin(x), epochs=20, verbose=0)
    print(f"after 20 epochs: {history.history['loss'][-1]:.5g}")
