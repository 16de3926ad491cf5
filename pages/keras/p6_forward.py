"""P6: forward propagation by hand in NumPy and in Keras; and the gradient by the chain rule and by GradientTape."""

import keras
import numpy as np
import tensorflow as tf


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


x = np.array([[0.5, 0.2, 0.1]])  # (1, 3), one example
y = np.array([[1.0]])
w1 = np.array([[1.76, 0.40, 0.98, 2.24], [1.87, -0.98, 0.95, -0.15], [-0.10, 0.41, 0.14, 1.45]])  # (3, 4)
b1 = np.array([0.76, 0.12, 0.44, 0.33])
w2 = np.array([[1.49], [-0.21], [0.31], [-0.85]])  # (4, 1)
b2 = np.array([-2.55])

# By hand: forward, loss, backward.
a1 = sigmoid(x @ w1 + b1)
a2 = sigmoid(a1 @ w2 + b2)
loss = np.mean((a2 - y) ** 2)
delta2 = 2 * (a2 - y) * a2 * (1 - a2)  # slope of the loss times slope of the sigmoid
delta1 = (delta2 @ w2.T) * a1 * (1 - a1)
by_hand = [x.T @ delta1, delta1[0], a1.T @ delta2, delta2[0]]

# The same in Keras, with the gradient by automatic differentiation.
model = keras.Sequential([
    keras.Input((3,)),
    keras.layers.Dense(4, activation="sigmoid"),
    keras.layers.Dense(1, activation="sigmoid"),
])
model.set_weights([w1, b1, w2, b2])
with tf.GradientTape() as tape:
    output = model(x)
    keras_loss = keras.losses.MeanSquaredError()(y, output)
by_tape = tape.gradient(keras_loss, model.trainable_variables)

print(f"Output by hand {a2.item():.6f}, in Keras {output.numpy().item():.6f}")
print(f"Loss   by hand {loss:.6f}, in Keras {float(keras_loss):.6f}")
for variable, hand, tape_gradient in zip(model.trainable_variables, by_hand, by_tape, strict=True):
    difference = np.abs(hand - tape_gradient.numpy()).max()
    print(f"Gradient of {variable.path}: norm {np.linalg.norm(hand):.6f}, largest difference {difference:.1e}")
