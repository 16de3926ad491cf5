"""What the Losses page shows, as Python scripts with Keras that run as they stand."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.custom_loss import CustomLoss
from core.lessons.losses import line_fits
from core.lessons.losses.sweeps import Sweep
from core.losses import LOSSES

STEPS = 800  # of Adam, for a line through 21 points


def curve_script(sweep: Sweep, names: Sequence[str], x: float, target: float) -> str:
    """Prints value and slope of each loss at x, by Keras and automatic differentiation."""
    y = sweep.path(np.array([x]), target)[0].tolist()
    position = f"math.radians({x:g})" if sweep.name == "angle" else f"{x:g}"
    losses = "\n".join(f'    "{LOSSES[name].short}": (keras.losses.{LOSSES[name].keras_class}(), '
                       f"keras.activations.{sweep.output(LOSSES[name])})," for name in names)
    return f'''import math

import keras
import tensorflow as tf

x = tf.constant({position}, tf.float32)  # {sweep.x_title}
y = tf.constant({y})  # the target, (examples, outputs)
losses = {{  # each with the activation of its output
{losses}
}}

for name, (loss, activation) in losses.items():
    with tf.GradientTape() as tape:
        tape.watch(x)
        value = loss(y, activation({sweep.keras_path.format(target=f"{target:g}")}))
    print(f"{{name}}: loss {{float(value):.5g}}, slope {{float(tape.gradient(value, x)):.5g}}")
'''


def custom_script(loss: CustomLoss, x: float, target: float) -> str:
    """A typed loss as a function and as a class, and the value of both at the point."""
    return f'''import keras
import numpy as np


{loss.keras_function()}

{loss.keras_subclass()}

# model.compile(optimizer="adam", loss=custom_loss)   or   loss=CustomLoss()
y_true, y_pred = np.array([[{target:g}]]), np.array([[{x:g}]])
print(f"function: {{float(custom_loss(y_true, y_pred)):.5g}}")
print(f"class: {{float(CustomLoss()(y_true, y_pred)):.5g}}")
'''


def fit_script(names: Sequence[str], place: float, distance: float) -> str:
    """Fits a line to the points and the outlier with a Keras model of one weight and one bias, once a loss."""
    x, y = line_fits.with_outlier(place, distance)
    losses = "\n".join(f"    {LOSSES[name].keras_code()}," for name in names)
    return f'''import keras
import numpy as np

x = np.array({np.round(x, 4).tolist()})[:, None]
y = np.array({np.round(y, 4).tolist()})[:, None]  # the last one is the outlier
losses = [
{losses}
]

for loss in losses:
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, kernel_initializer="zeros")])
    rate = keras.optimizers.schedules.CosineDecay(0.1, {STEPS})
    model.compile(keras.optimizers.Adam(rate), loss)
    for step in range({STEPS}):
        model.train_on_batch(x, y)
    slope, intercept = (float(weights.squeeze()) for weights in model.get_weights())
    print(f"{{loss.name}}: slope {{slope:.3f}}, intercept {{intercept:.3f}}")
'''
