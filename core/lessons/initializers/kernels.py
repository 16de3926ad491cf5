"""What a kernel's numbers say: how far they spread, as drawn and as expected, and which units they make equal."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core import tensors
from core.initializers import INITIALIZERS
from core.words import count, say

SCRIPT = '''\
"""The variance of a kernel that Keras drew, beside the one it was asked for."""

import keras
import numpy as np

fan_in, fan_out = {fan_in}, {fan_out}
kernel = np.array({initializer}((fan_in, fan_out)))
print("measured", kernel.var(ddof=1))
print("theory  ", {variance})
'''


def sampled(name: str, fan_in: int, fan_out: int, seed: int) -> np.ndarray:
    """A kernel (fan_in, fan_out) as that initializer draws it; empty while TensorFlow has not been imported."""
    return INITIALIZERS[name].sample((fan_in, fan_out), seed) if tensors.loaded() else np.empty((0, fan_out))


def script(name: str, fan_in: int, fan_out: int, seed: int) -> str:
    """Python source that draws the same kernel with Keras and prints its variance, measured and in theory."""
    entry = INITIALIZERS[name]
    return SCRIPT.format(fan_in=fan_in, fan_out=fan_out, initializer=entry.keras_code(seed),
                         variance=repr(entry.variance(fan_in, fan_out)))


def variance_sentences(name: str, kernel: np.ndarray, fan_in: int, fan_out: int) -> str:
    """Variance and standard error of a kernel (fan_in, fan_out), or of none yet, beside theory: a few sentences."""
    entry = INITIALIZERS[name]
    theory = entry.variance(fan_in, fan_out)
    if not kernel.size:
        return f"Theory: Var(W) = **{say(theory, 4)}**. Keras draws the sample, so it comes when TensorFlow has loaded."
    weights = count(kernel.size, "weight")
    if not entry.random:
        return f"All {weights} are {kernel.flat[0]:g}: the variance is 0, and no two units can be told apart."
    measured, error = variance_with_error(kernel)
    if name == "orthogonal":
        return (f"The {weights} have a variance of **{say(measured, 4)}**; theory says **{say(theory, 4)}**. They "
                f"depend on each other, so there is no standard error: their squares always sum to "
                f"{min(fan_in, fan_out)}.")
    return (f"The {weights} have a variance of **{say(measured, 4)} ± {say(error)}** (standard error); theory says "
            f"**{say(theory, 4)}**, {say(abs(measured - theory) / error)} standard errors away.")


def sizes_sentence(name: str, fan_in: int, fan_out: int) -> str:
    """By what a linear layer of that shape multiplies mean squares, forward and back: one sentence."""
    variance = INITIALIZERS[name].variance(fan_in, fan_out)
    return (f"A linear layer multiplies the mean square of its inputs by n_in · Var(W) = **{say(fan_in * variance)}** "
            f"on the way forward, and that of the signal by n_out · Var(W) = **{say(fan_out * variance)}** on the way "
            "back. At 1 the size is kept.")


def variance_with_error(kernel: np.ndarray) -> tuple[float, float]:
    """Sample variance s² of all weights of a kernel, and its standard error √((m₄ − s⁴)/n).

    m₄ is the fourth central moment, n the number of weights, at least 2. The error is right for weights that were
    drawn independently of each other; those of an orthogonal kernel were not.
    """
    weights = np.ravel(np.asarray(kernel, np.float64))
    centred = weights - weights.mean()
    square = float((centred**2).sum() / (len(weights) - 1))
    return square, float(np.sqrt(max((centred**4).mean() - square**2, 0.0) / len(weights)))


def equal_units(weights: Sequence[Sequence[np.ndarray]]) -> list[np.ndarray]:
    """A group number, from 0, for each unit of each hidden layer: units of one group are equal to the last bit.

    Equal means: the same column of the kernel `(fan_in, units)` and the same bias (and scale and shift), so that they
    compute the same from any input.

    Args:
        weights: a tuple a layer as in `core.network.initial_weights`; the last one is the output's and is left out.
    """
    return [_groups(np.vstack(layer)) for layer in weights[:-1]]


def _groups(incoming: np.ndarray) -> np.ndarray:
    """Group numbers of equal columns, in the order in which they come up: `(numbers, units)` -> `(units,)`."""
    known: dict[bytes, int] = {}
    columns = (incoming + 0.0).T  # −0 becomes 0, which has other bits and is the same number
    return np.array([known.setdefault(column.tobytes(), len(known)) for column in columns])
