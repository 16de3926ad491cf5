"""P5: dropout in Keras: the parameter table, one pass through a layer, and a run with and without."""

import keras
import numpy as np
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

RATE, EPOCHS = 0.5, 50
keras.utils.set_random_seed(0)


def network(rate):
    return keras.Sequential([
        keras.layers.Input((30,)),
        keras.layers.Dense(64, activation="relu"),
        keras.layers.Dropout(rate),
        keras.layers.Dense(32, activation="relu"),
        keras.layers.Dropout(rate),
        keras.layers.Dense(1, activation="sigmoid"),
    ])


model = network(RATE)
for layer in model.layers:
    print(f"{layer.name}: {layer.count_params():,} parameters")
print(f"Total: {model.count_params():,}")

# One pass: about half of the units are 0, the others are doubled. In use (training=False) nothing happens.
ones, dropout = np.ones((1, 64), "float32"), keras.layers.Dropout(RATE, seed=0)
passed = np.asarray(dropout(ones, training=True))
print(f"kept {int((passed > 0).sum())} of 64 units; values {sorted(set(passed.ravel().tolist()))}")
print(f"mean over 1000 passes: {np.mean([np.asarray(dropout(ones, training=True)) for _ in range(1000)]):.3f}")
print(f"in use: values {sorted(set(np.asarray(dropout(ones, training=False)).ravel().tolist()))}")

# 56 of the 569 tumours to train on, so that they can be learned by heart.
X, y = load_breast_cancer(return_X_y=True)
X_train, X_val, y_train, y_val = train_test_split(X, y, test_size=0.9, random_state=0, stratify=y)
scaler = StandardScaler().fit(X_train)
X_train, X_val = scaler.transform(X_train), scaler.transform(X_val)
for rate in (0.0, RATE):
    model = network(rate)
    model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
    model.fit(X_train, y_train, epochs=EPOCHS, batch_size=16, verbose=0)
    train, held = (model.evaluate(*part, verbose=0) for part in ((X_train, y_train), (X_val, y_val)))
    print(f"dropout {rate}: training loss {train[0]:.4f}, validation loss {held[0]:.4f}, right {held[1]:.3f}")
