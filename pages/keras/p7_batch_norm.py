"""P7: batch norm in Keras: the parameter table, what it does to a batch, and a run with and without."""

import keras
import numpy as np
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

EPOCHS = 50
keras.utils.set_random_seed(0)


def network(normalised):
    layers = [keras.layers.Input((30,))]
    for units, norm in ((64, True), (64, False), (32, True), (32, False)):
        layers.append(keras.layers.Dense(units))
        if norm and normalised:
            layers.append(keras.layers.BatchNormalization())  # before the activation
        layers.append(keras.layers.Activation("relu"))
    return keras.Sequential([*layers, keras.layers.Dense(1, activation="sigmoid")])


def count(weights):
    return sum(int(np.prod(weight.shape)) for weight in weights)


model = network(True)
for layer in model.layers:
    if layer.count_params():
        print(f"{layer.name}: {layer.count_params():,} parameters")
print(f"Total: {model.count_params():,}, trainable {count(model.trainable_weights):,}, "
      f"not {count(model.non_trainable_weights):,}")

# 56 of the 569 tumours to train on, so that they can be learned by heart.
X, y = load_breast_cancer(return_X_y=True)
X_train, X_val, y_train, y_val = train_test_split(X, y, test_size=0.9, random_state=0, stratify=y)
scaler = StandardScaler().fit(X_train)
X_train, X_val = scaler.transform(X_train), scaler.transform(X_val)

z = model.layers[0](X_train[:16])  # (16, 64): the first Dense layer on a batch, before step 0
for name, values in {"z": z, "in training": model.layers[1](z, training=True),
                     "in use": model.layers[1](z, training=False)}.items():
    values = np.asarray(values)
    print(f"{name}: means {values.mean(0).min():.3f} to {values.mean(0).max():.3f}, "
          f"standard deviations {values.std(0).min():.3f} to {values.std(0).max():.3f}")

for normalised in (False, True):
    model = network(normalised)
    model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
    model.fit(X_train, y_train, epochs=EPOCHS, batch_size=16, verbose=0)
    train, held = (model.evaluate(*part, verbose=0) for part in ((X_train, y_train), (X_val, y_val)))
    print(f"batch norm {normalised}: training loss {train[0]:.4f}, validation loss {held[0]:.4f}, right {held[1]:.3f}")
