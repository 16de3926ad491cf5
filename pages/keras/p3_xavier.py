"""P3: Xavier (Glorot) initialization in Keras, and the variance it really has."""

import keras
import numpy as np

layer = keras.layers.Dense(32, activation="tanh", kernel_initializer=keras.initializers.GlorotUniform(seed=0))
layer.build((None, 64))
kernel = np.asarray(layer.kernel)  # (64, 32)

print(f"fan-in {kernel.shape[0]}, fan-out {kernel.shape[1]}")
print(f"Var(W) by the formula 2 / (n_in + n_out): {2 / sum(kernel.shape):.5f}")
print(f"Var(W) of the {kernel.size} weights drawn:       {kernel.var():.5f}")
