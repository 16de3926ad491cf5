"""P11: the structure of a model: summary(), the parameter count, TensorBoard's log, and a diagram where it can be."""

import importlib.util
import shutil

import keras
import numpy as np

model = keras.Sequential([
    keras.Input((10,)),
    keras.layers.Dense(128, activation="relu"),
    keras.layers.Dense(64, activation="relu"),
    keras.layers.Dense(1),
])
model.compile(optimizer="adam", loss="mse")
model.summary()

for layer in model.layers:
    kernel, bias = layer.get_weights()
    print(f"{layer.name}: {kernel.shape[0]} × {kernel.shape[1]} + {bias.size} = {layer.count_params():,}")
print(f"all parameters: {model.count_params():,}")

# TensorBoard: the callback writes the graph, the loss and histograms of the weights into ./logs.
if importlib.util.find_spec("tensorboard"):
    x, y = np.random.rand(1000, 10), np.random.rand(1000)
    tensorboard = keras.callbacks.TensorBoard(log_dir="./logs", histogram_freq=1)
    model.fit(x, y, epochs=2, verbose=0, callbacks=[tensorboard])
    print("wrote ./logs; now run: tensorboard --logdir=./logs")
else:
    print("no log: pip install tensorboard")

# A diagram: plot_model needs the Python package pydot and the program dot of Graphviz.
if importlib.util.find_spec("pydot") and shutil.which("dot"):
    keras.utils.plot_model(model, to_file="model.png", show_shapes=True, show_layer_names=True)
    print("wrote model.png")
else:
    print("no diagram: pip install pydot, and install Graphviz from https://graphviz.org/download/")
