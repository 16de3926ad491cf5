"""P9: gradient clipping in Keras, with the norms before and after it, step by step."""

import keras
import numpy as np
import tensorflow as tf

LIMIT, EPOCHS = 1.0, 10
keras.utils.set_random_seed(0)
rng = np.random.default_rng(0)
X, y = rng.random((1000, 10)).astype("float32"), rng.random((1000, 1)).astype("float32")

model = keras.Sequential([
    keras.layers.Input((10,)),
    keras.layers.Dense(128, activation="relu"),
    keras.layers.Dense(64, activation="relu"),
    keras.layers.Dense(1),
])
optimizer = keras.optimizers.Adam(0.001, clipnorm=LIMIT)  # of each variable; global_clipnorm for all together
loss_function = keras.losses.MeanSquaredError()
optimizer.build(model.trainable_variables)
print(f"{model.count_params():,} parameters")


@tf.function
def step(x, y):
    """One update; the largest norm of a variable's gradient before clipping and after, and how many were clipped."""
    with tf.GradientTape() as tape:
        loss = loss_function(y, model(x, training=True))
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply(gradients, model.trainable_variables)  # clips by itself
    before = tf.stack([tf.norm(gradient) for gradient in gradients])
    after = tf.stack([tf.norm(tf.clip_by_norm(gradient, LIMIT)) for gradient in gradients])
    return loss, tf.reduce_max(before), tf.reduce_max(after), tf.reduce_sum(tf.cast(before > LIMIT, tf.int32))


bites = steps = 0
largest = 0.0
for epoch in range(EPOCHS):
    for x_batch, y_batch in tf.data.Dataset.from_tensor_slices((X, y)).shuffle(1000).batch(32):
        loss, before, after, clipped = step(x_batch, y_batch)
        bites, steps, largest = bites + int(clipped > 0), steps + 1, max(largest, float(before))
    print(f"epoch {epoch + 1}: loss {float(loss):.4f}, norm before {float(before):.3f}, after {float(after):.3f}")
print(f"clipping bit in {bites} of {steps} steps; largest norm before it {largest:.3f}")
