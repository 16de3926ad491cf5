"""P1: a perceptron, its learning rule written out, on XOR; and the same four points with one hidden layer in Keras."""

import keras
import numpy as np

X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
Y = np.array([0, 1, 1, 0])  # XOR


class Perceptron:
    """One unit with a step as its activation: 1 where w·x + b >= 0, else 0."""

    def __init__(self, inputs, learning_rate=0.1, epochs=100):
        self.weights, self.bias = np.zeros(inputs), 0.0
        self.learning_rate, self.epochs = learning_rate, epochs

    def predict(self, x):
        return int(x @ self.weights + self.bias >= 0)

    def train(self, xs, ys):
        for _ in range(self.epochs):
            for x, y in zip(xs, ys, strict=True):
                error = y - self.predict(x)
                self.weights += self.learning_rate * error * x
                self.bias += self.learning_rate * error


perceptron = Perceptron(inputs=2)
perceptron.train(X, Y)
print("One unit:", [perceptron.predict(x) for x in X], "wanted:", Y.tolist())
print("w =", perceptron.weights.round(6).tolist(), "b =", round(perceptron.bias, 6))

keras.utils.set_random_seed(1)  # with some seeds four hidden units end up with one point wrong
model = keras.Sequential([
    keras.Input((2,)),
    keras.layers.Dense(4, activation="tanh"),
    keras.layers.Dense(1, activation="sigmoid"),
])
model.compile(optimizer=keras.optimizers.Adam(0.05), loss="binary_crossentropy")
model.fit(X, Y, epochs=200, batch_size=4, verbose=0)
predicted = (model.predict(X, verbose=0)[:, 0] >= 0.5).astype(int)
print("One hidden layer:", predicted.tolist(), "wanted:", Y.tolist())
