"""The experiments of the page on activations in Keras: scripts that run as pasted and print the page's numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from core.activations import ACTIVATIONS


def points_script(names: Sequence[str], z: float, alphas: Mapping[str, float]) -> str:
    """Prints a line for each activation: its name, f(z), and f'(z) by automatic differentiation."""
    functions = "".join(f"    {name!r}: {_function(name, alphas.get(name))},\n" for name in names)
    return f'''import keras
import tensorflow as tf

activations = {{
{functions}}}
z = tf.constant({float(z)!r})
for name, f in activations.items():
    with tf.GradientTape() as tape:
        tape.watch(z)
        a = f(z)
    print(name, float(a), float(tape.gradient(a, z)))
'''


def softmax_script(logits: Sequence[float], shift: float) -> str:
    """Prints the probabilities, those with every logit shifted, and the matrix of slopes."""
    return f'''import keras
import tensorflow as tf

z = tf.constant([{list(map(float, logits))!r}])  # one example, {len(logits)} classes
with tf.GradientTape() as tape:
    tape.watch(z)
    p = keras.activations.softmax(z)
print(p.numpy()[0])
print(keras.activations.softmax(z + {float(shift)!r}).numpy()[0])
print(tape.jacobian(p, z).numpy()[0, :, 0, :])  # rows: p, columns: z
'''


def stack_script(depth: int, seed: int, width: int = 16, inputs: int = 3, outputs: int = 2) -> str:
    """A stack of Dense layers without activations, and the one Dense layer that equals it: prints how far apart."""
    return f'''import keras
import numpy as np

stack = keras.Sequential([keras.Input(({inputs},))])
for layer, units in enumerate([{width}] * {depth - 1} + [{outputs}]):
    stack.add(keras.layers.Dense(
        units, kernel_initializer=keras.initializers.GlorotNormal(seed={seed} + layer),
        bias_initializer=keras.initializers.RandomNormal(stddev=0.5, seed={seed + 1000} + layer)))

kernel, bias = np.eye({inputs}), np.zeros({inputs})  # Keras multiplies from the right: x @ kernel + bias
for layer in stack.layers:
    w, b = layer.get_weights()
    kernel, bias = kernel @ w, bias @ w + b

one = keras.Sequential([keras.Input(({inputs},)), keras.layers.Dense({outputs})])
one.set_weights([kernel, bias])
x = np.random.default_rng({seed}).uniform(-3, 3, (1000, {inputs})).astype("float32")
print(stack.count_params(), one.count_params())
print(np.abs(stack(x).numpy() - one(x).numpy()).max())  # float32: larger than the page's float64
'''


def _function(name: str, alpha: float | None) -> str:
    entry = ACTIVATIONS[name]
    if alpha is None or alpha == entry.alpha:
        return f"keras.activations.{name}"
    return f"lambda z: keras.activations.{name}(z, {entry.parameter}={alpha!r})"
