"""What a notebook does: `model.fit` with a callback that records the gradient norm of every layer at every step."""

from __future__ import annotations

import numpy as np


def build(spec, weights):
    """The Keras model of a tanh run and a callback that recomputes the gradients eagerly after every batch."""
    import keras
    import tensorflow as tf

    outputs = spec.sizes[-1]
    model = keras.Sequential(
        [keras.Input((spec.sizes[0],))] + [keras.layers.Dense(width, "tanh") for width in spec.widths]
        + [keras.layers.Dense(outputs, "sigmoid" if outputs == 1 else "softmax")])
    model.set_weights([part for layer in weights for part in layer])
    model.compile(keras.optimizers.SGD(spec.learning_rate),
                  "binary_crossentropy" if outputs == 1 else "categorical_crossentropy")
    loss = model.loss

    class Recorder(keras.callbacks.Callback):
        def __init__(self, x, y):
            super().__init__()
            self.x, self.y, self.norms = tf.constant(x), tf.constant(y), []
            self.loss = keras.losses.get(loss)

        def on_train_batch_end(self, batch, logs=None):
            with tf.GradientTape() as tape:
                value = tf.reduce_mean(self.loss(self.y, self.model(self.x, training=True)))
            gradients = tape.gradient(value, [layer.kernel for layer in self.model.layers])
            self.norms.append([float(tf.norm(gradient)) for gradient in gradients])

    return model, Recorder


def train(spec, weights, x: np.ndarray, y: np.ndarray, steps: int) -> list[list[float]]:
    """Trains for at least so many steps; the recorded norms, a list a step."""
    model, recorder = build(spec, weights)
    callback = recorder(x[:spec.batch], y[:spec.batch])
    per_epoch = -(-len(x) // spec.batch)
    model.fit(x, y, batch_size=spec.batch, epochs=-(-steps // per_epoch), verbose=0, callbacks=[callback])
    return callback.norms
