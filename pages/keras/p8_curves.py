"""P8: loss and accuracy of training and validation, epoch by epoch, and what early stopping would keep."""

import keras
import numpy as np
from sklearn.datasets import make_classification
from sklearn.model_selection import train_test_split

EPOCHS, PATIENCE = 50, 5
keras.utils.set_random_seed(42)

X, y = make_classification(n_samples=1000, n_features=20, n_informative=15, n_redundant=5, random_state=42)
# stratify=y keeps the share of each class in both parts; leave it out for a split by chance.
X_train, X_val, y_train, y_val = train_test_split(X, y, test_size=0.2, random_state=42, stratify=y)

model = keras.Sequential([
    keras.layers.Input((20,)),
    keras.layers.Dense(64, activation="relu"),
    keras.layers.Dense(32, activation="relu"),
    keras.layers.Dense(1, activation="sigmoid"),
])
model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
history = model.fit(X_train, y_train, epochs=EPOCHS, batch_size=32, validation_data=(X_val, y_val), verbose=0).history

print(f"{len(X_train)} training and {len(X_val)} validation examples, {model.count_params()} parameters")
print("epoch  loss  val_loss  accuracy  val_accuracy")
for epoch in (1, 2, 5, 10, 20, 30, 40, 50):
    row = [history[name][epoch - 1] for name in ("loss", "val_loss", "accuracy", "val_accuracy")]
    print(f"{epoch:5d}", *(f"{value:9.4f}" for value in row))

best = int(np.argmin(history["val_loss"]))
print(f"smallest validation loss {history['val_loss'][best]:.4f}, epoch {best + 1}")

# To stop by itself: model.fit(…, callbacks=[keras.callbacks.EarlyStopping("val_loss", patience=5,
#                                            restore_best_weights=True)])
kept = 0
for epoch, loss in enumerate(history["val_loss"]):
    kept = epoch if loss < history["val_loss"][kept] else kept
    if epoch - kept >= PATIENCE:
        print(f"patience {PATIENCE} stops after epoch {epoch + 1} and keeps epoch {kept + 1}")
        break
else:
    print(f"patience {PATIENCE} does not stop within {EPOCHS} epochs")
